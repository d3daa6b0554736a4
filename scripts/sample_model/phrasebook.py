"""How things are called and turned into phrases: what training hears, and what it never does."""

from collections.abc import Mapping
from dataclasses import dataclass

#: How a value is called, the plainest spelling first. All are said in training.
WORDS_FOR: Mapping[str, Mapping[str, tuple[str, ...]]] = {
    "kind": {
        "bars": ("bar chart", "bar graph", "bar diagram", "column chart", "bars"),
        "line": ("line chart", "line graph", "line diagram", "curve", "line plot"),
        "pie": ("pie chart", "pie graph", "pie diagram", "pie"),
        "terminal": ("terminal", "terminal window", "console", "shell", "command line"),
        "text": ("page of text", "document", "text", "printed page", "page of writing", "article"),
        "table": ("table", "spreadsheet", "table of numbers", "grid of numbers"),
        "chat": ("chat", "conversation", "chat window", "chat with messages", "messages"),
        "map": ("map", "street map", "map of streets", "city map"),
        "scene": ("landscape", "view", "scenery", "photo of nature"),
    },
    "colour": {
        "red": ("red",),
        "orange": ("orange",),
        "yellow": ("yellow",),
        "green": ("green",),
        "blue": ("blue",),
        "purple": ("purple", "violet"),
        "pink": ("pink",),
        "brown": ("brown",),
        "black": ("black",),
        "grey": ("grey", "gray"),
    },
    "shape": {
        "circle": ("circle", "disc", "dot"),
        "square": ("square", "box"),
        "triangle": ("triangle",),
        "star": ("star",),
        "heart": ("heart",),
        "arrow": ("arrow",),
        "cross": ("cross", "plus sign"),
        "ring": ("ring", "donut"),
    },
    "size": {"small": ("small", "little", "tiny"), "big": ("big", "large", "huge")},
    "count": {
        "one": ("one", "a single", "1"),
        "two": ("two", "2", "a pair of"),
        "three": ("three", "3"),
        "many": ("many", "lots of", "a lot of", "several"),
    },
    "ground": {
        "white": ("white",),
        "black": ("black",),
        "grey": ("grey", "gray"),
        "yellow": ("yellow",),
        "blue": ("blue",),
        "pink": ("pink",),
        "green": ("green",),
    },
    "trait": {
        "rising": ("rising", "going up", "growing", "that rises"),
        "falling": ("falling", "going down", "shrinking", "that falls"),
        "uneven": ("uneven", "mixed", "going up and down", "irregular"),
        "one peak": ("with one peak", "with a single peak", "with 1 peak", "that has one peak"),
        "two peaks": (
            "with two peaks",
            "with 2 peaks",
            "with a double peak",
            "that has two peaks",
        ),
        "dark": ("dark", "black"),
        "light": ("light", "white", "bright"),
        "one column": ("in one column", "with one column", "with a single column"),
        "two columns": ("in two columns", "with two columns", "with 2 columns"),
        "day": ("by day", "during the day", "in daylight", "in the sun"),
        "night": ("at night", "by night", "in the dark", "under the moon"),
        "sunset": ("at sunset", "in the evening", "at dusk", "while the sun sets"),
    },
    "scenery": {
        "mountains": ("mountains", "a mountain", "hills", "peaks with snow"),
        "sea": ("the sea", "the ocean", "sea", "water and waves"),
        "forest": ("a forest", "forest", "trees", "woods"),
        "city": ("a city", "city", "a town", "buildings", "houses"),
        "desert": ("a desert", "desert", "sand dunes", "sand with cactus"),
    },
}
#: Words for several kinds at once.
GROUPS: Mapping[tuple[str, ...], tuple[str, ...]] = {
    ("bars", "line", "pie"): ("chart", "graph", "diagram", "a chart", "a graph of values"),
    ("terminal", "chat"): ("screenshot", "a screenshot", "a window on a screen"),
    ("shapes", "pair"): ("shapes", "flat shapes", "figures"),
    ("scene",): ("photo", "a photograph", "outdoors", "a picture of nature"),
}
BEFORE = ("dark", "light")  # these traits stand before the noun, the others after it


@dataclass(frozen=True, slots=True)
class Wording:
    """The turns of phrase that a speaker uses; ``{}`` is where the thing goes."""

    frames: tuple[str, ...]
    counts: Mapping[str, tuple[str, ...]]
    sizes: Mapping[str, tuple[str, ...]]
    coloured: tuple[str, ...]
    grounds: tuple[str, ...]
    left: tuple[str, ...]
    above: tuple[str, ...]
    beside: tuple[str, ...]
    heading: tuple[str, ...]
    painted: tuple[str, ...]
    kinds: Mapping[str, tuple[str, ...]]
    traits: Mapping[str, tuple[str, ...]]
    scenery: Mapping[str, tuple[str, ...]]
    keywords: float


