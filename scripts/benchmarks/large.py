"""A memory of 100,000 clips, in the journal and in Weaviate, for several benchmarks.

Forty of a hundred are pictures. A vector is two real ones of its modality, weighed at random
between 0.2 and 0.8, with noise of 0.02 a dimension; queries are made the same way. A text is one
of a few thousand real ones with a number. Where a text model is wanted as well, a text's vector by
it is made of the first 384 numbers of the same real ones.
"""

from __future__ import annotations

import json
import shutil
import tempfile
import time
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import psutil

from scripts.benchmarks.vectors import class_names, shared_folder, shared_photos, vectors
from tests.managed import managed
from weavclip.domain.clip import Draft, Kind
from weavclip.domain.models import ModelSet
from weavclip.domain.query import Filter, Space
from weavclip.domain.vectors import Entry
from weavclip.index.exact import ExactIndex
from weavclip.index.schema import Stamp
from weavclip.index.weaviate import WeaviateIndex
from weavclip.journal.store import SqliteJournal
from weavclip.search.centre import normalised, take_out

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from uuid import UUID

    from weavclip.domain.vectors import Embedding, Embeddings
    from weavclip.index.server.endpoint import Endpoint
    from weavclip.index.server.managed import ManagedServer

CLIPS, DIM, MODEL = 100_000, 512, "mixed"
TEXT_DIM, TEXT_MODEL = 384, "cut"
AT_ONCE = 2_000
# Weaviate flushes write buffers after 60 s: PERSISTENCE_MEMTABLES_FLUSH_DIRTY_AFTER_SECONDS.
FLUSHED_AFTER_S, SETTLE_S, QUIET_PERCENT = 70.0, 60.0, 5.0
PICTURES_OF_FIVE = 2
START = datetime(2026, 1, 1, tzinfo=UTC)
APART = timedelta(minutes=5)  # 100,000 clips in a year: a week is 2 of a hundred
SPACES = (Space.IMAGE, Space.TEXT)
BOTH = ModelSet(MODEL, TEXT_MODEL).id
KINDS = {Space.IMAGE: Kind.IMAGE, Space.TEXT: Kind.TEXT}
MIDDLE = START + APART * (CLIPS // 2)
FILTERS = {
    "no filter": Filter(),
    "half the time": Filter(after=MIDDLE),
    "a week": Filter(after=MIDDLE, before=MIDDLE + timedelta(days=7)),
}


@dataclass(frozen=True, slots=True)
class Real:
    """What the clips are made of.

    Attributes:
        vectors: By space, each of length 1.
        texts: A few thousand.
    """

    vectors: dict[Space, Embeddings]
    texts: Sequence[str]

    @property
    def means(self) -> dict[Space, Embedding]:
        """Of each modality, shape (dim,)."""
        return {space: each.mean(axis=0) for space, each in self.vectors.items()}


@dataclass(frozen=True, slots=True, kw_only=True)
class Filled:
    """Both indexes with the same clips.

    Attributes:
        real: What they are made of.
        journal: Where they are.
        exact: Over the journal.
        weaviate: Filled from the journal.
        endpoint: Of the server.
        entries: The clips, ready to be filled in again.
        server: The managed server.
    """

    real: Real
    journal: SqliteJournal
    exact: ExactIndex
    weaviate: WeaviateIndex
    endpoint: Endpoint
    entries: Sequence[Entry]
    server: ManagedServer


@contextmanager
def filled(model_id: str = MODEL) -> Iterator[Filled]:
    """Both indexes, of CLIP's vectors or of BOTH models'; a minute and a half."""
    real = real_material()
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        entries = fill_journal(folder / "journal", real, model_id=model_id)
        journal = stack.enter_context(SqliteJournal.open(folder / "journal", reserve_bytes=0))
        own = stack.enter_context(managed(folder / "data"))
        own.server.up(confirm=lambda _: False)
        endpoint = own.server.endpoint()
        assert endpoint is not None
        weaviate = stack.enter_context(opened(endpoint, "Bench", model_id=model_id))
        for start in range(0, CLIPS, AT_ONCE):
            weaviate.upsert(entries[start : start + AT_ONCE])
        weaviate.complete()
        _settle(own.server)
        yield Filled(
            real=real,
            journal=journal,
            exact=ExactIndex(journal, journal, model_id=model_id, means=real.means),
            weaviate=weaviate,
            endpoint=endpoint,
            entries=entries,
            server=own.server,
        )


def _settle(server: ManagedServer) -> None:
    """Wait until the server has put away what came in so quickly, as it has on any other day.

    Until its write buffers are flushed it answers a filter on time in 75 ms instead of 14.
    """
    time.sleep(FLUSHED_AFTER_S)
    process = psutil.Process(server.status().pid)
    end = time.monotonic() + SETTLE_S
    while process.cpu_percent(interval=1.0) > QUIET_PERCENT and time.monotonic() < end:
        continue


def opened(endpoint: Endpoint, alias: str, *, model_id: str = MODEL) -> WeaviateIndex:
    """A collection of its own."""
    text_dim = TEXT_DIM if model_id == BOTH else 0
    stamp = Stamp(model=model_id, dim=DIM, text_dim=text_dim, journal="bench")
    return WeaviateIndex.open(endpoint, timeout_s=30, alias=alias, stamp=stamp)


def mixed(real: Embeddings, count: int, *, seed: int) -> Embeddings:
    """Vectors like the real ones, shape (count, dim), each of length 1."""
    random = np.random.default_rng(seed)
    first, second = (real[random.integers(0, len(real), count)] for _ in range(2))
    weight = random.uniform(0.2, 0.8, (count, 1)).astype(np.float32)
    noise = random.normal(0.0, 0.02, first.shape).astype(np.float32)
    return normalised(weight * first + (1 - weight) * second + noise)


def real_material() -> Real:
    """Vectors of captioned photos and class names; captions, questions and commands.

    Raises:
        FileNotFoundError: If there is no shared data folder beside the project.
    """
    folder = shared_folder()
    if folder is None:
        message = "no shared data folder beside the project"
        raise FileNotFoundError(message)
    photos, names = shared_photos(folder), vectors(class_names(folder))
    lines = (folder / "texts" / "commands.jsonl").read_text("utf-8").splitlines()
    commands = [json.loads(line) for line in lines]
    return Real(
        {
            Space.IMAGE: photos.pictures,
            Space.TEXT: np.concatenate([photos.captions, names]),
        },
        [*photos.words] + [f"{each['query']}: {each['command']}" for each in commands],
    )


def fill_journal(target: Path, real: Real, *, model_id: str = MODEL) -> list[Entry]:
    """A journal of all clips, made in memory where there is such a folder, then moved."""
    memory = Path("/dev/shm")  # noqa: S108 - TemporaryDirectory makes a private folder in it
    with tempfile.TemporaryDirectory(dir=memory if memory.is_dir() else None) as made:
        with SqliteJournal.open(Path(made) / "journal", reserve_bytes=0) as journal:
            spaces = [
                Space.IMAGE if n % 5 < PICTURES_OF_FIVE else Space.TEXT for n in range(CLIPS)
            ]
            ids = [_add(journal, n, space, real.texts) for n, space in enumerate(spaces)]
            raw = {s: mixed(real.vectors[s], spaces.count(s), seed=1) for s in SPACES}
            rows_of = {space: iter(each) for space, each in raw.items()}
            vectors = [{space: next(rows_of[space])} for space in spaces]
            if model_id == BOTH:
                _add_sentences(vectors, real)
            for start in range(0, CLIPS, AT_ONCE):
                part = slice(start, start + AT_ONCE)
                batch = zip(ids[part], vectors[part], strict=True)
                journal.embedded_many([(each, given, None) for each, given in batch], model_id)
                journal.indexed(ids[part], model_id)
                if model_id == BOTH:  # a search without the text model has nothing to wait for
                    journal.embedded_many([(each, {}, None) for each in ids[part]], MODEL)
                    journal.indexed(ids[part], MODEL)
            journal.index_words()
            entries = [
                _entry(journal, each, given, real.means)
                for each, given in zip(ids, vectors, strict=True)
            ]
        shutil.copytree(Path(made) / "journal", target)
    return entries


def sentences(real: Real) -> Embeddings:
    """What stands for a text model's vectors of real texts, shape (n, TEXT_DIM)."""
    return normalised(real.vectors[Space.TEXT][:, :TEXT_DIM])


def _add_sentences(vectors: Sequence[dict[Space, Embedding]], real: Real) -> None:
    texts = [each for each in vectors if Space.TEXT in each]
    for each, row in zip(texts, mixed(sentences(real), len(texts), seed=2), strict=True):
        each[Space.SENTENCE] = row


def _entry(
    journal: SqliteJournal,
    clip_id: UUID,
    raw: dict[Space, Embedding],
    means: dict[Space, Embedding],
) -> Entry:
    return Entry(
        clip=journal.get(clip_id),
        text=journal.text(clip_id),
        vectors={
            space: take_out(vector, means[space]) if space in means else vector
            for space, vector in raw.items()
        },
    )


def _add(journal: SqliteJournal, number: int, space: Space, texts: Sequence[str]) -> UUID:
    text = f"{texts[number % len(texts)]} {number}"
    kind = KINDS[space]
    mime_type = "image/png" if kind is Kind.IMAGE else "text/plain"
    draft = Draft(
        kind=kind,
        mime_type=mime_type,
        representations={mime_type: text.encode()},
        text="" if kind is Kind.IMAGE else text,
        digest_source=text.encode(),
        at=START + number * APART,
        source_app="Firefox" if number % 3 else "Terminal",
    )
    return journal.add(draft).id
