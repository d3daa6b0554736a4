"""Both indexes on 100,000 vectors mixed from real ones: times, recall, indexing, memory."""

from __future__ import annotations

import statistics
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

import psutil

from scripts.benchmarks.large import AT_ONCE, FILTERS, KINDS, SPACES, filled, mixed, opened
from scripts.benchmarks.rows import Row, row_of
from weavclip.domain.query import Filter, Space
from weavclip.index.weaviate_client import connect
from weavclip.index.weaviate_objects import properties
from weavclip.search.centre import take_out

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from scripts.benchmarks.large import Filled
    from weavclip.domain.index import Index
    from weavclip.domain.vectors import Embedding

QUERIES, LIMIT = 200, 10
INDEXED, ROUNDS = 10_000, 3
MB = 1024 * 1024


def rows() -> Iterator[Row]:
    """All of this module's figures; takes about 3 minutes."""
    with filled() as both:
        for name, where in FILTERS.items():
            yield from _query_times(both, name, where)
        for name, where in FILTERS.items():
            yield from _recalls(both, name, where)
        yield from _memory(both)
        yield from _indexing(both)


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
    made = mixed(filled.real.vectors[modality], QUERIES, seed=2)
    return [take_out(each, filled.real.means[modality]) for each in made]


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
    with opened(filled.endpoint, alias) as index:
        started = time.perf_counter()
        for start in range(0, INDEXED, at_once):
            index.upsert(filled.entries[start : start + at_once])
        return time.perf_counter() - started


def _bare_batch_s(filled: Filled, alias: str) -> float:
    ready = [(each.id, properties(each), each.vectors) for each in filled.entries[:INDEXED]]
    with opened(filled.endpoint, alias) as index:
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
