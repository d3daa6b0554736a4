"""Labels: those that were found, and over them what a person said."""

from __future__ import annotations

import json
from collections import Counter
from typing import TYPE_CHECKING
from uuid import UUID

from weavclip.domain.errors import UnknownClipError
from weavclip.domain.labels import Correction
from weavclip.journal.base import JournalBase
from weavclip.journal.models import EMBEDDED, set_of
from weavclip.journal.rows import (
    CLIP_COLUMNS,
    SHOWN,
    VISIBLE,
    changed,
    clip_of,
    labels_of,
    labels_text,
    seq_of,
)

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterable, Mapping, Sequence

    from weavclip.domain.clip import Clip

_LAST_WAY = "labelled_by"


class LabelTable(JournalBase):
    """What each clip is in a word."""

    def label_mark(self, edition: str) -> int:
        """The number of this way to find labels; a new one when another way was the last."""
        known, mark = self._last_way()
        if known == edition:
            return mark
        return self._note_way(edition)

    def relabel(self) -> int:
        """Have every clip's labels found again, by a new number, which is returned."""
        return self._note_way(self._last_way()[0])

    def _last_way(self) -> tuple[str, int]:
        known, mark = json.loads(self.meta(_LAST_WAY) or '["", 0]')
        return known, mark

    def _note_way(self, edition: str) -> int:
        mark = self._last_way()[1] + 1
        self.set_meta(_LAST_WAY, json.dumps([edition, mark]))
        return mark

    def unlabelled(self, model_id: str, mark: int, *, limit: int) -> list[Clip]:
        """The oldest clips whose labels were found before ``mark``.

        Those that were embedded for this set of models; every one where ``model_id`` is empty.
        """
        with self._db.reading() as connection:
            source, values = _to_label(connection, model_id, mark)
            wanted = f"SELECT {CLIP_COLUMNS} FROM {source} ORDER BY seq LIMIT ?"  # noqa: S608 - constants
            return [clip_of(row) for row in connection.execute(wanted, (*values, limit))]

    def count_unlabelled(self, model_id: str, mark: int) -> int:
        """How many :meth:`unlabelled` has in all."""
        with self._db.reading() as connection:
            source, values = _to_label(connection, model_id, mark)
            wanted = f"SELECT count(*) FROM {source}"  # noqa: S608 - constants
            return int(connection.execute(wanted, values).fetchone()[0])

    def label_found(self, found: Mapping[UUID, Sequence[str]], mark: int) -> int:
        """Store what was found, in one transaction; how many clips changed.

        What the person said of a clip stays. Those that changed go into the indexes again.
        Clips that were forgotten meanwhile are left out.
        """
        count = 0
        with self._db.writing(is_durable=False) as connection:
            for clip_id, labels in found.items():
                try:
                    seq = seq_of(connection, clip_id)
                except UnknownClipError:
                    continue
                count += _settle(connection, seq, labels)
                connection.execute("UPDATE clips SET labelled = ? WHERE seq = ?", (mark, seq))
        return count

    def correct(self, clip_id: UUID, *, wanted: Sequence[str], unwanted: Sequence[str]) -> None:
        """Keep what a person says of a clip, until they say otherwise."""
        said = [*((label, True) for label in wanted), *((label, False) for label in unwanted)]
        with self._db.writing() as connection:
            seq = seq_of(connection, clip_id)
            connection.executemany(
                "INSERT OR REPLACE INTO corrections (seq, label, applies) VALUES (?, ?, ?)",
                [(seq, *each) for each in said],
            )
            _settle(connection, seq, _current(connection, seq))

    def corrections(self) -> list[Correction]:
        """Everything that was said, of clips that are still there."""
        # In this order: SQLite would go through the ids of all clips to have them sorted.
        wanted = (
            "SELECT id, label, applies FROM corrections CROSS JOIN clips USING (seq)"  # noqa: S608 - a constant
            f" WHERE {SHOWN} ORDER BY id, label"
        )
        with self._db.reading() as connection:
            rows = connection.execute(wanted).fetchall()
        return [Correction(UUID(bytes=row[0]), row[1], bool(row[2])) for row in rows]

    def label_counts(self) -> dict[str, int]:
        """How many clips have each label, the most frequent first; hidden ones left out."""
        wanted = (
            "SELECT labels, count(*) FROM clips"  # noqa: S608 - constants
            f" WHERE labels != '[]' AND {SHOWN} AND {VISIBLE} GROUP BY labels"
        )
        counts: Counter[str] = Counter()
        with self._db.reading() as connection:
            for text, count in connection.execute(wanted):
                counts.update(dict.fromkeys(labels_of(text), count))
        return dict(sorted(counts.items(), key=lambda each: (-each[1], each[0])))


def corrections_of(connection: sqlite3.Connection, seq: int) -> dict[str, bool]:
    """What was said of a clip: whether each label applies."""
    wanted = "SELECT label, applies FROM corrections WHERE seq = ? ORDER BY label"
    return {label: bool(applies) for label, applies in connection.execute(wanted, (seq,))}


def add_corrections(connection: sqlite3.Connection, seq: int, said: Mapping[str, bool]) -> None:
    """Take over what was said elsewhere, where nothing was said here."""
    connection.executemany(
        "INSERT OR IGNORE INTO corrections (seq, label, applies) VALUES (?, ?, ?)",
        [(seq, label, applies) for label, applies in said.items()],
    )
    if said:
        _settle(connection, seq, _current(connection, seq))


def _to_label(
    connection: sqlite3.Connection, model_id: str, mark: int
) -> tuple[str, tuple[object, ...]]:
    # By the index on labelled: nearly all clips have the present mark, and SQLite, which does not
    # know it, would go through the steps of all (40 ms for 100,000).
    if not model_id:
        return f"clips WHERE labelled < ? AND expires_us IS NULL AND {SHOWN}", (mark,)
    model = set_of(connection, model_id)
    source = (
        "clips INDEXED BY clips_by_labelled CROSS JOIN stages USING (seq)"
        " WHERE labelled < ? AND model = ? AND stage >= ? AND expires_us IS NULL"
    )
    return source, (mark, model, EMBEDDED)


def _current(connection: sqlite3.Connection, seq: int) -> tuple[str, ...]:
    (text,) = connection.execute("SELECT labels FROM clips WHERE seq = ?", (seq,)).fetchone()
    return labels_of(text)


def _settle(connection: sqlite3.Connection, seq: int, found: Iterable[str]) -> bool:
    """Give a clip the labels that were found, corrected by the person; whether that is new."""
    said = corrections_of(connection, seq)
    wanted = {label for label in found if said.get(label, True)}
    wanted |= {label for label, applies in said.items() if applies}
    text = labels_text(sorted(wanted))
    if labels_of(text) == _current(connection, seq):
        return False
    connection.execute("UPDATE clips SET labels = ? WHERE seq = ?", (text, seq))
    changed(connection, seq)
    return True
