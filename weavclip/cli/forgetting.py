"""Parting with clips: forget."""

import sys
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Annotated, Any
from uuid import UUID

import typer

from weavclip import wiring
from weavclip.cli import asking, choosing, naming, render, times
from weavclip.cli.app import Command, Session, app, command, remark, say, session
from weavclip.cli.asking import Yes
from weavclip.cli.narrowing import Apps, Kinds, Since
from weavclip.cli.printable import fitted, printable
from weavclip.cli.progress import counting, goes_on_with
from weavclip.domain.clip import Clip
from weavclip.domain.query import Filter

if TYPE_CHECKING:
    from weavclip.journal.store import SqliteJournal

EXAMPLES_SHOWN, APPS_SHOWN = 3, 3
MANY = 1000
LAST = "--last"
_MOST_LAST_DIGITS = 6


class LastAlone(Command):
    """Reads ``--last`` without a number as ``--last 1``: typer knows no optional value."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:  # noqa: ANN401 - typer's click
        """Put the number in where it is missing, then parse."""
        return super().parse_args(ctx, with_number(args))


def with_number(args: Sequence[str]) -> list[str]:
    """Arguments in which ``--last`` is followed by a number.

    >>> with_number(["--last"]), with_number(["--last", "3f9a"]), with_number(["--last", "20"])
    (['--last', '1'], ['--last', '1', '3f9a'], ['--last', '20'])
    """
    found: list[str] = []
    for place, arg in enumerate(args):
        found.append(arg)
        following = args[place + 1] if place + 1 < len(args) else ""
        is_number = following.isdecimal() and len(following) <= _MOST_LAST_DIGITS
        if arg == LAST and not is_number:
            found.append("1")
    return found


@command(
    app,
    "forget",
    "weavclip forget @2",
    "weavclip forget --last",
    "weavclip forget --since 10m",
    "weavclip forget --app Slack --before 2026-01-01",
    "weavclip forget --matching hunter2 --yes",
    "weavclip forget --all",
    cls=LastAlone,
)
def forget(
    context: typer.Context,
    clips: Annotated[
        list[str] | None,
        typer.Argument(help="Ids, parts of ids, @1, or '-' for ids on stdin.", metavar="ID..."),
    ] = None,
    last: Annotated[
        int | None,
        typer.Option(
            LAST, metavar="[N]", min=1, help="The N that were copied last; one without N."
        ),
    ] = None,
    since: Since = None,
    before: Annotated[
        str | None,
        typer.Option("--before", metavar="WHEN", help="Last copied before that moment."),
    ] = None,
    from_app: Apps = None,
    kind: Kinds = None,
    matching: Annotated[
        str,
        typer.Option(
            "--matching",
            metavar="TEXT",
            help="TEXT is in their words, markup, file names, address or picture; letter case "
            "does not count. '-' asks for it, or reads it from stdin: no shell remembers it then.",
        ),
    ] = "",
    everything: Annotated[
        bool, typer.Option("--all", help="Every clip, pinned ones too, and Weaviate's copy.")
    ] = False,
    yes: Yes = False,
    purge: Annotated[
        bool,
        typer.Option(
            "--purge",
            help="Also have Weaviate's files rid of them at once, by filling a fresh collection.",
        ),
    ] = False,
) -> None:
    """Remove clips for good: journal, files, vectors and Weaviate.

    Conditions are combined: what meets all of them goes, pinned or not. It is shown first.
    """
    run = session(context)
    where = choosing.filtered(kinds=kind, since=since, apps=from_app, hidden=True)
    if matching == naming.FROM_STDIN:
        matching = asking.typed("what they match", hidden=True)
    conditions = {
        "last": last,
        "copied_before": choosing.understood(before),
        "matching": matching,
    }
    is_narrowed = bool(clips or where != Filter(hidden=True) or any(conditions.values()))
    if everything == is_narrowed:
        message = "name clips or say which ones, or give --all alone"
        raise typer.BadParameter(message, ctx=context)
    if everything:
        _forget_everything(run, yes=yes)
        return
    found = _chosen(run, clips, where, conditions, yes=yes)
    if found or wiring.is_to_scrub(run.settings):
        _forget(run, found, purge=purge)


def _chosen(
    run: Session,
    names: Sequence[str] | None,
    where: Filter,
    conditions: Mapping[str, Any],
    *,
    yes: bool,
) -> list[UUID]:
    """The clips that are meant, shown, and agreed on."""
    with wiring.open_journal(run.settings) as journal:
        among = None
        if names:
            among = naming.all_named(names, journal=journal, data_dir=run.settings.data_dir)
        found = journal.selected(where, among=among, **conditions)
        if not found:
            said = "no clip was named" if among == [] else "no clip is meant by that"
            remark(f"{said}; nothing was changed")
            return []
        _preview(run, found, journal)
    asking.insist(f"forget {times.counted(len(found), 'clip')} for good", yes=yes)
    return found


def _forget(run: Session, found: Sequence[UUID], *, purge: bool) -> None:
    what = "forgetting" if not purge else "forgetting, and filling a fresh collection"
    with goes_on_with("the same command"), counting(what) as progress:
        gone = wiring.forget(run.settings, found, purge=purge, progress=progress)
    if not found:
        remark("what was forgotten before is gone from the disk now")
        return
    freed = f", {times.size(gone.bytes_freed)} freed" if gone.bytes_freed else ""
    remark(f"forgot {times.counted(gone.clips, 'clip')}{freed}")
    if gone.index_pending:
        remark(
            f"Weaviate has still to delete {times.counted(gone.index_pending, 'clip')}; "
            "no answer shows them any more"
        )


def _forget_everything(run: Session, *, yes: bool) -> None:
    with wiring.open_journal(run.settings) as journal:
        found = journal.selected(Filter(hidden=True))
        _preview(run, found, journal)
    clips = times.counted(len(found), "clip")
    asking.insist_on(
        f"forget all {clips} for good? Type {len(found)} or 'yes'",
        answers=(str(len(found)), f"{len(found):,}", "yes"),
        yes=yes,
    )
    gone = wiring.forget_everything(run.settings)
    naming.remember(run.settings.data_dir, ())
    remark(f"forgot {times.counted(gone.clips, 'clip')}: nothing is left of them here")
    if gone.index_problem:
        remark(f"Weaviate still holds them, and is emptied when it answers: {gone.index_problem}")


def _preview(run: Session, found: Sequence[UUID], journal: "SqliteJournal") -> None:
    """What will be gone: how many, from where, and a few of them, for a person's eyes only."""
    where = f"{times.counted(len(found), 'clip')} in {run.settings.data_dir}"
    if not sys.stderr.isatty():
        say(where)
        return
    say(f"{where}:")
    # The programs of the first thousand tell enough; reading 100,000 clips would not be quick.
    clips = journal.get_many(found[:MANY])
    shown = [clips[each] for each in found[:EXAMPLES_SHOWN] if each in clips]
    for clip in shown:
        say(f"  {_line(clip)}")
    if len(found) > len(shown):
        more = f"and {len(found) - len(shown):,} more"
        say(f"  {more}{_from(list(clips.values()))}")
    pinned = sum(clip.pinned for clip in clips.values())
    if pinned:
        say(f"  {pinned:,} of them pinned")


def _line(clip: Clip) -> str:
    moment = times.short(clip.last_copied_at, now=choosing.now())
    line = fitted(printable(render.headline(clip)), 50)
    return "  ".join(part for part in (f"{clip.kind:<6}", line, moment, _app(clip)) if part)


def _app(clip: Clip) -> str:
    return fitted(printable(clip.source_app), 20)


def _from(clips: Sequence[Clip]) -> str:
    apps = Counter(_app(clip) for clip in clips if clip.source_app)
    shown = ", ".join(f"{app} {count:,}" for app, count in apps.most_common(APPS_SHOWN))
    return f", from {shown}" if shown else ""
