"""What clips are in a word: labels, label."""

import json
from collections.abc import Sequence
from typing import Annotated, Any

import typer

from weavclip import wiring
from weavclip.cli import naming, results, times
from weavclip.cli.app import Command, app, command, examples, remark, session
from weavclip.cli.printable import cells, padded, printable
from weavclip.cli.progress import counting, goes_on_with
from weavclip.cli.render import DIM

_SIGNS = ("+", "-")
_OWN_OPTIONS = frozenset({"--help", "-h"})

labels = typer.Typer(invoke_without_command=True, context_settings=app.info.context_settings)
app.add_typer(
    labels,
    name="labels",
    help="Print every label with its clips and what was learned.",
    epilog=examples("weavclip labels", "weavclip labels --json", "weavclip labels rebuild"),
)


@labels.callback()
def list_labels(
    context: typer.Context,
    as_json: Annotated[
        bool,
        typer.Option("--json", help="Print an array of objects: label, clips, colour, taught."),
    ] = False,
) -> None:
    """Print every label with its clips and what was learned."""
    if context.invoked_subcommand is not None:
        return
    run = session(context)
    uses = wiring.label_uses(run.settings)
    rows = [
        {
            "label": use.name,
            "clips": use.clips,
            "colour": (use.label and use.label.colour) or None,
            "taught": use.taught or None,
        }
        for use in uses
    ]
    if as_json:
        typer.echo(json.dumps(rows, indent=2))
        return
    width = max((cells(printable(use.name)) for use in uses), default=0)
    for row in rows:
        name = printable(str(row["label"]))
        if run.screen.is_terminal:
            taught = run.screen.styled(str(row["taught"] or ""), DIM)
            swatch = run.screen.styled("■", _foreground(row["colour"] or "#9a9996"))
            typer.echo(f"{swatch} {padded(name, width)}  {row['clips']:>7,}  {taught}".rstrip())
        else:
            columns = (name, row["clips"], row["colour"] or "", row["taught"] or "")
            typer.echo("\t".join(map(str, columns)))
    if run.screen.is_terminal:
        results.close(run, "try   weavclip list --label NAME", "weavclip label @1 +NAME -NAME")


def _foreground(colour: object) -> str:
    """The terminal's way to say a colour.

    >>> _foreground("#3584e4")
    '38;2;53;132;228'
    """
    red, green, blue = bytes.fromhex(str(colour).removeprefix("#"))
    return f"38;2;{red};{green};{blue}"


@command(labels, "rebuild", "weavclip labels rebuild")
def rebuild(context: typer.Context) -> None:
    """Find every clip's labels again, without embedding."""
    run = session(context)
    with goes_on_with("weavclip labels rebuild"), counting("labelling") as progress:
        count = wiring.rebuild_labels(run.settings, progress=progress)
    remark(f"labelled {times.counted(count, 'clip')}; what you said of clips stays")


class SignedNames(Command):
    """Reads ``-photo`` as a label that does not fit, not as six options."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:  # noqa: ANN401 - typer's click
        """Let what follows be arguments, unless help is asked for."""
        wants_help = _OWN_OPTIONS & set(args)
        return super().parse_args(ctx, args if wants_help else ["--", *args])


@command(
    app,
    "label",
    "weavclip label @1 +chart -photo",
    "weavclip label @1 @2 +work",
    cls=SignedNames,
)
def label(
    context: typer.Context,
    words: Annotated[
        list[str],
        typer.Argument(
            help="Clips (ids, parts of ids, @1, '-' for stdin), then +label or -label for each "
            "label that fits them or does not.",
            metavar="ID... +LABEL -LABEL",
        ),
    ],
) -> None:
    """Say which labels fit some clips, for good.

    weavclip learns from it, and never overrules you.
    """
    run = session(context)
    names, wanted, unwanted = parted(words)
    if not names or not (wanted or unwanted):
        message = "name clips and then what fits them: weavclip label @1 +chart -photo"
        raise typer.BadParameter(message, ctx=context)
    if contradicting := set(wanted) & set(unwanted):
        message = f"both + and - were given for {', '.join(sorted(contradicting))}"
        raise typer.BadParameter(message, ctx=context)
    with wiring.open_journal(run.settings) as journal:
        found = naming.all_named(names, journal=journal, data_dir=run.settings.data_dir)
    wiring.correct_labels(run.settings, found, wanted=wanted, unwanted=unwanted)
    said = [*(f"+{each}" for each in wanted), *(f"-{each}" for each in unwanted)]
    remark(f"{times.counted(len(found), 'clip')}: {' '.join(map(printable, said))}")


def parted(words: Sequence[str]) -> tuple[list[str], list[str], list[str]]:
    """Names of clips, labels that fit, and labels that do not.

    >>> parted(["@1", "-", "+chart", "-photo"])
    (['@1', '-'], ['chart'], ['photo'])
    """
    names = [each for each in words if each == naming.FROM_STDIN or each[:1] not in _SIGNS]
    signed = [each for each in words if each != naming.FROM_STDIN and each[:1] in _SIGNS]
    return (
        names,
        [each[1:] for each in signed if each.startswith("+")],
        [each[1:] for each in signed if each.startswith("-")],
    )
