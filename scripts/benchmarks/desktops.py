"""Clipboards to measure on: a display server of the benchmark's own, by the source's name."""

from __future__ import annotations

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

_COMPOSITORS: dict[str, Callable[[], AbstractContextManager[Desktop]]] = {
    "sway": private_sway,
    "kwin": private_kwin,
    "mutter": private_mutter,
}


@dataclass(frozen=True, slots=True)
class Clipboard:
    """A display server that nobody else uses.

    Attributes:
        place: Where an owner copies to, as ``tests.owners.owner`` takes it.
        environ: What the agent needs to find it.
    """

    place: str
    environ: Mapping[str, str]

    def source(self) -> ClipboardSource:
        """What weavclip chooses here."""
        return choose_source("auto", environ=self.environ)

    def owner(self) -> AbstractContextManager[Owner]:
        """A program that copies as a toolkit does."""
        return owner(self.place, wm_class="Bench")


@contextmanager
def clipboard(name: str) -> Iterator[Clipboard]:
    """Start the display server called ``name``, ``x11`` or a compositor, and end it."""
    if name == "x11":
        with private_display() as display:
            yield Clipboard(display, {"DISPLAY": display})
        return
    with _COMPOSITORS[name]() as desktop:
        bus = desktop.environ.get("DBUS_SESSION_BUS_ADDRESS", "")
        yield Clipboard(bus or desktop.path, desktop.environ)
