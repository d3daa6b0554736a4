"""Domain values as JSON, so that processes can pass them without running each other's code."""

from __future__ import annotations

import base64
import dataclasses
import json
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from weavclip.domain import errors
from weavclip.domain.clip import Clip, Kind, Stage
from weavclip.domain.query import Addend, Answer, Evidence, Filter, Hit, Query, Way, Wording
from weavclip.pipeline.status import EngineState

_CLASSES = {
    each.__name__: each
    for each in (Addend, Answer, Clip, EngineState, Evidence, Filter, Hit, Query, Wording)
}
_ENUMS = {each.__name__: each for each in (Kind, Stage, Way)}
_TAG = "$"


def dumps(value: object) -> bytes:
    """Any value made of the domain's classes, in UTF-8 JSON.

    Raises:
        TypeError: If a part of it is of a class that does not travel.
    """
    return json.dumps(_plain(value), ensure_ascii=True).encode()


def loads(raw: bytes) -> Any:  # noqa: ANN401 - whatever dumps() was given
    """What :func:`dumps` was given, of the same types.

    >>> loads(dumps(Filter(kinds=frozenset({Kind.IMAGE}))))
    Filter(kinds=frozenset({<Kind.IMAGE: 'image'>}), after=None, before=None, apps=frozenset(), \
labels=frozenset(), pinned=None, min_size_bytes=None, max_size_bytes=None, among=None, \
hidden=False)

    Raises:
        ValueError: If it is no JSON, or names a class that is unknown, or has other parts here.
    """
    return json.loads(raw, object_hook=_rebuild)


def error_to_wire(error: errors.WeavclipError) -> dict[str, str]:
    """An error's class, message and hint."""
    return {"type": type(error).__name__, "message": str(error), "hint": error.hint}


def error_from_wire(told: dict[str, str]) -> errors.WeavclipError:
    """The error that the other process raised; an EngineError if its class is not known."""
    kind = getattr(errors, told["type"], errors.EngineError)
    if kind is errors.PartialWriteError:
        kind = errors.WeavclipError
    rebuilt = kind(told["message"], hint=told["hint"])
    return rebuilt if isinstance(rebuilt, errors.WeavclipError) else errors.EngineError("unknown")


def _plain(value: object) -> object:  # noqa: PLR0911 - one line a type
    if isinstance(value, StrEnum):
        return {_TAG: type(value).__name__, "v": value.value}
    if value is None or isinstance(value, (bool, int, float, str)):
        return value
    if isinstance(value, datetime):
        return {_TAG: "datetime", "v": value.isoformat()}
    if isinstance(value, UUID):
        return {_TAG: "UUID", "v": value.hex}
    if isinstance(value, bytes):
        return {_TAG: "bytes", "v": base64.b64encode(value).decode()}
    if isinstance(value, (tuple, frozenset)):
        return {_TAG: type(value).__name__, "v": [_plain(each) for each in value]}
    if isinstance(value, list):
        return [_plain(each) for each in value]
    if isinstance(value, dict):
        return {str(key): _plain(each) for key, each in value.items()}
    if dataclasses.is_dataclass(value) and type(value).__name__ in _CLASSES:
        parts = {
            each.name: _plain(getattr(value, each.name)) for each in dataclasses.fields(value)
        }
        return {_TAG: type(value).__name__, "v": parts}
    message = f"{type(value).__name__} does not travel between processes"
    raise TypeError(message)


def _rebuild(found: dict[str, Any]) -> object:
    if _TAG not in found:
        return found
    name, value = found[_TAG], found["v"]
    if name in _CLASSES:
        try:
            return _CLASSES[name](**value)
        except TypeError as error:
            message = f"{name} has other parts here"
            raise ValueError(message) from error
    if name in _ENUMS:
        return _ENUMS[name](value)
    if name in _SIMPLE:
        return _SIMPLE[name](value)
    message = f"{name!r} is no class that travels between processes"
    raise ValueError(message)


_SIMPLE: dict[str, Any] = {
    "datetime": datetime.fromisoformat,
    "UUID": UUID,
    "bytes": base64.b64decode,
    "tuple": tuple,
    "frozenset": frozenset,
}
