"""Drafts, pictures and journals for tests."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import numpy as np

from weavclip.domain.clip import Draft, Kind
from weavclip.domain.vectors import Picture
from weavclip.journal.store import SqliteJournal

if TYPE_CHECKING:
    from pathlib import Path

    from weavclip.domain.vectors import Embedding

AT = datetime(2026, 11, 16, 9, 12, tzinfo=UTC)
MODEL = "ViT-B-32"
DIM = 8


def opened(data_dir: Path) -> SqliteJournal:
    return SqliteJournal.open(data_dir, reserve_bytes=0, device="here")


def text_draft(
    text: str, *, at: datetime = AT, app: str = "Editor", kind: Kind = Kind.TEXT
) -> Draft:
    return Draft(
        kind=kind,
        mime_type="text/plain",
        representations={"text/plain": text.encode()},
        text=text,
        preview=text[:200],
        digest_source=text.encode(),
        at=at,
        source_app=app,
    )


def expiring_draft(text: str, *, within: timedelta = timedelta(minutes=10)) -> Draft:
    """A text that is to be forgotten by itself, so long from now."""
    now = datetime.now(UTC)
    return replace(text_draft(text, at=now), expires_at=now + within)


def picture_draft(content: bytes, *, at: datetime = AT, mime_type: str = "image/png") -> Draft:
    return Draft(
        kind=Kind.IMAGE,
        mime_type=mime_type,
        representations={mime_type: content},
        digest_source=content,
        at=at,
        source_app="Camera",
    )


def picture(pixels: str) -> Picture:
    return Picture(
        square=np.zeros((2, 2, 3), np.uint8),
        width_px=640,
        height_px=480,
        pixel_digest=pixels.encode().ljust(32),
        thumbnail=b"jpeg of " + pixels.encode(),
    )


def embedding(seed: int, *, dim: int = DIM) -> Embedding:
    found = np.random.default_rng(seed).standard_normal(dim).astype(np.float32)
    return found / np.linalg.norm(found)
