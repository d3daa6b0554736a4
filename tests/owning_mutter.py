"""The process of ``tests.owners`` that owns GNOME's clipboard: ``-m tests.owning_mutter``."""

from __future__ import annotations

import os
import select
import sys
import threading
import time
from typing import Any

from tests.obeying import obey
from tests.writing import write_in_pieces
from weavclip.clipboard.mutter_bus import Bus
from weavclip.clipboard.mutter_events import Asked
from weavclip.domain.errors import NoClipboardError


class _Owning:
    def __init__(self) -> None:
        self._bus = Bus(os.environ)
        self._session = self._bus.open_session()
        self._content: dict[str, bytes] = {}
        self._faults: dict[str, Any] = {}
        self.served: list[str] = []

    def copy(self, content: dict[str, bytes], faults: dict[str, Any]) -> None:
        self._content, self._faults = content, faults
        self._bus.select(self._session, content)

    def clear(self) -> None:
        self._bus.select(self._session, ())

    def pump(self, seconds: float, *also: int) -> bool:
        """Serve for so long, or until one of ``also`` is readable."""
        end = time.monotonic() + seconds
        while True:
            while events := self._bus.events():
                for event in events:
                    if isinstance(event, Asked):
                        self._serve(event)
            left = end - time.monotonic()
            if left <= 0:
                return False
            heard: list[Bus | int] = [self._bus, *also]
            readable, _, _ = select.select(heard, [], [], left)
            if set(readable) & set(also):
                return True

    def _serve(self, asked: Asked) -> None:
        self.served.append(asked.name)
        if asked.name in self._faults.get("hang", ()):
            return
        try:
            descriptor = self._bus.begin_writing(asked)
        except LookupError:  # who asked has gone, or another copy was made
            return
        is_refused = asked.name in self._faults.get("refuse", ())
        content = b"" if is_refused else self._content.get(asked.name, b"")
        writing = (descriptor, content, self._faults)
        threading.Thread(target=write_in_pieces, args=writing, daemon=True).start()
        self._bus.end_writing(asked, is_whole=True)


if __name__ == "__main__":
    try:
        obey(_Owning())
    except NoClipboardError as error:  # it went away
        sys.exit(str(error))
