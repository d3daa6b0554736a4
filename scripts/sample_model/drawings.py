"""Pictures drawn to order: pick or name a drawing, get its picture and what can be said of it.

Everything random comes from a seed: the same drawing, seed and side give the same pixels.

    picture = png(named("a red circle on white"), seed=7)
    captions_of(named("mountains at night"))
"""

import io
import random
import re
from collections.abc import Callable

from PIL import Image

from scripts.sample_model.canvas import Canvas
from scripts.sample_model.charts import draw_bars, draw_line, draw_pie, draw_table
from scripts.sample_model.pages import draw_chat, draw_map, draw_terminal, draw_text
from scripts.sample_model.phrasebook import WORDS_FOR
from scripts.sample_model.scenes import draw_scene
from scripts.sample_model.shapes import draw_pair, draw_shapes
from scripts.sample_model.spec import Drawing, choices_of, is_drawable
from scripts.sample_model.wording import plural_of, say

DEFAULT_SIDE_PX = 256
SMALLEST_SIDE_PX = 48
ATTEMPTS = 500

HANDS: dict[str, Callable[[Canvas, Drawing], None]] = {
    "shapes": draw_shapes,
    "pair": draw_pair,
    "bars": draw_bars,
    "line": draw_line,
    "pie": draw_pie,
    "terminal": draw_terminal,
    "text": draw_text,
    "table": draw_table,
    "chat": draw_chat,
    "map": draw_map,
    "scene": draw_scene,
}


def draw(drawing: Drawing, *, seed: int, side_px: int = DEFAULT_SIDE_PX) -> Image.Image:
    """Draw a picture.

    Args:
        drawing: What it shows.
        seed: Decides all that the drawing leaves open: places, shades, words, proportions.
        side_px: Shorter side, in pixels; what is drawn lies in the central square of that side.

    Returns:
        An RGB picture, up to 1.41 times as long as ``side_px`` in one direction.

    Raises:
        ValueError: If ``side_px`` is less than 48.
    """
    if side_px < SMALLEST_SIDE_PX:
        message = f"side_px {side_px} is under {SMALLEST_SIDE_PX}: nothing could be told apart"
        raise ValueError(message)
    rng = random.Random(f"{seed} {drawing.bits()}")
    wide = rng.choice((1.0, 1.0, 1.12, 1.33))
    stretch = (1.0, rng.choice((1.0, 1.2, 1.41))) if drawing.kind == "text" else (wide, 1.0)
    canvas = Canvas(rng, side=side_px, stretch=stretch)
    HANDS[drawing.kind](canvas, drawing)
    return canvas.image


def png(drawing: Drawing, *, seed: int, side_px: int = DEFAULT_SIDE_PX) -> bytes:
    """The same picture as ``draw``, as PNG bytes."""
    stream = io.BytesIO()
    draw(drawing, seed=seed, side_px=side_px).save(stream, format="PNG")
    return stream.getvalue()


def captions_of(drawing: Drawing, *, count: int = 3, seed: int = 0) -> list[str]:
    """Phrases that are true of the drawing and name everything that it shows."""
    return list(say(random.Random(seed), drawing, whole=True, count=count).phrases)


def named(name: str, *, seed: int = 0) -> Drawing:
    """The drawing that a plain name asks for.

    Args:
        name: Such as "a line chart with two peaks", "three small red stars on blue",
            "a red circle above a green ring", "a dark terminal", "mountains at night".
        seed: Decides what the name leaves open.

    Raises:
        ValueError: If no word of the name is a thing that can be drawn, or what it asks for
            cannot be seen, such as a red circle on red.
    """
    words = f" {' '.join(re.findall(r'[a-z0-9]+', name.lower()))} "
    asked = _asked(words)
    rng = random.Random(f"{seed} {name}")
    for _ in range(ATTEMPTS):
        picks = {key: rng.choice(values) for key, values in choices_of(asked["kind"]).items()}
        drawing = Drawing(**(picks | asked))
        if is_drawable(drawing):
            return drawing
    message = f"{name!r} cannot be seen: its colours are those of the ground"
    raise ValueError(message)


def _asked(words: str) -> dict[str, str]:
    """The attributes that words ask for; ``words`` has a space before and after each."""
    kind = _asked_kind(words)
    if kind is None:
        message = "no kind of picture is named: try 'a red circle', 'a bar chart', 'the sea'"
        raise ValueError(message)
    for relation, pattern in (("left", " left of "), ("above", " above ")):
        first, middle, second = words.partition(pattern)
        if kind == "shapes" and middle:
            return _asked_pair(relation, f"{first} ", f" {second}")
    asked = {"kind": kind}
    body, ground = _split_ground(words)
    for attribute, values in choices_of(kind).items():
        found = _first(ground if attribute == "ground" else body, attribute, values)
        if found:
            asked[attribute] = found
    if kind == "shapes" and "count" not in asked:
        spellings = WORDS_FOR["shape"][asked["shape"]]
        many = any(f" {plural_of(each)} " in body for each in spellings)
        asked["count"] = "many" if many else "one"
    return asked


def _asked_kind(words: str) -> str | None:
    """The kind that is named itself or by what only that kind can show."""
    by_part = (("scenery", "scene"), ("shape", "shapes"))
    return _first(words, "kind") or next(
        (kind for attribute, kind in by_part if _first(words, attribute)), None
    )


def _asked_pair(relation: str, first: str, second: str) -> dict[str, str]:
    """Two objects and how they stand; a ground may follow the second."""
    second, ground = _split_ground(second)
    found = {
        "colour": _first(first, "colour"),
        "shape": _first(first, "shape"),
        "colour2": _first(second, "colour"),
        "shape2": _first(second, "shape"),
        "ground": _first(ground, "ground"),
    }
    asked = {key: value for key, value in found.items() if value}
    return {"kind": "pair", "relation": relation} | asked


def _split_ground(words: str) -> tuple[str, str]:
    """What stands before the last " on " and what after it."""
    body, on, ground = words.rpartition(" on ")
    return (f"{body} ", f" {ground}") if on else (words, " ")


def _first(words: str, attribute: str, values: tuple[str, ...] | None = None) -> str | None:
    """The value of an attribute that is named first in the words, or None."""
    places = {
        value: place
        for value, spellings in WORDS_FOR[attribute].items()
        if values is None or value in values
        for spelling in (*spellings, *map(plural_of, spellings))
        if (place := words.find(f" {spelling} ")) >= 0
    }
    return min(places, key=places.__getitem__) if places else None
