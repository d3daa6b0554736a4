"""QR codes, bar codes and their like, by zxing-cpp."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

from weavclip.domain.seen import Box, SeenLine

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

MOST_CHARS = 8_000
"""The largest QR code has 7,089 digits."""
_NAMES = {
    "QRCode": "QR code",
    "MicroQRCode": "QR code",
    "RMQRCode": "QR code",
    "Aztec": "Aztec code",
    "DataMatrix": "Data Matrix code",
    "PDF417": "PDF417 code",
    "EAN13": "bar code",
    "EAN8": "bar code",
    "UPCA": "bar code",
    "UPCE": "bar code",
    "Code128": "bar code",
}
"""Kinds that are looked for: those with a check, so that no pattern of a page is taken for one."""


def read_codes(pixels: NDArray[np.uint8]) -> list[SeenLine]:
    """The codes in a picture, from above.

    Args:
        pixels: Shape (height, width, 3) or (height, width), uint8.
    """
    reader: Any = importlib.import_module("zxingcpp")
    formats = reader.barcode_formats_from_str("|".join(_NAMES))
    found = reader.read_barcodes(pixels, formats=formats, text_mode=reader.TextMode.Plain)
    lines = [_line(each) for each in found if each.text.strip()]
    return sorted((line for line in lines if line.words), key=lambda line: line.boxes[0].top)


def _line(code: Any) -> SeenLine:  # noqa: ANN401 - a library's
    words = tuple(code.text[:MOST_CHARS].split())
    place = code.position
    corners = (place.top_left, place.top_right, place.bottom_right, place.bottom_left)
    across, along = [corner.x for corner in corners], [corner.y for corner in corners]
    box = Box(max(0, min(across)), max(0, min(along)), max(0, *across), max(0, *along))
    return SeenLine(words, (box,) * len(words), _NAMES.get(code.format.name, "code"))
