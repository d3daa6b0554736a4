"""The memory by topics: clusters."""

import json
from typing import TYPE_CHECKING, Annotated

import typer

from weavclip import wiring
from weavclip.cli import choosing, render, results, times
from weavclip.cli.app import Session, app, command, session
from weavclip.cli.narrowing import narrowed
from weavclip.cli.printable import printable
from weavclip.cli.render import BOLD, DIM
from weavclip.cli.results import AsJson, NoPictures, Shape
from weavclip.domain.errors import QueryError
from weavclip.domain.query import Filter

if TYPE_CHECKING:
    from weavclip.pipeline.topics import Topic, Topics

NEAREST = 3
_MOST = 64


@command(
    app,
    "clusters",
    "weavclip clusters",
    "weavclip clusters 3",
    "weavclip clusters --kind text --since 'last month' --topics 8",
)
@narrowed()
def clusters(
    context: typer.Context,
    number: Annotated[
        int | None,
        typer.Argument(help="List this one's clips, the most typical first.", metavar="N", min=1),
    ] = None,
    count: Annotated[
        int | None,
        typer.Option("--topics", metavar="N", min=1, max=_MOST, help="How many; else what suits."),
    ] = None,
    *,
    where: Filter,
    limit: Annotated[
        int | None,
        typer.Option("--limit", "-n", metavar="N", min=1, help="Most clips of one; else all."),
    ] = None,
    as_json: AsJson = False,
    no_pictures: NoPictures = False,
) -> None:
    """Print what the memory is about: topics, or the clips of one.

    Without N, --json has objects of: cluster, clips, pictures, words, labels, nearest. The same
    clips have the same topics; one more may change their numbers.
    """
    run = session(context)
    found = wiring.topics(run.settings, where, count=count)
    if number is not None:
        shape = Shape(as_json=as_json, pictures=not no_pictures, picture_rows=4)
        _list(run, found, number, limit=limit, shape=shape)
    elif as_json:
        rows = [_plain(at, topic) for at, topic in enumerate(found.topics, start=1)]
        typer.echo(json.dumps(rows, indent=2))
    else:
        _print(run, found)
        if run.screen.is_terminal:
            total = len(found.outside) + sum(len(each.clips) for each in found.topics)
            left = f"{len(found.outside):,} of {times.counted(total, 'clip')} in no topic"
            drawn = f"found among {found.looked_at:,}" if found.looked_at < total else ""
            results.close(run, left, drawn, choosing.said_back(where))
            results.close(run, "try   weavclip clusters 1", "weavclip search --like ID")


def _print(run: Session, found: "Topics") -> None:
    for at, topic in enumerate(found.topics, start=1):
        words, labels = ", ".join(map(printable, topic.words)), ", ".join(topic.labels)
        if run.screen.is_terminal:
            name = run.screen.styled(words or printable(labels) or "pictures", BOLD)
            pictures = times.counted(topic.pictures, "picture") if topic.pictures else ""
            more = (printable(labels) if words else "", pictures)
            said = " · ".join(part for part in more if part)
            typer.echo(f"{at:>3}  {len(topic.clips):>7,}  {name}  {run.screen.styled(said, DIM)}")
        else:
            typer.echo(f"{at}\t{len(topic.clips)}\t{topic.pictures}\t{words}\t{printable(labels)}")


def _plain(number: int, topic: "Topic") -> dict[str, object]:
    return {
        "cluster": number,
        "clips": len(topic.clips),
        "pictures": topic.pictures,
        "words": list(topic.words),
        "labels": list(topic.labels),
        "nearest": [str(each) for each in topic.clips[:NEAREST]],
    }


def _list(run: Session, found: "Topics", number: int, *, limit: int | None, shape: Shape) -> None:
    if number > len(found.topics):
        message = f"there is no topic {number}: there are {len(found.topics)}"
        raise QueryError(message, hint="weavclip clusters")
    ids = found.topics[number - 1].clips[:limit]
    with wiring.open_journal(run.settings) as journal:
        clips = journal.get_many(ids)
    hits = [render.unranked(clips[each]) for each in ids if each in clips]
    results.show(run, hits, shape=shape)
