"""Keeping clips and parting with them: add, copy, pin, unpin, forget."""

import sys
from collections.abc import Sequence
from typing import Annotated
from uuid import UUID

import typer

from weavclip import wiring
from weavclip.cli import asking, choosing, naming, render, times
from weavclip.cli.adding import Adding, gathered
from weavclip.cli.app import Session, app, command, remark, say, session
from weavclip.cli.printable import fitted, printable
from weavclip.cli.progress import counting, goes_on_with
from weavclip.domain.clip import Clip

EXAMPLES_SHOWN = 3
Names = Annotated[
    list[str],
    typer.Argument(help="Ids, parts of ids, @1, or '-' for ids on stdin.", metavar="ID..."),
]


@command(
    app,
    "add",
    "weavclip add ~/Pictures notes.txt",
    "weavclip add '~/Pictures/**/*.png'",
    "find . -name '*.md' -print0 | weavclip add -",
)
def add(
    context: typer.Context,
    paths: Annotated[
        list[str],
        typer.Argument(
            help="Files, folders with all below them, patterns in quotes, or '-' for paths on "
            "stdin (a line each, or ended by NUL).",
            metavar="PATHS...",
        ),
    ],
) -> None:
    """Keep the pictures and texts in files; known ones are only counted."""
    run = session(context)
    files = gathered(paths)
    adding = Adding(say_each=not run.screen.is_terminal)
    with (
        goes_on_with("weavclip add"),
        wiring.open_ingest(run.settings) as ingest,
        counting("adding", unit="files") as progress,
    ):
        try:
            for done, file in enumerate(files, start=1):
                adding.note(file, ingest.take_file(file))
                progress(done, len(files))
        finally:
            if adding.stored:
                wiring.wake_engine(run.settings)
    for line in adding.summary():
        remark(line)


@command(
    app,
    "copy",
    "weavclip copy @1",
    "weavclip copy 3f9a",
    "weavclip list -0 | fzf --read0 | weavclip copy -",
)
def copy(
    context: typer.Context,
    clip: Annotated[
        str, typer.Argument(help="An id, a part of one, @1, or '-' for stdin.", metavar="ID")
    ],
) -> None:
    """Put a clip back on the clipboard, where it stays."""
    run = session(context)
    with wiring.open_journal(run.settings) as journal:
        found = naming.all_named([clip], journal=journal, data_dir=run.settings.data_dir)
        clip_id = exactly_one(found)
        described = journal.get(clip_id)
        wiring.clipboard_writer(run.settings).put(
            journal.representations(clip_id), clip_id=described.id
        )
    remark(f"copied {described.kind}, {times.size(described.size_bytes)}")


def exactly_one(found: Sequence[UUID]) -> UUID:
    """The one id that was named.

    Raises:
        typer.BadParameter: If it is none or more than one.
    """
    if len(found) != 1:
        message = f"one clip can be copied at a time, got {len(found)}"
        raise typer.BadParameter(message)
    return found[0]


@command(app, "pin", "weavclip pin @1 3f9a")
def pin(context: typer.Context, clips: Names) -> None:
    """Mark clips that are to stay; 'weavclip list --pinned' shows them."""
    _set_pinned(session(context), clips, pinned=True)


@command(app, "unpin", "weavclip unpin @1")
def unpin(context: typer.Context, clips: Names) -> None:
    """Take the mark off again."""
    _set_pinned(session(context), clips, pinned=False)


def _set_pinned(run: Session, names: Sequence[str], *, pinned: bool) -> None:
    with wiring.open_journal(run.settings) as journal:
        found = naming.all_named(names, journal=journal, data_dir=run.settings.data_dir)
        for clip_id in found:
            journal.pin(clip_id, pinned=pinned)
    wiring.wake_engine(run.settings)
    remark(f"{'pinned' if pinned else 'unpinned'} {times.counted(len(found), 'clip')}")


@command(
    app,
    "forget",
    "weavclip forget @2",
    "weavclip forget 3f9a 81c2 --yes",
    "weavclip list --app Slack --before 2026-01-01 | weavclip forget - --yes",
)
def forget(
    context: typer.Context,
    clips: Names,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False,
    purge: Annotated[
        bool,
        typer.Option(
            "--purge",
            help="Also have Weaviate's files rid of them at once, by filling a fresh collection.",
        ),
    ] = False,
) -> None:
    """Remove clips for good: journal, files, vectors and Weaviate."""
    run = session(context)
    with wiring.open_journal(run.settings) as journal:
        found = naming.all_named(clips, journal=journal, data_dir=run.settings.data_dir)
        shown = [journal.get(clip_id) for clip_id in found[:EXAMPLES_SHOWN]]
    if not found:
        remark("no clip was named; nothing was changed")
        return
    _preview(run, shown, count=len(found))
    asking.insist(f"forget {times.counted(len(found), 'clip')} for good", yes=yes)
    if purge:
        with counting("filling a fresh collection") as progress:
            gone = wiring.forget(run.settings, found, purge=True, progress=progress)
    else:
        gone = wiring.forget(run.settings, found)
    freed = f", {times.size(gone.bytes_freed)} freed" if gone.bytes_freed else ""
    remark(f"forgot {times.counted(gone.clips, 'clip')}{freed}")
    if gone.index_pending:
        remark(
            f"Weaviate has still to delete {times.counted(gone.index_pending, 'clip')}; "
            "no answer shows them any more"
        )


def _preview(run: Session, shown: Sequence[Clip], *, count: int) -> None:
    """What will be gone: how many, from where, and a few of them, for a person's eyes only."""
    say(f"{times.counted(count, 'clip')} in {run.settings.data_dir}:")
    if not sys.stderr.isatty():
        return
    for clip in shown:
        moment = times.short(clip.last_copied_at, now=choosing.now())
        line = fitted(printable(render.headline(clip)), 50)
        say(f"  {clip.kind:<6}  {line}  {moment}")
    if count > len(shown):
        say(f"  and {count - len(shown):,} more")
