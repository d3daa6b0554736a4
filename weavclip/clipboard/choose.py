"""Makes the source and the writer that a setting names, or that suit the session.

To add one, write its two classes and a line in each table. What a platform needs is imported
where it is made.
"""

from __future__ import annotations

import logging
import sys
import threading
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol, runtime_checkable

from weavclip.clipboard.formats import Limits
from weavclip.clipboard.session import Choice, best
from weavclip.domain.errors import NoClipboardError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

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
        name: ``auto``, or one of ``weavclip.settings.fields.SOURCES``.
        environ: The environment, which tells of displays.
        unread_types: Types whose presence forbids reading any content.
        read_timeout_s: Longest wait for each step of an owner's.
        max_text_bytes: Larger texts are told, not read.
        max_image_bytes: Larger encoded pictures are told, not read.
        primary_selection: Also what is only selected, on X11 and Wayland.
        poll_interval_s: Pause of the polling source.
        replay: Folder or JSONL file of the replay source; ``auto`` takes it when it is given.
        platform: As ``sys.platform`` names it.

    Raises:
        NoClipboardError: Saying what is missing and what to do.
    """
    choice = chosen(name, environ=environ, replay=replay, platform=platform)
    # Not louder: an agent without a display asks again and again, and says what it found.
    logger.debug("copies come from %s: %s", choice.name, choice.reason)
    asked = _Asked(
        environ=environ,
        limits=Limits(max_text_bytes=max_text_bytes, max_image_bytes=max_image_bytes),
        read_timeout_s=read_timeout_s,
        unread_types=unread_types,
        primary_selection=primary_selection,
        poll_interval_s=poll_interval_s,
        replay=replay,
    )
    return _SOURCES[choice.name](asked)


def choose_writer(
    name: str = "auto",
    *,
    environ: Mapping[str, str],
    timeout_s: float = 2.0,
    platform: str = sys.platform,
) -> ClipboardWriter:
    """Make the writer that belongs to the source ``name``, or suits the session.

    Args:
        name: As of :func:`choose_source`; ``replay``, which cannot be written, is ``auto``.
        environ: The environment, which tells of displays.
        timeout_s: Longest wait for the clipboard, beyond the start of a process.
        platform: As ``sys.platform`` names it.

    Raises:
        NoClipboardError: Saying what is missing and what to do.
    """
    name = "auto" if name == "replay" else name
    choice = chosen(name, environ=environ, platform=platform)
    return _WRITERS[choice.name](_Target(environ, timeout_s))


def chosen(
    name: str, *, environ: Mapping[str, str], replay: str = "", platform: str = sys.platform
) -> Choice:
    """Which source it would be, and in one sentence why.

    Raises:
        NoClipboardError: If ``auto`` finds none.
    """
    if name != "auto":
        return Choice(name, "the setting 'source' asks for it")
    if replay:
        return Choice("replay", "the setting 'replay' names files to read")
    return best(environ, platform=platform)


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


@dataclass(frozen=True, slots=True, kw_only=True)
class _Asked:
    """What a source is made by."""

    environ: Mapping[str, str]
    limits: Limits
    read_timeout_s: float
    unread_types: frozenset[str]
    primary_selection: bool
    poll_interval_s: float
    replay: str

    def reading(self) -> dict[str, Any]:
        """The arguments that every source which reads by event takes."""
        return {
            "limits": self.limits,
            "read_timeout_s": self.read_timeout_s,
            "unread_types": self.unread_types,
        }


def _wayland(asked: _Asked) -> ClipboardSource:
    from weavclip.clipboard.wayland import WaylandSource

    path = _socket_of(asked.environ)
    return WaylandSource(path, primary=asked.primary_selection, **asked.reading())


def _mutter(asked: _Asked) -> ClipboardSource:
    from weavclip.clipboard.mutter import MutterSource

    return MutterSource(asked.environ, **asked.reading())


def _x11(asked: _Asked) -> ClipboardSource:
    from weavclip.clipboard.x11 import X11Source

    selections = ("CLIPBOARD", "PRIMARY") if asked.primary_selection else ("CLIPBOARD",)
    return X11Source(_display_of(asked.environ), selections=selections, **asked.reading())


def _macos(asked: _Asked) -> ClipboardSource:
    from weavclip.clipboard.macos import MacSource

    return MacSource(**asked.reading())


def _windows(asked: _Asked) -> ClipboardSource:
    from weavclip.clipboard.windows import WindowsSource

    return WindowsSource(**asked.reading())


def _polling(asked: _Asked) -> ClipboardSource:
    from weavclip.clipboard.polling import PollingSource

    return PollingSource(
        asked.poll_interval_s,
        limits=asked.limits,
        read_timeout_s=asked.read_timeout_s,
        environ=asked.environ,
    )


def _replay(asked: _Asked) -> ClipboardSource:
    from weavclip.clipboard.replay import ReplaySource

    if not asked.replay:
        message = "the replay source has no folder or JSONL file to read"
        raise NoClipboardError(message, hint="set WEAVCLIP_REPLAY to one")
    path = Path(asked.replay).expanduser()
    return ReplaySource(path, limits=asked.limits, unread_types=asked.unread_types)


_SOURCES: dict[str, Callable[[_Asked], ClipboardSource]] = {
    "wayland": _wayland,
    "mutter": _mutter,
    "x11": _x11,
    "macos": _macos,
    "windows": _windows,
    "polling": _polling,
    "replay": _replay,
}


class _Target(NamedTuple):
    """Where and how patiently to write."""

    environ: Mapping[str, str]
    timeout_s: float


def _to_wayland(target: _Target) -> ClipboardWriter:
    from weavclip.clipboard.wayland_writer import WaylandWriter

    return WaylandWriter(_socket_of(target.environ), timeout_s=target.timeout_s)


def _to_mutter(target: _Target) -> ClipboardWriter:
    from weavclip.clipboard.mutter_writer import MutterWriter

    return MutterWriter(target.environ, timeout_s=target.timeout_s)


def _to_x11(target: _Target) -> ClipboardWriter:
    from weavclip.clipboard.x11_writer import X11Writer

    return X11Writer(_display_of(target.environ), timeout_s=target.timeout_s)


def _to_macos(_target: _Target) -> ClipboardWriter:
    from weavclip.clipboard.macos import MacWriter

    return MacWriter()


def _to_windows(target: _Target) -> ClipboardWriter:
    from weavclip.clipboard.windows import WindowsWriter

    return WindowsWriter(timeout_s=target.timeout_s)


def _to_pyperclip(_target: _Target) -> ClipboardWriter:
    from weavclip.clipboard.polling import PlainWriter

    return PlainWriter()


_WRITERS: dict[str, Callable[[_Target], ClipboardWriter]] = {
    "wayland": _to_wayland,
    "mutter": _to_mutter,
    "x11": _to_x11,
    "macos": _to_macos,
    "windows": _to_windows,
    "polling": _to_pyperclip,
}


def _socket_of(environ: Mapping[str, str]) -> str:
    """The Wayland compositor's socket.

    Raises:
        NoClipboardError: If the session names none.
    """
    from weavclip.clipboard.wayland_connection import socket_path

    path = socket_path(environ)
    if not path:
        message = (
            "there is no Wayland session here (WAYLAND_DISPLAY or XDG_RUNTIME_DIR is not set)"
        )
        raise NoClipboardError(message, hint="run it inside one, or set WEAVCLIP_SOURCE=auto")
    return path


def _display_of(environ: Mapping[str, str]) -> str:
    """The X server's name.

    Raises:
        NoClipboardError: If the session has none.
    """
    display = environ.get("DISPLAY")
    if not display:
        message = "there is no X server here (DISPLAY is not set)"
        raise NoClipboardError(message, hint="run it inside one, or set WEAVCLIP_SOURCE=auto")
    return display
