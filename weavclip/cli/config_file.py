"""Writing config.toml: one setting at a time, what people wrote in it left as it is."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from weavclip import settings as setting
from weavclip.domain.errors import SettingsError

if TYPE_CHECKING:
    from tomlkit import TOMLDocument


def save(name: str, value: object, config_file: Path) -> Path:
    """Set ``name`` in the file, with its comments and order kept; the file is replaced whole.

    Args:
        name: A setting's name.
        value: What it is set to; a text is converted to the setting's type.
        config_file: Made where absent, mode 0600.

    Returns:
        The file that was written.

    Raises:
        SettingsError: If there is no such setting, the value is out of its range, or the file
            cannot be read or written.
    """
    if name not in setting.names():
        message = f"there is no setting {name}"
        raise SettingsError(message, hint=setting.DESCRIBED)
    value = getattr(checked(name, value), name)
    document = _read(config_file)
    document[name] = _in_toml(value)
    try:
        _replace(config_file, document.as_string())
    except OSError as error:
        message = f"{config_file} cannot be written: {error.strerror}"
        raise SettingsError(message) from error
    return config_file


def _in_toml(value: object) -> object:
    if isinstance(value, tuple):
        return list(value)
    return str(value) if isinstance(value, Path) else value


def checked(name: str, value: object) -> setting.Settings:
    """The defaults with one value set.

    Raises:
        SettingsError: If the value is out of its range.
    """
    # Alone, so that a wrong value elsewhere does not keep this one from being mended.
    return setting.load({name: value}, environ={}, config_file=Path(os.devnull)).settings


def _read(config_file: Path) -> TOMLDocument:
    import tomlkit
    from tomlkit.exceptions import TOMLKitError

    try:
        return tomlkit.parse(setting.written_in(config_file))
    except TOMLKitError as error:
        message = f"{config_file} cannot be read: {error.__class__.__name__}"
        raise SettingsError(message, hint=f"mend or remove {config_file}") from error


def _replace(target: Path, text: str) -> None:
    target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    beside = target.with_name(f"{target.name}.{os.getpid()}")
    descriptor = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8", newline="") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    beside.replace(target)
