"""Drawings of what is copied from a screen: a terminal, a page of text, a chat, a map."""

from scripts.sample_model.canvas import PAINTS, RGB, Canvas
from scripts.sample_model.spec import Drawing

BUTTONS: tuple[RGB, ...] = ((238, 92, 84), (246, 190, 58), (84, 200, 92))
COMMANDS = ("$ ls -l", "$ make", "$ git log", "$ cd build", "$ ssh host", "$ pytest -q", "$ top")
INK: RGB = (46, 46, 50)
LAST_BUBBLE = 0.86  # no bubble starts lower
MAIN_ROADS = (0, 1)
LINE_STEP = 1.32  # line height in letter heights


def draw_terminal(canvas: Canvas, drawing: Drawing) -> None:
    """A window with a title bar, commands and their output."""
    dark = drawing.trait == "dark"
    canvas.fill(canvas.near((22, 24, 30) if dark else (246, 246, 241), 8))
    left, top, right, bottom = canvas.edges
    bar = top + canvas.between(0.06, 0.1)
    canvas.box((left, top), (right, bar), canvas.near((70, 72, 78) if dark else (206, 206, 210)))
    for i, button in enumerate(BUTTONS):
        size = bar - top
        canvas.disc((size * (i + 0.5), top + size / 2), size * 0.28, button)
    inks = ((84, 228, 112), (222, 222, 222), (250, 202, 84))
    inks = inks if dark else ((30, 30, 30), (20, 92, 42), (30, 62, 122))
    _session(canvas, start=bar, floor=bottom, ink=canvas.rng.choice(inks))


def _session(canvas: Canvas, *, start: float, floor: float, ink: RGB) -> None:
    """Commands and what they answer, line by line until ``floor`` or earlier."""
    size = canvas.between(0.045, 0.066)
    y = start + size * 0.6
    for _ in range(canvas.rng.randint(6, 14)):
        if y > floor - size:
            return
        command = canvas.chance(0.4)
        words = canvas.rng.choice(COMMANDS) if command else canvas.babble(canvas.rng.randint(1, 6))
        faded = not command and canvas.chance(0.3)
        colour = canvas.near((150, 150, 150)) if faded else ink
        canvas.write((size * 0.5, y), words, colour=colour, height=size)
        y += size * LINE_STEP


def draw_text(canvas: Canvas, drawing: Drawing) -> None:
    """A page of writing in one column or two."""
    canvas.fill(canvas.near((250, 250, 248), 5))
    _, top, _, bottom = canvas.edges
    size = canvas.between(0.034, 0.05)
    start = top + canvas.between(0.05, 0.1)
    if canvas.chance(0.6):
        canvas.write((0.1, start), canvas.babble(3).title(), colour=INK, height=size * 1.7)
        start += size * 2.6
    columns = 1 if drawing.trait == "one column" else 2
    width = 0.84 if columns == 1 else 0.38
    ink = canvas.near(INK)
    for column in range(columns):
        _column(
            canvas,
            (0.08 + 0.46 * column, start, 0.08 + 0.46 * column + width, bottom),
            size=size,
            ink=ink,
        )


def _column(
    canvas: Canvas, frame: tuple[float, float, float, float], *, size: float, ink: RGB
) -> None:
    """Lines of words between left, top, right and bottom, in paragraphs."""
    left, y, right, bottom = frame
    while y < bottom - size * 2:
        ends = canvas.chance(0.13)
        share = canvas.between(0.3, 0.8) if ends else 1
        letters = int((right - left) / (size * 0.52) * share)
        canvas.write((left, y), canvas.babble(20)[:letters], colour=ink, height=size)
        y += size * (LINE_STEP + (0.9 if ends else 0))


def draw_chat(canvas: Canvas, drawing: Drawing) -> None:
    """Speech bubbles, the other's on the left, one's own in colour on the right."""
    dark = drawing.trait == "dark"
    canvas.fill(canvas.near((24, 26, 32) if dark else (244, 244, 247), 6))
    mine = canvas.near(canvas.rng.choice(((40, 120, 245), (40, 175, 90), (140, 80, 220))))
    theirs = canvas.near((62, 64, 72) if dark else (220, 221, 226), 8)
    ink: RGB = (236, 236, 240) if dark else INK
    y = canvas.between(0.02, 0.07)
    while y < LAST_BUBBLE:
        own = canvas.chance(0.5)
        lines, width = canvas.rng.randint(1, 2), canvas.between(0.35, 0.6)
        left = 0.95 - width if own else 0.05
        height = 0.055 * lines + 0.05
        _bubble(canvas, (left, y, left + width, y + height), mine if own else theirs)
        for i in range(lines):
            words = canvas.babble(12)[: int(width / 0.03)]
            spot = (left + 0.03, y + 0.02 + i * 0.055)
            canvas.write(spot, words, colour=(250, 250, 250) if own else ink, height=0.045)
        y += height + canvas.between(0.025, 0.06)


def _bubble(canvas: Canvas, frame: tuple[float, float, float, float], colour: RGB) -> None:
    """A rectangle with round corners."""
    start, end = canvas.at(frame[:2]), canvas.at(frame[2:])
    canvas.pen.rounded_rectangle((*start, *end), radius=0.04 * canvas.side, fill=colour)


def draw_map(canvas: Canvas, drawing: Drawing) -> None:  # noqa: ARG001 - a map has no attributes
    """Streets between blocks, a park, a river and a pin."""
    canvas.fill(canvas.near((236, 232, 222), 6))
    left, top, right, bottom = canvas.edges
    x, y = canvas.between(0.05, 0.6), canvas.between(0.05, 0.6)
    size = canvas.between(0.2, 0.32)
    canvas.box((x, y), (x + size, y + size), canvas.near((186, 220, 164), 8))
    bend = [canvas.between(0, 1) for _ in range(3)]
    river = [(left, bend[0]), (0.5, bend[1]), (right, bend[2])]
    canvas.stroke(river, canvas.near((152, 196, 232), 8), canvas.between(0.07, 0.12))
    lanes = [canvas.between(0.06, 0.94) for _ in range(canvas.rng.randint(7, 10))]
    for i, lane in enumerate(lanes):
        slant = lane + canvas.between(-0.08, 0.08)
        ends = [(left, lane), (right, slant)] if i % 2 else [(lane, top), (slant, bottom)]
        main = i in MAIN_ROADS
        colour: RGB = (250, 214, 110) if main else (255, 255, 255)
        canvas.stroke(ends, colour, 0.04 if main else 0.022)
    _pin(canvas)


def _pin(canvas: Canvas) -> None:
    """A red pin that marks a place."""
    x, y = canvas.between(0.3, 0.7), canvas.between(0.25, 0.6)
    red = canvas.near(PAINTS["red"])
    canvas.area([(x - 0.045, y + 0.01), (x + 0.045, y + 0.01), (x, y + 0.14)], red)
    canvas.disc((x, y), 0.05, red)
    canvas.disc((x, y), 0.02, (255, 255, 255))
