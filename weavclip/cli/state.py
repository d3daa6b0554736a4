"""How things are: the bare command, status and doctor."""

import dataclasses
import json
from collections.abc import Iterator
from datetime import datetime
from typing import Annotated

import typer

from weavclip import wiring
from weavclip.cli import choosing, pausing, render, times
from weavclip.cli.app import Session, app, command, session
from weavclip.cli.printable import printable
from weavclip.cli.progress import steps
from weavclip.domain.clip import Stage
from weavclip.domain.models import ModelSet
from weavclip.pipeline.doctor.verdict import Verdict
from weavclip.pipeline.status import READING, EngineState, Status

AS_JSON = typer.Option("--json", help="Print it as JSON.")
MARKS = {True: ("ok", "32"), False: ("WRONG", "31"), None: ("-", "2")}


def overview(run: Session) -> None:
    """What a person sees who types ``weavclip``: one line, what is missing, what to try."""
    found = wiring.status(run.settings)
    typer.echo(in_one_line(found))
    for advice in found.advice:
        typer.echo(f"  {printable(advice.sentence)}")
        if advice.command:
            typer.echo(f"      {run.screen.styled(advice.command, render.CYAN)}")
    tried = (
        ('weavclip search "the chart with two peaks"', "weavclip list", "weavclip --help")
        if found.clips
        else ("weavclip add ~/Pictures", "weavclip --help")
    )
    for place, line in enumerate(tried):
        typer.echo(("try   " if place == 0 else "      ") + run.screen.styled(line, render.CYAN))


def in_one_line(found: Status) -> str:
    """What runs and how much is kept."""
    agent = found.agent
    watching = f"watching since {_since(agent.since)}" if agent else "not watching"
    if agent and agent.problem:
        watching = "NOT keeping copies"
    kept = f"{times.counted(found.clips_today, 'clip')} today, {found.clips:,} in all"
    away = pausing.in_words(found.standing)
    parts = (
        away and f"{away} ('weavclip resume' ends it)",
        watching,
        kept,
        _index(found),
        _model(found),
        _left(found),
    )
    return " · ".join(part for part in parts if part)


def _left(found: Status) -> str:
    count = found.stages.get(Stage.CAPTURED, 0)
    unread = times.counted(found.unread_pictures, "picture")
    parts = (
        f"{count:,} still to embed" if count else "",
        f"{unread} still to read" if found.unread_pictures else "",
    )
    return " · ".join(part for part in parts if part)


def _since(moment: datetime) -> str:
    return times.recent(moment, now=choosing.now())


def _index(found: Status) -> str:
    if found.engine and found.engine.index:
        return found.engine.index
    return found.server or "exact search"


def _model(found: Status) -> str:
    if not found.model:
        return "no model"
    provider = found.engine.provider if found.engine else ""
    models = str(ModelSet(found.model, found.text_model))
    return f"{models} on {provider}" if provider else models


@command(app, "status", "weavclip status", "weavclip status --json | jq .stages")
def status(context: typer.Context, as_json: Annotated[bool, AS_JSON] = False) -> None:
    """Show what runs, what is kept and what is left to do."""
    run = session(context)
    found = wiring.status(run.settings)
    if as_json:
        typer.echo(json.dumps(dataclasses.asdict(found), indent=2, default=_plain))
        return
    for name, value in _lines(found):
        typer.echo(f"{run.screen.styled(f'{name:<9}', render.DIM)} {value}")


def _plain(value: object) -> str:
    return value.isoformat() if isinstance(value, datetime) else str(value)


