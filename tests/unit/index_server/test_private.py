from __future__ import annotations

import os
import stat
from typing import TYPE_CHECKING

import pytest

from weavclip.domain.errors import ServerError
from weavclip.index.server import state as states
from weavclip.index.server.private import load_secrets, locked, private_folder, write_private
from weavclip.index.server.process import Identity
from weavclip.index.server.state import State
from weavclip.index.server.table import Ports

if TYPE_CHECKING:
    from pathlib import Path

PORTS = Ports(http=1, grpc=2, gossip=3, peers=4, raft=5, raft_rpc=6)


def _mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_a_folder_and_what_it_lies_in_are_their_owners_only(tmp_path: Path) -> None:
    made = private_folder(tmp_path / "data" / "server")

    assert (_mode(made), _mode(made.parent)) == (0o700, 0o700)


def test_secrets_are_made_once_differ_and_are_their_owners_only(tmp_path: Path) -> None:
    first = load_secrets(tmp_path)

    second = load_secrets(tmp_path)

    assert first == second
    assert first.api_key != first.cluster_password
    assert min(len(first.api_key), len(first.cluster_password)) >= 43
    assert {_mode(path) for path in tmp_path.iterdir()} == {0o600}
    assert first.api_key not in repr(first)


def test_a_key_file_that_others_could_read_is_closed(tmp_path: Path) -> None:
    load_secrets(tmp_path)
    (tmp_path / "key").chmod(0o644)

    load_secrets(tmp_path)

    assert _mode(tmp_path / "key") == 0o600


def test_a_lock_keeps_others_out_for_as_long_as_it_is_held(tmp_path: Path) -> None:
    with (
        locked(tmp_path, within_s=1),
        pytest.raises(ServerError, match="another weavclip"),
        locked(tmp_path, within_s=0.1),
    ):
        pass

    with locked(tmp_path, within_s=0.1):
        assert _mode(tmp_path / "lock") == 0o600


@pytest.mark.parametrize("process", [None, Identity(7, "boot 99")])
def test_a_state_comes_back_as_it_was(tmp_path: Path, process: Identity | None) -> None:
    state = State(wanted=True, way="program", ports=PORTS, settings="ab", process=process)

    states.save(tmp_path, state)

    assert states.load(tmp_path) == state


@pytest.mark.parametrize("content", ["", "{}", "[]", '{"process": null, "ports": {"http": 1}}'])
def test_a_damaged_state_is_named(tmp_path: Path, content: str) -> None:
    write_private(tmp_path / "state.json", content)

    with pytest.raises(ServerError, match=r"state\.json is damaged"):
        states.load(tmp_path)


def test_the_digest_tells_settings_and_versions_apart_and_not_the_order(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    before = states.digest({"A": "1"})
    monkeypatch.setattr(states, "WEAVIATE_VERSION", "1.40.0")

    assert states.digest({"A": "1"}) != before
    assert states.digest({"A": "1", "B": "2"}) == states.digest({"B": "2", "A": "1"})
    assert states.digest({"A": "1"}) != states.digest({"A": "2"})


def test_a_write_leaves_no_part_behind(tmp_path: Path) -> None:
    write_private(tmp_path / "one", "x")

    assert os.listdir(tmp_path) == ["one"]  # noqa: PTH208 - names are what is compared
