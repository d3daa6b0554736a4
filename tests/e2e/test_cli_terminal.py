"""What a person sees: the same commands on a terminal."""

from __future__ import annotations

import io
import os
import re
import shutil
from typing import TYPE_CHECKING, Any

import pytest
from PIL import Image

from tests.conftest import clear_settings
from tests.e2e.programs import weavclip
from tests.e2e.terminals import on_terminal
from weavclip.pipeline.alone import alone
from weavclip.pipeline.starting import ENGINE_LOCK

if TYPE_CHECKING:
    from pathlib import Path

SGR = re.compile(r"\x1b\[[0-9;]*m")


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("files")
    (folder / "a.txt").write_text("apples and pears")
    (folder / "b.txt").write_text("beans \x1b[2Jand pears")
    sink = io.BytesIO()
    Image.new("RGB", (64, 32), "#00ff00").save(sink, "PNG")
    (folder / "c.png").write_bytes(sink.getvalue())
    place = tmp_path_factory.mktemp("kept")
    with pytest.MonkeyPatch.context() as patch:
        clear_settings(patch, place)
        weavclip("add", str(folder))
    return place / "data"


@pytest.fixture
def clips(kept: Path, tmp_path: Path) -> None:
    shutil.copytree(kept, tmp_path / "data")


def plain(text: str) -> str:
    return SGR.sub("", text)


def test_the_first_thing_typed_says_how_things_are_and_what_to_try() -> None:
    shown = on_terminal()

    assert shown.code == 0
    lines = plain(shown.text).splitlines()
    assert lines[0].startswith("not watching · 0 clips today, 0 in all · ")
    assert "      weavclip service install" in lines
    assert lines[-2:] == ["try   weavclip add ~/Pictures", "      weavclip --help"]


@pytest.mark.parametrize("command", ["list", "search apples", "timeline"])
def test_before_the_first_clip_a_list_says_how_to_begin(command: str) -> None:
    shown = on_terminal(*command.split(), columns=120)

    assert "'weavclip watch' keeps what is copied, 'weavclip add' files" in shown.text


@pytest.mark.usefixtures("clips")
def test_with_clips_it_says_how_to_search() -> None:
    assert 'try   weavclip search "the chart with two peaks"' in plain(on_terminal().text)


@pytest.mark.usefixtures("clips")
def test_a_list_has_short_ids_local_times_and_what_was_understood() -> None:
    shown = on_terminal("list", "--since", "2020-01-01", "--no-pictures")

    lines = plain(shown.text).splitlines()
    assert re.fullmatch(r"1  image  64 x 32 +\w{3} \d\d:\d\d  [0-9a-f]{4,}", lines[0])
    assert lines[-1] == "3 of 3 clips · since Wed 1 Jan 2020 00:00"
    assert max(map(len, lines)) <= 100


@pytest.mark.usefixtures("clips")
def test_a_short_id_names_its_clip() -> None:
    short = plain(on_terminal("list", "--kind", "text").text).splitlines()[-2].split()[-1]

    assert weavclip("show", short) == "apples and pears"


@pytest.mark.usefixtures("clips")
def test_a_clip_cannot_drive_the_terminal() -> None:
    search = on_terminal("search", "beans", "--no-engine", NO_COLOR="1").text
    show = on_terminal("show", "@1", NO_COLOR="1").text

    assert "\x1b" not in search + show
    assert "beans ␛[2Jand pears" in show


@pytest.mark.usefixtures("clips")
def test_a_search_says_how_much_was_searched_how_long_and_with_what() -> None:
    shown = on_terminal("search", "pears", "--no-engine", "--kind", "text")

    assert re.search(r"2 of 3 clips · text · \d+ ms · exact", plain(shown.text))


@pytest.mark.usefixtures("clips")
def test_nothing_fits_still_says_what_was_searched() -> None:
    shown = on_terminal("search", "zebra", "--no-engine", "--kind", "link")

    assert "nothing fits." in shown.text
    assert re.search(r"0 of 3 clips · link · \d+ ms · exact", plain(shown.text))


@pytest.mark.usefixtures("clips")
@pytest.mark.parametrize(
    ("environ", "mark"),
    [
        ({"TERM": "xterm-kitty"}, "\x1b_Ga=T"),
        ({"TERM_PROGRAM": "iTerm.app"}, "\x1b]1337;File=inline=1"),
        ({"TERM": "foot"}, "\x1bPq"),
        ({}, "▀"),
    ],
)
def test_a_picture_is_shown_as_the_terminal_can(environ: dict[str, Any], mark: str) -> None:
    weavclip("list", "--kind", "image")

    assert mark in on_terminal("show", "@1", **environ).text


