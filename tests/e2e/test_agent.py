"""A live agent on a real X server, with a toolkit-like program that copies."""

from __future__ import annotations

import io
import json
import os
import signal
from typing import TYPE_CHECKING

import pytest
from PIL import Image

from tests.e2e.programs import bytes_below, watching, weavclip
from tests.owners import owner
from tests.waiting import until

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.owners import Owner

pytestmark = pytest.mark.x11

HEAVY = ("numpy", "onnxruntime", "PIL", "weaviate", "tokenizers", "rich", "pydantic")
SECRET = b"correct horse battery staple"


@pytest.fixture
def data_dir(tmp_path: Path) -> Path:
    return tmp_path / "data"


@pytest.fixture
def program(display: str) -> Iterator[Owner]:
    with owner(display) as program:
        yield program


def picture() -> bytes:
    buffer = io.BytesIO()
    Image.effect_noise((640, 480), 60).save(buffer, "PNG")
    return buffer.getvalue()


def test_a_live_agent_imports_nothing_heavy(program: Owner) -> None:
    with watching(PYTHONPROFILEIMPORTTIME="1") as agent:
        program.copy({"UTF8_STRING": b"two peaks"})
        agent.stored(1)
        program.copy({"image/png": picture()})
        agent.stored(2)
    imported = {
        line.rpartition("|")[2].strip().partition(".")[0]
        for line in agent.said
        if line.startswith("import time:")
    }

    assert "weavclip" in imported
    assert imported.isdisjoint(HEAVY)


def test_a_terminated_agent_ends_well_with_all_stored(program: Owner) -> None:
    with watching() as agent:
        for n in range(1, 11):
            program.copy({"UTF8_STRING": f"copy {n}".encode()})
            stored = agent.stored(n)
        os.kill(agent.process.pid, signal.SIGTERM)
        code = agent.finish()

    listed = json.loads(weavclip("list", "--json"))
    assert code == 0
    assert {each["id"] for each in listed} == set(stored)


def test_a_marked_secret_leaves_no_byte_anywhere(program: Owner, data_dir: Path) -> None:
    with watching() as agent:
        program.copy({"UTF8_STRING": SECRET, "x-kde-passwordManagerHint": b"secret"})
        line = agent.heard("password manager hint")
        program.copy({"UTF8_STRING": b"harmless"})
        stored = agent.stored(1)
        kept = bytes_below(data_dir)

    assert SECRET not in kept
    assert SECRET.decode() not in "\n".join(agent.said)
    assert stored[0] not in line
    assert len(json.loads(weavclip("list", "--json"))) == 1


def test_a_clip_copied_back_outlives_the_command_and_is_not_captured_again(
    program: Owner, data_dir: Path
) -> None:
    with watching() as agent:
        program.copy({"UTF8_STRING": "naïve ☃".encode()})
        first = agent.stored(1)[0]
        program.copy({"UTF8_STRING": b"something else"})
        agent.stored(2)

        weavclip("copy", first)
        agent.heard("our own copy")
        shown = weavclip("search", "--clipboard", "--json")
        counted = agent.ids().count(first)

    assert counted == 1
    assert json.loads(shown)[0]["id"] == first
    assert data_dir.is_dir()


def test_a_second_agent_is_refused(display: str) -> None:
    del display
    with watching():
        weavclip("watch", code=1)


def test_a_killed_agent_leaves_nothing_in_the_way_of_the_next(program: Owner) -> None:
    with watching() as agent:
        program.copy({"UTF8_STRING": b"before"})
        agent.stored(1)
        agent.process.kill()
        agent.finish()
    with watching() as agent:
        program.copy({"UTF8_STRING": b"after"})
        until(lambda: len(json.loads(weavclip("list", "--json"))) == 2)
