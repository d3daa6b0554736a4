"""A whole weavclip of a benchmark's own: a data folder, and what its commands know of it."""

from __future__ import annotations

import hashlib
import os
import tempfile
from contextlib import closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from scripts.benchmarks.durability import sound
from tests.managed import managed
from weavclip import settings
from weavclip.domain.query import Filter
from weavclip.journal import integrity
from weavclip.pipeline.embedding import Models
from weavclip.search.centre import take_out
from weavclip.wiring import indexes, parts

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from uuid import UUID

    from weavclip.domain.clip import Clip
    from weavclip.domain.index import Index
    from weavclip.domain.query import Space
    from weavclip.domain.vectors import Embedding
    from weavclip.index.server.managed import ManagedServer
    from weavclip.journal.store import SqliteJournal
    from weavclip.settings import Settings

MODEL = "sample"
_MOST_AT_ONCE = 1_000
"""That an index is asked for: texts that differ in a number only may be as near as that many."""
_SESSION = ("DISPLAY", "WAYLAND_DISPLAY", "XDG_", "DBUS_", "XAUTHORITY", "WEAVCLIP_")


@contextmanager
def home(
    session: Mapping[str, str] | None = None, *, at: Path | None = None, **given: object
) -> Iterator[Settings]:
    """Let this process and all that it starts know of one data folder and session, no other.

    Args:
        session: What a display server's clients need to find it; nothing finds one with None.
        at: The data folder; a fresh one when None.
        given: Settings that differ from a benchmark's: the sample model, the journal's own index
            and no notifications.
    """
    before = dict(os.environ)
    with tempfile.TemporaryDirectory() as name:
        chosen = {
            "data_dir": at or Path(name) / "data",
            "model": MODEL,
            "index": "exact",
            "notifications": False,
            **given,
        }
        named = {f"WEAVCLIP_{key.upper()}": _written(value) for key, value in chosen.items()}
        for variable in [each for each in os.environ if each.startswith(_SESSION)]:
            del os.environ[variable]
        os.environ.update({**named, **(session or {})})
        os.environ["WEAVCLIP_CONFIG"] = str(Path(name) / "config.toml")
        try:
            yield settings.load().settings
        finally:
            os.environ.clear()
            os.environ.update(before)


def _written(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


@contextmanager
def served(
    beside: Path, session: Mapping[str, str] | None = None, **given: object
) -> Iterator[tuple[Settings, ManagedServer]]:
    """A home whose Weaviate is somebody else's: up, and ended or started again by the caller."""
    with managed(beside) as own:
        own.server.up(confirm=lambda _: False)
        endpoint = own.server.endpoint()
        assert endpoint is not None
        reached = {
            "index": "auto",
            "weaviate_url": endpoint.url,
            "weaviate_grpc_url": endpoint.grpc_url,
            "weaviate_api_key": endpoint.api_key,
        }
        with home(session, **{**reached, **given}) as used:
            yield used, own.server


@contextmanager
def managing(
    session: Mapping[str, str] | None = None, *, at: Path, **given: object
) -> Iterator[tuple[Settings, ManagedServer]]:
    """A home with a Weaviate that weavclip manages, which is up."""
    with managed(at) as own:
        own.server.up(confirm=lambda _: False)
        ports = {"server_port": own.port, "server_grpc_port": own.grpc_port}
        with home(session, at=at, **{"index": "auto", **ports, **given}) as used:
            yield used, own.server


def corrupt(data_dir: Path) -> int:
    """How much of a journal is not whole: the database, its word indexes, each file's digest.

    Raises:
        AssertionError: If SQLite finds its tables or indexes damaged.
        sqlite3.DatabaseError: If FTS5 has anything but the texts.
    """
    assert sound(data_dir)
    found = integrity.examine_blobs(data_dir, deep=True)
    return found.missing + found.damaged


def all_clips(journal: SqliteJournal) -> list[Clip]:
    """Every clip."""
    return list(journal.clips(where=Filter()))


def doubled(journal: SqliteJournal) -> int:
    """How many clips have the content of another one."""
    every = all_clips(journal)
    digests = {
        hashlib.sha256(journal.representations(each.id)[each.mime_type]).digest() for each in every
    }
    return len(every) - len(digests)


def missing_in(used: Settings, journal: SqliteJournal) -> int:
    """How many clips their own vectors do not find in the index, or that are there too much.

    A clip that is stored without its vectors' index, as a killed server may leave it, counts.
    """
    with closing(parts.models(used).open(used.model)) as embedder:
        index, why_not = indexes.index_for_once(used, journal, Models(embedder))
        assert not why_not, why_not
        calibration = embedder.card.calibration
        means = calibration.means if calibration else {}
        with closing(index):
            unfound = 0
            for clip in all_clips(journal):
                raw = journal.vectors(clip.id, used.model)
                centred = {s: take_out(v, means[s]) if s in means else v for s, v in raw.items()}
                unfound += not (centred and _is_found(index, clip.id, centred))
            return unfound + abs(index.count() - journal.count())


def _is_found(index: Index, clip_id: UUID, vectors: Mapping[Space, Embedding]) -> bool:
    return all(
        clip_id
        in {each.id for each in index.nearest(space, own, limit=_MOST_AT_ONCE, where=Filter())}
        for space, own in vectors.items()
    )
