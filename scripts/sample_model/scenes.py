"""Drawings that stand for photographs: a place by day, by night or at sunset."""

import numpy as np
from PIL import Image, ImageDraw, ImageFilter

from scripts.sample_model.canvas import RGB, Canvas, Point
from scripts.sample_model.spec import Drawing

SKIES: dict[str, tuple[RGB, RGB]] = {
    "day": ((84, 150, 226), (202, 226, 246)),
    "night": ((8, 10, 34), (28, 34, 76)),
    "sunset": ((96, 60, 130), (252, 150, 70)),
}
#: How much of each channel of a thing's colour is left at that time.
LIGHTS = {"day": (1.0, 1.0, 1.0), "night": (0.26, 0.27, 0.32), "sunset": (0.72, 0.5, 0.46)}
GRAIN = 9  # largest change of a pixel, as a camera's noise would make


class Scene:
    """A landscape in the making: the canvas, the time of day and where the sky ends."""

    def __init__(self, canvas: Canvas, time: str) -> None:
        """Begin with the sky."""
        self.canvas, self.time = canvas, time
        self.left, self.top, self.right, self.bottom = canvas.edges
        self.horizon = canvas.between(0.5, 0.62)
        self._sky()

    def tone(self, colour: RGB) -> RGB:
        """A colour in the light of the hour."""
        red, green, blue = self.canvas.near(colour, 13)
        light = LIGHTS[self.time]
        return round(red * light[0]), round(green * light[1]), round(blue * light[2])

    def across(self, share: float) -> float:
        """A place from the left edge (0) to the right (1)."""
        return self.left + (self.right - self.left) * share

    def anywhere(self) -> float:
        """A random place between left and right."""
        return self.canvas.between(self.left, self.right)

    def ground(self, start: float, colour: RGB) -> None:
        """Fill everything below a height."""
        self.canvas.box((self.left, start), (self.right, self.bottom), self.tone(colour))

    def _sky(self) -> None:
        """A gradient, stars or clouds, and mostly a sun or moon."""
        canvas = self.canvas
        high, low = (np.array(canvas.near(colour, 10)) for colour in SKIES[self.time])
        fall = np.clip(np.linspace(0, 1.5, canvas.height), 0, 1)[:, None, None]
        rows = np.broadcast_to(high * (1 - fall) + low * fall, (canvas.height, canvas.width, 3))
        canvas.image = Image.fromarray(rows.astype(np.uint8))
        canvas.pen = ImageDraw.Draw(canvas.image)
        if self.time == "night":
            self._stars()
        elif canvas.chance(0.7):
            self._clouds()
        if self.time == "sunset" or canvas.chance(0.75):
            self._sun()

    def _stars(self) -> None:
        for _ in range(self.canvas.rng.randint(25, 60)):
            self.canvas.disc(
                (self.anywhere(), self.canvas.between(0, 0.5)), 0.005, (236, 236, 222)
            )

    def _clouds(self) -> None:
        white: RGB = (246, 248, 250) if self.time == "day" else (250, 190, 150)
        for _ in range(self.canvas.rng.randint(1, 3)):
            x, y = self.anywhere(), self.canvas.between(0.06, 0.3)
            for i in range(4):
                self.canvas.disc((x + i * 0.055, y - 0.02 * (i % 2)), 0.045, white)

    def _sun(self) -> None:
        colours: dict[str, RGB] = {
            "day": (255, 236, 112),
            "night": (238, 238, 216),
            "sunset": (255, 232, 150),
        }
        height = self.horizon - 0.03 if self.time == "sunset" else self.canvas.between(0.1, 0.28)
        radius = self.canvas.between(0.05, 0.08) * (1.4 if self.time == "sunset" else 1)
        self.canvas.disc((self.canvas.between(0.15, 0.85), height), radius, colours[self.time])


def _sea(scene: Scene) -> None:
    """Water with waves up to the horizon, and perhaps a beach."""
    canvas = scene.canvas
    scene.ground(scene.horizon, (40, 100, 166))
    for _ in range(40):
        x, y = scene.anywhere(), canvas.between(scene.horizon, scene.bottom)
        canvas.stroke([(x, y), (x + 0.07, y)], scene.tone((112, 166, 212)))
    if canvas.chance(0.6):
        shore = [(scene.left, 0.9), (scene.right, canvas.between(0.8, 0.95))]
        corners = [*shore, (scene.right, scene.bottom), (scene.left, scene.bottom)]
        canvas.area(corners, scene.tone((226, 206, 152)))


def _ridge(scene: Scene, layer: int) -> list[Point]:
    """Tops and saddles from left to right."""
    count = 7 + 2 * layer
    return [
        (
            scene.across(i / (count - 1)),
            scene.horizon
            + layer * 0.09
            - scene.canvas.between(0.08, 0.3) * (1 if (i + layer) % 2 else 0.2),
        )
        for i in range(count)
    ]


