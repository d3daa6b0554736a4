"""Owning the clipboard of an X server.

References:
    ICCCM 2.0, sections 2.2 (responsibilities of the owner), 2.6.2 (TARGETS, MULTIPLE,
    TIMESTAMP) and 2.7.2 (INCR).
"""

from __future__ import annotations

import select
import struct
import time
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from weavclip.clipboard.x11_display import Display
from weavclip.clipboard.x11_events import Lost, PropertyChanged, Request, WindowGone
from weavclip.domain.errors import ClipboardError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from weavclip.clipboard.x11_events import Event

# Under the 262,140 bytes that a server without BIG-REQUESTS takes.
_PIECE_BYTES = 250_000
# Who is in the middle of a transfer when another program copies may finish it.
_FINISH_S = 10.0
_META = ("TARGETS", "MULTIPLE", "TIMESTAMP")


@dataclass(slots=True)
class _Transfer:
    """What is left of one INCR transfer."""

    type_name: str
    content: bytes
    offset: int = 0


class Owner:
    """Serves one content to any number of requestors at a time."""

    def __init__(self, display: Display, content: Mapping[str, bytes]) -> None:
        """Take the clipboard.

        Args:
            display: Open; used by this owner alone.
            content: Bytes by the X11 name of each type.

        Raises:
            ClipboardError: If another program took it at the same time.
        """
        self._display = display
        self._content = content
        self._targets = {display.atom(each): each for each in (*_META, *content)}
        self._transfers: dict[tuple[int, int], _Transfer] = {}
        self._is_owning = True
        window, selection = display.window(), display.atom("CLIPBOARD")
        self._since_ms = display.now_ms(window)
        if not display.own(window, selection=selection, at_ms=self._since_ms):
            message = "another program took the clipboard at the same moment"
            raise ClipboardError(message, hint="copy again")

    def serve(self) -> None:
        """Answer until another program copies, and finish what was begun.

        Raises:
            NoClipboardError: When the X server ends.
        """
        self._serve_until(None)
        self._serve_until(time.monotonic() + _FINISH_S)

    def _serve_until(self, end: float | None) -> None:
        while self._is_owning if end is None else self._transfers and time.monotonic() < end:
            events = self._display.events()
            for event in events:
                self._handle(event)
            self._display.flush()
            if not events:
                left_s = None if end is None else max(0.0, end - time.monotonic())
                select.select([self._display], [], [], left_s)

    def _handle(self, event: Event) -> None:
        if isinstance(event, Request):
            is_served = self._convert(event.requestor, event.target, event.atom)
            self._display.answer(event, atom=event.atom if is_served else 0)
        elif isinstance(event, PropertyChanged) and event.is_deleted:
            self._send_piece(event.window, event.atom)
        elif isinstance(event, WindowGone):
            self._transfers = {
                key: left for key, left in self._transfers.items() if key[0] != event.window
            }
        elif isinstance(event, Lost):
            self._is_owning = False

    def _convert(self, requestor: int, target: int, atom: int) -> bool:
        """Put what was asked for on the requestor's property; whether there is such."""
        name = self._targets.get(target)
        if name is None:
            return False
        if name == "MULTIPLE":
            return self._convert_each(requestor, atom)
        if name == "TARGETS":
            self._put_words(requestor, atom, "ATOM", tuple(self._targets))
        elif name == "TIMESTAMP":
            self._put_words(requestor, atom, "INTEGER", (self._since_ms,))
        else:
            self._put(requestor, atom, name)
        return True

    def _convert_each(self, requestor: int, atom: int) -> bool:
        """MULTIPLE: pairs of target and property; what cannot be served gets no property."""
        try:
            asked = self._display.get(requestor, atom, most_bytes=4096, delete=False).content
        except KeyError:
            return False
        pairs = list(struct.iter_unpack("=II", asked[: len(asked) // 8 * 8]))
        served = [
            (target, where if self._convert(requestor, target, where) else 0)
            for target, where in pairs
            if self._targets.get(target) != "MULTIPLE"
        ]
        self._put_words(
            requestor, atom, "ATOM_PAIR", tuple(word for pair in served for word in pair)
        )
        return True

    def _put_words(self, window: int, atom: int, type_name: str, words: tuple[int, ...]) -> None:
        content = struct.pack(f"={len(words)}I", *words)
        self._display.put(window, atom, type_name=type_name, content=content, bits=32)

    def _put(self, window: int, atom: int, name: str) -> None:
        content = self._content[name]
        if len(content) <= _PIECE_BYTES:
            self._display.put(window, atom, type_name=name, content=content)
            return
        self._display.hear_of(window)
        self._transfers[window, atom] = _Transfer(name, content)
        self._put_words(window, atom, "INCR", (len(content),))

    def _send_piece(self, window: int, atom: int) -> None:
        """Write the next piece where the one before was taken; an empty one ends it."""
        transfer = self._transfers.get((window, atom))
        if transfer is None:
            return
        piece = transfer.content[transfer.offset : transfer.offset + _PIECE_BYTES]
        self._display.put(window, atom, type_name=transfer.type_name, content=piece)
        transfer.offset += len(piece)
        if not piece:
            del self._transfers[window, atom]


@contextmanager
def taken(content: Mapping[str, bytes]) -> Iterator[Owner]:
    """Own the clipboard of the environment's DISPLAY.

    Raises:
        ClipboardError: If it could not be taken.
    """
    with Display(None) as display:
        yield Owner(display, content)
