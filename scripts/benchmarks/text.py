"""Questions in words over texts: BM25, a text model, reciprocal ranks, and weavclip's own list.

Each line of a file (JSON) asks with one field for another of its fields, among those of all lines.
Ours is the product's weighing and fusing of what FTS5 and an exact index find, as deep as a search
for ten hits; the text model's probability is made from the calibration set that ships.
"""

from __future__ import annotations

import json
import os
import sqlite3
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, cast
from uuid import UUID

import numpy as np

from scripts.benchmarks.mixed import SHOWN, Stored
from scripts.benchmarks.rows import MEANS_HEADING, Mean, mean_of
from scripts.benchmarks.vectors import shared_folder
from weavclip.assets.calibration import load as load_set
from weavclip.assets.labels import known_texts
from weavclip.domain.query import Match, Space
from weavclip.embed import cards
from weavclip.embed.sentence import SentenceOnnx
from weavclip.pipeline.calibration import calibrate_text_model
from weavclip.search.beside import completed
from weavclip.search.fuse import fuse
from weavclip.search.question import Probe, Question
from weavclip.search.rarity import Spread
from weavclip.search.retrieve import Found, depth_for
from weavclip.search.terms import content_terms
from weavclip.search.weigh import findings
from weavclip.wiring.labels import shipped_labels

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from numpy.typing import NDArray

    from weavclip.domain.clip import Clip
    from weavclip.domain.stores import Journal
    from weavclip.domain.vectors import Embedding, Embeddings, Logistic

    Numbers = NDArray[np.floating]

HEADING = MEANS_HEADING
SHARED = (
    ("commands", "query", "command"),
    ("snippets", "title", "code"),
    ("snippets", "description", "code"),
    ("links", "description", "url"),
)
BM25, MODEL, RANKS, OURS = "BM25", "text model", "reciprocal rank fusion", "ours"
_RANK_OFFSET = 60
MODEL_VARIABLE = "WEAVCLIP_TEST_TEXT_MODEL"


@dataclass(frozen=True, slots=True)
class Meaning:
    """What a text model makes of a corpus, and what its cosines mean."""

    questions: Embeddings
    targets: Embeddings
    chance: Logistic | None

    def vectors_of(self, clip_ids: Sequence[UUID], *_: object) -> dict[UUID, Embedding]:
        """As the journal has them."""
        return {each: self.targets[each.int] for each in clip_ids}


def rows(data: str = "", query: str = "", target: str = "", model: str = "") -> Iterator[Mean]:
    """Recall@1, recall@5 and NDCG@10 of each way, and ours less each part, paired.

    Args:
        data: File of lines in JSON; without one commands, snippets and links of the shared data.
        query: The field that asks.
        target: The field that answers.
        model: Folder of a text model; without one that of WEAVCLIP_TEST_TEXT_MODEL, or words only.
    """
    shared = shared_folder()
    if data and not (query and target):
        yield mean_of("give --query FIELD and --target FIELD", np.zeros(1), unit="")
        return
    if not data and shared is None:
        yield mean_of("no texts: give --data", np.zeros(1), unit="")
        return
    texts = shared / "texts" if shared else Path()
    asked = [(Path(data), query, target)] if data else []
    asked = asked or [(texts / f"{name}.jsonl", *fields) for name, *fields in SHARED]  # type: ignore[misc]
    folder = model or os.environ.get(MODEL_VARIABLE, "")
    encoder = encoder_of(Path(folder)) if folder else None
    for path, asking, answering in asked:
        questions, targets = read(path, asking, answering)
        meaning = meaning_of(encoder, questions, targets) if encoder else None
        yield from _corpus(f"{path.stem}, {asking} -> {answering}", questions, targets, meaning)


def read(path: Path, asking: str, answering: str) -> tuple[list[str], list[str]]:
    """What asks and what answers, of each line of a file."""
    lines = [json.loads(line) for line in path.read_text("utf-8").splitlines()]
    return [line[asking] for line in lines], [line[answering] for line in lines]


def encoder_of(folder: Path) -> tuple[SentenceOnnx, Logistic | None]:
    """A text model, and the probability of its cosines."""
    model = SentenceOnnx(folder, cards.read(folder / cards.CARD), threads=1)
    made = calibrate_text_model(
        model, load_set(), origin="bench text", labels=shipped_labels(), known=known_texts()
    )
    return model, made.words_to.get(Space.SENTENCE)


def meaning_of(
    encoder: tuple[SentenceOnnx, Logistic | None], questions: Sequence[str], targets: Sequence[str]
) -> Meaning:
    """Of a corpus."""
    model, chance = encoder
    return Meaning(model.embed_texts(questions), model.embed_texts(targets), chance)


