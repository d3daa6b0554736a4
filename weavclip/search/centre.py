"""Taking each modality's mean out, which closes most of the gap between pictures and texts."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from weavclip.domain.vectors import Embedding, Embeddings

_LEAST_NORM = 1e-12


def normalised(vectors: NDArray[np.floating]) -> Embeddings:
    """Scale to L2 norm 1; a zero vector stays zero, so that its cosine to anything is 0.

    Args:
        vectors: Shape (dim,) or (n, dim), any float.

    Returns:
        The same shape, float32.
    """
    norms = np.linalg.norm(vectors, axis=-1, keepdims=True)
    return np.asarray(vectors / np.maximum(norms, _LEAST_NORM), dtype=np.float32)


def take_out(vectors: Embeddings, mean: Embedding) -> Embeddings:
    """Take a modality's mean out of its vectors: ``normalise(v - mean)``.

    Stored vectors and queries alike, each with the mean of its own modality.

    Args:
        vectors: Shape (dim,) or (n, dim), float32, norm 1.
        mean: Shape (dim,), of the same model and modality.

    Returns:
        The same shape as ``vectors``, float32, norm 1; zeros where a vector equals the mean.

    References:
        "Closing the Modality Gap for Mixed Modality Search", arXiv:2507.19054.
    """
    return normalised(vectors - mean)
