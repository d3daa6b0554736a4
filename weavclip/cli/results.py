"""Printing hits in the shape that was asked for, and saying how they came to be."""

from __future__ import annotations

import sys
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Annotated

import typer

from weavclip import wiring
from weavclip.cli import choosing, naming, render, times
from weavclip.cli.app import remark, say
from weavclip.cli.printable import BETWEEN, flowed, printable
from weavclip.cli.terminal import Protocol
from weavclip.domain.query import Filter

if TYPE_CHECKING:
    from collections.abc import Sequence
    from uuid import UUID

    from weavclip.cli.app import Session
    from weavclip.domain.query import Answer, Hit, Query


AsJson = Annotated[
    bool,
    typer.Option(
        "--json",
        help="Print an array of objects: id, kind, preview, captured_at, copies, source_app, "
        "width_px, height_px, distance, relevance, index, alike, expires_at.",
    ),
]
Nul = Annotated[bool, typer.Option("-0", "--null", help="End each record with NUL.")]
NoPictures = Annotated[bool, typer.Option("--no-pictures", help="Draw no pictures.")]


@dataclass(frozen=True, slots=True, kw_only=True)
class Shape:
    """In which shape hits are wanted.

    Attributes:
        as_json: An array of objects.
        nul: Records that end with NUL.
        explain: With each way and its raw value.
        pictures: Whether pictures may be drawn.
        picture_rows: How high they are, in rows.
        marked: Of a list around one clip: that one.
    """

    as_json: bool = False
    nul: bool = False
    explain: bool = False
    pictures: bool = True
    picture_rows: int = render.PICTURE_ROWS
    marked: UUID | None = None


def show(run: Session, hits: Sequence[Hit], *, shape: Shape, index: str | None = None) -> None:
    """Print hits to stdout, and keep their ids for ``@1``; none leave the last list as it is."""
    if hits:
        naming.remember(run.settings.data_dir, (hit.clip.id for hit in hits))
    if shape.as_json:
        typer.echo(render.as_json(hits, index=index, explain=shape.explain))
    elif shape.nul or not run.screen.is_terminal:
        end = "\0" if shape.nul else "\n"
        records = (render.record(hit, explain=shape.explain) + end for hit in hits)
        sys.stdout.write("".join(records))
    else:
        _lay_out(run, hits, shape)


def _lay_out(run: Session, hits: Sequence[Hit], shape: Shape) -> None:
    screen = run.screen if shape.pictures else replace(run.screen, pictures=Protocol.NONE)
    with wiring.open_journal(run.settings) as journal:
        listing = render.Listing(
            screen=screen,
            short_ids=journal.short_ids([hit.clip.id for hit in hits]),
            now=choosing.now(),
            explain=shape.explain,
            picture_rows=shape.picture_rows,
            marked=shape.marked,
        )
        for line in listing.lines(hits, journal=journal):
            typer.echo(line)


def tell(run: Session, answer: Answer, *, query: Query, explain: bool) -> None:
    """Say what was searched, with what and how long, and what the answer's notes are."""
    for note in answer.notes:
        remark(note)
    said_back = choosing.said_back(query.where, query.wording)
    if not answer.hits:
        say(_nothing(answer, query, said_back))
    if run.screen.is_terminal:
        parts = [
            _counted(answer, query),
            said_back,
            f'read as "{printable(answer.meant)}"' if answer.meant and query.fuzzy else "",
            _hidden(answer),
            f"{answer.took_ms:.0f} ms",
            f"{answer.encode_ms:.0f} ms of it in the model" if explain else "",
            answer.index,
        ]
        close(run, *parts)
        if answer.hits:
            close(run, *_go_on(answer, query))


def _nothing(answer: Answer, query: Query, said_back: str) -> str:
    """That there is no hit, what was looked through, and what is near."""
    if query.offset:
        return f"no more hits: page {_page(query)} is behind the last one. --page 1 has the first"
    if answer.considered == 0 and answer.total:
        return f"nothing fits. no clip of {answer.total:,} passes: {said_back}"
    said = render.nothing_fits(answer.nearest, total=answer.total)
    if answer.meant and not query.fuzzy:
        return f'{said}\ndid you mean "{printable(answer.meant)}"? --fuzzy looks past slips'
    return said


def _counted(answer: Answer, query: Query) -> str:
    total = times.counted(answer.total, "clip")
    if not query.offset or not answer.hits:
        return f"{len(answer.hits):,} of {total}"
    return f"{query.offset + 1:,} to {query.offset + len(answer.hits):,} of {total}"


def _go_on(answer: Answer, query: Query) -> tuple[str, ...]:
    more = f"--page {_page(query) + 1}" if len(answer.hits) == query.limit else ""
    return "try   weavclip search --like @1", "weavclip list --around @1", more


def _page(query: Query) -> int:
    return query.offset // query.limit + 1


def _hidden(answer: Answer) -> str:
    hidden = sum(len(hit.alike) for hit in answer.hits)
    return f"{hidden:,} alike: --no-collapse shows them" if hidden else ""


def close_list(run: Session, counted: str, where: Filter, *, is_empty: bool) -> None:
    """The line under what a filter let through; where nothing is kept, what begins it."""
    if is_empty and where == Filter(hidden=where.hidden):
        say(render.NOTHING_KEPT)
    close(run, counted, choosing.said_back(where))


def close(run: Session, *parts: str) -> None:
    """The line under a list, or as many as its parts need."""
    joined = BETWEEN.join(part for part in parts if part)
    for line in flowed(joined.split(BETWEEN), run.screen.columns):
        say(run.screen.styled(line, render.DIM))
