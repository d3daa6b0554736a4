"""What one model's cosines mean: its means and probabilities, from a set of captioned pictures.

The procedure sees vectors only, so it can be judged on any model's (scripts/benchmarks/ranking).
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from weavclip.domain.query import Space
from weavclip.domain.vectors import Calibration
from weavclip.search import pairs
from weavclip.search.crowd import fit_crowd, words_among_pictures, words_among_texts
from weavclip.search.judge import crossed, figures
from weavclip.search.sureness import fit_sureness

if TYPE_CHECKING:
    from collections.abc import Sequence

    from weavclip.domain.vectors import Embedding, Embeddings
    from weavclip.search.pairs import CalibrationVectors

PHRASES_SHARE = 0.5
"""Share of the generic phrases in the text mean, the captions having the rest.

On real vectors (scripts/benchmarks/ranking) captions alone lose 0.06 of NDCG@10 among texts of
another form, phrases alone 0.01 among captions; the half loses at most 0.01 on either.
"""
FOLDS = 5


def fit(
    picture_vectors: Embeddings,
    caption_vectors: Embeddings,
    captions_of: Sequence[int],
    phrase_vectors: Embeddings,
    *,
    origin: str,
) -> Calibration:
    """Find a model's means and the probabilities of its cosines, and say how good they are.

    Args:
        picture_vectors: Shape (n, dim), norm 1; at least ten pictures.
        caption_vectors: Shape (m, dim), norm 1; two or more captions for most pictures.
        captions_of: For each caption the row of its picture.
        phrase_vectors: Shape (k, dim), norm 1: generic texts of several forms.
        origin: What the set is and when this was made, one sentence.

    Returns:
        Means, logistics for questions in words and by picture, and cross-validated figures.

    Raises:
        ValueError: If there are too few pictures, or captions of one picture only.
    """
    if len(picture_vectors) < 2 * FOLDS:
        message = f"a calibration needs {2 * FOLDS} pictures, got {len(picture_vectors)}"
        raise ValueError(message)
    vectors = pairs.CalibrationVectors(
        np.asarray(picture_vectors),
        np.asarray(caption_vectors),
        np.asarray(captions_of),
        np.asarray(phrase_vectors),
    )
    return replace(whole(vectors), origin=origin)


def whole(vectors: CalibrationVectors) -> Calibration:
    """All that one set says of a model, figures included; no origin yet."""
    judged = crossed(vectors, parameters, folds=FOLDS)
    return replace(parameters(vectors), figures=figures(judged), sureness=fit_sureness(judged))


def parameters(vectors: CalibrationVectors) -> Calibration:
    """Means, then the probabilities for words and for pictures as questions; no origin yet."""
    means = {
        Space.IMAGE: vectors.pictures.mean(axis=0).astype(np.float32),
        Space.TEXT: _text_mean(vectors.captions, vectors.phrases),
    }
    centred = vectors.centred(means)
    to_image, among_images = fit_crowd(words_among_pictures(centred))
    to_text, among_texts = fit_crowd(words_among_texts(centred))
    # A picture that asks has its plain logistic: there is no set of such questions to judge on.
    plain = pairs.text_pairs(centred.captions, centred.captions_of, centred.phrases).logistic()
    picture_to = {
        Space.IMAGE: pairs.pictures_to_pictures(centred, plain).logistic(),
        Space.TEXT: pairs.pictures_to_texts(centred).logistic(),
    }
    return Calibration(
        means=means,
        words_to={Space.IMAGE: to_image, Space.TEXT: to_text},
        picture_to=picture_to,
        origin="",
        crowds={Space.IMAGE: among_images, Space.TEXT: among_texts},
    )


def _text_mean(captions: Embeddings, phrases: Embeddings) -> Embedding:
    if not len(phrases):
        return np.asarray(captions.mean(axis=0), dtype=np.float32)
    mixed = PHRASES_SHARE * phrases.mean(axis=0) + (1 - PHRASES_SHARE) * captions.mean(axis=0)
    return np.asarray(mixed, dtype=np.float32)
