"""Looking at a real Weaviate, and taking only our own collections away."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from tests.managed import free_ports
from tests.unit.index.entries import entry
from tests.waiting import WITHIN_S
from weavclip.domain.errors import IndexAuthError, IndexUnavailableError, SchemaMismatchError
from weavclip.index.looking import collections_of, delete_collections, look
from weavclip.index.schema import Stamp

if TYPE_CHECKING:
    from tests.servers import Opener

pytestmark = pytest.mark.weaviate


def stamp(journal: str) -> Stamp:
    return Stamp(model="m", dim=8, journal=journal)


def test_a_look_finds_version_and_collection_and_makes_none(opener: Opener) -> None:
    def found() -> str:
        seen = look(
            opener.endpoint,
            alias=opener.alias,
            stamp=stamp("mine"),
            index_type="flat",
            timeout_s=WITHIN_S,
        )
        assert seen.version.startswith("1.")
        return seen.collection

    assert found() == ""
    assert opener.collections() == []
    opener(journal_id="mine")
    assert found() == f"{opener.alias}_m_1"


def test_another_journals_collection_is_told(opener: Opener) -> None:
    opener(journal_id="theirs")

    with pytest.raises(SchemaMismatchError, match="belongs to journal theirs"):
        look(
            opener.endpoint,
            alias=opener.alias,
            stamp=stamp("mine"),
            index_type="flat",
            timeout_s=WITHIN_S,
        )


def test_a_server_with_a_key_is_not_anonymous_and_refuses_another(opener: Opener) -> None:
    if not opener.endpoint.api_key:
        pytest.skip("the named Weaviate asks for no key")
    asked = {"alias": opener.alias, "index_type": "flat", "timeout_s": WITHIN_S}

    assert look(opener.endpoint, stamp=None, **asked).anonymous is False  # type: ignore[arg-type]
    with pytest.raises(IndexAuthError):
        look(replace(opener.endpoint, api_key="wrong"), stamp=None, **asked)  # type: ignore[arg-type]


def test_nobody_there_is_told_in_time(opener: Opener) -> None:
    nowhere = replace(opener.endpoint, http_host="127.0.0.1", http_port=free_ports(1)[0])

    with pytest.raises(IndexUnavailableError):
        look(nowhere, alias="W", stamp=None, index_type="flat", timeout_s=1.0)


def test_only_the_journals_own_collections_are_deleted(opener: Opener) -> None:
    mine = opener(journal_id="mine-" + opener.alias)
    mine.upsert([entry(seed) for seed in range(3)])
    opener(journal_id="theirs-" + opener.alias, model_id="other")

    found = collections_of(opener.endpoint, journal_id="mine-" + opener.alias, timeout_s=WITHIN_S)
    delete_collections(opener.endpoint, list(found), alias=opener.alias, timeout_s=WITHIN_S)

    assert found == {f"{opener.alias}_m_1": 3}
    assert opener.collections() == [f"{opener.alias}_other_1"]
