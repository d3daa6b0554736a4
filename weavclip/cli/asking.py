"""Questions to the person, asked on a terminal only."""

from __future__ import annotations

import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated

import typer

from weavclip.cli import naming
from weavclip.domain.errors import QueryError, RefusedError

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

Yes = Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")]

MOST_LINE_BYTES = 65_536
"""Of an answer on standard input."""


def ask(question: str, *, yes: bool, option: str = "--yes") -> bool:
    """Whether the person says yes.

    Args:
        question: With or without its question mark.
        yes: Said beforehand.
        option: What says it beforehand.

    Raises:
        RefusedError: If nobody can be asked.
    """
    if yes:
        return True
    _require_somebody(question, option=option)
    with _line_ended():
        return typer.confirm(question, err=True)


def insist(question: str, *, yes: bool) -> None:
    """Go on only after a yes.

    Raises:
        RefusedError: If the answer is no, or nobody can be asked.
    """
    if not ask(question, yes=yes):
        message = "nothing was changed"
        raise RefusedError(message)


def insist_on(question: str, *, answers: Collection[str], yes: bool) -> None:
    """Go on only after one of the answers was typed.

    Raises:
        RefusedError: If anything else is, or nobody can be asked.
    """
    if yes:
        return
    _require_somebody(question, option="--yes")
    with _line_ended():
        typed = typer.prompt(question, err=True, default="", show_default=False)
    if typed.strip().lower() not in answers:
        message = "nothing was changed"
        raise RefusedError(message)


def typed(question: str, *, hidden: bool) -> str:
    """What is typed at a terminal, else the first line of standard input.

    Args:
        question: Shown at a terminal.
        hidden: Whether what is typed is not shown.

    Raises:
        QueryError: If the line is empty, no text in UTF-8, or over 64 KiB.
    """
    if sys.stdin.isatty():
        return str(typer.prompt(question, hide_input=hidden, err=True))
    line = sys.stdin.buffer.readline(MOST_LINE_BYTES + 1)
    if not line.strip():
        message = "nothing came on standard input"
        raise QueryError(message, hint="see whether what is before the pipe prints it")
    if len(line) > MOST_LINE_BYTES:
        message = f"the first line of standard input is over {MOST_LINE_BYTES} bytes"
        raise QueryError(message, hint="give a shorter one")
    return naming.text_of(line, name="the first line of standard input")


@contextmanager
def _line_ended() -> Iterator[None]:
    """After a Ctrl-C the shell's prompt begins a line of its own."""
    try:
        yield
    except typer.Abort:
        typer.echo(err=True)
        raise


def _require_somebody(question: str, *, option: str) -> None:
    if not sys.stdin.isatty():
        message = f"there is nobody to ask: {question.rstrip('?')}?"
        raise RefusedError(message, hint=f"add {option} to say yes beforehand")
