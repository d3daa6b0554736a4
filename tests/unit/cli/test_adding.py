"""Which files are added, and what is said of them."""

from __future__ import annotations

import io
import os
import sys
from pathlib import Path
from uuid import UUID

import pytest
import typer

from weavclip.cli import adding as files_to_add
from weavclip.cli import naming
from weavclip.cli.adding import Adding
from weavclip.domain.errors import QueryError
from weavclip.pipeline.ingest import Outcome, Verdict
from weavclip.privacy.inspector import SUSPECTED


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name in ("b.txt", "a.txt", "deep/er/c.png", ".hidden", ".git/config", "with space.txt"):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(name)
    return tmp_path


def gathered(named: list[str], *, data_dir: Path = Path("/absent")) -> list[Path]:
    return files_to_add.gathered(named, data_dir=data_dir)


def names(found: list[Path], folder: Path) -> list[str]:
    return [str(path.relative_to(folder)) for path in found]


def test_a_folder_stands_for_all_below_it_but_what_is_hidden(folder: Path) -> None:
    found = gathered([str(folder)])

    assert names(found, folder) == ["a.txt", "b.txt", "with space.txt", "deep/er/c.png"]


def test_a_file_that_is_named_twice_is_taken_once(folder: Path) -> None:
    found = gathered([str(folder / "b.txt"), str(folder)])

    assert names(found, folder) == ["b.txt", "a.txt", "with space.txt", "deep/er/c.png"]


def test_a_hidden_file_is_taken_when_it_is_named(folder: Path) -> None:
    assert names(gathered([str(folder / ".hidden")]), folder) == [".hidden"]


def test_a_pattern_reaches_below_folders(folder: Path) -> None:
    found = gathered([str(folder / "**" / "*.png"), str(folder / "a*")])

    assert names(found, folder) == ["deep/er/c.png", "a.txt"]


def test_a_file_whose_name_looks_like_a_pattern_is_itself(folder: Path) -> None:
    (folder / "[a].txt").write_text("brackets")

    assert names(gathered([str(folder / "[a].txt")]), folder) == ["[a].txt"]


def test_a_link_in_a_circle_ends(folder: Path) -> None:
    (folder / "deep" / "back").symlink_to(folder, target_is_directory=True)

    assert len(gathered([str(folder)])) == 4


@pytest.mark.parametrize("end", ["\n", "\0"])
def test_stdin_has_paths_by_line_or_by_nul(
    end: str, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    paths = (str(folder / "with space.txt"), str(folder / "a.txt"))
    given = "".join(path + end for path in paths).encode()
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(given), "utf-8"))

    assert names(gathered(["-"]), folder) == ["with space.txt", "a.txt"]


def test_a_name_on_stdin_may_have_any_bytes_and_ends_by_nul(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    named = [os.fsencode(tmp_path / name) for name in ("two\nlines.txt", "caf\udce9.txt")]
    for each in named:
        Path(os.fsdecode(each)).write_text("words")
    given = b"".join(each + b"\0" for each in named)
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(given), "utf-8"))

    assert [os.fsencode(each) for each in gathered(["-"])] == named


def test_names_without_end_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(naming, "MOST_BYTES", 1000)
    with Path("/dev/zero").open() as zeros:
        monkeypatch.setattr(sys, "stdin", zeros)

        with pytest.raises(QueryError, match="over 1000 bytes"):
            gathered(["-"])


def test_what_is_no_file_is_named_all_the_same_so_that_it_is_told(folder: Path) -> None:
    (folder / "dangling").symlink_to(folder / "absent")
    os.mkfifo(folder / "pipe")

    assert names(gathered([str(folder / "dangling")]), folder) == ["dangling"]
    assert names(gathered([str(folder / "pipe")]), folder) == ["pipe"]
    assert "dangling" in names(gathered([str(folder)]), folder)
    assert "pipe" in names(gathered([str(folder)]), folder)


@pytest.mark.parametrize("name", ["x" * 5000, "~nobody-of-this-name/x", "a.txt/below"])
def test_what_can_be_no_name_is_no_file(name: str) -> None:
    with pytest.raises(typer.BadParameter, match="there is no file"):
        gathered([name])


@pytest.mark.parametrize("name", ["", " "])
def test_an_empty_name_is_not_the_folder_that_one_is_in(name: str) -> None:
    with pytest.raises(typer.BadParameter, match="is empty"):
        gathered([name])


def test_nothing_of_the_data_folder_is_taken(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    own = folder / "deep"

    found = gathered([str(folder), str(own / "er" / "c.png")], data_dir=own)

    assert names(found, folder) == ["a.txt", "b.txt", "with space.txt"]
    assert capsys.readouterr().err == f"weavclip: left out {own}: it is weavclip's own\n"


def test_what_is_not_there_is_wrong_usage(folder: Path) -> None:
    with pytest.raises(typer.BadParameter, match="there is no file"):
        gathered([str(folder / "a.txt"), str(folder / "absent.png")])


def test_the_summary_counts_and_names_each_reason_once() -> None:
    adding = Adding(say_each=False)
    for number in range(3):
        adding.note(Path(f"{number}.txt"), Outcome(Verdict.STORED, UUID(int=number)))
    adding.note(Path("again.txt"), Outcome(Verdict.COUNTED, UUID(int=1)))
    adding.note(Path("one.zip"), Outcome(Verdict.SKIPPED, reason="neither picture nor text"))
    adding.note(Path("two.zip"), Outcome(Verdict.SKIPPED, reason="neither picture nor text"))

    assert list(adding.summary()) == [
        "3 clips added, 1 known already, 2 skipped",
        "skipped 2: neither picture nor text (first: one.zip)",
    ]


def test_a_pipe_gets_a_line_a_file(capsys: pytest.CaptureFixture[str]) -> None:
    adding = Adding(say_each=True)

    adding.note(Path("a.txt"), Outcome(Verdict.STORED, UUID(int=1)))
    adding.note(Path("b\n.zip"), Outcome(Verdict.SKIPPED, reason="no text"))

    expected = f"{UUID(int=1)}\tstored\ta.txt\n\tskipped\tb␊.zip\n"
    assert capsys.readouterr().out == expected


def test_what_looks_like_a_secret_is_counted_apart() -> None:
    adding = Adding(say_each=False)
    for name, reason in (("a", f"{SUSPECTED} (credit card)"), ("b", f"{SUSPECTED} (password)")):
        adding.note(Path(name), Outcome(Verdict.SKIPPED, reason=reason))
    adding.note(Path("c"), Outcome(Verdict.SKIPPED, reason="nothing in it can be kept"))

    assert adding.secrets == 2
