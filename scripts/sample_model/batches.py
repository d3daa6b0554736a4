"""What one step of training sees: families of pictures that hardly differ, and what is said."""

import functools
import random
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from dataclasses import dataclass
from itertools import islice
from multiprocessing import get_context

import numpy as np
from numpy.typing import NDArray

from scripts.sample_model.claims import truth
from scripts.sample_model.drawings import draw
from scripts.sample_model.preparation import RESOLUTION, square
from scripts.sample_model.spec import Drawing, chance, random_drawing, sibling
from scripts.sample_model.tokens import CONTEXT, END, START, encode
from scripts.sample_model.wording import say

FAMILIES = 64
SIBLINGS = 2  # beside a drawing and its second picture
ORDINARY = 64  # texts about nothing that can be drawn, each in two versions
SIDES_PX = (80, 112, 144, 192)
SMALL_WORDS = (
    "a an the of on in at by with to and is are was that this it its i me my we you your for from "
    "as be not no or but if so do does can will what where when who how all some any more one new "
    "please find show about into out up down over after before , . : / - ( ) 1 2 3 0"
)
MARGIN = 3  # pixels of 64 by which a picture is moved at most


@dataclass(frozen=True, slots=True)
class Batch:
    """B pictures, two phrases for each, and 2 x ORDINARY texts that belong to no picture.

    Attributes:
        pixels: uint8 (B, 64, 64, 3).
        tokens: int32 (2 B + 2 ORDINARY, length): phrases that name everything, phrases that
            name a part, and two versions of the ordinary texts.
        true: bool (2 B, B): phrase (row) is true of picture (column).
        open: bool (2 B, B): neither right nor wrong.
        same: bool (B, B): two pictures of one drawing.
    """

    pixels: NDArray[np.uint8]
    tokens: NDArray[np.int32]
    true: NDArray[np.bool_]
    open: NDArray[np.bool_]
    same: NDArray[np.bool_]


def _seen(rng: random.Random, drawing: Drawing) -> NDArray[np.uint8]:
    """A picture of the drawing as the visual tower sees it, moved by a few pixels."""
    picture = draw(drawing, seed=rng.randrange(2**31), side_px=rng.choice(SIDES_PX))
    pixels = square(picture)
    if chance(rng, 0.5):
        return pixels
    wide = np.pad(pixels, ((MARGIN, MARGIN), (MARGIN, MARGIN), (0, 0)), mode="edge")
    x, y = rng.randrange(2 * MARGIN + 1), rng.randrange(2 * MARGIN + 1)
    return wide[y : y + RESOLUTION, x : x + RESOLUTION]


def families(rng: random.Random) -> list[Drawing]:
    """Families of a drawing, itself again and siblings; nothing that is held out."""
    found: list[Drawing] = []
    for _ in range(FAMILIES):
        first = _allowed(rng, None)
        found += [first, first]
        for _ in range(SIBLINGS):
            found.append(_allowed(rng, rng.choice(found[-2:])))
    return found


def _allowed(rng: random.Random, kin: Drawing | None) -> Drawing:
    """A drawing, or a sibling of ``kin``, that is not held out."""
    while True:
        drawing = sibling(rng, kin) if kin else random_drawing(rng)
        if not drawing.is_held_out():
            return drawing


@functools.cache
def known_tokens(samples: int = 30_000) -> tuple[int, ...]:
    """The tokens that training says, ascending, with 0, start and end."""
    rng = random.Random(0)
    phrases = [
        phrase
        for _ in range(samples)
        for phrase in say(rng, _allowed(rng, None), whole=chance(rng, 0.5)).phrases
    ]
    return tuple(int(token) for token in np.unique(encode(phrases)))


def _with_strangers(rng: random.Random, row: NDArray[np.int32]) -> NDArray[np.int32]:
    """The row with a few words unknown to the towers before or after it, on every third."""
    if chance(rng, 0.7):
        return row
    words = [int(token) for token in row[1 : row.argmax()]]
    before, after = ([rng.randrange(512, START) for _ in range(rng.randint(0, 2))] for _ in "ab")
    return _row([*before, *words, *after])


def _row(words: Sequence[int]) -> NDArray[np.int32]:
    """Start, words, end, zeros: int32 (77,)."""
    row = np.zeros(CONTEXT, np.int32)
    ids = [START, *words[: CONTEXT - 2], END]
    row[: len(ids)] = ids
    return row


@functools.cache
def _small_words() -> tuple[int, ...]:
    """The tokens of words that hold sentences together, whatever these are about."""
    rows = encode([SMALL_WORDS])
    return tuple(int(token) for token in rows[0, 1 : rows[0].argmax()])


def _ordinary(rng: random.Random) -> list[NDArray[np.int32]]:
    """Texts of unknown and small words; the second half are the same with words left out."""
    texts = [
        [
            rng.choice(_small_words()) if chance(rng, 0.4) else rng.randrange(512, START)
            for _ in range(rng.randint(1, 14))
        ]
        for _ in range(ORDINARY)
    ]
    again = [[word for word in words if chance(rng, 0.75)] or words for words in texts]
    for words in again:
        if chance(rng, 0.5):
            rng.shuffle(words)
    return [_row(words) for words in [*texts, *again]]


def make_batch(seed: int) -> Batch:
    """One step's pictures and phrases, decided by the seed alone."""
    rng = random.Random(seed)
    drawings = families(rng)
    sayings = [
        say(rng, each, whole=whole, count=1) for whole in (True, False) for each in drawings
    ]
    rows = encode([saying.phrases[0] for saying in sayings])
    tokens = np.stack([*(_with_strangers(rng, row) for row in rows), *_ordinary(rng)])
    bits = np.array([drawing.bits() for drawing in drawings], np.uint16)
    return Batch(
        pixels=np.stack([_seen(rng, drawing) for drawing in drawings]),
        tokens=tokens[:, : int(tokens.argmax(axis=1).max()) + 1],
        true=truth([saying.claims for saying in sayings], drawings),
        open=truth([saying.nearly for saying in sayings], drawings),
        same=(bits[:, None] == bits[None]).all(axis=2),
    )


def batches(seed: int, *, steps: int, ahead: int = 4) -> Iterator[Batch]:
    """``steps`` batches in order, made by another process while the last one is used."""
    seeds = iter(range(seed * 1_000_003, seed * 1_000_003 + steps))
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as other:
        waiting: list[Future[Batch]] = [
            other.submit(make_batch, each) for each in islice(seeds, ahead)
        ]
        while waiting:
            batch = waiting.pop(0).result()
            waiting += [other.submit(make_batch, each) for each in islice(seeds, 1)]
            yield batch
