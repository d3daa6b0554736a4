"""The clipboard of an X server, watched by event (XFixes)."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

from weavclip.clipboard.formats import Limits
from weavclip.clipboard.rules import Rules
from weavclip.clipboard.waking import followed
from weavclip.clipboard.x11_display import Display
from weavclip.clipboard.x11_watch import Watch

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from weavclip.clipboard.waking import Waker
    from weavclip.domain.clip import Offer
    from weavclip.domain.ports import StopSignal


class X11Source:
    """Every copy on an X server, as soon as it is made; nothing runs between copies.

    Reading happens in a thread of its own, so a consumer that takes its time misses nothing.
    Not guaranteed: a copy that is replaced before its owner has answered (1 to 6 ms) is told
    as a problem, without content; a server that stops answering altogether is waited for.
    """

    name = "x11"

    def __init__(
        self,
        display: str | None,
        *,
        selections: Sequence[str] = ("CLIPBOARD",),
        limits: Limits | None = None,
        read_timeout_s: float = 2.0,
        unread_types: frozenset[str] = frozenset(),
    ) -> None:
        """Keep what to watch; nothing is connected yet.

        Args:
            display: Such as ``:0``; the environment's DISPLAY when None.
            selections: ``PRIMARY`` too, to take what is only selected.
            limits: The largest representations; larger ones are told, not read.
            read_timeout_s: Longest wait for each step of an owner's.
            unread_types: Types whose presence forbids reading any content.
        """
        self._display = display
        self._selections = tuple(selections)
        self._rules = Rules(
            limits=limits or Limits(), read_timeout_s=read_timeout_s, unread_types=unread_types
        )

    def watch(self, stop: StopSignal) -> Iterator[Offer]:
        """Yield what is on the clipboard, then every copy; ends within 1 s of ``stop``.

        Every copy that is made after the call has returned is seen.

        Raises:
            NoClipboardError: If there is no X server; while iterating, if it went away.
        """
        display = Display(self._display)
        watch = Watch(display, self._selections, self._rules)

        def run(emit: Callable[[Offer], None], waker: Waker) -> None:
            with display:
                watch.run(emit, waker)

        return followed(run, stop, name=self.name)

    def present(self) -> Offer | None:
        """What is on the clipboard now, our own too; None when nothing is.

        Raises:
            NoClipboardError: If there is no X server, or it went away.
        """
        rules = dataclasses.replace(self._rules, reads_own=True)
        with Display(self._display) as display:
            found = Watch(display, self._selections[:1], rules).present()
        return found[0] if found else None
