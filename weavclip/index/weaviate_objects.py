"""A clip as Weaviate's properties, and a filter as Weaviate's conditions."""

from __future__ import annotations

import base64
import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from weaviate.collections.classes.data import DataObject
    from weaviate.collections.classes.filters import _Filters
    from weaviate.collections.classes.types import WeaviateProperties

    from weavclip.domain.query import Filter
    from weavclip.domain.vectors import Entry
    from weavclip.index.schema import Stamp

# Weaviate orders dates by 64 bits of nanoseconds since 1970; the years between are whole.
_EARLIEST = datetime(1678, 1, 1, tzinfo=UTC)
_LATEST = datetime(2262, 1, 1, tzinfo=UTC)

# Two requests of 500 on their way: 5,300 objects/s, against 4,000 by the client's own batch.
_BATCH = 500
_BATCH_BYTES = 32 * 1024 * 1024  # gRPC messages end at 100 MB
_REASON_CHARS = 160
_QUOTE_CHARS, _LEAST_QUOTE_CHARS = 12, 4


def properties(entry: Entry) -> WeaviateProperties:
    """What ``schema/clip.v1.json`` has of a clip; what is unknown or empty is left out."""
    clip = entry.clip
    sizes = {"width_px": clip.width_px, "height_px": clip.height_px}
    words = {"text": _encodable(entry.text), "ocr_text": _encodable(entry.ocr_text)}
    picture = base64.b64encode(entry.thumbnail).decode() if entry.thumbnail else None
    optional = {**sizes, **words, "thumbnail": picture}
    return {
        "kind": str(clip.kind),
        "mime_type": _encodable(clip.mime_type),
        "preview": _encodable(clip.preview),
        "captured_at": _date(clip.captured_at),
        "last_copied_at": _date(clip.last_copied_at),
        "copies": clip.copies,
        "source_app": _encodable(clip.source_app),
        "source_app_folded": as_kept(clip.source_app.casefold()),
        "device": _encodable(clip.device),
        "labels": [as_kept(label) for label in clip.labels],
        "pinned": clip.pinned,
        "size_bytes": clip.size_bytes,
        **{name: value for name, value in optional.items() if value},
    }


def condition(where: Filter) -> _Filters | None:
    """The clips that ``Filter.admits``, in Weaviate's terms; None for an empty filter."""
    from weaviate.classes.query import Filter as Conditions

    parts = list(_parts(where))
    return Conditions.all_of(parts) if parts else None


def _parts(where: Filter) -> Iterator[_Filters]:
    from weaviate.classes.query import Filter as Conditions

    of = Conditions.by_property
    if where.kinds:
        yield of("kind").contains_any([str(kind) for kind in where.kinds])
    if where.after is not None:
        yield of("last_copied_at").greater_or_equal(_clamped(where.after))
    if where.before is not None:
        yield of("captured_at").less_than(_clamped(where.before))
    if where.apps:
        folded = {as_kept(app.casefold()) for app in where.apps}
        yield of("source_app_folded").contains_any(sorted(folded))
    if where.labels:
        yield of("labels").contains_all([as_kept(label) for label in where.labels])
    if where.pinned is not None:
        yield of("pinned").equal(where.pinned)
    if where.min_size_bytes is not None:
        yield of("size_bytes").greater_or_equal(where.min_size_bytes)
    if where.max_size_bytes is not None:
        yield of("size_bytes").less_or_equal(where.max_size_bytes)
    if where.among is not None:
        yield Conditions.by_id().contains_any(sorted(where.among))


def as_kept(name: str) -> str:
    """A name that Weaviate compares whole: it trims white space, so such names are quoted.

    >>> as_kept("Firefox")
    'Firefox'
    >>> as_kept(" Firefox")
    '" Firefox"'
    """
    plain = name and name == name.strip() and not name.startswith('"') and "\0" not in name
    return _encodable(name) if plain else json.dumps(name)


def _clamped(moment: datetime) -> datetime:
    return min(max(moment, _EARLIEST), _LATEST)


def _date(moment: datetime) -> str:
    return _clamped(moment).astimezone(UTC).isoformat(timespec="microseconds")


def _encodable(text: str) -> str:
    """Without lone surrogates, which UTF-8 cannot carry."""
    return text.encode("utf-8", "replace").decode()


def as_object(entry: Entry) -> DataObject[Any, None]:
    """What the client sends of an entry."""
    from weaviate.classes.data import DataObject

    vectors = {str(space): vector for space, vector in entry.vectors.items()}
    # The client's type has lists only; it packs arrays quicker than those.
    named: Any = vectors
    return DataObject(properties=properties(entry), uuid=entry.id, vector=named)


def check_lengths(entries: Sequence[Entry], stamp: Stamp) -> None:
    """Look at every vector: the server answers one of another length with an HTTP 500.

    Raises:
        ValueError: Naming the clip, if one is not as long as its space's are.
    """
    for entry in entries:
        for space, vector in entry.vectors.items():
            if vector.shape != (dim := stamp.dim_of(space),):
                message = (
                    f"clip {entry.id} has a vector of shape {vector.shape} for {space}, "
                    f"the model's have ({dim},)"
                )
                raise ValueError(message)


def batches(entries: Sequence[Entry]) -> Iterator[list[Entry]]:
    """Cut entries into requests of at most 500, and of about 32 MB of words."""
    batch: list[Entry] = []
    size_bytes = 0
    for entry in entries:
        weight = 4 * (len(entry.text) + len(entry.ocr_text))  # UTF-8's longest
        if batch and (len(batch) == _BATCH or size_bytes + weight > _BATCH_BYTES):
            yield batch
            batch, size_bytes = [], 0
        batch.append(entry)
        size_bytes += weight
    if batch:
        yield batch


def reason(message: str, entry: Entry) -> str:
    """Why an entry was refused, unless that would quote the clip."""
    clip = entry.clip
    secrets = (entry.text, entry.ocr_text, clip.preview, *clip.labels)
    quotes = [secret[:_QUOTE_CHARS] for secret in secrets if len(secret) >= _LEAST_QUOTE_CHARS]
    if any(quote in message for quote in quotes):
        return "the server's reason quotes the clip and is withheld"
    return message[:_REASON_CHARS]
