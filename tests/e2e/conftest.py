"""What every test of the installed command has."""

from __future__ import annotations

import pytest

from tests.waiting import WITHIN_S


@pytest.fixture(autouse=True)
def patience(cleared_settings: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """On a slow machine a copy's owner and Weaviate are waited for, too, and not given up."""
    del cleared_settings
    for name in ("WEAVCLIP_READ_TIMEOUT_S", "WEAVCLIP_WEAVIATE_TIMEOUT_S"):
        monkeypatch.setenv(name, str(WITHIN_S))