def _mountains(scene: Scene) -> None:
    """Two rows of mountains, the far ones with snow, over grass."""
    canvas = scene.canvas
    for layer, rock in enumerate(((122, 122, 138), (86, 90, 102))):
        ridge = _ridge(scene, layer)
        foot = [(scene.right, scene.bottom), (scene.left, scene.bottom)]
        canvas.area([*ridge, *foot], scene.tone(rock))
        for x, y in ridge[1::2] if layer == 0 else ():
            cap = [(x, y), (x - 0.04, y + 0.06), (x + 0.04, y + 0.06)]
            canvas.area(cap, scene.tone((240, 240, 246)))
    scene.ground(scene.horizon + 0.17, (92, 142, 72))


def _forest(scene: Scene) -> None:
    """Fir trees, the near ones lower."""
    canvas = scene.canvas
    scene.ground(scene.horizon, (70, 120, 60))
    feet = sorted(
        (canvas.between(scene.horizon, scene.bottom), scene.anywhere())
        for _ in range(canvas.rng.randint(14, 26))
    )
    for y, x in feet:
        height = canvas.between(0.2, 0.34)
        trunk = height * 0.04
        canvas.box((x - trunk, y - height * 0.2), (x + trunk, y), scene.tone((96, 66, 40)))
        low, half = y - height * 0.15, height * 0.26
        fir = [(x, y - height), (x - half, low), (x + half, low)]
        canvas.area(fir, scene.tone((36, 96, 46)))


def _city(scene: Scene) -> None:
    """A row of houses with windows, lit when it is not day, and a street."""
    canvas = scene.canvas
    street = scene.horizon + 0.17
    scene.ground(street, (96, 96, 100))
    x = scene.left - 0.02
    while x < scene.right:
        width, top = canvas.between(0.09, 0.17), street - canvas.between(0.15, 0.5)
        wall = canvas.rng.choice(((120, 120, 130), (150, 130, 116), (96, 106, 126)))
        canvas.box((x, top), (x + width, street), scene.tone(wall))
        _windows(scene, (x + 0.015, top + 0.02, x + width - 0.02, street - 0.03))
        x += width * 1.03


def _windows(scene: Scene, frame: tuple[float, float, float, float]) -> None:
    """A grid of small windows; some stay out."""
    left, top, right, bottom = frame
    glass: RGB = (206, 222, 236) if scene.time == "day" else (250, 220, 122)
    for y in np.arange(top, bottom, 0.046):
        for x in np.arange(left, right, 0.036):
            if scene.canvas.chance(0.6):
                scene.canvas.box((x, y), (x + 0.015, y + 0.02), glass)


def _desert(scene: Scene) -> None:
    """Dunes of sand and a few cactuses."""
    canvas = scene.canvas
    scene.ground(scene.horizon, (228, 190, 122))
    for i in range(3):
        height = scene.horizon + 0.1 * i
        ridge = [(scene.across(j / 8), height + canvas.between(-0.04, 0.05)) for j in range(9)]
        foot = [(scene.right, scene.bottom), (scene.left, scene.bottom)]
        canvas.area([*ridge, *foot], scene.tone((214 - 12 * i, 172 - 12 * i, 102 - 8 * i)))
    for _ in range(canvas.rng.randint(1, 3)):
        _cactus(scene, (canvas.between(0.1, 0.9), canvas.between(0.75, 0.95)))


def _cactus(scene: Scene, foot: Point) -> None:
    """A trunk with two arms."""
    green, (x, y) = scene.tone((58, 128, 66)), foot
    size = scene.canvas.between(0.12, 0.2)
    scene.canvas.box((x - 0.016, y - size), (x + 0.016, y), green)
    for side, height in ((-1, 0.45), (1, 0.6)):
        elbow, hand = (x + side * 0.05, y - size * height), (x + side * 0.05, y - size * 0.95)
        scene.canvas.stroke([(x, y - size * height), elbow, hand], green, 0.022)


PLACES = {
    "sea": _sea,
    "mountains": _mountains,
    "forest": _forest,
    "city": _city,
    "desert": _desert,
}


def draw_scene(canvas: Canvas, drawing: Drawing) -> None:
    """A landscape, a little blurred and grainy as a photograph is."""
    PLACES[drawing.scenery](Scene(canvas, drawing.trait))
    soft = canvas.image.filter(ImageFilter.GaussianBlur(canvas.side / 300))
    noise = np.random.default_rng(canvas.rng.randrange(2**31))
    grain = noise.integers(-GRAIN, GRAIN + 1, (canvas.height, canvas.width, 1))
    pixels = (np.asarray(soft).astype(np.int16) + grain).clip(0, 255)
    canvas.image = Image.fromarray(pixels.astype(np.uint8))
