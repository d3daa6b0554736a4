"""Pictures drawn to order: pick or name a drawing, get its picture and what can be said of it.

Everything random comes from a seed: the same drawing, seed and side give the same pixels.

    picture = png(named("a red circle on white"), seed=7)
    captions_of(named("mountains at night"))
"""

import io
import random
from collections.abc import Callable

from PIL import Image

from scripts.sample_model.canvas import Canvas
from scripts.sample_model.charts import draw_bars, draw_line, draw_pie, draw_table
from scripts.sample_model.naming import named
from scripts.sample_model.pages import draw_chat, draw_map, draw_terminal, draw_text
from scripts.sample_model.scenes import draw_scene
from scripts.sample_model.shapes import draw_pair, draw_shapes
from scripts.sample_model.spec import Drawing
from scripts.sample_model.wording import say

__all__ = ["Drawing", "captions_of", "draw", "named", "png"]

DEFAULT_SIDE_PX = 256
SMALLEST_SIDE_PX = 48

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
