"""Which program a copy on Wayland came from: the one in use, where the compositor tells it.

Data-control names no owner. sway and Hyprland answer questions on a socket of their own, which
is found by the compositor's process: a service started early lacks the variables that name it.
KWin and others tell nobody.

References:
    sway-ipc(7); Hyprland's wiki, "IPC"; ``hyprland.lock`` holds the instance's process id.
"""

from __future__ import annotations

import json
import socket
import struct
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable

    from weavclip.clipboard.wayland_connection import Connection

_ANSWER_S = 1.0  # a busy desk must not lose the name that a rule may be waiting for
_MOST_BYTES = 4 * 1024 * 1024
_SWAY_HEAD = struct.Struct("=6sII")  # magic, length, type
_SWAY_GET_TREE = 4
_CREDENTIALS = struct.Struct("=iII")  # struct ucred


class Peer(NamedTuple):
    """The process at the other end of a socket, as the kernel tells it."""

    pid: int
    uid: int
    folder: Path

    @property
    def program(self) -> str:
        """Its name, such as ``sway``; empty when it cannot be seen."""
        try:
            return Path(f"/proc/{self.pid}/comm").read_text(errors="replace").strip()
        except OSError:
            return ""


def program_of(display: Connection) -> str:
    """Name of the program in use, such as ``firefox``; empty when the compositor tells none.

    Takes 1 ms, and no more than 1 s for each step of a compositor's that hangs.
    """
    peer = _peer_of(display)
    ask = _ASKED.get(peer.program.lower())
    try:
        return ask(peer) if ask else ""
    except (OSError, EOFError, ValueError, KeyError, AttributeError, struct.error):
        return ""


def _peer_of(display: Connection) -> Peer:
    if not sys.platform.startswith("linux"):
        return Peer(0, 0, Path())
    option = socket.SO_PEERCRED
    told = display.socket.getsockopt(socket.SOL_SOCKET, option, _CREDENTIALS.size)
    pid, uid, _ = _CREDENTIALS.unpack(told)
    return Peer(pid, uid, Path(display.path).parent)


def _by_sway(peer: Peer) -> str:
    with _connected(peer.folder / f"sway-ipc.{peer.uid}.{peer.pid}.sock") as asking:
        asking.sendall(_SWAY_HEAD.pack(b"i3-ipc", 0, _SWAY_GET_TREE))
        _, size, _ = _SWAY_HEAD.unpack(_received(asking, _SWAY_HEAD.size))
        tree = json.loads(_received(asking, min(size, _MOST_BYTES)))
    found = _focused(tree)
    properties = found.get("window_properties") or {}
    return str(found.get("app_id") or properties.get("class") or "")


def _focused(node: dict[str, Any]) -> dict[str, Any]:
    """The window in use: where the tree's own list of what was focused last leads to."""
    while not node.get("focused"):
        children = [*node.get("nodes", ()), *node.get("floating_nodes", ())]
        order = node.get("focus") or [0]
        node = next((each for each in children if each["id"] == order[0]), {"focused": True})
    return node


def _by_hyprland(peer: Peer) -> str:
    locks = (peer.folder / "hypr").glob("*/hyprland.lock")
    lock = next(each for each in locks if each.read_text().split()[0] == str(peer.pid))
    with _connected(lock.with_name(".socket.sock")) as asking:
        asking.sendall(b"j/activewindow")
        return str(json.loads(_received(asking, _MOST_BYTES, whole=False)).get("class", ""))


def _connected(path: Path) -> socket.socket:
    asking = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    asking.settimeout(_ANSWER_S)
    try:
        asking.connect(str(path))
    except OSError:
        asking.close()
        raise
    return asking


def _received(asking: socket.socket, size: int, *, whole: bool = True) -> bytes:
    """So many bytes, or what comes until the other end closes.

    Raises:
        EOFError: If it closes before the ``whole`` is there.
    """
    content = bytearray()
    while len(content) < size and (piece := asking.recv(size - len(content))):
        content += piece
    if whole and len(content) < size:
        raise EOFError
    return bytes(content)


_ASKED: dict[str, Callable[[Peer], str]] = {"sway": _by_sway, "hyprland": _by_hyprland}
