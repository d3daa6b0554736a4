"""A real Weaviate for the tests: one that is named, one by Docker, or one as a process."""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING
from uuid import uuid4

import pytest

from tests.managed import Managed, free_ports, managed
from tests.waiting import WITHIN_S
from weavclip.domain.errors import RefusedError, ServerError
from weavclip.index.rest import Rest
from weavclip.index.schema import Stamp
from weavclip.index.server.managed import ManagedServer
from weavclip.index.server.remote import parse
from weavclip.index.weaviate import WeaviateIndex

if TYPE_CHECKING:
    from collections.abc import Iterator

    from weavclip.index.server.endpoint import Endpoint

URL_VARIABLE = "WEAVCLIP_TEST_WEAVIATE_URL"


@pytest.fixture(scope="session")
def weaviate_endpoint(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Endpoint]:
    """A server for all tests, which delete what they make in it.

    WEAVCLIP_TEST_WEAVIATE_URL names one (with _GRPC_URL and _API_KEY); else weavclip's own way
    starts one: by Docker where an engine answers, or the program that is in its place.
    """
    named = os.environ.get(URL_VARIABLE)
    if named:
        yield parse(
            named,
            grpc_url=os.environ.get("WEAVCLIP_TEST_WEAVIATE_GRPC_URL", ""),
            api_key=os.environ.get("WEAVCLIP_TEST_WEAVIATE_API_KEY", ""),
        )
        return
    port, grpc_port = free_ports(2)
    server = ManagedServer(tmp_path_factory.mktemp("weaviate"), port=port, grpc_port=grpc_port)
    try:
        server.up(confirm=lambda _: False)
    except (RefusedError, ServerError) as error:
        pytest.skip(f"no Weaviate: {URL_VARIABLE} is not set, and {error}")
    try:
        endpoint = server.endpoint()
        assert endpoint is not None
        yield endpoint
    finally:
        server.down()


class Opener:
    """Opens indexes under one alias, and removes them and their collections."""

    def __init__(self, endpoint: Endpoint, name: str) -> None:
        self.endpoint = endpoint
        self.rest = Rest(endpoint, timeout_s=WITHIN_S)
        cleaned = re.sub(r"[^0-9A-Za-z]+", "", name)[:40]
        self.alias = f"T{cleaned}{uuid4().hex[:8]}"
        self._opened: list[WeaviateIndex] = []

    def __call__(
        self,
        *,
        endpoint: Endpoint | None = None,
        model_id: str = "m",
        dim: int = 8,
        text_dim: int = 0,
        journal_id: str = "j",
        index_type: str = "flat",
        edition: str = "",
        timeout_s: float = WITHIN_S,
    ) -> WeaviateIndex:
        index = WeaviateIndex.open(
            endpoint or self.endpoint,
            timeout_s=timeout_s,
            alias=self.alias,
            stamp=Stamp(
                model=model_id, dim=dim, journal=journal_id, edition=edition, text_dim=text_dim
            ),
            index_type=index_type,
        )
        self._opened.append(index)
        return index

    def collections(self) -> list[str]:
        """Names of what there is under this alias."""
        found = self.rest.ask("GET", "/schema")["classes"]
        return sorted(each["class"] for each in found if each["class"].startswith(self.alias))

    def definition_of(self, index: WeaviateIndex) -> dict[str, object]:
        """What the server says of the collection that is written to."""
        found = self.rest.ask("GET", f"/schema/{index.home.rpartition('/')[2]}")
        assert isinstance(found, dict)
        return found

    def remove(self) -> None:
        """Close all, and delete what was made."""
        for index in self._opened:
            index.close()
        self.rest.ask("DELETE", f"/aliases/{self.alias}")
        for name in self.collections():
            self.rest.ask("DELETE", f"/schema/{name}")


@pytest.fixture
def opener(weaviate_endpoint: Endpoint, request: pytest.FixtureRequest) -> Iterator[Opener]:
    """Opens indexes that are gone after the test."""
    made = Opener(weaviate_endpoint, request.node.name)
    yield made
    made.remove()


@pytest.fixture(scope="module")
def own_weaviate(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Managed]:
    """A server that a module may end and start again."""
    with managed(tmp_path_factory.mktemp("own")) as made:
        made.server.up(confirm=lambda _: False)
        yield made
