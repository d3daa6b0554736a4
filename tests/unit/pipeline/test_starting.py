from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from weavclip.domain.errors import EngineError
from weavclip.pipeline.starting import EngineStarter

if TYPE_CHECKING:
    from pathlib import Path


def test_an_engine_that_cannot_start_says_why(tmp_path: Path) -> None:
    environ = {"WEAVCLIP_DATA_DIR": str(tmp_path), "WEAVCLIP_CONFIG": os.devnull}
    starter = EngineStarter(
        tmp_path / "run", tmp_path, environ={**environ, "WEAVCLIP_MODEL": "absent"}
    )

    with pytest.raises(EngineError) as caught:
        starter.ask("state")

    assert str(caught.value) == "the engine cannot start: the model absent is not installed"
    assert caught.value.hint == "weavclip model add ViT-B-16"
