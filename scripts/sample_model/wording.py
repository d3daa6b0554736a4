"""Saying something true of a drawing."""

import random
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from scripts.sample_model.claims import Claim, claim
from scripts.sample_model.phrasebook import BEFORE, GROUPS, USUAL, WORDS_FOR, Wording
from scripts.sample_model.spec import ATTRIBUTES, Drawing, chance

#: Attributes that may be all that is said, and how.
ALONE = {
    "colour": ("{}", "something {}"),
    "shape": ("{}", "a {}", "{} picture"),
    "trait": ("{}", "something {}"),
    "scenery": ("{}", "{} picture"),
}


@dataclass(frozen=True, slots=True)
class Saying:
    """Phrases that mean the same.

    Attributes:
        phrases: The wordings.
        claims: What they allow, one or two claims.
        nearly: Claims of drawings of which it is open whether the phrases are true of them.
    """

    phrases: tuple[str, ...]
    claims: tuple[Claim, ...]
    nearly: tuple[Claim, ...] = ()


def say(
    rng: random.Random,
    drawing: Drawing,
    *,
    whole: bool,
    count: int = 2,
    wording: Wording = USUAL,
) -> Saying:
    """Say something true of a drawing in ``count`` ways.

    Args:
        rng: Decides what is mentioned and how.
        drawing: What is spoken of.
        whole: Mention every attribute; otherwise some.
        count: How many wordings of the same.
        wording: The turns of phrase.
    """
    if not whole and chance(rng, 0.2):
        return _in_a_word(rng, drawing, count)
    if drawing.kind == "shapes":
        return _say_shapes(rng, drawing, whole=whole, count=count, wording=wording)
    if drawing.kind == "pair":
        return _say_pair(rng, drawing, whole=whole, count=count, wording=wording)
    return _say_page(rng, drawing, whole=whole, count=count, wording=wording)


def _framed(rng: random.Random, wording: Wording, phrases: Iterable[str]) -> tuple[str, ...]:
    """Each phrase in a frame, single spaces between words."""
    return tuple(
        " ".join(rng.choice(wording.frames).format(phrase).replace(" ,", ",").split())
        for phrase in phrases
    )


def _in_a_word(rng: random.Random, drawing: Drawing, count: int) -> Saying:
    """A word for several kinds, or one attribute whatever else there is: "something red"."""
    groups = [kinds for kinds in GROUPS if drawing.kind in kinds]
    if groups and chance(rng, 0.3):
        return Saying(_some(rng, GROUPS[groups[0]], count), (claim({"kind": groups[0]}),))
    named = [name for name, _ in drawing.items() if name in ALONE] or ["kind"]
    name = rng.choice(named)
    value = getattr(drawing, name)
    spellings = WORDS_FOR[name][value]
    if value in BEFORE:
        spellings = spellings[:1]  # "something black" would speak of a colour
    claims = [claim({each: value}) for each in (name, f"{name}2") if each in ATTRIBUTES]
    phrases = [
        form.format(spelling)
        for form, spelling in zip(
            _some(rng, ALONE.get(name, ("{}",)), count), _some(rng, spellings, count), strict=True
        )
    ]
    return Saying(tuple(phrases), tuple(claims))


def _some(rng: random.Random, choices: Sequence[str], count: int) -> tuple[str, ...]:
    """``count`` of the choices, drawn with replacement."""
    return tuple(rng.choices(choices, k=count))


def plural_of(noun: str) -> str:
    """The plural of a shape's name: "crosses", "boxes", "stars"."""
    return f"{noun}es" if noun.endswith(("s", "x")) else f"{noun}s"


def with_article(thing: str) -> str:
    """The thing with "a" or "an" before it."""
    return f"{'an' if thing[0] in 'aeiou' else 'a'} {thing}"


def _noun(
    rng: random.Random, mentioned: Mapping[str, str], wording: Wording, *, many: bool
) -> str:
    """Size, colour and shape as one phrase without a number."""
    shapes = WORDS_FOR["shape"]
    noun = rng.choice(shapes[mentioned["shape"]] if "shape" in mentioned else ("shape", "object"))
    size = rng.choice(wording.sizes[mentioned["size"]]) if "size" in mentioned else ""
    noun = plural_of(noun) if many else noun
    if "colour" not in mentioned:
        return f"{size} {noun}".strip()
    colour = rng.choice(WORDS_FOR["colour"][mentioned["colour"]])
    form = rng.choice(wording.coloured)
    return form.format(size=size, colour=colour, noun=noun).replace(", ,", ",").strip()


def _counted(rng: random.Random, mentioned: Mapping[str, str], wording: Wording) -> str:
    """A noun with its number or article."""
    count = mentioned.get("count")
    noun = _noun(rng, mentioned, wording, many=count is not None and count != "one")
    if count == "one" and (wording is USUAL and chance(rng, 0.6)):
        return with_article(noun)
    if count is None:
        return with_article(noun)
    return noun if count == "some" else f"{rng.choice(wording.counts[count])} {noun}"


def _keywords(rng: random.Random, mentioned: Mapping[str, str]) -> str:
    """Words without grammar, as people type them; the ground stays last."""
    spoken = [name for name in ("count", "size", "colour", "shape") if name in mentioned]
    spoken = [name for name in spoken if mentioned[name] not in ("one", "some")]
    rng.shuffle(spoken)
    words = [rng.choice(WORDS_FOR[name][mentioned[name]]) for name in spoken]
    ground = f"{mentioned['ground']} background" if "ground" in mentioned else ""
    return " ".join([*words, ground]).strip() or "shapes"