USUAL = Wording(
    frames=(
        "{}", "{}", "{}", "{}", "a picture of {}", "an image of {}", "a drawing of {}",
        "a photo of {}", "picture with {}", "show me {}", "find {}", "where is {}", "my {}",
    ),
    counts=WORDS_FOR["count"],
    sizes=WORDS_FOR["size"],
    coloured=("{size} {colour} {noun}",) * 7
    + ("{colour} {size} {noun}", "{size} {noun} in {colour}", "{noun}, {size}, {colour}"),
    grounds=(
        "{thing} on {ground}", "{thing} on a {ground} background",
        "{thing} on {ground} background",
        "{thing} with a {ground} background", "{thing} over {ground}", "on {ground}: {thing}",
        "{ground} background, {thing}",
    ),
    left=(
        "{a} left of {b}", "{a} to the left of {b}", "{b} right of {a}", "{b} to the right of {a}",
        "{a} on the left of {b}", "{b} on the right of {a}", "{a} left, {b} right",
        "on the left {a} and on the right {b}",
    ),
    above=(
        "{a} above {b}", "{a} over {b}", "{b} below {a}", "{b} under {a}", "{b} beneath {a}",
        "{a} on top of {b}", "{a} above, {b} below", "at the top {a} and at the bottom {b}",
    ),
    beside=("{a} and {b}", "{b} and {a}", "{a} with {b}", "{b} next to {a}", "{a} beside {b}"),
    heading=(
        "{thing} with a {colour} heading", "{thing} with {colour} header", "{colour} {thing}",
        "{thing} with a {colour} top row",
    ),
    painted=("{colour} {thing}",) * 3 + ("{thing} in {colour}",),
    kinds=WORDS_FOR["kind"],
    traits=WORDS_FOR["trait"],
    scenery=WORDS_FOR["scenery"],
    keywords=0.12,
)  # fmt: skip

#: Turns of phrase that training never hears, of words that it mostly has heard elsewhere.
NEW = Wording(
    frames=(
        "a sketch that shows {}", "i am looking for {}", "the image i copied yesterday with {}",
        "there must be {} somewhere", "please find the picture where you can see {}",
        "do you still have {}",
    ),
    counts={
        "one": ("just one", "only one"),
        "two": ("exactly two", "just two"),
        "three": ("exactly three", "a total of three"),
        "many": ("very many", "a whole lot of"),
    },
    sizes={"small": ("rather small", "small sized"), "big": ("rather big", "large sized")},
    coloured=(
        "{size} {noun} of {colour} colour", "{size} {colour} coloured {noun}",
        "{size} {noun} painted {colour}",
    ),
    grounds=(
        "{thing} against a {ground} background", "{thing} in front of {ground}",
        "{thing} and the background is {ground}", "{thing} on a sheet of {ground} paper",
    ),
    left=(
        "{a} on the left side of {b}", "{a} placed left of {b}", "{b} on the right side of {a}",
        "{b} that is right of {a}",
    ),
    above=("{a} placed above {b}", "{b} that is below {a}", "{a} that is over {b}"),
    beside=("{a} together with {b}", "both {a} and {b}"),
    heading=("{thing} whose heading is {colour}", "{thing} under a {colour} header row"),
    painted=("{colour} coloured {thing}", "{thing} drawn in {colour}"),
    kinds={
        "bars": ("chart with bars", "graph made of bars"),
        "line": ("chart with a line", "graph with a curve"),
        "pie": ("chart that looks like a pie", "round pie chart"),
        "terminal": ("terminal session", "console window"),
        "text": ("sheet full of text", "printed document", "page full of writing"),
        "table": ("spreadsheet table", "table full of numbers"),
        "chat": ("chat conversation", "window with chat messages"),
        "map": ("map with streets", "map of a city"),
        "scene": ("view of nature",),
    },
    traits={
        "rising": ("where the bars are rising", "of growing values"),
        "falling": ("where the bars are falling", "of shrinking values"),
        "uneven": ("where the bars go up and down", "of mixed values"),
        "one peak": ("that shows exactly one peak", "with only one peak"),
        "two peaks": ("that shows exactly two peaks", "with a pair of peaks"),
        "dark": ("dark coloured", "very dark"),
        "light": ("light coloured", "very light"),
        "one column": ("set in one column", "of a single column"),
        "two columns": ("set in two columns", "of two columns"),
        "day": ("on a day with sun", "in the day"),
        "night": ("in the night", "on a dark night"),
        "sunset": ("during the sunset", "in the evening sun"),
    },
    scenery={
        "mountains": ("high mountains", "mountain tops"),
        "sea": ("the open sea", "ocean waves"),
        "forest": ("a forest of trees", "the woods"),
        "city": ("city buildings", "houses of a town"),
        "desert": ("the sand of a desert", "desert dunes"),
    },
    keywords=0.0,
)  # fmt: skip
