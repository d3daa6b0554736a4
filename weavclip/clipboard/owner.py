"""The process that owns the clipboard for a clip that was copied back.

``python -m weavclip.clipboard.owner KIND`` reads the content from stdin, so that it never is a
process argument, parts from its caller, takes the selection, says so on stdout, and serves
everybody who asks until somebody else copies.
"""

from __future__ import annotations

import contextlib
import json
import os
import signal
import sys
from typing import TYPE_CHECKING, Protocol

from weavclip.domain.errors import ClipboardError, NoClipboardError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from contextlib import AbstractContextManager

OWNED = "owned"
_TAKE_S = 10


class Owning(Protocol):
    """Something that owns the clipboard."""

    def serve(self) -> None:
        """Answer until another program copies, and finish what was begun.

        Raises:
            NoClipboardError: When the display ends.
        """
        ...


def packed(content: Mapping[str, bytes]) -> bytes:
    """A content as one stream: a line of JSON with names and sizes, then the bytes."""
    head = json.dumps([[name, len(value)] for name, value in content.items()])
    return b"".join([head.encode(), b"\n", *content.values()])


def unpacked(stream: bytes) -> dict[str, bytes]:
    r"""The content of such a stream.

    >>> unpacked(packed({"UTF8_STRING": b"a\nb", "text/html": b""}))
    {'UTF8_STRING': b'a\nb', 'text/html': b''}
    """
    head, _, rest = stream.partition(b"\n")
    content, offset = {}, 0
    for name, size in json.loads(head):
        content[name] = rest[offset : offset + size]
        offset += size
    return content


def main() -> None:
    """Own the clipboard with what stdin brings, in a process that nobody waits for."""
    take = _TAKEN[sys.argv[1]]
    content = unpacked(sys.stdin.buffer.read())
    if os.fork():
        os._exit(0)
    os.setsid()
    os.chdir("/")
    signal.alarm(_TAKE_S)  # a display that never answers ends this process
    try:
        with take(content) as owning:
            signal.alarm(0)
            _say(OWNED)
            with contextlib.suppress(NoClipboardError):
                owning.serve()
    except ClipboardError as error:
        _say(str(error))
        raise SystemExit(1) from None


def _say(word: str) -> None:
    """Tell the caller, and let go of the pipes that it waits on."""
    os.write(1, word.encode())
    nowhere = os.open(os.devnull, os.O_RDWR)
    for descriptor in (0, 1, 2):
        os.dup2(nowhere, descriptor)
    os.close(nowhere)


def _taken_on_x11(content: Mapping[str, bytes]) -> AbstractContextManager[Owning]:
    from weavclip.clipboard.x11_owner import taken

    return taken(content)


def _taken_on_wayland(content: Mapping[str, bytes]) -> AbstractContextManager[Owning]:
    from weavclip.clipboard.wayland_owner import taken

    return taken(content)


def _taken_on_gnome(content: Mapping[str, bytes]) -> AbstractContextManager[Owning]:
    from weavclip.clipboard.mutter_owner import taken

    return taken(content)


# A kind names a function that takes the clipboard that the environment names, and raises
# ClipboardError if it cannot.
_TAKEN: dict[str, Callable[[Mapping[str, bytes]], AbstractContextManager[Owning]]] = {
    "x11": _taken_on_x11,
    "wayland": _taken_on_wayland,
    "mutter": _taken_on_gnome,
}


if __name__ == "__main__":
    main()
