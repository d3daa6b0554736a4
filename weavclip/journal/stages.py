"""How far each clip has come for each model: captured -> embedded -> indexed, or failed."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING
from uuid import UUID

from weavclip.domain.clip import Stage
from weavclip.journal.base import JournalBase
from weavclip.journal.models import registered, set_of
from weavclip.journal.rows import CLIP_COLUMNS, batches, clip_of, microseconds, seq_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from weavclip.domain.clip import Clip

_NEVER_US = 2**63 - 1
# The indexed ones, which are nearly all, are what is left: nobody counts them row by row.
_COUNTS = """
    SELECT (SELECT count(*) FROM clips) - (SELECT count(*) FROM clips WHERE expires_us > 0),
        (SELECT count(*) FROM stages WHERE model = :model AND stage = 0 AND due_us = 0),
        (SELECT count(*) FROM stages WHERE model = :model AND stage = 1 AND due_us = 0),
        (SELECT count(*) FROM stages INDEXED BY stages_failed
            WHERE model = :model AND due_us > 0)
"""
_STEPS = (Stage.CAPTURED, Stage.EMBEDDED, Stage.INDEXED)


class StageTable(JournalBase):
    """What is still to do with clips, and what could not be done."""

    def pending(
        self, model_id: str, stage: Stage, *, limit: int, now: datetime | None = None
    ) -> list[Clip]:
        """The oldest clips at ``stage`` for this model that are due, failed ones when due again.

        ``CAPTURED`` asks for those to embed (failed embeddings that are due included),
        ``EMBEDDED`` for those to index, and notes what was handed out for :meth:`indexed`.
        Expiring clips are left out for good.
        """
        step = _STEPS.index(stage)
        now_us = microseconds(now or datetime.now(UTC))
        with self._db.reading() as connection:
            model = set_of(connection, model_id)
            if model is None and stage is not Stage.CAPTURED:
                return []
            steps = (
                "stages JOIN clips USING (seq) WHERE model = ? AND stage = ? AND due_us <= ?",
                (model, step, now_us),
            )
            source, values = ("clips WHERE expires_us IS NULL", ()) if model is None else steps
            wanted = f"SELECT {CLIP_COLUMNS}, revision FROM {source} ORDER BY seq LIMIT ?"  # noqa: S608 - constants
            rows = connection.execute(wanted, (*values, limit)).fetchall()
        clips = [clip_of(row) for row in rows]
        if stage is Stage.EMBEDDED:
            self._handed_out.update(
                {(model_id, clip.id): row[-1] for clip, row in zip(clips, rows, strict=True)}
            )
        return clips

    def indexed(self, clip_ids: Sequence[UUID], model_id: str) -> None:
        """Embedded -> indexed, for those that did not change since they were handed out.

        One that :meth:`pending` of this object did not hand out counts as unchanged.
        """
        revisions = [
            (clip_id.bytes, self._handed_out.pop((model_id, clip_id), None))
            for clip_id in clip_ids
        ]
        with self._db.writing() as connection:
            connection.executemany(
                "UPDATE stages SET stage = 2, due_us = 0, tries = 0, reason = ''"
                " WHERE model = ? AND stage = 1 AND seq ="
                " (SELECT seq FROM clips WHERE id = ? AND revision = coalesce(?, revision))",
                [(registered(connection, model_id), *each) for each in revisions],
            )

    def failed(
        self, clip_id: UUID, model_id: str, reason: str, *, retry_at: datetime | None
    ) -> None:
        """Note why a step failed and when to try again; never, with None."""
        due_us = _NEVER_US if retry_at is None else max(1, microseconds(retry_at))
        with self._db.writing() as connection:
            model = registered(connection, model_id)
            # Whatever failed, an indexed clip that fails was on its way into the index again.
            connection.execute(
                "UPDATE stages SET stage = min(stage, 1), due_us = ?, tries = tries + 1,"
                " reason = ? WHERE model = ? AND seq = ?",
                (due_us, reason, model, seq_of(connection, clip_id)),
            )

    def tries(self, clip_id: UUID, model_id: str) -> int:
        """How often in a row the clip's next step has failed."""
        with self._db.reading() as connection:
            found = connection.execute(
                "SELECT tries FROM stages WHERE model = ? AND seq = ?",
                (set_of(connection, model_id), seq_of(connection, clip_id)),
            ).fetchone()
        return int(found[0]) if found else 0

    def reset(self, model_id: str, *, to: Stage) -> int:
        """Send every clip of this model back to ``to`` (CAPTURED or EMBEDDED); how many.

        Back to EMBEDDED go those that were embedded; failures are forgotten either way.
        """
        step = _STEPS.index(to)
        with self._db.writing() as connection:
            return connection.execute(
                "UPDATE stages SET stage = ?, due_us = 0, tries = 0, reason = ''"
                " WHERE model = ? AND stage >= ? AND (stage > ? OR due_us > 0)",
                (step, registered(connection, model_id), step, step),
            ).rowcount

    def stage_counts(self, model_id: str) -> dict[Stage, int]:
        """How many clips are at each stage for this model."""
        with self._db.reading() as connection:
            model = set_of(connection, model_id)
            total, captured, embedded, failed = connection.execute(
                _COUNTS, {"model": model}
            ).fetchone()
        if model is None:
            captured = total
        return {
            Stage.CAPTURED: captured,
            Stage.EMBEDDED: embedded,
            Stage.INDEXED: total - captured - embedded - failed,
            Stage.FAILED: failed,
        }

    def failures(self, model_id: str, *, limit: int = 20) -> list[tuple[Clip, str]]:
        """Clips at FAILED, with the reason, the oldest first."""
        with self._db.reading() as connection:
            rows = connection.execute(
                f"SELECT {CLIP_COLUMNS}, reason FROM stages JOIN clips USING (seq)"  # noqa: S608
                " WHERE model = ? AND due_us > 0 ORDER BY seq LIMIT ?",
                (set_of(connection, model_id), limit),
            ).fetchall()
        return [(clip_of(row), row[-1]) for row in rows]

    def forgotten(self, model_id: str, *, limit: int) -> list[UUID]:
        """Ids that this model's index still has to delete."""
        with self._db.reading() as connection:
            rows = connection.execute(
                "SELECT forgotten.id FROM forgotten JOIN models USING (model)"
                " WHERE models.id = ? ORDER BY forgotten.id LIMIT ?",
                (model_id, limit),
            ).fetchall()
        return [UUID(bytes=row[0]) for row in rows]

    def forgotten_done(self, clip_ids: Sequence[UUID], model_id: str) -> None:
        """The index has deleted these."""
        with self._db.writing() as connection:
            model = set_of(connection, model_id)
            for places, values in batches(clip_ids):
                connection.execute(
                    f"DELETE FROM forgotten WHERE model = ? AND id IN ({places})",  # noqa: S608
                    (model, *values),
                )
