"""What a person typed, understood with a look at what is kept."""

from __future__ import annotations

from typing import TYPE_CHECKING

from weavclip.wiring.parts import open_journal

if TYPE_CHECKING:
    from datetime import datetime

    from weavclip.domain.query import Filter, Query
    from weavclip.settings import Settings


def understood(settings: Settings, text: str, shown: Query, *, now: datetime) -> Query:
    """The query that a typed text means, wherever it is typed.

    Args:
        settings: Say where clips are.
        text: As typed.
        shown: How many clips are wanted, and which may answer whatever was typed.
        now: The present, aware.

    Raises:
        QueryError: If it is no question and no clip contains it, with the place marked.
    """
    from weavclip.search import understanding

    def is_kept(text: str, where: Filter) -> bool:
        with open_journal(settings) as journal:
            return bool(journal.containing(text, limit=1, where=where))

    return understanding.understood(text, shown, is_kept=is_kept, now=now)
