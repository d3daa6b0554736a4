"""The text model's part in a question."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from functools import cache
from typing import TYPE_CHECKING

from weavclip.domain.query import Space
from weavclip.search.centre import take_out

if TYPE_CHECKING:
    from concurrent.futures import Future

    from weavclip.domain.ports import SentenceEmbedder
    from weavclip.domain.vectors import Embedding, Logistic


@cache
def _worker() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(1, thread_name_prefix="weavclip-sentence")


class Sentences:
    """Encodes words beside CLIP, and says what a cosine to them means."""

    def __init__(self, embedder: SentenceEmbedder) -> None:
        """Keep the text model, which loads at the first question."""
        self._embedder = embedder

    @property
    def model_id(self) -> str:
        """The text model's id."""
        return self._embedder.card.id

    @property
    def chance(self) -> Logistic | None:
        """The probability of a cosine; None without calibration."""
        known = self._embedder.card.calibration
        return known.words_to.get(Space.SENTENCE) if known else None

    def begin(self, words: str) -> Future[Embedding]:
        """Encode words in a thread of its own: raw, shape (dim,), norm 1."""
        return _worker().submit(lambda: self._embedder.embed_questions([words])[0])

    @property
    def mean(self) -> Embedding | None:
        """What is taken out of its vectors; None for nothing."""
        known = self._embedder.card.calibration
        return known.means.get(Space.SENTENCE) if known else None

    def centred(self, raw: Embedding) -> Embedding:
        """A vector of the text model as the index compares it."""
        return raw if self.mean is None else take_out(raw, self.mean)
