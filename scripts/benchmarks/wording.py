"""Words as a probability: the covered share of a question against BM25, on real texts."""

from __future__ import annotations

import json
import random
import sqlite3
from typing import TYPE_CHECKING
from uuid import UUID

import numpy as np

from scripts.benchmarks.rows import Row
from scripts.benchmarks.vectors import shared_folder
from weavclip.search.chosen import COVERED
from weavclip.search.coverage import covered
from weavclip.search.judge import gain
from weavclip.search.terms import content_terms

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

Pairs = list[tuple[str, str]]
QUESTIONS = 400
CANDIDATES = 100
LIKELY = 0.5


def rows() -> Iterator[Row]:
    """For each corpus NDCG@10 by BM25 and by the covered share, and what a high one is worth."""
    folder = shared_folder()
    if folder is None:
        return
    likely = (np.log(LIKELY / (1 - LIKELY)) - COVERED.intercept) / COVERED.slope
    for name, pairs in _corpora(folder / "texts"):
        by_rank, by_share, sure = [], [], []
        for question, answer, texts in _asked(pairs):
            shares = covered(
                content_terms(question),
                {UUID(int=place): text for place, text in enumerate(texts)},
            )
            values = np.array([shares.get(UUID(int=place), 0.0) for place in range(len(texts))])
            right = [place for place, text in enumerate(texts) if text == answer]
            ranks = -np.arange(len(texts), dtype=float)
            by_rank.append(gain(ranks, right[0]) if right else 0.0)
            # Among equals BM25 decides, as in the list.
            by_share.append(gain(values + 1e-9 * ranks, right[0]) if right else 0.0)
            sure += [texts[place] == answer for place in np.flatnonzero(values > likely)]
        yield Row(
            stage=f"{name}, covered share",
            n=len(by_share),
            median=float(np.mean(by_share)),
            unit="NDCG@10",
            note=f"BM25 {np.mean(by_rank):.3f}; {np.mean(sure or [0]):.0%} of {len(sure)} "
            "hits over 50 % are right",
        )


def _corpora(folder: Path) -> Iterator[tuple[str, Pairs]]:
    commands = _lines(folder / "commands.jsonl")
    yield "query -> command", [(each["query"], each["command"]) for each in commands]
    yield (
        "tool and query -> command",
        [(f"{each['tool']} {each['query']}", each["command"]) for each in commands],
    )
    snippets = _lines(folder / "snippets.jsonl")
    yield (
        "description -> snippet",
        [(each["description"], f"{each['title']}\n{each['code']}") for each in snippets],
    )
    links = _lines(folder / "links.jsonl")
    yield "description -> URL", [(each["description"], each["url"]) for each in links]


def _lines(path: Path) -> list[dict[str, str]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def _asked(pairs: Pairs) -> Iterator[tuple[str, str, list[str]]]:
    """Question, right answer, and the candidates by BM25, best first."""
    base = sqlite3.connect(":memory:")
    base.execute("CREATE VIRTUAL TABLE texts USING fts5(text, tokenize='unicode61')")
    base.executemany("INSERT INTO texts VALUES (?)", [(answer,) for _, answer in pairs])
    for question, answer in random.Random(0).sample(pairs, min(QUESTIONS, len(pairs))):
        sought = " OR ".join(f'"{term}"' for term in content_terms(question))
        found = base.execute(
            "SELECT text FROM texts WHERE texts MATCH ? ORDER BY bm25(texts) LIMIT ?",
            (sought or '""', CANDIDATES),
        )
        yield question, answer, [text for (text,) in found]
