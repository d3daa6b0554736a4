"""Both indexes on 100,000 vectors mixed from real ones: times, recall, indexing, memory.

Forty of a hundred are pictures. A vector is two real ones of its modality, weighed at random
between 0.2 and 0.8, with noise of 0.02 a dimension; queries are made the same way.
"""

from __future__ import annotations

import shutil
import statistics
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import psutil

from scripts.benchmarks.rows import Row, row_of
from scripts.benchmarks.vectors import load, shared_folder
from tests.managed import managed
from weavclip.domain.clip import Draft, Kind
from weavclip.domain.query import Filter, Space
from weavclip.domain.vectors import Entry
from weavclip.index.exact import ExactIndex
from weavclip.index.weaviate import WeaviateIndex
from weavclip.index.weaviate_client import connect
from weavclip.index.weaviate_objects import properties
from weavclip.journal.store import SqliteJournal
from weavclip.search.centre import normalised, take_out

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from uuid import UUID

    from weavclip.domain.ports import Index
    from weavclip.domain.vectors import Embedding, Embeddings
    from weavclip.index.server.endpoint import Endpoint
    from weavclip.index.server.managed import ManagedServer

CLIPS, DIM, MODEL = 100_000, 512, "mixed"
PICTURES_OF_FIVE = 2
QUERIES, LIMIT = 200, 10
INDEXED, ROUNDS, AT_ONCE = 10_000, 3, 2_000
START = datetime(2026, 1, 1, tzinfo=UTC)
APART = timedelta(minutes=5)  # 100,000 clips in a year: a week is 2 of a hundred
MB = 1024 * 1024
SPACES = (Space.IMAGE, Space.TEXT)
KINDS = {Space.IMAGE: Kind.IMAGE, Space.TEXT: Kind.TEXT}
MIDDLE = START + APART * (CLIPS // 2)
FILTERS = {
    "no filter": Filter(),
    "kind, half the time": Filter(after=MIDDLE),
    "kind, a week": Filter(after=MIDDLE, before=MIDDLE + timedelta(days=7)),
}


@dataclass(frozen=True, slots=True)
class Filled:
    """Both indexes with the same clips.

    Attributes:
        means: Of each modality's real vectors.
        real: The real vectors by space, each of length 1.
        exact: Over the journal.
        weaviate: Filled from the journal.
        endpoint: Of the server.
        entries: Some of what was filled in, ready to be filled in again.
        server: The managed server.
    """

    means: dict[Space, Embedding]
    real: dict[Space, Embeddings]
    exact: ExactIndex
    weaviate: WeaviateIndex
    endpoint: Endpoint
    entries: Sequence[Entry]
    server: ManagedServer


def rows() -> list[Row]:
    """All of this module's figures; takes about 4 minutes."""
    with _filled() as filled:
        return [
            *(row for name, where in FILTERS.items() for row in _query_times(filled, name, where)),
            *(row for name, where in FILTERS.items() for row in _recalls(filled, name, where)),
            *_memory(filled),
            *_indexing(filled),
        ]


def mixed(real: Embeddings, count: int, *, seed: int) -> Embeddings:
    """Vectors like the real ones, shape (count, dim), each of length 1."""
    random = np.random.default_rng(seed)
    first, second = (real[random.integers(0, len(real), count)] for _ in range(2))
    weight = random.uniform(0.2, 0.8, (count, 1)).astype(np.float32)
    noise = random.normal(0.0, 0.02, first.shape).astype(np.float32)
    return normalised(weight * first + (1 - weight) * second + noise)


def _real() -> dict[Space, Embeddings]:
    folder = shared_folder()
    if folder is None:
        message = "no shared data folder beside the project"
        raise FileNotFoundError(message)
    photos = load(folder)
    return {
        Space.IMAGE: photos.pictures,
        Space.TEXT: np.concatenate([photos.captions, photos.names]),
    }


@contextmanager
def _filled() -> Iterator[Filled]:
    real = _real()
    means = {space: each.mean(axis=0) for space, each in real.items()}
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        entries = _fill_journal(folder / "journal", real, means)
        journal = stack.enter_context(SqliteJournal.open(folder / "journal", reserve_bytes=0))
        own = stack.enter_context(managed(folder / "data"))
        own.server.up(confirm=lambda _: False)
        endpoint = own.server.endpoint()
        assert endpoint is not None
        weaviate = stack.enter_context(_opened(endpoint, "Bench"))
        for start in range(0, CLIPS, AT_ONCE):
            weaviate.upsert(entries[start : start + AT_ONCE])
        weaviate.complete()
        yield Filled(
            means,
            real,
            ExactIndex(journal, journal, model_id=MODEL, means=means),
            weaviate,
            endpoint,
            entries[:INDEXED],
            own.server,
        )


def _opened(endpoint: Endpoint, alias: str) -> WeaviateIndex:
    return WeaviateIndex.open(
        endpoint, timeout_s=30, alias=alias, model_id=MODEL, dim=DIM, journal_id="bench"
    )


def _fill_journal(
    target: Path, real: dict[Space, Embeddings], means: dict[Space, Embedding]
) -> list[Entry]:
    """A journal of all clips, made in memory where there is such a folder, then moved."""
    memory = Path("/dev/shm")  # noqa: S108 - TemporaryDirectory makes a private folder in it
    with tempfile.TemporaryDirectory(dir=memory if memory.is_dir() else None) as made:
        with SqliteJournal.open(Path(made) / "journal", reserve_bytes=0) as journal:
            spaces = [
                Space.IMAGE if n % 5 < PICTURES_OF_FIVE else Space.TEXT for n in range(CLIPS)
            ]
            ids = [_add(journal, n, KINDS[space]) for n, space in enumerate(spaces)]
            raw = {space: mixed(real[space], spaces.count(space), seed=1) for space in SPACES}
            rows_of = {space: iter(each) for space, each in raw.items()}
            vectors = [{space: next(rows_of[space])} for space in spaces]
            for start in range(0, CLIPS, AT_ONCE):
                part = slice(start, start + AT_ONCE)
                batch = zip(ids[part], vectors[part], strict=True)
                journal.embedded_many([(each, given, None) for each, given in batch], MODEL)
            clips = journal.get_many(ids)
        shutil.copytree(Path(made) / "journal", target)
    return [
        Entry(
            clip=clips[each],
            text=f"clip number {n}",
            vectors={space: take_out(vector, means[space]) for space, vector in given.items()},
        )
        for n, (each, given) in enumerate(zip(ids, vectors, strict=True))
    ]


def _add(journal: SqliteJournal, number: int, kind: Kind) -> UUID:
    content = f"clip number {number}".encode()
    mime_type = "image/png" if kind is Kind.IMAGE else "text/plain"
    draft = Draft(
        kind=kind,
        mime_type=mime_type,
        representations={mime_type: content},
        text="" if kind is Kind.IMAGE else content.decode(),
        digest_source=content,
        at=START + number * APART,
        source_app="Firefox" if number % 3 else "Terminal",
    )
    return journal.add(draft).id


def _within(space: Space, where: Filter) -> Filter:
    """A filter on time gets the kind too that its space holds."""
    return where if where == Filter() else replace(where, kinds=frozenset({KINDS[space]}))


def _query_times(filled: Filled, name: str, where: Filter) -> Iterator[Row]:
    """One query in words, which looks into both spaces at once, as a search does."""
    queries = _queries(filled, Space.TEXT)
    targets: tuple[tuple[str, Index, str], ...] = (
        ("Weaviate", filled.weaviate, "target p95 50"),
        ("exact", filled.exact, "target p95 100"),
    )
    with ThreadPoolExecutor(len(SPACES)) as pool:
        for label, index, note in targets:
            _ask(index, queries[0], where, pool)
            values = [_timed_ms(partial(_ask, index, query, where, pool)) for query in queries]
            yield row_of(f"query, both spaces, {name}: {label}", values, unit="ms", note=note)


def _ask(index: Index, query: Embedding, where: Filter, pool: ThreadPoolExecutor) -> None:
    asked = [
        pool.submit(index.nearest, space, query, limit=LIMIT, where=_within(space, where))
        for space in SPACES
    ]
    for each in asked:
        each.result()


def _recalls(filled: Filled, name: str, where: Filter) -> Iterator[Row]:
    for label, modality, space in (
        ("words -> pictures", Space.TEXT, Space.IMAGE),
        ("pictures -> words", Space.IMAGE, Space.TEXT),
        ("words -> words", Space.TEXT, Space.TEXT),
    ):
        within = _within(space, where)
        found = [
            _recall(filled, space, query, where=within) for query in _queries(filled, modality)
        ]
        yield Row(
            stage=f"recall@{LIMIT} {label}, {name}",
            n=len(found),
            median=statistics.fmean(found),
            unit="mean",
            note="target 0.99",
        )


def _recall(filled: Filled, space: Space, query: Embedding, *, where: Filter) -> float:
    ids = [
        {match.id for match in index.nearest(space, query, limit=LIMIT, where=where)}
        for index in (filled.exact, filled.weaviate)
    ]
    return len(ids[0] & ids[1]) / len(ids[0])


def _queries(filled: Filled, modality: Space) -> list[Embedding]:
    made = mixed(filled.real[modality], QUERIES, seed=2)
    return [take_out(each, filled.means[modality]) for each in made]


def _indexing(filled: Filled) -> list[Row]:
    """Ready vectors by upsert, against the client's own batch of ready objects, in turns."""
    ours, engines, bare = [], [], []
    for turn in range(ROUNDS):
        bare.append(INDEXED / _bare_batch_s(filled, f"Bare{turn}"))
        ours.append(INDEXED / _upsert_s(filled, f"Ours{turn}", at_once=AT_ONCE))
        engines.append(INDEXED / _upsert_s(filled, f"Engine{turn}", at_once=500))
    ratio = statistics.median(ours) / statistics.median(bare)
    return [
        row_of("indexing, the client's batch of 500, 2 at once", bare, unit="clips/s"),
        row_of(f"indexing, upsert of {AT_ONCE}", ours, unit="clips/s"),
        row_of("indexing, upsert of 500", engines, unit="clips/s"),
        Row(
            stage=f"indexing, upsert of {AT_ONCE} / the client's batch",
            n=1,
            median=ratio,
            unit="ratio",
            note="target 0.9",
        ),
    ]


def _upsert_s(filled: Filled, alias: str, *, at_once: int) -> float:
    with _opened(filled.endpoint, alias) as index:
        started = time.perf_counter()
        for start in range(0, INDEXED, at_once):
            index.upsert(filled.entries[start : start + at_once])
        return time.perf_counter() - started


def _bare_batch_s(filled: Filled, alias: str) -> float:
    ready = [(each.id, properties(each), each.vectors) for each in filled.entries]
    with _opened(filled.endpoint, alias) as index:
        name = index.home.rpartition("/")[2]
    with connect(filled.endpoint, timeout_s=30) as client:
        collection = client.collections.use(name)
        started = time.perf_counter()
        with collection.batch.fixed_size(500, concurrent_requests=2) as batch:
            for clip_id, given, vectors in ready:
                named = {str(space): vector for space, vector in vectors.items()}
                batch.add_object(properties=given, uuid=clip_id, vector=named)  # type: ignore[arg-type]
        elapsed = time.perf_counter() - started
        if collection.batch.failed_objects:
            message = f"{len(collection.batch.failed_objects)} objects were refused"
            raise RuntimeError(message)
    return elapsed


def _memory(filled: Filled) -> list[Row]:
    pid = filled.server.status().pid
    server_mb = psutil.Process(pid).memory_info().rss / MB if pid else 0.0
    return [
        Row(stage="the server's memory after these queries", n=1, median=server_mb, unit="MB"),
        Row(stage="clips in it", n=1, median=filled.weaviate.count(), unit="clips"),
    ]


def _timed_ms(call: Callable[[], None]) -> float:
    started = time.perf_counter()
    call()
    return (time.perf_counter() - started) * 1000
