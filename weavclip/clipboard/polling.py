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
from datetime import UTC, datetime
from queue import Empty, SimpleQueue
from typing import TYPE_CHECKING, Any

from weavclip.clipboard.formats import PLAIN, Limits
from weavclip.clipboard.session import has_data_control
from weavclip.domain.clip import Offer
from weavclip.domain.errors import ClipboardError, NoClipboardError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from uuid import UUID

    from weavclip.domain.ports import StopSignal

logger = logging.getLogger(__name__)

_MOST_HUNG = 8


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
        self._read_timeout_s = read_timeout_s
        self._environ = os.environ if environ is None else environ
        self._hung: list[threading.Thread] = []

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
            except TimeoutError as error:
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
        except TimeoutError as error:
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
            TimeoutError: If this one takes longer than the limit.
        """
        self._hung = [each for each in self._hung if each.is_alive()]
        if len(self._hung) >= _MOST_HUNG:
            message = f"{_MOST_HUNG} reads of the clipboard hang"
            raise NoClipboardError(message, hint="end the program that copied last")
        found: SimpleQueue[str | Exception] = SimpleQueue()
        reader = threading.Thread(target=_read, args=(paste, found), daemon=True)
        reader.start()
        answer = _taken(found, self._read_timeout_s, stop)
        if answer is None:
            self._hung.append(reader)
            message = f"was not answered within {self._read_timeout_s} s"
            raise TimeoutError(message)
        if isinstance(answer, Exception):
            raise _no_way(answer) from None
        return answer

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
            _ways()[0](text.decode(errors="replace"))
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


def _read(paste: Callable[[], str], found: SimpleQueue[str | Exception]) -> None:
    try:
        found.put(paste())
    except Exception as error:  # noqa: BLE001 - thread boundary: raised by the caller
        found.put(error)


def _taken(
    found: SimpleQueue[str | Exception], within_s: float, stop: StopSignal
) -> str | Exception | None:
    """What a reader found; None when it is late, an empty text when it is time to end."""
    left_s = within_s
    while left_s > 0:
        try:
            return found.get(timeout=min(0.25, left_s))
        except Empty:
            left_s -= 0.25
        if stop.is_set():
            return ""
    return None


def _now() -> datetime:
    return datetime.now(tz=UTC)
