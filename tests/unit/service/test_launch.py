"""Which command a service starts, so that it still leads somewhere after an upgrade."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from weavclip.service import launch

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def venv(tmp_path: Path) -> Path:
    """A tool's environment with the command in it, as pipx and uv lay it out."""
    folder = tmp_path / "share" / "pipx" / "venvs" / "weavclip" / "bin"
    folder.mkdir(parents=True)
    script(folder / "weavclip", f"#!{folder}/python")
    return folder


def script(path: Path, *lines: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("\n".join((*lines, "import sys", "")))
    path.chmod(0o755)
    return path


def chosen(home: Path, python: Path, **environ: str) -> list[str]:
    return launch.program(environ, home=home, python=str(python))


def test_the_tools_link_is_taken_where_it_leads_here(tmp_path: Path, venv: Path) -> None:
    link = tmp_path / ".local" / "bin" / "weavclip"
    link.parent.mkdir(parents=True)
    link.symlink_to(venv / "weavclip")

    assert chosen(tmp_path, venv / "python3.11") == [str(link)]


@pytest.mark.parametrize("variable", ["PIPX_BIN_DIR", "UV_TOOL_BIN_DIR", "XDG_BIN_HOME", "PATH"])
def test_a_tools_folder_of_commands_may_be_elsewhere(
    tmp_path: Path, venv: Path, variable: str
) -> None:
    link = tmp_path / "commands" / "weavclip"
    link.parent.mkdir()
    link.symlink_to(venv / "weavclip")

    assert chosen(tmp_path, venv / "python", **{variable: str(link.parent)}) == [str(link)]


def test_another_installations_link_is_left_alone(tmp_path: Path, venv: Path) -> None:
    script(tmp_path / ".local" / "bin" / "weavclip", "#!/usr/bin/python3")

    python = venv / "python"
    assert chosen(tmp_path, python) == [str(python), "-m", "weavclip"]


def test_a_path_too_long_for_a_shebang_is_read_behind_sh(tmp_path: Path, venv: Path) -> None:
    command = script(
        tmp_path / ".local" / "bin" / "weavclip",
        "#!/bin/sh",
        f'\'\'\'exec\' "{venv}/python" "$0" "$@"',
        "' '''",
    )

    assert chosen(tmp_path, venv / "python") == [str(command)]


def test_without_a_launcher_the_interpreter_is_named_by_its_link(
    tmp_path: Path, venv: Path
) -> None:
    (venv / "python").symlink_to("/usr/bin/python3")

    assert chosen(tmp_path, venv / "python", PATH="relative::/nowhere")[0] == str(venv / "python")


def test_only_what_says_where_the_rest_is_goes_along(tmp_path: Path) -> None:
    environ = {
        "WEAVCLIP_DATA_DIR": str(tmp_path),
        "WEAVCLIP_CONFIG": "settings.toml",
        "WEAVCLIP_WEAVIATE_API_KEY": "secret",
    }

    kept = launch.kept(environ)

    assert set(kept) == {"WEAVCLIP_DATA_DIR", "WEAVCLIP_CONFIG"}
    assert kept["WEAVCLIP_CONFIG"].startswith("/")


@pytest.mark.parametrize(
    ("left", "command"),
    [
        ("pipx_metadata.json", "pipx uninstall weavclip"),
        ("uv-receipt.toml", "uv tool uninstall weavclip"),
        ("pyvenv.cfg", "pip uninstall weavclip"),
    ],
)
def test_the_package_is_removed_as_it_was_installed(
    tmp_path: Path, left: str, command: str
) -> None:
    (tmp_path / left).touch()

    assert launch.package_removal(str(tmp_path)) == command
