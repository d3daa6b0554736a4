"""Every command says what it does, shows an example, and is in the README."""

from __future__ import annotations

import re
import shlex
from typing import TYPE_CHECKING, Any

import pytest
import typer
from typer.testing import CliRunner

from tests.conftest import PROJECT
from weavclip.cli import main
from weavclip.cli.app import app

if TYPE_CHECKING:
    from collections.abc import Iterator

EXAMPLE = re.compile(r"^  (.*\bweavclip\b.*)$", re.MULTILINE)


def walk(command: Any, path: str) -> Iterator[tuple[str, Any]]:  # noqa: ANN401 - click's
    for name, below in getattr(command, "commands", {}).items():
        yield f"{path} {name}", below
        yield from walk(below, f"{path} {name}")


assert main  # it makes every module add its commands
ROOT = typer.main.get_command(app)
COMMANDS = dict(walk(ROOT, "weavclip"))
EVERY = pytest.mark.parametrize("path", sorted(COMMANDS))


def test_every_command_that_is_promised_is_there() -> None:
    promised = (
        "search add list show copy forget pin unpin status watch engine config model server "
        "console reindex doctor service uninstall "
        "pause resume ignore-next export import backup restore label labels compare rank "
        "duplicates embed timeline hide unhide clusters"
    )

    assert {path.split()[1] for path in COMMANDS} == set(promised.split())


@EVERY
def test_a_command_has_one_sentence_of_help(path: str) -> None:
    assert COMMANDS[path].get_short_help_str(limit=80).endswith(".")


@pytest.mark.parametrize("group", ["", "service", "config", "labels", "model", "server"])
def test_an_overview_of_80_columns_has_all_of_each_sentence(
    group: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "80")

    shown = CliRunner().invoke(app, [*group.split(), "--help"]).output

    assert "Commands:" in shown
    assert "..." not in shown.partition("Commands:")[2]


@EVERY
def test_a_command_has_examples_of_itself(path: str) -> None:
    shown = EXAMPLE.findall(COMMANDS[path].epilog or "")

    assert shown
    assert all(path in line for line in shown)


@EVERY
def test_the_options_of_an_example_exist(path: str) -> None:
    for line in EXAMPLE.findall(COMMANDS[path].epilog or ""):
        own = line[line.index(path) + len(path) :].partition(" | ")[0]
        given = [word.partition("=")[0] for word in shlex.split(own) if word.startswith("--")]
        known = {name for option in COMMANDS[path].params for name in option.opts}
        known |= {name for below in _below(path) for o in below.params for name in o.opts}
        assert set(given) <= known


def _below(path: str) -> list[Any]:
    return [below for each, below in COMMANDS.items() if each.startswith(path + " ")]


@EVERY
def test_each_option_has_help(path: str) -> None:
    silent = [each.name for each in COMMANDS[path].params if not getattr(each, "help", "")]

    assert silent == []


@EVERY
def test_the_readme_names_each_command(path: str) -> None:
    readme = (PROJECT / "README.md").read_text(encoding="utf-8")

    program, group, *name = path.split()
    said = rf"\b{program} {group}\b" + "".join(rf".*\b{each}\b" for each in name)
    assert re.search(said, readme), f"README.md does not say {path!r} in one line"


@pytest.mark.parametrize(
    ("name", "lacks"),
    [
        ("search", set()),
        ("list", set()),
        ("rank", set()),
        ("clusters", set()),
        ("timeline", set()),
        ("duplicates", {"--kind"}),
        ("export", {"--hidden"}),
    ],
)
def test_clips_are_chosen_by_the_same_options_everywhere(name: str, lacks: set[str]) -> None:
    offered = {flag for each in COMMANDS[f"weavclip {name}"].params for flag in each.opts}
    choosing = {
        *("--kind", "--after", "--since", "--before", "--when"),
        *("--app", "--label", "--pinned", "--hidden"),
    }

    assert choosing - offered == lacks
