from __future__ import annotations

import stat
import threading
from typing import TYPE_CHECKING

from weavclip.index.server import logs

if TYPE_CHECKING:
    from pathlib import Path

    import pytest


def test_the_last_lines_are_read(tmp_path: Path) -> None:
    log = tmp_path / "log"
    log.write_text("".join(f"{number}\n" for number in range(100)))

    assert logs.tail(log, lines=3) == ["97", "98", "99"]
    assert logs.tail(tmp_path / "absent", lines=3) == []


def test_a_large_log_is_moved_while_its_writer_goes_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(logs, "MAX_BYTES", 10)
    log = tmp_path / "log"
    with log.open("a", encoding="utf-8") as writer:
        writer.write("more than ten bytes\n")
        writer.flush()

        logs.rotate(log)
        writer.write("next\n")

    assert log.read_text() == "next\n"
    assert (tmp_path / "log.1").read_text() == "more than ten bytes\n"
    assert stat.S_IMODE((tmp_path / "log.1").stat().st_mode) == 0o600


def test_a_small_log_and_none_stay_as_they_are(tmp_path: Path) -> None:
    log = tmp_path / "log"
    logs.rotate(log)
    log.write_text("short\n")

    logs.rotate(log)

    assert [path.name for path in tmp_path.iterdir()] == ["log"]


def test_following_goes_on_after_a_rotation(tmp_path: Path) -> None:
    log = tmp_path / "log"
    log.write_text("a long line before the rotation\n")
    stop = threading.Event()
    lines = logs.follow(log, lines=5, stop=stop)

    first = next(lines)
    log.write_text("after\n")
    second = next(lines)
    stop.set()

    assert (first, second) == ("a long line before the rotation", "after")
    assert list(lines) == []
