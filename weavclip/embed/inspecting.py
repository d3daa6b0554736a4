"""What a folder of graphs is: found, copied, loaded once, and described in a card."""

from __future__ import annotations

import dataclasses
import os
import re
import shutil
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from weavclip.domain.errors import ModelError
from weavclip.domain.vectors import ModelCard
from weavclip.embed import cards, catalogue, sessions, towers
from weavclip.embed.clip_onnx import TEXTUAL, VISUAL
from weavclip.embed.text_graphs import load_text_graph
from weavclip.embed.tokenizer import CONTEXT_LENGTH, TOKENIZER, cut_at

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    from weavclip.embed.fetching import Progress

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
_LAYOUTS = (
    f"give a folder with a CLIP model ({VISUAL} and {TEXTUAL}), a MODEL_CACHE_DIR with one, or a "
    f"folder with a text model (model.onnx and {TOKENIZER}); docs/models.md says more"
)
_BLOCK_BYTES = 4 << 20
_IMAGE_AXES = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """What both graphs say of themselves.

    Attributes:
        dim: Length of the vectors that both make.
        resolution_px: Side of the picture tower's square.
        context_length: Tokens that the text tower reads.
        token_dtype: ``int32`` or ``int64``.
    """

    dim: int
    resolution_px: int
    context_length: int
    token_dtype: str


def inspect(folder: Path, card: ModelCard) -> Found:
    """Load both graphs, run each on what a clip may be at most, and say what they are.

    Args:
        folder: Has ``visual.onnx``, ``textual.onnx`` and the card's tokenizer.
        card: Says which tokenizer, how tokens are pooled, and how many are read where the text
            graph leaves that open.

    Raises:
        NoModelError: If ONNX Runtime is not installed.
        ModelError: If they are not the two towers of one CLIP.
    """
    resolution_px, picture_dim = _inspect_visual(folder / VISUAL)
    context, dtype, text_dim = _inspect_textual(folder, card)
    if picture_dim != text_dim:
        message = f"{VISUAL} makes vectors of {picture_dim}, {TEXTUAL} of {text_dim}"
        raise ModelError(message, hint="both must come from one model")
    return Found(
        dim=picture_dim, resolution_px=resolution_px, context_length=context, token_dtype=dtype
    )


def check(found: Found, card: ModelCard) -> None:
    """Compare the graphs with their card.

    Raises:
        ModelError: Naming the first difference.
    """
    for name, value in dataclasses.asdict(found).items():
        if getattr(card, name) != value:
            message = f"{card.id}: the graphs have {name} {value}, the card {getattr(card, name)}"
            raise ModelError(message, hint=f"weavclip model remove {card.id}, then add it again")


def card_in(folder: Path, model_id: str, *, title: str) -> ModelCard:
    """The card of a folder: its own where it brings one, else CLIP's constants.

    A ``tokenizer.json`` without a card is the text tower's, as long as texts as it says.

    Raises:
        ModelError: If graphs, tokenizer and card do not fit each other.
    """
    if (folder / cards.CARD).is_file():
        card = dataclasses.replace(cards.read(folder / cards.CARD), id=model_id)
        check(inspect(folder, card), card)
        return card
    own = folder / TOKENIZER
    card = ModelCard(
        id=model_id,
        title=title,
        mean=catalogue.MEAN,
        std=catalogue.STD,
        dim=0,
        tokenizer=TOKENIZER if own.is_file() else None,
        context_length=(cut_at(own) if own.is_file() else None) or CONTEXT_LENGTH,
    )
    return dataclasses.replace(card, **dataclasses.asdict(inspect(folder, card)))


def find_model(folder: Path, graphs: Sequence[str]) -> tuple[str, Path]:
    """The id and the folder of the one model that lies in ``folder`` or below it.

    Raises:
        ModelError: If there is none, several, or one without a name.
    """
    if not folder.is_dir():
        message = f"there is no folder {folder}"
        raise ModelError(message, hint=_LAYOUTS)
    below = (path.parent for path in folder.glob(f"*/*/{VISUAL}"))
    candidates = [folder, *(path.parent for path in folder.glob(f"*/{VISUAL}")), *below]
    whole = [each for each in candidates if all((each / name).is_file() for name in graphs)]
    if len(whole) == 1:
        return name_of(whole[0]), whole[0]
    if not whole:
        message = f"{folder} has no {' and '.join(graphs)}"
        raise ModelError(message, hint=_LAYOUTS)
    message = f"{folder} has {len(whole)} models: {', '.join(str(each) for each in whole)}"
    raise ModelError(message, hint="give the folder of one of them")


