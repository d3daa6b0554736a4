"""Drawings asked for by a plain name."""

import random
import re
from collections.abc import Iterable

from scripts.sample_model.phrasebook import WORDS_FOR
from scripts.sample_model.spec import Drawing, choices_of, is_drawable
from scripts.sample_model.wording import plural_of

ATTEMPTS = 500
RELATIONS = ((" left of ", "left"), (" above ", "above"))


def named(name: str, *, seed: int = 0) -> Drawing:
    """The drawing that a plain name asks for.

    Args:
        name: Such as "a line chart with two peaks", "three small red stars on blue",
            "a red circle above a green ring", "a dark terminal", "mountains at night".
        seed: Decides what the name leaves open.

    Raises:
        ValueError: If nothing is named that can be drawn, a colour is not to be had for it, or
            it could not be seen, such as a black star on black.
    """
    words = f" {' '.join(re.findall(r'[a-z0-9]+', name.lower()))} "
    asked = _asked(words)
    rng = random.Random(f"{seed} {name}")
    for _ in range(ATTEMPTS):
        picks = {key: rng.choice(values) for key, values in choices_of(asked["kind"]).items()}
        drawing = Drawing(**(picks | asked))
        if is_drawable(drawing):
            return drawing
    message = f"{name!r} cannot be seen: its colour is that of the ground"
    raise ValueError(message)


def _asked(words: str) -> dict[str, str]:
    """The attributes that words ask for; ``words`` has a space before and after each."""
    body, ground = _split(words, " on ", last=True)
    kind = _kind(body)
    if kind != "shapes":
        return {"kind": kind} | _attributes(body, kind, choices_of(kind))
    on_ground = _attributes(ground, "pair", ["ground"])
    for phrase, relation in RELATIONS:
        first, second = _split(body, phrase)
        if second:
            return {"kind": "pair", "relation": relation} | _pair(first, second) | on_ground
    own = _attributes(body, kind, ["colour", "shape", "size", "count"])
    return {"kind": kind, "count": _count(body)} | own | on_ground


def _pair(first: str, second: str) -> dict[str, str]:
    """What two objects ask for."""
    asked = _attributes(first, "pair", ["colour", "shape"])
    other = _attributes(second, "pair", ["colour", "shape"])
    return asked | {f"{key}2": value for key, value in other.items()}


def _kind(words: str) -> str:
    """The kind that is named itself or by what only that kind can show."""
    kind = _first(words, "kind")
    kind = kind or ("scene" if _first(words, "scenery") else "")
    kind = kind or ("shapes" if _first(words, "shape") else "")
    if not kind:
        message = "no kind of picture is named: try 'a red circle', 'a bar chart', 'the sea'"
        raise ValueError(message)
    return kind


def _attributes(words: str, kind: str, wanted: Iterable[str]) -> dict[str, str]:
    """Those of the wanted attributes of a kind that the words name."""
    asked = {}
    for attribute in wanted:
        choices = choices_of(kind)[attribute]
        value = _first(words, attribute, choices)
        stranger = _first(words, "colour") if attribute in ("colour", "ground") else ""
        if stranger and not value:
            message = f"{stranger} is not to be had here: choose {', '.join(choices)}"
            raise ValueError(message)
        if value:
            asked[attribute] = value
    return asked


def _count(words: str) -> str:
    """The count of shapes that no number is named for: by the noun's plural."""
    nouns = [noun for nouns in WORDS_FOR["shape"].values() for noun in nouns]
    return "many" if any(f" {plural_of(noun)} " in words for noun in nouns) else "one"


def _split(words: str, middle: str, *, last: bool = False) -> tuple[str, str]:
    """What stands before and after the first or last ``middle``; ("all words", "") without."""
    if middle not in words:
        return words, ""
    first, _, second = words.rpartition(middle) if last else words.partition(middle)
    return f"{first} ", f" {second}"


def _first(words: str, attribute: str, values: Iterable[str] | None = None) -> str:
    """The value of an attribute that is named first in the words, or nothing."""
    places = {
        value: place
        for value in values or WORDS_FOR[attribute]
        for spelling in WORDS_FOR[attribute][value]
        for form in (spelling, plural_of(spelling))
        if (place := words.find(f" {form} ")) >= 0
    }
    return min(places, key=places.__getitem__) if places else ""
