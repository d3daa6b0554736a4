"""Clips as a file, and back: export, import, backup, restore."""

import os
import sys
from contextlib import ExitStack
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from weavclip import wiring
from weavclip.cli import asking, choosing, render, times
from weavclip.cli.app import Session, app, command, remark, say, session
from weavclip.cli.asking import Yes
from weavclip.cli.narrowing import narrowed
from weavclip.cli.printable import fitted, printable
from weavclip.cli.progress import counting, goes_on_with
from weavclip.domain.query import Filter

STANDARD = Path("-")


class Peer(StrEnum):
    """The clipboard managers whose histories are read."""

    COPYQ = "copyq"
    MACCY = "maccy"
    CLIPHIST = "cliphist"
    GPASTE = "gpaste"


@command(
    app,
    "export",
    "weavclip export clips.tar",
    "weavclip export work.tar --app Slack --since 'last month'",
    "weavclip export - | age -p > clips.tar.age",
)
@narrowed(without={"hidden"}, hidden=True)
def export(
    context: typer.Context,
    file: Annotated[
        Path, typer.Argument(help="The file to write, or '-' for stdout.", metavar="FILE")
    ],
    *,
    where: Filter,
    vectors: Annotated[
        bool,
        typer.Option(
            "--vectors", help="With raw vectors: imported, nothing has to be embedded again."
        ),
    ] = False,
    yes: Yes = False,
) -> None:
    """Write clips into one file that tar and jq can read."""
    run = session(context)
    _check_target(run, file, yes=yes)
    with counting("exporting") as progress:
        done = wiring.export(
            run.settings, file, where=where, with_vectors=vectors, progress=progress
        )
    remark(f"exported {times.counted(done.clips, 'clip')}{_size_of(file)}")
    for clip_id in done.left_out:
        remark(f"left out {clip_id}: its content cannot be read any more")
    _warn_of_plain_text(file)
    if done.left_out:
        raise typer.Exit(1)


def _check_target(run: Session, file: Path, *, yes: bool) -> None:
    if file.is_dir():
        message = f"{file} is a folder: name a file in it"
        raise typer.BadParameter(message)
    if file == STANDARD and run.screen.is_terminal:
        message = "a file of clips is nothing for a terminal: name a file, or pipe it on"
        raise typer.BadParameter(message)
    if file != STANDARD and file.exists():
        asking.insist(f"replace {file}", yes=yes)


def _size_of(file: Path) -> str:
    return "" if file == STANDARD else f" to {file}, {times.size(file.stat().st_size)}"


def _warn_of_plain_text(file: Path) -> None:
    """Say that whoever has the file can read it, and what to do about that."""
    if file == STANDARD:
        return
    remark(f"{file} is not encrypted: whoever reads it reads every clip in it")
    say(f"  try: age -p {file} > {file}.age, or: gpg -c {file}; then delete {file}")


@command(
    app,
    "import",
    "weavclip import clips.tar",
    "age -d clips.tar.age | weavclip import -",
    "weavclip import ~/.cache/cliphist/db",
    "weavclip import --from gpaste ~/.local/share/gpaste/history.xml",
)
def take_in(
    context: typer.Context,
    file: Annotated[
        Path,
        typer.Argument(
            help="What 'weavclip export' wrote, another clipboard manager's history, or '-' for "
            "stdin.",
            metavar="FILE",
        ),
    ],
    peer: Annotated[
        Peer | None,
        typer.Option("--from", help="Whose history FILE is, when it is not seen by itself."),
    ] = None,
) -> None:
    """Take in clips from a file, or another manager's history.

    Clips that are here already are not added again. Of another manager's history, what may not be
    kept (secrets, ignored programs) is left out.
    """
    run = session(context)
    if peer and file == STANDARD:
        message = "a history is read from a file, not from stdin"
        raise typer.BadParameter(message)
    name = str(peer) if peer else wiring.history_of(file)
    with goes_on_with(f"weavclip import {file}"):
        if name:
            _take_over(run, file, name)
            return
        with counting("importing") as progress:
            done = wiring.take_in(run.settings, file, progress=progress)
    remark(_told(*done.counts.values()))
    for model in sorted(done.left_out_models):
        remark(f"left out the vectors of {fitted(printable(model), 40)}: no such model is here")


