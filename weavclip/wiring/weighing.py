"""Comparing and ordering by sentences, in this process."""

from __future__ import annotations

from contextlib import ExitStack, closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from weavclip.domain.clip import Kind
from weavclip.domain.errors import NoModelError, PictureError, QueryError
from weavclip.domain.query import Space
from weavclip.wiring.answering import answering_models
from weavclip.wiring.given import read_given
from weavclip.wiring.parts import decoder, models, open_journal

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from uuid import UUID

    from weavclip.domain.ports import Embedder
    from weavclip.domain.query import Filter, Hit
    from weavclip.domain.vectors import Embedding
    from weavclip.settings import Settings

_WANTED = "give a picture, a text file, a clip or words"


@contextmanager
def opened_model(settings: Settings, model_id: str = "") -> Iterator[Embedder]:
    """The model of pictures and texts: the one that is wanted, where none is named.

    Raises:
        NoModelError: If none is in use.
    """
    if not settings.model:
        message = "this needs a model, and none is in use"
        raise NoModelError(message, hint="weavclip model add ViT-B-16 (about 600 MB)")
    with closing(models(settings).open(model_id or settings.model)) as embedder:
        yield embedder


def compare(settings: Settings, subject: UUID | Path | str, prompts: Sequence[str]) -> list[float]:
    """How likely each sentence is the one that fits a clip, a file or a text.

    Raises:
        NoModelError: If no model is in use.
        QueryError: If there are fewer than two sentences, or a file is neither picture nor text.
        UnknownClipError: If there is no such clip.
    """
    from weavclip.pipeline import weighing

    with opened_model(settings) as embedder:
        return weighing.compare(_vector_of(settings, subject, embedder), prompts, embedder)


def rank(settings: Settings, *, words: str, against: str, where: Filter) -> list[Hit]:
    """Every clip of a set in the order in which it has a quality.

    Raises:
        NoModelError: If no model is in use.
    """
    from weavclip.pipeline import weighing

    with open_journal(settings) as journal:
        found = answering_models(settings, journal)
        with opened_model(settings, found.clip) as embedder:
            return weighing.rank(
                journal, embedder, line_id=found.id, words=words, against=against, where=where
            )


def _vector_of(settings: Settings, subject: UUID | Path | str, embedder: Embedder) -> Embedding:
    if isinstance(subject, str):
        if not subject.strip():
            message = "what is to be compared is empty"
            raise QueryError(message, hint=_WANTED)
        return _row(embedder.embed_texts([subject]))
    if isinstance(subject, Path):
        content = read_given(settings, subject, hint=_WANTED)
        return _of_content(settings, content, embedder, name=str(subject))
    with open_journal(settings) as journal:
        clip = journal.get(subject)
        own = Space.IMAGE if clip.kind is Kind.IMAGE else Space.TEXT
        stored = journal.vectors(clip.id, settings.models.id).get(own)
        if stored is not None:
            return stored
        if clip.kind is not Kind.IMAGE:
            return _row(embedder.embed_texts([journal.text(clip.id)]))
        content = journal.representations(clip.id)[clip.mime_type]
    return _of_content(settings, content, embedder, name=f"clip {subject}")


def _of_content(settings: Settings, content: bytes, embedder: Embedder, *, name: str) -> Embedding:
    """The vector of a picture, or of a text."""
    with ExitStack() as stack:
        pictures = stack.enter_context(closing(decoder(settings)))
        try:
            found = pictures.decode(content, size_px=embedder.card.resolution_px)
        except PictureError as error:
            problem = error
        else:
            return _row(embedder.embed_images([found.square]))
    try:
        return _row(embedder.embed_texts([content.decode()]))
    except UnicodeDecodeError:
        message = f"{name} is neither a picture nor a text: {problem}"
        raise QueryError(message, hint="give a PNG, JPEG, WebP or a text in UTF-8") from None


def _row(vectors: Embedding) -> Embedding:
    found: Embedding = vectors[0]
    return found
