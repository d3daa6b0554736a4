"""Taking weavclip away, and looking for what is wrong, by the installed command."""

from __future__ import annotations

import json
import subprocess
from typing import TYPE_CHECKING

import pytest

from tests.e2e.programs import WEAVCLIP, weavclip
from tests.managed import free_ports
from tests.waiting import WITHIN_S, until
from weavclip.index.server.process import identity_of

if TYPE_CHECKING:
    from pathlib import Path

    from weavclip.index.server.endpoint import Endpoint


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A person's folders with one clip in them."""
    for variable, folder in (
        ("HOME", "home"),
        ("XDG_CONFIG_HOME", "config"),
        ("XDG_RUNTIME_DIR", "run"),
    ):
        (tmp_path / folder).mkdir(mode=0o700)
        monkeypatch.setenv(variable, str(tmp_path / folder))
    monkeypatch.delenv("DBUS_SESSION_BUS_ADDRESS", raising=False)
    monkeypatch.setenv("WEAVCLIP_CONFIG", str(tmp_path / "config" / "weavclip" / "config.toml"))
    (tmp_path / "notes.txt").write_text("two peaks")
    weavclip("add", str(tmp_path / "notes.txt"))
    return tmp_path


def complaint(*options: str, code: int) -> str:
    done = subprocess.run(
        [*WEAVCLIP, *options],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=WITHIN_S,
        check=False,
    )
    assert done.returncode == code, done.stderr
    return done.stderr


def verdicts(*options: str) -> dict[str, dict[str, object]]:
    done = subprocess.run(
        [*WEAVCLIP, "doctor", "--json", *options],
        capture_output=True,
        text=True,
        timeout=WITHIN_S,
        check=False,
    )
    found = json.loads(done.stdout)
    assert done.returncode == any(each["ok"] is False for each in found)
    return {each["part"]: each for each in found}


def files(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.rglob("*") if not path.is_dir())


def test_uninstalling_leaves_every_clip(home: Path) -> None:
    said = complaint("uninstall", code=0)

    assert "no service is installed" in said
    assert "pip uninstall weavclip" in said
    assert len(json.loads(weavclip("list", "--json"))) == 1
    assert home.exists()


@pytest.mark.x11
def test_without_systemd_the_desktop_starts_it_and_uninstalling_ends_it(
    home: Path, display: str
) -> None:
    assert display
    try:
        said = complaint("service", "install", code=0)
        status = until(lambda: agent_of(json.loads(weavclip("status", "--json"))))
    finally:
        complaint("uninstall", code=0)

    assert "does not answer" in said
    assert "autostart" in said
    assert json.loads(weavclip("status", "--json"))["agent"] is None
    until(lambda: identity_of(int(str(status["pid"]))) is None)
    assert not list((home / "config").rglob("*.desktop"))


def agent_of(status: dict[str, dict[str, object]]) -> dict[str, object]:
    return status["agent"] or {}


def test_a_purge_without_anybody_to_ask_changes_nothing(home: Path) -> None:
    before = files(home)

    said = complaint("uninstall", "--purge", code=1)

    assert "1 clip in" in said
    assert "journal.sqlite3" in said
    assert "add --yes" in said
    assert files(home) == before


def test_a_purge_leaves_nothing_of_ours_and_all_of_others(home: Path) -> None:
    weavclip("config", "set", "model", "sample")
    weavclip("search", "two peaks")
    (home / "data" / "thesis.odt").touch()

    said = complaint("uninstall", "--purge", "--yes", code=0)

    assert "thesis.odt, which is not weavclip's" in said
    assert files(home) == ["notes.txt", "thesis.odt"]
    assert not (home / "config" / "weavclip").exists()
    assert list((home / "run").iterdir()) == []


@pytest.mark.weaviate
def test_a_purge_deletes_our_collection_in_a_shared_weaviate(
    home: Path, weaviate_endpoint: Endpoint
) -> None:
    for name, value in (
        ("weaviate_url", weaviate_endpoint.url),
        ("weaviate_grpc_url", weaviate_endpoint.grpc_url),
        ("weaviate_api_key", weaviate_endpoint.api_key),
        ("collection", "TestOfLeaving"),
        ("model", "sample"),
    ):
        weavclip("config", "set", name, value)
    weavclip("reindex")
    found = verdicts()

    said = complaint("uninstall", "--purge", "--yes", code=0)

    assert found["Weaviate"]["ok"] is True
    assert "TestOfLeaving_sample_1" in str(found["Weaviate"]["sentence"])
    assert "1 clip  collection TestOfLeaving_sample_1" in said
    assert "deleted TestOfLeaving_sample_1" in said
    assert home.exists()


def test_a_weaviate_of_ones_own_that_does_not_answer_is_wrong_without_any_engine(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert verdicts()["Weaviate"]["ok"] is None
    url = f"http://127.0.0.1:{free_ports(1)[0]}"
    monkeypatch.setenv("WEAVCLIP_WEAVIATE_URL", url)

    found = verdicts()["Weaviate"]
    said = complaint("uninstall", "--purge", "--yes", code=0)

    assert found["ok"] is False
    assert url in str(found["sentence"])
    assert "config set weaviate_url" in str(found["command"])
    assert f"what is in {url} stays" in said
    assert not (home / "data").exists()


def test_a_damaged_journal_is_told_and_the_other_parts_too(home: Path) -> None:
    path = home / "data" / "journal.sqlite3"
    path.write_bytes(b"no database" * 1000)

    found = verdicts("--deep")

    assert found["journal"]["ok"] is False
    assert found["space"]["ok"] is True
    assert "restore" in str(found["journal"]["command"])
