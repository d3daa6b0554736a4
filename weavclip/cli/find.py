"""Finding a clip and looking at it: search, show."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from weavclip import wiring
from weavclip.cli import choosing, content, naming, render, results
from weavclip.cli.app import Session, app, command, remark, say, session
from weavclip.cli.narrowing import narrowed
from weavclip.cli.pasting import TakesPasted
from weavclip.cli.questions import Asked, question
from weavclip.cli.results import AsJson, NoPictures, Nul, Shape
from weavclip.domain.query import Filter, Query

MOST_HITS = 1000

Words = Annotated[
    list[str] | None, typer.Argument(help="Words that describe the clip.", metavar="TEXT...")
]
PictureFile = Annotated[
    Path | None,
    typer.Option("--image", metavar="FILE", help="Ask with a picture; '-' reads stdin."),
]
ClipNames = Annotated[
    list[str] | None,
    typer.Option("--like", metavar="ID", help="Ask with a clip; may be repeated."),
]
Plus = Annotated[
    list[str] | None,
    typer.Option(
        "--plus",
        metavar="TEXT|FILE|@N",
        help="Nearer to this text, picture or clip, too; '*0.5' behind it is its weight.",
    ),
]
Minus = Annotated[
    list[str] | None,
    typer.Option("--minus", metavar="TEXT|FILE|@N", help="Farther from it."),
]
OnClipboard = Annotated[
    bool, typer.Option("--clipboard", help="Ask with what is on the clipboard.")
]
Limit = Annotated[
    int,
    typer.Option(
        "--limit", "-n", metavar="N", min=1, max=MOST_HITS, help="Most hits to print, up to 1,000."
    ),
]
Everything = Annotated[bool, typer.Option("--all", help="Also print what is under the cut-off.")]
Page = Annotated[
    int,
    typer.Option("--page", metavar="N", min=1, help="The next so many hits: 2 goes on after 1."),
]
Plain = Annotated[
    bool,
    typer.Option("--plain", help='Take TEXT as it is: no "phrases", -words and kind:image.'),
]
Fuzzy = Annotated[
    bool, typer.Option("--fuzzy", help="Look past typing slips: 'kubernets' finds kubernetes.")
]
Regex = Annotated[
    str,
    typer.Option(
        "--regex",
        metavar="PATTERN",
        help=r"Only clips whose text, or words in a picture, match: 'ERR-\d{4}'; RE2's syntax.",
    ),
]
Explain = Annotated[
    bool,
    typer.Option(
        "--explain", help="Say what each way to look says of each hit: value, place, probability."
    ),
]
NoCollapse = Annotated[
    bool,
    typer.Option("--no-collapse", help="Show each of several hits that are nearly equal."),
]
NoEngine = Annotated[bool, typer.Option("--no-engine", help="Do it all in this process.")]


@command(
    app,
    "search",
    'weavclip search "the chart with two peaks" --since "last week"',
    """weavclip search 'invoice "two peaks" -draft kind:image since:monday'""",
    "weavclip search --image photo.png --kind image",
    "weavclip search --like @1 --plus 'at night*0.5' --minus chart",
    r"weavclip search --regex 'ERR-\d{4}' --since yesterday",
    "weavclip search invoice --json | jq -r '.[].id'",
    cls=TakesPasted,
)
@narrowed()
def search(
    context: typer.Context,
    text: Words = None,
    image: PictureFile = None,
    like: ClipNames = None,
    plus: Plus = None,
    minus: Minus = None,
    clipboard: OnClipboard = False,
    *,
    where: Filter,
    plain: Plain = False,
    regex: Regex = "",
    fuzzy: Fuzzy = False,
    limit: Limit = 10,
    page: Page = 1,
    as_json: AsJson = False,
    nul: Nul = False,
    everything: Everything = False,
    no_collapse: NoCollapse = False,
    explain: Explain = False,
    no_pictures: NoPictures = False,
    no_engine: NoEngine = False,
) -> None:
    """Print what fits TEXT, a picture or a clip, best first.

    In TEXT a "quoted phrase" has to be in the clip and a -word must not; kind:, app:, label:,
    pinned:, before:, after:, since: and when: say which clips, as in kind:image when:"last week".
    A backslash before any of these makes it a word.
    """
    run = session(context)
    asked = Asked(
        words=" ".join(text or ()),
        plain=plain,
        regex=regex,
        image=image,
        like=like or (),
        plus=plus or (),
        minus=minus or (),
        clipboard=clipboard,
    )
    shown = Query(
        limit=limit,
        offset=(page - 1) * limit,
        where=where,
        everything=everything,
        collapse=not no_collapse,
        fuzzy=fuzzy,
    )
    query = question(run.settings, asked, shown=shown)
    with wiring.open_search(
        run.settings, use_engine=not no_engine, hidden=where.hidden
    ) as searcher:
        answer = searcher.run(query)
    shape = Shape(as_json=as_json, nul=nul, explain=explain, pictures=not no_pictures)
    results.show(run, answer.hits, shape=shape, index=answer.index)
    results.tell(run, answer, query=query, explain=explain)


@command(
    app,
    "show",
    "weavclip show @1",
    "weavclip show 3f9a --meta",
    "weavclip show 3f9a --out chart.png",
)
def show(
    context: typer.Context,
    clip: Annotated[str, typer.Argument(help="An id, a part of one, or @1.", metavar="ID")],
    out: Annotated[
        Path | None, typer.Option("--out", "-o", metavar="FILE", help="Write it to FILE.")
    ] = None,
    mime_type: Annotated[
        str | None,
        typer.Option(
            "--mime", metavar="TYPE", help="Which of the kept types, as --meta has them."
        ),
    ] = None,
    meta: Annotated[
        bool, typer.Option("--meta", help="Print what is known of it instead.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="The same as an object.")] = False,
    hidden: Annotated[bool, typer.Option("--hidden", help="Draw it though it is hidden.")] = False,
    no_pictures: NoPictures = False,
) -> None:
    """Print one clip; in a pipe, its exact bytes."""
    run = session(context)
    with wiring.open_journal(run.settings) as journal:
        clip_id = naming.named(clip, journal=journal, data_dir=run.settings.data_dir)
        found = content.Content(journal.get(clip_id), journal, alike=journal.alike(clip_id))
        if meta or as_json:
            typer.echo(found.as_json() if as_json else "\n".join(found.facts()))
        elif out is not None:
            content.write(out, found.chosen(mime_type))
            remark(f"wrote {out}")
        elif run.screen.is_terminal and mime_type is None:
            _show_on_terminal(run, found, pictures=not no_pictures, hidden=hidden)
        else:
            sys.stdout.buffer.write(found.chosen(mime_type))


def _show_on_terminal(
    run: Session, found: content.Content, *, pictures: bool, hidden: bool
) -> None:
    say(run.screen.styled(found.heading(now=choosing.now()), render.DIM))
    if found.is_hidden and not hidden:
        remark("it is hidden; --hidden shows it")
        return
    drawn = found.drawn(run.settings, run.screen) if pictures else ""
    typer.echo(drawn or found.words())
