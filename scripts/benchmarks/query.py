"""A whole search in the engine's process beyond the models: every way, fused, of 100,000 clips.

The models hand out vectors mixed from real ones; the words are real captions. Each stage asks
100 other questions first: a server that was just filled reads what it compares for the first time.
With "a text model" its vectors are one more way, and words are weighed beside them.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from scripts.benchmarks.large import (
    BOTH,
    FILTERS,
    MODEL,
    TEXT_DIM,
    TEXT_MODEL,
    filled,
    mixed,
    sentences,
)
from scripts.benchmarks.rows import Row, row_of
from weavclip.domain.clip import Kind
from weavclip.domain.models import ModelKind
from weavclip.domain.query import Filter, Query, Space
from weavclip.domain.vectors import Calibration, Logistic, ModelCard
from weavclip.search.sentences import Sentences
from weavclip.search.service import SearchService

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    import numpy as np
    from numpy.typing import NDArray

    from scripts.benchmarks.large import Filled
    from weavclip.domain.index import Index
    from weavclip.domain.vectors import Embeddings

WARM_UP, QUERIES = 100, 200
# Of words to pictures and words to texts on real vectors, means out (scripts/bench ranking).
LOGISTICS = {Space.IMAGE: Logistic(24.0, -9.0), Space.TEXT: Logistic(16.0, -11.0)}
ASKED = {
    **FILTERS,
    "pictures only": Filter(kinds=frozenset({Kind.IMAGE})),
    "pictures of a week": replace(FILTERS["a week"], kinds=frozenset({Kind.IMAGE})),
}


WITH_SENTENCES = ("no filter", "a week")
MEANT = Logistic(15.0, -8.0)


@dataclass(slots=True)
class Handed:
    """A text tower that has every answer ready."""

    vectors: Embeddings
    card: ModelCard
    provider: str = "none"
    _next: int = field(default=0)

    def embed_texts(self, texts: Sequence[str]) -> Embeddings:
        """The next vector."""
        self._next = (self._next + len(texts)) % (len(self.vectors) - len(texts))
        return self.vectors[self._next : self._next + len(texts)]

    def embed_questions(self, texts: Sequence[str]) -> Embeddings:
        """The next vector."""
        return self.embed_texts(texts)

    def embed_images(self, squares: Sequence[NDArray[np.uint8]]) -> Embeddings:
        """No picture is asked with."""
        return self.vectors[: len(squares)]

    def close(self) -> None:
        """Nothing is held."""


def rows() -> Iterator[Row]:
    """Both indexes under each filter; takes about 3 minutes."""
    with filled(BOTH) as both:
        indexes: tuple[tuple[str, Index, str], ...] = (
            ("Weaviate", both.weaviate, "p95 < 50"),
            ("exact", both.exact, "p95 < 100"),
        )
        for name, where in ASKED.items():
            for label, index, note in indexes:
                values = _times(both, index, where)
                yield row_of(f"search, {name}: {label}", values, unit="ms", note=note)
        for name in WITH_SENTENCES:
            for label, index, _ in indexes:
                values = _times(both, index, ASKED[name], handed=_sentences(both))
                stage = f"search, {name}, a text model: {label}"
                yield row_of(stage, values, unit="ms", note="p95 < 100")


def _sentences(both: Filled) -> Sentences:
    """A text model that has every answer ready."""
    vectors = mixed(sentences(both.real), WARM_UP + QUERIES + 1, seed=4)
    calibration = Calibration(
        means={}, words_to={Space.SENTENCE: MEANT}, picture_to={}, origin="the benchmark"
    )
    card = ModelCard(id=TEXT_MODEL, kind=ModelKind.SENTENCE, dim=TEXT_DIM, calibration=calibration)
    return Sentences(Handed(vectors, card))


def _times(
    both: Filled, index: Index, where: Filter, *, handed: Sentences | None = None
) -> list[float]:
    vectors = mixed(both.real.vectors[Space.TEXT], WARM_UP + QUERIES + 1, seed=3)
    card = ModelCard(
        id=MODEL, dim=vectors.shape[1], resolution_px=224, mean=(0,) * 3, std=(1,) * 3
    )
    calibration = Calibration(
        means=both.real.means, words_to=LOGISTICS, picture_to=LOGISTICS, origin="the benchmark"
    )
    service = SearchService(
        index=index,
        words=both.journal,
        journal=both.journal,
        embedder=Handed(vectors, card),
        decoder=None,
        calibration=calibration,
        sentences=handed,
    )
    values = []
    for number in range(WARM_UP + QUERIES):
        query = Query(words=both.real.texts[number], where=where)
        started = time.perf_counter()
        answer = service.run(query)
        values.append((time.perf_counter() - started) * 1000 - answer.encode_ms)
    return values[WARM_UP:]
