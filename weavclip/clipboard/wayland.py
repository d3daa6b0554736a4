"""The clipboard of a Wayland compositor with data-control, watched by event."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

from weavclip.clipboard.formats import Limits
from weavclip.clipboard.rules import Rules
from weavclip.clipboard.waking import followed
from weavclip.clipboard.wayland_display import Display
from weavclip.clipboard.wayland_watch import Watch

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from weavclip.clipboard.waking import Waker
    from weavclip.domain.clip import Offer
    from weavclip.domain.ports import StopSignal


class WaylandSource:
    """Every copy on a compositor, as soon as it is made; nothing runs between copies.

    Needs no window and no focus. Reading happens in a thread of its own, so a consumer that
    takes its time misses nothing. Not guaranteed: a copy that is replaced before its owner
    was asked (under 1 ms) is told as a problem, without content; a text of over 64 KB whose
    program is killed while it is read may be kept as far as it came; a compositor that stops
    answering altogether is waited for; which program copied is known on sway and Hyprland.
    """

    name = "wayland"

    def __init__(
        self,
        path: str,
        *,
        primary: bool = False,
        limits: Limits | None = None,
        read_timeout_s: float = 2.0,
        unread_types: frozenset[str] = frozenset(),
    ) -> None:
        """Keep what to watch; nothing is connected yet.

        Args:
            path: Of the compositor's socket.
            primary: Take what is only selected, too.
            limits: The largest representations; larger ones are told, not read.
            read_timeout_s: Longest wait for each step of an owner's.
            unread_types: Types whose presence forbids reading any content.
        """
        self._path = path
        self._primary = primary
        self._rules = Rules(
            limits=limits or Limits(), read_timeout_s=read_timeout_s, unread_types=unread_types
        )

    def watch(self, stop: StopSignal) -> Iterator[Offer]:
        """Yield what is on the clipboard, then every copy; ends within 1 s of ``stop``.

        Every copy that is made after the call has returned is seen.

        Raises:
            NoClipboardError: If there is no compositor with data-control; while iterating, if
                it went away.
        """
        display = Display(self._path)
        try:
            watch = Watch(display, self._rules, primary=self._primary)
        except BaseException:
            display.close()
            raise

        def run(emit: Callable[[Offer], None], waker: Waker) -> None:
            with display:
                watch.run(emit, waker)

        return followed(run, stop, name=self.name)

    def present(self) -> Offer | None:
        """What is on the clipboard now, our own too; None when nothing is.

        Raises:
            NoClipboardError: If there is no compositor with data-control, or it went away.
        """
        rules = dataclasses.replace(self._rules, reads_own=True)
        with Display(self._path) as display:
            found = Watch(display, rules, primary=False).present()
        return found[0] if found else None
