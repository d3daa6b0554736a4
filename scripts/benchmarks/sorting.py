"""What sorting costs: a clip as it arrives beside 100,000 stored ones, and the topics of all.

The 40,000 pictures that are stored, and those that arrive, are pieces of drawn screens and
drawings in many sizes and qualities, and with ``--data FOLDER`` of the pictures in there and below
it. Every second one that arrives is one of the stored pieces in another size and quality.
"""

from __future__ import annotations

import dataclasses
import sqlite3
import tempfile
import time
from contextlib import closing
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from scripts.benchmarks.forms import cut_from, form
from scripts.benchmarks.large import CLIPS, DIM, MODEL, fill_journal, real_material
from scripts.benchmarks.rows import Row, row_of
from weavclip.domain.alike import Likeness
from weavclip.domain.clip import Draft, Kind
from weavclip.domain.query import Filter, Space
from weavclip.domain.vectors import Calibration, ModelCard
from weavclip.journal.base import DATABASE_NAME
from weavclip.journal.store import SqliteJournal
from weavclip.organise.same_looks import Album
from weavclip.organise.zero_shot import unit
from weavclip.pictures.children import ChildDecoder
from weavclip.pipeline.comparing import Comparing
from weavclip.pipeline.sorting import Sorter
from weavclip.pipeline.topics import topics
from weavclip.wiring.labels import CurrentLabels

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from uuid import UUID

    from numpy.typing import NDArray
    from PIL import Image

    from scripts.benchmarks.large import Real
    from weavclip.domain.vectors import Embedding, Embeddings, Picture

ARRIVING, AT_ONCE, RUNS, SIZE_PX = 800, 8, 3, 224
FILLED_AT_ONCE = 200
_NEVER_AGAIN = 1_000_000


@dataclass(slots=True)
class Took:
    """Milliseconds a clip, of one kind, for each portion.

    Attributes:
        labels: Of finding labels.
        equals: Of finding what is nearly equal.
    """

    labels: list[float] = field(default_factory=list)
    equals: list[float] = field(default_factory=list)

    def rows(self, what: str) -> list[Row]:
        """Each, and both."""
        both = [one + other for one, other in zip(self.labels, self.equals, strict=True)]
        return [
            row_of(f"{what}: labels", self.labels, unit="ms a clip"),
            row_of(f"{what}: near-duplicates", self.equals, unit="ms a clip"),
            row_of(f"{what}: labels and near-duplicates", both, unit="ms a clip", note="< 5"),
        ]


