"""Every setting, with its default and its limits."""

from __future__ import annotations

import hashlib
import os
import sys
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import TYPE_CHECKING, Any

from weavclip.domain.errors import SettingsError
from weavclip.domain.models import ModelSet

if TYPE_CHECKING:
    from collections.abc import Mapping

PREFIX = "WEAVCLIP_"
SOURCES = ("auto", "wayland", "mutter", "x11", "macos", "windows", "polling", "replay")
KINDS = ("text", "image", "link", "files", "html")
_MOST_RUNTIME_BYTES = 91
"""Of the path of the engine's folder: with the socket's name it may have 103 on macOS."""
_SHORT = Path("/tmp")  # noqa: S108 - the same for every process of a person; TMPDIR is not


def _choice(*allowed: str) -> dict[str, object]:
    return {"allowed": allowed}


def _at_least(least: float) -> dict[str, object]:
    return {"least": least}


def platform_dir(which: str) -> Path:
    """The platform's folder of this kind, ``data`` or ``config``, for weavclip."""
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
        primary_selection: Also capture what is only selected (PRIMARY), on X11 and Wayland.
        read_timeout_s: Longest wait for the owner of a copy, in seconds, for each step.
        poll_interval_s: Pause between looks of the polling source, in seconds.
        file_thumbnails: Keep small pictures of copied picture files; the files are never kept.
        max_text_bytes: Larger texts are skipped.
        max_image_bytes: Larger encoded pictures are skipped.
        max_image_pixels: Pictures with more pixels are skipped, or not decoded.
        ignored_kinds: Kinds that are never kept: text, image, link, files, html.
        ignored_apps: Programs or window classes whose copies are never kept; ``*`` and ``?``.
        ignored_patterns: Regular expressions; a text in which one is found is never kept.
        secrets: What happens to what looks like a secret: ``skip`` it, or ``expire`` it.
        secret_minutes: How long an expiring secret is kept, in minutes.
        secret_ibans: Take account numbers (IBAN) for secrets, too.
        incognito: Hours in which nothing is kept, such as ``mon-fri 22:00-07:00``.
        notifications: Tell on the desktop when copies are not kept for more than a minute.
        keep_days: Clips that were not copied for longer are removed; 0 for never.
        keep_clips: Over so many clips the oldest are removed; 0 for no limit.
        keep_bytes: Over so much content the oldest are removed; 0 for no limit.
        reserve_bytes: Free space under which nothing is written.
        model: Id of the CLIP model in use; empty for none.
        text_model: Id of the text model that works beside it; empty for none.
        embedder: ``onnx`` runs the files directly, ``inference`` through Roboflow's library.
        provider: Where models run; ``auto`` takes CUDA when the runtime offers it.
        threads: Threads a model may use; 0 for as many as there are cores.
        roboflow_api_key: Sent when a model is fetched; not needed for CLIP.
        roboflow_url: Where CLIP models are fetched from.
        hub_url: Where text models are fetched from.
        ocr: Read words in pictures; ``auto`` does where the extra ``ocr`` is installed.
        index: ``auto`` takes Weaviate when it answers, else ``exact``.
        weaviate_url: A Weaviate of your own, such as ``https://weaviate.example:443``.
        weaviate_grpc_url: Its gRPC address, when it is not the URL's host at port 50051.
        weaviate_api_key: Key of that Weaviate.
        weaviate_timeout_s: Longest wait for its answer, in seconds.
        collection: Name of the alias in Weaviate that stands for the current collection.
        index_type: ``flat`` compares every vector, up to about a million clips; ``hnsw`` for more.
        server_port: HTTP port of the managed server, loopback.
        server_grpc_port: gRPC port of the managed server.
        console_origin: Web origin whose console may read the managed server; empty for none.
        engine_idle_s: The engine leaves after so many seconds without work.
        engine_pause_s: The agent starts the engine so many seconds after the last copy.
        pictures: How the terminal shows pictures; ``auto`` goes by what it says of itself.
    """

    data_dir: Path = field(default_factory=lambda: platform_dir("data"))
    device: str = field(
        default_factory=lambda: (
            os.uname().nodename if os.name == "posix" else os.environ.get("COMPUTERNAME", "")
        )
    )
    log_level: str = field(default="INFO", metadata=_choice("DEBUG", "INFO", "WARNING", "ERROR"))
    source: str = field(default="auto", metadata=_choice(*SOURCES))
    replay: str = ""
    primary_selection: bool = False
    read_timeout_s: float = field(default=2.0, metadata=_at_least(0.05))
    poll_interval_s: float = field(default=0.5, metadata=_at_least(0.05))
    file_thumbnails: bool = False
    max_text_bytes: int = field(default=10_000_000, metadata=_at_least(1))
    max_image_bytes: int = field(default=50_000_000, metadata=_at_least(1))
    max_image_pixels: int = field(default=50_000_000, metadata=_at_least(1))
    ignored_kinds: tuple[str, ...] = field(default=(), metadata=_choice(*KINDS))
    ignored_apps: tuple[str, ...] = ()
    ignored_patterns: tuple[str, ...] = ()
    secrets: str = field(default="skip", metadata=_choice("skip", "expire"))
    secret_minutes: float = field(default=10.0, metadata=_at_least(0.1))
    secret_ibans: bool = False
    incognito: tuple[str, ...] = ()
    notifications: bool = True
    keep_days: float = field(default=0.0, metadata=_at_least(0))
    keep_clips: int = field(default=0, metadata=_at_least(0))
    keep_bytes: int = field(default=0, metadata=_at_least(0))
    reserve_bytes: int = field(default=256 * 1024 * 1024, metadata=_at_least(0))
    model: str = ""
    text_model: str = ""
    embedder: str = field(default="onnx", metadata=_choice("onnx", "inference"))
    provider: str = field(default="auto", metadata=_choice("auto", "cpu", "cuda"))
    threads: int = field(default=0, metadata=_at_least(0))
    roboflow_api_key: str = field(default="", repr=False, metadata={"secret": True})
    roboflow_url: str = "https://api.roboflow.com"
    hub_url: str = "https://huggingface.co"
    ocr: str = field(default="auto", metadata=_choice("auto", "on", "off"))
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
        if self.incognito:
            _check_hours(self.incognito)

    @property
    def models(self) -> ModelSet:
        """The models in use: none without CLIP."""
        return ModelSet(self.model, self.text_model if self.model else "")

    @property
    def runtime_dir(self) -> Path:
        """Folder of the engine's socket: below XDG_RUNTIME_DIR, else below ``data_dir``.

        Its name holds eight hex digits of the data folder's path, so that two data folders
        never share an engine. Where its path is too long for a socket's, it is below ``/tmp``:
        who asks makes sure that nobody else has made it.
        """
        digest = hashlib.sha256(str(self.data_dir).encode()).hexdigest()[:8]
        base = os.environ.get("XDG_RUNTIME_DIR")
        wanted = Path(base) / f"weavclip-{digest}" if base else self.data_dir / "run"
        if sys.platform == "win32" or len(os.fsencode(wanted)) <= _MOST_RUNTIME_BYTES:
            return wanted
        return _SHORT / f"weavclip-{os.getuid()}-{digest}"


def _check(name: str, value: Any, limits: Mapping[str, Any]) -> None:  # noqa: ANN401 - as above
    allowed = limits.get("allowed", ())
    wrong = [each for each in _each(value) if each not in allowed] if allowed else []
    if wrong:
        message = f"{name} must be one of {', '.join(allowed)}, got {wrong[0]!r}"
        raise SettingsError(message, name=name)
    least, most = limits.get("least"), limits.get("most")
    too_small = least is not None and not value >= least
    too_large = most is not None and value > most
    if too_small or too_large:
        bounds = f"at least {least}" + (f" and at most {most}" if most is not None else "")
        message = f"{name} must be {bounds}, got {value}"
        raise SettingsError(message, name=name)


def _check_hours(incognito: tuple[str, ...]) -> None:
    from weavclip.domain.timetable import EXAMPLES, Timetable

    try:
        Timetable.parse(incognito)
    except ValueError as error:
        message = f"incognito: {error}"
        hint = f"write entries such as {EXAMPLES}"
        raise SettingsError(message, hint=hint, name="incognito") from error


def _each(value: object) -> tuple[object, ...]:
    return value if isinstance(value, tuple) else (value,)
