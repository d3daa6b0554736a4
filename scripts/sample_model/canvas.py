"""A picture in the making: Pillow's drawing calls with a random hand and units of the side."""

import functools
import random
from collections.abc import Sequence

from PIL import Image, ImageDraw, ImageFont

RGB = tuple[int, int, int]
Point = tuple[float, float]

PAINTS: dict[str, RGB] = {
    "red": (216, 38, 38),
    "orange": (244, 138, 28),
    "yellow": (246, 214, 42),
    "green": (46, 160, 68),
    "blue": (42, 92, 214),
    "purple": (132, 58, 178),
    "pink": (246, 122, 180),
    "brown": (128, 78, 38),
    "black": (24, 24, 26),
    "grey": (138, 138, 140),
}
COMMON_WORDS = (
    "time", "people", "year", "way", "day", "thing", "man", "world", "life", "hand", "part",
    "child", "eye", "woman", "place", "work", "week", "case", "point", "company", "number",
    "group", "problem", "fact", "budget", "report", "plan", "river", "letter", "garden", "and",
    "the", "of", "to", "a", "in", "for", "on", "with", "by", "from", "at", "or", "as", "is",
)  # fmt: skip


@functools.cache
def typeface(size_px: int) -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    """Pillow's own font, so that every machine draws the same letters."""
    return ImageFont.load_default(size_px)


class Canvas:
    """A white sheet of ``width`` x ``height`` pixels whose central square has side ``side``.

    What a caption speaks of lies within the central square, since CLIP crops to it. Coordinates
    of the methods are in sides, from the square's upper left corner.
    """

    def __init__(self, rng: random.Random, *, side: int, stretch: tuple[float, float]) -> None:
        """Make a sheet; ``stretch`` is how much wider and higher than the square it is."""
        self.rng = rng
        self.side = side
        self.width, self.height = round(side * stretch[0]), round(side * stretch[1])
        self.left, self.top = (self.width - side) / 2, (self.height - side) / 2
        self.image = Image.new("RGB", (self.width, self.height), "white")
        self.pen = ImageDraw.Draw(self.image)

    @property
    def edges(self) -> tuple[float, float, float, float]:
        """Left, top, right and bottom of the whole sheet, in sides."""
        x, y = self.left / self.side, self.top / self.side
        return -x, -y, 1 + x, 1 + y

    def near(self, colour: RGB, spread: int = 15) -> RGB:
        """A colour at most ``spread`` of 255 away in each channel."""
        red, green, blue = (
            max(0, min(255, part + self.rng.randint(-spread, spread))) for part in colour
        )
        return red, green, blue

    def thick(self, width: float) -> int:
        """Pixels of a line's width given in sides, at least one."""
        return max(1, round(width * self.side))

    def at(self, point: Point) -> Point:
        """Pixels of a point given in sides."""
        return self.left + point[0] * self.side, self.top + point[1] * self.side

    def fill(self, colour: RGB) -> None:
        """Paint the whole sheet."""
        self.pen.rectangle((0, 0, self.width, self.height), fill=colour)

    def box(self, start: Point, end: Point, colour: RGB) -> None:
        """A filled rectangle between two corners in any order."""
        (x0, y0), (x1, y1) = self.at(start), self.at(end)
        corners = (min(x0, x1), min(y0, y1), max(x0, x1), max(y0, y1))
        self.pen.rectangle(corners, fill=colour)

    def disc(self, centre: Point, radius: float, colour: RGB) -> None:
        """A filled circle."""
        x, y = self.at(centre)
        r = radius * self.side
        self.pen.ellipse((x - r, y - r, x + r, y + r), fill=colour)

    def hoop(self, centre: Point, radius: float, *, colour: RGB, width: float) -> None:
        """A circle's outline, ``width`` sides thick, inside the radius."""
        x, y = self.at(centre)
        r = radius * self.side
        self.pen.ellipse((x - r, y - r, x + r, y + r), outline=colour, width=self.thick(width))

    def area(self, corners: Sequence[Point], colour: RGB) -> None:
        """A filled polygon."""
        self.pen.polygon([self.at(corner) for corner in corners], fill=colour)

    def stroke(self, points: Sequence[Point], colour: RGB, width: float = 0.008) -> None:
        """A line through points."""
        ends = [self.at(point) for point in points]
        self.pen.line(ends, fill=colour, width=self.thick(width), joint="curve")

    def write(self, start: Point, words: str, *, colour: RGB, height: float) -> None:
        """Letters about ``height`` sides high, their upper left corner at ``start``."""
        font = typeface(max(6, round(height * self.side)))
        self.pen.text(self.at(start), words, font=font, fill=colour)

    def babble(self, count: int) -> str:
        """That many common words, drawn as writing that means nothing."""
        return " ".join(self.rng.choices(COMMON_WORDS, k=count))

    def chance(self, odds: float) -> bool:
        """Whether something happens that does with these odds."""
        return self.rng.random() < odds

    def between(self, low: float, high: float) -> float:
        """A number drawn uniformly."""
        return self.rng.uniform(low, high)