def _lines(found: Status) -> Iterator[tuple[str, str]]:
    yield "agent", _agent(found)
    for reason, count in sorted(found.agent.skipped.items()) if found.agent else ():
        yield "skipped", f"{count:,}: {printable(reason)}"
    if away := pausing.in_words(found.standing):
        yield "keeping", f"{away}: weavclip resume"
    yield "clips", _clips(found)
    if found.surplus_clips:
        clips = times.counted(found.surplus_clips, "clip")
        goes = "goes" if found.surplus_clips == 1 else "go"
        yield "retention", f"{clips} {found.surplus_why} {goes} next"
    yield "model", _model(found) + (f", filling {found.filling_model}" * bool(found.filling_model))
    if found.stages:
        yield "stages", ", ".join(f"{found.stages.get(s, 0):,} {s.value}" for s in Stage)
    if found.unread_pictures:
        yield "reading", _reading(found)
    yield "engine", _engine(found.engine)
    if found.engine and found.engine.problem:
        yield "", f"its work stopped, and is tried again: {printable(found.engine.problem)}"
    yield "Weaviate", found.server or "none: searched exactly"
    if found.engine and found.engine.index_problem:
        yield "", printable(found.engine.index_problem)
    yield "disk", f"{times.size(found.disk_bytes)} used, {times.size(found.free_bytes)} free"
    yield "folder", found.data_dir
    for clip_id, reason in found.failures:
        yield "failed", f"{clip_id}  {printable(reason)}"
    for advice in found.advice:
        yield (
            "missing",
            printable(advice.sentence) + (f": {advice.command}" * bool(advice.command)),
        )


def _clips(found: Status) -> str:
    hidden = f", {found.hidden_clips:,} hidden" if found.hidden_clips else ""
    return f"{found.clips:,} in all, {found.clips_today:,} today{hidden}"


def _reading(found: Status) -> str:
    left = f"words in pictures: {found.unread_pictures:,} left"
    engine = found.engine
    if engine and engine.doing == READING and engine.rate_per_s:
        return f"{left}, {engine.rate_per_s:.1f}/s"
    return left


def _agent(found: Status) -> str:
    agent = found.agent
    if agent is None:
        return "not watching"
    skipped = sum(agent.skipped.values())
    parts = (
        f"watching {agent.source} since {_since(agent.since)}, process {agent.pid}",
        f"{skipped:,} skipped" if skipped else "",
        f"NOT keeping copies since {_since(agent.lost_since)}: {printable(agent.problem)}"
        if agent.lost_since
        else "",
    )
    return "; ".join(part for part in parts if part)


def _engine(engine: EngineState | None) -> str:
    if engine is None:
        return "not running; it starts when there is work"
    rate = f", {engine.rate_per_s:.1f} clips/s" if engine.rate_per_s else ""
    doing, index = engine.doing or "idle", engine.index or "the journal"
    return f"{doing}{rate}, process {engine.pid}, answers with {index}"


@command(app, "doctor", "weavclip doctor", "weavclip doctor --deep")
def doctor(
    context: typer.Context,
    as_json: Annotated[bool, AS_JSON] = False,
    deep: Annotated[bool, typer.Option("--deep", help="Read every file of the journal.")] = False,
) -> None:
    """Look for what is wrong, and say for each thing what mends it.

    Exit code 1 if something is wrong.
    """
    run = session(context)
    found = []
    with steps() as shown:

        def tell(done: int, total: int | None) -> None:
            part = f"{done:,} of {total:,} files" if total else "files"
            shown.tell(f"reading {part}", done / total if total else None)

        for each in wiring.doctor(run.settings, deep=deep, progress=tell):
            shown.clear()
            found.append(each)
            if not as_json:
                _say(run, each)
    if as_json:
        typer.echo(json.dumps([dataclasses.asdict(each) for each in found], indent=2))
    if any(each.ok is False for each in found):
        raise typer.Exit(1)


def _say(run: Session, verdict: Verdict) -> None:
    mark, colour = MARKS[verdict.ok]
    shown = run.screen.styled(f"{mark:<5}", colour)
    typer.echo(f"{shown} {verdict.part:<9} {printable(verdict.sentence)}")
    if verdict.command:
        typer.echo(f"{'':15} {run.screen.styled(printable(verdict.command), render.CYAN)}")
