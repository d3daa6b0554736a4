from __future__ import annotations

import pytest

from weavclip.domain.errors import SettingsError
from weavclip.index.server.endpoint import Endpoint
from weavclip.index.server.remote import is_exposed, parse


@pytest.mark.parametrize(
    ("url", "grpc_url", "http", "grpc"),
    [
        ("http://localhost:8080", "", ("localhost", 8080, False), ("localhost", 50051, False)),
        ("https://w.example", "", ("w.example", 443, True), ("w.example", 50051, True)),
        ("http://w.example/", "", ("w.example", 80, False), ("w.example", 50051, False)),
        (
            "https://w.example:8443",
            "https://grpc.w.example:443",
            ("w.example", 8443, True),
            ("grpc.w.example", 443, True),
        ),
        ("https://w.example", "http://10.0.0.2", ("w.example", 443, True), ("10.0.0.2", 50051, 0)),
        ("http://[::1]:8080", "", ("::1", 8080, False), ("::1", 50051, False)),
    ],
)
def test_both_addresses_are_read(
    url: str, grpc_url: str, http: tuple[str, int, bool], grpc: tuple[str, int, bool]
) -> None:
    found = parse(url, grpc_url=grpc_url)

    assert (found.http_host, found.http_port, found.http_secure) == http
    assert (found.grpc_host, found.grpc_port, found.grpc_secure) == grpc


@pytest.mark.parametrize(
    ("url", "why"),
    [
        ("weaviate.example:8080", "not http or https"),
        ("ftp://weaviate.example", "not http or https"),
        ("", "no scheme"),
        ("http://", "names no host"),
        ("http://host:99999", "has no port"),
        ("http://host:port", "has no port"),
        ("http://host/v1", "goes on after the port"),
        ("http://host?x=1", "goes on after the port"),
        ("http://[::1", "has no port"),
    ],
)
def test_what_is_no_address_is_refused_by_its_setting(url: str, why: str) -> None:
    with pytest.raises(SettingsError, match=why) as refused:
        parse(url)

    assert str(refused.value).startswith("weaviate_url ")
    assert refused.value.hint == "set WEAVCLIP_WEAVIATE_URL to https://HOST:PORT"


def test_a_wrong_grpc_address_names_its_own_setting() -> None:
    with pytest.raises(SettingsError, match="weaviate_grpc_url"):
        parse("http://host", grpc_url="host:50051")


def test_a_key_in_the_address_is_refused_and_not_repeated() -> None:
    with pytest.raises(SettingsError, match="WEAVCLIP_WEAVIATE_API_KEY") as refused:
        parse("https://me:hunter2@host")

    assert "hunter2" not in str(refused.value) + refused.value.hint


def test_the_key_is_kept_but_never_shown() -> None:
    found = parse("https://host", api_key="hunter2", timeout_s=2.5)

    assert found.api_key == "hunter2"
    assert found.timeout_s == 2.5
    assert "hunter2" not in repr(found)


@pytest.mark.parametrize(
    ("url", "grpc_url", "exposed"),
    [
        ("http://127.0.0.1:8080", "", False),
        ("http://localhost", "", False),
        ("http://[::1]", "", False),
        ("https://far.example", "", False),
        ("http://far.example", "", True),
        ("https://far.example", "http://far.example", True),
    ],
)
def test_an_open_way_over_a_network_is_known_and_said(
    caplog: pytest.LogCaptureFixture, url: str, grpc_url: str, *, exposed: bool
) -> None:
    found = parse(url, grpc_url=grpc_url)

    assert is_exposed(found) is exposed
    assert ("without TLS" in caplog.text) is exposed


def test_an_endpoint_says_its_addresses() -> None:
    found = Endpoint(http_host="::1", http_port=1, grpc_host="h", grpc_port=2, grpc_secure=True)

    assert (found.url, found.grpc_url) == ("http://[::1]:1", "https://h:2")
