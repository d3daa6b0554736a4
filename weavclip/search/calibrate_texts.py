"""What a text model's cosines mean, from the captions and phrases of the calibration set."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from weavclip.domain.query import Space
from weavclip.domain.vectors import Calibration
from weavclip.search.calibrate import FOLDS
from weavclip.search.judge import calibration_error, chances_of, log_loss
from weavclip.search.pairs import text_pairs

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from weavclip.domain.vectors import Embeddings


def fit_texts(
    caption_vectors: Embeddings,
    captions_of: Sequence[int],
    phrase_vectors: Embeddings,
    *,
    origin: str,
) -> Calibration:
    """Find the probability of a text model's cosines, and say how good it is.

    No mean is taken out: there is one modality, and without its mean MiniLM ranks as before
    (NDCG@10 on commands, snippets, links within 0.008).

    Args:
        caption_vectors: Shape (m, dim), norm 1; two captions a picture.
        captions_of: For each caption the place of what it describes: those of one answer each
            other.
        phrase_vectors: Shape (k, dim), norm 1: texts that answer nothing.
        origin: What the set is and when this was made, one sentence.

    Raises:
        ValueError: If there are fewer captions than folds of two.
    """
    captions, of = np.asarray(caption_vectors), np.asarray(captions_of)
    phrases = np.asarray(phrase_vectors)
    if len(captions) < 2 * FOLDS:
        message = f"a calibration needs {2 * FOLDS} captions, got {len(captions)}"
        raise ValueError(message)
    return Calibration(
        means={},
        words_to={Space.SENTENCE: text_pairs(captions, of, phrases).logistic()},
        picture_to={},
        origin=origin,
        figures=_figures(captions, of, phrases),
    )


def _figures(
    captions: Embeddings, captions_of: NDArray[np.int_], phrases: Embeddings
) -> dict[str, float]:
    """Fitted on all folds but one and judged on that one: the means over the folds."""
    losses, errors = [], []
    for fold in range(FOLDS):
        inside = captions_of % FOLDS == fold
        fitted = text_pairs(captions[~inside], captions_of[~inside], phrases[::2]).logistic()
        unseen = text_pairs(captions[inside], captions_of[inside], phrases[1::2])
        chances = chances_of(unseen, fitted)
        losses.append(log_loss(unseen, chances))
        errors.append(calibration_error(unseen, chances))
    return {
        "sentence_log_loss": round(float(np.mean(losses)), 4),
        "sentence_calibration_error": round(float(np.mean(errors)), 4),
    }
