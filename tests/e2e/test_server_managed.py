"""The managed server's life: up, seen, killed, back, down; with the real program."""

from __future__ import annotations

import os
import signal
import socket
import stat
import subprocess
import sys
import threading
from dataclasses import replace
from typing import TYPE_CHECKING

import psutil
import pytest

from tests.managed import Managed, free_ports, managed, never
from tests.waiting import WITHIN_S, until
from weavclip.domain.errors import ServerError
from weavclip.index.server import ports
from weavclip.index.server import state as states
from weavclip.index.server.managed import ManagedServer
from weavclip.index.server.private import private_folder
from weavclip.index.server.process import Identity, identity_of
from weavclip.index.server.state import State
from weavclip.index.server.table import Ports

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

pytestmark = pytest.mark.weaviate


@pytest.fixture
def fresh(tmp_path: Path) -> Iterator[Managed]:
    with managed(tmp_path / "mine" / "data") as one:
        yield one


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Managed]:
    with (
        managed(tmp_path_factory.mktemp("server") / "data") as one,
        pytest.MonkeyPatch.context() as patch,
    ):
        patch.setenv("WEAVCLIP_ROBOFLOW_API_KEY", "ours")
        patch.setenv("AUTHENTICATION_ANONYMOUS_ACCESS_ENABLED", "true")
        one.server.up(confirm=never)
        yield one


def test_up_says_where_it_is_and_a_second_up_changes_nothing(running: Managed) -> None:
    first = running.server.status()

    second = running.server.up(confirm=never)

    assert first.state == "running"
    assert first.url == f"http://127.0.0.1:{running.port}"
    assert second == replace(first, was_running=True, data_bytes=second.data_bytes)


def test_its_endpoint_has_the_generated_key_and_never_shows_it(running: Managed) -> None:
    endpoint = running.server.endpoint()

    assert endpoint is not None
    assert endpoint.api_key == running.key
    assert len(running.key) >= 43
    assert running.key not in repr(endpoint)


def test_a_client_with_the_key_gets_in(running: Managed) -> None:
    with running.client() as client:
        assert client.is_ready()
        assert client.get_meta()["modules"] == {}


def test_nothing_of_our_environment_reaches_it(running: Managed) -> None:
    found = psutil.Process(running.server.status().pid).environ()

    assert "WEAVCLIP_ROBOFLOW_API_KEY" not in found
    assert found["AUTHENTICATION_ANONYMOUS_ACCESS_ENABLED"] == "false"
    assert not {"PATH", "HOME", "PWD", "USER", "ENABLE_MODULES"} & set(found)


def test_the_key_is_in_no_command_line(running: Managed) -> None:
    arguments = psutil.Process(running.server.status().pid).cmdline()

    assert not any(running.key in each for each in arguments)


def test_its_files_are_its_owners_only(running: Managed) -> None:
    everything = [running.data_dir, *running.data_dir.rglob("*")]
    shared = {
        path.relative_to(running.data_dir.parent)
        for path in everything
        if stat.S_IMODE(path.lstat().st_mode) & 0o077
    }

    assert len(everything) > 10
    assert shared == set()


def test_it_has_a_session_of_its_own(running: Managed) -> None:
    pid = running.server.status().pid

    assert pid is not None
    assert os.getsid(pid) != os.getsid(0)
    assert psutil.Process(pid).ppid() != os.getpid()


def test_two_that_start_it_at_once_get_one_server(fresh: Managed) -> None:
    second = ManagedServer(fresh.data_dir, port=fresh.port, grpc_port=fresh.grpc_port)
    pids = []
    threads = [
        threading.Thread(target=lambda one=one: pids.append(one.up(confirm=never).pid))
        for one in (fresh.server, second)
    ]

    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(WITHIN_S)

    assert len(pids) == 2
    assert pids[0] == pids[1]


def test_it_outlives_the_command_that_started_it(fresh: Managed) -> None:
    program = (
        "import sys, pathlib\n"
        "from weavclip.index.server import compose\n"
        "from weavclip.index.server.managed import ManagedServer\n"
        "compose.engine_answers = lambda: False\n"
        "folder, port, grpc_port = sys.argv[1:]\n"
        "server = ManagedServer(pathlib.Path(folder), port=int(port), grpc_port=int(grpc_port))\n"
        "print(server.up(confirm=lambda question: False).pid)\n"
    )
    command = [sys.executable, "-c", program, str(fresh.data_dir)]
    command += [str(fresh.port), str(fresh.grpc_port)]

    done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=WITHIN_S)

    assert int(done.stdout) == fresh.server.status().pid
    assert fresh.server.status().state == "running"


def test_what_was_stored_is_there_after_a_kill_and_after_down_and_up(fresh: Managed) -> None:
    fresh.server.up(confirm=never)
    _store(fresh)
    pid = _kill(fresh)

    died = fresh.server.status()
    hidden = fresh.server.endpoint()
    fresh.server.ensure_running()
    back = fresh.server.up(confirm=never)
    after_kill = _count(fresh)
    ended = fresh.server.down()
    stopped = fresh.server.status()
    stays_down = fresh.server.ensure_running()
    fresh.server.up(confirm=never)

    assert died.state == "died"
    assert hidden is None  # whoever took its port meanwhile would get the key
    assert back.was_running
    assert back.pid != pid
    assert after_kill == 1
    assert ended
    assert stopped.state == "stopped"
    assert stays_down is None
    assert _count(fresh) == 1


