"""Keeping pictures out of what is shown: hide, unhide."""

import json
from typing import Annotated

import typer

from weavclip import wiring
from weavclip.cli import asking, choosing, naming, render, times
from weavclip.cli.app import Session, app, command, remark, say, session
from weavclip.cli.asking import Yes
from weavclip.cli.printable import printable
from weavclip.cli.render import DIM
from weavclip.domain.hiding import THRESHOLD
from weavclip.wiring.hiding import ToHide

EXAMPLES_SHOWN = 5


@command(
    app,
    "hide",
    'weavclip hide "a bare person"',
    'weavclip hide "a bank statement" --threshold 0.8 --dry-run',
    "weavclip hide",
)
def hide(
    context: typer.Context,
    words: Annotated[
        str | None,
        typer.Argument(help="They describe the pictures; none lists what hides.", metavar="WORDS"),
    ] = None,
    threshold: Annotated[
        float,
        typer.Option(
            "--threshold",
            min=0.0,
            max=1.0,
            help="Least probability, as a search for WORDS says it; less hides more.",
        ),
    ] = THRESHOLD,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Only say what would be hidden.")
    ] = False,
    yes: Yes = False,
    as_json: Annotated[
        bool, typer.Option("--json", help="List as an array of objects: words, threshold, clips.")
    ] = False,
) -> None:
    """Keep pictures that WORDS describe out of all that is shown.

    Those that are there, and those that come. 'weavclip unhide WORDS' takes it back; --hidden
    shows them with the others where it is an option.
    """
    run = session(context)
    if words is None:
        _list(run, as_json=as_json)
        return
    with wiring.to_hide(run.settings, words, threshold=threshold) as found:
        _preview(found)
        if dry_run:
            remark("nothing was changed")
            return
        asking.insist("hide them, and those like them that come", yes=yes)
        count = found.hide()
    remark(f"hid {times.counted(count, 'clip')}; weavclip unhide takes it back")


@command(
    app,
    "unhide",
    'weavclip unhide "a bare person"',
    'weavclip unhide "a bare person" @1 3f9a',
)
def unhide(
    context: typer.Context,
    words: Annotated[str, typer.Argument(help="As they were given to hide.", metavar="WORDS")],
    clips: Annotated[
        list[str] | None,
        typer.Argument(help="Only these, for good; the words go on hiding.", metavar="ID..."),
    ] = None,
) -> None:
    """Show again what WORDS hide, or some of these clips."""
    run = session(context)
    with wiring.open_journal(run.settings) as journal:
        found = naming.all_named(clips or [], journal=journal, data_dir=run.settings.data_dir)
    count = wiring.unhide(run.settings, words, found)
    remark(f"{times.counted(count, 'clip')} shown again")


def _preview(found: ToHide) -> None:
    """How many, from the surest to the one that is nearest to the threshold."""
    say(f"{times.counted(len(found.found), 'picture')} would be hidden")
    shown = found.found
    if len(shown) > EXAMPLES_SHOWN:
        ends = EXAMPLES_SHOWN // 2
        shown = (*shown[: EXAMPLES_SHOWN - ends], *shown[-ends:])
    for clip, chance in shown:
        moment = times.short(clip.last_copied_at, now=choosing.now())
        said = "  ".join(
            part for part in (render.headline(clip), moment, printable(clip.source_app)) if part
        )
        say(f"  {chance:4.0%}  {clip.id}  {said}")


def _list(run: Session, *, as_json: bool) -> None:
    found = wiring.hidings(run.settings)
    if as_json:
        rows = [
            {"words": each.words, "threshold": each.threshold, "clips": each.clips}
            for each in found
        ]
        typer.echo(json.dumps(rows, indent=2))
        return
    for each in found:
        if run.screen.is_terminal:
            least = run.screen.styled(f"from {each.threshold:.0%}", DIM)
            typer.echo(f"{each.clips:>7,}  {printable(each.words)}  {least}")
        else:
            typer.echo(f"{each.clips}\t{each.threshold:g}\t{printable(each.words)}")
    if not found and run.screen.is_terminal:
        remark("nothing is hidden")
