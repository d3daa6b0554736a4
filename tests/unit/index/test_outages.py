"""A Weaviate that is away, slow, old, restarted, emptied or killed."""

from __future__ import annotations

import json
import os
import re
import signal
import socket
import threading
from contextlib import contextmanager
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING

import pytest

from tests.managed import Managed, free_ports
from tests.servers import Opener
from tests.unit.index.entries import direction, entry
from tests.waiting import WITHIN_S, until
from weavclip.domain.errors import IndexUnavailableError, IndexVersionError
from weavclip.domain.query import Filter, Space
from weavclip.index.schema import Stamp
from weavclip.index.server.endpoint import Endpoint
from weavclip.index.server.ports import is_free
from weavclip.index.weaviate import WeaviateIndex
from weavclip.index.weaviate_client import supported_version

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

PATIENCE_S = 0.5
WAITED = re.compile(r"after (\d+\.\d) s")


def endpoint(port: int, *, grpc_port: int = 1) -> Endpoint:
    return Endpoint(
        http_host="127.0.0.1", http_port=port, grpc_host="127.0.0.1", grpc_port=grpc_port
    )


def opened(where: Endpoint, *, timeout_s: float = WITHIN_S) -> WeaviateIndex:
    return WeaviateIndex.open(
        where, timeout_s=timeout_s, alias="T", stamp=Stamp(model="m", dim=8, journal="j")
    )


def has_waited_for_its_timeout(error: IndexUnavailableError) -> bool:
    """Whether it says that it took as long as WITHIN_S, its timeout."""
    told = WAITED.search(str(error))
    assert told is not None
    return float(told[1]) >= WITHIN_S


@contextmanager
def silent() -> Iterator[int]:
    """A port that accepts and never answers."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        yield listening.getsockname()[1]


@contextmanager
def answering(body: bytes) -> Iterator[int]:
    """A web server that answers everything with ``body``."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - its name
            del format, args

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        try:
            yield server.server_port
        finally:
            server.shutdown()
            thread.join(WITHIN_S)


def test_nobody_there_is_said_at_once_with_what_to_do() -> None:
    (port,) = free_ports(1)
    url = f"http://127.0.0.1:{port}"

    with pytest.raises(IndexUnavailableError, match=f"no Weaviate at {url} after") as e:
        opened(endpoint(port))

    assert not has_waited_for_its_timeout(e.value)
    assert e.value.hint == "run: weavclip server up"


def test_a_server_that_accepts_and_never_answers_is_given_up() -> None:
    with silent() as port, pytest.raises(IndexUnavailableError, match=r"after \d+\.\d s"):
        opened(endpoint(port), timeout_s=PATIENCE_S)


@pytest.mark.parametrize("version", ["1.34.9", "1.25.0", "0.99.1", "unknown", ""])
def test_an_older_server_is_refused_with_both_versions(version: str) -> None:
    body = json.dumps({"version": version}).encode()

    with (
        answering(body) as port,
        pytest.raises(IndexVersionError, match=r"oldest is 1\.35") as caught,
    ):
        opened(endpoint(port))

    assert (version or "of no known version") in str(caught.value)


@pytest.mark.parametrize("version", ["1.35.0", "1.39.0", "1.40.0-dev", "2.0.0"])
def test_supported_versions(version: str) -> None:
    assert supported_version({"version": version}, url="http://x") == version


def test_another_program_at_that_port_is_no_weaviate() -> None:
    with answering(b"<html>") as port, pytest.raises(IndexUnavailableError, match="no Weaviate"):
        opened(endpoint(port))


@pytest.mark.weaviate
@pytest.mark.parametrize(
    "ask",
    [
        pytest.param(lambda i: i.upsert([entry(1)]), id="upsert"),
        pytest.param(
            lambda i: i.nearest(Space.TEXT, direction(1), limit=1, where=Filter()), id="nearest"
        ),
        pytest.param(lambda i: i.matching("word", limit=1, where=Filter()), id="matching"),
        pytest.param(lambda i: i.delete([entry(1).id]), id="delete"),
        pytest.param(lambda i: i.count(), id="count"),
    ],
)
def test_a_silent_grpc_port_is_given_up(
    opener: Opener, ask: Callable[[WeaviateIndex], object]
) -> None:
    with silent() as port:
        slow = replace(opener.endpoint, grpc_host="127.0.0.1", grpc_port=port)
        # The real server's own answers may take longer than that on a busy machine.
        index = until(lambda: opened_in_time(opener, slow))
        assert index is not None

        with pytest.raises(IndexUnavailableError, match=r"after \d+\.\d s"):
            ask(index)

        index.close()


