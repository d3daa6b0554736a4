"""One clip's content and what is known of it, for ``show``."""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING

from weavclip import wiring
from weavclip.cli import render, times
from weavclip.cli.printable import printable
from weavclip.cli.terminal import Protocol
from weavclip.domain.clip import Kind
from weavclip.domain.errors import PictureError, QueryError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import datetime
    from pathlib import Path

    from weavclip.cli.terminal import Screen
    from weavclip.domain.clip import Clip
    from weavclip.domain.reading import SeenJournal
    from weavclip.settings import Settings

PLAIN = "text/plain"
_ROWS_LEFT = 4
_MOST_COLUMNS = 100


class Content:
    """A clip and the journal that has its bytes."""

    def __init__(self, clip: Clip, journal: SeenJournal, *, alike: Sequence[Clip] = ()) -> None:
        """Read nothing yet.

        Args:
            clip: Which one.
            journal: Open as long as this is used.
            alike: Clips that are nearly equal to the one that stands for it.
        """
        self._clip = clip
        self._alike = alike
        self._journal = journal

    @property
    def is_hidden(self) -> bool:
        """Whether it is kept out of what is shown."""
        return self._clip.hidden

    def heading(self, *, now: datetime) -> str:
        """One line about the clip."""
        clip = self._clip
        size = render.headline(clip) if clip.kind is Kind.IMAGE else ""
        copies = times.counted(clip.copies, "copy", "copies") if clip.copies > 1 else ""
        moment = times.short(clip.last_copied_at, now=now) + render.gone_in(clip, now=now)
        short = self._journal.short_ids([clip.id])[clip.id]
        alike = f"{len(self._alike):,} alike" if self._alike else ""
        marks = (alike, "pinned" * clip.pinned, "hidden" * clip.hidden)
        parts = (short, clip.kind, size, moment, printable(clip.source_app), copies, *marks)
        return " · ".join(part for part in parts if part)

    def chosen(self, mime_type: str | None = None) -> bytes:
        """The bytes of one representation: of words the plain ones, else what it was kept by.

        Raises:
            QueryError: If ``mime_type`` was not kept.
        """
        kept = self._journal.representations(self._clip.id)
        if mime_type is None:
            has_words = self._clip.kind is not Kind.IMAGE and PLAIN in kept
            return kept[PLAIN if has_words else self._clip.mime_type]
        if mime_type not in kept:
            message = f"clip {self._clip.id} has no {mime_type}, but {', '.join(sorted(kept))}"
            raise QueryError(message)
        return kept[mime_type]

    def words(self) -> str:
        """What a terminal may show of the text; a picture's words, or how to get at its bytes."""
        if self._clip.kind is not Kind.IMAGE:
            return printable(self._journal.text(self._clip.id), lines=True)
        found = self._journal.ocr_text(self._clip.id)
        return (
            printable(found, lines=True) or f"{render.headline(self._clip)}; --out FILE writes it"
        )

    def drawn(self, settings: Settings, screen: Screen) -> str:
        """The picture as large as the terminal shows it; empty for words, or without pictures."""
        if self._clip.kind is not Kind.IMAGE or screen.pictures is Protocol.NONE:
            return ""
        thumbnail = self._journal.thumbnail(self._clip.id) or self._made(settings)
        if thumbnail is None:
            return ""
        from weavclip.cli.drawing import Box, draw

        room = Box(min(screen.columns, _MOST_COLUMNS), max(1, screen.rows - _ROWS_LEFT))
        return draw(thumbnail, way=screen.pictures, box=room).removesuffix("\n")

    def _made(self, settings: Settings) -> bytes | None:
        # What was copied may be hostile: a limited child decodes it, never this process.
        try:
            return wiring.thumbnail(settings, self._clip.id)
        except PictureError:
            return None

    def facts(self) -> Iterator[str]:
        """What is known of it, a line each, for a person or a program."""
        for name, value in self._known().items():
            shown = ", ".join(map(str, value)) if isinstance(value, list) else value
            if shown not in (None, ""):
                yield f"{name}\t{printable(str(shown))}"

    def as_json(self) -> str:
        """The same as an object, with a picture's words and where they are."""
        words = self._journal.ocr_text(self._clip.id).split()
        seen = [
            {"word": word, "box": list(box)}
            for word, box in zip(words, self._journal.boxes(self._clip.id), strict=False)
        ]
        return json.dumps(self._known() | ({"words_in_picture": seen} if seen else {}), indent=2)

    def _known(self) -> dict[str, object]:
        clip = self._clip
        return {
            "id": str(clip.id),
            "kind": clip.kind,
            "mime_type": clip.mime_type,
            "types": sorted(self._journal.representations(clip.id)),
            "preview": clip.preview,
            "captured_at": clip.captured_at.isoformat(),
            "last_copied_at": clip.last_copied_at.isoformat(),
            "copies": clip.copies,
            "source_app": clip.source_app or None,
            "device": clip.device or None,
            "width_px": clip.width_px,
            "height_px": clip.height_px,
            "size_bytes": clip.size_bytes,
            "labels": list(clip.labels),
            "pinned": clip.pinned,
            "hidden": clip.hidden,
            "alike": [str(each.id) for each in self._alike],
            "expires_at": clip.expires_at and clip.expires_at.isoformat(),
        }


def write(path: Path, content: bytes) -> None:
    """Write to a file that only the user reads; one that is there is replaced.

    Raises:
        QueryError: If it cannot be written.
    """
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
    except OSError as error:
        message = f"{path} cannot be written: {error.strerror}"
        raise QueryError(message, hint="choose another file or folder") from error
