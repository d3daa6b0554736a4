"""Which ports are free, who holds one that is not, and four that the server keeps for itself."""

from __future__ import annotations

import contextlib
import hashlib
import shutil
import socket
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from weavclip.domain.errors import ServerError
from weavclip.index.server.table import LOOPBACK

# Under 32768, where Linux begins to hand out ports to outgoing connections.
_FIRST, _LAST = 21_000, 31_000
_INTERNAL = 4
_PROC = Path("/proc")
_LISTEN = "0A"  # of /proc/net/tcp
_LSOF_TIMEOUT_S = 5.0


@dataclass(frozen=True, slots=True)
class Holder:
    """Who listens on a port: a process's number and name."""

    pid: int
    name: str


def is_free(port: int, *, everywhere: bool = False) -> bool:
    """Whether a server could listen on ``port``: on loopback, or on every interface."""
    if not everywhere:
        return _can_bind(socket.AF_INET, LOOPBACK, port)
    by_ipv6 = _can_bind(socket.AF_INET6, "::", port) or not _has_ipv6()
    return _can_bind(socket.AF_INET, "", port) and by_ipv6


def _has_ipv6() -> bool:
    return _can_bind(socket.AF_INET6, "::", 0)


def _can_bind(family: socket.AddressFamily, host: str, port: int) -> bool:
    try:
        with socket.socket(family, socket.SOCK_STREAM) as probe:
            # As Go's listeners do: a port whose connections are closing is free.
            if sys.platform != "win32":
                probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind((host, port))
    except OSError:
        return False
    return True


def require_free(port: int, *, setting: str, everywhere: bool) -> None:
    """See that nobody listens on ``port``.

    Raises:
        ServerError: Naming the port, who holds it where that can be known, and the setting.
    """
    if is_free(port, everywhere=everywhere):
        return
    found = holder(port)
    by = f" by {found.name} (process {found.pid})" if found else ""
    message = f"port {port} is in use{by}"
    raise ServerError(message, hint=f"set WEAVCLIP_{setting.upper()} to a free port")


def internal_ports(folder: Path, *, kept: tuple[int, ...] = ()) -> tuple[int, int, int, int]:
    """Four free ports in a row: those that were ``kept`` while they are free, else others.

    The search starts at a place that the folder's path decides, so that a second data folder
    looks elsewhere. A lone node may change them: its log of the schema comes up again.

    Raises:
        ServerError: If there are no four in a row.
    """
    span = _LAST - _FIRST
    start = int.from_bytes(hashlib.sha256(str(folder).encode()).digest()[:4]) % span
    firsts = [_FIRST + (start + step) % span for step in range(0, span, _INTERNAL)]
    for first in [*kept[:1], *firsts]:
        if all(is_free(first + step, everywhere=True) for step in range(_INTERNAL)):
            return (first, first + 1, first + 2, first + 3)
    message = f"no {_INTERNAL} free ports in a row from {_FIRST} to {_LAST}"
    raise ServerError(message, hint="end what listens there")


def holder(port: int) -> Holder | None:
    """The process that listens on ``port``; None for none, or where it is not ours to see."""
    return _holder_linux(port) if sys.platform == "linux" else _holder_lsof(port)


def _holder_linux(port: int) -> Holder | None:
    wanted = {f"socket:[{inode}]" for inode in _listening_inodes(port)}
    if not wanted:
        return None
    for process in _PROC.glob("[0-9]*"):
        with contextlib.suppress(OSError):
            if any(str(fd.readlink()) in wanted for fd in (process / "fd").iterdir()):
                return Holder(int(process.name), (process / "comm").read_text().strip())
    return None


def _listening_inodes(port: int) -> set[str]:
    inodes = set()
    for table in ("tcp", "tcp6"):
        with contextlib.suppress(OSError):
            for line in (_PROC / "net" / table).read_text().splitlines()[1:]:
                columns = line.split()
                if columns[3] == _LISTEN and int(columns[1].rpartition(":")[2], 16) == port:
                    inodes.add(columns[9])
    return inodes


def _holder_lsof(port: int) -> Holder | None:
    lsof = shutil.which("lsof")
    if lsof is None:
        return None
    command = [lsof, "-nP", f"-iTCP:{port}", "-sTCP:LISTEN", "-Fpc"]
    done = subprocess.run(
        command, capture_output=True, text=True, check=False, timeout=_LSOF_TIMEOUT_S
    )
    found = {line[0]: line[1:] for line in done.stdout.splitlines() if line}
    return Holder(int(found["p"]), found.get("c", "?")) if "p" in found else None
