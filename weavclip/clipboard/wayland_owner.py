"""Owning the clipboard of a Wayland compositor, on each of its seats."""

from __future__ import annotations

import os
import select
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

from weavclip.clipboard.pipes import Outgoing
from weavclip.clipboard.wayland_connection import socket_path
from weavclip.clipboard.wayland_display import Display
from weavclip.clipboard.wayland_events import Cancelled, Requested
from weavclip.domain.errors import ClipboardError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from weavclip.clipboard.wayland_events import Event

# Who is in the middle of a transfer when another program copies may finish it.
_FINISH_S = 10.0


class Owner:
    """Serves one content to any number of readers at a time."""

    def __init__(self, display: Display, content: Mapping[str, bytes]) -> None:
        """Take the clipboard of every seat.

        Args:
            display: Open; used by this owner alone.
            content: Bytes by type.

        Raises:
            ClipboardError: If another program took it at the same time.
        """
        self._display = display
        self._content = content
        self._outgoing: list[Outgoing] = []
        self._sources: set[int] = set()
        for seat in display.seats():
            source = display.source(content)
            display.select(display.device(seat), source)
            self._sources.add(source)
        # A refusal comes before the answer.
        display.wait_for(display.sync())
        self._handle_all(display.events())
        if not self._sources:
            message = "another program took the clipboard at the same moment"
            raise ClipboardError(message, hint="copy again")

    def serve(self) -> None:
        """Answer until another program copies, and finish what was begun.

        Raises:
            NoClipboardError: When the compositor ends.
        """
        while self._sources:
            self._turn(None)
        end = time.monotonic() + _FINISH_S
        while self._outgoing and time.monotonic() < end:
            self._turn(max(0.0, end - time.monotonic()))

    def _turn(self, timeout_s: float | None) -> None:
        readable, writable, _ = select.select([self._display], self._outgoing, [], timeout_s)
        if readable:
            self._handle_all(self._display.events())
        self._outgoing = [
            each for each in self._outgoing if each not in writable or not each.write()
        ]

    def _handle_all(self, events: list[Event]) -> None:
        for event in events:
            if isinstance(event, Cancelled):
                self._sources.discard(event.source)
            elif isinstance(event, Requested):
                content = self._content.get(event.name, b"")
                self._outgoing.append(Outgoing(event.descriptor, content))


@contextmanager
def taken(content: Mapping[str, bytes]) -> Iterator[Owner]:
    """Own the clipboards of the compositor that the environment names.

    Raises:
        ClipboardError: If they could not be taken.
    """
    with Display(socket_path(os.environ)) as display:
        yield Owner(display, content)
