"""The engine beside a real Weaviate that comes, goes, forgets and refuses."""

from __future__ import annotations

import json
import os
import signal
import subprocess
from typing import TYPE_CHECKING, Any

import pytest

from scripts.sample_model import drawings
from tests.e2e.programs import WEAVCLIP, bytes_below, weavclip
from tests.managed import managed
from tests.waiting import WITHIN_S, until

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.managed import Managed

pytestmark = pytest.mark.weaviate

ALIAS = "EndToEnd"


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Managed]:
    with managed(tmp_path / "server") as own:
        own.server.up(confirm=lambda _: False)
        yield own


@pytest.fixture(autouse=True)
def desk(server: Managed, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A sample model, and the server as one of the person's own."""
    monkeypatch.setenv("WEAVCLIP_CONFIG", str(tmp_path / "config.toml"))
    monkeypatch.setenv("WEAVCLIP_MODEL", "sample")
    monkeypatch.setenv("WEAVCLIP_COLLECTION", ALIAS)
    monkeypatch.setenv("WEAVCLIP_WEAVIATE_URL", f"http://127.0.0.1:{server.port}")
    monkeypatch.setenv("WEAVCLIP_WEAVIATE_GRPC_URL", f"http://127.0.0.1:{server.grpc_port}")
    monkeypatch.setenv("WEAVCLIP_WEAVIATE_API_KEY", server.key)
    yield
    weavclip("engine", "--stop")


def add(*texts: str) -> None:
    paths = []
    for text in texts:
        folder = os.environ["WEAVCLIP_CONFIG"].removesuffix("config.toml")
        path = f"{folder}{abs(hash(text))}.txt"
        with open(path, "w") as file:  # noqa: PTH123 - a name made of a hash
            file.write(text)
        paths.append(path)
    weavclip("add", *paths)


def search(words: str) -> tuple[dict[str, Any], str]:
    """The first hit, and what was said on stderr."""
    done = subprocess.run(
        [*WEAVCLIP, "search", words, "--json", "--all"],
        capture_output=True,
        timeout=WITHIN_S,
        check=True,
    )
    return json.loads(done.stdout)[0], done.stderr.decode()


def answers_with(index: str) -> bool:
    engine = json.loads(weavclip("status", "--json"))["engine"]
    return engine is not None and engine["index"].startswith(index)


def in_weaviate(server: Managed) -> int:
    with server.client() as client:
        return client.collections.use(ALIAS).aggregate.over_all(total_count=True).total_count or 0


def test_a_server_that_is_killed_is_done_without_and_filled_when_it_is_back(
    server: Managed,
) -> None:
    add("the plumber's invoice is still to be paid", "a walk by the river")
    until(lambda: answers_with("Weaviate"))
    before, silence = search("invoice")

    pid = server.server.status().pid
    assert pid is not None
    os.kill(pid, signal.SIGKILL)
    add("meet Anna at the station")
    meanwhile, said = search("Anna station")
    server.server.ensure_running()
    until(lambda: answers_with("Weaviate"))
    until(lambda: in_weaviate(server) == 3)
    afterwards, _ = search("Anna station")

    assert before["index"].startswith("Weaviate")
    assert silence == ""
    assert meanwhile["preview"] == "meet Anna at the station"
    assert meanwhile["index"] == "exact"
    assert len(said.splitlines()) == 1
    assert "searched the journal exactly" in said
    assert (afterwards["id"], afterwards["index"][:8]) == (meanwhile["id"], "Weaviate")


def test_an_emptied_server_is_filled_from_the_journal_without_embedding(server: Managed) -> None:
    add("the plumber's invoice", "a walk by the river")
    until(lambda: answers_with("Weaviate"))
    with server.client() as client:
        client.collections.delete_all()
    weavclip("engine", "--stop")

    weavclip("search", "invoice")
    until(lambda: answers_with("Weaviate"))

    assert in_weaviate(server) == 2


def test_a_forgotten_clip_leaves_weaviate_and_after_a_purge_no_byte_is_in_its_folder(
    server: Managed, tmp_path: Path
) -> None:
    add("the plumber's invoice", "a walk by the Quasselstrippe river", "meet Anna")
    until(lambda: answers_with("Weaviate"))
    hit, _ = search("invoice")

    weavclip("forget", hit["id"], "--yes")
    left = in_weaviate(server)
    assert traces(tmp_path / "server")
    weavclip("forget", "--matching", "quasselstrippe", "--yes", "--purge")

    assert left == 2
    assert in_weaviate(server) == 1
    until(lambda: not traces(tmp_path / "server"))
    with server.client() as client:
        assert len(client.collections.list_all()) == 1


def test_a_restored_journal_is_filled_into_a_collection_of_its_own_by_itself(
    server: Managed, tmp_path: Path
) -> None:
    backup = str(tmp_path / "journal.tar")
    add("the plumber's invoice", "a walk by the river")
    until(lambda: answers_with("Weaviate"))
    weavclip("backup", backup)
    add("meet Anna at the station")
    until(lambda: in_weaviate(server) == 3)

    weavclip("restore", backup, "--yes")
    until(lambda: in_weaviate(server) == 2)
    until(lambda: answers_with("Weaviate"))

    hit, said = search("invoice")
    assert (hit["preview"], hit["index"][:8], said) == ("the plumber's invoice", "Weaviate", "")
    with server.client() as client:
        assert len(client.collections.list_all()) == 1


def test_a_refused_key_is_said_and_the_journal_answers(
    server: Managed, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert server.port
    monkeypatch.setenv("WEAVCLIP_WEAVIATE_API_KEY", "another key")
    add("the plumber's invoice")

    def refused() -> str:
        return next((line for line in search("invoice")[1].splitlines() if "key" in line), "")

    line = until(refused)
    hit, _ = search("invoice")

    assert "another key" not in line
    assert hit["index"] == "exact"


def test_reindex_writes_every_clip_again(server: Managed) -> None:
    add("the plumber's invoice", "a walk by the river")
    until(lambda: answers_with("Weaviate"))
    with server.client() as client:
        collection = client.collections.use(ALIAS)
        for each in collection.iterator():
            collection.data.delete_by_id(each.uuid)

    weavclip("reindex")

    assert in_weaviate(server) == 2


def test_a_hidden_picture_leaves_weaviate_and_comes_back(server: Managed, tmp_path: Path) -> None:
    for name in ("a map", "mountains at night"):
        encoded = drawings.png(drawings.named(name), seed=1, side_px=128)
        (tmp_path / f"{name}.png").write_bytes(encoded)
        weavclip("add", str(tmp_path / f"{name}.png"))
    until(lambda: answers_with("Weaviate"))
    until(lambda: in_weaviate(server) == 2)
    hit, _ = search("a map")

    weavclip("hide", "a map", "--yes")
    until(lambda: in_weaviate(server) == 1)
    weavclip("engine", "--stop")
    other, _ = search("a map")
    until(lambda: answers_with("Weaviate"))
    asked = json.loads(weavclip("search", "a map", "--json", "--hidden"))[0]
    filled = in_weaviate(server)
    weavclip("unhide", "a map")

    assert other["id"] != hit["id"]
    assert (asked["id"], asked["index"]) == (hit["id"], "exact")
    assert filled == 1
    until(lambda: in_weaviate(server) == 2)


def test_everything_is_forgotten_by_weaviate_too(server: Managed, tmp_path: Path) -> None:
    add("the plumber's Quasselstrippe", "a walk by the river")
    until(lambda: answers_with("Weaviate"))

    weavclip("forget", "--all", "--yes")

    until(lambda: answers_with("Weaviate"))
    assert in_weaviate(server) == 0
    with server.client() as client:
        assert len(client.collections.list_all()) == 1
    until(lambda: not traces(tmp_path / "server"))
    add("a new beginning")
    until(lambda: in_weaviate(server) == 1)


def test_a_weaviate_that_was_away_is_emptied_when_it_is_back(server: Managed) -> None:
    add("the plumber's Quasselstrippe", "a walk by the river")
    until(lambda: answers_with("Weaviate"))
    server.server.down()

    weavclip("forget", "--all", "--yes")
    weavclip("engine", "--stop")
    server.server.up(confirm=lambda _: False)
    add("a new beginning")

    until(lambda: answers_with("Weaviate"))
    assert in_weaviate(server) == 1
    with server.client() as client:
        assert len(client.collections.list_all()) == 1


def traces(folder: Path) -> list[str]:
    there = bytes_below(folder)
    words = ("Quasselstrippe", "quasselstrippe")
    return [word for word in words if word.encode() in there or word.encode("utf-16-le") in there]
