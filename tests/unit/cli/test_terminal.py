"""What standard output is, by the environment alone."""

from __future__ import annotations

import sys

import pytest

from weavclip.cli.terminal import Protocol, look, protocol


@pytest.mark.parametrize(
    ("environ", "expected"),
    [
        ({"TERM": "xterm-kitty"}, Protocol.KITTY),
        ({"TERM": "xterm-256color", "TERM_PROGRAM": "ghostty"}, Protocol.KITTY),
        ({"TERM": "xterm-256color", "KONSOLE_VERSION": "230805"}, Protocol.KITTY),
        ({"TERM": "xterm-256color", "KONSOLE_VERSION": "210400"}, Protocol.BLOCKS),
        ({"TERM": "xterm-256color", "TERM_PROGRAM": "iTerm.app"}, Protocol.ITERM2),
        ({"TERM": "xterm-256color", "LC_TERMINAL": "iTerm2"}, Protocol.ITERM2),
        ({"TERM": "foot"}, Protocol.SIXEL),
        ({"TERM": "mlterm-256color"}, Protocol.SIXEL),
        ({"TERM": "xterm-256color"}, Protocol.BLOCKS),
        ({"TERM": "tmux-256color", "TERM_PROGRAM": "tmux", "LC_TERMINAL": "iTerm2"}, "blocks"),
        ({"TERM": "xterm-kitty", "TMUX": "socket,1,0"}, Protocol.BLOCKS),
        ({}, Protocol.BLOCKS),
    ],
)
def test_a_terminal_is_known_by_what_it_says_of_itself(
    environ: dict[str, str], expected: Protocol
) -> None:
    assert protocol(environ) == expected


def test_the_setting_goes_before_what_the_terminal_says() -> None:
    assert protocol({"TERM": "xterm-kitty"}, pictures="sixel") is Protocol.SIXEL


def test_a_pipe_gets_neither_colours_nor_pictures(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys.stdout, "isatty", lambda: False)

    screen = look({"TERM": "xterm-kitty"}, pictures="kitty")

    assert (screen.is_terminal, screen.colours, screen.pictures) == (False, False, Protocol.NONE)


@pytest.mark.parametrize("environ", [{"NO_COLOR": "1"}, {"TERM": "dumb"}])
def test_who_wants_no_colours_gets_no_pictures(
    environ: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True)

    screen = look(environ)

    assert (screen.is_terminal, screen.colours, screen.pictures) == (True, False, Protocol.NONE)


def test_fzf_s_preview_is_drawn_for_a_person(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys.stdout, "isatty", lambda: False)

    screen = look({"FZF_PREVIEW_COLUMNS": "50", "FZF_PREVIEW_LINES": "20", "TERM": "xterm-kitty"})

    assert (screen.columns, screen.rows, screen.pictures) == (50, 20, Protocol.BLOCKS)


def test_without_colours_a_style_changes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys.stdout, "isatty", lambda: False)

    assert look({}).styled("words", "1") == "words"
