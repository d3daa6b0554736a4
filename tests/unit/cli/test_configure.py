"""The settings as they are shown."""

from __future__ import annotations

import io
import json
import sys
from typing import TYPE_CHECKING

import pytest

from weavclip import settings
from weavclip.cli.configure import MASK
from weavclip.cli.main import main

if TYPE_CHECKING:
    from pathlib import Path

HUSHED = "hush-hush"


def shown(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], *options: str
) -> str:
    monkeypatch.setattr(sys, "argv", ["weavclip", *options])
    with pytest.raises(SystemExit):
        main()
    return capsys.readouterr().out


def test_each_setting_is_described(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    lines = shown(monkeypatch, capsys, "config", "--describe").splitlines()

    assert [line.split()[0] for line in lines] == list(settings.names())


def test_each_value_is_shown_with_its_origin(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "config.toml"
    path.write_text('index = "exact"\nthreads = 2\n')
    monkeypatch.setenv("WEAVCLIP_CONFIG", str(path))
    monkeypatch.setenv("WEAVCLIP_THREADS", "3")

    printed = shown(monkeypatch, capsys, "--data-dir", str(tmp_path), "config")

    rows = {row[0]: (row[1], row[2]) for line in printed.splitlines() if (row := line.split("\t"))}
    assert rows["index"] == ("exact", str(path))
    assert rows["threads"] == ("3", "WEAVCLIP_THREADS")
    assert rows["data_dir"] == (str(tmp_path), "option")
    assert rows["provider"] == ("auto", "default")
    assert list(rows) == list(settings.names())


@pytest.mark.parametrize("options", [("config",), ("config", "--json")])
def test_secrets_are_masked(
    options: tuple[str, ...], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("WEAVCLIP_WEAVIATE_API_KEY", HUSHED)

    printed = shown(monkeypatch, capsys, *options)

    assert HUSHED not in printed
    assert MASK in printed


def test_json_has_name_value_and_origin(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    found = json.loads(shown(monkeypatch, capsys, "config", "--json"))

    assert {tuple(each) for each in found} == {("name", "value", "origin")}


@pytest.mark.parametrize("value", ["(never", '["fine", "a{2,1}"]'])
def test_a_broken_pattern_is_refused_and_not_written(
    value: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "config.toml"
    path.write_text('ignored_patterns = ["kept"]\n')
    monkeypatch.setenv("WEAVCLIP_CONFIG", str(path))
    monkeypatch.setattr(sys, "argv", ["weavclip", "config", "set", "ignored_patterns", value])

    with pytest.raises(SystemExit) as ended:
        main()

    assert ended.value.code == 1
    assert "ignored_patterns: number" in capsys.readouterr().err
    assert path.read_text() == 'ignored_patterns = ["kept"]\n'


def test_a_key_that_does_not_come_is_not_set_to_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "config.toml"
    path.write_text('weaviate_api_key = "kept"\n')
    monkeypatch.setenv("WEAVCLIP_CONFIG", str(path))
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(b"\n")))
    monkeypatch.setattr(sys, "argv", ["weavclip", "config", "set", "weaviate_api_key", "-"])

    with pytest.raises(SystemExit) as ended:
        main()

    assert ended.value.code == 1
    assert "nothing came on standard input" in capsys.readouterr().err
    assert path.read_text() == 'weaviate_api_key = "kept"\n'
