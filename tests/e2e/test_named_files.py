"""What a person names and is no file, or has no end, ends every command with a sentence."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path

import pytest

from tests.e2e.programs import WEAVCLIP, weavclip
from tests.waiting import WITHIN_S

PIPE = "pipe.png"
ZERO = "/dev/zero"


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with a real pipe that nobody ever writes to."""
    desk = tmp_path / "desk"
    desk.mkdir()
    os.mkfifo(desk / PIPE)
    monkeypatch.chdir(desk)
    monkeypatch.setenv("WEAVCLIP_MODEL", "sample")
    monkeypatch.setenv("WEAVCLIP_CONFIG", str(tmp_path / "config.toml"))
    return desk


def said(*options: str, stdin: str = os.devnull, code: int = 1) -> str:
    """The stderr of a command that must end with ``code``."""
    with Path(stdin).open("rb") as given:
        done = subprocess.run(
            [*WEAVCLIP, *options], stdin=given, capture_output=True, timeout=WITHIN_S, check=False
        )
    told = done.stderr.decode()
    assert done.returncode == code, told
    return told


@pytest.mark.parametrize(
    "options",
    [
        ("search", "--image", PIPE),
        ("compare", ZERO, "a chart", "a photo"),
        ("embed", "--texts", PIPE),
        ("import", ZERO),
        ("import", "--from", "gpaste", PIPE),
        ("restore", PIPE, "--yes"),
    ],
)
@pytest.mark.usefixtures("desk")
def test_what_is_no_file_is_refused_by_what_it_is(options: tuple[str, ...]) -> None:
    kind = "device" if ZERO in options else "pipe"

    told = said(*options)

    assert f"cannot be read: it is a {kind}, not a file" in told
    assert "\n  try: " in told


@pytest.mark.parametrize(
    ("options", "limit"),
    [
        (("add", "-"), "over 67108864 bytes"),
        (("search", "--image", "-"), "over max_image_bytes=50000000"),
        (("embed", "--texts", "-"), "over max_text_bytes=10000000"),
        (("forget", "--matching", "-"), "over 65536 bytes"),
        (("import", "-"), "no file of 'weavclip export'"),
    ],
)
@pytest.mark.usefixtures("desk")
def test_standard_input_without_end_is_left_with_a_sentence(
    options: tuple[str, ...], limit: str
) -> None:
    told = said(*options, stdin=ZERO)

    assert limit in told
    assert "\n  try: " in told


@pytest.mark.parametrize("name", ["config.toml", "labels.toml"])
def test_settings_and_labels_are_files(desk: Path, name: str) -> None:
    os.mkfifo(desk.parent / name)

    told = said("labels")

    assert f"{name} cannot be read: it is a pipe, not a file" in told
    assert "try: mend or remove " in told


def test_a_folder_gives_its_files_and_tells_of_all_else(desk: Path) -> None:
    names = (b"good.txt", b"caf\xe9.txt", b"two\nlines.txt", b"\x1b[2J.txt")
    for place, name in enumerate(names):
        (desk / os.fsdecode(name)).write_text(f"words {place}")
    (desk / "zero.png").symlink_to(ZERO)
    (desk / "dangling.png").symlink_to("absent")
    (desk / "sparse.png").touch()
    os.truncate(desk / "sparse.png", 10 << 30)

    told = said("add", ".", code=0)

    assert "4 clips added, 0 known already, 4 skipped" in told
    for why in (
        "it is a pipe, not a file (first: pipe.png)",
        "it is a device, not a file (first: zero.png)",
        "it is a link to nothing (first: dangling.png)",
        "it is over max_image_bytes=50000000 (first: sparse.png)",
    ):
        assert why in told


def test_what_cannot_be_encoded_keeps_no_other_from_it(desk: Path) -> None:
    (desk / "notes.txt").write_text("two peaks")

    rows = [json.loads(line) for line in weavclip("embed", ".").splitlines()]

    assert [row["id"] for row in rows] == ["notes.txt"]
    assert "skipped pipe.png: it cannot be read: it is a pipe" in said("embed", PIPE)


def test_a_name_does_not_drive_the_terminal() -> None:
    assert "␛[2J.txt cannot be read" in said("search", "--image", "\x1b[2J.txt")