@pytest.mark.weaviate
def test_a_dead_grpc_port_is_said_at_once(opener: Opener) -> None:
    (port,) = free_ports(1)
    dead = replace(opener.endpoint, grpc_host="127.0.0.1", grpc_port=port)
    index = opener(endpoint=dead, timeout_s=WITHIN_S)

    with pytest.raises(IndexUnavailableError, match=f":{port} after") as caught:
        index.nearest(Space.TEXT, direction(1), limit=1, where=Filter())

    assert not has_waited_for_its_timeout(caught.value)


@pytest.mark.weaviate
def test_a_collection_that_was_deleted_is_unavailable_and_made_anew(opener: Opener) -> None:
    index = opener()
    index.upsert([entry(1)])
    index.complete()
    opener.rest.ask("DELETE", f"/schema/{index.home.rpartition('/')[2]}")

    with pytest.raises(IndexUnavailableError):
        index.nearest(Space.TEXT, direction(1), limit=1, where=Filter())
    with pytest.raises(IndexUnavailableError):
        index.count()

    assert opener().count() == 0


def killed(server: Managed) -> None:
    pid = server.server.status().pid
    assert pid is not None
    os.kill(pid, signal.SIGKILL)
    # Its ports close only after the process counts as gone.
    until(lambda: is_free(server.grpc_port), what="the server's end")


@pytest.fixture
def own_opener(own_weaviate: Managed) -> Iterator[Opener]:
    where = own_weaviate.server.endpoint()
    assert where is not None
    made = Opener(where, "own")
    yield made
    made.remove()


@pytest.mark.weaviate
@pytest.mark.parametrize("count", [1, 3, 1500])
def test_a_killed_server_keeps_all_that_it_acknowledged(
    own_weaviate: Managed, own_opener: Opener, count: int
) -> None:
    index = own_opener()
    entries = [entry(seed) for seed in range(count)]
    index.upsert(entries)

    killed(own_weaviate)
    with pytest.raises(IndexUnavailableError, match="no Weaviate at"):
        index.nearest(Space.TEXT, direction(1), limit=1, where=Filter())
    own_weaviate.server.ensure_running()
    again = until(lambda: answering_index(own_opener), what="a restarted server")

    assert again is not None
    assert again.count() == count
    for each in entries[-50:]:
        query = each.vectors[Space.TEXT]
        (found,) = again.nearest(Space.TEXT, query, limit=1, where=Filter())
        assert found.id == each.id


@pytest.mark.weaviate
def test_a_batch_that_a_kill_cut_off_is_whole_when_it_is_sent_again(
    own_weaviate: Managed, own_opener: Opener
) -> None:
    entries = [entry(seed) for seed in range(3)]
    own_opener()._insert(entries)

    killed(own_weaviate)
    own_weaviate.server.ensure_running()
    again = until(lambda: answering_index(own_opener), what="a restarted server")
    assert again is not None
    again.upsert(entries)

    for each in entries:
        query = each.vectors[Space.TEXT]
        (found,) = again.nearest(Space.TEXT, query, limit=1, where=Filter())
        assert (found.id, round(found.value, 5)) == (each.id, 0.0)


@pytest.mark.weaviate
def test_an_index_that_is_open_goes_on_after_a_restart(
    own_weaviate: Managed, own_opener: Opener
) -> None:
    index = own_opener()
    index.upsert([entry(1)])

    own_weaviate.server.down()
    own_weaviate.server.up(confirm=lambda _: False)
    count = until(lambda: counted(index), what="the same index")

    assert count == 1


def opened_in_time(opener: Opener, where: Endpoint) -> WeaviateIndex | None:
    try:
        return opener(endpoint=where, timeout_s=PATIENCE_S)
    except IndexUnavailableError:
        return None


def answering_index(opener: Opener) -> WeaviateIndex | None:
    """An index that answers: a server that just started knows a collection before it has it."""
    try:
        index = opener()
        index.count()
    except IndexUnavailableError:
        return None
    return index


def counted(index: WeaviateIndex) -> int:
    try:
        return index.count()
    except IndexUnavailableError:
        return 0
