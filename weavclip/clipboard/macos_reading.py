"""Reading what is on macOS' general pasteboard."""

from __future__ import annotations

from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING

from weavclip.clipboard import listed
from weavclip.clipboard import macos_formats as formats
from weavclip.clipboard.formats import PLAIN, URIS, normalised
from weavclip.clipboard.patience import LateError, Patience
from weavclip.domain.errors import NoClipboardError

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterator

    from weavclip.clipboard.macos_cocoa import Cocoa, Content, Item, Pasteboard
    from weavclip.clipboard.rules import Rules
    from weavclip.domain.clip import Offer

# NSPasteboard.AccessBehavior, macOS 15.4: 0 is not asked yet and 2 always allowed.
_ASK, _DENY = 1, 3
# Content that is on another device comes over the air when it is asked for.
_REMOTE_S = 10.0
_REMOTE_PROGRAM = "Universal Clipboard"
_MOST_NAME_BYTES = 1024


class Reading:
    """Reads one copy after the other, each once."""

    def __init__(self, cocoa: Cocoa, rules: Rules) -> None:
        """Keep the calls, and what every read obeys."""
        self._cocoa = cocoa
        self._rules = rules
        self._patience = Patience(rules.read_timeout_s)
        self._seen = -1

    def offer(self, is_over: Callable[[], bool], *, on_start: bool) -> Offer | None:
        """What is on the pasteboard; None when it is empty or was read already.

        Raises:
            NoClipboardError: If macOS lets this program read nothing, or only after asking.
        """
        with self._cocoa.pool():
            board = self._cocoa.pasteboard()
            count = board.changeCount()
            if count == self._seen:
                return None
            _require_access(board)
            self._seen, at = count, datetime.now(tz=UTC)
            types = frozenset(board.types() or ())
            program = self._program(types, is_over)
        is_remote = formats.REMOTE in types
        steps = self._patience.each(
            partial(listed.read, partial(self._copy, count), self._rules),
            is_over=is_over,
            timeout_s=max(_REMOTE_S, self._rules.read_timeout_s) if is_remote else None,
        )
        contents = listed.gathered(steps)
        if not contents.types and not contents.problems:
            return None
        return contents.offer(at=at, source_app=program, on_start=on_start)

    @contextmanager
    def _copy(self, count: int) -> Iterator[listed.Copy]:
        with self._cocoa.pool():
            yield _Copy(self._cocoa, count)

    def _program(self, types: frozenset[str], is_over: Callable[[], bool]) -> str:
        """Who copied: as the copy says, else whose window is in front.

        macOS itself does not tell; a copy made in the background counts for the front.
        """
        if formats.REMOTE in types:
            return _REMOTE_PROGRAM
        if formats.SOURCE in types and self._rules.unread_types.isdisjoint(types):
            with suppress(LateError):
                told = next(self._patience.each(self._told, is_over=is_over), "")
                if told:
                    return told
        return self._cocoa.front_program()

    def _told(self) -> Generator[str]:
        with self._cocoa.pool():
            told = self._cocoa.pasteboard().dataForType_(formats.SOURCE)
            if told is not None and len(told) <= _MOST_NAME_BYTES:
                bundle_id = bytes(told).decode(errors="replace").strip("\0 ")
                yield self._cocoa.program_named(bundle_id) or bundle_id


class _Copy:
    """One copy, in its items."""

    def __init__(self, cocoa: Cocoa, count: int) -> None:
        self._cocoa = cocoa
        self._count = count
        self._board = cocoa.pasteboard()
        self._items = tuple(self._board.pasteboardItems() or ())
        every = [
            *(self._board.types() or ()),
            *(name for each in self._items for name in _of(each)),
        ]
        self._refuse_newer()
        self.types = tuple(dict.fromkeys(str(each) for each in every))
        self._names = formats.readable(frozenset(self.types))
        self.mime_types = self._names.keys()

    def content(self, mime_type: str, *, most_bytes: int) -> bytes:
        """The content as it is kept; of texts and files that of every item."""
        name = self._names[mime_type]
        found = self._all(name) if mime_type in (PLAIN, URIS) else [self._first(name)]
        if sum(len(each) for each in found) > most_bytes:
            raise listed.OverLimitError
        raws = [bytes(each) for each in found]
        self._refuse_newer()
        content = self._joined(name, mime_type, raws)
        if len(content) > most_bytes:
            raise listed.OverLimitError
        return content

    def _all(self, name: str) -> list[Content]:
        offered = [each for each in self._items if name in _of(each)]
        if not offered:
            return [self._first(name)]
        return [_given(each.dataForType_(name)) for each in offered]

    def _first(self, name: str) -> Content:
        return _given(self._board.dataForType_(name))

    def _joined(self, name: str, mime_type: str, raws: list[bytes]) -> bytes:
        if mime_type == URIS:
            return "".join(f"{uri}\r\n" for uri in self._uris(name, raws)).encode()
        parts = [normalised(mime_type, each) for each in raws]
        return b"\n".join(parts) if mime_type == PLAIN else parts[0]

    def _uris(self, name: str, raws: list[bytes]) -> list[str]:
        if name != formats.FILE_NAMES:
            return [self._cocoa.path_url(raw.decode(errors="replace")) for raw in raws]
        try:
            return formats.uris_of_names(raws[0])
        except ValueError as error:
            raise listed.UnreadError(str(error)) from None

    def _refuse_newer(self) -> None:
        """What was read may be a newer copy's, which may have said that it must not be read.

        Raises:
            UnreadError: If there is a newer copy.
        """
        if self._board.changeCount() != self._count:
            message = "was superseded by a newer copy"
            raise listed.UnreadError(message)


def _of(item: Item) -> tuple[str, ...]:
    return tuple(item.types() or ())


def _given(content: Content | None) -> Content:
    """What was given.

    Raises:
        UnreadError: If it is nil: not promised any more, or not allowed.
    """
    if content is None:
        message = "was refused by its owner"
        raise listed.UnreadError(message)
    return content


def _require_access(board: Pasteboard) -> None:
    """Read nothing where macOS would ask the person at every copy, or gives nothing.

    Raises:
        NoClipboardError: Saying where it is allowed.
    """
    if not board.respondsToSelector_("accessBehavior"):
        return
    behavior = board.accessBehavior()
    if behavior in (_ASK, _DENY):
        does = "asks before each look at the clipboard" if behavior == _ASK else "forbids it"
        message = f"macOS lets this program read no copies: it {does}"
        where = "System Settings > Privacy & Security > Paste from Other Apps"
        raise NoClipboardError(message, hint=f"allow what runs weavclip in {where}")
