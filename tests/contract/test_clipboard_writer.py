"""What every clipboard writer promises, seen by a program of another maker (xclip)."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from weavclip.clipboard.polling import PlainWriter
from weavclip.clipboard.x11_writer import X11Writer
from weavclip.domain.clip import new_id

if TYPE_CHECKING:
    from weavclip.domain.ports import ClipboardWriter

pytestmark = pytest.mark.x11
TEXT = "zwölf Boxkämpfer\nund ein 🥊".encode()
MAKERS = {"x11": "X11Writer(None)", "plain": "PlainWriter()"}


@pytest.fixture(params=sorted(MAKERS))
def kind(request: pytest.FixtureRequest, display: str) -> str:
    if shutil.which("xclip") is None:
        pytest.skip("xclip is not installed")
    assert os.environ["DISPLAY"] == display
    return str(request.param)


@pytest.fixture
def writer(kind: str) -> ClipboardWriter:
    return X11Writer(None) if kind == "x11" else PlainWriter()


def pasted() -> bytes:
    command = ["xclip", "-selection", "clipboard", "-o"]
    return subprocess.run(command, capture_output=True, check=True, timeout=10).stdout


def test_a_text_is_there_when_put_returns(writer: ClipboardWriter) -> None:
    writer.put({"text/plain": TEXT}, clip_id=new_id())

    assert pasted() == TEXT


def test_the_newer_of_two_is_there(writer: ClipboardWriter) -> None:
    writer.put({"text/plain": b"older"}, clip_id=new_id())
    writer.put({"text/plain": b"newer"}, clip_id=new_id())

    assert pasted() == b"newer"


def test_a_large_text_comes_whole(writer: ClipboardWriter) -> None:
    writer.put({"text/plain": TEXT * 40_000}, clip_id=new_id())

    assert pasted() == TEXT * 40_000


def test_it_outlives_the_process_that_put_it(kind: str) -> None:
    code = (
        "from weavclip.clipboard.polling import PlainWriter\n"
        "from weavclip.clipboard.x11_writer import X11Writer\n"
        "from weavclip.domain.clip import new_id\n"
        f"{MAKERS[kind]}.put({{'text/plain': b'still here'}}, clip_id=new_id())\n"
    )
    command = [sys.executable, "-c", code]
    subprocess.run(command, check=True, timeout=30, stdout=subprocess.DEVNULL)

    assert pasted() == b"still here"
