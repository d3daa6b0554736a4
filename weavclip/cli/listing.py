"""Clips in the order in which they were copied: list."""

from typing import TYPE_CHECKING, Annotated

import typer

from weavclip import wiring
from weavclip.cli import choosing, naming, render, results, times
from weavclip.cli.app import app, command, session
from weavclip.cli.narrowing import narrowed
from weavclip.cli.results import AsJson, NoPictures, Nul, Shape
from weavclip.domain.query import Filter

if TYPE_CHECKING:
    from collections.abc import Sequence

    from weavclip.domain.clip import Clip

FIRST_PAGE = 20
LISTED_PICTURE_ROWS = 4


@command(
    app,
    "list",
    "weavclip list --kind image --since yesterday",
    "weavclip list --when 'yesterday evening'",
    "weavclip list --around @3",
    "weavclip list -0 | fzf --read0 --preview 'weavclip show {1}' | weavclip copy -",
)
@narrowed()
def list_clips(
    context: typer.Context,
    *,
    where: Filter,
    around: Annotated[
        str | None,
        typer.Option(
            "--around",
            metavar="ID",
            help="Only what was copied within the hour around this clip, which is marked.",
        ),
    ] = None,
    limit: Annotated[
        int | None,
        typer.Option(
            "--limit", "-n", metavar="N", min=1, help="Most clips; 20 on a terminal, else all."
        ),
    ] = None,
    as_json: AsJson = False,
    nul: Nul = False,
    no_pictures: NoPictures = False,
) -> None:
    """Print the clips, the last copied first."""
    run = session(context)
    most = limit or (FIRST_PAGE if run.screen.is_terminal and not as_json else None)
    with wiring.open_journal(run.settings) as journal:
        middle = None
        if around is not None:
            clip_id = naming.named(around, journal=journal, data_dir=run.settings.data_dir)
            middle = journal.get(clip_id)
            where = choosing.within_the_hour(where, middle.last_copied_at)
        clips = list(journal.clips(where=where, limit=None if middle else most))
        total, fitting = journal.count(Filter(hidden=where.hidden)), journal.count(where)
    shown = _nearest(clips, middle, most=most) if middle and most else clips
    shape = Shape(
        as_json=as_json,
        nul=nul,
        pictures=not no_pictures,
        picture_rows=LISTED_PICTURE_ROWS,
        marked=middle.id if middle else None,
    )
    results.show(run, [render.unranked(clip) for clip in shown], shape=shape)
    if run.screen.is_terminal and not as_json:
        said = f"{len(shown):,} of {times.counted(fitting, 'clip')}"
        others = f" ({total:,} in all)" if fitting != total else ""
        results.close_list(run, said + others, where, is_empty=not shown)


def _nearest(clips: "Sequence[Clip]", middle: "Clip", *, most: int) -> "Sequence[Clip]":
    """As many neighbours in a list, in its order, that are nearest in time to one clip."""
    by_nearness = sorted(clips, key=lambda clip: abs(clip.last_copied_at - middle.last_copied_at))
    kept = {clip.id for clip in by_nearness[:most]}
    return [clip for clip in clips if clip.id in kept]
