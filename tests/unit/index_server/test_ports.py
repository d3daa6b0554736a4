from __future__ import annotations

import os
import shutil
import socket
import sys
from pathlib import Path

import pytest

from tests.managed import free_ports
from weavclip.domain.errors import ServerError
from weavclip.index.server import ports

FOLDER = Path("/somewhere/server")


def test_a_port_in_use_is_not_free_and_its_holder_is_known() -> None:
    (port,) = free_ports(1)
    with socket.create_server(("127.0.0.1", port)):
        held = ports.holder(port)

        assert not ports.is_free(port)
        assert not ports.is_free(port, everywhere=True)
        if sys.platform == "linux":
            assert held is not None
            assert held.pid == os.getpid()
        with pytest.raises(ServerError, match=f"port {port} is in use"):
            ports.require_free(port, setting="server_port", everywhere=False)
    assert ports.is_free(port)
    assert ports.holder(port) is None


def test_a_port_on_every_interface_counts_for_loopback() -> None:
    with socket.create_server(("", 0)) as listening:
        assert not ports.is_free(listening.getsockname()[1])


def test_internal_ports_are_in_a_row_below_the_outgoing_ones_and_stay() -> None:
    first = ports.internal_ports(FOLDER)

    second = ports.internal_ports(FOLDER, kept=first)

    assert first == second == tuple(range(first[0], first[0] + 4))
    assert first[0] >= 21_000
    assert first[-1] < 32_768


def test_kept_ports_that_somebody_took_are_given_up() -> None:
    first = ports.internal_ports(FOLDER)
    with socket.create_server(("127.0.0.1", first[2])):
        other = ports.internal_ports(FOLDER, kept=first)

    assert not set(first) & set(other)


def test_two_data_folders_look_in_different_places() -> None:
    assert ports.internal_ports(FOLDER) != ports.internal_ports(Path("/elsewhere/server"))


@pytest.mark.skipif(shutil.which("lsof") is None, reason="no lsof")
def test_without_proc_lsof_names_the_holder() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        found = ports._holder_lsof(listening.getsockname()[1])

    assert found is not None
    assert found.pid == os.getpid()