@pytest.mark.usefixtures("clips")
@pytest.mark.parametrize("options", [("--no-pictures",), ()])
def test_who_wants_no_pictures_gets_none(options: tuple[str, ...]) -> None:
    weavclip("list", "--kind", "image")
    environ: dict[str, Any] = {} if options else {"NO_COLOR": "1"}

    shown = on_terminal("show", "@1", *options, **environ).text

    assert "▀" not in shown
    assert "64 x 32" in shown


@pytest.mark.usefixtures("clips")
@pytest.mark.parametrize(("typed", "left"), [("n\n", 3), ("\n", 3), ("y\n", 1)])
def test_forget_shows_what_it_will_be_and_asks(typed: str, left: int) -> None:
    weavclip("list", "--kind", "text")

    shown = on_terminal("forget", "@1", "@2", question="[y/N]", typed=typed)

    assert "2 clips in" in shown.text
    assert "apples and pears" in shown.text
    assert "forget 2 clips for good [y/N]" in shown.text
    assert len(weavclip("list").splitlines()) == left
    assert shown.code == (0 if left == 1 else 1)


@pytest.mark.usefixtures("clips")
def test_help_names_the_program_as_it_is_typed() -> None:
    shown = on_terminal("search", "--help")

    assert shown.lines[0].startswith("Usage: ")
    assert 'weavclip search "the chart with two peaks"' in shown.text


def test_an_engine_that_is_looked_at_says_what_it_does(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WEAVCLIP_MODEL", "sample")
    monkeypatch.setenv("WEAVCLIP_INDEX", "exact")
    monkeypatch.setenv("WEAVCLIP_ENGINE_IDLE_S", "0")

    shown = on_terminal("engine")

    assert shown.code == 0
    assert "begins" in shown.text
    assert "leaves" in shown.text


def test_a_second_engine_says_that_one_runs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("WEAVCLIP_MODEL", "sample")
    (tmp_path / "data").mkdir(mode=0o700)

    with alone(tmp_path / "data" / ENGINE_LOCK, what="an engine"):
        shown = on_terminal("engine")

    assert shown.code == 0
    assert "an engine runs already; 'weavclip status' shows" in shown.text


def test_adding_says_how_far_it_is(tmp_path: Path) -> None:
    for number in range(50):
        (tmp_path / f"{number}.txt").write_text(f"text {number}")

    shown = on_terminal("add", str(tmp_path))

    assert "adding" in shown.text
    assert "weavclip: 50 clips added, 0 known already, 0 skipped" in shown.text


def test_a_secret_setting_is_asked_for_and_masked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("WEAVCLIP_CONFIG", str(tmp_path / "config.toml"))

    asked = on_terminal(
        "config", "set", "weaviate_api_key", "-", question="api_key: ", typed="hush-hush\n"
    )
    shown = plain(on_terminal("config").text)

    assert asked.code == 0
    assert "hush-hush" in (tmp_path / "config.toml").read_text()
    assert re.search(rf"weaviate_api_key +\*+ +{re.escape(os.environ['WEAVCLIP_CONFIG'])}", shown)


def test_what_the_doctor_says_is_not_written_into_its_progress() -> None:
    shown = on_terminal("doctor", WEAVCLIP_INDEX="exact")

    said = [line for line in plain(shown.text).splitlines() if "clipboard " in line]
    assert len(said) == 1
    assert re.match(r"(ok|WRONG|-) +clipboard ", said[0])


def test_a_list_of_models_fits_a_small_terminal() -> None:
    lines = plain(on_terminal("model", "list", columns=80).text).splitlines()

    assert max(map(len, lines)) <= 80
    assert "    CLIP ViT-B/16: the usual choice" in lines


def test_what_ships_with_the_package_is_refused_before_it_is_asked_for() -> None:
    shown = on_terminal("model", "remove", "sample", WEAVCLIP_MODEL="sample")

    assert shown.code == 1
    assert "[y/N]" not in shown.text


@pytest.mark.usefixtures("clips")
def test_characters_that_the_locale_lacks_are_question_marks(tmp_path: Path) -> None:
    (tmp_path / "d.txt").write_text("会議 at three", encoding="utf-8")
    weavclip("add", str(tmp_path / "d.txt"))

    shown = on_terminal("list", PYTHONIOENCODING="latin-1")

    assert shown.code == 0
    assert "?? at three" in shown.text


@pytest.mark.usefixtures("clips")
def test_what_lets_nothing_pass_is_named() -> None:
    shown = on_terminal("search", "--no-engine", "pears", "--before", "2020-01-01")

    said = "nothing fits. no clip of 3 passes: before Wed 1 Jan 2020 00:00"
    assert said in plain(shown.text).splitlines()


def test_labels_end_with_what_to_do_with_them() -> None:
    lines = plain(on_terminal("labels").text).splitlines()

    assert lines[-1] == "try   weavclip list --label NAME · weavclip label @1 +NAME -NAME"
