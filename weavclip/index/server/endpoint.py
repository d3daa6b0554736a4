"""How a Weaviate is reached."""

from __future__ import annotations

from dataclasses import dataclass, field

DEFAULT_TIMEOUT_S = 5.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Endpoint:
    """Both addresses of a Weaviate and what it asks for.

    Attributes:
        http_host: Name or address, without brackets.
        http_port: 1 to 65535.
        http_secure: TLS.
        grpc_host: Name or address, without brackets.
        grpc_port: 1 to 65535.
        grpc_secure: TLS.
        api_key: Empty for a server that asks for none.
        timeout_s: Longest wait for an answer, in seconds.
    """

    http_host: str
    http_port: int
    http_secure: bool = False
    grpc_host: str
    grpc_port: int
    grpc_secure: bool = False
    api_key: str = field(default="", repr=False)
    timeout_s: float = DEFAULT_TIMEOUT_S

    @property
    def url(self) -> str:
        """Such as ``http://127.0.0.1:8080``."""
        return _url(self.http_host, self.http_port, secure=self.http_secure)

    @property
    def grpc_url(self) -> str:
        """Such as ``http://127.0.0.1:50051``."""
        return _url(self.grpc_host, self.grpc_port, secure=self.grpc_secure)


def _url(host: str, port: int, *, secure: bool) -> str:
    scheme = "https" if secure else "http"
    return f"{scheme}://[{host}]:{port}" if ":" in host else f"{scheme}://{host}:{port}"
