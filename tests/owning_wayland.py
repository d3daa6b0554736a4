"""The process of ``tests.owners`` that owns a Wayland selection: ``-m tests.owning_wayland``."""

from __future__ import annotations

import os
import select
import sys
import threading
import time
from typing import Any

from tests.obeying import obey
from tests.writing import write_in_pieces
from weavclip.clipboard.wayland_connection import socket_path
from weavclip.clipboard.wayland_display import Display
from weavclip.clipboard.wayland_events import Cancelled, Requested
from weavclip.domain.errors import NoClipboardError


class _Owning:
    def __init__(self) -> None:
        self._display = Display(socket_path(os.environ))
        self._device = self._display.device(self._display.seats()[0])
        self._copies: dict[int, tuple[dict[str, bytes], dict[str, Any]]] = {}
        self.served: list[str] = []

    def copy(self, content: dict[str, bytes], faults: dict[str, Any]) -> None:
        source = self._display.source(content)
        self._copies[source] = (content, faults)
        is_primary = faults.get("selection") == "PRIMARY"
        self._display.select(self._device, source, is_primary=is_primary)
        self._display.wait_for(self._display.sync())

    def clear(self) -> None:
        self._display.select(self._device, 0)
        self._display.wait_for(self._display.sync())

    def pump(self, seconds: float, *also: int) -> bool:
        """Serve for so long, or until one of ``also`` is readable."""
        end = time.monotonic() + seconds
        while True:
            for event in self._display.events():
                if isinstance(event, Requested):
                    self._serve(event)
                elif isinstance(event, Cancelled):
                    self._copies.pop(event.source, None)
            left = end - time.monotonic()
            if left <= 0:
                return False
            heard: list[Any] = [self._display, *also]
            readable, _, _ = select.select(heard, [], [], left)
            if set(readable) & set(also):
                return True

    def _serve(self, asked: Requested) -> None:
        self.served.append(asked.name)
        content, faults = self._copies.get(asked.source, ({}, {}))
        if asked.name in faults.get("die_on", ()):
            os._exit(9)
        if asked.name in faults.get("hang", ()):
            return  # and the pipe stays open
        if asked.name in faults.get("refuse", ()):
            os.close(asked.descriptor)
            return
        value = content.get(asked.name, b"") * int(faults.get("times", 1))
        writing = (asked.descriptor, value, faults)
        threading.Thread(target=write_in_pieces, args=writing, daemon=True).start()


if __name__ == "__main__":
    try:
        obey(_Owning())
    except NoClipboardError as error:  # it went away
        sys.exit(str(error))
