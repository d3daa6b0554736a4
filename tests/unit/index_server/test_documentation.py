"""docs/weaviate.md names what the server really has."""

from __future__ import annotations

from pathlib import Path

import pytest

from weavclip.index.server import table, version
from weavclip.index.server.console import WEAVIATE_CONSOLE

DOCUMENT = Path(__file__).parents[3] / "docs" / "weaviate.md"


@pytest.fixture(scope="module")
def text() -> str:
    return DOCUMENT.read_text(encoding="utf-8")


def _port_settings() -> list[str]:
    settings = table.environment(
        ports=table.Ports(http=1, grpc=2, gossip=3, peers=4, raft=5, raft_rpc=6),
        secrets=table.Secrets(api_key="", cluster_password=""),
        console_origin="",
        data_path=Path("data"),
    )
    internal = {"3", "4", "5", "6"}
    return [
        name
        for name, value in settings.items()
        if value in internal and name != "CLUSTER_ADVERTISE_PORT"
    ]


@pytest.mark.parametrize("setting", [*_port_settings(), "server_port", "server_grpc_port"])
def test_every_port_is_named(text: str, setting: str) -> None:
    assert f"`{setting}`" in text


def test_the_ports_that_cannot_be_closed_are_named(text: str) -> None:
    rows = [line for line in text.splitlines() if line.startswith("|")]

    everywhere = [row for row in rows if "**every interface**" in row]
    open_to_all = [row for row in rows if "**the schema" in row]

    assert ["gRPC" in everywhere[0], "CLUSTER_DATA_BIND_PORT" in everywhere[1]] == [True, True]
    assert len(everywhere) == 2
    assert ["RAFT_INTERNAL_RPC_PORT" in row for row in open_to_all] == [True]


def test_version_and_console_are_the_pinned_ones(text: str) -> None:
    assert version.WEAVIATE_VERSION in text
    assert WEAVIATE_CONSOLE in text
