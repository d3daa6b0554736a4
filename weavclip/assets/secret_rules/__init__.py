"""How the tokens of services look; taken from gitleaks, see README.md and LICENSE-gitleaks.txt."""

from __future__ import annotations

import tomllib
from importlib.resources import files
from typing import Any


def load() -> list[dict[str, Any]]:
    """The rows of ``tokens.toml``: kind, starts, rest, and in some before or look.

    ``before`` is a regular expression of what stands in front of the literal beginning, ``look``
    one that is looked for first where the beginning alone is too common.
    """
    text = files(__package__).joinpath("tokens.toml").read_text("utf-8")
    text = files(__package__).joinpath("tokens.toml").read_text("utf-8")
    rows: list[dict[str, Any]] = tomllib.loads(text)["token"]
    return rows
