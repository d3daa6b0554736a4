"""What programs read from the command line, and what they may rely on."""

from __future__ import annotations

import json
import shlex
import shutil
import signal
import subprocess
from pathlib import Path

import pytest

from tests.conftest import clear_settings
from tests.e2e.programs import WEAVCLIP, weavclip
from tests.waiting import WITHIN_S

EVIL = "two peaks \x1b]0;owned\x07 in the \u202eharbour"


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, str]]:
    """A data folder with three clips, and their ids by the files' names."""
    folder = tmp_path_factory.mktemp("files")
    (folder / "apples.txt").write_text("apples and pears\r\non two lines")
    (folder / "evil.txt").write_text(EVIL, encoding="utf-8")
    (folder / "page.html").write_text("<p>harbour lights</p>")
    place = tmp_path_factory.mktemp("kept")
    with pytest.MonkeyPatch.context() as patch:
        clear_settings(patch, place)
        printed = weavclip("add", str(folder))
    rows = (line.split("\t") for line in printed.splitlines())
    return place / "data", {path.rpartition("/")[2]: clip_id for clip_id, _verdict, path in rows}


@pytest.fixture
def added(kept: tuple[Path, dict[str, str]], tmp_path: Path) -> dict[str, str]:
    """The ids by the files' names, in a data folder of the test's own."""
    data_dir, ids = kept
    shutil.copytree(data_dir, tmp_path / "data")
    return ids


def run(*options: str, stdin: bytes = b"") -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(
        [*WEAVCLIP, *options], input=stdin, capture_output=True, timeout=WITHIN_S, check=False
    )


def test_a_list_is_lines_of_five_columns_the_last_copied_first(added: dict[str, str]) -> None:
    rows = [line.split("\t") for line in weavclip("list").splitlines()]

    assert [row[0] for row in rows] == [*reversed(added.values())]
    assert {len(row) for row in rows} == {5}
    assert [row[1] for row in rows] == ["html", "text", "text"]


def test_records_end_with_nul_when_asked(added: dict[str, str]) -> None:
    records = weavclip("list", "-0").split("\0")

    assert records.pop() == ""
    assert {record.split("\t")[0] for record in records} == set(added.values())


def test_a_record_can_be_handed_on(added: dict[str, str]) -> None:
    record = weavclip("list", "-0").split("\0")[0]

    weavclip("pin", "-", stdin=record.encode())

    assert weavclip("list", "--pinned").split("\t")[0] == added["page.html"]


def test_json_is_what_is_documented(added: dict[str, str]) -> None:
    found = json.loads(weavclip("search", "apples", "--json", "--no-engine"))

    assert [each["id"] for each in found] == [added["apples.txt"]]
    assert found[0]["index"] == "exact"
    assert found[0]["preview"] == "apples and pears on two lines"


def test_no_search_prints_what_a_terminal_would_obey(added: dict[str, str]) -> None:
    assert added
    for options in ((), ("--json",), ("-0",)):
        printed = weavclip("search", "harbour", "--no-engine", *options)
        assert not {"\x1b", "\x07", "\u202e"} & set(printed)


def test_show_gives_a_pipe_the_exact_text(added: dict[str, str]) -> None:
    assert run("show", added["evil.txt"]).stdout.decode() == EVIL


def test_show_writes_a_file_for_the_user_only(added: dict[str, str], tmp_path: Path) -> None:
    target = tmp_path / "out.txt"

    weavclip("show", added["evil.txt"], "--out", str(target))

    assert target.read_text(encoding="utf-8") == EVIL
    assert target.stat().st_mode & 0o077 == 0


def test_show_has_each_type_that_was_kept(added: dict[str, str]) -> None:
    markup = weavclip("show", added["page.html"], "--mime", "text/html")
    words = weavclip("show", added["page.html"])

    assert (markup, words) == ("<p>harbour lights</p>", "harbour lights")


def test_show_knows_what_is_known(added: dict[str, str]) -> None:
    known = json.loads(weavclip("show", added["page.html"], "--json"))

    assert known["types"] == ["text/html", "text/plain"]
    assert f"id\t{added['page.html']}\n" in weavclip("show", added["page.html"], "--meta")


def test_the_first_of_the_last_list_is_at_1(added: dict[str, str]) -> None:
    weavclip("search", "apples", "--no-engine")

    assert weavclip("show", "@1") == run("show", added["apples.txt"]).stdout.decode()


