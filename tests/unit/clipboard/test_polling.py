from __future__ import annotations

import logging
import subprocess
import threading
from typing import TYPE_CHECKING

import pytest

from tests.owners import owner
from tests.waiting import WITHIN_S, until
from tests.watching import text_of, watched
from weavclip.clipboard.polling import PollingSource
from weavclip.domain.errors import NoClipboardError

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.x11


def copy(text: str) -> None:
    """By xclip, which parts from its caller before it owns the selection."""
    subprocess.run(
        ["xclip", "-selection", "clipboard", "-i"],
        input=text.encode(),
        stdout=subprocess.DEVNULL,
        check=True,
        timeout=WITHIN_S,
    )
    paste = ["xclip", "-selection", "clipboard", "-o"]
    until(
        lambda: (
            subprocess.run(paste, capture_output=True, timeout=WITHIN_S, check=False).stdout
            == text.encode()
        )
    )


@pytest.mark.usefixtures("display")
def test_each_new_text_is_yielded_once() -> None:
    copy("first")
    with watched(PollingSource(0.02, read_timeout_s=WITHIN_S)) as watching:
        watching.wait_for(1)
        copy("second")
        watching.wait_for(2)
        copy("first")
        watching.wait_for(3)

        assert watching.texts() == ["first", "second", "first"]
        assert [each.on_start for each in watching.offers] == [True, False, False]


def test_a_hung_owner_costs_its_copy_and_no_more(display: str) -> None:
    with owner(display) as hung, watched(PollingSource(0.02, read_timeout_s=0.5)) as watching:
        hung.copy({"UTF8_STRING": b"never"}, hang=["UTF8_STRING"])
        watching.wait_for(1)
        copy("after")
        until(lambda: "after" in watching.texts())

        assert watching.offers[0].problems == ("text/plain was not answered within 0.5 s",)


@pytest.mark.usefixtures("display")
def test_it_says_what_it_cannot_see_and_logs_no_content(
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.DEBUG)
    copy("hunter2")

    offer = next(iter(PollingSource(0.02, read_timeout_s=WITHIN_S).watch(threading.Event())))

    assert text_of(offer) == "hunter2"
    assert "no hint of a password manager" in caplog.text
    assert "hunter2" not in caplog.text


def test_a_machine_without_a_tool_to_read_with_is_told_which(
    display: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    assert display

    with pytest.raises(NoClipboardError, match="pyperclip cannot reach a clipboard") as raised:
        PollingSource().present()

    assert "xclip" in raised.value.hint
