"""What a stranger on this machine gets from each port of a server (docs/weaviate.md)."""

from __future__ import annotations

import contextlib
import http.client
import ipaddress
import json
import socket
import struct
from http import HTTPStatus
from typing import TYPE_CHECKING

import grpc  # type: ignore[import-untyped]  # it ships none
import psutil
import pytest

from tests.managed import Managed, managed, never
from tests.waiting import WITHIN_S, until
from weavclip.index.server import state as states
from weavclip.index.server.table import NODE

if TYPE_CHECKING:
    from collections.abc import Iterator

    from weavclip.index.server.table import Ports

pytestmark = pytest.mark.weaviate

COLLECTION = "Hushhush"
UNNAMED = "Mumblings"
PROPERTY = "whispered"
WORDS = "the vault opens at moonrise"
NUMBERS = [0.8125, -0.34375, 0.40625, 0.25]
OBJECT_ID = "0192f0c1-2345-7abc-8def-0123456789ab"
CONTENT = [WORDS.encode(), struct.pack("<4f", *NUMBERS), b"0.8125", b"-0.34375"]
# Neither is in any question, so that no refusal can repeat it.
SCHEMA = [PROPERTY.encode(), UNNAMED.encode()]

REST_PATHS = (
    "/v1/meta",
    "/v1/schema",
    f"/v1/schema/{COLLECTION}",
    f"/v1/schema/{COLLECTION}/shards",
    "/v1/objects?include=vector",
    f"/v1/objects?class={COLLECTION}&include=vector",
    f"/v1/objects/{COLLECTION}/{OBJECT_ID}?include=vector",
    "/v1/nodes?output=verbose",
    "/v1/cluster/statistics",
    "/v1/aliases",
    "/v1/tasks",
    "/v1/users/own-info",
    "/v1/authz/roles",
    "/v1/backups/filesystem",
    "/v1/.well-known/openid-configuration",
    "/v1",
    "/",
)
DEBUG_PATHS = (
    "/metrics",
    "/debug/pprof/",
    "/debug/pprof/heap",
    "/debug/config",
    "/debug/usage",
    f"/debug/stats/collection/{COLLECTION}/shard",
    "/mcp",
    "/v1/mcp",
)
DATA_PATHS = (
    f"/indices/{COLLECTION}/shards/{{shard}}/objects/{OBJECT_ID}",
    f"/indices/{COLLECTION}/shards/{{shard}}/objects?ids=W10=",
    f"/indices/{COLLECTION}/shards/{{shard}}/status",
    f"/indices/{COLLECTION}/shards/{{shard}}/queuesize",
    f"/replicas/indices/{COLLECTION}/shards/{{shard}}/objects/{OBJECT_ID}",
    "/nodes/status",
    "/nodes/statistics",
    "/cluster/users/db/",
    "/classifications/transactions/",
    "/backups/status",
    "/exports/status",
    "/v1/cluster/join",
)
_BACKUP = {"Backend": "filesystem", "Bucket": "", "Path": "", "ID": "1", "Method": "create"}
POSTS = {
    "/v1/graphql": {"query": f"{{Get{{{COLLECTION}{{_additional{{id vector}}}}}}}}"},
    f"/indices/{COLLECTION}/shards/{{shard}}/objects/_search": {"vector": NUMBERS, "limit": 5},
    f"/indices/{COLLECTION}/shards/{{shard}}/objects/_find": {"limit": 5},
    # These three ask for no password on the data port; without a module they have nothing to say.
    "/backups/status": _BACKUP,
    "/backups/commit": _BACKUP,
    "/backups/abort": _BACKUP,
}


def _field(number: int, content: bytes) -> bytes:
    return bytes([number << 3 | 2, len(content)]) + content


def _type(number: int) -> bytes:
    """The field ``type`` as a protobuf varint."""
    return bytes([0x08, number & 0x7F | 0x80, number >> 7]) if number > 127 else bytes([8, number])


