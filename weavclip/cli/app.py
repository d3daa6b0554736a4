"""The command line as a whole, and what every command is given."""

from __future__ import annotations

import os
import sys
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, TypeVar, cast

import typer
from typer.core import TyperCommand

from weavclip import settings as setting
from weavclip.cli import terminal
from weavclip.cli.printable import printable

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from weavclip.cli.terminal import Screen
    from weavclip.settings import Loaded, Settings

Function = TypeVar("Function", bound="Callable[..., None]")

# click's UsageError by its public subclass: typer carries click inside since 0.26.
UsageError = cast("type[Exception]", typer.BadParameter.__mro__[1])

app = typer.Typer(
    name="weavclip",
    help="A private memory for everything you copy, found again by meaning.",
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def examples(*lines: str) -> str:
    """The end of a command's help: one line an example, kept as it is by the mark before them."""
    return "\n".join(("\b", "For example:", *(f"  {line}" for line in lines)))


class Command(TyperCommand):
    """A command whose errors of usage all know it, and so name its own help."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:  # noqa: ANN401 - typer's click
        """Parse, and say of an option without its value where it is missing."""
        try:
            return super().parse_args(ctx, args)
        except UsageError as error:
            cast("Any", error).ctx = ctx
            raise


def command(
    group: typer.Typer, name: str, *lines: str, cls: type[Command] = Command
) -> Callable[[Function], Function]:
    """Make a function a command of ``group``, with examples after its help."""
    return group.command(name, cls=cls, epilog=examples(*lines))


@dataclass
class Session:
    """What one run of the command line was started with.

    Attributes:
        data_dir: Given by ``--data-dir``.
        debug: Whether a traceback is wanted.
    """

    data_dir: str | None = None
    debug: bool = False

    @cached_property
    def loaded(self) -> Loaded:
        """The settings and their origins, read when they are first needed."""
        return self.read()

    def read(self) -> Loaded:
        """The settings and their origins, as they are now."""
        return setting.load({"data_dir": self.data_dir})

    @property
    def settings(self) -> Settings:
        """The settings."""
        return self.loaded.settings

    @cached_property
    def screen(self) -> Screen:
        """What standard output is."""
        return terminal.look(os.environ, pictures=self.settings.pictures)


def session(context: typer.Context) -> Session:
    """The run that a command belongs to."""
    found = context.find_object(Session)
    if found is None:
        found = context.obj = Session()
    return found


def print_facts(facts: Mapping[str, str]) -> None:
    """Print what is known, a line each: name, value, a tab between; empty values are left out."""
    for name, value in facts.items():
        if value:
            typer.echo(f"{name}\t{printable(value)}")


def say(line: str) -> None:
    """Tell the person something that is no result: on stderr, after what was printed so far."""
    sys.stdout.flush()
    typer.echo(line, err=True)


def remark(line: str) -> None:
    """Tell the person, in the program's name, about how a result came to be."""
    say(f"weavclip: {line}")
