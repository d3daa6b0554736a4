"""What runs for long: the agent, the engine, and filling the index anew."""

import signal
import sys
import threading
from typing import Annotated

import typer

from weavclip import wiring
from weavclip.cli import asking
from weavclip.cli.app import app, command, remark, session
from weavclip.cli.asking import Yes
from weavclip.cli.progress import counting, goes_on_with
from weavclip.pipeline import logs

INTERRUPT_EXIT = 130


class Stop(threading.Event):
    """Set by SIGTERM, Ctrl-C or a closed terminal: what runs can end with everything stored."""

    def __init__(self) -> None:
        super().__init__()
        self.interrupted = False
        for name in ("SIGINT", "SIGTERM", "SIGHUP"):
            if hasattr(signal, name):  # Windows has no SIGHUP
                signal.signal(getattr(signal, name), self._heard)

    def _heard(self, number: int, _frame: object) -> None:
        self.interrupted = number == signal.SIGINT
        self.set()

    def exit_code(self) -> int:
        """130 after Ctrl-C, else 0."""
        return INTERRUPT_EXIT if self.interrupted else 0


@command(app, "watch", "weavclip watch", "weavclip watch --wait --log-file &")
def watch(
    context: typer.Context,
    wait: Annotated[
        bool, typer.Option("--wait", help="For a display, where there is none yet.")
    ] = False,
    log_file: Annotated[
        bool, typer.Option("--log-file", help="Log to logs/agent.log in the data folder.")
    ] = False,
) -> None:
    """Watch the clipboard and keep every copy, until Ctrl-C.

    A display that goes away later is waited for in any case.
    """
    run = session(context)
    level = run.settings.log_level
    # Where nobody would see it: Windows starts a program without a window without stderr.
    if log_file or sys.stderr is None:
        logs.log_to_file(run.settings.data_dir, "agent", level=level)
    elif not run.debug:
        logs.log_to_stderr(level=level)
    stop = Stop()
    wiring.run_agent(run.settings, stop, wait=wait)
    raise typer.Exit(stop.exit_code())


@command(app, "engine", "weavclip engine", "weavclip engine --stop")
def engine(
    context: typer.Context,
    end: Annotated[bool, typer.Option("--stop", help="End the one that runs.")] = False,
) -> None:
    """Embed, index and answer, until there is no more work.

    Searches and the agent start it by themselves; this is for looking at what it does.
    """
    run = session(context)
    if end:
        ran = wiring.engine(run.settings).stop()
        remark("the engine left" if ran else "no engine runs")
        return
    is_watched = sys.stderr.isatty()
    if is_watched and not run.debug:
        logs.log_to_stderr(level=run.settings.log_level)
    stop = Stop()
    ran = wiring.run_engine(run.settings.data_dir, lambda: run.read().settings, stop)
    if is_watched and not ran:
        remark("an engine runs already; 'weavclip status' shows what it does")
    raise typer.Exit(stop.exit_code())


@command(app, "reindex", "weavclip reindex", "weavclip reindex --purge")
def reindex(
    context: typer.Context,
    purge: Annotated[
        bool,
        typer.Option("--purge", help="Into a fresh collection; the old one's files are removed."),
    ] = False,
    yes: Yes = False,
) -> None:
    """Fill Weaviate anew from the journal, without embedding."""
    run = session(context)
    if purge:
        asking.insist("fill a fresh collection and remove the old one", yes=yes)
    with goes_on_with("weavclip reindex"), counting("indexing") as progress:
        count = wiring.reindex(run.settings, purge=purge, progress=progress)
    remark(f"indexed {count:,} clips")
