"""Clips as lines: for a person on a terminal, for a program in a pipe, or as JSON."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC
from typing import TYPE_CHECKING

from weavclip.cli import times
from weavclip.cli.explaining import as_object, explanation
from weavclip.cli.printable import BETWEEN, cells, fitted, flowed, padded, printable
from weavclip.cli.terminal import Protocol
from weavclip.domain.clip import Kind
from weavclip.domain.query import Hit

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from datetime import datetime
    from uuid import UUID

    from weavclip.cli.terminal import Screen
    from weavclip.domain.clip import Clip
    from weavclip.domain.stores import Journal

BOLD, DIM, YELLOW, CYAN = "1", "2", "33", "36"
PICTURE_ROWS = 6
NOTHING_KEPT = (
    "there is nothing to look through: 'weavclip watch' keeps what is copied, 'weavclip add' files"
)
PICTURED = frozenset({Kind.IMAGE, Kind.FILES})
"""Kinds that may have a thumbnail: a file list has one of its first picture, by a setting."""
PICTURE_COLUMNS = 40
GAP = "  "
_APP_COLUMNS = 14
_BEFORE_KIND = 2
_KIND, _ALIKE, _MOMENT, _APP = 2, 3, 4, 5
_FIRST_TO_GO = (_APP, _KIND, _ALIKE, _MOMENT)
"""Columns that are left out where a terminal is too narrow: what a clip is, its words show."""
_LEAST_HEADLINE = 12
_FOUND_IN_IT = "   words found in it"
_JSON_INDENT = 2


def unranked(clip: Clip) -> Hit:
    """A clip that nobody searched for, in the shape of one that was found."""
    return Hit(clip=clip, relevance=None, distance=None)


def record(hit: Hit, *, explain: bool = False) -> str:
    """One clip for a program: id, kind, time, relevance, preview; tabs between.

    The time is when it was last copied, ISO 8601 in UTC; the relevance is from 0 to 1 with three
    decimals, and empty where there is none. With ``explain`` how it was found comes last.
    """
    clip = hit.clip
    relevance = "" if hit.relevance is None else f"{hit.relevance:.3f}"
    moment = clip.last_copied_at.astimezone(UTC).isoformat(timespec="seconds")
    explained = (BETWEEN.join(explanation(hit)),) if explain else ()
    preview = printable(headline(clip))
    return "\t".join((str(clip.id), clip.kind, moment, relevance, preview, *explained))


def headline(clip: Clip) -> str:
    """What a clip is in one line: its preview, or a picture's size."""
    if clip.kind is not Kind.IMAGE:
        return clip.preview
    if clip.width_px and clip.height_px:
        return f"{clip.width_px} x {clip.height_px}"
    return clip.mime_type


def gone_in(clip: Clip, *, now: datetime) -> str:
    """When an expiring clip is gone, after a comma; nothing for the others."""
    if clip.expires_at is None:
        return ""
    return f", gone in {times.left((clip.expires_at - now).total_seconds())}"


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
        "alike": [str(each) for each in hit.alike],
        "expires_at": clip.expires_at and clip.expires_at.astimezone(UTC).isoformat(),
    }
    if explain:
        described["ways"] = {found.way.value: as_object(found) for found in hit.ways}
    return described


