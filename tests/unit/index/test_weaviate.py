"""Weaviate's own side of the contract: collections, refusals, privacy. All on a real server."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import asdict, replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.unit.index.entries import AT, DIM, direction, entry
from tests.waiting import WITHIN_S
from weavclip.domain.clip import new_id
from weavclip.domain.errors import (
    IndexAuthError,
    PartialWriteError,
    SchemaMismatchError,
    SettingsError,
)
from weavclip.domain.query import Filter, Space
from weavclip.index import weaviate_objects

if TYPE_CHECKING:
    from tests.servers import Opener
    from weavclip.domain.vectors import Entry

pytestmark = pytest.mark.weaviate

PROJECT = Path(__file__).resolve().parents[3]


def test_a_first_open_makes_one_collection_that_is_not_current_yet(opener: Opener) -> None:
    index = opener(model_id="ViT-B-16")

    assert opener.collections() == [f"{opener.alias}_ViT_B_16_1"]
    assert index.name.startswith("Weaviate 1.")
    assert index.home == f"{opener.endpoint.url}/{opener.alias}_ViT_B_16_1"
    assert not index.is_current


def test_what_was_stored_is_there_when_it_is_opened_again(opener: Opener) -> None:
    with opener() as index:
        index.upsert([entry(1)])
        index.complete()

    again = opener()

    assert again.count() == 1
    assert again.is_current
    assert len(opener.collections()) == 1


def test_more_than_a_batch_is_stored_whole(opener: Opener) -> None:
    index = opener()

    index.upsert([entry(seed) for seed in range(1201)])

    assert index.count() == 1201


def test_long_texts_are_sent_in_several_messages(
    opener: Opener, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(weaviate_objects, "_BATCH_BYTES", 1000)
    index = opener()

    index.upsert([entry(seed, text="word " * 100) for seed in range(5)])

    assert index.count() == 5


def test_a_vector_of_the_wrong_length_is_refused_before_anything_is_sent(opener: Opener) -> None:
    index = opener()
    wrong = entry(2, dim=DIM + 1)

    with pytest.raises(ValueError, match=rf"{wrong.id} has a vector of shape \(9,\) for text"):
        index.upsert([entry(1), wrong])

    assert index.count() == 0


def refused(text: str = "some words") -> Entry:
    # The server takes properties as JSON numbers: it refuses one beyond 64 bits.
    given = entry(3, text=text)
    return replace(given, clip=replace(given.clip, size_bytes=2**70))


def test_refused_clips_are_named_and_the_others_stored(opener: Opener) -> None:
    index = opener()
    bad = refused()

    with pytest.raises(PartialWriteError, match="refused 1 of 3 clips") as caught:
        index.upsert([entry(1), bad, entry(2)])

    assert set(caught.value.failed) == {bad.id}
    assert caught.value.failed[bad.id]
    assert index.count() == 2


def test_a_batch_that_is_refused_whole_names_each_clip(opener: Opener) -> None:
    index = opener()
    bad = [refused(), refused()]

    with pytest.raises(PartialWriteError, match="refused 2 of 2 clips") as caught:
        index.upsert(bad)

    assert set(caught.value.failed) == {each.id for each in bad}


def test_a_reason_that_quotes_the_clip_is_withheld() -> None:
    given = entry(1, text="correct horse battery staple")

    assert "correct" not in weaviate_objects.reason("bad text 'correct horse battery'", given)
    assert weaviate_objects.reason("no such property", given) == "no such property"


def test_a_refused_clip_is_in_no_log(
    opener: Opener, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    index = opener()

    with pytest.raises(PartialWriteError) as caught:
        index.upsert([refused("correct horse battery"), entry(1)])

    printed = "".join(capfd.readouterr())
    assert "correct horse" not in caplog.text + printed + repr(caught.value.failed)


def test_another_key_is_refused(opener: Opener) -> None:
    if not opener.endpoint.api_key:
        pytest.skip("the named Weaviate asks for no key")
    stranger = replace(opener.endpoint, api_key="another")

    with pytest.raises(IndexAuthError, match="refuses the API key") as caught:
        opener(endpoint=stranger)

    assert "WEAVCLIP_WEAVIATE_API_KEY" in caught.value.hint


def test_a_name_that_weaviate_cannot_have_is_a_wrong_setting(opener: Opener) -> None:
    opener.alias, kept = "my clips", opener.alias

    with pytest.raises(SettingsError, match="'my clips'"):
        opener()
    opener.alias = kept


def test_another_journals_collection_is_left_alone(opener: Opener) -> None:
    opener()

    with pytest.raises(SchemaMismatchError, match="belongs to journal j, not to k") as caught:
        opener(journal_id="k")

    assert "WEAVCLIP_COLLECTION" in caught.value.hint


@pytest.mark.parametrize(("model_id", "dim"), [("m", 9), ("ViT_B", 8)])
def test_another_models_vectors_are_refused(opener: Opener, model_id: str, dim: int) -> None:
    opener(model_id="m" if model_id == "m" else "ViT-B")

    with pytest.raises(SchemaMismatchError, match=rf"got {model_id} \({dim} dims\)"):
        opener(model_id=model_id, dim=dim)


def test_a_drifted_collection_is_refused_with_the_difference(opener: Opener) -> None:
    index = opener()
    name = index.home.rpartition("/")[2]
    added = {"name": "mood", "dataType": ["text"]}
    opener.rest.ask("POST", f"/schema/{name}/properties", added)

    with pytest.raises(SchemaMismatchError, match=r"property mood is not in clip\.v1"):
        opener()


def test_a_collection_that_is_not_ours_is_refused(opener: Opener) -> None:
    name = f"{opener.alias}_m_1"
    opener.rest.ask("POST", "/schema", {"class": name, "description": "photos"})

    with pytest.raises(SchemaMismatchError, match="was not made by weavclip"):
        opener()


def test_another_model_is_filled_beside_the_one_that_answers(opener: Opener) -> None:
    old, new = opener(model_id="old"), opener(model_id="new", dim=4)
    old.upsert([entry(1)])
    old.complete()

    new.upsert([entry(1, dim=4), entry(2, dim=4)])
    meanwhile = old.nearest(Space.TEXT, direction(1), limit=9, where=Filter())
    old.complete()
    both = opener.collections()
    new.complete()

    assert len(meanwhile) == 1
    assert both == [f"{opener.alias}_new_1", f"{opener.alias}_old_1"]
    assert opener.collections() == [f"{opener.alias}_new_1"]
    assert new.is_current
    assert len(new.nearest(Space.TEXT, direction(1, dim=4), limit=9, where=Filter())) == 2


def test_a_refill_that_was_cut_off_goes_on_in_the_same_collection(opener: Opener) -> None:
    with opener() as index:
        index.upsert([entry(1), entry(2)])
        index.complete()
        index.begin_anew()
        index.upsert([entry(1)])

    again = opener()

    assert again.home.endswith("_m_2")
    assert again.count() == 1
    assert len(again.nearest(Space.TEXT, direction(1), limit=9, where=Filter())) == 2
    assert not again.is_current


def test_other_means_are_filled_beside_the_ones_that_answer(opener: Opener) -> None:
    with opener(edition="one") as index:
        index.upsert([entry(1)])
        index.complete()

    other = opener(edition="two")

    assert other.home.endswith("_m_2")
    assert other.count() == 0
    assert len(other.nearest(Space.TEXT, direction(1), limit=9, where=Filter())) == 1


def test_deleting_reaches_both_collections_of_a_refill(opener: Opener) -> None:
    index = opener()
    gone = entry(1)
    index.upsert([gone, entry(2)])
    index.complete()
    index.begin_anew()
    index.upsert([gone])

    assert index.delete([gone.id, new_id()]) == 1

    assert index.count() == 0
    assert gone.id not in {
        match.id for match in index.nearest(Space.TEXT, direction(1), limit=9, where=Filter())
    }


def test_a_thumbnail_and_properties_can_be_read_in_any_console(opener: Opener) -> None:
    index = opener()
    given = replace(entry(1), thumbnail=b"\xff\xd8jpeg")
    index.upsert([given])

    name = index.home.rpartition("/")[2]
    found = opener.rest.ask("GET", f"/objects/{name}/{given.id}")["properties"]

    assert found["thumbnail"] == "/9hqcGVn"
    assert found["captured_at"].startswith(AT.isoformat()[:19])
    assert not {"digest", "content"} & set(found)


def test_importing_the_client_prints_nothing(opener: Opener) -> None:
    program = (
        "import json, sys\n"
        "from weavclip.index.server.endpoint import Endpoint\n"
        "from weavclip.index.weaviate import WeaviateIndex\n"
        "given = json.load(sys.stdin)\n"
        "endpoint = Endpoint(**given['endpoint'])\n"
        "from weavclip.index.schema import Stamp\n"
        "stamp = Stamp(model='m', dim=8, journal='j')\n"
        "WeaviateIndex.open(endpoint, timeout_s=120, alias=given['alias'], stamp=stamp).close()\n"
    )
    given = {"endpoint": asdict(opener.endpoint), "alias": opener.alias}

    done = subprocess.run(
        [sys.executable, "-W", "default", "-c", program],
        input=json.dumps(given),
        capture_output=True,
        text=True,
        check=True,
        timeout=WITHIN_S,
        env={**os.environ, "PYTHONPATH": str(PROJECT)},
    )

    assert (done.stdout, done.stderr) == ("", "")
