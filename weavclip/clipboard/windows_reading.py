"""Reading what is on the clipboard of Windows."""

from __future__ import annotations

import hashlib
import time
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING

from weavclip.clipboard import listed, windows_formats
from weavclip.clipboard.formats import PLAIN
from weavclip.clipboard.patience import Patience
from weavclip.clipboard.rules import Contents
from weavclip.clipboard.windows_clipboard import Clipboard

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from weavclip.clipboard.rules import Rules
    from weavclip.clipboard.windows_calls import Windows
    from weavclip.domain.clip import Offer

# An owner that makes promised content, for us or for Windows' own history, changes the
# sequence number once more: equal content this soon is the same copy.
_REPEAT_S = 0.5
_CHARACTER_BYTES = 2
# By so much memory may be larger than what was put into it; heaps hand out blocks of 16.
_SLACK_BYTES = 64
# A program that copies and goes on computing answers later than one step may take.
_BUSY = 5
_PING_S = 0.25  # a stop ends the waiting within this; a source has 1 s in all
# Of the time that one step may take: so that it is told who kept it from ending.
_TO_OPEN = 0.5


class Reading:
    """Reads one copy after the other, each once."""

    def __init__(self, system: Windows, rules: Rules) -> None:
        self._clipboard = Clipboard(system)
        self._rules = rules
        self._patience = Patience(rules.read_timeout_s)
        self._seen, self._program = -1, ""
        self._last_digest, self._last_s = b"", 0.0

    def offer(self, is_over: Callable[[], bool], *, on_start: bool) -> Offer | None:
        """What is on the clipboard; None when it is empty, or was read already."""
        sequence = self._clipboard.sequence()
        if sequence == self._seen:
            return None
        self._seen = sequence
        at, self._program = datetime.now(tz=UTC), ""
        contents = self._contents(is_over)
        if not contents.types and not contents.problems:
            return None
        if self._is_repeat(contents):
            return None
        return contents.offer(at=at, source_app=self._program, on_start=on_start)

    def _contents(self, is_over: Callable[[], bool]) -> Contents:
        within_s = self._rules.read_timeout_s * _BUSY
        if not self._has_answering_owner(is_over, within_s):
            self._program = self._clipboard.program()
            return Contents(problems=(f"the list of types was not answered within {within_s} s",))
        steps = self._patience.each(partial(listed.read, self._copy, self._rules), is_over=is_over)
        return listed.gathered(steps)

    def _has_answering_owner(self, is_over: Callable[[], bool], within_s: float) -> bool:
        """Wait for a busy owner; one that hangs is asked for nothing."""
        end = time.monotonic() + within_s
        while not self._clipboard.is_answering(within_s=_PING_S):
            if is_over() or time.monotonic() >= end:
                return False
        return True

    @contextmanager
    def _copy(self) -> Iterator[listed.Copy]:
        with self._clipboard.opened(None, within_s=self._rules.read_timeout_s * _TO_OPEN):
            # Both while it is open, so that no newer copy or its owner is taken for this one. The
            # number not after a late step: what its owner has made by then is read when Windows
            # tells of it.
            self._program = self._clipboard.program()
            yield _Copy(self._clipboard)
            self._seen = self._clipboard.sequence()

    def _is_repeat(self, contents: Contents) -> bool:
        digest = _digest(contents) if contents.representations else b""
        now = time.monotonic()
        is_repeat = bool(digest) and digest == self._last_digest
        is_soon = now - self._last_s < _REPEAT_S
        self._last_digest, self._last_s = digest, now
        return is_repeat and is_soon


class _Copy:
    """What is on the opened clipboard."""

    def __init__(self, clipboard: Clipboard) -> None:
        self._clipboard = clipboard
        self._numbers = clipboard.formats()
        self.types = tuple(each for each in self._numbers if self._counts(each))
        self._names = windows_formats.readable(self._numbers)
        self.mime_types = self._names.keys()

    def content(self, mime_type: str, *, most_bytes: int) -> bytes:
        name = self._names[mime_type]
        # UTF-16 and its NUL; of UTF-8 it takes as many bytes or more than characters.
        most = _CHARACTER_BYTES * (most_bytes + 1) if mime_type == PLAIN else most_bytes
        raw = self._clipboard.raw(self._numbers[name], most_bytes=most + _SLACK_BYTES)
        try:
            content = windows_formats.content_of(name, raw)
        except ValueError as error:
            raise listed.UnreadError(str(error)) from None
        if len(content) > most_bytes:
            raise listed.OverLimitError
        return content

    def _counts(self, name: str) -> bool:
        """Whether a format's presence says something; one does by a value of 0 only."""
        if name != windows_formats.HISTORY:
            return True
        try:
            value = self._clipboard.raw(self._numbers[name], most_bytes=_SLACK_BYTES)
        except listed.UnreadError:
            return True
        return int.from_bytes(value[:4], "little") == 0


def _digest(contents: Contents) -> bytes:
    digest = hashlib.sha256(repr(contents.types).encode())
    for name, content in contents.representations.items():
        digest.update(f"\0{name}\0{len(content)}\0".encode())
        digest.update(content)
    return digest.digest()
