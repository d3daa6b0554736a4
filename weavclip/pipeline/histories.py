"""Another clipboard manager's history becomes clips, through the gate that every copy passes."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Protocol

from weavclip.pipeline import reading
from weavclip.pipeline.ingest import Verdict

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from uuid import UUID

    from weavclip.domain.clip import Clip, Draft, Offer
    from weavclip.peers.item import Item
    from weavclip.pipeline.ingest import Ingest


class Known(Protocol):
    """What is asked of the journal beside what an ingest does."""

    def equal_to(self, draft: Draft) -> Clip | None:
        """The clip that a copy would be counted for."""
        ...

    def pin(self, clip_id: UUID, *, pinned: bool) -> None:
        """Pin or unpin."""
        ...


@dataclass(slots=True)
class TakenOver:
    """What became of a history's entries.

    Attributes:
        added: How many are new clips.
        merged: How many were counted for an equal clip.
        known: How many were taken before.
        skipped: How many were not kept, by reason, without content.
    """

    added: int = 0
    merged: int = 0
    known: int = 0
    skipped: Counter[str] = field(default_factory=Counter)

    @property
    def entries(self) -> int:
        """How many there were in all."""
        return self.added + self.merged + self.known + self.skipped.total()


def take_over(
    items: Iterable[Item],
    ingest: Ingest,
    journal: Known,
    *,
    progress: Callable[[int, int | None], None],
    done: TakenOver,
) -> None:
    """Keep each entry at its own time, or count why not.

    An entry whose time lies within what is known of an equal clip was taken before: taken again,
    a history adds nothing.

    Args:
        items: From a reader; what it raises passes, with what came before kept.
        ingest: Decides and keeps.
        journal: Knows what is there.
        progress: Told how many entries were looked at.
        done: Is brought up to date with every entry.

    Raises:
        JournalError: If the journal cannot be written.
    """
    for item in items:
        _take(item, ingest, journal, done)
        progress(done.entries, None)


def _take(item: Item, ingest: Ingest, journal: Known, done: TakenOver) -> None:
    offer = _not_later_than_now(item.offer)
    if _is_known(offer, journal):
        done.known += 1
        return
    outcome = ingest.take(offer)
    if outcome.verdict is Verdict.SKIPPED:
        done.skipped[outcome.reason] += 1
        return
    if outcome.verdict is Verdict.STORED:
        done.added += 1
    else:
        done.merged += 1
    if item.again_at is not None:
        ingest.take(_not_later_than_now(replace(offer, at=item.again_at)))
    if item.pinned and outcome.clip_id is not None:
        journal.pin(outcome.clip_id, pinned=True)


def _is_known(offer: Offer, journal: Known) -> bool:
    draft = reading.read(offer)
    found = None if draft is None else journal.equal_to(draft)
    return found is not None and found.captured_at <= offer.at <= found.last_copied_at


def _not_later_than_now(offer: Offer) -> Offer:
    # A clock that was wrong would keep its clips at the top for years.
    return replace(offer, at=min(offer.at, datetime.now(UTC)))
