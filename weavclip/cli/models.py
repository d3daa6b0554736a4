"""The models that make pictures and texts comparable."""

import dataclasses
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from weavclip import wiring
from weavclip.cli import asking, config_file
from weavclip.cli.app import app, command, examples, remark, say, session
from weavclip.cli.asking import Yes
from weavclip.cli.configure import remark_if_overridden
from weavclip.cli.progress import counting, goes_on_with
from weavclip.cli.render import BOLD

if TYPE_CHECKING:
    from weavclip.domain.vectors import ModelCard

model = typer.Typer(no_args_is_help=True, context_settings=app.info.context_settings)
app.add_typer(
    model,
    name="model",
    help="Install and choose the models that search by meaning.",
    epilog=examples(
        "weavclip model list", "weavclip model add ViT-B-16", "weavclip model use ViT-B-16"
    ),
)
_STATE_AND_SIZE_CELLS = len(" installed   1,710 MB  ")
ModelId = Annotated[str, typer.Argument(help="As 'weavclip model list' names it.", metavar="ID")]


@command(model, "add", "weavclip model add ViT-B-16")
def add(context: typer.Context, model_id: ModelId) -> None:
    """Fetch a model, check it, and learn what its distances mean."""
    run = session(context)
    with (
        goes_on_with(f"weavclip model add {model_id}"),
        counting(f"fetching {model_id}", unit="bytes") as progress,
    ):
        card = wiring.add_model(run.settings, model_id, progress)
    _installed(card, in_use=run.settings.models.names)


@command(model, "import", "weavclip model import ~/models/clip/ViT-B-16")
def import_folder(
    context: typer.Context,
    folder: Annotated[
        Path,
        typer.Argument(
            help="With visual.onnx and textual.onnx, such as Roboflow Inference's cache, or a"
            " text model's with model.onnx and tokenizer.json.",
            metavar="FOLDER",
        ),
    ],
) -> None:
    """Take a model over from a folder, without any network."""
    run = session(context)
    with counting("importing", unit="bytes") as progress:
        card = wiring.import_model(run.settings, folder, progress)
    _installed(card, in_use=run.settings.models.names)


def _installed(card: "ModelCard", *, in_use: tuple[str, ...]) -> None:
    remark(f"{card.id} is installed")
    if card.note:
        remark(card.note)
    if card.id not in in_use:
        remark(f"to search with it: weavclip model use {card.id}")


@command(model, "list", "weavclip model list")
def list_models(context: typer.Context) -> None:
    """Print what is installed and what can be fetched, with its size."""
    run = session(context)
    listed = wiring.models(run.settings).list()
    width = max(len(each.id) for each in listed)
    longest = max(len(each.title) for each in listed)
    gap = "  " if width + _STATE_AND_SIZE_CELLS + longest <= run.screen.columns else "\n    "
    for each in listed:
        is_used = each.id in run.settings.models.names
        state = "in use" if is_used else "installed" * each.is_installed
        size = f"{each.megabytes:,.0f} MB" if each.megabytes >= 1 else "under 1 MB"
        if run.screen.is_terminal:
            shown = run.screen.styled(f"{state:<9}", BOLD)
            typer.echo(f"{each.id:<{width}} {shown}  {size:>9}{gap}{each.title}")
        else:
            typer.echo(f"{each.id}\t{state}\t{each.megabytes}\t{each.title}")


@command(
    model,
    "use",
    "weavclip model use ViT-B-16",
    "weavclip model use all-MiniLM-L6-v2",
    "weavclip model use --no-text",
)
def use(
    context: typer.Context,
    model_id: Annotated[
        str | None, typer.Argument(help="As 'weavclip model list' names it.", metavar="ID")
    ] = None,
    no_text: Annotated[
        bool, typer.Option("--no-text", help="Without a text model; it stays installed.")
    ] = False,
) -> None:
    """Search with another model, once every clip has its vectors.

    A text model works beside the CLIP model in use, which embeds nothing again for it.
    """
    run = session(context)
    chosen = {wiring.setting_of(run.settings, model_id): model_id} if model_id else {}
    chosen |= {"text_model": ""} if no_text else {}
    if not chosen:
        message = "give a model's ID, or --no-text"
        raise typer.BadParameter(message)
    for name, value in chosen.items():
        config_file.save(name, value, run.loaded.config_file)
        remark_if_overridden(name)
    wanted = dataclasses.replace(
        run.settings,
        model=chosen.get("model", run.settings.model),
        text_model=chosen.get("text_model", run.settings.text_model),
    )
    wiring.use_models(wanted)
    if not wanted.models.id:
        remark("no model is in use: texts are found by their words")
        return
    verb = "answer" if wanted.models.text else "answers"
    remark(f"{wanted.models} {verb} as soon as every clip is embedded; 'weavclip status' shows it")


@command(model, "verify", "weavclip model verify", "weavclip model verify ViT-B-16")
def verify(
    context: typer.Context,
    model_id: Annotated[
        str | None, typer.Argument(help="All that are installed, when absent.", metavar="ID")
    ] = None,
) -> None:
    """Compare the files of installed models with their digests."""
    store = wiring.models(session(context).settings)
    installed = [each.id for each in store.list() if each.is_installed]
    for each in (model_id,) if model_id else installed:
        store.verify(each)
        typer.echo(f"{each}\tintact")


@command(model, "remove", "weavclip model remove ViT-B-16")
def remove(
    context: typer.Context,
    model_id: ModelId,
    yes: Yes = False,
) -> None:
    """Delete an installed model's files; the vectors that it made stay."""
    run = session(context)
    wiring.models(run.settings).require_removable(model_id)
    if model_id in run.settings.models.names:
        say(f"{model_id} is in use: without it nothing is found by meaning")
        asking.insist(f"remove {model_id}", yes=yes)
    wiring.remove_model(run.settings, model_id)
    remark(f"{model_id} is removed; clips keep the vectors that it made")