def _say_shapes(
    rng: random.Random, drawing: Drawing, *, whole: bool, count: int, wording: Wording
) -> Saying:
    """Say how many shapes of what size and colour there are, and on what."""
    odds = {"colour": 0.8, "shape": 0.88, "size": 0.5, "ground": 0.42, "count": 0.7}
    mentioned = {
        name: str(getattr(drawing, name))
        for name, odd in odds.items()
        if whole or chance(rng, odd) or (name == "count" and drawing.count == "one")
    }
    allowed_values: dict[str, str | tuple[str, ...]] = {"kind": "shapes", **mentioned}
    if "count" not in mentioned:
        mentioned["count"] = "some"
        allowed_values["count"] = ("two", "three", "many")
    phrases = []
    for _ in range(count):
        if chance(rng, wording.keywords):
            phrases.append(_keywords(rng, mentioned))
            continue
        thing = _counted(rng, mentioned, wording)
        phrases.append(_on_ground(rng, thing, mentioned.get("ground"), wording=wording))
    return Saying(_framed(rng, wording, phrases), (claim(allowed_values),), _in_pairs(mentioned))


def _in_pairs(mentioned: Mapping[str, str]) -> tuple[Claim, ...]:
    """Pairs that hold such a thing: "a red circle" is neither right nor wrong of them."""
    ground = {"ground": mentioned["ground"]} if "ground" in mentioned else {}
    paint = {name: mentioned[name] for name in ("colour", "shape") if name in mentioned}
    second = {f"{name}2": value for name, value in paint.items()}
    return tuple(claim({"kind": "pair", **ground, **each}) for each in (paint, second))


def _say_pair(
    rng: random.Random, drawing: Drawing, *, whole: bool, count: int, wording: Wording
) -> Saying:
    """Say which two objects there are, and mostly how they stand."""
    parts = _parts_named(rng, whole=whole)
    first = {name: str(getattr(drawing, name)) for name in parts}
    second = {name: str(getattr(drawing, f"{name}2")) for name in parts}
    rest = {"kind": "pair"}
    if whole or chance(rng, 0.8):
        rest["relation"] = drawing.relation
    if whole or chance(rng, 0.25):
        rest["ground"] = drawing.ground
    ways = getattr(wording, rest["relation"]) if "relation" in rest else wording.beside
    phrases = []
    for _ in range(count):
        a, b = (_counted(rng, each, wording) for each in (first, second))
        thing = rng.choice(ways).format(a=a, b=b)
        phrases.append(_on_ground(rng, thing, rest.get("ground"), wording=wording))
    return Saying(_framed(rng, wording, phrases), _pair_claims(first, second, rest))


def _on_ground(rng: random.Random, thing: str, ground: str | None, *, wording: Wording) -> str:
    """The thing with the ground's colour, if that is mentioned."""
    if ground is None:
        return thing
    spelling = rng.choice(WORDS_FOR["ground"][ground])
    return rng.choice(wording.grounds).format(thing=thing, ground=spelling)


def _parts_named(rng: random.Random, *, whole: bool) -> tuple[str, ...]:
    """What is said of a pair's objects: mostly colour and shape, at times one of them."""
    if whole or chance(rng, 0.7):
        return ("colour", "shape")
    return (rng.choices(("shape", "colour"), (6, 4))[0],)


def _pair_claims(
    first: Mapping[str, str], second: Mapping[str, str], rest: Mapping[str, str]
) -> tuple[Claim, ...]:
    """The claim of a pair; without a relation, either object may come first."""
    objects = (first, second)
    orders = (objects,) if "relation" in rest else (objects, objects[::-1])
    return tuple(
        claim({**rest, **one, **{f"{name}2": value for name, value in two.items()}})
        for one, two in orders
    )


def _say_page(
    rng: random.Random, drawing: Drawing, *, whole: bool, count: int, wording: Wording
) -> Saying:
    """Say what kind of page or scene it is, with some of its attributes or all."""
    mentioned = {
        name: value
        for name, value in drawing.items()
        if name != "kind" and (whole or chance(rng, (0.75 if name == "scenery" else 0.5)))
    }
    phrases = [_page_phrase(rng, drawing.kind, mentioned, wording) for _ in range(count)]
    return Saying(_framed(rng, wording, phrases), (claim({"kind": drawing.kind, **mentioned}),))


def _page_phrase(
    rng: random.Random, kind: str, mentioned: Mapping[str, str], wording: Wording
) -> str:
    """One phrase for a page."""
    if "scenery" in mentioned:
        thing = rng.choice(wording.scenery[mentioned["scenery"]])
    else:
        thing = rng.choice(wording.kinds[kind])
    trait = mentioned.get("trait")
    tail = rng.choice(wording.traits[trait]) if trait else ""
    if trait in BEFORE:
        thing, tail = f"{tail} {thing}", ""
    if "colour" in mentioned:
        colour = rng.choice(WORDS_FOR["colour"][mentioned["colour"]])
        forms = wording.heading if kind == "table" else wording.painted
        thing = rng.choice(forms).format(thing=thing, colour=colour)
    plural = "scenery" in mentioned or thing.endswith("s")
    thing = thing if plural or chance(rng, 0.2) else with_article(thing)
    return f"{thing} {tail}".strip()
