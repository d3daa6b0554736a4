"""Reads settings: option, then WEAVCLIP_* variable, then config.toml, then the default."""

from __future__ import annotations

import os
import tomllib
from dataclasses import dataclass, fields
from pathlib import Path
from typing import TYPE_CHECKING, Any, get_type_hints

from weavclip.domain.errors import SettingsError
from weavclip.isolation import files
from weavclip.settings.fields import PREFIX, Settings, platform_dir

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

TEST_PREFIX = "WEAVCLIP_TEST_"
DESCRIBED = "'weavclip config --describe' says what each setting is"
_OPTION = "option"
MOST_BYTES = 1_000_000
"""Of a file of settings."""
_TRUE = frozenset({"1", "true", "yes", "on"})
_FALSE = frozenset({"0", "false", "no", "off"})


@dataclass(frozen=True, slots=True)
class Loaded:
    """Settings, and where each value came from.

    Attributes:
        settings: The values.
        origins: By name: ``option``, the variable's name, the file's path, or ``default``.
        config_file: The file that was looked for.
    """

    settings: Settings
    origins: Mapping[str, str]
    config_file: Path


def load(
    options: Mapping[str, object] | None = None,
    *,
    environ: Mapping[str, str] | None = None,
    config_file: Path | None = None,
) -> Loaded:
    """Read settings: option, then WEAVCLIP_* variable, then config.toml, then the default.

    Args:
        options: Given on the command line, by setting's name; None values are not given.
        environ: The environment; the process's own when absent.
        config_file: The file; WEAVCLIP_CONFIG or the user's configuration folder when absent.

    Raises:
        SettingsError: If a name is unknown, a value is out of its range, or the file is no TOML.
    """
    variables = os.environ if environ is None else environ
    path = config_file or config_path(variables)
    given: dict[str, tuple[object, str]] = {}
    for name, value in _from_file(path).items():
        given[name] = (value, str(path))
    for name, value in _from_environ(variables).items():
        given[name] = (value, PREFIX + name.upper())
    for name, value in (options or {}).items():
        if value is not None:
            given[name] = (value, _OPTION)
    values = {name: _convert(name, value, origin) for name, (value, origin) in given.items()}
    origins = {name: given[name][1] if name in given else "default" for name in names()}
    try:
        return Loaded(Settings(**values), origins, path)
    except SettingsError as error:
        origin = origins[error.name]
        raise _wrong(str(error), error.name, origin, hint=error.hint) from error


def config_path(environ: Mapping[str, str]) -> Path:
    """The configuration file: WEAVCLIP_CONFIG, else config.toml in the user's folder."""
    named = environ.get("WEAVCLIP_CONFIG")
    return Path(named).expanduser() if named else platform_dir("config") / "config.toml"


def is_secret(name: str) -> bool:
    """Whether the setting's value must not be shown."""
    return any(each.name == name and each.metadata.get("secret") for each in fields(Settings))


def names() -> tuple[str, ...]:
    """Every setting's name, in the order of the documentation."""
    return tuple(each.name for each in fields(Settings))


def written_in(path: Path) -> str:
    """What a person wrote in a file of settings; nothing where there is none.

    Raises:
        SettingsError: If it is no file, no text in UTF-8, too large, or cannot be read.
    """
    try:
        return files.read(path, most_bytes=MOST_BYTES).decode()
    except FileNotFoundError:
        return ""
    except (OSError, UnicodeDecodeError) as error:
        why = error.strerror if isinstance(error, OSError) else "it is no text in UTF-8"
        message = f"{path} cannot be read: {why}"
        raise SettingsError(message, hint=f"mend or remove {path}") from error


def _from_file(path: Path) -> dict[str, object]:
    text = written_in(path)
    try:
        found = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        message = f"{path} is not TOML: {error}"
        raise SettingsError(message, hint=f"mend or remove {path}") from error
    for name in found:
        _known(name, f"{path} sets {name}", undone=f"remove it from {path}")
    return found


def _from_environ(variables: Mapping[str, str]) -> dict[str, str]:
    found = {}
    for variable, value in variables.items():
        ours = variable.startswith(PREFIX) and not variable.startswith(TEST_PREFIX)
        if not ours or variable == "WEAVCLIP_CONFIG":
            continue
        name = variable.removeprefix(PREFIX).lower()
        _known(name, f"{variable} is set", undone=f"unset {variable}")
        found[name] = value
    return found


def _known(name: str, where: str, *, undone: str) -> None:
    if name not in names():
        message = f"{where}, but there is no such setting"
        raise SettingsError(message, hint=f"{undone}; {DESCRIBED}")


def _wrong(message: str, name: str, origin: str, *, hint: str = "") -> SettingsError:
    """The error for a wrong value, with where it is and how it is mended there."""
    if origin == _OPTION:
        return SettingsError(message, hint=hint or DESCRIBED, name=name)
    in_shell = origin == PREFIX + name.upper()
    mended = f"unset {origin}, or correct it" if in_shell else f"weavclip config set {name} VALUE"
    return SettingsError(f"{message} ({origin})", hint=hint or mended, name=name)


def _convert(name: str, value: object, origin: str) -> Any:  # noqa: ANN401 - one of five types
    called, convert = _CONVERTERS[get_type_hints(Settings)[name]]
    try:
        return convert(value)
    except (TypeError, ValueError) as error:
        shown = "its value" if is_secret(name) else repr(value)
        message = f"{name} must be {called}, got {shown}"
        raise _wrong(message, name, origin) from error


def _to_bool(value: object) -> bool:
    if isinstance(value, bool):
        return value
    word = str(value).strip().lower()
    if word in _TRUE | _FALSE:
        return word in _TRUE
    raise ValueError(word)


def _to_number(of: type[int | float]) -> Callable[[object], float]:
    def convert(value: object) -> float:
        if isinstance(value, bool) or not isinstance(value, (int, float, str)):
            raise TypeError
        return of(value)

    return convert


def _to_str(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError
    return value


def _to_path(value: object) -> Path:
    if not str(value).strip():
        raise ValueError  # an empty path would be the folder that one happens to be in
    return Path(str(value)).expanduser().absolute()


def _to_list(value: object) -> tuple[str, ...]:
    """A list of texts: TOML's, or one text with commas between, or written as TOML's."""
    if isinstance(value, str):
        text = value.strip()
        value = tomllib.loads(f"list = {text}")["list"] if text[:1] == "[" else text.split(",")
        value = [each.strip() if isinstance(each, str) else each for each in value]
    if not isinstance(value, (list, tuple)) or not all(isinstance(each, str) for each in value):
        raise TypeError
    return tuple(each for each in value if each)


_CONVERTERS: dict[object, tuple[str, Callable[[Any], object]]] = {
    bool: ("true or false", _to_bool),
    int: ("a whole number", _to_number(int)),
    float: ("a number", _to_number(float)),
    str: ("a text", _to_str),
    Path: ("a folder", _to_path),
    tuple[str, ...]: ("a list of texts", _to_list),
}
