"""Parts for the pipeline's tests: real in what they promise, small in what they do."""

from __future__ import annotations

import threading
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import numpy as np

from tests.waiting import WITHIN_S
from weavclip.domain.clip import Offer, Ruling
from weavclip.domain.errors import IndexUnavailableError, PartialWriteError, PictureError
from weavclip.domain.query import Answer, Query, Space
from weavclip.domain.seen import COARSE_PX, FINE_PX, Greys, Pixels
from weavclip.domain.vectors import ModelCard, Picture

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from uuid import UUID

    from numpy.typing import NDArray

    from weavclip.domain.clip import Draft
    from weavclip.domain.ports import StopSignal
    from weavclip.domain.query import Filter, Match
    from weavclip.domain.vectors import Embedding, Embeddings, Entry

DIM = 4


class HintlessGate:
    """Refuses what is offered with the type ``secret``."""

    unread_types = frozenset({"secret"})

    def refusal(self, offer: Offer) -> str | None:
        return "it is a secret" if "secret" in offer.types else None


class KeepsAll:
    """Keeps whatever a copy holds."""

    def ruling(self, draft: Draft, texts: Iterable[str]) -> Ruling:
        del draft, texts
        return Ruling()


class ListSource:
    """Yields what it is given, then waits to be stopped."""

    name = "list"

    def __init__(self, offers: Sequence[Offer], *, wait: bool = False) -> None:
        self._offers = offers
        self._wait = wait
        self.drained = threading.Event()

    def watch(self, stop: StopSignal) -> Iterator[Offer]:
        yield from self._offers
        self.drained.set()
        if self._wait:
            stop.wait(WITHIN_S)


class SumEmbedder:
    """Equal inputs give equal vectors; counts how often it was asked."""

    provider = "CPU"

    def __init__(self, model_id: str = "sum") -> None:
        self.card = ModelCard(id=model_id, dim=DIM, resolution_px=2, mean=(0, 0, 0), std=(1, 1, 1))
        self.texts: list[str] = []
        self.pictures = 0
        self.closed = 0

    def embed_texts(self, texts: Sequence[str]) -> Embeddings:
        self.texts += texts
        return _unit([[len(t), sum(map(ord, t)) % 97, 1, 0] for t in texts])

    def embed_questions(self, texts: Sequence[str]) -> Embeddings:
        return self.embed_texts(texts)

    def embed_images(self, squares: Sequence[NDArray[np.uint8]]) -> Embeddings:
        self.pictures += len(squares)
        return _unit([[1, 2, 3, float(s.sum())] for s in squares])

    def close(self) -> None:
        self.closed += 1


class FirstByteDecoder:
    """A picture is its first byte; one that begins with ``!`` is damaged."""

    def decode(self, encoded: bytes, *, size_px: int) -> Picture:
        if not encoded or encoded.endswith(b"!"):
            message = "it is damaged"
            raise PictureError(message)
        square = np.full((size_px, size_px, 3), encoded[-1], np.uint8)
        digest = bytes([encoded[-1]]) * 32
        return Picture(
            square=square, width_px=9, height_px=8, pixel_digest=digest, thumbnail=b"small"
        )

    def decode_many(
        self, encoded: Iterable[bytes], *, size_px: int
    ) -> Iterator[Picture | Exception]:
        for each in encoded:
            try:
                yield self.decode(each, size_px=size_px)
            except PictureError as error:
                yield error

    def whole(self, encoded: bytes) -> Pixels:
        if not encoded or encoded.endswith(b"!"):
            message = "it is damaged"
            raise PictureError(message)
        return Pixels(1, 1, encoded[-1:] * 3)

    def greys(self, encoded: bytes) -> Greys:
        return Greys(encoded[:1] * FINE_PX**2, encoded[:1] * COARSE_PX**2)

    def close(self) -> None:
        """Nothing is held."""


class DictIndex:
    """Keeps entries in a dictionary; can be away, and can refuse."""

    def __init__(self, name: str = "dict", *, home: str = "here") -> None:
        self.name = name
        self.home = home
        self.entries: dict[UUID, Entry] = {}
        self.away = False
        self.refuses: set[UUID] = set()
        self.completed = 0
        self.begun_anew = 0

    @property
    def is_current(self) -> bool:
        return self.completed > 0

    def upsert(self, entries: Sequence[Entry]) -> None:
        self._answer()
        failed = {entry.id: "no" for entry in entries if entry.id in self.refuses}
        self.entries |= {entry.id: entry for entry in entries if entry.id not in failed}
        if failed:
            message = "some were refused"
            raise PartialWriteError(message, failed=failed)

    def nearest(self, space: Space, query: Embedding, *, limit: int, where: Filter) -> list[Match]:
        del space, query, limit, where
        self._answer()
        return []

    def matching(self, words: str, *, limit: int, where: Filter) -> list[Match]:
        del words, limit, where
        self._answer()
        return []

    def delete(self, clip_ids: Sequence[UUID]) -> int:
        self._answer()
        return sum(self.entries.pop(each, None) is not None for each in clip_ids)

    def count(self) -> int:
        self._answer()
        return len(self.entries)

    def begin_anew(self) -> None:
        self.begun_anew += 1

    def complete(self) -> None:
        self.completed += 1

    def close(self) -> None:
        """Nothing is held."""

    def _answer(self) -> None:
        if self.away:
            message = "nobody answers"
            raise IndexUnavailableError(message)


class IndexSearcher:
    """Answers with the index's name, and asks it once, so that an index that is away shows."""

    def __init__(self, index: DictIndex) -> None:
        self._index = index

    def run(self, query: Query) -> Answer:
        self._index.matching(query.words, limit=1, where=query.where)
        return Answer(hits=(), index=self._index.name, total=0, took_ms=0.0)


def text_offer(text: str) -> Offer:
    return Offer(
        types=("text/plain",),
        representations={"text/plain": text.encode()},
        at=datetime.now(UTC),
    )


def picture_offer(content: bytes) -> Offer:
    return Offer(
        types=("image/png",), representations={"image/png": content}, at=datetime.now(UTC)
    )


def _unit(rows: list[list[float]]) -> Embeddings:
    vectors = np.array(rows, np.float32).reshape(len(rows), DIM)
    unit: Embeddings = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
    return unit