def _take_over(run: Session, file: Path, name: str) -> None:
    with counting(f"importing from {name}", unit="entries") as progress:
        done = wiring.take_over(run.settings, file, name, progress=progress)
    remark(f"{name}: {_told(done.added, done.merged, done.known)}")
    for reason, count in done.skipped.most_common():
        remark(f"left out {count:,}: {reason}")


def _told(added: int, merged: int, known: int) -> str:
    return (
        f"imported {times.counted(added, 'clip')}; {merged:,} counted for an equal one, "
        f"{known:,} known already"
    )


@command(
    app,
    "backup",
    "weavclip backup ~/backups",
    "weavclip backup journal.tar",
    "weavclip backup - | gpg -c > journal.tar.gpg",
)
def backup(
    context: typer.Context,
    target: Annotated[
        Path,
        typer.Argument(
            help="The file to write, a folder for a file named after the time, or '-' for stdout.",
            metavar="FILE|FOLDER",
        ),
    ],
    yes: Yes = False,
) -> None:
    """Write the whole journal into one file, while copying goes on."""
    run = session(context)
    file = wiring.backup_file(target)
    _check_target(run, file, yes=yes)
    with counting("backing up", unit="bytes") as progress:
        done = wiring.back_up(run.settings, file, progress=progress)
    proved = "" if file == STANDARD else ", and read again"
    remark(f"backed up {times.counted(done.clips, 'clip')}{_size_of(file)}{proved}")
    say("  models and settings are not in it: 'weavclip model add' and 'config' bring them back")
    for clip_id in done.damaged:
        remark(f"left out {clip_id}: a file of its content is lost or altered")
    _warn_of_plain_text(file)
    if done.damaged:
        raise typer.Exit(1)


@command(
    app,
    "restore",
    "weavclip restore journal.tar",
    "gpg -d journal.tar.gpg | weavclip restore - --yes",
)
def restore(
    context: typer.Context,
    file: Annotated[
        Path,
        typer.Argument(help="What 'weavclip backup' wrote, or '-' for stdin.", metavar="FILE"),
    ],
    yes: Yes = False,
) -> None:
    """Put a backup in the journal's place; it is shown first."""
    run = session(context)
    if file != STANDARD and not os.path.lexists(file):
        message = f"there is no file {file}"
        raise typer.BadParameter(message)
    if not sys.stdin.isatty():
        asking.insist("replace the journal", yes=yes)
    with (
        ExitStack() as bar,
        wiring.restoring(
            run.settings,
            file,
            progress=bar.enter_context(counting("reading", unit="bytes")),
        ) as found,
    ):
        bar.close()  # nothing is to be drawn over the question
        _show(run, found)
        asking.insist(f"replace the journal in {run.settings.data_dir}", yes=yes)
        found.take_place()
    remark(f"restored {times.counted(found.clips, 'clip')}; the index is filled anew by itself")


def _show(run: Session, found: wiring.Restorable) -> None:
    """What the journal would be, and what is there now."""
    made = times.short(datetime.fromisoformat(found.head.created_at), now=choosing.now())
    say(f"{times.counted(found.clips, 'clip')}, backed up {made} on {found.head.device}")
    if sys.stderr.isatty():
        for clip in found.examples:
            moment = times.short(clip.last_copied_at, now=choosing.now())
            say(f"  {clip.kind:<6}  {fitted(printable(render.headline(clip)), 50)}  {moment}")
        if found.clips > len(found.examples):
            say(f"  and {found.clips - len(found.examples):,} more")
    there = found.replaced_clips
    now = "a damaged journal" if there is None else times.counted(there, "clip")
    say(f"there now, and gone then: {now} in {run.settings.data_dir}")
