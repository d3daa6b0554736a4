"""The collection's definition, and in what a real collection differs from it."""

from __future__ import annotations

import copy
import json
from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from weavclip.domain.query import Space

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

SCHEMA_VERSION = 1
_FILE_NAME = f"clip.v{SCHEMA_VERSION}.json"
_PACKAGE = Path(__file__).resolve().parents[1]

# A query from the other modality leaves the graph's distribution, and only a wide search finds
# its neighbours: ef 1,600 gave recall@10 0.96 words -> pictures, ef 3,200 0.98 (100,000 clips).
_HNSW: Mapping[str, object] = {
    "distance": "cosine",
    "efConstruction": 256,
    "maxConnections": 32,
    "dynamicEfMin": 1600,
    "dynamicEfMax": 4000,
    "dynamicEfFactor": 8,
    "ef": -1,
    "rq": {"enabled": True, "bits": 8, "rescoreLimit": 100},
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Stamp:
    """Whose vectors a collection holds, as its description says.

    Attributes:
        model: The id of the model, or of the models that work together.
        dim: Length of CLIP's vectors.
        journal: Id of the journal that fills it.
        edition: What the vectors depend on besides, such as a digest of the means.
        schema: Version of the definition.
        text_dim: Length of the text model's vectors; 0 without one.
    """

    model: str
    dim: int
    journal: str
    edition: str = ""
    schema: int = SCHEMA_VERSION
    text_dim: int = 0

    def dim_of(self, space: Space) -> int:
        """Length of a space's vectors; a model that works alone has one length for all."""
        return self.text_dim if space is Space.SENTENCE and self.text_dim else self.dim

    def written(self) -> str:
        """As a collection's description."""
        return json.dumps({"weavclip": asdict(self)})

    @classmethod
    def read(cls, description: str) -> Stamp | None:
        """From a collection's description; None where it is not one of weavclip's.

        >>> Stamp.read(Stamp(model="sample", dim=64, journal="j").written()).dim
        64
        >>> Stamp.read("my photos") is None
        True
        """
        try:
            return cls(**json.loads(description)["weavclip"])
        except (ValueError, TypeError, KeyError):
            return None


def schema_file() -> Path:
    """The definition: in the installed package, else in the project's ``schema`` folder."""
    inside = _PACKAGE / "schema" / _FILE_NAME
    return inside if inside.is_file() else _PACKAGE.parent / "schema" / _FILE_NAME


@cache
def _written() -> Mapping[str, Any]:
    return dict(json.loads(schema_file().read_text("utf-8")))


def definition(name: str, stamp: Stamp, *, index_type: str) -> dict[str, Any]:
    """What Weaviate is asked to create.

    Args:
        name: Of the collection.
        stamp: Whose vectors it will hold.
        index_type: ``flat``, as the file says, or ``hnsw`` for very large collections.
    """
    wanted: dict[str, Any] = copy.deepcopy(dict(_written()))
    wanted["class"] = name
    wanted["description"] = stamp.written()
    if index_type == "hnsw":
        for space in Space:
            config = wanted["vectorConfig"][space]
            config["vectorIndexType"] = index_type
            config["vectorIndexConfig"] = copy.deepcopy(dict(_HNSW))
    return wanted


def differences(found: Mapping[str, Any], wanted: Mapping[str, Any]) -> list[str]:
    """In what a collection differs from its definition, one phrase each.

    What the definition leaves open is the server's choice, except that no property and no vector
    may be there that it does not name.

    Args:
        found: As ``GET /v1/schema/NAME`` says it.
        wanted: As :func:`definition` says it.
    """
    properties = [_by_name(each.get("properties") or ()) for each in (found, wanted)]
    vectors = [each.get("vectorConfig") or {} for each in (found, wanted)]
    rest = [
        {k: v for k, v in each.items() if k not in {"class", "properties", "vectorConfig"}}
        for each in (found, wanted)
    ]
    return [
        *_members("property", *properties),
        *_members("vector", *vectors),
        *_fields("", rest[0], rest[1]),
    ]


def _by_name(properties: Any) -> dict[str, Any]:  # noqa: ANN401 - JSON
    return {each["name"]: each for each in properties}


def _members(what: str, found: Mapping[str, Any], wanted: Mapping[str, Any]) -> Iterator[str]:
    for name in wanted:
        if name not in found:
            yield f"{what} {name} is missing"
        else:
            yield from _fields(f"{what} {name}: ", found[name], wanted[name])
    for name in sorted(found.keys() - wanted.keys()):
        yield f"{what} {name} is not in {_FILE_NAME}"


def _fields(where: str, found: Any, wanted: Mapping[str, Any]) -> Iterator[str]:  # noqa: ANN401
    for name, value in wanted.items():
        has = found.get(name) if isinstance(found, dict) else None
        if isinstance(value, dict) and isinstance(has, dict):
            yield from _fields(f"{where}{name}.", has, value)
        # The server leaves out what is false, empty or null.
        elif (has or None) != (value or None) and name != "description":
            yield f"{where}{name} is {json.dumps(has)}, not {json.dumps(value)}"