@dataclass(frozen=True, slots=True, kw_only=True)
class Listing:
    """How hits are laid out on a terminal.

    Attributes:
        screen: Where they are shown.
        short_ids: What stands for each id.
        now: Aware; times are shown in its zone.
        explain: Whether to say how each was found.
        picture_rows: How high a picture is, in rows.
        marked: The clip that the others are listed around.
    """

    screen: Screen
    short_ids: Mapping[UUID, str]
    now: datetime
    explain: bool = False
    picture_rows: int = PICTURE_ROWS
    marked: UUID | None = None

    def lines(self, hits: Sequence[Hit], *, journal: Journal) -> Iterator[str]:
        """Each hit's line, its picture and what was found in it."""
        digits = max((len(_percent(hit.relevance)) for hit in hits), default=0) - len(" %")
        rows = [self._row(place, hit, digits=digits) for place, hit in enumerate(hits, start=1)]
        widths = [max(map(cells, column), default=0) for column in zip(*rows, strict=True)]
        widths = _narrowed(widths, self.screen.columns)
        indent = sum(width + len(GAP) for width in widths[:_BEFORE_KIND] if width)
        for row, hit in zip(rows, hits, strict=True):
            yield self._line(row, widths, hit.clip)
            yield from self._below(hit, indent, journal)

    def _row(self, place: int, hit: Hit, *, digits: int) -> tuple[str, ...]:
        clip = hit.clip
        return (
            self._placed(place, clip),
            _percent(hit.relevance, digits=digits),
            clip.kind,
            f"+{len(hit.alike)} alike" if hit.alike else "",
            times.short(clip.last_copied_at, now=self.now) + gone_in(clip, now=self.now),
            fitted(printable(clip.source_app), _APP_COLUMNS),
            self.short_ids[clip.id],
        )

    def _placed(self, place: int, clip: Clip) -> str:
        if self.marked is None:
            return str(place)
        return f"{'>' if clip.id == self.marked else ' '} {place}"

    def _line(self, row: Sequence[str], widths: Sequence[int], clip: Clip) -> str:
        place, relevance, kind, alike, moment, app, known_by = (
            padded(part, width) + GAP if width else ""
            for part, width in zip(row, widths, strict=True)
        )
        room = max(1, self.screen.columns - _taken(widths))
        words = padded(_quoted(clip, room), room) + GAP
        return (
            self.screen.styled(place, DIM)
            + self.screen.styled(relevance, BOLD)
            + kind
            + words
            + self.screen.styled(alike + moment + app, DIM)
            + self.screen.styled(known_by.rstrip(), YELLOW)
        )

    def _below(self, hit: Hit, indent: int, journal: Journal) -> Iterator[str]:
        margin = " " * indent
        picture = self._picture(hit.clip, indent, journal)
        if picture:
            yield picture
        if hit.in_picture:
            words = fitted(
                printable(hit.in_picture), self.screen.columns - indent - len(_FOUND_IN_IT)
            )
            yield margin + words + self.screen.styled(_FOUND_IN_IT, DIM)
        if self.explain:
            for line in flowed(explanation(hit), self.screen.columns - indent):
                yield margin + self.screen.styled(line, DIM)

    def _picture(self, clip: Clip, indent: int, journal: Journal) -> str:
        if clip.kind not in PICTURED or self.screen.pictures is Protocol.NONE:
            return ""
        thumbnail = journal.thumbnail(clip.id)
        if thumbnail is None:
            return ""
        from weavclip.cli.drawing import Box, draw

        columns = min(PICTURE_COLUMNS, self.screen.columns - indent)
        box = Box(columns, self.picture_rows)
        return draw(thumbnail, way=self.screen.pictures, box=box, indent=indent).removesuffix("\n")


def _taken(widths: Sequence[int]) -> int:
    """How much of a line is not left for the clip's words."""
    return sum(width + len(GAP) for width in widths if width)


def _narrowed(widths: Sequence[int], columns: int) -> list[int]:
    """Widths without the columns for which there is no room beside a few of a clip's words."""
    kept = list(widths)
    for column in _FIRST_TO_GO:
        if columns - _taken(kept) < _LEAST_HEADLINE:
            kept[column] = 0
    return kept


def _percent(relevance: float | None, *, digits: int = 1) -> str:
    return "" if relevance is None else f"{round(relevance * 100):>{digits}} %"


def _quoted(clip: Clip, columns: int) -> str:
    words = printable(headline(clip))
    if clip.kind in (Kind.IMAGE, Kind.LINK):
        return words
    return f'"{fitted(words, columns - 2)}"'


def nothing_fits(nearest: Hit | None, *, total: int) -> str:
    """What to say when no clip is over the cut-off, out of so many."""
    if not total:
        return NOTHING_KEPT
    if nearest is None:
        return "nothing fits."
    chance = f" ({_percent(nearest.relevance)})" if nearest.relevance is not None else ""
    return f"nothing fits. nearest: {_quoted(nearest.clip, 40)}{chance}. --all shows it"
