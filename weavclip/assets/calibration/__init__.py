"""The calibration set: pictures with two captions each, and phrases of several forms.

``ATTRIBUTION.md`` names the source and licence of every picture; captions and phrases are
weavclip's own. ``scripts/make_calibration_set`` made the folder.
"""

from __future__ import annotations

import csv
from dataclasses import dataclass, field
from importlib import resources


@dataclass(frozen=True, slots=True)
class CalibrationSet:
    """What a model is shown when it is added.

    Attributes:
        pictures: Encoded pictures (JPEG).
        captions: Texts that describe them, two a picture.
        captions_of: For each caption the place of its picture.
        phrases: Texts that describe none of them: things, questions, commands, sentences,
            addresses, lines of code, names.
        labels: What kind of picture each is, by the names of the label set.
    """

    pictures: tuple[bytes, ...] = field(repr=False)
    captions: tuple[str, ...] = field(repr=False)
    captions_of: tuple[int, ...] = field(repr=False)
    phrases: tuple[str, ...] = field(repr=False)
    labels: tuple[str, ...] = field(repr=False)


def load() -> CalibrationSet:
    """Read the set that ships with the package."""
    folder = resources.files(__package__)
    rows = list(csv.DictReader(folder.joinpath("captions.csv").read_text("utf-8").splitlines()))
    return CalibrationSet(
        pictures=tuple(folder.joinpath(row["picture"]).read_bytes() for row in rows),
        captions=tuple(row[name] for row in rows for name in ("caption", "other_caption")),
        captions_of=tuple(place for place in range(len(rows)) for _ in range(2)),
        phrases=tuple(folder.joinpath("phrases.txt").read_text("utf-8").splitlines()),
        labels=tuple(row["label"] for row in rows),
    )
