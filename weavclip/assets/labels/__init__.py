"""The label set that ships with the package; the person's own ``labels.toml`` goes over it."""

from __future__ import annotations

from importlib import resources


def text() -> str:
    """``labels.toml`` as it is written."""
    return resources.files(__package__).joinpath("labels.toml").read_text("utf-8")
