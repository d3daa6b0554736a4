"""Clipboards to measure on: a display server of the benchmark's own, by the source's name."""

from __future__ import annotations

import os
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tests.compositors import private_kwin, private_mutter, private_sway
from tests.displays import private_display
from tests.owners import owner
from weavclip.clipboard.choose import choose_source

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from contextlib import AbstractContextManager

    from tests.compositors import Desktop
    from tests.owners import Owner
    from weavclip.domain.ports import ClipboardSource

# What to start, and the source to ask for there.
_COMPOSITORS: dict[str, tuple[Callable[[], AbstractContextManager[Desktop]], str]] = {
    "sway": (private_sway, "wayland"),
    "kwin": (private_kwin, "wayland"),
    "mutter": (private_mutter, "mutter"),
    "xwayland": (private_mutter, "x11"),
}


@dataclass(frozen=True, slots=True)
class Clipboard:
    """A display server that nobody else uses.

    Attributes:
        place: Where an owner copies to, as ``tests.owners.owner`` takes it.
        environ: What the agent needs to find it, and which source it is to take.
    """

    place: str
    environ: Mapping[str, str]

    def source(self) -> ClipboardSource:
        """The same source in this process."""
        return choose_source(self.environ["WEAVCLIP_SOURCE"], environ=self.environ)

    def owner(self) -> AbstractContextManager[Owner]:
        """A program that copies as a toolkit does."""
        return owner(self.place, wm_class="Bench")


@contextmanager
def clipboard(name: str) -> Iterator[Clipboard]:
    """Start the display server called ``name``, and end it.

    Args:
        name: ``x11``, ``polling`` for an X server that is looked at, or a compositor.
    """
    if name in ("x11", "polling"):
        with private_display() as display:
            yield Clipboard(display, {"DISPLAY": display, "WEAVCLIP_SOURCE": name})
        return
    start, source = _COMPOSITORS[name]
    with start() as desktop:
        # libxcb takes it from the process's own environment.
        os.environ["XAUTHORITY"] = desktop.environ.get("XAUTHORITY", "")
        bus = desktop.environ.get("DBUS_SESSION_BUS_ADDRESS", "")
        yield Clipboard(bus or desktop.path, {**desktop.environ, "WEAVCLIP_SOURCE": source})
