"""Clips as lines: for a person on a terminal, for a program in a pipe, or as JSON."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC
from typing import TYPE_CHECKING

from weavclip.cli import times
from weavclip.cli.printable import fitted, padded, printable
from weavclip.cli.terminal import Protocol
from weavclip.domain.clip import Kind
from weavclip.domain.query import Hit, Way

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from datetime import datetime
    from uuid import UUID

    from weavclip.cli.terminal import Screen
    from weavclip.domain.clip import Clip
    from weavclip.domain.ports import Journal

BOLD, DIM, YELLOW, CYAN = "1", "2", "33", "36"
PICTURE_ROWS = 6
PICTURE_COLUMNS = 40
_KIND_COLUMNS = 6
_TIME_COLUMNS = 12
_APP_COLUMNS = 12
_LEAST_HEADLINE = 12
_JSON_INDENT = 2


def unranked(clip: Clip) -> Hit:
    """A clip that nobody searched for, in the shape of one that was found."""
    return Hit(clip=clip, relevance=None, distance=None)


def record(hit: Hit) -> str:
    """One clip for a program: id, kind, time, relevance, preview; tabs between.

    The time is when it was last copied, ISO 8601 in UTC; the relevance is from 0 to 1 with three
    decimals, and empty where there is none.
    """
    clip = hit.clip
    relevance = "" if hit.relevance is None else f"{hit.relevance:.3f}"
    moment = clip.last_copied_at.astimezone(UTC).isoformat(timespec="seconds")
    return "\t".join((str(clip.id), clip.kind, moment, relevance, printable(headline(clip))))


def headline(clip: Clip) -> str:
    """What a clip is in one line: its preview, or a picture's size."""
    if clip.kind is not Kind.IMAGE:
        return clip.preview
    if clip.width_px and clip.height_px:
        return f"{clip.width_px} x {clip.height_px}"
    return clip.mime_type


def as_json(hits: Sequence[Hit], *, index: str | None = None, explain: bool = False) -> str:
    """An array of objects, keys as documented; what is unknown is null."""
    objects = [_object(hit, index, explain=explain) for hit in hits]
    return json.dumps(objects, indent=_JSON_INDENT)


def _object(hit: Hit, index: str | None, *, explain: bool) -> dict[str, object]:
    clip = hit.clip
    described: dict[str, object] = {
        "id": str(clip.id),
        "kind": clip.kind,
        "preview": clip.preview,
        "captured_at": clip.captured_at.astimezone(UTC).isoformat(),
        "copies": clip.copies,
        "source_app": clip.source_app or None,
        "width_px": clip.width_px,
        "height_px": clip.height_px,
        "distance": hit.distance,
        "relevance": hit.relevance,
        "index": index,
    }
    if explain:
        described["ways"] = {way.value: value for way, value in hit.ways}
    return described


@dataclass(frozen=True, slots=True, kw_only=True)
class Listing:
    """How hits are laid out on a terminal.

    Attributes:
        screen: Where they are shown.
        short_ids: What stands for each id.
        now: Aware; times are shown in its zone.
        explain: Whether to say how each was found.
        numbered: Whether each line begins with its place.
    """

    screen: Screen
    short_ids: Mapping[UUID, str]
    now: datetime
    explain: bool = False
    numbered: bool = True

    def lines(self, hits: Sequence[Hit], *, journal: Journal) -> Iterator[str]:
        """Each hit's line, its picture and what was found in it."""
        ranked = any(hit.relevance is not None for hit in hits)
        places = len(str(len(hits)))
        id_columns = max((len(self.short_ids[hit.clip.id]) for hit in hits), default=0)
        for place, hit in enumerate(hits, start=1):
            number = f"{place:>{places}}  "
            relevance = f"{_percent(hit.relevance):>5}  " if ranked else ""
            indent = len(number) + len(relevance)
            yield (
                self.screen.styled(number, DIM)
                + self.screen.styled(relevance, BOLD)
                + self._rest(hit.clip, columns=self.screen.columns - indent, ids=id_columns)
            )
            yield from self._below(hit, indent, journal)

    def _rest(self, clip: Clip, *, columns: int, ids: int) -> str:
        app_columns = _APP_COLUMNS if columns > 2 * _APP_COLUMNS + _TIME_COLUMNS + ids else 0
        taken = (
            _KIND_COLUMNS + _TIME_COLUMNS + app_columns + ids + 3 * 2 + (2 if app_columns else 0)
        )
        room = max(_LEAST_HEADLINE, columns - taken)
        app = padded(printable(clip.source_app), app_columns) + "  " if app_columns else ""
        return (
            padded(clip.kind, _KIND_COLUMNS)
            + "  "
            + padded(_quoted(clip, room), room)
            + "  "
            + self.screen.styled(
                padded(times.short(clip.last_copied_at, now=self.now), _TIME_COLUMNS) + "  " + app,
                DIM,
            )
            + self.screen.styled(self.short_ids[clip.id].rjust(ids), YELLOW)
        )

    def _below(self, hit: Hit, indent: int, journal: Journal) -> Iterator[str]:
        margin = " " * indent
        picture = self._picture(hit.clip, indent, journal)
        if picture:
            yield picture
        if hit.in_picture:
            words = fitted(printable(hit.in_picture), self.screen.columns - indent - 21)
            yield margin + words + self.screen.styled("   words found in it", DIM)
        if self.explain:
            yield margin + self.screen.styled(explanation(hit), DIM)

    def _picture(self, clip: Clip, indent: int, journal: Journal) -> str:
        if clip.kind is not Kind.IMAGE or self.screen.pictures is Protocol.NONE:
            return ""
        thumbnail = journal.thumbnail(clip.id)
        if thumbnail is None:
            return ""
        from weavclip.cli.drawing import Box, draw

        columns = min(PICTURE_COLUMNS, self.screen.columns - indent)
        box = Box(columns, PICTURE_ROWS)
        return draw(thumbnail, way=self.screen.pictures, box=box, indent=indent).removesuffix("\n")


def explanation(hit: Hit) -> str:
    """How a clip was found: each way with its raw value."""
    said = {Way.WORDS: "words: BM25 {:.2f}", Way.EXACT: "contains the words as typed"}
    parts = (said.get(way, way + ": distance {:.3f}").format(value) for way, value in hit.ways)
    return " · ".join(parts) or "no way named"


def _percent(relevance: float | None) -> str:
    return "" if relevance is None else f"{round(relevance * 100)} %"


def _quoted(clip: Clip, columns: int) -> str:
    words = printable(headline(clip))
    if clip.kind in (Kind.IMAGE, Kind.LINK):
        return words
    return f'"{fitted(words, columns - 2)}"'


def nothing_fits(nearest: Hit | None) -> str:
    """What to say when no clip is over the cut-off."""
    if nearest is None:
        return "nothing fits."
    chance = f" ({_percent(nearest.relevance)})" if nearest.relevance is not None else ""
    return f"nothing fits. nearest: {_quoted(nearest.clip, 40)}{chance}. --all shows it"
