"""Displays that real programs run on, and the source that watches each."""

from __future__ import annotations

import contextlib
import shutil
import subprocess
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import pytest

from tests.waiting import WITHIN_S, until
from tests.watching import watched
from weavclip.clipboard.mutter import MutterSource
from weavclip.clipboard.mutter_bus import Bus
from weavclip.clipboard.wayland import WaylandSource
from weavclip.clipboard.x11 import X11Source
from weavclip.pipeline.reading import read

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from contextlib import ExitStack

    from tests.compositors import Desktop
    from tests.watching import Watched
    from weavclip.domain.clip import Kind, Offer
    from weavclip.domain.ports import ClipboardSource

_EACH_S = 1.0
_SESSION = "org.gnome.Mutter.RemoteDesktop.Session"
_LEFT_SHIFT = 42  # evdev's number


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A display.

    Attributes:
        environ: What a program needs to find it.
        source: Watches it.
        press: Presses a key, without which some compositors let nobody copy.
        names: The source names a program as the compositor knows it.
        watching: What the source needs in the process's own environment.
    """

    environ: Mapping[str, str]
    source: ClipboardSource
    press: Callable[[], None] = lambda: None
    names: bool = False
    watching: Mapping[str, str] = field(default_factory=dict)

    def captured(self, copy: Callable[[], None], kind: Kind) -> Offer:
        """What the source tells of the copy of this kind that ``copy`` has made.

        It is made again where none comes: a window takes a moment to get the focus, and without
        it a program may not copy. Beside it Mutter may offer what was copied before, when the
        program takes that back.
        """
        with pytest.MonkeyPatch.context() as patch:
            for name, value in self.watching.items():
                patch.setenv(name, value)
            with watched(self.source) as watching:
                found = until(
                    lambda: self._tried(copy, watching, kind),
                    what=f"a copy of kind {kind}",
                )
        assert found
        return found

    def _tried(self, copy: Callable[[], None], watching: Watched, kind: Kind) -> Offer | None:
        self.press()
        copy()
        with contextlib.suppress(AssertionError):
            return until(lambda: _copied(watching, kind), within_s=_EACH_S)
        return None


def _copied(watching: Watched, kind: Kind) -> Offer | None:
    if watching.error:
        raise watching.error
    made = (each for each in watching.offers if not each.on_start and not each.problems)
    return next((each for each in made if _kind_of(each) is kind), None)


def _kind_of(offer: Offer) -> Kind | None:
    draft = read(offer)
    return draft.kind if draft else None


def on_x11(display: str) -> Place:
    """A plain X server, without a window manager."""
    return Place(environ={"DISPLAY": display}, source=X11Source(display))


def on_sway(desktop: Desktop) -> Place:
    """sway, which lets only a program with the focus copy."""
    if shutil.which("wtype") is None:
        pytest.skip("wtype is not installed")

    def press() -> None:
        environ = {**desktop.environ}
        subprocess.run(["wtype", "-k", "Shift_L"], env=environ, check=True, timeout=WITHIN_S)

    source = WaylandSource(desktop.path)
    return Place(environ=desktop.environ, source=source, press=press, names=True)


def on_kwin(desktop: Desktop) -> Place:
    """KWin."""
    return Place(environ=desktop.environ, source=WaylandSource(desktop.path))


def on_mutter(desktop: Desktop, stack: ExitStack, *, natively: bool) -> Place:
    """Mutter, whose programs are native; watched natively, or through Xwayland."""
    bus = stack.enter_context(Bus(desktop.environ))
    session = bus.open_session()
    bus._call(session, _SESSION, "Start")

    def press() -> None:
        for is_down in (True, False):
            body = (_LEFT_SHIFT, is_down)
            bus._call(session, _SESSION, "NotifyKeyboardKeycode", "ub", body)

    environ = {**desktop.environ}
    display, authority = environ.pop("DISPLAY"), environ.pop("XAUTHORITY")
    if natively:
        return Place(environ=environ, source=MutterSource(desktop.environ), press=press)
    watching = {"XAUTHORITY": authority}
    return Place(environ=environ, source=X11Source(display), press=press, watching=watching)
