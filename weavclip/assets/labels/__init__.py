"""The label set that ships with the package, and texts whose labels are known.

The person's own ``labels.toml`` goes over the set. The texts are weavclip's own words; a text
model that is added finds on them what its cosines to labels mean.
"""

from __future__ import annotations

import csv
from importlib import resources


def text() -> str:
    """``labels.toml`` as it is written."""
    return resources.files(__package__).joinpath("labels.toml").read_text("utf-8")


def known_texts() -> tuple[tuple[str, str], ...]:
    """Texts with the label of each, all of one group; empty for none of it."""
    lines = resources.files(__package__).joinpath("texts.csv").read_text("utf-8").splitlines()
    return tuple((row["text"], row["label"]) for row in csv.DictReader(lines))
