"""The clipboard of macOS, whose change count is looked at.

macOS tells nobody of copies: every program that watches them looks. Written from Apple's
documentation and tested over a fake of the calls; not run on a real Mac yet
(docs/platforms.md).
"""

from __future__ import annotations

import dataclasses
import select
from functools import partial
from typing import TYPE_CHECKING

from weavclip.clipboard import macos_cocoa, macos_formats
from weavclip.clipboard.formats import Limits
from weavclip.clipboard.macos_reading import Reading
from weavclip.clipboard.rules import Rules
from weavclip.clipboard.waking import followed
from weavclip.domain.errors import ClipboardError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from uuid import UUID

    from weavclip.clipboard.macos_cocoa import Cocoa, Item
    from weavclip.clipboard.waking import Waker
    from weavclip.domain.clip import Offer
    from weavclip.domain.ports import StopSignal

# Two copies by hand are 0.3 s apart at least (choose, press, choose, press), so 0.2 s loses
# none; a look is one message to the pasteboard server, without content. Not measured on a Mac.
LOOK_EVERY_S = 0.2


class MacSource:
    """Every copy that stays for 0.2 s.

    Not guaranteed: a copy that another one replaces sooner, as only programs do, is not seen.
    """

    name = "macos"

    def __init__(
        self,
        *,
        limits: Limits | None = None,
        read_timeout_s: float = 2.0,
        unread_types: frozenset[str] = frozenset(),
        interval_s: float = LOOK_EVERY_S,
        cocoa: Cocoa | None = None,
    ) -> None:
        """Keep what to obey; nothing is looked at yet.

        Args:
            limits: The largest representations; larger ones are told, not read.
            read_timeout_s: Longest wait for each step of an owner's; 10 s for what has to come
                from another device.
            unread_types: Types whose presence forbids reading any content.
            interval_s: Pause between looks.
            cocoa: The calls; this Mac's own when None.
        """
        self._cocoa = cocoa
        self._interval_s = interval_s
        self._rules = Rules(
            limits=limits or Limits(), read_timeout_s=read_timeout_s, unread_types=unread_types
        )

    def watch(self, stop: StopSignal) -> Iterator[Offer]:
        """Yield what is on the clipboard, then every copy; ends within 1 s of ``stop``.

        Raises:
            NoClipboardError: If this is no Mac, or pyobjc is missing; while iterating, if macOS
                does not let this program read.
        """
        reading = Reading(self._cocoa or macos_cocoa.load(), self._rules)
        return followed(partial(self._run, reading), stop, name=self.name)

    def present(self) -> Offer | None:
        """What is on the clipboard now, our own too; None when nothing is.

        Raises:
            NoClipboardError: If this is no Mac, or macOS does not let this program read.
        """
        rules = dataclasses.replace(self._rules, reads_own=True)
        reading = Reading(self._cocoa or macos_cocoa.load(), rules)
        return reading.offer(lambda: False, on_start=True)

    def _run(self, reading: Reading, emit: Callable[[Offer], None], waker: Waker) -> None:
        on_start = True
        while not waker.is_woken():
            offer = reading.offer(waker.is_woken, on_start=on_start)
            if offer:
                emit(offer)
            on_start = False
            select.select([waker], [], [], self._interval_s)


class MacWriter:
    """Hands the content to the pasteboard server, which keeps it when this process has ended."""

    def __init__(self, *, cocoa: Cocoa | None = None) -> None:
        """Keep the calls; this Mac's own when None."""
        self._cocoa = cocoa

    def put(self, representations: Mapping[str, bytes], *, clip_id: UUID) -> None:
        """Own the clipboard until somebody else does, also after this process has ended.

        Args:
            representations: Bytes by MIME type, all of which are offered.
            clip_id: Offered as ``weavclip.clip-id``, in place of the MIME type of other systems.

        Raises:
            ClipboardError: If it could not be taken.
        """
        cocoa = self._cocoa or macos_cocoa.load()
        with cocoa.pool():
            mark = str(clip_id).encode()
            items = [_item(cocoa, each) for each in macos_formats.items_of(representations, mark)]
            board = cocoa.pasteboard()
            board.clearContents()
            if not board.writeObjects_(items):
                message = "macOS did not take the copy"
                raise ClipboardError(message, hint="another program copied; copy again")


def _item(cocoa: Cocoa, content: Mapping[str, bytes]) -> Item:
    item = cocoa.item()
    for name, raw in content.items():
        if not item.setData_forType_(raw, name):
            message = f"macOS did not take {name}"
            raise ClipboardError(message, hint="weavclip show writes the clip to a file")
    return item
