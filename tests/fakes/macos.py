"""A Mac of one pasteboard, as Apple documents NSPasteboard and NSPasteboardItem."""
# ruff: noqa: N802 - Apple's own names

from __future__ import annotations

import re
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from weavclip.clipboard.macos_cocoa import Item

_IDENTIFIER = re.compile(r"[A-Za-z0-9.-]+")
# What the system adds to an item of a type, under names from before there were identifiers.
_OLDER = {
    "public.utf8-plain-text": "NSStringPboardType",
    "public.html": "Apple HTML pasteboard type",
    "public.png": "Apple PNG pasteboard type",
    "public.tiff": "NeXT TIFF v4.0 pasteboard type",
}

Promise: TypeAlias = "bytes | Callable[[], bytes | None] | None"


class FakeItem:
    """NSPasteboardItem."""

    def __init__(self, mac: FakeMac, content: Mapping[str, Promise] | None = None) -> None:
        self._mac = mac
        self.content = dict(content or {})
        self.since: int | None = None

    def types(self) -> Sequence[str]:
        return list(self.content)

    def dataForType_(self, name: str, /) -> bytes | None:
        self._mac.require_pool()
        self._mac.reads.append(name)
        if self.since != self._mac.count:
            return None  # of a pasteboard that has changed since
        value = self.content.get(name)
        return value() if callable(value) else value

    def setData_forType_(self, content: bytes, name: str, /) -> bool:
        self._mac.require_pool()
        assert isinstance(content, bytes)
        if not _IDENTIFIER.fullmatch(name):
            return False
        self.content[name] = content
        return True


class FakePasteboard:
    """NSPasteboard.generalPasteboard."""

    def __init__(self, mac: FakeMac) -> None:
        self._mac = mac

    def changeCount(self) -> int:
        self._mac.require_pool()
        return self._mac.count

    def types(self) -> Sequence[str] | None:
        found = [name for each in self._mac.items for name in each.types()]
        older = [_OLDER[name] for name in found if name in _OLDER]
        return list(dict.fromkeys([*found, *older, *self._mac.names])) or None

    def pasteboardItems(self) -> Sequence[FakeItem] | None:
        return list(self._mac.items) or None

    def dataForType_(self, name: str, /) -> bytes | None:
        if name in self._mac.names:
            self._mac.reads.append(name)
            return self._mac.names[name]
        newer = {older: each for each, older in _OLDER.items()}.get(name, name)
        offering = [each for each in self._mac.items if newer in each.content]
        return offering[0].dataForType_(newer) if offering else None

    def clearContents(self) -> int:
        self._mac.require_pool()
        self._mac.items = []
        self._mac.names = {}
        self._mac.count += 1
        return self._mac.count

    def writeObjects_(self, items: Sequence[Item], /) -> bool:
        if not self._mac.takes_copies:
            return False
        written = [each for each in items if isinstance(each, FakeItem)]
        for each in written:
            each.since = self._mac.count
        self._mac.items = written
        return True

    def respondsToSelector_(self, name: str, /) -> bool:
        return name == "accessBehavior" and self._mac.access is not None

    def accessBehavior(self) -> int:
        assert self._mac.access is not None
        return self._mac.access


class FakeMac:
    """What this process and others do on it."""

    def __init__(self) -> None:
        self.count = 41
        self.items: list[FakeItem] = []
        self.names: dict[str, bytes] = {}
        self.access: int | None = None
        self.front = "Safari"
        self.running = {"com.apple.Notes": "Notes"}
        self.reads: list[str] = []
        self.takes_copies = True
        self.may_press = True
        self.pressed: list[tuple[int, int]] = []
        self._pools = threading.local()

    def copy(
        self, *items: Mapping[str, Promise], names: Mapping[str, bytes] | None = None
    ) -> None:
        """Another program copies; a callable makes its content only when it is asked for.

        Args:
            items: Content by type, of each item.
            names: Content under names that belong to no item.
        """
        self.count += 1
        self.items = [FakeItem(self, each) for each in items]
        self.names = dict(names or {})
        for each in self.items:
            each.since = self.count

    def pasted(self, name: str) -> list[bytes]:
        """What another program is given for a type, an item at a time."""
        found = [each.content.get(name) for each in self.items]
        return [each for each in found if isinstance(each, bytes)]

    def require_pool(self) -> None:
        assert getattr(self._pools, "depth", 0), "objects were made outside an autorelease pool"

    def pasteboard(self) -> FakePasteboard:
        return FakePasteboard(self)

    def item(self) -> FakeItem:
        return FakeItem(self)

    @contextmanager
    def pool(self) -> Iterator[None]:
        self._pools.depth = getattr(self._pools, "depth", 0) + 1
        try:
            yield
        finally:
            self._pools.depth -= 1

    def front_program(self) -> str:
        return self.front

    def program_named(self, bundle_id: str, /) -> str:
        return self.running.get(bundle_id, "")

    def path_url(self, url: str, /) -> str:
        return url.replace("file:///.file/id=6571367.8623", "file:///Users/a/b%20c.png")

    def may_type(self) -> bool:
        return self.may_press

    def press(self, key: int, flags: int, /) -> None:
        self.pressed.append((key, flags))
