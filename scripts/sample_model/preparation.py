"""Pictures as the visual tower reads them: CLIP's own preparation, for a square of 64 pixels."""

import numpy as np
from numpy.typing import NDArray
from PIL import Image

RESOLUTION = 64
MEAN = (0.48145466, 0.4578275, 0.40821073)  # OPENAI_DATASET_MEAN, open_clip constants.py
STD = (0.26862954, 0.26130258, 0.27577711)  # OPENAI_DATASET_STD


def square(picture: Image.Image, side_px: int = RESOLUTION) -> NDArray[np.uint8]:
    """Resize the shorter side to ``side_px`` (bicubic) and keep the centre.

    Returns:
        uint8, shape (side_px, side_px, 3).
    """
    scale = side_px / min(picture.size)
    width, height = (max(side_px, round(length * scale)) for length in picture.size)
    small = picture.convert("RGB").resize((width, height), Image.Resampling.BICUBIC)
    left, top = (width - side_px) // 2, (height - side_px) // 2
    return np.asarray(small.crop((left, top, left + side_px, top + side_px)))


def normalised(pixels: NDArray[np.uint8]) -> NDArray[np.float32]:
    """Pixels uint8 (n, side, side, 3) as float32 (n, 3, side, side), CLIP's mean and deviation."""
    scaled = (pixels / np.float32(255) - np.array(MEAN, np.float32)) / np.array(STD, np.float32)
    return np.ascontiguousarray(scaled.transpose(0, 3, 1, 2), np.float32)
