"""``card.json``: what is known of a model, beside its graphs."""

from __future__ import annotations

import base64
import hashlib
import json
import os
from dataclasses import asdict
from pathlib import PurePath
from typing import TYPE_CHECKING, Any

import numpy as np

from weavclip.domain.errors import ModelError
from weavclip.domain.models import ModelKind
from weavclip.domain.query import Space
from weavclip.domain.vectors import Calibration, Crowd, LabelFit, Logistic, ModelCard, Sureness

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from numpy.typing import NDArray

CARD = "card.json"
_CHUNK_BYTES = 1 << 20


def read(path: Path) -> ModelCard:
    """Read a card.

    Raises:
        ModelError: If it is damaged.
    """
    try:
        return from_json(json.loads(path.read_text(encoding="utf-8")))
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        message = f"{path.parent.name}/{path.name} is damaged: {error.__class__.__name__}"
        hint = f"weavclip model remove {path.parent.name}, then add it again"
        raise ModelError(message, hint=hint) from error


def write(card: ModelCard, path: Path) -> None:
    """Write a card, whole or not at all, mode 0600."""
    part = path.with_suffix(".part")
    descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        json.dump(to_json(card), file, indent=2)
        file.write("\n")
        file.flush()
        os.fsync(file.fileno())
    part.replace(path)
    sync_folder(path.parent)


def from_json(found: Mapping[str, Any]) -> ModelCard:
    """A card from what its file holds; keys that are not known are left alone."""
    calibration = found.get("calibration")
    kind = ModelKind(found.get("kind", ModelKind.CLIP))
    return ModelCard(
        id=str(found["id"]),
        kind=kind,
        dim=int(found["dim"]),
        **_of_pictures(found) if kind is ModelKind.CLIP else {},
        pooling=str(found.get("pooling", "")),
        question_prefix=str(found.get("question_prefix", "")),
        text_prefix=str(found.get("text_prefix", "")),
        logit_scale=float(found.get("logit_scale", 100.0)),
        context_length=int(found.get("context_length", 77)),
        token_dtype=str(found.get("token_dtype", "int32")),
        tokenizer=_name(found.get("tokenizer")),
        files={str(name): str(digest) for name, digest in found.get("files", {}).items()},
        title=str(found.get("title", "")),
        is_sample=bool(found.get("sample", False)),
        note=str(found.get("note", "")),
        calibration=_calibration(calibration) if calibration else None,
    )


def to_json(card: ModelCard) -> dict[str, Any]:
    """What a card's file holds. Means are written so that they come back bit by bit."""
    return {
        "id": card.id,
        "kind": card.kind,
        "title": card.title,
        "dim": card.dim,
        "resolution": card.resolution_px,
        "mean": list(card.mean),
        "std": list(card.std),
        "pooling": card.pooling,
        "question_prefix": card.question_prefix,
        "text_prefix": card.text_prefix,
        "logit_scale": card.logit_scale,
        "context_length": card.context_length,
        "token_dtype": card.token_dtype,
        "tokenizer": card.tokenizer,
        "files": dict(card.files),
        "sample": card.is_sample,
        "note": card.note,
        "calibration": card.calibration and _calibration_json(card.calibration),
    }


def sha256_of(path: Path) -> str:
    """SHA-256 of a file, in hex, without holding it in memory."""
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK_BYTES):
            digest.update(chunk)
    return digest.hexdigest()


def sync_folder(folder: Path) -> None:
    """Have the names in a folder survive a power cut; Windows cannot, and does not need it."""
    if os.name != "posix":
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _of_pictures(found: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "resolution_px": int(found["resolution"]),
        "mean": _triple(found["mean"]),
        "std": _triple(found["std"]),
    }


def _name(found: str | None) -> str | None:
    """A file's name, never a way to another folder."""
    if found is not None and PurePath(found).name != found:
        raise ValueError(found)
    return found


def _triple(values: Any) -> tuple[float, float, float]:  # noqa: ANN401 - as read
    red, green, blue = (float(value) for value in values)
    return red, green, blue


def _calibration(found: Mapping[str, Any]) -> Calibration:
    return Calibration(
        means={Space(n): np.asarray(m, np.float32) for n, m in found["means"].items()},
        words_to={Space(n): Logistic(**each) for n, each in found["words_to"].items()},
        picture_to={Space(n): Logistic(**each) for n, each in found["picture_to"].items()},
        origin=str(found["origin"]),
        figures={str(n): float(value) for n, value in found.get("figures", {}).items()},
        crowds={Space(n): _crowd(each) for n, each in found.get("crowds", {}).items()},
        sureness=Sureness(**known) if (known := found.get("sureness")) else None,
        labels={str(n): LabelFit(**each) for n, each in found.get("labels", {}).items()},
    )


def _crowd(found: Mapping[str, Any]) -> Crowd:
    return Crowd(
        centre=_unpacked(found["centre"]),
        directions=_unpacked(found["directions"]).reshape(-1, found["dim"]),
        rest=float(found["rest"]),
        means=_triple(found["means"]),
        spreads=_triple(found["spreads"]),
        by_mean=float(found["by_mean"]),
        by_spread=float(found["by_spread"]),
    )


def _crowd_json(crowd: Crowd) -> dict[str, Any]:
    return {
        "dim": len(crowd.centre),
        "rest": crowd.rest,
        "means": list(crowd.means),
        "spreads": list(crowd.spreads),
        "by_mean": crowd.by_mean,
        "by_spread": crowd.by_spread,
        "centre": _packed(crowd.centre),
        "directions": _packed(crowd.directions),
    }


def _packed(values: NDArray[np.float32]) -> str:
    """Float32, little-endian, as base64: a tenth of the lines that numbers would take."""
    return base64.b64encode(values.astype("<f4").tobytes()).decode("ascii")


def _unpacked(packed: str) -> NDArray[np.float32]:
    return np.frombuffer(base64.b64decode(packed, validate=True), "<f4").astype(np.float32)


def _calibration_json(calibration: Calibration) -> dict[str, Any]:
    def logistics(by_space: Mapping[Space, Logistic]) -> dict[str, Any]:
        return {
            space: {"slope": each.slope, "intercept": each.intercept}
            for space, each in by_space.items()
        }

    return {
        "origin": calibration.origin,
        "figures": dict(calibration.figures),
        "crowds": {space: _crowd_json(each) for space, each in calibration.crowds.items()},
        "sureness": calibration.sureness and asdict(calibration.sureness),
        "labels": {group: asdict(each) for group, each in calibration.labels.items()},
        "words_to": logistics(calibration.words_to),
        "picture_to": logistics(calibration.picture_to),
        # float32 -> float -> shortest decimal -> float32 is exact
        "means": {space: mean.tolist() for space, mean in calibration.means.items()},
    }
