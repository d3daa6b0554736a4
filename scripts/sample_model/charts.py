"""Drawings of charts and tables."""

import math
from itertools import accumulate, pairwise

from scripts.sample_model.canvas import PAINTS, RGB, Canvas, Point
from scripts.sample_model.spec import COLOURS, Drawing

INK: RGB = (58, 58, 62)
FAINT_INK: RGB = (222, 222, 226)
PAPER: RGB = (250, 250, 249)
LEFT, RIGHT, TOP = 0.12, 0.94, 0.13
TURN = 0.27  # of the highest bar: an uneven chart goes up and down by more, and ends level


def _paper(canvas: Canvas) -> None:
    """White-ish paper, with a heading on every other sheet."""
    canvas.fill(canvas.near(PAPER, 5))
    if canvas.chance(0.5):
        canvas.write((0.24, 0.02), canvas.babble(3).title(), colour=INK, height=0.06)


def _plot(canvas: Canvas) -> float:
    """Paper with two axes and perhaps a grid; returns the height of the lower axis in sides."""
    _paper(canvas)
    floor = canvas.between(0.84, 0.9)
    if canvas.chance(0.5):
        for i in range(5):
            height = TOP + (floor - TOP) * i / 5
            canvas.stroke([(LEFT, height), (RIGHT, height)], FAINT_INK)
    canvas.stroke([(LEFT, TOP), (LEFT, floor), (RIGHT, floor)], INK)
    for i in range(5):
        spot = (LEFT + (RIGHT - LEFT) * i / 5, floor + 0.01)
        canvas.write(spot, str(i * 10), colour=INK, height=0.045)
    return floor


def _heights(canvas: Canvas, trait: str) -> list[float]:
    """Heights of four to eight bars in 0 to 1; uneven ones turn at least once clearly."""
    count = canvas.rng.randint(4, 8)
    if trait == "uneven":
        while True:
            heights = [canvas.between(0.2, 1) for _ in range(count)]
            steps = [b - a for a, b in pairwise(heights)]
            if max(steps) > TURN and -min(steps) > TURN and abs(heights[0] - heights[-1]) < TURN:
                return heights
    top = canvas.between(0.8, 1)
    rising = [0.18 + (top - 0.18) * i / (count - 1) for i in range(count)]
    heights = [height + canvas.between(-0.04, 0.04) for height in rising]
    return heights if trait == "rising" else heights[::-1]


def draw_bars(canvas: Canvas, drawing: Drawing) -> None:
    """A bar chart that rises, falls or does neither."""
    floor = _plot(canvas)
    colour = canvas.near(PAINTS[drawing.colour])
    heights = _heights(canvas, drawing.trait)
    step = (RIGHT - LEFT) / len(heights)
    for i, height in enumerate(heights):
        x = LEFT + step * i
        top = floor - (floor - TOP) * height
        canvas.box((x + step * 0.14, top), (x + step * 0.86, floor), colour)


def _curve(canvas: Canvas, peaks: list[float]) -> list[Point]:
    """A curve over 0 to 1 with a bell at each peak and a little noise."""
    bells = [(peak, canvas.between(0.6, 0.84), canvas.between(0.06, 0.11)) for peak in peaks]
    return [
        (
            x,
            0.07
            + canvas.between(-0.012, 0.012)
            + sum(
                height * math.exp(-(((x - peak) / width) ** 2)) for peak, height, width in bells
            ),
        )
        for x in (i / 60 for i in range(61))
    ]


def draw_line(canvas: Canvas, drawing: Drawing) -> None:
    """A line chart with one peak or two."""
    floor = _plot(canvas)
    if drawing.trait == "one peak":
        peaks = [canvas.between(0.28, 0.72)]
    else:
        peaks = [canvas.between(0.18, 0.33), canvas.between(0.66, 0.82)]
    canvas.stroke(
        [(LEFT + (RIGHT - LEFT) * x, floor - (floor - TOP) * y) for x, y in _curve(canvas, peaks)],
        canvas.near(PAINTS[drawing.colour]),
        canvas.between(0.014, 0.026),
    )


def draw_pie(canvas: Canvas, drawing: Drawing) -> None:  # noqa: ARG001 - a pie has no attributes
    """A pie chart of three to six slices."""
    _paper(canvas)
    count = canvas.rng.randint(3, 6)
    weights = [canvas.between(0.5, 2) for _ in range(count)]
    ends = [360 * end / sum(weights) for end in accumulate(weights, initial=0)]
    start, radius = canvas.between(0, 360), canvas.between(0.27, 0.38)
    x, y = canvas.at((canvas.between(0.45, 0.55), 0.55))
    r = radius * canvas.side
    paints = canvas.rng.sample(COLOURS[:8], count)
    for (low, high), paint in zip(pairwise(ends), paints, strict=True):
        fill = canvas.near(PAINTS[paint])
        frame = (x - r, y - r, x + r, y + r)
        canvas.pen.pieslice(frame, start + low, start + high, fill=fill, outline=PAPER)


def draw_table(canvas: Canvas, drawing: Drawing) -> None:
    """Rows and columns of words and numbers under a coloured heading row."""
    canvas.fill(canvas.near(PAPER, 5))
    columns, rows = canvas.rng.randint(3, 5), canvas.rng.randint(5, 9)
    left, right = canvas.between(0.04, 0.1), canvas.between(0.9, 0.96)
    top, bottom = canvas.between(0.06, 0.2), canvas.between(0.8, 0.95)
    width, height = (right - left) / columns, (bottom - top) / rows
    canvas.box((left, top), (right, top + height), canvas.near(PAINTS[drawing.colour]))
    for row in range(rows):
        for column in range(columns):
            head = row == 0 or column == 0
            words = canvas.babble(1).title() if head else str(canvas.rng.randint(1, 999))
            spot = (left + width * column + 0.015, top + height * (row + 0.2))
            ink = PAPER if row == 0 else INK
            canvas.write(spot, words[:7], colour=ink, height=min(height * 0.55, 0.05))
    rule = canvas.near((150, 150, 156))
    for row in range(rows + 1):
        canvas.stroke([(left, top + height * row), (right, top + height * row)], rule)
    for column in range(columns + 1):
        canvas.stroke([(left + width * column, top), (left + width * column, bottom)], rule)
