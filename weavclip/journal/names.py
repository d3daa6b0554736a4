"""Ids as people type them: whole, by their beginning, or by their end."""

from __future__ import annotations

from itertools import takewhile
from typing import TYPE_CHECKING
from uuid import UUID

from weavclip.domain.errors import AmbiguousIdError, UnknownClipError
from weavclip.journal.base import JournalBase
from weavclip.journal.rows import SHOWN

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Sequence

SHORTEST = 4
_HEX_DIGITS = 32
_HEX = frozenset("0123456789abcdef")


class NameTable(JournalBase):
    """Finds clips by parts of their ids."""

    def resolve(self, prefix: str) -> UUID:
        """The id of the one clip that ``prefix`` names.

        Ends are tried first, since they are what :meth:`short_ids` shows.

        Args:
            prefix: A whole id, the beginning of one, or its end of at least 4 hex digits;
                hyphens and letter case ignored.

        Raises:
            UnknownClipError: If none fits.
            AmbiguousIdError: If several do.
        """
        digits = prefix.replace("-", "").strip().lower()
        if not digits or len(digits) > _HEX_DIGITS or not _HEX.issuperset(digits):
            # Not repeated: what was typed may be a clip's content.
            message = "this is no id and no part of one"
            raise UnknownClipError(message, hint="'weavclip list' shows the ids")
        with self._db.reading() as connection:
            found = _ending(connection, digits) or _beginning(connection, digits)
        if not found:
            message = f"no clip has an id with {digits}"
            raise UnknownClipError(message, hint="'weavclip list' shows the ids")
        if len(found) > 1:
            message = f"several clips have an id with {digits}"
            raise AmbiguousIdError(message, hint="give more digits of it")
        return UUID(bytes=found[0])

    def short_ids(self, clip_ids: Sequence[UUID]) -> dict[UUID, str]:
        """For each id its shortest end, of at least 4 hex digits, that no other clip's id has."""
        with self._db.reading() as connection:
            return {each: _short(connection, each) for each in clip_ids}


def _ending(connection: sqlite3.Connection, digits: str) -> list[bytes]:
    if len(digits) < SHORTEST:
        return []
    start = digits[::-1]
    # No hex digit sorts after 'g', so this is every tail that begins so.
    return _clips(connection, "names.tail >= ? AND names.tail < ?", (start, start + "g"))


def _beginning(connection: sqlite3.Connection, digits: str) -> list[bytes]:
    first = bytes.fromhex(digits.ljust(_HEX_DIGITS, "0"))
    last = bytes.fromhex(digits.ljust(_HEX_DIGITS, "f"))
    return _clips(connection, "names.id BETWEEN ? AND ?", (first, last))


def _clips(connection: sqlite3.Connection, text: str, values: tuple[object, ...]) -> list[bytes]:
    wanted = (
        "SELECT DISTINCT clips.id FROM names JOIN clips USING (seq)"  # noqa: S608 - two constants
        f" WHERE {text} AND {SHOWN} LIMIT 2"
    )
    return [row[0] for row in connection.execute(wanted, values)]


def _shared(one: str, other: str) -> int:
    equal = takewhile(lambda pair: pair[0] == pair[1], zip(one, other, strict=False))
    return sum(1 for _ in equal)


def _short(connection: sqlite3.Connection, clip_id: UUID) -> str:
    tail = clip_id.hex[::-1]
    neighbours = connection.execute(
        "SELECT (SELECT max(tail) FROM (SELECT max(tail) AS tail FROM clips WHERE tail < :tail"
        " UNION ALL SELECT max(tail) FROM redirects WHERE tail < :tail)),"
        " (SELECT min(tail) FROM (SELECT min(tail) AS tail FROM clips WHERE tail > :tail"
        " UNION ALL SELECT min(tail) FROM redirects WHERE tail > :tail))",
        {"tail": tail},
    ).fetchone()
    shared = max(_shared(tail, each or "") for each in neighbours)
    return tail[: max(SHORTEST, shared + 1)][::-1]
