"""Vectors for other programs."""

from __future__ import annotations

from contextlib import closing, contextmanager
from dataclasses import dataclass
from itertools import chain
from typing import TYPE_CHECKING

from weavclip.domain.errors import QueryError
from weavclip.wiring.parts import decoder
from weavclip.wiring.weighing import opened_model

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from pathlib import Path

    from weavclip.domain.vectors import ModelCard
    from weavclip.pipeline.encoding import Encoded
    from weavclip.settings import Settings


@dataclass(frozen=True, slots=True)
class Encoding:
    """Vectors under way.

    Attributes:
        card: Of the model that makes them.
        found: Each as it is made.
    """

    card: ModelCard
    found: Iterator[Encoded]


@contextmanager
def encoding(
    settings: Settings, files: Sequence[Path], texts: Iterable[str]
) -> Iterator[Encoding]:
    """Encode files and then texts; nothing is kept.

    Args:
        settings: The settings.
        files: Pictures, or texts in UTF-8; their paths are the ids.
        texts: Their numbers, from 1 on, are the ids.

    Raises:
        NoModelError: If no model is in use.
    """
    from weavclip.pipeline.encoding import encode_contents, encode_texts

    with opened_model(settings) as embedder, closing(decoder(settings)) as pictures:
        numbered = ((str(number), text) for number, text in enumerate(texts, start=1))
        found = chain(
            encode_contents(_contents(files, settings.max_image_bytes), embedder, pictures),
            encode_texts(numbered, embedder),
        )
        yield Encoding(embedder.card, found)


def _contents(files: Iterable[Path], most_bytes: int) -> Iterator[tuple[str, bytes]]:
    for path in files:
        try:
            with path.open("rb") as file:
                content = file.read(most_bytes + 1)
        except OSError as error:
            message = f"{path} cannot be read: {error.strerror}"
            raise QueryError(message, hint="leave it out, or make it readable") from error
        if len(content) > most_bytes:
            message = f"{path} has more than max_image_bytes={most_bytes}"
            raise QueryError(message, hint="leave it out, or raise the setting")
        yield str(path), content
