"""Which of the managed server's ports other machines can reach: by what really listens."""

from __future__ import annotations

import ipaddress
import struct
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

_PROC = Path("/proc")
_LISTEN = "0A"
_CLOSED_BY_KEY = frozenset({"grpc", "peers"})
"""Weaviate gives these no address to bind to; the key and the cluster's password close them."""


class Listener(NamedTuple):
    """A TCP socket that waits for connections."""

    port: int
    address: ipaddress.IPv4Address | ipaddress.IPv6Address

    @property
    def is_exposed(self) -> bool:
        """Whether other machines can connect, as far as no firewall is between."""
        mapped = getattr(self.address, "ipv4_mapped", None)
        return not (mapped or self.address).is_loopback


def listeners(proc: Path = _PROC) -> Iterator[Listener]:
    """Every listening TCP socket of this machine (proc(5), /proc/net/tcp); none elsewhere."""
    for name in ("tcp", "tcp6"):
        with suppress(OSError):
            for line in (proc / "net" / name).read_text().splitlines()[1:]:
                columns = line.split()
                if columns[3] == _LISTEN:
                    address, _, port = columns[1].rpartition(":")
                    yield Listener(int(port, 16), _address(address))


def _address(written: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address:
    """An address as the kernel writes it: words of 32 bits in the machine's own order."""
    raw = bytes.fromhex(written)
    words = struct.unpack(f">{len(raw) // 4}I", raw)
    packed = struct.pack(f"={len(words)}I", *words)
    return ipaddress.ip_address(packed)


def exposed(ports: Mapping[str, int], found: Iterable[Listener]) -> list[tuple[str, bool]]:
    """Which of our ports other machines can reach.

    Args:
        ports: By what they are for, as ``table.Ports`` names them.
        found: What listens.

    Returns:
        Such as ``("grpc (port 50051)", True)``; whether it asks for a credential.
    """
    open_ones = {listener.port for listener in found if listener.is_exposed}
    return [
        (f"{name} (port {port})", name in _CLOSED_BY_KEY)
        for name, port in ports.items()
        if port in open_ones
    ]
