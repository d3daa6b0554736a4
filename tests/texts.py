"""The real text model that some tests want."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

_VARIABLE = "WEAVCLIP_TEST_TEXT_MODEL"


def text_model() -> Path:
    """The folder that ``scripts/convert_text_model`` wrote; skips the test where there is none."""
    folder = os.environ.get(_VARIABLE, "")
    if not folder:
        pytest.skip(f"no text model: scripts/convert_text_model FOLDER, then {_VARIABLE}=FOLDER")
    return Path(folder)
