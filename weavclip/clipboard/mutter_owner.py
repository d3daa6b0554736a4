"""Owning GNOME's clipboard with a clip that was copied back."""

from __future__ import annotations

import os
import select
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

from weavclip.clipboard.mutter_bus import Bus
from weavclip.clipboard.mutter_events import Asked, Changed, Closed
from weavclip.clipboard.pipes import Outgoing
from weavclip.domain.errors import ClipboardError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from weavclip.clipboard.mutter_events import Event

# Who is in the middle of a transfer when another program copies may finish it.
_FINISH_S = 10.0


class Owner:
    """Serves one content to any number of programs at a time."""

    def __init__(self, bus: Bus, content: Mapping[str, bytes]) -> None:
        """Take the clipboard.

        Args:
            bus: Open; used by this owner alone.
            content: Bytes by the name of each type.

        Raises:
            NoClipboardError: If Mutter refuses.
            ClipboardError: If another program took it at the same time.
        """
        self._bus = bus
        self._content = content
        self._transfers: dict[Outgoing, Asked] = {}
        self._is_owning = False
        self._session = bus.open_session()
        bus.select(self._session, content)
        self._hear(bus.events())
        if not self._is_owning:
            message = "another program took the clipboard at the same moment"
            raise ClipboardError(message, hint="copy again")

    def serve(self) -> None:
        """Answer until another program copies, and finish what was begun.

        Raises:
            NoClipboardError: When Mutter or the bus ends.
        """
        while self._is_owning:
            self._turn(None)
        end = time.monotonic() + _FINISH_S
        while self._transfers and time.monotonic() < end:
            self._turn(end)

    def _turn(self, end: float | None) -> None:
        while events := self._bus.events():  # a reply that was waited for brings some along
            self._hear(events)
        left_s = None if end is None else max(0.0, end - time.monotonic())
        if self._is_owning or self._transfers:
            _, writable, _ = select.select([self._bus], self._transfers, [], left_s)
            for each in writable:
                self._write(each)

    def _hear(self, events: list[Event]) -> None:
        """What comes before the first change that is ours is who owned it before."""
        for event in events:
            if isinstance(event, Changed):
                self._is_owning = event.is_ours
            elif isinstance(event, Closed):
                self._is_owning = False
            elif isinstance(event, Asked):
                self._begin(event)

    def _begin(self, asked: Asked) -> None:
        try:
            descriptor = self._bus.begin_writing(asked)
        except LookupError:
            return
        # What is not offered is answered too, with nothing: a refusal waits for 15 s.
        content = self._content.get(asked.name, b"")
        self._transfers[Outgoing(descriptor, content)] = asked

    def _write(self, outgoing: Outgoing) -> None:
        if outgoing.write():
            asked = self._transfers.pop(outgoing)
            self._bus.end_writing(asked, is_whole=outgoing.is_whole)


@contextmanager
def taken(content: Mapping[str, bytes]) -> Iterator[Owner]:
    """Own GNOME's clipboard, by the session bus that the environment names.

    Raises:
        ClipboardError: If it could not be taken.
    """
    with Bus(os.environ) as bus:
        yield Owner(bus, content)
