"""What can be set: option, then WEAVCLIP_* variable, then config.toml, then the default.

The agent reads this module, so it imports the standard library and platformdirs only.
"""

from __future__ import annotations

import hashlib
import os
import tomllib
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import TYPE_CHECKING, Any, get_type_hints

from weavclip.domain.errors import SettingsError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

PREFIX = "WEAVCLIP_"
TEST_PREFIX = "WEAVCLIP_TEST_"
_TRUE = frozenset({"1", "true", "yes", "on"})
_FALSE = frozenset({"0", "false", "no", "off"})


def _choice(*allowed: str) -> dict[str, object]:
    return {"allowed": allowed}


def _at_least(least: float) -> dict[str, object]:
    return {"least": least}


def _platform_dir(which: str) -> Path:
    # platformdirs is imported here: an agent with both folders set does without it.
    import platformdirs

    return Path(getattr(platformdirs, f"user_{which}_path")("weavclip", appauthor=False))


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """Every setting, checked; the field's comment is its documentation in ``weavclip config``.

    Attributes:
        data_dir: Folder of the journal, the models and the managed server, mode 0700.
        device: Name of this machine, kept with each clip.
        log_level: DEBUG, INFO, WARNING or ERROR.
        source: Where copies come from; ``auto`` takes what the session offers.
        replay: Folder or JSONL file that the replay source reads.
        primary_selection: Also capture what is only selected (X11's PRIMARY).
        read_timeout_s: Longest wait for the owner of a copy, in seconds, for each step.
        poll_interval_s: Pause between looks of the polling source, in seconds.
        max_text_bytes: Larger texts are skipped.
        max_image_bytes: Larger encoded pictures are skipped.
        max_image_pixels: Pictures with more pixels are skipped, or not decoded.
        reserve_bytes: Free space under which nothing is written.
        model: Id of the model in use; empty for none.
        embedder: ``onnx`` runs the files directly, ``inference`` through Roboflow's library.
        provider: Where models run; ``auto`` takes CUDA when the runtime offers it.
        threads: Threads a model may use; 0 for as many as there are cores.
        roboflow_api_key: Sent when a model is fetched; not needed for CLIP.
        roboflow_url: Where models are fetched from.
        index: ``auto`` takes Weaviate when it answers, else ``exact``.
        weaviate_url: A Weaviate of your own, such as ``https://weaviate.example:443``.
        weaviate_grpc_url: Its gRPC address, when it is not the URL's host at port 50051.
        weaviate_api_key: Key of that Weaviate.
        weaviate_timeout_s: Longest wait for its answer, in seconds.
        collection: Name of the alias in Weaviate that stands for the current collection.
        index_type: ``flat`` is exact up to about a million clips; ``hnsw`` for more.
        server_port: HTTP port of the managed server, loopback.
        server_grpc_port: gRPC port of the managed server.
        console_origin: Web origin whose console may read the managed server; empty for none.
        engine_idle_s: The engine leaves after so many seconds without work.
        engine_pause_s: The agent starts the engine so many seconds after the last copy.
        pictures: How the terminal shows pictures; ``auto`` goes by what it says of itself.
    """

    data_dir: Path = field(default_factory=lambda: _platform_dir("data"))
    device: str = field(
        default_factory=lambda: (
            os.uname().nodename if os.name == "posix" else os.environ.get("COMPUTERNAME", "")
        )
    )
    log_level: str = field(default="INFO", metadata=_choice("DEBUG", "INFO", "WARNING", "ERROR"))
    source: str = field(default="auto", metadata=_choice("auto", "x11", "polling", "replay"))
    replay: str = ""
    primary_selection: bool = False
    read_timeout_s: float = field(default=2.0, metadata=_at_least(0.05))
    poll_interval_s: float = field(default=0.5, metadata=_at_least(0.05))
    max_text_bytes: int = field(default=10_000_000, metadata=_at_least(1))
    max_image_bytes: int = field(default=50_000_000, metadata=_at_least(1))
    max_image_pixels: int = field(default=50_000_000, metadata=_at_least(1))
    reserve_bytes: int = field(default=256 * 1024 * 1024, metadata=_at_least(0))
    model: str = ""
    embedder: str = field(default="onnx", metadata=_choice("onnx", "inference"))
    provider: str = field(default="auto", metadata=_choice("auto", "cpu", "cuda"))
    threads: int = field(default=0, metadata=_at_least(0))
    roboflow_api_key: str = field(default="", repr=False, metadata={"secret": True})
    roboflow_url: str = "https://api.roboflow.com"
    index: str = field(default="auto", metadata=_choice("auto", "weaviate", "exact"))
    weaviate_url: str = ""
    weaviate_grpc_url: str = ""
    weaviate_api_key: str = field(default="", repr=False, metadata={"secret": True})
    weaviate_timeout_s: float = field(default=5.0, metadata=_at_least(0.1))
    collection: str = "Weavclip"
    index_type: str = field(default="flat", metadata=_choice("flat", "hnsw"))
    server_port: int = field(default=8080, metadata={"least": 1, "most": 65535})
    server_grpc_port: int = field(default=50051, metadata={"least": 1, "most": 65535})
    console_origin: str = ""
    engine_idle_s: float = field(default=300.0, metadata=_at_least(0))
    engine_pause_s: float = field(default=2.0, metadata=_at_least(0))
    pictures: str = field(
        default="auto",
        metadata=_choice("auto", "kitty", "iterm2", "sixel", "blocks", "none"),
    )

    def __post_init__(self) -> None:
        """Check each value against its field's limits.

        Raises:
            SettingsError: Naming the setting, its value and what is allowed.
        """
        for each in fields(self):
            _check(each.name, getattr(self, each.name), each.metadata)

    @property
    def runtime_dir(self) -> Path:
        """Folder of the engine's socket: below XDG_RUNTIME_DIR, else below ``data_dir``.

        Its name holds eight hex digits of the data folder's path, so that two data folders
        never share an engine; the path stays under the 108 bytes that a socket's may have.
        """
        base = os.environ.get("XDG_RUNTIME_DIR")
        if not base:
            return self.data_dir / "run"
        digest = hashlib.sha256(str(self.data_dir).encode()).hexdigest()[:8]
        return Path(base) / f"weavclip-{digest}"


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
            given[name] = (value, "option")
    values = {name: _convert(name, value, origin) for name, (value, origin) in given.items()}
    origins = {name: given[name][1] if name in given else "default" for name in names()}
    return Loaded(Settings(**values), origins, path)


