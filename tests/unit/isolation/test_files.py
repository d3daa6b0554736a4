"""A file that a person names is read to a limit, and nothing else is waited for."""

from __future__ import annotations

import os
import socket
from pathlib import Path

import pytest

from weavclip.isolation import files

MOST = 1000


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Is the current one: a socket's whole path may have no more than a hundred bytes."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_a_file_is_read_whole_up_to_the_limit_and_through_links(folder: Path) -> None:
    (folder / "file").write_bytes(b"x" * MOST)
    (folder / "link").symlink_to("file")

    assert files.read(Path("file"), most_bytes=MOST) == b"x" * MOST
    assert files.read(Path("link"), most_bytes=MOST) == b"x" * MOST


def test_one_byte_more_is_refused_by_the_limits_name(folder: Path) -> None:
    (folder / "file").write_bytes(b"x" * (MOST + 1))

    with pytest.raises(files.TooLargeError) as raised:
        files.read(Path("file"), most_bytes=MOST, setting="max_image_bytes")

    assert raised.value.strerror == "it is over max_image_bytes=1000"


def test_a_size_that_is_over_the_limit_is_believed(folder: Path) -> None:
    (folder / "sparse").touch()
    os.truncate(folder / "sparse", 10 << 30)

    with pytest.raises(files.TooLargeError, match="it is over 1000 bytes"):
        files.read(Path("sparse"), most_bytes=MOST)


def test_a_size_of_none_is_not_believed() -> None:
    path = Path("/proc/self/status")

    assert path.stat().st_size == 0
    assert b"Pid:" in files.read(path, most_bytes=1_000_000)
    with pytest.raises(files.TooLargeError):
        files.read(path, most_bytes=10)


def test_what_grows_while_it_is_read_is_read_to_the_limit(folder: Path) -> None:
    (folder / "file").write_bytes(b"x")
    with files.opened(Path("file")) as file:
        (folder / "file").write_bytes(b"x" * (MOST + 1))

        with pytest.raises(files.TooLargeError):
            files.bounded(file, most_bytes=MOST)


def test_what_shrinks_while_it_is_read_is_what_is_left(folder: Path) -> None:
    (folder / "file").write_bytes(b"x" * MOST)
    with files.opened(Path("file")) as file:
        os.truncate(folder / "file", 3)

        assert files.bounded(file, most_bytes=MOST) == b"xxx"


def test_an_endless_stream_is_read_to_the_limit() -> None:
    with Path("/dev/zero").open("rb") as zeros, pytest.raises(files.TooLargeError):
        files.bounded(zeros, most_bytes=MOST)


def test_what_is_no_file_is_refused_by_what_it_is(folder: Path) -> None:
    os.mkfifo(folder / "pipe")
    (folder / "to_pipe").symlink_to("pipe")
    (folder / "dangling").symlink_to("absent")
    (folder / "circle").symlink_to("circle")
    with socket.socket(socket.AF_UNIX) as bound:
        bound.bind("socket")

    assert {name: refusal(name) for name in REFUSALS} == REFUSALS
    assert "symbolic links" in refusal("circle")


REFUSALS = {
    "pipe": "it is a pipe, not a file",
    "to_pipe": "it is a pipe, not a file",
    "socket": "it is a socket, not a file",
    "/dev/zero": "it is a device, not a file",
    ".": "it is a folder, not a file",
    "dangling": "it is a link to nothing",
    "absent": "No such file or directory",
    "nul\0": "no file can have its name",
    "/proc/self/mem": "Input/output error",
}


def refusal(name: str) -> str:
    with pytest.raises(OSError, match=r"\w") as raised:
        files.read(Path(name), most_bytes=MOST)
    return str(raised.value.strerror)


def test_a_pipe_that_takes_the_files_place_is_not_waited_for(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (folder / "file").touch()
    of_file = (folder / "file").stat()
    (folder / "file").unlink()
    os.mkfifo(folder / "file")
    monkeypatch.setattr(files, "_looked_at", lambda _: of_file)

    assert refusal("file") == "it is a pipe, not a file"


def test_the_null_device_is_an_empty_file() -> None:
    assert files.read(Path(os.devnull), most_bytes=MOST) == b""


def test_a_link_is_not_followed_where_none_may_be(folder: Path) -> None:
    (folder / "file").write_bytes(b"words")
    (folder / "link").symlink_to("file")

    assert files.read(Path("file"), most_bytes=MOST, follow=False) == b"words"
    with pytest.raises(OSError, match="symbolic links"):
        files.read(Path("link"), most_bytes=MOST, follow=False)


def test_names_may_have_any_bytes(folder: Path) -> None:
    for name in (b"caf\xe9", b"two\nlines", b"\x1b[2J"):
        (folder / os.fsdecode(name)).write_bytes(name)

        assert files.read(Path(os.fsdecode(name)), most_bytes=MOST) == name


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("file", True),
        ("pipe", True),
        ("dangling", True),
        (".", False),
        ("absent", False),
        ("x" * 5000, False),
        ("file/below", False),
        ("nul\0", False),
    ],
)
def test_a_name_is_told_from_words(folder: Path, name: str, *, expected: bool) -> None:
    (folder / "file").touch()
    os.mkfifo(folder / "pipe")
    (folder / "dangling").symlink_to("absent")

    assert files.is_there(Path(name)) is expected
