"""A clip: one thing that was copied, and what is known of it."""

from __future__ import annotations

import os
import time
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING
from uuid import UUID

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

PREVIEW_CHARS = 200


class Kind(StrEnum):
    """What a clip is to the person who copied it."""

    TEXT = "text"
    IMAGE = "image"
    LINK = "link"
    FILES = "files"
    HTML = "html"


class Stage(StrEnum):
    """How far a clip has come for one model: captured -> embedded -> indexed, or failed."""

    CAPTURED = "captured"
    EMBEDDED = "embedded"
    INDEXED = "indexed"
    FAILED = "failed"


def new_id(*, now_ns: int | None = None) -> UUID:
    """Make a random, time-ordered identifier (UUID version 7).

    Args:
        now_ns: Nanoseconds since the epoch; the clock's when absent.

    Returns:
        48 bits of milliseconds, then 12 bits of the fraction of a millisecond, then 62 random
        bits: ids made one after the other in one process sort in that order.

    References:
        RFC 9562, section 5.7, and section 6.2 method 3 for the fraction.
    """
    milliseconds, rest_ns = divmod(time.time_ns() if now_ns is None else now_ns, 1_000_000)
    fraction = rest_ns * 4096 // 1_000_000
    random_bits = int.from_bytes(os.urandom(8)) >> 2
    value = (milliseconds & (1 << 48) - 1) << 80 | 7 << 76 | fraction << 64 | 2 << 62 | random_bits
    return UUID(int=value)


@dataclass(frozen=True, slots=True, kw_only=True)
class Clip:
    """One clip's description; its content is asked of the journal by id.

    Attributes:
        id: Random and time-ordered; says nothing of the content.
        kind: What it is to a person.
        mime_type: Of the representation that it was kept by, such as ``image/png``.
        preview: One line of at most 200 characters, unprintable ones replaced; empty for pictures.
        captured_at: When it was first copied, aware.
        last_copied_at: When it was last copied, aware, not before ``captured_at``.
        copies: How often it was copied, at least 1.
        source_app: Name of the program it came from; empty when unknown.
        device: Name of the machine it was copied on.
        width_px: Of a picture, when known.
        height_px: Of a picture, when known.
        size_bytes: Of the representation that it was kept by.
        labels: Sorted, without repeats.
        pinned: Marked by the person as one that is to stay.
        expires_at: When it is forgotten by itself, aware; None for never. Such a clip is found by
            its words only: no model and no index is given it.
        hidden: Kept out of what is shown until it is asked for.
    """

    id: UUID
    kind: Kind
    mime_type: str
    preview: str = field(default="", repr=False)
    captured_at: datetime
    last_copied_at: datetime
    copies: int = 1
    source_app: str = ""
    device: str = ""
    width_px: int | None = None
    height_px: int | None = None
    size_bytes: int
    labels: tuple[str, ...] = ()
    pinned: bool = False
    expires_at: datetime | None = None
    hidden: bool = False

    def __post_init__(self) -> None:
        """Refuse naive times and impossible counts.

        Raises:
            ValueError: If a time is naive or out of order, or a count is out of range.
        """
        if self.captured_at.tzinfo is None or self.last_copied_at.tzinfo is None:
            message = f"clip {self.id} has a time without a zone"
            raise ValueError(message)
        if self.expires_at is not None and self.expires_at.tzinfo is None:
            message = f"clip {self.id} expires at a time without a zone"
            raise ValueError(message)
        if self.last_copied_at < self.captured_at:
            message = f"clip {self.id} was last copied before it was captured"
            raise ValueError(message)
        if self.copies < 1 or self.size_bytes < 0:
            message = f"clip {self.id} has copies={self.copies}, size_bytes={self.size_bytes}"
            raise ValueError(message)


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """What a clipboard source saw at one copy, before anything is decided.

    Attributes:
        types: Every type that the owner offered, read or not.
        representations: Bytes by MIME type, of those that were read; empty when a type said
            that nothing may be read.
        at: When the copy was seen, aware.
        source_app: Name of the program; empty when unknown.
        problems: Why a type could not be read, one sentence each, without content.
        on_start: It was on the clipboard already when watching began.
        own_id: The clip that weavclip itself put there, when it did.
    """

    types: tuple[str, ...]
    representations: Mapping[str, bytes] = field(default_factory=dict, repr=False)
    at: datetime
    source_app: str = ""
    problems: tuple[str, ...] = ()
    on_start: bool = False
    own_id: UUID | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """A copy that may be kept: what the journal makes a clip of.

    Attributes:
        kind: What it is.
        mime_type: Of the representation that decides equality and size.
        representations: All that is kept, bytes by MIME type; holds ``mime_type``.
        text: The words that can be searched, normalised (see ``domain.equality``); empty for
            pictures. A link's name stands under its address, a page's title above its words.
        preview: One line of at most 200 characters.
        digest_source: The bytes whose digest says whether two copies are the same clip: the
            text's :func:`~weavclip.domain.equality.identity_of` in UTF-8, or the picture's bytes.
        at: When it was copied, aware.
        source_app: Name of the program.
        device: Name of the machine.
        width_px: Of a picture, when its header says so.
        height_px: Of a picture, when its header says so.
        expires_at: When it is to be forgotten by itself, aware; None for never.
        labels: What it is by its form alone; none for one that is to be forgotten.
    """

    kind: Kind
    mime_type: str
    representations: Mapping[str, bytes] = field(repr=False)
    text: str = field(default="", repr=False)
    preview: str = field(default="", repr=False)
    digest_source: bytes = field(repr=False)
    at: datetime
    source_app: str = ""
    device: str = ""
    width_px: int | None = None
    height_px: int | None = None
    expires_at: datetime | None = None
    labels: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Ruling:
    """What the content of a copy decides, without a word of it.

    Attributes:
        refusal: Why it may not be kept; empty when it may.
        expires_at: When it is to be forgotten, aware; None for never.
        reason: Why it is, empty for never.
    """

    refusal: str = ""
    expires_at: datetime | None = None
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Added:
    """What became of a draft.

    Attributes:
        id: Of the clip that now stands for it.
        is_new: False when an equal clip was there already and only its count and time moved.
    """

    id: UUID
    is_new: bool
