"""Whether somebody else could read what is kept: modes and owners of files, folders, sockets."""

from __future__ import annotations

import os
import stat
from typing import TYPE_CHECKING

from weavclip.pipeline.doctor.verdict import Verdict

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

OTHERS = stat.S_IRWXG | stat.S_IRWXO
_UNCHECKED = "permissions are not checked on this system: they follow the user profile's"


def data_folder(folder: Path) -> Verdict:
    """Whether somebody else may look into the data folder, or owns it."""
    if os.name != "posix":
        return Verdict("folder", None, _UNCHECKED)
    if not folder.exists():
        return Verdict("folder", None, f"{folder} is made with the first clip")
    found = folder.stat()
    if found.st_uid != os.getuid():
        sentence = f"{folder} belongs to user {found.st_uid}, not to you"
        return Verdict("folder", False, sentence, "set data_dir to a folder of your own")
    mode = stat.S_IMODE(found.st_mode)
    if mode & OTHERS:
        sentence = f"{folder} has mode {mode:04o}, others can look into it"
        return Verdict("folder", False, sentence, f"chmod 700 {folder}")
    if any(_is_open(path) for path in _below(folder)):
        sentence = "something in the data folder can be read by others"
        return Verdict("folder", False, sentence, f"chmod -R go= {folder}")
    return Verdict("folder", True, f"{folder} is private")


def settings_file(path: Path, *, holds_keys: bool) -> Verdict:
    """Whether others can read a settings file that has keys in it.

    Args:
        path: Of config.toml.
        holds_keys: An API key is set in it.
    """
    if os.name != "posix" or not path.exists():
        return Verdict(
            "settings", None, f"there is no {path}" if os.name == "posix" else _UNCHECKED
        )
    mode = stat.S_IMODE(path.stat().st_mode)
    if holds_keys and mode & OTHERS:
        sentence = f"{path} holds a key and has mode {mode:04o}, others can read it"
        return Verdict("settings", False, sentence, f"chmod 600 {path}")
    return Verdict(
        "settings", True, f"{path} {'keeps its key private' if holds_keys else 'holds no key'}"
    )


def runtime_folder(folder: Path) -> Verdict:
    """Whether somebody else could talk to the engine."""
    if os.name != "posix" or not folder.exists():
        return Verdict("socket", None, "there is none while no engine has run in this session")
    for path in (folder, *_below(folder)):
        mode = stat.S_IMODE(path.lstat().st_mode)
        if path.lstat().st_uid != os.getuid() or (mode & OTHERS and not path.is_symlink()):
            sentence = f"{path} has mode {mode:04o}: others could ask the engine"
            return Verdict("socket", False, sentence, f"chmod -R go= {folder}")
    return Verdict("socket", True, f"{folder} is private")


def _below(folder: Path) -> Iterator[Path]:
    for inside, folders, names in os.walk(folder):
        yield from (folder.__class__(inside, name) for name in (*folders, *names))


def _is_open(path: Path) -> bool:
    try:
        found = path.lstat()
    except OSError:
        return False
    # What lies in a private folder is out of reach; a file that is moved keeps its own mode.
    return stat.S_ISREG(found.st_mode) and bool(found.st_mode & OTHERS)