def config_path(environ: Mapping[str, str]) -> Path:
    """The configuration file: WEAVCLIP_CONFIG, else config.toml in the user's folder."""
    named = environ.get("WEAVCLIP_CONFIG")
    return Path(named).expanduser() if named else _platform_dir("config") / "config.toml"


def is_secret(name: str) -> bool:
    """Whether the setting's value must not be shown."""
    return any(each.name == name and each.metadata.get("secret") for each in fields(Settings))


def names() -> tuple[str, ...]:
    """Every setting's name, in the order of the documentation."""
    return tuple(each.name for each in fields(Settings))


def _from_file(path: Path) -> dict[str, object]:
    try:
        text = path.read_bytes().decode()
    except FileNotFoundError:
        return {}
    except (OSError, UnicodeDecodeError) as error:
        message = f"{path} cannot be read: {error.__class__.__name__}"
        raise SettingsError(message, hint=f"mend or remove {path}") from error
    try:
        found = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        message = f"{path} is not TOML: {error}"
        raise SettingsError(message, hint=f"mend or remove {path}") from error
    for name in found:
        _known(name, f"{path} sets {name}")
    return found


def _from_environ(variables: Mapping[str, str]) -> dict[str, str]:
    found = {}
    for variable, value in variables.items():
        ours = variable.startswith(PREFIX) and not variable.startswith(TEST_PREFIX)
        if not ours or variable == "WEAVCLIP_CONFIG":
            continue
        name = variable.removeprefix(PREFIX).lower()
        _known(name, f"{variable} is set")
        found[name] = value
    return found


def _known(name: str, where: str) -> None:
    if name not in names():
        message = f"{where}, but there is no such setting"
        raise SettingsError(message, hint="'weavclip config' lists every setting")


def _convert(name: str, value: object, origin: str) -> Any:  # noqa: ANN401 - one of five types
    called, convert = _CONVERTERS[get_type_hints(Settings)[name]]
    try:
        return convert(value)
    except (TypeError, ValueError) as error:
        shown = "its value" if is_secret(name) else repr(value)
        message = f"{name} must be {called}, got {shown} ({origin})"
        raise SettingsError(message, hint="'weavclip config' shows each value") from error


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


_CONVERTERS: dict[object, tuple[str, Callable[[Any], object]]] = {
    bool: ("true or false", _to_bool),
    int: ("a whole number", _to_number(int)),
    float: ("a number", _to_number(float)),
    str: ("a text", _to_str),
    Path: ("a folder", _to_path),
}


def _check(name: str, value: Any, limits: Mapping[str, Any]) -> None:  # noqa: ANN401 - as above
    allowed = limits.get("allowed")
    if allowed and value not in allowed:
        message = f"{name} must be one of {', '.join(allowed)}, got {value!r}"
        raise SettingsError(message, hint=f"set {PREFIX}{name.upper()} to one of them")
    least, most = limits.get("least"), limits.get("most")
    too_small = least is not None and not value >= least
    too_large = most is not None and value > most
    if too_small or too_large:
        bounds = f"at least {least}" + (f" and at most {most}" if most is not None else "")
        message = f"{name} must be {bounds}, got {value}"
        raise SettingsError(message, hint=f"change {PREFIX}{name.upper()} or config.toml")