def test_what_was_never_up_is_not_started(fresh: Managed) -> None:
    assert fresh.server.status().state == "stopped"
    assert fresh.server.ensure_running() is None
    assert fresh.server.endpoint() is None
    assert not fresh.server.down()
    assert not fresh.data_dir.exists()


def test_other_ports_are_taken_by_a_restart(fresh: Managed) -> None:
    before = fresh.server.up(confirm=never)
    port, grpc_port = free_ports(2)
    moved = ManagedServer(fresh.data_dir, port=port, grpc_port=grpc_port)

    after = moved.up(confirm=never)

    assert not after.was_running
    assert after.url == f"http://127.0.0.1:{port}"
    assert identity_of(before.pid or 0) is None


def test_a_server_whose_start_was_cut_short_is_taken_over(running: Managed) -> None:
    pid = running.server.status().pid
    (running.data_dir / "server" / "state.json").unlink()

    again = running.server.up(confirm=never)

    assert again.pid == pid


def test_down_never_ends_a_process_that_got_the_same_number(fresh: Managed) -> None:
    with subprocess.Popen(["sleep", "60"]) as other:
        earlier = Identity(other.pid, "another boot 1")
        ports = Ports(http=1, grpc=2, gossip=3, peers=4, raft=5, raft_rpc=6)
        states.save(
            private_folder(fresh.data_dir / "server"),
            State(wanted=True, way="program", ports=ports, settings="", process=earlier),
        )

        ran = fresh.server.down()

        assert not ran
        assert other.poll() is None
        other.kill()


@pytest.mark.parametrize("which", ["server_port", "server_grpc_port"])
def test_a_port_in_use_is_named_with_its_holder_and_its_setting(
    fresh: Managed, which: str
) -> None:
    port = fresh.port if which == "server_port" else fresh.grpc_port
    with socket.create_server(("127.0.0.1", port)), pytest.raises(ServerError) as refused:
        fresh.server.up(confirm=never)

    assert f"port {port} is in use by" in str(refused.value)
    assert f"(process {os.getpid()})" in str(refused.value)
    assert refused.value.hint == f"set WEAVCLIP_{which.upper()} to a free port"


@pytest.mark.parametrize("place", [1, 2], ids=["peers", "raft"])
def test_a_port_that_somebody_took_before_the_server_could_is_left_to_them(
    fresh: Managed, monkeypatch: pytest.MonkeyPatch, place: int
) -> None:
    look = ports.internal_ports
    free = look(fresh.data_dir)

    def look_too_early(_folder: Path, *, kept: tuple[int, ...] = ()) -> tuple[int, ...]:
        assert kept == ()
        monkeypatch.setattr(ports, "internal_ports", look)
        return free

    monkeypatch.setattr(ports, "internal_ports", look_too_early)
    with socket.create_server(("", free[place])):
        after = fresh.server.up(confirm=never)

    assert after.state == "running"


def test_a_server_that_dies_at_once_is_noticed_and_its_last_words_are_shown(
    fresh: Managed,
) -> None:
    (fresh.data_dir / "server" / "weaviate").mkdir(parents=True)
    (fresh.data_dir / "server" / "weaviate" / "schema.db").mkdir()

    with pytest.raises(ServerError, match="ended while it started") as died:
        fresh.server.up(confirm=never, timeout_s=30)

    assert "schema.db" in str(died.value)
    assert died.value.hint == "weavclip server logs"
    assert fresh.server.ensure_running() is None


def test_its_log_is_shown_and_followed(running: Managed) -> None:
    stop = threading.Event()
    seen: list[str] = []
    log_file = running.data_dir / "server" / "server.log"

    def read() -> None:
        seen.extend(_until_last(running, stop))

    reader = threading.Thread(target=read)
    reader.start()
    with log_file.open("a") as log:
        log.write("one more line\n")
    until(lambda: not reader.is_alive(), what="the line was followed")

    assert seen[-1] == "one more line"
    assert list(running.server.logs(lines=1)) == ["one more line"]


def _until_last(one: Managed, stop: threading.Event) -> Iterator[str]:
    for line in one.server.logs(lines=2, stop=stop):
        yield line
        if line == "one more line":
            stop.set()


def _kill(one: Managed) -> int:
    pid = one.server.status().pid
    assert pid is not None
    os.kill(pid, signal.SIGKILL)
    until(lambda: identity_of(pid) is None, what="the server is gone")
    return pid


def _store(one: Managed) -> None:
    import weaviate.classes.config as wvc

    with one.client() as client:
        kept = client.collections.create(
            "Kept", vector_config=wvc.Configure.Vectors.self_provided()
        )
        kept.data.insert({}, vector=[0.1, 0.2])


def _count(one: Managed) -> int:
    with one.client() as client:
        return int(client.collections.get("Kept").aggregate.over_all().total_count or 0)
