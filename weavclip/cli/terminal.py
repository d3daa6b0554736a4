"""What standard output is: a terminal of some width that can show some things, or a pipe."""

from __future__ import annotations

import os
import shutil
import sys
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

_KITTY_TERMS = ("xterm-kitty", "xterm-ghostty")
_KITTY_PROGRAMS = frozenset({"ghostty", "WezTerm"})
_ITERM_PROGRAMS = frozenset({"iTerm.app", "mintty"})
_SIXEL_TERMS = ("foot", "mlterm", "contour", "yaft")
_MULTIPLEXERS = ("screen", "tmux")
_KONSOLE_WITH_KITTY = 220400
"""Konsole 22.04 shows pictures by kitty's protocol."""


class Protocol(StrEnum):
    """How a terminal is given a picture."""

    KITTY = "kitty"
    ITERM2 = "iterm2"
    SIXEL = "sixel"
    BLOCKS = "blocks"
    NONE = "none"


@dataclass(frozen=True, slots=True, kw_only=True)
class Screen:
    """Where results are shown.

    Attributes:
        is_terminal: A person reads it; otherwise a program does.
        columns: Its width.
        rows: Its height.
        colours: Whether colours may be used.
        pictures: How pictures are shown; ``none`` in a pipe.
    """

    is_terminal: bool
    columns: int = 80
    rows: int = 24
    colours: bool = False
    pictures: Protocol = Protocol.NONE

    def styled(self, text: str, code: str) -> str:
        """``text`` in the SGR style ``code``, such as ``1`` for bold; as is without colours."""
        return f"\x1b[{code}m{text}\x1b[0m" if self.colours and text else text


def look(environ: Mapping[str, str] = os.environ, *, pictures: str = "auto") -> Screen:
    """What standard output is. fzf's preview counts as a terminal: a person reads it.

    Args:
        environ: The environment.
        pictures: The setting; another value than ``auto`` decides on a terminal.
    """
    in_preview = "FZF_PREVIEW_COLUMNS" in environ
    if not (in_preview or _isatty()):
        return Screen(is_terminal=False)
    if in_preview:
        columns = int(environ["FZF_PREVIEW_COLUMNS"])
        rows = int(environ.get("FZF_PREVIEW_LINES", "24"))
    else:
        columns, rows = shutil.get_terminal_size()
    colours = not environ.get("NO_COLOR") and environ.get("TERM") != "dumb"
    shown = Protocol.NONE if not colours else protocol(environ, pictures=pictures)
    return Screen(
        is_terminal=True,
        columns=columns,
        rows=rows,
        colours=colours,
        pictures=Protocol.BLOCKS if in_preview and shown is not Protocol.NONE else shown,
    )


def _isatty() -> bool:
    return sys.stdout.isatty()


def protocol(environ: Mapping[str, str], *, pictures: str = "auto") -> Protocol:
    """How this terminal shows pictures, by what it says of itself in the environment.

    Asking the terminal by an escape sequence would swallow what the person types meanwhile, and
    a late answer would land on the prompt: the setting ``pictures`` is for those that stay mute.

    References:
        sw.kovidgoyal.net/kitty/graphics-protocol, iterm2.com/documentation-images.html
    """
    if pictures != "auto":
        return Protocol(pictures)
    term, program = environ.get("TERM", ""), environ.get("TERM_PROGRAM", "")
    if "TMUX" in environ or term.startswith(_MULTIPLEXERS):
        return Protocol.BLOCKS
    konsole = environ.get("KONSOLE_VERSION", "")
    if (
        term.startswith(_KITTY_TERMS)
        or "KITTY_WINDOW_ID" in environ
        or program in _KITTY_PROGRAMS
        or (konsole.isdigit() and int(konsole) >= _KONSOLE_WITH_KITTY)
    ):
        return Protocol.KITTY
    if program in _ITERM_PROGRAMS or environ.get("LC_TERMINAL") == "iTerm2":
        return Protocol.ITERM2
    if term.startswith(_SIXEL_TERMS) or "sixel" in term:
        return Protocol.SIXEL
    return Protocol.BLOCKS