def rows(data: str = "") -> Iterator[Row]:
    """Texts and pictures that arrive one by one, and eight at once as the engine embeds them.

    Vectors are as in :mod:`scripts.benchmarks.large`; labels, too, are found of these.
    """
    with tempfile.TemporaryDirectory() as made:
        folder, real, seen = Path(made) / "journal", real_material(), cut_from(data)
        fill_journal(folder, real)
        with (
            SqliteJournal.open(folder, reserve_bytes=0) as journal,
            closing(ChildDecoder(max_pixels=10**8)) as decoder,
        ):
            comparing = Comparing(journal, decoder)
            yield _compared(comparing, "texts")
            stored = _show(journal, decoder, seen)
            yield _compared(comparing, "pictures")
            yield _candidates(journal)
            _label_never_again(folder)
            sorter = Sorter(journal, MODEL, labels=CurrentLabels(), clip=Directions(), text=None)
            pictures = _pictures(decoder, seen, stored)
            texts = _texts(real.texts[-ARRIVING // 2 :])
            _arrive(journal, sorter, comparing, [*texts[:8], *pictures[:8]])  # all is loaded
            for what, clips in (("a text", texts[8:]), ("a picture", pictures[8:])):
                one, several = Took(), Took()
                half = len(clips) // 2
                for clip in clips[:half]:
                    _measure(one, journal, sorter, comparing, [clip])
                for start in range(half, len(clips), AT_ONCE):
                    _measure(several, journal, sorter, comparing, clips[start : start + AT_ONCE])
                yield from one.rows(f"{what} by itself")
                yield from several.rows(f"{what} of {AT_ONCE}")
            yield _topics(journal, real)


def _topics(journal: SqliteJournal, real: Real) -> Row:
    calibration = Calibration(means=real.means, words_to={}, picture_to={}, origin="these vectors")
    card = dataclasses.replace(Directions.card, calibration=calibration)
    took = []
    for _ in range(RUNS):
        began = time.perf_counter()
        topics(journal, card, line_id=MODEL, where=Filter())
        took.append(time.perf_counter() - began)
    return row_of(f"topics of {CLIPS:,} clips", took, unit="s")


def _compared(comparing: Comparing, what: str) -> Row:
    """Compare all that waits for it, as on any earlier day."""
    began = time.perf_counter()
    done = 0
    while step := comparing.step():
        done += step.done
    rate = done / (time.perf_counter() - began)
    return Row(stage=f"{what} compared in the background", n=done, median=rate, unit="a second")


def _show(journal: SqliteJournal, decoder: ChildDecoder, seen: Sequence[Image.Image]) -> int:
    """Have each stored picture look like something; how many there are."""
    ids = [clip.id for clip in journal.clips(where=Filter(kinds=frozenset({Kind.IMAGE})))]
    for start in range(0, len(ids), FILLED_AT_ONCE):
        part = ids[start : start + FILLED_AT_ONCE]
        forms = (form(seen, start + at) for at in range(len(part)))
        decoded = decoder.decode_many(forms, size_px=SIZE_PX)
        batch: list[tuple[UUID, dict[Space, Embedding], Picture | None]] = [
            (each, {}, picture)
            for each, picture in zip(part, decoded, strict=True)
            if not isinstance(picture, Exception)
        ]
        journal.embedded_many(batch, MODEL)
    return len(ids)


def _candidates(journal: SqliteJournal) -> Row:
    """How many others may be nearly equal to a stored picture, as far as outlines tell."""
    ids, shapes, outlines = journal.outlines()
    album, length = Album(ids, shapes, outlines), len(outlines) // len(ids)
    counts = [
        len(album.candidates(Likeness(shape=shapes[at], outline=own), limit=len(ids))) - 1
        for at in range(0, len(ids), max(1, len(ids) // ARRIVING))
        for own in [outlines[at * length : (at + 1) * length]]
    ]
    return row_of("others whose thumbnails may be looked at for one picture", counts, unit="each")


def _label_never_again(folder: Path) -> None:
    with closing(sqlite3.connect(folder / DATABASE_NAME)) as connection, connection:
        connection.execute("UPDATE clips SET labelled = ?", (_NEVER_AGAIN,))


def _measure(
    took: Took,
    journal: SqliteJournal,
    sorter: Sorter,
    comparing: Comparing,
    clips: Sequence[tuple[Draft, Picture | None]],
) -> None:
    labels_ms, equals_ms = _arrive(journal, sorter, comparing, clips)
    took.labels.append(labels_ms / len(clips))
    took.equals.append(equals_ms / len(clips))


def _arrive(
    journal: SqliteJournal,
    sorter: Sorter,
    comparing: Comparing,
    clips: Sequence[tuple[Draft, Picture | None]],
) -> tuple[float, float]:
    """Milliseconds of labelling and of comparing clips that were just embedded."""
    random = np.random.default_rng(len(clips))
    for draft, picture in clips:
        own = Space.IMAGE if picture else Space.TEXT
        row = {own: unit(random.normal(size=DIM))}
        journal.embedded(journal.add(draft).id, MODEL, row, picture=picture)
    began = time.perf_counter()
    sorter.step()
    between = time.perf_counter()
    comparing.step()
    return (between - began) * 1000, (time.perf_counter() - between) * 1000


def _texts(known: Sequence[str]) -> list[tuple[Draft, Picture | None]]:
    return [(_draft(f"{text} again".encode(), Kind.TEXT, "text/plain"), None) for text in known]


def _pictures(
    decoder: ChildDecoder, seen: Sequence[Image.Image], stored: int
) -> list[tuple[Draft, Picture | None]]:
    """By turns a new piece, and one of all that are stored, in another size and quality."""
    count = ARRIVING // 2
    encoded = [
        form(seen, turn * (stored // count) if turn % 2 else stored + turn, again=turn % 2)
        for turn in range(count)
    ]
    decoded = decoder.decode_many(encoded, size_px=SIZE_PX)
    return [
        (_draft(each, Kind.IMAGE, "image/jpeg"), picture)
        for each, picture in zip(encoded, decoded, strict=True)
        if not isinstance(picture, Exception)
    ]


def _draft(content: bytes, kind: Kind, mime_type: str) -> Draft:
    return Draft(
        kind=kind,
        mime_type=mime_type,
        representations={mime_type: content},
        text=content.decode() if kind is Kind.TEXT else "",
        digest_source=content,
        at=datetime.now(UTC),
    )


class Directions:
    """Vectors without a meaning, at no cost."""

    card = ModelCard(id=MODEL, dim=DIM)
    provider = "CPU"

    def embed_texts(self, texts: Sequence[str]) -> Embeddings:
        """Of sentences."""
        return unit(np.random.default_rng(2).normal(size=(len(texts), DIM)))

    def embed_images(self, squares: Sequence[NDArray[np.uint8]]) -> Embeddings:
        """Of pictures."""
        return unit(np.random.default_rng(3).normal(size=(len(squares), DIM)))

    def close(self) -> None:
        """Nothing is held."""
