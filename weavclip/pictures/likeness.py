"""A picture in small, so that one can be told from the same at another size or quality."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

SIDE_PX = 32
_LEAST_CONTRAST = 2.0
"""Standard deviation of the grey values, of 255, under which a picture shows nothing."""


def likeness(thumbnail: bytes) -> NDArray[np.float32]:
    """What a thumbnail shows, in 32 x 32 grey values, whatever its brightness and contrast.

    Args:
        thumbnail: A small JPEG that weavclip itself made.

    Returns:
        Shape (1024,), float32, mean 0 and norm 1: the inner product of two is their correlation.
        All zero for a picture of one colour, which is like nothing.

    Raises:
        OSError: If it is damaged.
    """
    from PIL import Image

    with Image.open(io.BytesIO(thumbnail)) as picture:
        small = picture.convert("L").resize((SIDE_PX, SIDE_PX), Image.Resampling.BILINEAR)
    grey = np.asarray(small, np.float32).ravel()
    grey = grey - grey.mean()
    if grey.std() < _LEAST_CONTRAST:
        return np.zeros_like(grey)
    return np.asarray(grey / np.linalg.norm(grey), np.float32)
