"""What was forgotten is in no byte, while an agent watches and an engine answers."""

from __future__ import annotations

import json
import os
import subprocess
from typing import TYPE_CHECKING, Any

import pytest

from scripts.sample_model import drawings
from tests.e2e.programs import WEAVCLIP, bytes_below, watching, weavclip
from tests.owners import owner
from tests.waiting import WITHIN_S, until

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.e2e.programs import Agent
    from tests.owners import Owner

pytestmark = pytest.mark.x11

HIDDEN = "Zwiebelfisch-7391 Quasselstrippe"
MARKUP = b"<a href='https://example.org/?token=Xylophon-4711'>a link</a>"
TRACES = (HIDDEN, "Zwiebelfisch", "quasselstrippe", "Xylophon-4711", "xylophon")


@pytest.fixture(autouse=True)
def sample_engine(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[None]:
    monkeypatch.setenv("WEAVCLIP_MODEL", "sample")
    monkeypatch.setenv("WEAVCLIP_INDEX", "exact")
    monkeypatch.setenv("WEAVCLIP_ENGINE_PAUSE_S", "0.1")
    monkeypatch.setenv("WEAVCLIP_CONFIG", str(tmp_path / "config.toml"))
    yield
    weavclip("engine", "--stop")


@pytest.fixture
def program(display: str) -> Iterator[Owner]:
    with owner(display) as program:
        yield program


@pytest.fixture
def picture() -> bytes:
    return drawings.png(drawings.named("mountains at night"), seed=3, side_px=512)


def status() -> dict[str, Any]:
    found: dict[str, Any] = json.loads(weavclip("status", "--json"))
    return found


def engine_process() -> int:
    """The engine's process, once it has a moment to say so."""
    return int(until(lambda: status()["engine"])["pid"])


def previews() -> list[str]:
    return [each["preview"] for each in json.loads(weavclip("list", "--json"))]


def assert_gone(data_dir: Path, picture: bytes) -> None:
    """No word in any encoding, no part of the picture's bytes, in no file and no name."""
    kept = bytes_below(data_dir)
    found = [
        trace
        for trace in TRACES
        for encoding in ("utf-8", "utf-16-le", "utf-16-be")
        if trace.encode(encoding) in kept
    ]
    assert found == []
    assert picture[64:160] not in kept
    assert picture[-160:-64] not in kept


def copy_all(program: Owner, picture: bytes, agent: Agent) -> None:
    """Four copies, each stored before the next is made."""
    copies = (
        {"UTF8_STRING": HIDDEN.encode()},
        {"UTF8_STRING": b"a link", "text/html": MARKUP},
        {"image/png": picture},
        {"UTF8_STRING": b"harmless words that stay"},
    )
    for count, copy in enumerate(copies, start=1):
        program.copy(copy)
        agent.stored(count)


def test_clips_are_forgotten_by_what_they_are_while_agent_and_engine_run(
    program: Owner, picture: bytes, tmp_path: Path
) -> None:
    with watching() as agent:
        copy_all(program, picture, agent)
        until(lambda: status()["stages"].get("indexed") == 4)
        engine = engine_process()

        weavclip("forget", "--matching", "QUASSELSTRIPPE", "--since", "10m", "--yes")
        weavclip("forget", "--matching", "xylophon", "--yes")
        weavclip("forget", "--kind", "image", "--last", "--yes")

        assert_gone(tmp_path / "data", picture)
        assert previews() == ["harmless words that stay"]
        assert engine_process() == engine
        assert agent.process.poll() is None
        program.copy({"UTF8_STRING": b"copied afterwards"})
        agent.stored(5)
    assert_gone(tmp_path / "data", picture)


def test_everything_is_forgotten_at_once_and_the_agent_goes_on(
    program: Owner, picture: bytes, tmp_path: Path
) -> None:
    with watching() as agent:
        copy_all(program, picture, agent)
        until(lambda: status()["stages"].get("indexed") == 4)
        weavclip("pin", json.loads(weavclip("list", "--json"))[0]["id"])

        weavclip("forget", "--all", "--yes")

        assert_gone(tmp_path / "data", picture)
        assert b"harmless" not in bytes_below(tmp_path / "data")
        assert previews() == []
        program.copy({"UTF8_STRING": b"a new beginning"})
        agent.stored(5)
        until(lambda: status()["stages"].get("indexed") == 1)
        found = json.loads(weavclip("search", "beginning", "--json"))
        assert [each["preview"] for each in found] == ["a new beginning"]


def test_what_was_forgotten_is_not_taken_again_when_the_next_agent_starts(
    program: Owner, tmp_path: Path
) -> None:
    with watching() as agent:
        program.copy({"UTF8_STRING": HIDDEN.encode()})
        agent.stored(1)
    weavclip("forget", "--last", "--yes")

    with watching() as agent:
        agent.heard("there before")
        program.copy({"UTF8_STRING": b"the next copy"})
        agent.stored(1)

    assert previews() == ["the next copy"]
    assert HIDDEN.encode() not in bytes_below(tmp_path / "data")


def test_an_interrupted_forget_is_finished_by_the_next_one(tmp_path: Path) -> None:
    folder = tmp_path / "texts"
    folder.mkdir()
    for number in range(30):
        (folder / f"{number}.txt").write_text(f"{HIDDEN} {number}")
    weavclip("add", str(folder))
    program = (
        "import os; from pathlib import Path\n"
        "from weavclip.journal.store import SqliteJournal\n"
        "from weavclip.domain.query import Filter\n"
        "journal = SqliteJournal.open(Path(os.environ['WEAVCLIP_DATA_DIR']), reserve_bytes=0)\n"
        "journal.forget([clip.id for clip in journal.clips(where=Filter())])\n"
        "os._exit(9)\n"
    )
    subprocess.run([WEAVCLIP[0], "-c", program], env=os.environ, check=False, timeout=WITHIN_S)

    weavclip("forget", "--matching", "Quasselstrippe", "--yes")

    kept = bytes_below(tmp_path / "data")
    assert b"quasselstrippe" not in kept
    assert b"Quasselstrippe" not in kept


@pytest.mark.parametrize(
    "conditions",
    [(), ("--all", "--last"), ("--all", "3f9a"), ("--since", "10m", "--all")],
)
def test_unclear_wishes_are_wrong_usage(conditions: tuple[str, ...]) -> None:
    weavclip("forget", *conditions, code=2)


def test_conditions_are_combined_and_ids_narrow_them(tmp_path: Path) -> None:
    folder = tmp_path / "texts"
    folder.mkdir()
    for name in ("pears one", "pears two", "plums"):
        (folder / f"{name}.txt").write_text(name)
    weavclip("add", str(folder))
    ids = {each["preview"]: each["id"] for each in json.loads(weavclip("list", "--json"))}

    weavclip("forget", ids["plums"], ids["pears two"], "--matching", "two", "--last", "--yes")
    weavclip("forget", "--matching", "-", "--yes", stdin=b"plums and more\n")
    weavclip("forget", "--kind", "link", "--yes")
    weavclip("forget", "--before", "1 hour ago", "--yes")

    assert sorted(previews()) == ["pears one", "plums"]
    weavclip("forget", "--last", "2", code=1)
    assert sorted(previews()) == ["pears one", "plums"]
