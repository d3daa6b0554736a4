from __future__ import annotations

import os
import threading
from typing import TYPE_CHECKING

import pytest

from tests.waiting import WITHIN_S
from weavclip.pictures import local_files
from weavclip.pictures.local_files import LocalPictures

if TYPE_CHECKING:
    from pathlib import Path

CONTENT = b"\x89PNG a picture's bytes"


@pytest.fixture
def picture(tmp_path: Path) -> Path:
    path = tmp_path / "chart.PNG"
    path.write_bytes(CONTENT)
    return path


@pytest.fixture
def files() -> LocalPictures:
    return LocalPictures(most_bytes=100, timeout_s=WITHIN_S)


def test_the_first_picture_of_a_list_is_read(
    files: LocalPictures, picture: Path, tmp_path: Path
) -> None:
    (tmp_path / "notes.txt").write_bytes(b"no picture")

    paths = [str(tmp_path / "notes.txt"), str(tmp_path / "absent.png"), str(picture)]

    assert files.first(paths) == CONTENT


def test_a_link_to_a_picture_is_followed(
    files: LocalPictures, picture: Path, tmp_path: Path
) -> None:
    (tmp_path / "link.png").symlink_to(picture)

    assert files.first([str(tmp_path / "link.png")]) == CONTENT


def test_what_is_no_file_too_large_or_not_there_is_left_alone(
    files: LocalPictures, tmp_path: Path
) -> None:
    (tmp_path / "large.png").write_bytes(bytes(101))
    (tmp_path / "folder.png").mkdir()
    (tmp_path / "empty.png").touch()
    os.mkfifo(tmp_path / "pipe.png")
    (tmp_path / "to_memory.png").symlink_to("/proc/self/mem")
    (tmp_path / "endless.png").symlink_to("/dev/zero")
    (tmp_path / "circle.png").symlink_to(tmp_path / "circle.png")
    names = ("large", "folder", "empty", "pipe", "to_memory", "endless", "circle", "absent")

    for name in names:
        assert files.first([str(tmp_path / f"{name}.png")]) is None, name
    assert files.first(["\0.png", "", "relative.png"]) is None


def test_a_file_on_another_machine_is_not_touched(
    files: LocalPictures, picture: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    mounts = tmp_path / "mountinfo"
    mounts.write_text(
        "1 0 0:1 / / rw - ext4 /dev/sda rw\n"
        f"2 1 0:2 / {tmp_path} rw - nfs4 server:/home rw\n"
        "3 1 0:3 / /else rw - ext4 /dev/sdb rw\n"
    )
    monkeypatch.setattr(local_files, "_MOUNTS", mounts)

    assert files.first([str(picture)]) is None


def test_a_read_that_hangs_is_left_behind_and_no_other_is_begun(
    picture: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    goes_on, asked = threading.Event(), list[str]()

    def hang(path: str) -> bool:
        asked.append(path)
        goes_on.wait(WITHIN_S)
        return False

    monkeypatch.setattr(local_files, "_is_local", hang)
    files = LocalPictures(most_bytes=100, timeout_s=0.05)

    assert files.first([str(picture)]) is None
    assert files.first([str(picture)]) is None

    goes_on.set()
    assert len(asked) == 1
