"""Vectors for other programs."""

from __future__ import annotations

from contextlib import closing, contextmanager
from dataclasses import dataclass
from itertools import chain
from typing import TYPE_CHECKING

from weavclip.isolation import files
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
    settings: Settings, paths: Sequence[Path], texts: Iterable[str]
) -> Iterator[Encoding]:
    """Encode files and then texts; nothing is kept.

    Args:
        settings: The settings.
        paths: Of pictures, or texts in UTF-8; they are the ids.
        texts: Their numbers, from 1 on, are the ids.

    Raises:
        NoModelError: If no model is in use.
    """
    from weavclip.pipeline.encoding import encode_contents, encode_texts

    with opened_model(settings) as embedder, closing(decoder(settings)) as pictures:
        numbered = ((str(number), text) for number, text in enumerate(texts, start=1))
        found = chain(
            encode_contents(_contents(paths, settings.max_image_bytes), embedder, pictures),
            encode_texts(numbered, embedder),
        )
        yield Encoding(embedder.card, found)


def _contents(paths: Iterable[Path], most_bytes: int) -> Iterator[tuple[str, bytes | OSError]]:
    for path in paths:
        try:
            yield str(path), files.read(path, most_bytes=most_bytes, setting="max_image_bytes")
        except OSError as error:
            yield str(path), error
