"""Questions to the person, asked on a terminal only."""

from __future__ import annotations

import sys

import typer

from weavclip.domain.errors import RefusedError


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
    if not sys.stdin.isatty():
        message = f"there is nobody to ask: {question.rstrip('?')}?"
        raise RefusedError(message, hint=f"add {option} to say yes beforehand")
    return typer.confirm(question, err=True)


def insist(question: str, *, yes: bool) -> None:
    """Go on only after a yes.

    Raises:
        RefusedError: If the answer is no, or nobody can be asked.
    """
    if not ask(question, yes=yes):
        message = "nothing was changed"
        raise RefusedError(message)
