from __future__ import annotations

import os
import re
import sys
from typing import TYPE_CHECKING

import pytest

from weavclip import settings
from weavclip.domain.errors import SettingsError
from weavclip.pipeline import rpc

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def config_file(tmp_path: Path) -> Path:
    path = tmp_path / "config.toml"
    path.write_text('threads = 2\nmodel = "file"\ndevice = "file"\n')
    return path


def test_an_option_wins_over_a_variable_that_over_the_file_that_over_the_default(
    config_file: Path,
) -> None:
    environ = {"WEAVCLIP_MODEL": "variable", "WEAVCLIP_DEVICE": "variable"}

    loaded = settings.load({"device": "option"}, environ=environ, config_file=config_file)

    found = loaded.settings
    assert (found.device, found.model, found.threads, found.index) == (
        "option",
        "variable",
        2,
        "auto",
    )
    assert [loaded.origins[name] for name in ("device", "model", "threads", "index")] == [
        "option",
        "WEAVCLIP_MODEL",
        str(config_file),
        "default",
    ]


@pytest.mark.parametrize(
    ("variable", "value", "said"),
    [
        ("WEAVCLIP_THREADS", "many", "threads must be a whole number, got 'many'"),
        ("WEAVCLIP_THREADS", "-1", "threads must be at least 0, got -1"),
        ("WEAVCLIP_SERVER_PORT", "70000", "at least 1 and at most 65535, got 70000"),
        ("WEAVCLIP_INDEX", "fast", "index must be one of auto, weaviate, exact, got 'fast'"),
        ("WEAVCLIP_PRIMARY_SELECTION", "maybe", "must be true or false, got 'maybe'"),
        ("WEAVCLIP_READ_TIMEOUT_S", "nan", "must be at least 0.05, got nan"),
        ("WEAVCLIP_DATA_DIR", "", "data_dir must be a folder, got ''"),
        ("WEAVCLIP_IGNORED_KINDS", "text, sound", "ignored_kinds must be one of text, image"),
        ("WEAVCLIP_IGNORED_PATTERNS", "[1]", "ignored_patterns must be a list of texts"),
        ("WEAVCLIP_NONE", "1", "WEAVCLIP_NONE is set, but there is no such setting"),
    ],
)
def test_a_wrong_value_is_named_with_what_is_allowed(
    tmp_path: Path, variable: str, value: str, said: str
) -> None:
    with pytest.raises(SettingsError, match=re.escape(said)):
        settings.load(environ={variable: value}, config_file=tmp_path / "absent")


@pytest.mark.parametrize("line", ["threads = -1", "threads = 'many'", "incognito = ['noon']"])
def test_where_a_wrong_value_stands_and_how_it_is_mended_is_said(
    config_file: Path, line: str
) -> None:
    config_file.write_text(line)
    name = line.partition(" ")[0]

    with pytest.raises(SettingsError, match=re.escape(f"({config_file})")) as in_file:
        settings.load(environ={}, config_file=config_file)
    with pytest.raises(SettingsError, match=f"(WEAVCLIP_{name.upper()})") as in_shell:
        settings.load(environ={f"WEAVCLIP_{name.upper()}": "-1"}, config_file=config_file)

    if name == "incognito":
        assert "22:00" in in_file.value.hint
    else:
        assert in_file.value.hint == f"weavclip config set {name} VALUE"
        assert in_shell.value.hint == f"unset WEAVCLIP_{name.upper()}, or correct it"


@pytest.mark.parametrize(
    ("value", "patterns"),
    [
        ("", ()),
        (r"one\d, two", (r"one\d", "two")),
        ("['a{1,3}', 'b']", ("a{1,3}", "b")),
    ],
)
def test_a_list_is_written_with_commas_or_as_toml(
    tmp_path: Path, value: str, patterns: tuple[str, ...]
) -> None:
    environ = {"WEAVCLIP_IGNORED_PATTERNS": value}

    loaded = settings.load(environ=environ, config_file=tmp_path / "absent")

    assert loaded.settings.ignored_patterns == patterns


def test_a_broken_file_is_named(config_file: Path) -> None:
    config_file.write_text("threads = = 1")

    with pytest.raises(SettingsError, match=re.escape(str(config_file))):
        settings.load(environ={}, config_file=config_file)


def test_a_secret_is_in_no_repr(tmp_path: Path) -> None:
    environ = {"WEAVCLIP_WEAVIATE_API_KEY": "hush", "WEAVCLIP_ROBOFLOW_API_KEY": "hush"}

    loaded = settings.load(environ=environ, config_file=tmp_path / "absent")

    assert "hush" not in repr(loaded)
    assert settings.is_secret("weaviate_api_key")


def test_every_setting_is_described() -> None:
    described = re.findall(r"^ {8}(\w+): ", settings.Settings.__doc__ or "", re.MULTILINE)

    assert tuple(described) == settings.names()


def test_two_data_folders_never_share_an_engine(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))

    folders = {settings.Settings(data_dir=tmp_path / name).runtime_dir for name in "ab"}

    assert len(folders) == 2


@pytest.mark.skipif(sys.platform == "win32", reason="the engine listens at a named pipe")
@pytest.mark.parametrize("base", ["", "x" * 100])
def test_the_path_of_an_engines_socket_is_never_too_long(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, base: str
) -> None:
    monkeypatch.setenv("XDG_RUNTIME_DIR", base and str(tmp_path / base))
    folders = [tmp_path / (name * 200) for name in "ab"]

    found = [settings.Settings(data_dir=folder).runtime_dir for folder in folders]

    assert len(set(found)) == 2
    assert all(len(bytes(folder / rpc.SOCKET_NAME)) <= 103 for folder in found)
    assert all(f"weavclip-{os.getuid()}-" in folder.name for folder in found)
