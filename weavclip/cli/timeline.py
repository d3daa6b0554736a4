"""When what was copied: timeline."""

import json
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from weavclip import wiring
from weavclip.cli import results, times
from weavclip.cli.app import app, command, remark, session
from weavclip.cli.content import write
from weavclip.cli.narrowing import narrowed
from weavclip.cli.timeline_drawing import bars, svg
from weavclip.domain.clip import Kind
from weavclip.domain.query import Filter
from weavclip.organise.timeline import Span, Step, timeline


@command(
    app,
    "timeline",
    "weavclip timeline",
    "weavclip timeline --by week --kind image",
    "weavclip timeline --since 'last month' --svg month.svg",
)
@narrowed()
def show_timeline(
    context: typer.Context,
    by: Annotated[
        Step | None,
        typer.Option("--by", metavar="STEP", help="hour, day, week or month; else what suits."),
    ] = None,
    *,
    where: Filter,
    svg_file: Annotated[
        Path | None, typer.Option("--svg", metavar="FILE", help="Also write it as a drawing.")
    ] = None,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print an array of objects: start, and each kind.")
    ] = False,
) -> None:
    """Print how much was copied when, the last 60 steps of time."""
    run = session(context)
    with wiring.open_journal(run.settings) as journal:
        spans = timeline(journal.clips(where=where), step=by)
    if as_json:
        typer.echo(json.dumps([_plain(span) for span in spans], indent=2))
    elif run.screen.is_terminal:
        for line in bars(spans, run.screen):
            typer.echo(line)
        total = sum(span.total for span in spans)
        results.close_list(run, times.counted(total, "clip"), where, is_empty=not total)
    else:
        for span in spans:
            typer.echo("\t".join((_iso(span.start), *_counted(span))))
    if svg_file is not None:
        write(svg_file, svg(spans).encode())
        remark(f"wrote {svg_file}")


def _plain(span: Span) -> dict[str, object]:
    return {"start": _iso(span.start), **{kind.value: span.counts.get(kind, 0) for kind in Kind}}


def _counted(span: Span) -> Sequence[str]:
    return [str(span.counts.get(kind, 0)) for kind in Kind]


def _iso(moment: datetime) -> str:
    return moment.isoformat(timespec="minutes")
