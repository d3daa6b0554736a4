"""Pictures that were copied more than once: duplicates."""

import json
from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated

import typer

from weavclip import wiring
from weavclip.cli import asking, choosing, naming, times
from weavclip.cli.app import Session, app, command, remark, say, session
from weavclip.cli.asking import Yes
from weavclip.cli.narrowing import narrowed
from weavclip.cli.printable import fitted, printable
from weavclip.cli.progress import counting
from weavclip.cli.render import DIM, YELLOW
from weavclip.domain.clip import Clip, Kind
from weavclip.domain.query import Filter

if TYPE_CHECKING:
    from uuid import UUID

    from weavclip.wiring.duplicates import NearlyEqual

_APP_CELLS = 20


@command(
    app,
    "duplicates",
    "weavclip duplicates",
    "weavclip duplicates --since 'last week'",
    "weavclip duplicates --forget",
)
@narrowed(without={"kinds"}, kinds=[Kind.IMAGE])
def duplicates(
    context: typer.Context,
    *,
    where: Filter,
    forget: Annotated[
        bool,
        typer.Option("--forget", help="Forget all but the first of each; it is asked before."),
    ] = False,
    yes: Yes = False,
    as_json: Annotated[
        bool,
        typer.Option("--json", help="Print an array of objects: kept, others, each with its id."),
    ] = False,
) -> None:
    """Print pictures that are the same but for size or quality.

    The first of each is the pinned one, else the largest, else the oldest; pinned ones are never
    forgotten.
    """
    run = session(context)
    with counting("looking", unit="groups") as progress:
        found, left = wiring.duplicates(run.settings, where, progress=progress)
    if found:
        naming.remember(run.settings.data_dir, _ids(found))
    if as_json:
        rows = [
            {"kept": _plain(each.kept), "others": [_plain(clip) for clip in each.others]}
            for each in found
        ]
        typer.echo(json.dumps(rows, indent=2))
    elif run.screen.is_terminal:
        _lay_out(run, found)
    else:
        for number, each in enumerate(found, start=1):
            for clip in (each.kept, *each.others):
                typer.echo(
                    "\t".join((str(number), str(clip.id), _size(clip), str(clip.size_bytes)))
                )
    if left:
        remark(f"{times.counted(left, 'clip')} still to be compared; {_by_whom(run)}")
    if not found:
        remark("no two pictures are nearly equal")
    elif forget:
        _forget(run, found, yes=yes)


def _by_whom(run: Session) -> str:
    """Who compares what is left: without a model no picture is looked at."""
    if run.settings.model:
        return "the engine is at it"
    return "that takes a model: weavclip model add ViT-B-16 (about 600 MB)"


def _ids(found: Sequence["NearlyEqual"]) -> "list[UUID]":
    return [clip.id for each in found for clip in (each.kept, *each.others)]


def _plain(clip: Clip) -> dict[str, object]:
    return {
        "id": str(clip.id),
        "width_px": clip.width_px,
        "height_px": clip.height_px,
        "size_bytes": clip.size_bytes,
        "pinned": clip.pinned,
    }


def _size(clip: Clip) -> str:
    return f"{clip.width_px} x {clip.height_px}"


def _lay_out(run: Session, found: Sequence["NearlyEqual"]) -> None:
    with wiring.open_journal(run.settings) as journal:
        short = journal.short_ids(_ids(found))
    place, now = 0, choosing.now()
    for each in found:
        for clip in (each.kept, *each.others):
            place += 1
            app_name = fitted(printable(clip.source_app), _APP_CELLS)
            when = times.short(clip.last_copied_at, now=now)
            said = "  ".join(part for part in (when, app_name, "pinned" * clip.pinned) if part)
            sign = "keep" if clip is each.kept else "same"
            sizes = f"{_size(clip):>13}  {times.size(clip.size_bytes):>9}"
            typer.echo(
                f"{run.screen.styled(f'{place:>3}', DIM)}  {sign}  {sizes}  "
                f"{run.screen.styled(said, DIM)}  {run.screen.styled(short[clip.id], YELLOW)}"
            )


def _forget(run: Session, found: Sequence["NearlyEqual"], *, yes: bool) -> None:
    gone = [clip for each in found for clip in each.others if not clip.pinned]
    if not gone:
        remark("all of them are pinned; nothing was changed")
        return
    freed = times.size(sum(clip.size_bytes for clip in gone))
    say(f"{times.counted(len(gone), 'picture')} of {freed} would go; the first of each stays")
    asking.insist(f"forget {times.counted(len(gone), 'picture')} for good", yes=yes)
    done = wiring.forget(run.settings, [clip.id for clip in gone])
    remark(f"forgot {times.counted(done.clips, 'picture')}, {times.size(done.bytes_freed)} freed")
