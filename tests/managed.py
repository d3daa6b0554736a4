"""A managed server of a test's own: real, on free ports, ended with the test."""

from __future__ import annotations

import contextlib
import socket
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest

from weavclip.index.server import binary
from weavclip.index.server.managed import ManagedServer

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    import weaviate

_HELD: list[socket.socket] = []


def require_program() -> None:
    """Skip, by name, where there is no server to start."""
    if binary.find() is None:
        pytest.skip(f"no Weaviate program {binary.file_name()} in weaviate-client's cache")


def free_ports(count: int) -> list[int]:
    """Ports on which nobody listens, and which nobody else is given while this process lives.

    A socket that does not listen stays bound to each: Linux hands such a port to nobody, and lets
    a server listen on it that, as Go's do, reuses addresses.
    """
    holding = [socket.socket() for _ in range(count)]
    for each in holding:
        each.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        each.bind(("127.0.0.1", 0))
    _HELD.extend(holding)
    return [each.getsockname()[1] for each in holding]


def never(question: str) -> bool:
    """A person who may not be asked."""
    raise AssertionError(question)


@dataclass(frozen=True, slots=True)
class Managed:
    """A server and where it lives."""

    server: ManagedServer
    data_dir: Path
    port: int
    grpc_port: int

    @property
    def key(self) -> str:
        """Its API key."""
        return self.server.key_file.read_text().strip()

    def client(self) -> weaviate.WeaviateClient:
        """A client with the key."""
        import weaviate
        from weaviate.classes.init import Auth

        return weaviate.connect_to_local(
            port=self.port, grpc_port=self.grpc_port, auth_credentials=Auth.api_key(self.key)
        )


@contextlib.contextmanager
def managed(data_dir: Path, *, console_origin: str = "") -> Iterator[Managed]:
    """A server that is not started yet, by the program alone, and is down at the end."""
    require_program()
    port, grpc_port = free_ports(2)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("weavclip.index.server.compose.engine_answers", lambda: False)
        server = ManagedServer(
            data_dir, port=port, grpc_port=grpc_port, console_origin=console_origin
        )
        try:
            yield Managed(server, data_dir, port, grpc_port)
        finally:
            server.down()
