"""The settings: shown with their origins, and set."""

import json
import os
import re
from dataclasses import replace
from typing import Annotated, Any

import typer

from weavclip import settings as setting
from weavclip import wiring
from weavclip.cli import asking, config_file, limits
from weavclip.cli.app import Command, Session, app, command, examples, remark, session
from weavclip.cli.printable import printable
from weavclip.domain.errors import SettingsError
from weavclip.domain.models import ModelKind
from weavclip.pipeline.observe import agent_state
from weavclip.settings import Loaded

MASK = "********"
FROM_STDIN = "-"
MODEL_KINDS = {"model": ModelKind.CLIP, "text_model": ModelKind.SENTENCE}
DESCRIBED = re.compile(r"^ {8}(\w+): (.*)$", re.MULTILINE)

config = typer.Typer(context_settings=app.info.context_settings)
app.add_typer(
    config,
    name="config",
    epilog=examples(
        "weavclip config",
        "weavclip config --describe",
        "weavclip config set provider cpu",
        "weavclip config set weaviate_api_key -",
    ),
)


@config.callback(invoke_without_command=True)
def show(
    context: typer.Context,
    as_json: Annotated[bool, typer.Option("--json", help="Print it as JSON.")] = False,
    describe: Annotated[
        bool, typer.Option("--describe", help="Print what each setting is for instead.")
    ] = False,
) -> None:
    """Show every setting and where it comes from, or set one."""
    if context.invoked_subcommand is not None:
        return
    if describe:
        for name, purpose in DESCRIBED.findall(setting.Settings.__doc__ or ""):
            typer.echo(f"{name:<20}{purpose.replace('``', '')}")
        return
    run = session(context)
    rows = [(name, _shown(name, run.loaded), run.loaded.origins[name]) for name in setting.names()]
    if as_json:
        objects = [{"name": n, "value": v, "origin": origin} for n, v, origin in rows]
        typer.echo(json.dumps(objects, indent=2))
        return
    widths = [max(len(row[column]) for row in rows) for column in (0, 1)]
    for name, value, origin in rows:
        if run.screen.is_terminal:
            said = origin if origin != "default" else run.screen.styled(origin, "2")
            typer.echo(f"{name:<{widths[0]}}  {value:<{widths[1]}}  {said}")
        else:
            typer.echo(f"{name}\t{value}\t{origin}")


def _shown(name: str, loaded: Loaded) -> str:
    value = getattr(loaded.settings, name)
    if setting.is_secret(name):
        return MASK if value else ""
    if isinstance(value, tuple):
        return printable(json.dumps(value, ensure_ascii=False) if value else "")
    return printable(str(value).lower() if isinstance(value, bool) else str(value))


class AnyValue(Command):
    """A command of flags and arguments: what is not a flag, written out, may begin with '-'."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:  # noqa: ANN401 - typer's click
        """Take a value such as a key that begins with '-' for what it is."""
        options = [each for each in self.get_params(ctx) if each.param_type_name == "option"]
        flags = {name for option in options for name in option.opts}
        if "--" not in args:
            args = sorted(args, key=lambda word: word not in flags)  # stable: flags go first
            count = sum(word in flags for word in args)
            args = [*args[:count], "--", *args[count:]]
        return super().parse_args(ctx, args)


@command(
    config,
    "set",
    "weavclip config set provider cpu",
    "weavclip config set weaviate_api_key -",
    cls=AnyValue,
)
def set_value(
    context: typer.Context,
    name: Annotated[
        str, typer.Argument(help="A setting, as 'weavclip config' names it.", metavar="NAME")
    ],
    value: Annotated[
        str,
        typer.Argument(
            help="Its value; '-' asks for it, or reads it from stdin.", metavar="VALUE"
        ),
    ],
    yes: Annotated[
        bool, typer.Option("--yes", "-y", help="Do not ask, where a limit removes clips.")
    ] = False,
) -> None:
    """Write a setting to config.toml; the file's comments stay."""
    given = value
    if value == FROM_STDIN:
        given = asking.typed(name, hidden=setting.is_secret(name))
    if name in MODEL_KINDS and given:  # refuses one that is not installed, or of another kind
        wiring.models(session(context).settings).card_of_kind(given, MODEL_KINDS[name])
    if name == "ignored_patterns":
        wiring.make_inspector(config_file.checked(name, given))  # refuses what is no pattern
    if name in limits.LIMITS:
        checked = getattr(config_file.checked(name, given), name)
        limits.agree(replace(session(context).settings, **{name: checked}), yes=yes)
    path = config_file.save(name, given, setting.config_path(os.environ))
    remark(f"{name} is set in {path}")
    remark_if_overridden(name)
    _have_it_taken(session(context), name)


def _have_it_taken(run: Session, name: str) -> None:
    """End a running engine, so that the next one reads what is set; of an agent it is said."""
    try:
        settings = run.settings
    except SettingsError:
        return  # another value is wrong, and the next command says which
    wiring.engine(settings).stop()
    if agent_state(settings.data_dir) is not None:
        when = (
            "when it is started again"
            if name in wiring.TAKEN_AT_START
            else "from the next copy on"
        )
        remark(f"the running agent takes it {when}")


def remark_if_overridden(name: str) -> None:
    """Say that the file's value does not count while the setting's variable is set."""
    variable = setting.PREFIX + name.upper()
    if variable in os.environ:
        remark(f"but {variable} is set too, and goes before the file")
