"""How a hit was found: what each way said of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from weavclip.cli.printable import printable
from weavclip.domain.query import Way

if TYPE_CHECKING:
    from weavclip.domain.query import Evidence, Hit

_NAMES = {Way.EXACT: "contains the words as typed"}
_VALUES = {Way.WORDS: "BM25 {:.2f}", Way.EXACT: ""}
_DISTANCE = "distance {:.3f}"


def explanation(hit: Hit) -> list[str]:
    """Each way with its value, its place in that way's list, words and probability."""
    return [_said(found) for found in hit.ways] or ["no way named"]


def _said(found: Evidence) -> str:
    is_named = found.way is not Way.WORDS or found.place is not None
    parts = (
        _VALUES.get(found.way, _DISTANCE).format(found.value) if is_named else "",
        "past its list" if found.place is None else f"no. {found.place}",
        " ".join(map(printable, found.words)),
        "" if found.chance is None else f"{round(found.chance * 100)} %",
    )
    named = _NAMES.get(found.way, str(found.way))
    return f"{named}: " + ", ".join(part for part in parts if part)


def as_object(found: Evidence) -> dict[str, object]:
    """The same for a program; keys as documented."""
    return {
        "value": found.value,
        "probability": found.chance,
        "place": found.place,
        "words": list(found.words),
    }
