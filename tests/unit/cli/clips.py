"""Clips and hits for the tests of what is printed."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from weavclip.domain.clip import Clip, Kind
from weavclip.domain.query import Hit

NOW = datetime(2026, 11, 17, 20, 0, tzinfo=UTC)
COPIED = datetime(2026, 11, 16, 9, 10, tzinfo=UTC)


def make_clip(preview: str = "two peaks in Q3", **known: Any) -> Clip:  # noqa: ANN401 - any field
    described: dict[str, Any] = {
        "id": UUID(int=known.pop("number", 1)),
        "kind": Kind.TEXT,
        "mime_type": "text/plain",
        "preview": preview,
        "captured_at": COPIED,
        "last_copied_at": COPIED,
        "size_bytes": 15,
    }
    return Clip(**{**described, **known})


def make_picture(**known: Any) -> Clip:  # noqa: ANN401 - any field
    described = {"kind": Kind.IMAGE, "mime_type": "image/png", "width_px": 1280, "height_px": 720}
    return make_clip("", **{**described, **known})


def make_hit(clip: Clip | None = None, **known: Any) -> Hit:  # noqa: ANN401 - any field
    return Hit(clip=clip or make_clip(), **{"relevance": 0.92, "distance": 0.7, **known})
