"""What every reading of a copy obeys, and what comes of it; the same for each source."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from weavclip.clipboard.formats import Limits
from weavclip.domain.clip import Offer

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime
    from uuid import UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """What a read obeys.

    Attributes:
        limits: The largest representations.
        read_timeout_s: Longest wait for each step of the owner's.
        unread_types: Types whose presence forbids reading anything.
        reads_own: Also the content of what weavclip itself put there.
    """

    limits: Limits = field(default_factory=Limits)
    read_timeout_s: float = 2.0
    unread_types: frozenset[str] = frozenset()
    reads_own: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Contents:
    """What was read of one copy; the attributes are those of an offer."""

    types: tuple[str, ...] = ()
    representations: Mapping[str, bytes] = field(default_factory=dict, repr=False)
    problems: tuple[str, ...] = ()
    own_id: UUID | None = None

    def offer(self, *, at: datetime, source_app: str, on_start: bool) -> Offer:
        """The offer that is told of it."""
        return Offer(
            types=self.types,
            representations=self.representations,
            at=at,
            source_app=source_app,
            problems=self.problems,
            on_start=on_start,
            own_id=self.own_id,
        )
