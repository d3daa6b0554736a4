"""Keeping clips, and using them: add, copy, pin, unpin."""

from collections.abc import Sequence
from typing import Annotated
from uuid import UUID

import typer

from weavclip import wiring
from weavclip.cli import naming, times
from weavclip.cli.adding import Adding, gathered
from weavclip.cli.app import Session, app, command, remark, session
from weavclip.cli.progress import counting, goes_on_with
from weavclip.domain.keys import PasteKeys

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
    keep_secrets: Annotated[
        bool,
        typer.Option("--keep-secrets", help="Also what looks like a secret, and for good."),
    ] = False,
) -> None:
    """Keep the pictures and texts in files; known ones only count."""
    run = session(context)
    files = gathered(paths, data_dir=run.settings.data_dir)
    adding = Adding(say_each=not run.screen.is_terminal)
    with (
        goes_on_with("weavclip add"),
        wiring.open_ingest(run.settings, keep_secrets=keep_secrets) as ingest,
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
    if adding.secrets:
        remark("--keep-secrets keeps what only looks like a secret")


@command(
    app,
    "copy",
    "weavclip copy @1",
    "weavclip copy 3f9a --paste",
    "weavclip list -0 | fzf --read0 | weavclip copy -",
)
def copy(
    context: typer.Context,
    clip: Annotated[
        str, typer.Argument(help="An id, a part of one, @1, or '-' for stdin.", metavar="ID")
    ],
    paste: Annotated[
        bool, typer.Option("--paste", help="Also paste it into the window that has the focus.")
    ] = False,
    keys: Annotated[
        PasteKeys,
        typer.Option("--keys", help="What to press for --paste; auto goes by the program."),
    ] = PasteKeys.AUTO,
) -> None:
    """Put a clip back on the clipboard, where it stays."""
    if keys is not PasteKeys.AUTO and not paste:
        message = "--keys says what --paste presses; without it nothing is pressed"
        raise typer.BadParameter(message)
    run = session(context)
    with wiring.open_journal(run.settings) as journal:
        found = naming.all_named([clip], journal=journal, data_dir=run.settings.data_dir)
        clip_id = exactly_one(found)
        described = journal.get(clip_id)
        wiring.clipboard_writer(run.settings).put(
            journal.representations(clip_id), clip_id=described.id
        )
    remark(f"copied {described.kind}, {times.size(described.size_bytes)}")
    if paste:
        remark(f"pressed {wiring.paster(keys).paste()}")


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
    """Mark clips that are to stay; 'list --pinned' shows them."""
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
