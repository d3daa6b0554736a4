"""What both ways of running CLIP share: batches, pixels to tensors, windows to one vector."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING

import numpy as np

from weavclip.domain.errors import ModelError
from weavclip.embed.tokenizer import ClipTokenizer

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from weavclip.domain.vectors import Embeddings, ModelCard
    from weavclip.embed.text_graphs import Pieces

BATCH = 8
"""Pictures or windows a run: Roboflow's own limit, and no quicker with more on a CPU."""


def normalised(vectors: NDArray[np.floating]) -> Embeddings:
    """Each row divided by its length: shape (n, dim), float32, L2 norm 1.

    Raises:
        ModelError: If a row is zero or not finite.
    """
    rows = np.asarray(vectors, np.float32)
    lengths = np.linalg.norm(rows, axis=1, keepdims=True)
    if not (np.isfinite(lengths) & (lengths > 0)).all():
        message = "the model made a vector without a direction"
        raise ModelError(message, hint="weavclip model verify")
    return np.asarray(rows / lengths, np.float32)


def as_tensor(squares: Sequence[NDArray[np.uint8]], card: ModelCard) -> NDArray[np.float32]:
    """Pictures as the picture tower reads them.

    Args:
        squares: Each of shape (resolution, resolution, 3), uint8, RGB.
        card: Its resolution, mean and standard deviation.

    Returns:
        Shape (n, 3, resolution, resolution), float32: scaled to [0, 1], then zero mean and unit
        deviation over the pixels that the model was trained on.

    Raises:
        ModelError: If a picture has another size.

    References:
        OpenAI CLIP, ``clip/clip.py``, ``_transform``: ToTensor, Normalize.
    """
    check_sizes(squares, card)
    pixels = np.stack(squares).transpose(0, 3, 1, 2)
    tensor = np.divide(pixels, np.float32(255), dtype=np.float32, order="C")
    tensor -= np.asarray(card.mean, np.float32)[:, None, None]
    tensor /= np.asarray(card.std, np.float32)[:, None, None]
    return tensor


def check_sizes(squares: Sequence[NDArray[np.uint8]], card: ModelCard) -> None:
    """Refuse pictures that were cut for another model.

    Raises:
        ModelError: Naming both sizes.
    """
    wanted = (card.resolution_px, card.resolution_px, 3)
    for square in squares:
        if square.shape != wanted:
            message = f"{card.id} takes pictures of shape {wanted}, got {square.shape}"
            raise ModelError(message)


def in_batches(
    items: Sequence[NDArray[np.uint8]],
    embed: Callable[[Sequence[NDArray[np.uint8]]], NDArray[np.float32]],
    *,
    card: ModelCard,
) -> Embeddings:
    """Embed eight at a time: shape (n, dim), norm 1; (0, dim) for none."""
    if not items:
        return no_vectors(card)
    found = [embed(items[at : at + BATCH]) for at in range(0, len(items), BATCH)]
    return normalised(np.concatenate(found))


def embed_texts(
    texts: Sequence[str],
    tokenizer: ClipTokenizer,
    run: Callable[[Pieces], NDArray[np.float32]],
    *,
    card: ModelCard,
) -> Embeddings:
    """Embed texts of any length by a text tower; an empty one has a vector, too.

    Args:
        texts: Any.
        tokenizer: Cuts them into pieces that the tower reads.
        run: See :func:`means_of_pieces`.
        card: Its dim and context length.

    Returns:
        Shape (n, dim), float32, norm 1; (0, dim) for none.
    """
    if not texts:
        return no_vectors(card)
    return means_of_pieces([tokenizer.pieces(each, card.context_length) for each in texts], run)


def means_of_pieces(
    cut: Sequence[Pieces], run: Callable[[Pieces], NDArray[np.float32]], *, batch: int = BATCH
) -> Embeddings:
    """One vector a text: the mean of its pieces' vectors, normalised.

    Pieces of about one length share a run, whichever text they are of, so that few tokens only
    fill rows.

    Args:
        cut: The pieces of each text, at least one.
        run: Vectors of up to ``batch`` pieces, shape (n, dim), not yet normalised.
        batch: Pieces a run.

    Returns:
        Shape (n, dim), float32, norm 1.
    """
    pieces = [piece for each in cut for piece in each]
    order = np.argsort([len(piece) for piece in pieces], kind="stable")
    runs = [order[at : at + batch] for at in range(0, len(order), batch)]
    found = np.concatenate([run([pieces[place] for place in places]) for places in runs])
    vectors = np.empty_like(found)
    vectors[order] = found
    ends = itertools.accumulate(len(each) for each in cut)
    parts = np.split(normalised(vectors), list(ends)[:-1])
    return normalised(np.stack([part.mean(axis=0) for part in parts]))


def no_vectors(card: ModelCard) -> Embeddings:
    """Of nothing: shape (0, dim), float32."""
    return np.empty((0, card.dim), np.float32)


def tokenizer_of(folder: Path, card: ModelCard) -> ClipTokenizer:
    """The card's own tokenizer, or CLIP's.

    Raises:
        ModelError: If its file is damaged.
    """
    if card.tokenizer:
        return ClipTokenizer.from_file(folder / card.tokenizer)
    return ClipTokenizer.from_vocabulary()
