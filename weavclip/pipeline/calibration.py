"""What a model's cosines mean: the calibration set goes through it once, when it is added."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from weavclip.domain.query import Space
from weavclip.organise.fitting import fit_labels
from weavclip.organise.zero_shot import picture_classes, text_classes
from weavclip.search.calibrate import fit
from weavclip.search.calibrate_texts import fit_texts

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np
    from numpy.typing import NDArray

    from weavclip.assets.calibration import CalibrationSet
    from weavclip.domain.labels import LabelSet
    from weavclip.domain.ports import Embedder, PictureDecoder, SentenceEmbedder
    from weavclip.domain.vectors import Calibration


def calibrate_model(
    embedder: Embedder,
    decoder: PictureDecoder,
    shown: CalibrationSet,
    *,
    origin: str,
    labels: LabelSet,
) -> Calibration:
    """Encode the set once and fit; about a minute for ViT-B on two cores.

    Args:
        embedder: Both towers of the model.
        decoder: Makes the pictures' squares, as it will of the clips'.
        shown: Pictures with their labels, captions and phrases.
        origin: What the set is and when this is made, one sentence for the model's card.
        labels: What pictures are looked at for.

    Raises:
        PictureError: If a picture of the set cannot be decoded.
        ModelError: If the model fails.
    """
    vectors = embedder.embed_images(_squares(decoder, shown, embedder.card.resolution_px))
    found = fit(
        vectors,
        embedder.embed_texts(shown.captions),
        shown.captions_of,
        embedder.embed_texts(shown.phrases),
        origin=origin,
    )
    fits = fit_labels(
        picture_classes(labels),
        embedder.embed_texts,
        vectors,
        shown.labels,
        mean=found.means[Space.IMAGE],
    )
    return replace(found, labels=fits)


def _squares(
    decoder: PictureDecoder, shown: CalibrationSet, size_px: int
) -> list[NDArray[np.uint8]]:
    found = []
    for picture in decoder.decode_many(shown.pictures, size_px=size_px):
        if isinstance(picture, Exception):
            raise picture
        found.append(picture.square)
    return found


def calibrate_text_model(
    embedder: SentenceEmbedder,
    shown: CalibrationSet,
    *,
    origin: str,
    labels: LabelSet,
    known: Sequence[tuple[str, str]],
) -> Calibration:
    """The same for a text model, which sees the captions and phrases, and texts with labels.

    Args:
        embedder: The text model.
        shown: Captions and phrases.
        origin: What the set is and when this is made.
        labels: What texts are looked at for.
        known: Texts, each with its label.

    Raises:
        ModelError: If the model fails.
    """
    texts = [*shown.captions, *shown.phrases]
    phrases_of = range(len(shown.pictures), len(shown.pictures) + len(shown.phrases))
    found = fit_texts(
        embedder.embed_questions(texts),
        embedder.embed_texts(texts),
        [*shown.captions_of, *phrases_of],
        origin=origin,
    )
    fits = fit_labels(
        text_classes(labels),
        embedder.embed_texts,
        embedder.embed_texts([text for text, _ in known]),
        [label for _, label in known],
        mean=None,
    )
    return replace(found, labels=fits)
