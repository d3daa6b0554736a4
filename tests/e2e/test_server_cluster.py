"""The three nodes of docker-compose.yml, with their very settings, as programs on loopback."""

from __future__ import annotations

import http.client
import os
import re
import signal
from dataclasses import dataclass
from http import HTTPStatus
from typing import TYPE_CHECKING

import pytest
import yaml  # type: ignore[import-untyped]  # it ships none; with huggingface-hub

from tests.managed import free_ports, require_program
from tests.waiting import WITHIN_S, until
from weavclip.index.server import binary, process
from weavclip.index.server.compose import compose_file
from weavclip.index.server.ports import internal_ports
from weavclip.index.server.private import private_folder

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    import weaviate

pytestmark = pytest.mark.weaviate

NAMES = ("weaviate-1", "weaviate-2", "weaviate-3")
KEY, PASSWORD = "key-of-the-test", "password-of-the-test"
COPIES = 3


@dataclass(frozen=True, slots=True)
class Node:
    """One program and its ports."""

    one: process.Identity
    http: int
    grpc: int
    peers: int

    def status(self, port: int, path: str) -> int:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=WITHIN_S)
        try:
            connection.request("GET", path)
            return connection.getresponse().status
        except OSError:
            return 0
        finally:
            connection.close()

    def client(self) -> weaviate.WeaviateClient:
        import weaviate
        from weaviate.classes.init import Auth

        return weaviate.connect_to_local(
            port=self.http, grpc_port=self.grpc, auth_credentials=Auth.api_key(KEY)
        )


def _settings(name: str) -> dict[str, str]:
    given = {"WEAVCLIP_WEAVIATE_API_KEY": KEY, "WEAVIATE_CLUSTER_PASSWORD": PASSWORD}
    services = yaml.safe_load(compose_file().read_text(encoding="utf-8"))["services"]
    return {
        setting: re.sub(r"\$\{(\w+)[^}]*\}", lambda found: given.get(found[1], ""), value)
        for setting, value in services[name]["environment"].items()
    }


@pytest.fixture(scope="module")
def nodes(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Node]]:
    require_program()
    folders = {name: private_folder(tmp_path_factory.mktemp(name) / "data") for name in NAMES}
    first = internal_ports(folders[NAMES[0]])[0]
    internal = {
        name: internal_ports(folder, kept=(first + 4 * number,))
        for number, (name, folder) in enumerate(folders.items())
    }
    started: dict[str, Node] = {}
    try:
        for name, folder in folders.items():
            started[name] = _start(name, internal, folder)
        for node in started.values():
            _await_ready(node)
        yield started
    finally:
        for node in started.values():
            process.end(node.one, within_s=WITHIN_S)


def _await_ready(node: Node) -> None:
    path = "/v1/.well-known/ready"
    until(lambda: node.status(node.http, path) == HTTPStatus.OK, what="ready")


def _start(name: str, internal: dict[str, tuple[int, int, int, int]], folder: Path) -> Node:
    http_port, grpc_port = free_ports(2)
    gossip, peers, raft, rpc = internal[name]
    # On one machine the nodes differ by ports; in their containers they differ by name.
    here = {
        "CLUSTER_IN_LOCALHOST": "true",
        "CLUSTER_BIND_ADDR": "127.0.0.1",
        "CLUSTER_ADVERTISE_ADDR": "127.0.0.1",
        "GRPC_PORT": str(grpc_port),
        "CLUSTER_GOSSIP_BIND_PORT": str(gossip),
        "CLUSTER_ADVERTISE_PORT": str(gossip),
        "CLUSTER_DATA_BIND_PORT": str(peers),
        "RAFT_PORT": str(raft),
        "RAFT_INTERNAL_RPC_PORT": str(rpc),
        "RAFT_JOIN": ",".join(f"{each}:{ports[2]}" for each, ports in internal.items()),
        "CLUSTER_JOIN": "" if name == NAMES[0] else f"127.0.0.1:{internal[NAMES[0]][0]}",
        "PERSISTENCE_DATA_PATH": str(folder),
    }
    program = binary.find()
    assert program is not None
    where = ["--scheme", "http", "--host", "127.0.0.1", "--port", str(http_port)]
    one = process.spawn(
        [str(program), *where],
        environ={**_settings(name), **here},
        folder=folder,
        log_file=folder / "log",
    )
    return Node(one, http_port, grpc_port, peers)


def test_what_was_acknowledged_is_read_from_another_node_after_one_was_killed(
    nodes: dict[str, Node],
) -> None:
    import weaviate.classes.config as wvc

    first, second, third = (nodes[name] for name in NAMES)
    with first.client() as client:
        clips = client.collections.create(
            "Spread",
            vector_config=wvc.Configure.Vectors.self_provided(),
        ).with_consistency_level(wvc.ConsistencyLevel.QUORUM)
        copies = clips.config.get().replication_config.factor
        stored = {clips.data.insert({}, vector=[0.1, float(number)]) for number in range(30)}
    os.kill(third.one.pid, signal.SIGKILL)

    with second.client() as client:
        spread = client.collections.get("Spread")
        clips = spread.with_consistency_level(wvc.ConsistencyLevel.QUORUM)
        found = {each.uuid for each in clips.query.fetch_objects(limit=100).objects}

    assert found == stored
    assert copies == COPIES


@pytest.mark.parametrize("name", NAMES[:2])
def test_every_node_asks_for_the_key_and_for_the_password(
    nodes: dict[str, Node], name: str
) -> None:
    node = nodes[name]

    assert node.status(node.http, "/v1/schema") == HTTPStatus.UNAUTHORIZED
    assert node.status(node.peers, "/nodes/status") == HTTPStatus.UNAUTHORIZED