IN_COLLECTION = _field(1, COLLECTION.encode())
CALLS = {
    "/grpc.health.v1.Health/Check": [b""],
    "/grpc.reflection.v1.ServerReflection/ServerReflectionInfo": [_field(7, b"")],
    "/weaviate.v1.Weaviate/Search": [IN_COLLECTION],
    "/weaviate.v1.Weaviate/Aggregate": [IN_COLLECTION],
    "/weaviate.v1.Weaviate/TenantsGet": [IN_COLLECTION],
    "/weaviate.v1.Weaviate/BatchDelete": [IN_COLLECTION],
    "/clusterapi.FileReplicationService/CreateReplicaSnapshot": [IN_COLLECTION],
    "/clusterapi.FileReplicationService/GetReplicaSnapshotFile": [IN_COLLECTION],
    "/clusterapi.ReplicationService/FetchObject": [IN_COLLECTION],
    "/clusterapi.ReplicationService/FetchObjects": [IN_COLLECTION],
    "/clusterapi.ReplicationService/DigestObjects": [IN_COLLECTION],
    # Every query that the schema's commands know: 1 to 8, roles, users, aliases, tasks.
    "/weaviate.internal.cluster.ClusterService/Query": [
        _type(number) + _field(2, json.dumps({"Classes": [COLLECTION]}).encode())
        for number in (*range(1, 9), *range(30, 35), 61, 62, 63, 100, 101, *range(200, 209), 300)
    ],
}


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Managed]:
    with managed(tmp_path_factory.mktemp("server") / "data") as one:
        one.server.up(confirm=never)
        _store(one)
        yield one


def _store(one: Managed) -> None:
    import weaviate.classes.config as wvc

    with one.client() as client:
        client.collections.create(UNNAMED, vector_config=wvc.Configure.Vectors.self_provided())
        stored = client.collections.create(
            COLLECTION,
            properties=[wvc.Property(name=PROPERTY, data_type=wvc.DataType.TEXT)],
            vector_config=wvc.Configure.Vectors.self_provided(),
        )
        stored.data.insert({PROPERTY: WORDS}, uuid=OBJECT_ID, vector=NUMBERS)


@pytest.fixture(scope="module")
def ports(running: Managed) -> Ports:
    state = states.load(running.data_dir / "server")
    assert state is not None
    return state.ports


@pytest.fixture(scope="module")
def shard(running: Managed) -> str:
    with running.client() as client:
        return str(client.collections.get(COLLECTION).config.get_shards()[0].name)


def _listening(one: Managed) -> set[tuple[str, int, str]]:
    pid = one.server.status().pid
    sockets = psutil.Process(pid).net_connections("inet")
    return {
        (found.laddr.ip, found.laddr.port, "udp" if found.type == socket.SOCK_DGRAM else "tcp")
        for found in sockets
        if found.status == psutil.CONN_LISTEN or found.type == socket.SOCK_DGRAM
    }


def _http(
    port: int, path: str, *, body: bytes | None = None, authorization: str = ""
) -> tuple[int, bytes]:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=WITHIN_S)
    headers = {"Content-Type": "application/json"}
    if authorization:
        headers["Authorization"] = authorization
    try:
        connection.request("GET" if body is None else "POST", path, body, headers)
        answer = connection.getresponse()
        return answer.status, answer.read()
    except (OSError, http.client.HTTPException) as error:
        return 0, str(error).encode()
    finally:
        connection.close()


def _call(port: int, method: str, message: bytes) -> bytes:
    with grpc.insecure_channel(f"127.0.0.1:{port}") as channel:
        try:
            call = channel.unary_stream(method)
            return b"".join(call(message, timeout=WITHIN_S))
        except grpc.RpcError as error:
            return str(error).encode().replace(message, b"")


_SILENCE_S = 2.0  # after it nothing more is awaited: whoever gossips leaves the stream open


def _gossip(port: int) -> bytes:
    """Ask for the node's whole state, as a node that joins does (memberlist's push/pull)."""
    nobody = b"\x06\x83\xa5Nodes\x00\xacUserStateLen\x00\xa4Join\xc3"
    heard = b""
    with socket.create_connection(("127.0.0.1", port), timeout=_SILENCE_S) as stream:
        stream.sendall(nobody)
        with contextlib.suppress(OSError):
            while part := stream.recv(65536):
                heard += part
    return heard + _unpacked(heard)


def _unpacked(message: bytes) -> bytes:
    """The content of memberlist's compressed message: a msgpack map with LZW codes in Buf."""
    before, found, rest = message.partition(b"\xa3Buf\xda")
    return _lzw(rest[2 : 2 + int.from_bytes(rest[:2])]) if found and b"Algo" in before else b""


