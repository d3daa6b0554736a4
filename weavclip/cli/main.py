"""The command ``weavclip``: the only place that catches its errors and sets the exit code."""

import errno
import io
import logging
import os
import sys
from pathlib import Path
from typing import Annotated

import typer

from weavclip import __version__
from weavclip.cli import (
    alarm,
    archive,
    background,
    clusters,
    configure,
    duplicates,
    encoding,
    find,
    forgetting,
    hiding,
    keep,
    labels,
    leaving,
    listing,
    models,
    pausing,
    running,
    servers,
    state,
    timeline,
    weighing,
)
from weavclip.cli.app import Session, UsageError, app, examples
from weavclip.cli.printable import printable
from weavclip.domain.errors import MAKE_WRITABLE, WeavclipError
from weavclip.pipeline import logs

__all__ = [
    "archive",
    "background",
    "clusters",
    "configure",
    "duplicates",
    "encoding",
    "find",
    "forgetting",
    "hiding",
    "keep",
    "labels",
    "leaving",
    "listing",
    "main",
    "models",
    "pausing",
    "running",
    "servers",
    "state",
    "timeline",
    "weighing",
]

USAGE_EXIT, INTERRUPT_EXIT = 2, 130
_PLAINLY = {"a valid int range": "a whole number", "a valid float range": "a number"}
_CLOSED = (errno.EROFS, errno.EACCES, errno.EPERM)
_FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)


def _print_version(wanted: bool) -> None:  # noqa: FBT001 - typer calls it so
    if wanted:
        typer.echo(f"weavclip {__version__}")
        raise typer.Exit


@app.callback(
    invoke_without_command=True,
    epilog=examples(
        'weavclip search "the chart with two peaks"',
        "weavclip list --since yesterday",
        "weavclip status",
    ),
)
def weavclip(
    context: typer.Context,
    data_dir: Annotated[
        str | None,
        typer.Option("--data-dir", metavar="FOLDER", help="Where everything is kept."),
    ] = None,
    debug: Annotated[
        bool, typer.Option("--debug", help="Show where an error comes from.")
    ] = False,
    version: Annotated[
        bool,
        typer.Option(
            "--version", callback=_print_version, is_eager=True, help="Print the version."
        ),
    ] = False,
) -> None:
    """A private memory for everything you copy, found again by meaning.

    Without a command it says how things are and what to type next.
    """
    del version
    run = context.find_object(Session)
    if run is None:
        run = context.obj = Session()
    run.data_dir, run.debug = data_dir, debug
    if debug:
        logs.log_to_stderr(level="DEBUG")
    else:
        # Else Python itself would print what is only meant for a log.
        logging.getLogger("weavclip").addHandler(logging.NullHandler())
    if context.invoked_subcommand not in alarm.SAY_IT_THEMSELVES:
        alarm.warn(run)
    if context.invoked_subcommand is None:
        state.overview(run)


def main() -> None:
    """Run the command line and exit: 0 done, 1 an error, 2 wrong usage, 130 interrupted."""
    _open_what_is_closed()
    _replace_what_the_locale_lacks()
    run = Session(debug="--debug" in sys.argv)
    code = _run(run)
    try:
        sys.stdout.flush()
    except BrokenPipeError:
        _silence()
    except OSError as error:
        _silence()
        if code == 0:  # else it is said already
            _complain_of(error, run)
            code = 1
    sys.exit(code)


def _open_what_is_closed() -> None:
    """Give a program without standard streams (pythonw, a shell's >&-) some that go nowhere."""
    for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
        if getattr(sys, name) is None:
            nowhere = Path(os.devnull).open(mode, encoding="utf-8")  # noqa: SIM115 - to the end
            setattr(sys, name, nowhere)


def _replace_what_the_locale_lacks() -> None:
    """Print a question mark where stdout's encoding has no such character: ISO-8859-1, cp1252."""
    out = sys.stdout
    if not isinstance(out, io.TextIOWrapper):
        return
    # In the C locale it is lenient, with what came in by it alone.
    if out.errors == "strict" or out.encoding.lower() != "utf-8":
        out.reconfigure(errors="replace")


def _run(run: Session) -> int:
    try:
        return int(app(prog_name="weavclip", standalone_mode=False, obj=run) or 0)
    except UsageError as error:
        return _usage(error)
    except BrokenPipeError:
        _silence()
        return 0
    except SystemExit as ended:
        # typer's own answer to a broken pipe is exit 1; every other exit is a completion's.
        broken = isinstance(ended.__context__, BrokenPipeError)
        return 0 if broken else int(ended.code or 0)
    except (KeyboardInterrupt, typer.Abort):
        return INTERRUPT_EXIT
    except WeavclipError as error:
        _complain(str(error), error.hint, run)
    except Exception as error:  # noqa: BLE001 - the last place; what it is goes to the person
        _complain_of(error, run)
    return 1


def _complain_of(error: Exception, run: Session) -> None:
    if isinstance(error, OSError) and error.errno in _FULL:
        _complain(f"not all could be written: {error.strerror}", "make room there", run)
    elif isinstance(error, OSError) and error.errno in _CLOSED and error.filename:
        _complain(f"{error.filename} cannot be used: {error.strerror}", MAKE_WRITABLE, run)
    else:  # Not its message: that may quote a clip.
        where = "weavclip --debug COMMAND ... shows where"
        _complain(f"unexpected {type(error).__name__}", where, run)


def _complain(message: str, hint: str, run: Session) -> None:
    if run.debug:
        import traceback

        traceback.print_exc()
    # The name of a file may be anything.
    typer.echo(f"weavclip: {printable(message, lines=True)}", err=True)
    if hint:
        typer.echo(f"  try: {printable(hint)}", err=True)


def _usage(error: BaseException) -> int:
    message = _message(error)
    if message.startswith("Usage: "):  # a group without a command: its help says it all
        typer.echo(message, err=True)
        return USAGE_EXIT
    context = getattr(error, "ctx", None)
    path = context.command_path if context is not None else "weavclip"
    typer.echo(f"weavclip: {message.rstrip('.')}\n  try: {path} --help", err=True)
    return USAGE_EXIT


def _message(error: BaseException) -> str:
    """What is wrong, in plain words; no "Invalid value" where no single option is."""
    if isinstance(error, typer.BadParameter) and not (error.param or error.param_hint):
        return error.message
    message = error.format_message() if hasattr(error, "format_message") else str(error)
    for said, plainly in _PLAINLY.items():
        message = message.replace(said, plainly)
    return message


def _silence() -> None:
    """Let nobody read on: what is still buffered goes nowhere instead of into a broken pipe."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
