"""Weighing by sentences: compare, rank."""

import json
import re
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from weavclip import wiring
from weavclip.cli import naming, results, times
from weavclip.cli.app import Session, app, command, session
from weavclip.cli.narrowing import narrowed
from weavclip.cli.printable import cells, fitted, padded, printable
from weavclip.cli.questions import remark_if_no_file
from weavclip.cli.render import BOLD
from weavclip.cli.results import AsJson, NoPictures, Nul, Shape
from weavclip.domain.errors import UnknownClipError
from weavclip.domain.query import Filter
from weavclip.isolation import files

if TYPE_CHECKING:
    from uuid import UUID

_ID = re.compile(r"[0-9a-f]{4,}(?:-[0-9a-f]+)*", re.IGNORECASE)
_BAR_CELLS, _LEAST_BAR_CELLS = 30, 8
_PERCENT_CELLS = len("  100.0%  ")
_EIGHTHS = " ▏▎▍▌▋▊▉█"
_MOST_PROMPT_CELLS = 50


@command(
    app,
    "compare",
    'weavclip compare @1 "a chart" "a photo" "a screenshot"',
    'weavclip compare picture.png "by day" "at night" --json',
)
def compare(
    context: typer.Context,
    subject: Annotated[
        str, typer.Argument(help="A clip (an id, @1), a file, or else a text.", metavar="SUBJECT")
    ],
    prompts: Annotated[
        list[str], typer.Argument(help="Two sentences or more.", metavar="PROMPT...")
    ],
    as_json: Annotated[
        bool, typer.Option("--json", help="Print an array of objects: prompt, probability.")
    ] = False,
) -> None:
    """Print how likely each PROMPT is the one that fits."""
    run = session(context)
    chances = wiring.compare(run.settings, _meant(run, subject), prompts)
    if as_json:
        rows = [
            {"prompt": prompt, "probability": chance}
            for prompt, chance in zip(prompts, chances, strict=True)
        ]
        typer.echo(json.dumps(rows, indent=2))
        return
    shown = [fitted(printable(prompt), _MOST_PROMPT_CELLS) for prompt in prompts]
    width = max(map(cells, shown))
    room = max(_LEAST_BAR_CELLS, min(_BAR_CELLS, run.screen.columns - width - _PERCENT_CELLS))
    for prompt, chance in zip(shown, chances, strict=True):
        if run.screen.is_terminal:
            percent = run.screen.styled(f"{chance:6.1%}", BOLD)
            typer.echo(f"{padded(prompt, width)}  {percent}  {bar(chance, room)}".rstrip())
        else:
            typer.echo(f"{chance:.6f}\t{prompt}")


def _meant(run: Session, subject: str) -> "UUID | Path | str":
    """What was named: ``@1``, a file that is there, an id that a clip has, else words."""
    is_place = subject.startswith("@") and subject[1:].isdecimal()
    if not is_place and files.is_there(Path(subject)):
        return Path(subject)
    if not is_place and not _ID.fullmatch(subject):
        remark_if_no_file(subject)
        return subject
    with wiring.open_journal(run.settings) as journal:
        try:
            return naming.named(subject, journal=journal, data_dir=run.settings.data_dir)
        except UnknownClipError:
            if is_place:
                raise
            return subject  # such as "cafe"


def bar(share: float, columns: int) -> str:
    """A bar that is full at 1, to an eighth of a cell.

    >>> bar(0.5, 4), bar(0.28125, 4)
    ('██', '█▏')
    """
    eighths = round(min(max(share, 0.0), 1.0) * columns * 8)
    whole, rest = divmod(eighths, 8)
    return "█" * whole + (_EIGHTHS[rest] if rest else "")


@command(
    app,
    "rank",
    'weavclip rank --by "a sharp photo" --not "a blurry photo" --kind image',
    'weavclip rank --by "a colourful chart" --label chart',
)
@narrowed()
def rank(
    context: typer.Context,
    by: Annotated[str, typer.Option("--by", metavar="WORDS", help="The quality.")],
    against: Annotated[
        str, typer.Option("--not", metavar="WORDS", help="Its opposite, which makes it sharper.")
    ] = "",
    *,
    where: Filter,
    limit: Annotated[
        int | None, typer.Option("--limit", "-n", metavar="N", min=1, help="Most clips; else all.")
    ] = None,
    as_json: AsJson = False,
    nul: Nul = False,
    no_pictures: NoPictures = False,
) -> None:
    """Put a set of clips in order by a quality.

    All of the set is printed: nothing is cut off, unlike in a search.
    """
    run = session(context)
    if not by.strip():
        message = "say which quality: --by 'a sharp photo'"
        raise typer.BadParameter(message, ctx=context)
    hits = wiring.rank(run.settings, words=by, against=against, where=where)
    shown = hits[:limit]
    results.show(
        run, shown, shape=Shape(as_json=as_json, nul=nul, pictures=not no_pictures, picture_rows=4)
    )
    if run.screen.is_terminal and not as_json:
        said = f"{len(shown):,} of {times.counted(len(hits), 'clip')}"
        results.close_list(run, said, where, is_empty=not hits)
