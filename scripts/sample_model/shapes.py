"""Drawings of flat shapes: one sort several times, or two sorts and how they stand."""

import math

from scripts.sample_model.canvas import PAINTS, RGB, Canvas, Point
from scripts.sample_model.spec import Drawing

GROUND_PAINTS: dict[str, RGB] = {
    "white": (250, 250, 250),
    "black": (18, 18, 20),
    "grey": (196, 196, 198),
    "yellow": (252, 242, 162),
    "blue": (172, 210, 250),
    "pink": (252, 210, 226),
    "green": (186, 232, 186),
}
#: Radii in sides for sizes and counts, far enough apart to be called small and big.
RADII: dict[str, dict[str, tuple[float, float]]] = {
    "small": {
        "one": (0.09, 0.12),
        "two": (0.085, 0.115),
        "three": (0.08, 0.105),
        "many": (0.055, 0.068),
    },
    "big": {
        "one": (0.26, 0.38),
        "two": (0.185, 0.235),
        "three": (0.16, 0.195),
        "many": (0.1, 0.118),
    },
}
GAP = 2.15  # least distance of two centres, in radii


def _turned(corners: int, radii: tuple[float, ...]) -> list[Point]:
    """Corners around a centre, the first on top, the radii taken in turn."""
    return [
        (
            radii[i % len(radii)] * math.sin(2 * math.pi * i / corners),
            -radii[i % len(radii)] * math.cos(2 * math.pi * i / corners),
        )
        for i in range(corners)
    ]


def _heart() -> list[Point]:
    """The usual heart curve, https://mathworld.wolfram.com/HeartCurve.html, in a unit circle."""
    turns = [2 * math.pi * i / 48 for i in range(48)]
    return [
        (
            math.sin(t) ** 3,
            -(13 * math.cos(t) - 5 * math.cos(2 * t) - 2 * math.cos(3 * t) - math.cos(4 * t)) / 16,
        )
        for t in turns
    ]


def _plus(arm: float) -> list[Point]:
    """A cross of four arms, each ``2 * arm`` wide."""
    quarter = [(arm, -1.0), (arm, -arm), (1.0, -arm)]
    corners: list[Point] = []
    for _ in range(4):
        corners += quarter
        quarter = [(-y, x) for x, y in quarter]
    return corners


OUTLINES: dict[str, list[Point]] = {
    "square": [(-0.82, -0.82), (0.82, -0.82), (0.82, 0.82), (-0.82, 0.82)],
    "triangle": _turned(3, (1.0,)),
    "star": _turned(10, (1.0, 0.42)),
    "heart": _heart(),
    "cross": _plus(0.32),
    "arrow": [
        (-1, -0.26), (0.1, -0.26), (0.1, -0.72), (1, 0), (0.1, 0.72), (0.1, 0.26), (-1, 0.26),
    ],
}  # fmt: skip


def stamp(canvas: Canvas, shape: str, centre: Point, *, radius: float, colour: RGB) -> None:
    """Draw one shape, turned a little; an arrow may point to any side."""
    if shape == "circle":
        return canvas.disc(centre, radius, colour)
    if shape == "ring":
        width = radius * canvas.between(0.26, 0.38)
        return canvas.hoop(centre, radius, colour=colour, width=width)
    angle = canvas.between(-0.2, 0.2)
    if shape == "arrow":
        angle += canvas.rng.randrange(4) * math.pi / 2
    cosine, sine = math.cos(angle) * radius, math.sin(angle) * radius
    return canvas.area(
        [
            (centre[0] + x * cosine - y * sine, centre[1] + x * sine + y * cosine)
            for x, y in OUTLINES[shape]
        ],
        colour,
    )


def _scattered(canvas: Canvas, count: int, radius: float) -> list[Point]:
    """Centres of circles that do not touch; starts anew when a sheet has filled up badly."""
    low, high = radius + 0.03, 0.97 - radius
    while True:
        centres: list[Point] = []
        for _ in range(count * 14):
            spot = (canvas.between(low, high), canvas.between(low, high))
            if all(math.dist(spot, other) > GAP * radius for other in centres):
                centres.append(spot)
            if len(centres) == count:
                return centres


def draw_shapes(canvas: Canvas, drawing: Drawing) -> None:
    """Shapes of one sort, scattered."""
    canvas.fill(canvas.near(GROUND_PAINTS[drawing.ground], 8))
    count = {"one": 1, "two": 2, "three": 3}.get(drawing.count) or canvas.rng.randint(6, 9)
    radius = canvas.between(*RADII[drawing.size][drawing.count])
    colour = canvas.near(PAINTS[drawing.colour])
    for centre in _scattered(canvas, count, radius):
        stamp(
            canvas,
            drawing.shape,
            centre,
            radius=radius * canvas.between(0.94, 1.04),
            colour=colour,
        )


def draw_pair(canvas: Canvas, drawing: Drawing) -> None:
    """Two objects, the first left of or above the second."""
    canvas.fill(canvas.near(GROUND_PAINTS[drawing.ground], 8))
    middle = canvas.between(0.34, 0.66)
    objects = ((drawing.colour, drawing.shape), (drawing.colour2, drawing.shape2))
    for (colour, shape), along in zip(objects, ((0.21, 0.3), (0.7, 0.79)), strict=True):
        spot = (canvas.between(*along), middle + canvas.between(-0.06, 0.06))
        centre = spot if drawing.relation == "left" else spot[::-1]
        radius = canvas.between(0.14, 0.19)
        stamp(canvas, shape, centre, radius=radius, colour=canvas.near(PAINTS[colour]))
