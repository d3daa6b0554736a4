"""The models that make pictures and texts comparable."""

from pathlib import Path
from typing import Annotated

import typer

from weavclip import wiring
from weavclip.cli.app import app, command, examples, remark, session
from weavclip.cli.progress import counting, goes_on_with
from weavclip.domain.vectors import ModelCard

model = typer.Typer(no_args_is_help=True, context_settings=app.info.context_settings)
app.add_typer(
    model,
    name="model",
    help="Install and choose the model that searches by meaning.",
    epilog=examples(
        "weavclip model list", "weavclip model add ViT-B-16", "weavclip model use ViT-B-16"
    ),
)
ModelId = Annotated[str, typer.Argument(help="As 'weavclip model list' names it.", metavar="ID")]


@command(model, "add", "weavclip model add ViT-B-16")
def add(context: typer.Context, model_id: ModelId) -> None:
    """Fetch a CLIP model, check it, and find out what its distances mean."""
    run = session(context)
    with (
        goes_on_with(f"weavclip model add {model_id}"),
        counting(f"fetching {model_id}", unit="bytes") as progress,
    ):
        card = wiring.add_model(run.settings, model_id, progress)
    _installed(card, in_use=run.settings.model)


@command(model, "import", "weavclip model import /tmp/cache/clip/ViT-B-16")
def import_folder(
    context: typer.Context,
    folder: Annotated[
        Path,
        typer.Argument(
            help="With visual.onnx and textual.onnx, such as Roboflow Inference's cache.",
            metavar="FOLDER",
        ),
    ],
) -> None:
    """Take a model over from a folder, without any network."""
    run = session(context)
    with counting("importing", unit="bytes") as progress:
        card = wiring.import_model(run.settings, folder, progress)
    _installed(card, in_use=run.settings.model)


def _installed(card: ModelCard, *, in_use: str) -> None:
    remark(f"{card.id} is installed")
    if card.note:
        remark(card.note)
    if card.id != in_use:
        remark(f"to search with it: weavclip model use {card.id}")


@command(model, "use", "weavclip model use ViT-B-16")
def use(context: typer.Context, model_id: ModelId) -> None:
    """Search with a model; every clip is embedded anew in the background meanwhile."""
    run = session(context)
    wiring.use_model(run.settings, model_id)
    remark(f"{model_id} is in use as soon as every clip is embedded; 'weavclip status' shows it")


@command(model, "verify", "weavclip model verify", "weavclip model verify ViT-B-16")
def verify(
    context: typer.Context,
    model_id: Annotated[
        str | None, typer.Argument(help="All that are installed, when absent.", metavar="[ID]")
    ] = None,
) -> None:
    """Compare the files of installed models with the digests in their cards."""
    store = wiring.models(session(context).settings)
    for each in (model_id,) if model_id else store.installed():
        store.verify(each)
        typer.echo(f"{each}\tintact")
