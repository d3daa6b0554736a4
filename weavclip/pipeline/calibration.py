"""What a model's cosines mean: the calibration set goes through it once, when it is added."""

from __future__ import annotations

from typing import TYPE_CHECKING

from weavclip.search.calibrate import fit
from weavclip.search.calibrate_texts import fit_texts

if TYPE_CHECKING:
    from weavclip.assets.calibration import CalibrationSet
    from weavclip.domain.ports import Embedder, PictureDecoder, TextEmbedder
    from weavclip.domain.vectors import Calibration


def calibrate_model(
    embedder: Embedder, decoder: PictureDecoder, shown: CalibrationSet, *, origin: str
) -> Calibration:
    """Encode the set once and fit; under a minute for ViT-B on two cores.

    Args:
        embedder: Both towers of the model.
        decoder: Makes the pictures' squares, as it will of the clips'.
        shown: Pictures, captions and phrases.
        origin: What the set is and when this is made, one sentence for the model's card.

    Raises:
        PictureError: If a picture of the set cannot be decoded.
        ModelError: If the model fails.
    """
    size_px = embedder.card.resolution_px
    squares = []
    for picture in decoder.decode_many(shown.pictures, size_px=size_px):
        if isinstance(picture, Exception):
            raise picture
        squares.append(picture.square)
    return fit(
        embedder.embed_images(squares),
        embedder.embed_texts(shown.captions),
        shown.captions_of,
        embedder.embed_texts(shown.phrases),
        origin=origin,
    )


def calibrate_text_model(
    embedder: TextEmbedder, shown: CalibrationSet, *, origin: str
) -> Calibration:
    """The same for a text model, which sees the captions and phrases only.

    Raises:
        ModelError: If the model fails.
    """
    return fit_texts(
        embedder.embed_texts(shown.captions),
        shown.captions_of,
        embedder.embed_texts(shown.phrases),
        origin=origin,
    )