def _corpus(
    name: str, questions: Sequence[str], targets: Sequence[str], meaning: Meaning | None
) -> Iterator[Mean]:
    ranks: dict[str, list[int]] = {}
    for row, ways in enumerate(_lists(questions, targets, meaning)):
        for way, found in ways.items():
            place = found.index(row) if row in found[:SHOWN] else SHOWN
            ranks.setdefault(way, []).append(place)
    gains = {way: gain_at(np.array(places)) for way, places in ranks.items()}
    for way, places in ranks.items():
        at = np.array(places)
        recalls = {f"recall@{k}": float((at < k).mean()) for k in (1, 5)}
        yield mean_of(f"{name}, {way}", gains[way], unit="NDCG@10", parts=recalls)
    for part in (BM25, MODEL, RANKS):
        if meaning and part in gains:
            yield mean_of(f"{name}, ours - {part}", gains[OURS] - gains[part], unit="paired")


def gain_at(places: NDArray[np.int_]) -> Numbers:
    """NDCG@10 of each list whose one right answer is at this place; SHOWN for none."""
    return np.where(places < SHOWN, 1 / np.log2(places + 2), 0.0)


def _lists(
    questions: Sequence[str], targets: Sequence[str], meaning: Meaning | None
) -> Iterator[Mapping[str, list[int]]]:
    """For each question the rows that each way finds, best first."""
    table = table_of(targets)
    for row, question in enumerate(questions):
        worded = by_words(table, question)
        nearest = near(meaning, row) if meaning else []
        ways = {BM25: [match.id.int for match in worded]}
        if meaning:
            ways[MODEL] = [match.id.int for match in nearest]
            ways[RANKS] = _by_ranks(*ways.values())
        found = Found(
            near={Space.SENTENCE: nearest} if nearest else {},
            words=worded,
            spread=Spread(len(targets), having(table, question)),
        )
        ways[OURS] = _ours(question, found, targets, meaning=meaning, row=row)
        yield ways


def table_of(targets: Sequence[str]) -> sqlite3.Connection:
    """The texts, to be asked for words."""
    table = sqlite3.connect(":memory:")
    table.execute("CREATE VIRTUAL TABLE texts USING fts5(text, tokenize='unicode61')")
    table.executemany("INSERT INTO texts VALUES (?)", [(text,) for text in targets])
    return table


def by_words(table: sqlite3.Connection, question: str) -> list[Match]:
    """The best by BM25, as many as a search for ten hits asks for."""
    sought = " OR ".join(f'"{term}"' for term in content_terms(question))
    found = table.execute(
        "SELECT rowid - 1, -bm25(texts) FROM texts WHERE texts MATCH ? ORDER BY 2 DESC LIMIT ?",
        (sought or '""', depth_for(SHOWN)),
    )
    return [Match(UUID(int=row), value) for row, value in found]


def having(table: sqlite3.Connection, question: str) -> dict[str, int]:
    """How many texts have each of the question's words."""
    counted = "SELECT count(*) FROM texts WHERE texts MATCH ?"
    return {
        term: int(table.execute(counted, (f'"{term}"',)).fetchone()[0])
        for term in content_terms(question)
    }


def near(meaning: Meaning, row: int) -> list[Match]:
    """The nearest by the text model, likewise."""
    cosines = meaning.targets @ meaning.questions[row]
    best = np.argsort(-cosines, kind="stable")[: depth_for(SHOWN)]
    return [Match(UUID(int=int(at)), 1 - float(cosines[at])) for at in best]


def _by_ranks(*found: Sequence[int]) -> list[int]:
    standing: dict[int, float] = {}
    for way in found:
        for rank, row in enumerate(way):
            standing[row] = standing.get(row, 0.0) + 1 / (_RANK_OFFSET + rank)
    return sorted(standing, key=lambda row: -standing[row])


def _ours(
    question: str, found: Found, targets: Sequence[str], *, meaning: Meaning | None, row: int
) -> list[int]:
    clips = cast("Mapping[UUID, Clip]", {each: Stored(each) for each in found.clip_ids()})
    texts = {each: targets[each.int] for each in clips}
    asked = Question(words=question)
    if meaning:
        probe = Probe(meaning.questions[row], meaning.chance)
        asked = Question(words=question, probes={Space.SENTENCE: probe})
        journal = cast("Journal", meaning)
        found = completed(found, asked, clips, journal=journal, models="")
    return [each.clip_id.int for each in fuse(findings(asked, found, clips=clips, texts=texts))]
