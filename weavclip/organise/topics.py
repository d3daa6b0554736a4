"""The memory by topics: what lies together, and in which words it differs from the rest."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from math import log
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from numpy.typing import NDArray

    from weavclip.domain.vectors import Embeddings

LEAST_CLIPS = 10
"""Of fewer there is nothing to part."""
MOST_LOOKED_AT = 3_000
"""Topics are found among so many: their distances take 36 MB. The others go to the nearest."""
COUNTS = (2, 3, 4, 6, 8, 12, 16, 24, 32)
"""Numbers of topics that are tried."""
FEWEST_A_TOPIC = 5
"""On average, of the clips that are looked at."""
NEARLY_AS_WELL = 0.9
"""Of the best mean silhouette: more topics are mostly a little better, and more to read."""
OUTSIDE = 0.01
"""Share of a topic's clips that lie so far from its middle that others there are no part of it."""
WORDS_OF_A_NAME = 3


@dataclass(frozen=True, slots=True, eq=False)
class Parting:
    """Topics in a space.

    Attributes:
        centres: Shape (k, dim), norm 1, the largest topic first.
        least: Shape (k,): the least cosine to its centre of what belongs to a topic.
    """

    centres: Embeddings = field(repr=False)
    least: NDArray[np.float32] = field(repr=False)

    def places(self, rows: Embeddings) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
        """Which topic each row belongs to, -1 for none, and its cosine to the centre.

        Args:
            rows: Shape (n, dim), norm 1.
        """
        cosines = rows @ self.centres.T
        nearest = cosines.argmax(axis=1)
        value = np.take_along_axis(cosines, nearest[:, None], axis=1)[:, 0]
        return np.where(value >= self.least[nearest], nearest, -1), value


def part(rows: Embeddings, *, count: int | None = None) -> Parting:
    """Find topics by Ward's method; always the same ones for the same rows.

    Args:
        rows: Shape (n, dim), norm 1, n from 10 to 3,000.
        count: How many topics; None for the fewest that lie about as well apart as any number of
            them, by their mean silhouette.

    References:
        Müllner: fastcluster, Journal of Statistical Software 53 (2013). Rousseeuw: Silhouettes,
        Journal of Computational and Applied Mathematics 20 (1987).
    """
    import fastcluster

    apart = np.clip(1.0 - (rows @ rows.T).astype(np.float64), 0.0, 2.0)
    condensed = np.sqrt(2.0 * apart[np.triu_indices(len(rows), 1)])
    merges = fastcluster.linkage(condensed, method="ward", preserve_input=False)
    most = max(2, len(rows) // FEWEST_A_TOPIC)
    counts = [min(count, len(rows))] if count else [each for each in COUNTS if each <= most]
    cuts = [_cut(merges, each) for each in counts]
    return _parting(rows, cuts[0] if len(cuts) == 1 else _plainest(apart, cuts))


def _plainest(apart: NDArray[np.float64], cuts: Sequence[NDArray[np.int64]]) -> NDArray[np.int64]:
    """The cut of fewest topics that lie about as well apart as those of the best one."""
    values = [_silhouette(apart, cut) for cut in cuts]
    least = NEARLY_AS_WELL * max(values)
    return next((cut for cut, value in zip(cuts, values, strict=True) if value >= least), cuts[0])


def names(topics: Sequence[Iterable[str]]) -> list[tuple[str, ...]]:
    """The words in which each topic differs most from all of them.

    Args:
        topics: The words of each, as often as they occur.

    Returns:
        Up to three words a topic, the most telling first: ``tf * ln(1 + A / f)``, where ``A`` is
        how many words a topic has on average and ``f`` how often a word occurs in all.

    References:
        c-TF-IDF. Grootendorst: BERTopic, arXiv:2203.05794.
    """
    counted = [Counter(words) for words in topics]
    everywhere: Counter[str] = sum(counted, Counter())
    average = everywhere.total() / max(1, len(counted))
    found = []
    for own in counted:
        weight = {
            word: count * log(1 + average / everywhere[word])
            for word, count in own.items()
            if count > 1
        }
        ordered = sorted(weight, key=lambda word: (-weight[word], word))
        found.append(tuple(ordered[:WORDS_OF_A_NAME]))
    return found


def telling_labels(
    topics: Sequence[Iterable[str]], *, sizes: Sequence[int]
) -> list[tuple[str, ...]]:
    """The labels that at least a third of a topic has, and a larger share than of all."""
    counted = [Counter(labels) for labels in topics]
    everywhere: Counter[str] = sum(counted, Counter())
    total = max(1, sum(sizes))
    found = []
    for own, size in zip(counted, sizes, strict=True):
        share = {label: count / max(1, size) for label, count in own.items()}
        telling = [
            label
            for label in share
            if share[label] >= 1 / 3 and share[label] > everywhere[label] / total
        ]
        found.append(tuple(sorted(telling, key=lambda label: (-share[label], label))))
    return found


def _cut(merges: NDArray[np.float64], count: int) -> NDArray[np.int64]:
    """The topic of each row, once all but the last merges are done."""
    rows = len(merges) + 1
    leads = np.arange(rows + len(merges))
    for step, (one, other) in enumerate(merges[: rows - count, :2].astype(int)):
        leads[[one, other]] = rows + step
    for each in range(len(leads) - 1, -1, -1):  # a merge has a larger number than its parts
        leads[each] = leads[leads[each]]
    return np.unique(leads[:rows], return_inverse=True)[1]


def _silhouette(apart: NDArray[np.float64], topics: NDArray[np.int64]) -> float:
    """How much nearer clips are to their own topic than to the next, on average, in [-1, 1]."""
    sizes = np.bincount(topics)
    sums = apart @ np.eye(len(sizes))[topics]
    own = sums[np.arange(len(topics)), topics] / np.maximum(1, sizes[topics] - 1)
    others = sums / sizes
    others[np.arange(len(topics)), topics] = np.inf
    nearest = others.min(axis=1)
    value = (nearest - own) / np.maximum(np.maximum(nearest, own), 1e-12)
    return float(np.where(sizes[topics] > 1, value, 0.0).mean())


def _parting(rows: Embeddings, topics: NDArray[np.int64]) -> Parting:
    sizes = np.bincount(topics)
    order = np.argsort(-sizes, kind="stable")
    centres, least = [], []
    for topic in order:
        own = rows[topics == topic]
        centre = own.mean(axis=0)
        centre = centre / max(float(np.linalg.norm(centre)), 1e-12)
        centres.append(centre)
        least.append(np.quantile(own @ centre, OUTSIDE, method="lower"))
    return Parting(np.stack(centres).astype(np.float32), np.array(least, np.float32) - 1e-6)
