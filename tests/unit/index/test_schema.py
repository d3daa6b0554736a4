from __future__ import annotations

import json
from copy import deepcopy
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from tests.unit.index.entries import entry
from weavclip.domain.clip import Kind
from weavclip.domain.query import Space
from weavclip.index.schema import Stamp, definition, differences, schema_file
from weavclip.index.weaviate_objects import properties

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.servers import Opener

STAMP = Stamp(model="ViT-B-16", dim=512, journal="j", edition="e")


def wanted(index_type: str = "flat") -> dict[str, Any]:
    return definition("Weavclip_m_1", STAMP, index_type=index_type)


def drop(name: str) -> Callable[[dict[str, Any]], None]:
    def change(found: dict[str, Any]) -> None:
        found["properties"] = [p for p in found["properties"] if p["name"] != name]

    return change


def put(path: str, value: object) -> Callable[[dict[str, Any]], None]:
    def change(found: dict[str, Any]) -> None:
        *outer, last = path.split(".")
        at: Any = found
        for name in outer:
            members = {p["name"]: p for p in at} if isinstance(at, list) else at
            at = members[name]
        at[last] = value

    return change


def test_the_file_has_a_vector_for_each_space_and_nothing_that_embeds() -> None:
    written = json.loads(schema_file().read_text())

    assert set(written["vectorConfig"]) == set(Space)
    assert {tuple(each["vectorizer"]) for each in written["vectorConfig"].values()} == {("none",)}
    assert "moduleConfig" not in written


def test_a_full_clip_fills_every_property_and_no_other() -> None:
    given = entry(1)
    full = replace(
        given,
        clip=replace(given.clip, kind=Kind.IMAGE, width_px=3, height_px=2, labels=("a",)),
        ocr_text="found",
        thumbnail=b"jpeg",
    )

    kept = properties(full)

    assert set(kept) == {each["name"] for each in wanted()["properties"]}


def test_a_lone_surrogate_cannot_stop_a_batch() -> None:
    kept = properties(entry(1, text="a \ud800 b"))

    assert kept["text"] == "a ? b"


def test_a_stamp_is_read_back_from_a_description() -> None:
    assert Stamp.read(wanted()["description"]) == STAMP


@pytest.mark.parametrize("description", ["", "photos", "[]", "{}", '{"weavclip": {"model": 1}}'])
def test_other_descriptions_are_no_stamps(description: str) -> None:
    assert Stamp.read(description) is None


@pytest.mark.parametrize("index_type", ["flat", "hnsw"])
def test_a_collection_as_defined_differs_in_nothing(index_type: str) -> None:
    assert differences(wanted(index_type), wanted(index_type)) == []


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (drop("kind"), "property kind is missing"),
        (put("properties.kind.dataType", ["int"]), 'property kind: dataType is ["int"], not ["'),
        (put("properties.pinned.indexFilterable", False), "property pinned: indexFilterable is f"),
        (put("vectorConfig.image.vectorIndexType", "hnsw"), "vector image: vectorIndexType is"),
        (
            put("vectorConfig.text.vectorIndexConfig.rq.bits", 1),
            "vector text: vectorIndexConfig.rq.bits is 1, not 8",
        ),
        (put("vectorConfig.audio", {}), "vector audio is not in clip.v1.json"),
        (put("invertedIndexConfig.bm25.b", 0.5), "invertedIndexConfig.bm25.b is 0.5, not 0.75"),
    ],
)
def test_each_difference_is_named(change: Callable[[dict[str, Any]], None], said: str) -> None:
    found = deepcopy(wanted())
    change(found)

    (difference,) = differences(found, wanted())

    assert difference.startswith(said)


@pytest.mark.weaviate
@pytest.mark.parametrize("index_type", ["flat", "hnsw"])
def test_the_server_keeps_the_definition_as_it_is(opener: Opener, index_type: str) -> None:
    index = opener(index_type=index_type)

    found = opener.definition_of(index)

    stamp = Stamp(model="m", dim=8, journal="j")
    assert differences(found, definition("", stamp, index_type=index_type)) == []
