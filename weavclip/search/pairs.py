"""A calibration set's vectors, and the pairs of question and answer that they hold."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from weavclip.domain.query import Space
from weavclip.search.centre import normalised, take_out
from weavclip.search.logistic import fit_logistic, probability

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from weavclip.domain.vectors import Embedding, Embeddings, Logistic

    Numbers = NDArray[np.floating]

CANDIDATES_PER_ANSWER = 200
"""How many clips of a space stand against one that answers.

Pairs from a small set hold far more answers than a memory does, so negatives weigh so much more
than positives. 200 says that a memory of 1,000 clips holds about five clips worth finding for a
question: people copy what belongs together. It moves the percentages, not the order within a
space, and hardly the order across spaces (NDCG@10 within 0.001 from 10 to 1,000).
"""


@dataclass(frozen=True, slots=True)
class Pairs:
    """Pairs of a query and a stored vector.

    Attributes:
        cosines: Shape (n,), means out.
        truths: Shape (n,), in [0, 1]: whether the stored one answers the query.
        weights: Shape (n,), negatives together ``CANDIDATES_PER_ANSWER`` times the positives.
    """

    cosines: Numbers
    truths: Numbers
    weights: Numbers

    def logistic(self) -> Logistic:
        """The probability that fits these pairs best."""
        return fit_logistic(self.cosines, self.truths, self.weights)


@dataclass(frozen=True, slots=True)
class CalibrationVectors:
    """What a model makes of a calibration set, raw.

    Attributes:
        pictures: Shape (n, dim).
        captions: Shape (m, dim), at least two captions of some picture.
        captions_of: Shape (m,): the row in ``pictures`` that each caption describes.
        phrases: Shape (k, dim): texts of several forms that describe none of the pictures.
    """

    pictures: Embeddings
    captions: Embeddings
    captions_of: NDArray[np.int_]
    phrases: Embeddings

    def part(self, rows: NDArray[np.int_], phrases: slice) -> CalibrationVectors:
        """The pictures ``rows`` with their captions, and some of the phrases."""
        kept = np.isin(self.captions_of, rows)
        renamed = np.full(len(self.pictures), -1)
        renamed[rows] = np.arange(len(rows))
        return CalibrationVectors(
            self.pictures[rows],
            self.captions[kept],
            renamed[self.captions_of[kept]],
            self.phrases[phrases],
        )

    def centred(self, means: Mapping[Space, Embedding]) -> CalibrationVectors:
        """The same with each modality's mean taken out."""
        return CalibrationVectors(
            take_out(self.pictures, means[Space.IMAGE]),
            take_out(self.captions, means[Space.TEXT]),
            self.captions_of,
            take_out(self.phrases, means[Space.TEXT]),
        )


def pictures_to_texts(centred: CalibrationVectors) -> Pairs:
    """Each picture with each caption and phrase; its own captions answer it."""
    truths = np.arange(len(centred.pictures))[:, None] == centred.captions_of[None, :]
    none = np.zeros((len(centred.pictures), len(centred.phrases)))
    texts = np.vstack([centred.captions, centred.phrases])
    return weighted(centred.pictures @ texts.T, np.hstack([truths, none]))


def text_pairs(captions: Embeddings, captions_of: NDArray[np.int_], phrases: Embeddings) -> Pairs:
    """Each text with every other; captions of one picture answer each other, phrases nothing.

    Args:
        captions: Shape (m, dim), of any model.
        captions_of: Shape (m,).
        phrases: Shape (k, dim).
    """
    texts = np.vstack([captions, phrases])
    own = np.concatenate([captions_of, -1 - np.arange(len(phrases))])
    return asking_pairs(texts, texts, own)


def asking_pairs(asking: Embeddings, stored: Embeddings, of: NDArray[np.int_]) -> Pairs:
    """Each text as a question with every other as it is stored.

    Args:
        asking: Shape (n, dim), of a model that tells questions from texts.
        stored: Shape (n, dim), of the same texts.
        of: Shape (n,): those of one thing answer each other.
    """
    others = ~np.eye(len(of), dtype=bool)
    return weighted((asking @ stored.T)[others], (of[:, None] == of[None, :])[others])


def pictures_to_pictures(centred: CalibrationVectors, words_to_text: Logistic) -> Pairs:
    """Each picture with every other, as alike as their captions say, and with itself.

    The set has no two pictures of one thing, so the captions teach: two pictures fit each other
    with the probability that their captions do. A picture fits itself, at cosine 1.
    """
    of_picture = np.stack(
        [
            centred.captions[centred.captions_of == row].mean(axis=0)
            for row in range(len(centred.pictures))
        ]
    )
    said = normalised(of_picture)
    others = np.triu_indices(len(said), k=1)
    taught = [probability(words_to_text, float(cosine)) for cosine in (said @ said.T)[others]]
    cosines = np.concatenate([(centred.pictures @ centred.pictures.T)[others], np.ones(len(said))])
    return weighted(cosines, np.concatenate([taught, np.ones(len(said))]))


def weighted(cosines: Numbers, truths: Numbers) -> Pairs:
    """Pairs whose negatives together weigh ``CANDIDATES_PER_ANSWER`` times the positives."""
    cosines = cosines.ravel().astype(np.float64)
    truths = truths.ravel().astype(np.float64)
    positive, negative = truths.sum(), (1 - truths).sum()
    weights = truths / positive + CANDIDATES_PER_ANSWER * (1 - truths) / negative
    # With a soft truth the two parts of a pair weigh differently: its truth is their share.
    return Pairs(cosines, truths / positive / weights, weights)


def first_captions(vectors: CalibrationVectors) -> NDArray[np.int_]:
    """The row of the first caption of each picture that has one."""
    return np.unique(vectors.captions_of, return_index=True)[1]
