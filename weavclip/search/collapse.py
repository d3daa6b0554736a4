"""Hits that are nearly equal become one: the best of them, with the others behind it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable
    from uuid import UUID

    from weavclip.domain.alike import AlikeStore
    from weavclip.domain.query import Hit


class Collapsing:
    """A list that grows, in which one hit stands for all that are nearly equal to it.

    What is added later changes neither order nor choice of those before: pages stay as they are.
    """

    def __init__(self, alike: AlikeStore | None) -> None:
        """Begin empty.

        Args:
            alike: Tells which clips are nearly equal; None to have each hit stand for itself.
        """
        self._alike = alike
        self._first: dict[UUID, Hit] = {}
        self._behind: dict[UUID, list[UUID]] = {}

    def __len__(self) -> int:
        return len(self._first)

    def add(self, hits: Iterable[Hit]) -> None:
        """Add hits that are not in the list, best first."""
        added = list(hits)
        ids = [hit.clip.id for hit in added]
        leaders = self._alike.stand_ins(ids) if self._alike else {}
        for hit in added:
            leader = leaders.get(hit.clip.id, hit.clip.id)
            if leader in self._first:
                self._behind.setdefault(leader, []).append(hit.clip.id)
            else:
                self._first[leader] = hit

    def hits(self) -> list[Hit]:
        """Those that stand for themselves and others, in the order in which they came."""
        return [
            replace(hit, alike=tuple(self._behind.get(leader, ())))
            for leader, hit in self._first.items()
        ]
