from __future__ import annotations

import os
import socket
import stat
import threading
from multiprocessing.connection import Client
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.waiting import WITHIN_S
from weavclip.domain.errors import EngineError, QueryError
from weavclip.domain.query import Query
from weavclip.pipeline import rpc, wire

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture
def asked() -> list[object]:
    return []


@pytest.fixture
def released() -> Iterator[threading.Event]:
    event = threading.Event()
    yield event
    event.set()


@pytest.fixture
def door(runtime_dir: Path, asked: list[object], released: threading.Event) -> Iterator[rpc.Door]:
    def refuse(_: object) -> object:
        message = "nothing to ask with"
        raise QueryError(message, hint="type words")

    def break_(_: object) -> object:
        raise ZeroDivisionError

    door = rpc.Door(
        runtime_dir,
        {
            "echo": lambda argument: asked.append(argument) or argument,  # type: ignore[func-returns-value]
            "refuse": refuse,
            "break": break_,
            "hang": lambda _: released.wait(WITHIN_S),
        },
    )
    door.open()
    yield door
    door.close()


@pytest.mark.usefixtures("door")
def test_a_request_is_answered_with_what_its_handler_returns(
    runtime_dir: Path, asked: list[object]
) -> None:
    query = Query(words="two peaks")

    answer = rpc.call(runtime_dir, "echo", query, timeout_s=WITHIN_S)

    assert answer == query
    assert asked == [query]


@pytest.mark.usefixtures("door")
def test_the_engines_errors_reach_the_caller(runtime_dir: Path) -> None:
    with pytest.raises(QueryError, match="nothing to ask with") as caught:
        rpc.call(runtime_dir, "refuse", timeout_s=WITHIN_S)

    assert caught.value.hint == "type words"


@pytest.mark.usefixtures("door")
def test_an_unforeseen_error_is_named_without_its_text(runtime_dir: Path) -> None:
    with pytest.raises(EngineError, match="failed at 'break': ZeroDivisionError"):
        rpc.call(runtime_dir, "break", timeout_s=WITHIN_S)


@pytest.mark.usefixtures("door")
def test_a_request_of_another_version_says_so(runtime_dir: Path) -> None:
    with pytest.raises(EngineError, match="another version"):
        rpc.call(runtime_dir, "dance", timeout_s=WITHIN_S)


@pytest.mark.usefixtures("door")
@pytest.mark.parametrize("part", [b'"fuzzy"', b'"Query"'])
def test_a_question_with_parts_of_another_version_says_so(runtime_dir: Path, part: bytes) -> None:
    asked = wire.dumps({"call": "echo", "argument": Query(words="two peaks")})

    with Client(rpc.address(runtime_dir)) as connection:
        connection.send_bytes(asked.replace(part, b'"colour"'))
        assert connection.poll(WITHIN_S)
        reply = connection.recv_bytes()

    assert b"of another version" in reply
    assert b"engine --stop" in reply
    assert b"peaks" not in reply


@pytest.mark.usefixtures("door")
def test_an_answer_with_parts_of_another_version_says_so(
    runtime_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    really = wire.loads

    def other(raw: bytes) -> object:
        return really(raw.replace(b'"answer"', b'"answer": {"$": "Clip", "v": {}}, "more"'))

    monkeypatch.setattr(wire, "loads", other)

    with pytest.raises(EngineError, match="of another version") as caught:
        rpc.call(runtime_dir, "echo", 1, timeout_s=WITHIN_S)

    assert caught.value.hint == "weavclip engine --stop, then try again"


@pytest.mark.usefixtures("door")
def test_an_engine_that_hangs_is_given_up_on(runtime_dir: Path) -> None:
    with pytest.raises(EngineError, match="did not answer 'hang'"):
        rpc.call(runtime_dir, "hang", timeout_s=0.05)


@pytest.mark.usefixtures("door")
def test_a_caller_that_says_nothing_does_not_keep_others_waiting(runtime_dir: Path) -> None:
    with socket.socket(socket.AF_UNIX) as silent:
        silent.connect(rpc.address(runtime_dir))

        answer = rpc.call(runtime_dir, "echo", "still here", timeout_s=WITHIN_S)

    assert answer == "still here"


@pytest.mark.usefixtures("door")
def test_only_the_user_may_reach_the_socket(runtime_dir: Path) -> None:
    assert stat.S_IMODE(runtime_dir.stat().st_mode) == 0o700
    assert stat.S_IMODE(Path(rpc.address(runtime_dir)).stat().st_mode) == 0o600


def test_no_engine_is_a_connection_error(runtime_dir: Path) -> None:
    with pytest.raises(ConnectionError):
        rpc.call(runtime_dir, "echo", timeout_s=1)


def test_a_socket_left_by_a_killed_engine_is_in_nobodys_way(
    runtime_dir: Path, door: rpc.Door
) -> None:
    del door  # never closed: its socket stays in place
    second = rpc.Door(runtime_dir, {"echo": lambda argument: argument})
    second.open()

    assert rpc.call(runtime_dir, "echo", 7, timeout_s=WITHIN_S) == 7
    second.close()


def test_a_path_too_long_for_a_socket_is_named(tmp_path: Path) -> None:
    door = rpc.Door(tmp_path / ("x" * 110), {})

    with pytest.raises(EngineError, match="cannot listen in"):
        door.open()


@pytest.mark.usefixtures("door")
def test_a_folder_that_others_may_write_to_is_nobodys_we_talk_to(runtime_dir: Path) -> None:
    runtime_dir.chmod(0o777)

    with pytest.raises(ConnectionError):
        rpc.call(runtime_dir, "echo", timeout_s=WITHIN_S)
    with pytest.raises(EngineError, match="belongs to somebody else"):
        rpc.Door(runtime_dir, {}).open()


@pytest.mark.usefixtures("door")
def test_a_folder_of_another_user_is_nobodys_we_talk_to(runtime_dir: Path) -> None:
    if os.geteuid():
        pytest.skip("only root may give a folder away")
    os.chown(runtime_dir, 65534, 65534)

    with pytest.raises(ConnectionError):
        rpc.call(runtime_dir, "echo", timeout_s=WITHIN_S)


def test_an_engine_that_leaves_takes_its_folder_along(runtime_dir: Path) -> None:
    door = rpc.Door(runtime_dir, {})
    door.open()

    door.close()

    assert not runtime_dir.exists()
