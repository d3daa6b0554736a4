"""A Weaviate of the person's own: a shared server or a cluster, perhaps behind TLS."""

from __future__ import annotations

import ipaddress
import logging
from typing import NamedTuple
from urllib.parse import SplitResult, urlsplit

from weavclip.domain.errors import SettingsError
from weavclip.index.server.endpoint import DEFAULT_TIMEOUT_S, Endpoint

logger = logging.getLogger(__name__)

DEFAULT_GRPC_PORT = 50051
_DEFAULT_HTTP_PORTS = {"http": 80, "https": 443}
_URL_SETTING, _GRPC_SETTING = "weaviate_url", "weaviate_grpc_url"


class _Address(NamedTuple):
    host: str
    port: int
    secure: bool


def parse(
    url: str, *, grpc_url: str = "", api_key: str = "", timeout_s: float = DEFAULT_TIMEOUT_S
) -> Endpoint:
    """Read both addresses of a Weaviate; a way in the clear over a network is logged.

    Args:
        url: Such as ``https://weaviate.example:443``; without a port 443, or 80 without TLS.
        grpc_url: In the same form; empty for the same host and TLS at port 50051.
        api_key: Empty for a server that asks for none.
        timeout_s: Longest wait for an answer, in seconds.

    Raises:
        SettingsError: If an address is not one, naming the setting, never a key in it.
    """
    http = _address(url, setting=_URL_SETTING, ports=_DEFAULT_HTTP_PORTS)
    grpc = _Address(http.host, DEFAULT_GRPC_PORT, http.secure)
    if grpc_url:
        ports = dict.fromkeys(_DEFAULT_HTTP_PORTS, DEFAULT_GRPC_PORT)
        grpc = _address(grpc_url, setting=_GRPC_SETTING, ports=ports)
    found = Endpoint(
        http_host=http.host,
        http_port=http.port,
        http_secure=http.secure,
        grpc_host=grpc.host,
        grpc_port=grpc.port,
        grpc_secure=grpc.secure,
        api_key=api_key,
        timeout_s=timeout_s,
    )
    if is_exposed(found):
        logger.warning("clips and key cross the network to %s without TLS", found.http_host)
    return found


def is_exposed(endpoint: Endpoint) -> bool:
    """Whether clips and key would cross a network that others can listen on, in the clear."""
    ways = (
        (endpoint.http_host, endpoint.http_secure),
        (endpoint.grpc_host, endpoint.grpc_secure),
    )
    return any(not secure and not _is_loopback(host) for host, secure in ways)


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")


def _address(text: str, *, setting: str, ports: dict[str, int]) -> _Address:
    try:
        parts = urlsplit(text.strip())
        port = parts.port
    except ValueError as error:
        raise _wrong(setting, f"has no port that is a number up to 65535 ({error})") from error
    if parts.scheme not in ports:
        raise _wrong(setting, f"begins with {parts.scheme or 'no scheme'!r}, not http or https")
    if reason := _surplus(parts):
        raise _wrong(setting, reason)
    assert parts.hostname is not None
    return _Address(parts.hostname, port or ports[parts.scheme], parts.scheme == "https")


def _surplus(parts: SplitResult) -> str:
    if not parts.hostname:
        return "names no host"
    if parts.username is not None or parts.password is not None:
        return "holds a user or a password: a key belongs in WEAVCLIP_WEAVIATE_API_KEY"
    if parts.path.rstrip("/") or parts.query or parts.fragment:
        return "goes on after the port"
    return ""


def _wrong(setting: str, reason: str) -> SettingsError:
    return SettingsError(
        f"{setting} {reason}", hint=f"set WEAVCLIP_{setting.upper()} to https://HOST:PORT"
    )