def _lzw(packed: bytes) -> bytes:
    """Undo Go's compress/lzw, least significant bits first, 8-bit literals."""
    bits, position, width = int.from_bytes(packed, "little"), 0, 9
    clear, end = 256, 257
    table: dict[int, bytes] = {}
    last, out = b"", b""
    while position + width <= len(packed) * 8:
        code = bits >> position & (1 << width) - 1
        position += width
        if code == end:
            break
        if code == clear:
            table, last, width = {number: bytes([number]) for number in range(256)}, b"", 9
            continue
        entry = table.get(code, last + last[:1])
        if last:
            table[max(len(table) + 2, 258)] = last + entry[:1]
        out, last = out + entry, entry
        if len(table) + 2 + 1 >= 1 << width and width < 12:
            width += 1
    return out


def _everything_said(port: int, shard: str) -> bytes:
    """All that one port tells a stranger, by every protocol that the server speaks."""
    paths = (*REST_PATHS, *DEBUG_PATHS, *DATA_PATHS)
    said = [_http(port, path.format(shard=shard))[1] for path in paths]
    for path, body in POSTS.items():
        said.append(_http(port, path.format(shard=shard), body=json.dumps(body).encode())[1])
    for method, messages in CALLS.items():
        said.extend(_call(port, method, message) for message in messages)
    said.append(_gossip(port))
    return b"\n".join(said)


@pytest.fixture(scope="module")
def heard(running: Managed, shard: str) -> dict[int, bytes]:
    numbers = {port for _, port, _ in _listening(running)}
    return {port: _everything_said(port, shard) for port in sorted(numbers)}


def test_the_server_listens_on_no_port_that_is_not_in_the_table(
    running: Managed, ports: Ports
) -> None:
    found = _listening(running)

    assert {port for _, port, _ in found} == {ports.http, ports.grpc, *ports.internal}
    assert {port for _, port, kind in found if kind == "udp"} == {ports.gossip}


def test_only_grpc_and_the_data_port_leave_loopback(running: Managed, ports: Ports) -> None:
    found = _listening(running)

    outside = {port for ip, port, _ in found if not ipaddress.ip_address(ip).is_loopback}
    assert outside == {ports.grpc, ports.peers}


def test_a_stranger_gets_no_object_and_no_vector_from_any_port(heard: dict[int, bytes]) -> None:
    told = {port for port, said in heard.items() if any(word in said for word in CONTENT)}

    assert told == set()


def test_a_stranger_gets_the_schema_from_no_port_but_the_one_that_has_no_lock(
    heard: dict[int, bytes], ports: Ports
) -> None:
    told = {port for port, said in heard.items() if any(word in said for word in SCHEMA)}

    assert told == {ports.raft_rpc}


def test_the_probes_do_find_everything_with_the_key(running: Managed) -> None:
    path = f"/v1/objects/{COLLECTION}/{OBJECT_ID}?include=vector"
    bearer = f"Bearer {running.key}"

    said = b"".join(
        _http(running.port, each, authorization=bearer)[1] for each in (path, "/v1/schema")
    )

    assert all(word in said for word in (WORDS.encode(), b"0.8125", *SCHEMA))


@pytest.mark.parametrize("path", ["/v1/schema", f"/v1/objects?class={COLLECTION}"])
def test_rest_asks_for_the_key(running: Managed, path: str) -> None:
    assert _http(running.port, path)[0] == HTTPStatus.UNAUTHORIZED


@pytest.mark.parametrize("given", ["", "Basic d2VhdmNsaXAtbm9kZTp3cm9uZw=="])
def test_the_data_port_asks_for_its_password(ports: Ports, shard: str, given: str) -> None:
    path = DATA_PATHS[0].format(shard=shard)

    assert _http(ports.peers, path, authorization=given)[0] == HTTPStatus.UNAUTHORIZED


def test_gossip_tells_a_stranger_which_node_there_is(ports: Ports) -> None:
    until(lambda: NODE.encode() in _gossip(ports.gossip))


@pytest.mark.parametrize("given", ["", "wrong"])
def test_grpc_asks_for_the_key(running: Managed, given: str) -> None:
    bearer = (("authorization", f"Bearer {given}"),)

    with grpc.insecure_channel(f"127.0.0.1:{running.grpc_port}") as channel:
        search = channel.unary_unary("/weaviate.v1.Weaviate/Search")
        with pytest.raises(grpc.RpcError) as refused:
            search(IN_COLLECTION, timeout=WITHIN_S, metadata=bearer)

    assert "unauthorized" in str(refused.value)
