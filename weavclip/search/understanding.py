"""What a person typed as a query: a question, or a string that was pasted and is none."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from weavclip.domain.equality import normalise
from weavclip.domain.errors import QueryError
from weavclip.search import fields, language

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime, tzinfo

    from weavclip.domain.query import Filter, Query


def understood(
    text: str,
    shown: Query,
    *,
    is_kept: Callable[[str, Filter], bool],
    now: datetime,
    zone: tzinfo | None = None,
) -> Query:
    """The query that ``text`` means; of one that is wrong, for the clips that contain it.

    Whatever was pasted, a clip that contains it as it stands is found, and comes first: the
    signs in it may be signs of the language of questions, or of none.

    Args:
        text: As typed.
        shown: How many clips are wanted, and which may answer whatever was typed.
        is_kept: Whether a clip that the filter lets through contains a text; asked only where
            ``text`` is no question.
        now: The present, aware.
        zone: Of the times in it; the system's when absent.

    Raises:
        QueryError: If it is no question and no clip contains it, with the place marked.
    """
    try:
        return _as_question(text, shown, now=now, zone=zone)
    except QueryError as error:
        as_it_stands = normalise(text)
        if not is_kept(as_it_stands, shown.where):
            raise
        return replace(
            shown,
            words=as_it_stands,
            wording=replace(shown.wording, phrases=(as_it_stands,)),
            notes=(*shown.notes, f"looked for as it stands, since as a question {error}"),
        )


def _as_question(text: str, shown: Query, *, now: datetime, zone: tzinfo | None) -> Query:
    found = language.read(text, now=now, zone=zone)
    return replace(
        shown,
        words=found.words,
        typed=found.typed,
        wording=found.wording,
        where=fields.both(shown.where, found.where),
        where_typed=shown.where,
    )
