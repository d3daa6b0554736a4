"""The clipboard of Windows, told of by messages.

Written from Microsoft's documentation, tested over a fake of the calls and on Wine's; not run
on a real Windows yet (docs/platforms.md).
"""

from __future__ import annotations

import contextlib
import ctypes
import dataclasses
import select
import threading
from contextlib import contextmanager
from ctypes import wintypes
from functools import partial
from typing import TYPE_CHECKING

from weavclip.clipboard import listed, windows_calls, windows_formats
from weavclip.clipboard.formats import MARKER, Limits
from weavclip.clipboard.rules import Rules
from weavclip.clipboard.waking import begun
from weavclip.clipboard.windows_bitmap import dib_from
from weavclip.clipboard.windows_clipboard import Clipboard, window_of
from weavclip.clipboard.windows_reading import Reading
from weavclip.domain.errors import ClipboardError, NoClipboardError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from uuid import UUID

    from weavclip.clipboard.waking import Waker
    from weavclip.clipboard.windows_calls import Handle, Windows
    from weavclip.domain.clip import Offer
    from weavclip.domain.ports import StopSignal

_START_S = 5.0
_WAKE = windows_calls.WM_APP
_DECODED = ("image/png", "image/jpeg", "image/gif", "image/tiff")  # by GDI+


class WindowsSource:
    """Every copy in this session, as soon as Windows tells of it; nothing runs between copies.

    Not guaranteed: a copy that is replaced before it could be opened (Windows posts its message
    when the owner has closed the clipboard) is told as the newer one.
    """

    name = "windows"

    def __init__(
        self,
        *,
        limits: Limits | None = None,
        read_timeout_s: float = 2.0,
        unread_types: frozenset[str] = frozenset(),
        system: Windows | None = None,
    ) -> None:
        """Keep what to obey; nothing is opened yet.

        Args:
            limits: The largest representations; larger ones are told, not read.
            read_timeout_s: Longest wait for each step of an owner's.
            unread_types: Formats whose presence forbids reading any content;
                ``CanIncludeInClipboardHistory`` only where its value is 0, as documented.
            system: The calls; this process's own when None.
        """
        self._system = system
        self._rules = Rules(
            limits=limits or Limits(), read_timeout_s=read_timeout_s, unread_types=unread_types
        )

    def watch(self, stop: StopSignal) -> Iterator[Offer]:
        """Yield what is on the clipboard, then every copy; ends within 1 s of ``stop``.

        Every copy that is made after the call has returned is seen.

        Raises:
            NoClipboardError: If this is no Windows; while iterating, if there is no desktop.
        """
        system = self._system or windows_calls.load()
        listening = threading.Event()
        offers = begun(partial(self._run, system, listening), stop, name=self.name)
        listening.wait(_START_S)
        return offers

    def present(self) -> Offer | None:
        """What is on the clipboard now, our own too; None when nothing is.

        Raises:
            NoClipboardError: If this is no Windows.
        """
        rules = dataclasses.replace(self._rules, reads_own=True)
        reading = Reading(self._system or windows_calls.load(), rules)
        return reading.offer(lambda: False, on_start=True)

    def _run(
        self,
        system: Windows,
        listening: threading.Event,
        emit: Callable[[Offer], None],
        waker: Waker,
    ) -> None:
        try:
            with _listening(system) as window:
                listening.set()
                _wake_with(waker, system, window)
                reading = Reading(system, self._rules)
                is_changed, on_start = True, True
                while is_changed:
                    offer = reading.offer(waker.is_woken, on_start=on_start)
                    if offer:
                        emit(offer)
                    is_changed, on_start = _next_change(system), False
        except ClipboardError as error:
            raise NoClipboardError(str(error), hint=error.hint) from error
        finally:
            listening.set()


class WindowsWriter:
    """Hands the content to Windows, which keeps it when this process has ended."""

    def __init__(self, *, timeout_s: float = 2.0, system: Windows | None = None) -> None:
        """Keep how long to wait for other programs, and the calls (this process's own)."""
        self._timeout_s = timeout_s
        self._system = system

    def put(self, representations: Mapping[str, bytes], *, clip_id: UUID) -> None:
        """Own the clipboard until somebody else does, also after this process has ended.

        Args:
            representations: Bytes by MIME type; a picture is offered as a bitmap, too.
            clip_id: Offered as ``application/x-weavclip-id``.

        Raises:
            ClipboardError: If it could not be taken.
        """
        system = self._system or windows_calls.load()
        content = windows_formats.written(representations, f"{clip_id}\0".encode())
        if content.keys() == {MARKER}:
            kept = ", ".join(sorted(representations))
            message = f"clip {clip_id} is {kept}; Windows has no format for it"
            raise ClipboardError(message, hint=f"weavclip show {clip_id} writes it to a file")
        clipboard = Clipboard(system)
        try:
            with (
                window_of(system) as window,
                clipboard.opened(window, within_s=self._timeout_s),
            ):
                clipboard.replace({**content, **_bitmap(representations, system)})
        except listed.UnreadError as error:
            message = f"the clipboard {error}"
            raise ClipboardError(message, hint="close what holds it, and copy again") from None


def _bitmap(representations: Mapping[str, bytes], system: Windows) -> dict[str, bytes]:
    """A picture for programs that know bitmaps alone; none where there is one already."""
    encoded = next((representations[each] for each in _DECODED if each in representations), b"")
    if not encoded or "image/bmp" in representations:
        return {}
    dib = dib_from(encoded, system)
    return {"CF_DIB": dib} if dib else {}


@contextmanager
def _listening(system: Windows) -> Iterator[Handle]:
    """A window of this thread's that is told of every change."""
    with window_of(system) as window:
        if not system.user32.AddClipboardFormatListener(window):
            message = f"Windows tells of no copies (error {system.last_error()})"
            raise ClipboardError(message, hint="run it inside a desktop session")
        try:
            yield window
        finally:
            system.user32.RemoveClipboardFormatListener(window)


def _next_change(system: Windows) -> bool:
    """Wait for the next change; False when it is time to end.

    Raises:
        NoClipboardError: If there are no more messages, as when the session ends.
    """
    message, user32 = wintypes.MSG(), system.user32
    while True:
        answer = user32.GetMessageW(ctypes.byref(message), None, 0, 0)
        if answer < 0:
            lost = f"Windows' messages cannot be read (error {system.last_error()})"
            raise NoClipboardError(lost, hint="start weavclip again from a running session")
        if not answer or message.message == _WAKE:
            return False
        if message.message == windows_calls.WM_CLIPBOARDUPDATE:
            return True
        user32.DispatchMessageW(ctypes.byref(message))


def _wake_with(waker: Waker, system: Windows, window: Handle) -> None:
    """Post a message when the waker is woken: the loop waits for messages alone."""

    def wait() -> None:
        # The waker's socket may be closed by then, which says the same.
        with contextlib.suppress(OSError, ValueError):
            select.select([waker], [], [])
        system.user32.PostMessageW(window, _WAKE, 0, 0)

    threading.Thread(target=wait, name="weavclip-wake", daemon=True).start()
