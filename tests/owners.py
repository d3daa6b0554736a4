"""A program that owns the clipboard as a toolkit does, with faults; in a process of its own.

Unlike ``xclip -i``, which answers any type with the same bytes, it refuses what it does not
offer, and it tells which types it was asked for. Commands are JSON objects on stdin, one a
line; it answers each with one on stdout.
"""

from __future__ import annotations

import base64
import json
import os
import subprocess
import sys
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tests.waiting import until

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

PROJECT = Path(__file__).resolve().parents[1]


class Owner:
    """The test's end of the pipe."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process

    @property
    def pid(self) -> int:
        """The owning process."""
        return self._process.pid

    def copy(self, content: Mapping[str, bytes], **faults: object) -> None:
        """Take the selection with this content; returns once it is owned.

        Args:
            content: Bytes by the type's name.
            faults: ``hang`` (types never answered), ``refuse`` (types offered but refused),
                ``die_after`` (ends after so many pieces), ``stall_after``, ``slow_s`` (before
                each piece), ``chunk_bytes``, ``selection`` (``PRIMARY`` for the other one),
                ``latin1`` (types answered as STRING, on X11), ``die_on`` (types at which it ends
                when it is asked for one), ``endless`` (pieces without a last one), ``times`` (so
                often the content stands in the answer). On X11 also ``absent`` (types answered
                with a property that is not there), ``targets`` (so often the list of types
                repeats itself), ``in_pieces`` (types that come by INCR whatever their size),
                ``announced`` (the size that it says such have) and ``bits`` (of an item).
        """
        encoded = {name: base64.b64encode(value).decode() for name, value in content.items()}
        self._ask({"do": "copy", "content": encoded, **faults})

    def copy_each(self, texts: Sequence[str]) -> None:
        """Copy one text after the other, each once somebody has read the one before."""
        for number, text in enumerate(texts, start=self.served().count("UTF8_STRING") + 1):
            self.copy({"UTF8_STRING": text.encode()})
            until(partial(self._has_served, number))

    def _has_served(self, texts: int) -> bool:
        return self.served().count("UTF8_STRING") >= texts

    def copy_texts(self, texts: list[str], *, every_s: float) -> list[float]:
        """Copy one text after the other at an even pace; the monotonic time of each, in s."""
        times: list[float] = self._ask({"do": "copies", "texts": texts, "every_s": every_s})
        return times

    def copies(self, content: Mapping[str, bytes], *, times: int, pause_s: float) -> list[float]:
        """Copy a content again and again, numbered by eight digits at its end; when each began.

        The pause between them varies by a third.
        """
        encoded = {name: base64.b64encode(value).decode() for name, value in content.items()}
        asked = {"do": "repeat", "content": encoded, "times": times, "pause_s": pause_s}
        began: list[float] = self._ask(asked)
        return began

    def served(self) -> list[str]:
        """The types it was asked for so far, in order."""
        names: list[str] = self._ask({"do": "served"})
        return names

    def clear(self) -> None:
        """Give the selection up."""
        self._ask({"do": "clear"})

    def _ask(self, command: Mapping[str, object]) -> Any:  # noqa: ANN401 - JSON
        assert self._process.stdin
        assert self._process.stdout
        self._process.stdin.write(json.dumps(command) + "\n")
        self._process.stdin.flush()
        line = self._process.stdout.readline()
        assert line, "the owner has ended"
        return json.loads(line)


@contextmanager
def owner(display: str, *, wm_class: str = "") -> Iterator[Owner]:
    """Start an owner, and end it.

    Args:
        display: An X server such as ``:1``, the path of a Wayland compositor's socket, or the
            address of the bus that GNOME's compositor is on.
        wm_class: Of the owner's window, on X11.
    """
    from tests.displays import end

    module, variable = _way(display)
    process = subprocess.Popen(
        [sys.executable, "-m", module],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        cwd=PROJECT,
        env={**os.environ, variable: display, "OWNER_WM_CLASS": wm_class},
    )
    try:
        yield Owner(process)
    finally:
        end(process)


def _way(display: str) -> tuple[str, str]:
    """The module that owns there, and the variable that tells it where."""
    if display.startswith("unix:"):
        return "tests.owning_mutter", "DBUS_SESSION_BUS_ADDRESS"
    if display.startswith("/"):
        return "tests.owning_wayland", "WAYLAND_DISPLAY"
    return "tests.owning", "DISPLAY"
