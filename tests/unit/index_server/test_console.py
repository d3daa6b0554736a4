from __future__ import annotations

from pathlib import Path

import pytest

from weavclip.domain.errors import SettingsError
from weavclip.index.server.console import WEAVIATE_CONSOLE, access, check_origin


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("", ""),
        (WEAVIATE_CONSOLE, WEAVIATE_CONSOLE),
        ("https://console.weaviate.cloud/", WEAVIATE_CONSOLE),
        ("https://console.weaviate.cloud:443", WEAVIATE_CONSOLE),
        ("http://LOCALHOST:8080", "http://localhost:8080"),
        ("http://localhost:80", "http://localhost"),
    ],
)
def test_an_origin_is_kept_as_browsers_send_it(given: str, kept: str) -> None:
    assert check_origin(given) == kept


@pytest.mark.parametrize("given", ["*", "null", "https://a.example,https://b.example", "x"])
def test_no_wildcard_and_no_list_is_an_origin(given: str) -> None:
    with pytest.raises(SettingsError, match="console_origin is no web origin"):
        check_origin(given)


def test_before_the_first_start_the_steps_begin_with_it() -> None:
    found = access(url="", key_file=Path("/d/key"), origin="", collection="Weavclip")

    assert found.steps[0] == "start it: weavclip server up"


@pytest.mark.parametrize(("origin", "first"), [("", "allow"), (WEAVIATE_CONSOLE, "open")])
def test_the_steps_begin_with_what_is_missing(origin: str, first: str) -> None:
    found = access(
        url="http://127.0.0.1:8080", key_file=Path("/d/key"), origin=origin, collection="Weavclip"
    )

    assert found.steps[0].startswith(first)
    assert any(str(found.key_file) in step for step in found.steps)
    assert any(found.url in step for step in found.steps)
