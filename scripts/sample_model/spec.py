"""What a drawing shows: a few named attributes, each with a short list of values."""

import random
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields, replace
from types import MappingProxyType

KINDS = (
    "shapes", "pair", "bars", "line", "pie", "terminal", "text", "table", "chat", "map", "scene",
)  # fmt: skip
PAGE_KINDS = KINDS[2:]
COLOURS = (
    "red", "orange", "yellow", "green", "blue", "purple", "pink", "brown", "black", "grey",
)  # fmt: skip
SHAPES = ("circle", "square", "triangle", "star", "heart", "arrow", "cross", "ring")
SIZES = ("small", "big")
COUNTS = ("one", "two", "three", "many")
GROUNDS = ("white", "black", "grey", "yellow", "blue", "pink", "green")
RELATIONS = ("left", "above")
SCENERY = ("mountains", "sea", "forest", "city", "desert")
TRAITS_OF = MappingProxyType(
    {
        "bars": ("rising", "falling", "uneven"),
        "line": ("one peak", "two peaks"),
        "terminal": ("dark", "light"),
        "text": ("one column", "two columns"),
        "chat": ("dark", "light"),
        "scene": ("day", "night", "sunset"),
    }
)
TRAITS = tuple(dict.fromkeys(trait for traits in TRAITS_OF.values() for trait in traits))
INKS = ("red", "orange", "green", "blue", "purple")  # seen well on paper, even one pixel wide

VALUES: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "kind": KINDS,
        "colour": COLOURS,
        "shape": SHAPES,
        "size": SIZES,
        "count": COUNTS,
        "ground": GROUNDS,
        "colour2": COLOURS,
        "shape2": SHAPES,
        "relation": RELATIONS,
        "trait": TRAITS,
        "scenery": SCENERY,
    }
)
ATTRIBUTES = tuple(VALUES)
ABSENT_BIT = 1 << 15
ANYTHING = 0xFFFF

#: How often each kind is drawn for training, in hundredths: the more there is to tell apart.
SHARES = MappingProxyType(
    dict(zip(KINDS, (46, 24, 4, 4, 1.5, 2.5, 2.5, 3, 2.5, 1.5, 8.5), strict=True))
)

#: Never drawn and never said in training: can the towers put together what they know?
HELD_OUT_PAINT = frozenset(
    {
        ("red", "heart"), ("orange", "square"), ("yellow", "ring"), ("green", "star"),
        ("blue", "triangle"), ("purple", "circle"), ("pink", "cross"), ("brown", "arrow"),
        ("black", "square"), ("grey", "star"), ("green", "arrow"), ("blue", "ring"),
    }
)  # fmt: skip
HELD_OUT_NUMBERS = frozenset(
    {("three", "circle"), ("two", "star"), ("many", "cross"), ("three", "heart")}
)

#: What may be exchanged: "a red star on blue" and "a blue star on red" share all their words.
EXCHANGES = MappingProxyType(
    {
        "shapes": ((("colour", "ground"),),),
        "pair": (
            (("colour", "colour2"),),
            (("shape", "shape2"),),
            (("colour", "colour2"), ("shape", "shape2")),
            (("colour", "ground"),),
        ),
    }
)

#: A colour that is hardly seen on a ground of another name.
FAINT = frozenset({("brown", "black"), ("yellow", "white")})


