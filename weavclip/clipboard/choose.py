"""Which clipboard this session offers."""

from __future__ import annotations

import logging
import sys
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Protocol, runtime_checkable

from weavclip.clipboard.formats import Limits
from weavclip.clipboard.polling import PlainWriter, PollingSource
from weavclip.clipboard.replay import ReplaySource
from weavclip.clipboard.x11 import X11Source
from weavclip.clipboard.x11_writer import X11Writer
from weavclip.domain.errors import NoClipboardError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from weavclip.domain.clip import Offer
    from weavclip.domain.ports import ClipboardSource, ClipboardWriter

logger = logging.getLogger(__name__)


def choose_source(
    name: str,
    *,
    environ: Mapping[str, str],
    unread_types: frozenset[str] = frozenset(),
    read_timeout_s: float = 2.0,
    max_text_bytes: int = 10_000_000,
    max_image_bytes: int = 50_000_000,
    primary_selection: bool = False,
    poll_interval_s: float = 0.5,
    replay: str = "",
    platform: str = sys.platform,
) -> ClipboardSource:
    """Make the source that ``name`` asks for, or the best that the session offers.

    Args:
        name: ``auto``, ``x11``, ``polling`` or ``replay``.
        environ: The environment, which tells of displays.
        unread_types: Types whose presence forbids reading any content.
        read_timeout_s: Longest wait for each step of an owner's.
        max_text_bytes: Larger texts are told, not read.
        max_image_bytes: Larger encoded pictures are told, not read.
        primary_selection: Also what is only selected, on X11.
        poll_interval_s: Pause of the polling source.
        replay: Folder or JSONL file of the replay source; ``auto`` takes it when it is given.
        platform: As ``sys.platform`` names it.

    Raises:
        NoClipboardError: Saying what is missing and what to do.
    """
    limits = Limits(max_text_bytes=max_text_bytes, max_image_bytes=max_image_bytes)
    chosen = _best(environ, replay, platform) if name == "auto" else name
    if chosen == "replay":
        return ReplaySource(_replayed(replay), limits=limits, unread_types=unread_types)
    if chosen == "polling":
        return PollingSource(
            poll_interval_s, limits=limits, read_timeout_s=read_timeout_s, environ=environ
        )
    return X11Source(
        _display_of(environ),
        selections=("CLIPBOARD", "PRIMARY") if primary_selection else ("CLIPBOARD",),
        limits=limits,
        read_timeout_s=read_timeout_s,
        unread_types=unread_types,
    )


def choose_writer(
    *, environ: Mapping[str, str], timeout_s: float = 2.0, platform: str = sys.platform
) -> ClipboardWriter:
    """Make the writer that fits the session.

    Args:
        environ: The environment, which tells of displays.
        timeout_s: Longest wait for the clipboard, beyond the start of a process.
        platform: As ``sys.platform`` names it.

    Raises:
        NoClipboardError: Saying what is missing and what to do.
    """
    if platform in ("darwin", "win32"):
        return PlainWriter()
    return X11Writer(_display_of(environ), timeout_s=timeout_s)


def read_once(source: ClipboardSource) -> Offer | None:
    """What is on the clipboard now, without watching it; None when nothing is.

    Of a replay the first copy; a clip that weavclip put there is read like any other.

    Raises:
        ClipboardError: If it cannot be read.
    """
    if isinstance(source, _Present):
        return source.present()
    return next(iter(source.watch(threading.Event())), None)


@runtime_checkable
class _Present(Protocol):
    """A source that can be asked without watching; all of this room's are."""

    def present(self) -> Offer | None: ...


def _best(environ: Mapping[str, str], replay: str, platform: str) -> str:
    if replay:
        return "replay"
    if platform in ("darwin", "win32"):
        return "polling"
    if environ.get("WAYLAND_DISPLAY") and environ.get("DISPLAY"):
        logger.warning("in a Wayland session X11 shows what the compositor passes on to Xwayland")
    return "x11"


def _replayed(path: str) -> Path:
    if not path:
        message = "the replay source has no folder or JSONL file to read"
        raise NoClipboardError(message, hint="set WEAVCLIP_REPLAY to one")
    return Path(path).expanduser()


def _display_of(environ: Mapping[str, str]) -> str:
    """The X server's name.

    Raises:
        NoClipboardError: If the session has none.
    """
    display = environ.get("DISPLAY")
    if display:
        return display
    if environ.get("WAYLAND_DISPLAY"):
        message = "this Wayland session has no X11 side (DISPLAY is not set)"
        raise NoClipboardError(message, hint="enable Xwayland, then log in again")
    message = "there is no display here (DISPLAY is not set)"
    raise NoClipboardError(message, hint="run it inside a desktop session, or set WEAVCLIP_REPLAY")
