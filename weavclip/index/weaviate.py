"""The index in Weaviate: near-vector and BM25 with filters, one collection a model."""

from __future__ import annotations

import socket
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any
from uuid import UUID

from weavclip.domain.errors import PartialWriteError
from weavclip.domain.query import Match
from weavclip.index.collections import Collections
from weavclip.index.refusals import silent, translated, undeleted
from weavclip.index.rest import Rest
from weavclip.index.weaviate_client import connect, supported_version
from weavclip.index.weaviate_objects import (
    as_object,
    batches,
    check_lengths,
    condition,
    reason,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from types import TracebackType
    from typing import Self

    from weaviate import WeaviateClient
    from weaviate.collections import Collection

    from weavclip.domain.query import Filter, Space
    from weavclip.domain.vectors import Embedding, Entry
    from weavclip.index.schema import Stamp
    from weavclip.index.server.endpoint import Endpoint

_REQUESTS_AT_ONCE = 2
_AT_ONCE = 1000  # ids in one deletion


class WeaviateIndex:
    """One model's collection in a Weaviate."""

    def __init__(
        self,
        client: WeaviateClient,
        collections: Collections,
        endpoint: Endpoint,
        *,
        version: str,
        timeout_s: float,
        stamp: Stamp,
    ) -> None:
        """Be handed the parts; :meth:`open` makes them."""
        self._client = client
        self._collections = collections
        self._endpoint = endpoint
        self._version = version
        self._timeout_s = timeout_s
        self._stamp = stamp
        self._writing = collections.ensure()
        self._answering = collections.answering(self._writing)

    @classmethod
    def open(
        cls,
        endpoint: Endpoint,
        *,
        timeout_s: float,
        alias: str,
        stamp: Stamp,
        index_type: str = "flat",
    ) -> Self:
        """Connect, and make the collection where there is none.

        Args:
            endpoint: Where the server is.
            timeout_s: Longest wait for an answer, in seconds; six times that for a batch.
            alias: Stands for the current collection; collections are named after it.
            stamp: Whose vectors it holds, and which journal fills it. A collection of another
                edition is filled anew beside the one that answers.
            index_type: ``flat``, or ``hnsw`` for very large collections.

        Raises:
            IndexAuthError: If the key is refused.
            IndexVersionError: If the server is too old.
            IndexUnavailableError: If nothing answers in time.
            SchemaMismatchError: If the collection is another's, or is not as defined.
        """
        rest = Rest(endpoint, timeout_s=timeout_s)
        version = supported_version(rest.ask("GET", "/meta"), url=endpoint.url)
        collections = Collections(
            rest, url=endpoint.url, alias=alias, stamp=stamp, index_type=index_type
        )
        with translated(endpoint.url):
            client = connect(endpoint, timeout_s=timeout_s)
            try:
                return cls(
                    client,
                    collections,
                    endpoint,
                    version=version,
                    timeout_s=timeout_s,
                    stamp=stamp,
                )
            except BaseException:
                client.close()
                raise

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    @property
    def name(self) -> str:
        """Such as ``Weaviate 1.39.0``."""
        return f"Weaviate {self._version}"

    @property
    def home(self) -> str:
        """Server and collection that is written to."""
        return f"{self._endpoint.url}/{self._writing}"

    @property
    def is_current(self) -> bool:
        """Whether what is written to is also what the alias stands for: filled once, at least.

        Raises:
            IndexUnavailableError: If the server does not answer.
        """
        return self._collections.current() == self._writing

    def upsert(self, entries: Sequence[Entry]) -> None:
        """Store or replace entries, 500 a request, two requests at a time.

        Raises:
            PartialWriteError: If some were refused; the others are stored.
            IndexUnavailableError: If the server does not answer; some may be stored.
            ValueError: If a vector's length is not the model's; nothing was sent.
        """
        check_lengths(entries, self._stamp)
        with self._asking(), ThreadPoolExecutor(_REQUESTS_AT_ONCE) as pool:
            refused = dict(
                pair for part in pool.map(self._replace, batches(entries)) for pair in part.items()
            )
            self._seal([entry for entry in entries if entry.id not in refused])
        if refused:
            message = f"Weaviate refused {len(refused)} of {len(entries)} clips"
            raise PartialWriteError(message, failed=refused, hint="see 'weavclip status'")

    def nearest(self, space: Space, query: Embedding, *, limit: int, where: Filter) -> list[Match]:
        """Clips whose vector in ``space`` is nearest by cosine, by the float32 distances.

        Raises:
            IndexUnavailableError: If the server does not answer.
        """
        from weaviate.classes.query import MetadataQuery

        if where.among == frozenset():
            return []
        with self._asking():
            found = self._collection(self._answering).query.near_vector(
                near_vector=query.tolist(),
                target_vector=str(space),
                limit=limit,
                filters=condition(where),
                return_metadata=MetadataQuery(distance=True),
                return_properties=[],
            )
        return [Match(UUID(int=o.uuid.int), o.metadata.distance or 0.0) for o in found.objects]

    def matching(self, words: str, *, limit: int, where: Filter) -> list[Match]:
        """Clips with any of the words in text or OCR text, by BM25, best first.

        Raises:
            IndexUnavailableError: If the server does not answer.
        """
        from weaviate.classes.query import MetadataQuery

        if where.among == frozenset() or not any(each.isalnum() for each in words):
            return []
        with self._asking():
            found = self._collection(self._answering).query.bm25(
                query=words,
                query_properties=["text", "ocr_text"],
                limit=limit,
                filters=condition(where),
                return_metadata=MetadataQuery(score=True),
                return_properties=[],
            )
        return [Match(UUID(int=o.uuid.int), o.metadata.score or 0.0) for o in found.objects]

    def delete(self, clip_ids: Sequence[UUID]) -> int:
        """Remove clips from what is written to and from what answers; how many were there.

        Raises:
            IndexUnavailableError: If the server does not answer, or kept some.
        """
        parts = [clip_ids[at : at + _AT_ONCE] for at in range(0, len(clip_ids), _AT_ONCE)]
        with self._asking():
            return max(
                sum(self._delete(name, part) for part in parts)
                for name in {self._writing, self._answering}
            )

    def count(self) -> int:
        """How many clips the collection that is written to holds.

        Raises:
            IndexUnavailableError: If the server does not answer.
        """
        with self._asking():
            found = self._collection(self._writing).aggregate.over_all(total_count=True)
        return found.total_count or 0

    def begin_anew(self) -> None:
        """Write into a fresh collection from now on; the old one answers until complete.

        Raises:
            IndexUnavailableError: If the server does not answer.
        """
        self._writing = self._collections.fresh()

    def complete(self) -> None:
        """Point the alias at what was written, answer from it, drop what it stands in for.

        Raises:
            IndexUnavailableError: If the server does not answer.
        """
        self._collections.activate(self._writing)
        self._answering = self._writing

    def close(self) -> None:
        """Give the connections back."""
        self._client.close()

    def _collection(self, name: str) -> Collection[Mapping[str, Any], None]:
        return self._client.collections.use(name)

    @contextmanager
    def _asking(self) -> Iterator[None]:
        """Look whether anybody listens, then translate what goes wrong.

        The client sleeps and tries again for a minute where nobody does.
        """
        started = time.monotonic()
        address = self._endpoint.grpc_host, self._endpoint.grpc_port
        try:
            socket.create_connection(address, timeout=self._timeout_s).close()
        except OSError as error:
            waited_s = time.monotonic() - started
            raise silent(self._endpoint.grpc_url, waited_s=waited_s) from error
        with translated(self._endpoint.url):
            yield

    def _replace(self, entries: Sequence[Entry]) -> dict[UUID, str]:
        # An equal object is not indexed again, even where a crash took its vectors' index.
        self._delete(self._writing, [entry.id for entry in entries])
        return self._insert(entries)

    def _insert(self, entries: Sequence[Entry]) -> dict[UUID, str]:
        from weaviate.exceptions import WeaviateInsertManyAllFailedError

        objects = [as_object(entry) for entry in entries]
        try:
            errors = self._collection(self._writing).data.insert_many(objects).errors
        except WeaviateInsertManyAllFailedError as error:
            return {entry.id: reason(str(error), entry) for entry in entries}
        return {entries[i].id: reason(error.message, entries[i]) for i, error in errors.items()}

    def _seal(self, stored: Sequence[Entry]) -> None:
        """Have the server write out what it still holds of the last batch's vectors.

        A request flushes the logs before its own vectors are in them: 1.39.0, killed after it
        acknowledged three clips, had their objects and none of their vectors. The same object
        once more changes nothing and flushes the rest. Of several shards only one is reached.
        """
        if stored:
            self._insert(stored[-1:])

    def _delete(self, name: str, clip_ids: Sequence[UUID]) -> int:
        from weaviate.classes.query import Filter as Conditions

        done = self._collection(name).data.delete_many(
            where=Conditions.by_id().contains_any(list(clip_ids))
        )
        if done.failed:
            is_full = self._collections.is_read_only(name)
            raise undeleted(self._endpoint.url, count=done.failed, is_full=is_full)
        return done.matches
