"""What a service starts: the command that survives an upgrade, and the settings that it needs."""

from __future__ import annotations

import os
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

KEPT = ("WEAVCLIP_DATA_DIR", "WEAVCLIP_CONFIG")
"""Variables that go into the definition: they say where everything else is."""

WATCH = ("watch", "--wait")
WATCH_WITH_FILE = (*WATCH, "--log-file")
"""Where nothing keeps what a service says on stderr."""

_PROGRAM = "weavclip"
_BIN_DIRS = ("PIPX_BIN_DIR", "UV_TOOL_BIN_DIR", "XDG_BIN_HOME")
_MOST_SHEBANG_BYTES = 4096


@dataclass(frozen=True, slots=True, kw_only=True)
class Launch:
    """What is to be kept running.

    Attributes:
        program: The command without what it is to do, absolute.
        environ: Variables that it is started with.
        data_dir: Folder of all data, for its log file.
    """

    program: tuple[str, ...]
    environ: Mapping[str, str] = field(default_factory=dict)
    data_dir: Path

    @property
    def log_file(self) -> Path:
        """Where an agent logs that is started with ``--log-file``."""
        return self.data_dir / "logs" / "agent.log"


def program(environ: Mapping[str, str], *, home: Path, python: str = sys.executable) -> list[str]:
    """The command that starts this installation, also after its upgrade.

    pipx and uv put a link named ``weavclip`` into a folder of commands, which they renew with
    every upgrade and which stays when the environment behind it is made anew or moved. It is taken
    where it leads to the interpreter that runs now. Otherwise it is that interpreter by its path,
    unresolved: the link in a virtual environment, not the Python that it was made from. So it is
    on Windows, too, where a launcher would open a console window.

    Args:
        environ: For the folders of commands.
        home: The person's.
        python: The interpreter that runs this.
    """
    candidates = (folder / _PROGRAM for folder in _folders(environ, home))
    launcher = next((each for each in candidates if _leads_to(each, python)), None)
    return [str(launcher)] if launcher else [python, "-m", "weavclip"]


def _folders(environ: Mapping[str, str], home: Path) -> Iterable[Path]:
    named = (environ.get(name) for name in _BIN_DIRS)
    on_path = environ.get("PATH", "").split(os.pathsep)
    paths = [Path(each) for each in (*named, str(home / ".local" / "bin"), *on_path) if each]
    return (path for path in dict.fromkeys(paths) if path.is_absolute())


def _leads_to(launcher: Path, python: str) -> bool:
    """Whether a launcher is, or links to, a script that is run by this interpreter."""
    try:
        with launcher.open("rb") as file:
            first = file.read(_MOST_SHEBANG_BYTES)
    except OSError:
        return False
    if not os.access(launcher, os.X_OK):
        return False
    lines = first.splitlines()[:2]
    # A path that is too long or has a blank stands in the second line: '''exec' "/a b/python" ...
    return first.startswith(b"#!") and any(_names(line, os.fsencode(python)) for line in lines)


def _names(line: bytes, python: bytes) -> bool:
    words = line.removeprefix(b"#!").removeprefix(b"'''exec'").strip()
    quoted = words.split(b'"')
    first = quoted[1] if words.startswith(b'"') and len(quoted) > 1 else words.split(b" -")[0]
    return _same_place(first.split(b' "$0"')[0].strip(), python)


def _same_place(one: bytes, other: bytes) -> bool:
    """Whether two interpreters are in one environment: python, python3 and python3.11 are."""
    return os.path.dirname(one) == os.path.dirname(other)  # noqa: PTH120 - bytes, as they stand


def kept(environ: Mapping[str, str]) -> dict[str, str]:
    """The variables that a service must be started with, their paths absolute."""
    return {
        name: str(Path(environ[name]).expanduser().absolute())
        for name in KEPT
        if environ.get(name)
    }


def package_removal(prefix: str = sys.prefix) -> str:
    """The command that removes the package, by what its installer left in the environment."""
    if (Path(prefix) / "pipx_metadata.json").exists():
        return "pipx uninstall weavclip"
    if (Path(prefix) / "uv-receipt.toml").exists():
        return "uv tool uninstall weavclip"
    return "pip uninstall weavclip"