@dataclass(frozen=True, slots=True, kw_only=True)
class Drawing:
    """One picture's content; an attribute that its kind does not have is empty.

    Raises:
        ValueError: If an attribute has a value that is not in ``VALUES``.
    """

    kind: str
    colour: str = ""
    shape: str = ""
    size: str = ""
    count: str = ""
    ground: str = ""
    colour2: str = ""
    shape2: str = ""
    relation: str = ""
    trait: str = ""
    scenery: str = ""

    def __post_init__(self) -> None:
        """Refuse values that cannot be drawn."""
        for attribute, value in self.items():
            if value not in VALUES[attribute]:
                message = f"{attribute} {value!r} is none of {', '.join(VALUES[attribute])}"
                raise ValueError(message)

    def items(self) -> Iterator[tuple[str, str]]:
        """The attributes that apply, each with its value."""
        for field in fields(self):
            value = getattr(self, field.name)
            if value:
                yield field.name, value

    def bits(self) -> tuple[int, ...]:
        """One bit an attribute, in the order of ``ATTRIBUTES``; ``ABSENT_BIT`` where empty."""
        known = dict(self.items())
        return tuple(
            1 << VALUES[name].index(known[name]) if name in known else ABSENT_BIT
            for name in ATTRIBUTES
        )

    def is_held_out(self) -> bool:
        """Whether training must never see it."""
        paints = {(self.colour, self.shape), (self.colour2, self.shape2)}
        return bool(paints & HELD_OUT_PAINT) or (self.count, self.shape) in HELD_OUT_NUMBERS


def chance(rng: random.Random, odds: float) -> bool:
    """Whether something happens that does with these odds."""
    return rng.random() < odds


def choices_of(kind: str) -> dict[str, tuple[str, ...]]:
    """The attributes that a kind has, each with the values that it may take."""
    if kind in ("shapes", "pair"):
        own = ("colour", "shape", "ground") + (
            ("size", "count") if kind == "shapes" else ("colour2", "shape2", "relation")
        )
        return {name: VALUES[name] for name in own}
    choices = {"trait": TRAITS_OF[kind]} if kind in TRAITS_OF else {}
    if kind in ("bars", "line", "table"):
        choices["colour"] = INKS
    if kind == "scene":
        choices["scenery"] = SCENERY
    return choices


def is_drawable(drawing: Drawing) -> bool:
    """Whether its shapes stand out from the ground and its two objects differ."""
    twins = drawing.kind == "pair" and (drawing.colour, drawing.shape) == (
        drawing.colour2,
        drawing.shape2,
    )
    return not twins and all(
        not colour or (colour != drawing.ground and (colour, drawing.ground) not in FAINT)
        for colour in (drawing.colour, drawing.colour2)
    )


def random_drawing(rng: random.Random, kind: str = "") -> Drawing:
    """A drawable drawing, of ``kind`` or of a kind drawn by ``SHARES``."""
    kind = kind or rng.choices(KINDS, tuple(SHARES.values()))[0]
    choices = choices_of(kind)
    while True:
        picks = {name: rng.choice(values) for name, values in choices.items()}
        drawing = Drawing(kind=kind, **picks)
        if is_drawable(drawing):
            return drawing


def sibling(rng: random.Random, drawing: Drawing) -> Drawing:
    """A drawing that is hard to tell apart: one attribute differs, or two are exchanged.

    A kind without attributes gives another kind.
    """
    choices = choices_of(drawing.kind)
    if not choices:
        return random_drawing(rng)
    while True:
        changed = _exchanged(rng, drawing) if chance(rng, 0.3) else drawing
        if changed == drawing:
            name = rng.choice(tuple(choices))
            values = [each for each in choices[name] if each != getattr(drawing, name)]
            changed = replace(drawing, **{name: rng.choice(values)})
        if is_drawable(changed):
            return changed


def _exchanged(rng: random.Random, drawing: Drawing) -> Drawing:
    """The drawing with some attributes exchanged; itself where that would give no drawing."""
    values = dict(drawing.items())
    for one, two in rng.choice(EXCHANGES.get(drawing.kind, ((),))):
        values[one], values[two] = values[two], values[one]
    if any(value not in VALUES[name] for name, value in values.items()):
        return drawing
    return Drawing(**values)


def all_drawings(kind: str) -> list[Drawing]:
    """Every drawing of a kind of page, in a fixed order."""
    found = [Drawing(kind=kind)]
    for name, values in choices_of(kind).items():
        found = [replace(drawing, **{name: value}) for drawing in found for value in values]
    return found