def model_files(folder: Path) -> Iterator[Path]:
    """The files that are the model: all but its card."""
    return (
        each for each in sorted(folder.iterdir()) if each.is_file() and each.name != cards.CARD
    )


def copy_files(source: Path, target: Path, graphs: Sequence[str], progress: Progress) -> None:
    """Copy a model's graphs, the weights that they keep beside them, its tokenizer and card.

    Raises:
        ModelError: If the card is damaged, or names a tokenizer that is not there.
    """
    wanted = [source / name for name in graphs]
    wanted += [each for each in model_files(source) if each.name not in graphs and _belongs(each)]
    if (source / cards.CARD).is_file():
        own = cards.read(source / cards.CARD).tokenizer
        wanted += [source / cards.CARD, *([source / own] if own else [])]
    for each in wanted:
        if not each.is_file():
            message = f"{source} has no {each.name}, which its {cards.CARD} names"
            raise ModelError(
                message, hint=f"give graph, {TOKENIZER} and {cards.CARD} of one model"
            )
    copy_each({each.name: each for each in wanted}, target, progress)


def copy_each(files: Mapping[str, Path], target: Path, progress: Progress) -> None:
    """Copy files to a folder, each under the name that it is given."""
    total = sum(each.stat().st_size for each in files.values())
    done = 0
    for name, each in files.items():
        for written in _copied(each, target / name):
            done += written
            progress(done, total)


def move(path: Path, target: Path) -> None:
    """Have a file's bytes on disk, readable by its owner alone, then give it its place."""
    path.chmod(0o600)
    descriptor = os.open(path, os.O_RDWR)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
    shutil.move(path, target)


def _belongs(path: Path) -> bool:
    return path.name == TOKENIZER or path.name.endswith((".onnx.data", ".onnx_data", ".weights"))


def _copied(source: Path, target: Path) -> Iterator[int]:
    with source.open("rb") as reading, target.open("wb") as writing:
        while block := reading.read(_BLOCK_BYTES):
            yield writing.write(block)


def name_of(folder: Path) -> str:
    """The id that a folder's model gets.

    Raises:
        ModelError: If its name can be none.
    """
    known = catalogue.model_in(folder)
    name = known or folder.name
    if name == catalogue.SAMPLE or not _NAME.fullmatch(name):
        message = f"{folder.name!r} cannot be a model's name"
        hint = f"rename the folder, to one of {', '.join(catalogue.CLIP_MODELS)} if it is one"
        raise ModelError(message, hint=hint)
    return name


def _inspect_visual(path: Path) -> tuple[int, int]:
    graph = sessions.load_graph(path, provider="cpu")
    shape = graph.input_shape
    if len(shape) != _IMAGE_AXES or shape[1] != 3 or graph.input_dtype != "float32":  # noqa: PLR2004 - R, G, B
        message = f"{path.name} takes {graph.input_dtype} {list(shape)}, not float32 [N, 3, R, R]"
        raise ModelError(message)
    side = shape[2]
    if not isinstance(side, int) or side != shape[3]:
        message = f"{path.name} does not say the size of its pictures: {list(shape)}"
        raise ModelError(message)
    return side, _dim(graph.run(np.zeros((1, 3, side, side), np.float32)), path)


def _inspect_textual(folder: Path, card: ModelCard) -> tuple[int, str, int]:
    graph = load_text_graph(
        folder / TEXTUAL, pooling=card.pooling, row_length=card.context_length, provider="cpu"
    )
    tokenizer = towers.tokenizer_of(folder, card)
    context = graph.length or card.context_length
    # As long as any text can get, and with the last word that the tokenizer knows: a graph with
    # fewer positions or words fails here, not at somebody's clip.
    longest = np.full(context, tokenizer.largest, np.int32)
    longest[[0, -1]] = tokenizer.start, tokenizer.end
    try:
        vectors = graph.run([longest], padding=tokenizer.padding)
    except ModelError as error:
        message = (
            f"{TEXTUAL} cannot read {context} tokens numbered up to {tokenizer.largest}, "
            f"as {card.tokenizer or 'the tokenizer of CLIP'} makes them"
        )
        hint = f"give graph, {TOKENIZER} and {cards.CARD} of one model"
        raise ModelError(message, hint=hint) from error
    return context, graph.token_dtype, _dim(vectors, folder / TEXTUAL)


def _dim(vectors: np.ndarray[tuple[int, ...], np.dtype[np.float32]], path: Path) -> int:
    if vectors.ndim != 2 or len(vectors) != 1:  # noqa: PLR2004 - (n, dim)
        message = f"{path.name} makes {vectors.shape}, not (1, dim)"
        raise ModelError(message)
    return int(vectors.shape[1])
