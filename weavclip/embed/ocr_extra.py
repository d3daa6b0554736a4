"""Whether the extra ``ocr`` is there; imports nothing of it, and next to nothing else."""

from __future__ import annotations

from importlib.util import find_spec

NEEDED = ("rapidocr", "zxingcpp", "onnxruntime")
INSTALL = "pip install 'weavclip[ocr]'"


def is_installed() -> bool:
    """Whether words can be read in pictures."""
    return all(find_spec(name) for name in NEEDED)
