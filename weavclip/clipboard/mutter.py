"""GNOME's clipboard, watched and written through Mutter's interface on the session bus."""

from __future__ import annotations

import dataclasses
import os
from typing import TYPE_CHECKING

from weavclip.clipboard.formats import Limits
from weavclip.clipboard.mutter_bus import Bus
from weavclip.clipboard.mutter_watch import Watch
from weavclip.clipboard.rules import Rules
from weavclip.clipboard.waking import followed

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from weavclip.clipboard.waking import Waker
    from weavclip.domain.clip import Offer
    from weavclip.domain.ports import StopSignal


class MutterSource:
    """Every copy in a GNOME Wayland session, as soon as it is made; nothing takes the focus.

    While the screen is locked GNOME gives no access, and no copy is seen; what is on the
    clipboard afterwards is told as what was there on start. Not guaranteed: the name of the
    program, which Mutter does not tell.
    """

    name = "mutter"

    def __init__(
        self,
        environ: Mapping[str, str] | None = None,
        *,
        limits: Limits | None = None,
        read_timeout_s: float = 2.0,
        unread_types: frozenset[str] = frozenset(),
    ) -> None:
        """Keep what to watch; nothing is connected yet.

        Args:
            environ: Tells of the session bus; the process's own when None.
            limits: The largest representations; larger ones are told, not read.
            read_timeout_s: Longest wait for each step of an owner's.
            unread_types: Types whose presence forbids reading any content.
        """
        self._environ = os.environ if environ is None else environ
        self._rules = Rules(
            limits=limits or Limits(), read_timeout_s=read_timeout_s, unread_types=unread_types
        )

    def watch(self, stop: StopSignal) -> Iterator[Offer]:
        """Yield what is on the clipboard, then every copy; ends within 1 s of ``stop``.

        Every copy that is made after the call has returned is seen.

        Raises:
            NoClipboardError: If there is no Mutter; while iterating, if it went away.
        """
        bus = Bus(self._environ)
        watch = _opened(bus, self._rules)

        def run(emit: Callable[[Offer], None], waker: Waker) -> None:
            with bus:
                watch.run(emit, waker)

        return followed(run, stop, name=self.name)

    def present(self) -> Offer | None:
        """What is on the clipboard now, our own too; None when nothing is.

        Raises:
            NoClipboardError: If there is no Mutter, or it went away.
        """
        bus = Bus(self._environ)
        with bus:
            found = _opened(bus, dataclasses.replace(self._rules, reads_own=True)).present()
        return found[0] if found else None


def _opened(bus: Bus, rules: Rules) -> Watch:
    """A watch, or no connection left behind."""
    try:
        return Watch(bus, rules)
    except Exception:
        bus.close()
        raise
