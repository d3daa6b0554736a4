"""Nearly equal clips: how many copies in another form are found, and how many others with them.

Pictures are drawn screens and the sample model's drawings, and with ``--data FOLDER`` those in
there and below it. Texts are the shared snippets.
"""

from __future__ import annotations

import io
import json
import random
from contextlib import closing
from itertools import combinations
from pathlib import Path
from typing import TYPE_CHECKING

from PIL import Image, ImageStat, UnidentifiedImageError

from scripts.benchmarks.rows import Row
from scripts.benchmarks.screens import screens
from scripts.benchmarks.vectors import shared_folder
from scripts.sample_model import drawings
from weavclip.domain.clip import Kind
from weavclip.domain.seen import Pixels
from weavclip.organise import same_words
from weavclip.organise.same_looks import are_nearly_equal, look_of
from weavclip.pictures.children import ChildDecoder
from weavclip.pictures.in_full import are_equal_in_full

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from weavclip.organise.same_looks import Look

    Picture = Image.Image

SCREENS, DRAWINGS = 24, 3
NAMES = ("a line chart with two peaks", "a terminal", "a map", "a chat", "a page of text")
LINES = 8
"""Of the shared questions make a text of some length."""
_WORD, _TRIES, _LEAST_INK = (50, 16), 400, 25.0
_SIZE_PX = 224


def rows(data: str = "") -> Iterator[Row]:
    """Shares of copies that are found, and of different clips that are called the same."""
    with closing(ChildDecoder(max_pixels=10**8)) as decoder:
        yield from _pictures(decoder, [*drawn(), *in_folder(data)])
    yield from _texts()


def _pictures(decoder: ChildDecoder, pictures: Sequence[Picture]) -> Iterator[Row]:
    looks = [_look(each, decoder) for each in pictures]
    for name, change in CHANGES.items():
        found, in_full = [], []
        for look, picture in zip(looks, pictures, strict=True):
            changed = change(picture)
            if changed is not None:
                found.append(_same(look, _look(changed, decoder)))
                in_full.append(found[-1] and are_equal_in_full(_pixels(picture), _pixels(changed)))
        yield _share(f"{name}: the same by thumbnails", found)
        yield _share(f"{name}: and in full", in_full)
    pairs = [_same(one, other) for one, other in combinations(looks, 2)]
    yield _share("different pictures: the same by thumbnails", pairs)


def _same(one: Look | None, other: Look | None) -> bool:
    return one is not None and other is not None and bool(are_nearly_equal(one, other))


def _texts() -> Iterator[Row]:
    folder = (shared_folder() or Path()) / "texts"
    lines = (folder / "snippets.jsonl").read_text("utf-8").splitlines()
    texts = [json.loads(line)["code"] for line in lines]
    yield _share(
        "texts with other white space", [_found(t, f"  {t}".replace(" ", "  ")) for t in texts]
    )
    lines = (folder / "commands.jsonl").read_text("utf-8").splitlines()
    queries, choose = [json.loads(line)["query"] for line in lines], random.Random(1)
    long = [" ".join(queries[at : at + LINES]) for at in range(0, len(queries), LINES)]
    for count in (1, 2, 8):
        changed = [_with_other_words(text, count, choose) for text in long]
        found = [_found(text, other) for text, other in zip(long, changed, strict=True)]
        middle = sorted(len(text.split()) for text in long)[len(long) // 2]
        yield _share(f"texts of some {middle} words, {count} changed", found)
    pairs = [_found(one, other) for one, other in combinations(texts, 2)]
    yield _share("different texts: the same", pairs)


def _found(text: str, other: str) -> bool:
    shared = set(same_words.marks(text, Kind.TEXT)) & set(same_words.marks(other, Kind.TEXT))
    return bool(shared) and same_words.is_nearly_equal(text, other)


def _with_other_words(text: str, count: int, choose: random.Random) -> str:
    words = text.split()
    for place in choose.sample(range(len(words)), count):
        words[place] = "another"
    return " ".join(words)


def drawn() -> Iterator[Picture]:
    """Screens with words, and the sample model's drawings."""
    for screen in screens(SCREENS):
        yield Image.open(io.BytesIO(screen.png)).convert("RGB")
    for name in NAMES:
        for seed in range(DRAWINGS):
            encoded = drawings.png(drawings.named(name), seed=seed, side_px=256)
            yield Image.open(io.BytesIO(encoded)).convert("RGB")


def in_folder(data: str) -> Iterator[Picture]:
    """Every picture in a folder and below it; none without a folder."""
    for path in sorted(Path(data).rglob("*")) if data else ():
        try:
            yield Image.open(path).convert("RGB")
        except (UnidentifiedImageError, IsADirectoryError):
            continue


def _look(picture: Picture, decoder: ChildDecoder) -> Look | None:
    """As the engine looks at it: by the thumbnail of what was copied."""
    decoded = decoder.decode(_encoded(picture), size_px=_SIZE_PX)
    return look_of(
        decoder.greys(decoded.thumbnail), width_px=decoded.width_px, height_px=decoded.height_px
    )


def _encoded(picture: Picture, *, quality: int = 0) -> bytes:
    file = io.BytesIO()
    if quality:
        picture.save(file, "JPEG", quality=quality)
    else:
        picture.save(file, "PNG", compress_level=1)
    return file.getvalue()


def _scaled(picture: Picture, factor: float) -> Picture:
    size = (round(picture.width * factor), round(picture.height * factor))
    return picture.resize(size, Image.Resampling.BICUBIC)


def _as_jpeg(picture: Picture) -> Picture:
    return Image.open(io.BytesIO(_encoded(picture, quality=60))).convert("RGB")


def _one_word(picture: Picture) -> Picture | None:
    """A piece of the size of a word put over another; None where nothing is like words."""
    choose = random.Random(picture.width)
    pieces = []
    for _ in range(_TRIES):
        left = choose.randrange(max(1, picture.width - _WORD[0]))
        top = choose.randrange(max(1, picture.height - _WORD[1]))
        box = (left, top, left + _WORD[0], top + _WORD[1])
        piece = picture.crop(box)
        if _ink(piece) > _LEAST_INK:
            pieces.append((box, piece))
        if len(pieces) > 1:
            changed = picture.copy()
            changed.paste(pieces[0][1], pieces[1][0])
            return changed
    return None


def _ink(piece: Picture) -> float:
    return float(ImageStat.Stat(piece.convert("L")).stddev[0])


def _pixels(picture: Picture) -> Pixels:
    return Pixels(picture.width, picture.height, picture.tobytes())


def _share(stage: str, found: Sequence[bool]) -> Row:
    return Row(stage=stage, n=len(found), median=sum(found) / max(1, len(found)), unit="share")


CHANGES: dict[str, Callable[[Picture], Picture | None]] = {
    "as JPEG of quality 60": _as_jpeg,
    "at half of its size": lambda picture: _scaled(picture, 0.5),
    "at 1.5 of its size": lambda picture: _scaled(picture, 1.5),
    "at half of its size, as JPEG of quality 60": lambda picture: _as_jpeg(_scaled(picture, 0.5)),
    "one word put over another": _one_word,
}
