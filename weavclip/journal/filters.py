"""A filter as SQL: the rows that pass are the clips that ``Filter.admits``."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, TypeVar

from weavclip.domain.query import Filter
from weavclip.journal.rows import SHOWN, VISIBLE, microseconds

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterable, Iterator

    import numpy as np
    from numpy.typing import NDArray

Value = TypeVar("Value", str, bytes)

_HAS_LABEL = (
    "labels != '[]' AND EXISTS (SELECT 1 FROM json_each(clips.labels) WHERE json_each.value = ?)"
)


def condition(where: Filter) -> tuple[str, list[object]]:
    """A condition on the table ``clips``, and its values.

    A clip whose time has come passes no filter, whether it was swept by now or not.

    >>> from weavclip.domain.query import Filter
    >>> text, values = condition(Filter(pinned=True, hidden=True))
    >>> text == f"{SHOWN} AND pinned = ?", values
    (True, [True])
    """
    parts = list(_parts(where))
    values = [value for _, given in parts for value in given]
    always = (SHOWN,) if where.hidden else (SHOWN, VISIBLE)
    return " AND ".join((*always, *(text for text, _ in parts))), values


def admits_all(connection: sqlite3.Connection, where: Filter) -> bool:
    """Whether every clip passes, without a look at each."""
    if replace(where, hidden=False) != Filter():
        return False
    return where.hidden or connection.execute("SELECT 1 FROM hidden LIMIT 1").fetchone() is None


def admitted_seqs(connection: sqlite3.Connection, where: Filter) -> NDArray[np.int64]:
    """Numbers of the clips that pass, shape (n,)."""
    import numpy as np

    text, values = condition(where)
    # One long text is read four times as fast as a row for each number.
    wanted = f"SELECT group_concat(seq, ' ') FROM clips WHERE {text}"  # noqa: S608 - no input
    (joined,) = connection.execute(wanted, values).fetchone()
    return np.fromstring(joined, np.int64, sep=" ") if joined else np.zeros(0, np.int64)


def _parts(where: Filter) -> Iterator[tuple[str, list[object]]]:
    if where.kinds:
        yield _among("kind", (str(kind) for kind in where.kinds))
    if where.after is not None:
        yield "last_us >= ?", [microseconds(where.after)]
    if where.before is not None:
        yield "captured_us < ?", [microseconds(where.before)]
    if where.apps:
        yield _among("app_folded", {app.casefold() for app in where.apps})
    for label in sorted(where.labels):
        yield _HAS_LABEL, [label]
    if where.pinned is not None:
        yield "pinned = ?", [where.pinned]
    if where.min_size_bytes is not None:
        yield "size_bytes >= ?", [where.min_size_bytes]
    if where.max_size_bytes is not None:
        yield "size_bytes <= ?", [where.max_size_bytes]
    if where.among is not None:
        yield _among("id", (clip_id.bytes for clip_id in where.among))


def _among(column: str, allowed: Iterable[Value]) -> tuple[str, list[object]]:
    ordered: list[Value] = sorted(allowed)
    return f"{column} IN ({','.join('?' * len(ordered))})", [*ordered]
