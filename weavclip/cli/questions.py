"""What was asked with: words, a picture's file, a clip, or what is on the clipboard."""

from __future__ import annotations

import sys
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import typer

from weavclip import wiring
from weavclip.cli import choosing, naming
from weavclip.domain.errors import ClipboardError, QueryError

if TYPE_CHECKING:
    from pathlib import Path

    from weavclip.domain.clip import Offer
    from weavclip.domain.query import Query
    from weavclip.settings import Settings


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What the command line was given to ask with; exactly one of them.

    Attributes:
        words: As typed.
        plain: Take them as they are: no phrases, no fields, nothing excluded.
        image: A picture's file.
        like: A clip's name.
        clipboard: What is on the clipboard.
    """

    words: str = ""
    plain: bool = False
    image: Path | None = None
    like: str | None = None
    clipboard: bool = False

    def __post_init__(self) -> None:
        """Refuse none and several.

        Raises:
            typer.BadParameter: If not exactly one is given.
        """
        ways = (self.words.strip(), self.image, self.like, self.clipboard)
        if sum(map(bool, ways)) != 1:
            message = "give words, or one of --image, --like and --clipboard"
            raise typer.BadParameter(message)


def question(settings: Settings, asked: Asked, *, shown: Query) -> Query:
    """The question that was asked.

    Args:
        settings: Say where clips are, and how large a picture may be.
        asked: What it was asked with.
        shown: Which clips may answer by the options, and how many are shown.

    Raises:
        QueryError: If the picture's file cannot be read, or the words cannot be understood.
        UnknownClipError: If ``asked.like`` names no clip.
        ClipboardError: If the clipboard holds nothing to ask with.
    """
    if asked.image is not None:
        return replace(shown, picture=_read(asked.image, most_bytes=settings.max_image_bytes))
    if asked.like is not None:
        with wiring.open_journal(settings) as journal:
            like = naming.named(asked.like, journal=journal, data_dir=settings.data_dir)
        return replace(shown, like=like)
    if asked.clipboard:
        words, picture = _on_clipboard(wiring.clipboard_offer(settings))
        return replace(shown, words=words, picture=picture)
    if asked.plain:
        return replace(shown, words=asked.words)
    return _understood(asked.words, shown)


def _understood(words: str, shown: Query) -> Query:
    from weavclip.search import fields, language

    found = language.read(words, now=choosing.now())
    return replace(
        shown,
        words=found.words,
        typed=found.typed,
        wording=found.wording,
        where=fields.both(shown.where, found.where),
    )


def _read(path: Path, *, most_bytes: int) -> bytes:
    try:
        if str(path) == naming.FROM_STDIN:
            encoded = sys.stdin.buffer.read(most_bytes + 1)
        else:
            with path.open("rb") as file:
                encoded = file.read(most_bytes + 1)
    except OSError as error:
        message = f"{path} cannot be read: {error.strerror}"
        hint = "give a picture's file, or '-' for one on stdin; --like takes a clip"
        raise QueryError(message, hint=hint) from error
    if len(encoded) > most_bytes:
        message = f"{path} has more than max_image_bytes={most_bytes}"
        raise QueryError(message, hint="ask with a smaller copy of it, or raise the setting")
    return encoded


def _on_clipboard(offer: Offer | None) -> tuple[str, bytes | None]:
    from weavclip.pipeline import reading

    draft = reading.read(offer) if offer is not None else None
    if draft is None:
        message = "the clipboard holds nothing that can be asked with"
        raise ClipboardError(message, hint="copy a text or a picture first")
    if draft.text:
        return draft.text, None
    return "", draft.representations[draft.mime_type]
