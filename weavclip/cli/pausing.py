"""Not keeping copies for a while: pause, resume, ignore-next."""

from datetime import timedelta
from typing import Annotated

import typer

from weavclip import wiring
from weavclip.cli import choosing, times
from weavclip.cli.app import app, command, remark, session
from weavclip.cli.until import EXAMPLES, end_of
from weavclip.domain.errors import QueryError
from weavclip.domain.pausing import Standing

IGNORED_FOR = timedelta(minutes=10)


@command(app, "pause", "weavclip pause", "weavclip pause --for 10m", "weavclip pause until 18:00")
def pause(
    context: typer.Context,
    words: Annotated[
        list[str] | None,
        typer.Argument(metavar="[HOW LONG]", help=f"Such as {EXAMPLES}; else until 'resume'."),
    ] = None,
    length: Annotated[str, typer.Option("--for", metavar="HOW LONG", help="The same.")] = "",
) -> None:
    """Keep nothing that is copied, for a while or until 'resume'."""
    typed = " ".join(words or [])
    if typed and length:
        message = "the time is given twice"
        raise QueryError(message, hint=f"weavclip pause --for {length}")
    typed = typed or length
    until = end_of(typed, now=choosing.now()) if typed else None
    gate = wiring.pauses(session(context).settings)
    gate.pause(until=until)
    remark(f"{in_words(gate.standing())}; nothing is kept")


@command(app, "resume", "weavclip resume")
def resume(context: typer.Context) -> None:
    """Keep again what is copied from now on."""
    gate = wiring.pauses(session(context).settings)
    was_kept_away = gate.resume()
    still = in_words(gate.standing())
    if still:
        remark(f"{still}; 'weavclip config set incognito \"\"' ends that")
    elif was_kept_away:
        remark("what is copied from now on is kept; what is on the clipboard is not")
    else:
        remark("nothing was paused")


@command(app, "ignore-next", "weavclip ignore-next")
def ignore_next(context: typer.Context) -> None:
    """Do not keep the next copy, if it comes within ten minutes."""
    until = choosing.now() + IGNORED_FOR
    wiring.pauses(session(context).settings).ignore_next(until=until)
    remark(f"the next copy before {until:%H:%M} is not kept")


def in_words(standing: Standing) -> str:
    """What keeps copies away, in a few words; empty when nothing does."""
    now = choosing.now()
    if standing.is_paused:
        end = standing.paused_until
        return f"paused until {times.recent(end, now=now)}" if end else "paused"
    if standing.is_incognito:
        end = standing.incognito_until
        return f"incognito until {times.recent(end, now=now)}" if end else "incognito"
    end = standing.ignoring_until
    return f"ignoring the next copy before {times.recent(end, now=now)}" if end else ""
