"""The clipboard by pyperclip: text only, looked at regularly; the last resort.

For systems without an adapter of their own yet. It cannot see pictures, files, the program
that copied, or the hints by which password managers mark what must not be kept.
"""

from __future__ import annotations

import hashlib
import importlib
import logging
import os
import threading
import time
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from weavclip.clipboard.formats import PLAIN, Limits
from weavclip.clipboard.patience import LateError, Patience
from weavclip.clipboard.session import has_data_control
from weavclip.domain.clip import Offer
from weavclip.domain.errors import ClipboardError, NoClipboardError

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterator, Mapping
    from uuid import UUID

    from weavclip.domain.ports import StopSignal

logger = logging.getLogger(__name__)

# xclip parts from pyperclip before it owns the selection; 1 to 20 ms were seen.
_TAKEN_WITHIN_S = 2.0


class PollingSource:
    """A new text every time pyperclip's differs from the one before."""

    name = "polling"

    def __init__(
        self,
        interval_s: float = 0.5,
        *,
        limits: Limits | None = None,
        read_timeout_s: float = 2.0,
        environ: Mapping[str, str] | None = None,
    ) -> None:
        """Keep how to look; nothing is read yet.

        Args:
            interval_s: Pause between looks, in seconds; copies in between are missed.
            limits: The largest text; a larger one is told, not kept.
            read_timeout_s: Longest wait for one look.
            environ: The environment; the process's own when None.
        """
        self._interval_s = interval_s
        self._limits = limits or Limits()
        self._environ = os.environ if environ is None else environ
        self._patience = Patience(read_timeout_s)

    def watch(self, stop: StopSignal) -> Iterator[Offer]:
        """Yield the present text, then every one that differs; ends within 1 s of ``stop``.

        Raises:
            NoClipboardError: If pyperclip has no way here, or hangs again and again.
        """
        logger.warning("polling sees texts only, and no hint of a password manager")
        paste = self._paste()
        before, on_start = b"", True
        while not stop.is_set():
            try:
                text = self._look(paste, stop)
            except LateError as error:
                if stop.is_set():
                    return
                yield Offer(types=(PLAIN,), at=_now(), problems=(f"{PLAIN} {error}",))
                text = ""
            digest = hashlib.sha256(text.encode(errors="replace")).digest()
            if text and digest != before:
                before = digest
                yield self._offer(text, on_start=on_start)
            on_start = False
            stop.wait(self._interval_s)

    def present(self) -> Offer | None:
        """The text on the clipboard now; None when there is none.

        Raises:
            NoClipboardError: If pyperclip has no way here.
            ClipboardError: If it does not answer in time.
        """
        try:
            text = self._look(self._paste(), threading.Event())
        except LateError as error:
            message = f"the clipboard {error}"
            raise ClipboardError(message, hint="copy again") from None
        return self._offer(text, on_start=True) if text else None

    def _paste(self) -> Callable[[], str]:
        _refuse_focus_takers(self._environ)
        return _ways()[1]

    def _look(self, paste: Callable[[], str], stop: StopSignal) -> str:
        """Read once, in a thread: a hung owner blocks pyperclip for ever (xclip waits so).

        Raises:
            NoClipboardError: If it cannot read here, or too many reads hang.
            LateError: If this one takes longer than the limit, or it is time to end.
        """

        def read() -> Generator[str]:
            yield paste()

        try:
            return next(self._patience.each(read, is_over=stop.is_set))
        except (RuntimeError, OSError, ValueError) as error:
            raise _no_way(error) from None

    def _offer(self, text: str, *, on_start: bool) -> Offer:
        content = text.encode(errors="replace")
        fits = len(content) <= self._limits.most(PLAIN)
        return Offer(
            types=(PLAIN,),
            representations={PLAIN: content} if fits else {},
            at=_now(),
            problems=() if fits else (self._limits.problem(PLAIN),),
            on_start=on_start,
        )


class PlainWriter:
    """Copies text back by pyperclip, where weavclip has no adapter of its own."""

    def put(self, representations: Mapping[str, bytes], *, clip_id: UUID) -> None:
        """Put the text on the clipboard; the system keeps it when this process has ended.

        Args:
            representations: Must hold ``text/plain``; nothing else can be offered.
            clip_id: Cannot be offered: the watcher counts the copy once more.

        Raises:
            ClipboardError: If there is no text, or the clipboard cannot be written.
        """
        text = representations.get(PLAIN)
        if text is None:
            offered = ", ".join(sorted(representations))
            message = f"clip {clip_id} is {offered}; only text can be copied back here"
            raise ClipboardError(message, hint=f"weavclip show {clip_id} writes it to a file")
        try:
            _put(text.decode(errors="replace"))
        except RuntimeError as error:
            raise _no_way(error) from None


def _refuse_focus_takers(environ: Mapping[str, str]) -> None:
    """Refuse to poll where wl-paste can only look by taking the focus from the window in use.

    Raises:
        NoClipboardError: In a Wayland session without data-control, such as GNOME's.
    """
    if environ.get("WAYLAND_DISPLAY") and not has_data_control(environ):
        message = "polling in this Wayland session would take the focus from your window"
        raise NoClipboardError(message, hint="set WEAVCLIP_SOURCE=auto")


def _no_way(error: Exception) -> NoClipboardError:
    """The error for a system where pyperclip finds nothing to read or write with."""
    message = f"pyperclip cannot reach a clipboard here ({type(error).__name__})"
    return NoClipboardError(message, hint="install xclip (X11) or wl-clipboard (Wayland)")


def _ways() -> tuple[Callable[[str], None], Callable[[], str]]:
    """Pyperclip's copy and paste for the session as it is now, not as it was at first use.

    Raises:
        NoClipboardError: If it is not installed.
    """
    try:
        library: Any = importlib.import_module("pyperclip")
    except ImportError:
        message = "pyperclip is not installed"
        raise NoClipboardError(message, hint="pip install pyperclip") from None
    copy, paste = library.determine_clipboard()
    return copy, paste


def _put(text: str) -> None:
    """Copy, and wait until it is there: a paste that comes at once must find it."""
    copy, paste = _ways()
    copy(text)
    pause, end = threading.Event(), time.monotonic() + _TAKEN_WITHIN_S
    # Windows, behind WSL, gives other line ends back.
    while paste().splitlines() != text.splitlines() and time.monotonic() < end:
        pause.wait(0.01)


def _now() -> datetime:
    return datetime.now(tz=UTC)