def test_kind_text_admits_markup_and_html_only_that(added: dict[str, str]) -> None:
    assert len(weavclip("list", "--kind", "text").splitlines()) == 3
    assert weavclip("list", "--kind", "html").split("\t")[0] == added["page.html"]
    assert weavclip("list", "--kind", "image") == ""


def test_an_hour_ago_nothing_was_there(added: dict[str, str]) -> None:
    assert added
    assert weavclip("list", "--before", "1 hour ago") == ""
    assert len(weavclip("list", "--since", "1 hour ago").splitlines()) == 3


def test_nothing_that_fits_is_no_error(added: dict[str, str]) -> None:
    assert added
    done = run("search", "zebra", "--no-engine")

    assert (done.returncode, done.stdout) == (0, b"")
    assert b"nothing fits" in done.stderr


def test_forget_asks_nobody_in_a_pipe_and_refuses(added: dict[str, str]) -> None:
    done = run("forget", added["evil.txt"])

    assert done.returncode == 1
    assert b"add --yes" in done.stderr
    assert b"peaks" not in done.stderr
    assert len(weavclip("list").splitlines()) == 3


def test_what_is_forgotten_is_gone(added: dict[str, str]) -> None:
    weavclip("forget", "-", "--yes", stdin="\n".join(added.values()).encode())

    assert weavclip("list") == ""
    assert run("show", added["evil.txt"]).returncode == 1


@pytest.mark.parametrize("encoding", ["latin-1", "ascii:surrogateescape"])
def test_what_the_locale_lacks_is_a_question_mark(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, encoding: str
) -> None:
    (tmp_path / "a.txt").write_text("会議 at three", encoding="utf-8")
    weavclip("add", str(tmp_path / "a.txt"))
    monkeypatch.setenv("PYTHONIOENCODING", encoding)

    assert "?? at three" in weavclip("list")


def test_a_reader_who_leaves_is_no_error(added: dict[str, str]) -> None:
    assert added
    process = subprocess.Popen([*WEAVCLIP, "list"], stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    assert process.stdout is not None
    process.stdout.close()

    _, said = process.communicate(timeout=WITHIN_S)

    assert (process.returncode, said) == (0, b"")


def test_an_interrupted_add_keeps_what_is_done_and_says_how_to_go_on(tmp_path: Path) -> None:
    folder = tmp_path / "many"
    folder.mkdir()
    for number in range(2000):
        (folder / f"{number}.txt").write_text(f"text {number}")
    process = subprocess.Popen(
        [*WEAVCLIP, "add", str(folder)], stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    assert process.stdout is not None

    first = process.stdout.readline().decode()
    process.send_signal(signal.SIGINT)
    rest, said = process.communicate(timeout=WITHIN_S)

    assert process.returncode == 130
    assert b"'weavclip add' goes on" in said
    printed = first + rest.decode()
    kept = {line.split("\t")[0] for line in weavclip("list").splitlines()}
    assert {line.split("\t")[0] for line in printed.splitlines()} <= kept
    assert len(kept) < 2000


@pytest.mark.parametrize("name", ["@9", "ffff", "no id at all"])
def test_an_unknown_clip_is_an_error_with_a_hint(name: str, added: dict[str, str]) -> None:
    assert added
    done = run("show", name)

    assert done.returncode == 1
    assert done.stdout == b""
    assert b"  try: " in done.stderr


def test_status_and_doctor_speak_json(added: dict[str, str]) -> None:
    status = json.loads(weavclip("status", "--json"))
    verdicts = json.loads(run("doctor", "--json").stdout)

    assert status["clips"] == len(added)
    assert {"folder", "journal"} <= {each["part"] for each in verdicts if each["ok"]}


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="the system has no /dev/full")
@pytest.mark.parametrize("command", [("list",), ("status", "--json"), ("export", "-")])
def test_an_output_that_is_full_is_said_without_a_traceback(
    added: dict[str, str], command: tuple[str, ...]
) -> None:
    assert added
    with Path("/dev/full").open("wb") as full:
        done = subprocess.run(
            [*WEAVCLIP, *command],
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
            timeout=WITHIN_S,
            check=False,
        )

    assert done.returncode == 1
    assert "No space left on device" in done.stderr
    assert "unexpected" not in done.stderr
    assert "Traceback" not in done.stderr


def test_a_program_without_standard_streams_works(added: dict[str, str]) -> None:
    assert added
    closed = f"exec {shlex.join(WEAVCLIP)} list <&- >&- 2>&-"

    done = subprocess.run(["sh", "-c", closed], timeout=WITHIN_S, check=False)

    assert done.returncode == 0
