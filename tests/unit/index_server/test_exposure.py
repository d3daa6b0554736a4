"""Which ports other machines reach, by tables like the kernel's and by a real socket."""

from __future__ import annotations

import socket
import sys
from typing import TYPE_CHECKING

import pytest

from weavclip.index.server.exposure import exposed, listeners

if TYPE_CHECKING:
    from pathlib import Path

HEADER = "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid\n"
TCP = (
    HEADER
    + "   0: 0100007F:1F90 00000000:0000 0A 00000000:00000000 00:00000000 00000000  1000\n"
    + "   1: 00000000:C383 00000000:0000 0A 00000000:00000000 00:00000000 00000000  1000\n"
    + "   2: 0100007F:520A 0100007F:C383 01 00000000:00000000 00:00000000 00000000  1000\n"
)
TCP6 = (
    HEADER
    + "   0: 00000000000000000000000001000000:520B 00000000000000000000000000000000:0000 0A 0\n"
    + "   1: 0000000000000000FFFF00000100007F:520C 00000000000000000000000000000000:0000 0A 0\n"
    + "   2: 00000000000000000000000000000000:520D 00000000000000000000000000000000:0000 0A 0\n"
)
PORTS = {"http": 0x1F90, "grpc": 0xC383, "gossip": 0x520B, "peers": 0x520D, "raft": 0x520C}


@pytest.fixture
def proc(tmp_path: Path) -> Path:
    if sys.byteorder != "little":
        pytest.skip("the tables are those of a little-endian machine")
    (tmp_path / "net").mkdir()
    (tmp_path / "net" / "tcp").write_text(TCP)
    (tmp_path / "net" / "tcp6").write_text(TCP6)
    return tmp_path


def test_loopback_is_told_apart_from_every_interface(proc: Path) -> None:
    found = {each.port: each.is_exposed for each in listeners(proc)}

    assert found == {0x1F90: False, 0xC383: True, 0x520B: False, 0x520C: False, 0x520D: True}


def test_ports_that_the_key_closes_are_marked(proc: Path) -> None:
    assert exposed(PORTS, listeners(proc)) == [
        ("grpc (port 50051)", True),
        ("peers (port 21005)", True),
    ]


def test_an_open_http_port_asks_for_nothing_of_its_own(proc: Path) -> None:
    assert exposed({"http": 0xC383}, listeners(proc)) == [("http (port 50051)", False)]


def test_where_the_kernel_says_nothing_nothing_is_found(tmp_path: Path) -> None:
    assert list(listeners(tmp_path)) == []


@pytest.mark.parametrize(("host", "is_exposed"), [("127.0.0.1", False), ("0.0.0.0", True)])  # noqa: S104 - for a moment
def test_a_real_socket_is_seen(host: str, *, is_exposed: bool) -> None:
    if sys.platform != "linux":
        pytest.skip("only Linux tells who listens")
    with socket.socket() as listening:
        listening.bind((host, 0))
        listening.listen()
        port = listening.getsockname()[1]

        assert bool(exposed({"http": port}, listeners())) is is_exposed
