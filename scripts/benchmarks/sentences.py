"""A text model alone: seconds a text, and what becomes of texts that are longer than it reads.

Wants WEAVCLIP_TEST_TEXT_MODEL=FOLDER, as ``scripts/convert_text_model`` writes one, and the shared
data folder beside the project. It runs on one thread.
"""

from __future__ import annotations

import json
import os
import random
import time
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from scripts.benchmarks.rows import Row, row_of
from weavclip.embed import cards
from weavclip.embed.sentence import SentenceOnnx
from weavclip.embed.tokenizer import ClipTokenizer
from weavclip.embed.towers import normalised
from weavclip.search.judge import gain

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from weavclip.domain.vectors import Embeddings

TEXTS = Path(__file__).resolve().parents[3] / "shared" / "data" / "texts"
QUERIES = 200
PARTS = 12
"""Commands with their descriptions in one long text, about 300 tokens."""
LENGTHS = (256, 128, 64, 32)


def rows() -> Iterator[Row]:
    """Time of a query and of many texts; then a part's own words look for a text of twelve."""
    named = os.environ.get("WEAVCLIP_TEST_TEXT_MODEL")
    if not named:
        yield Row(stage="not measured: no text model", n=0, median=0.0, unit="")
        return
    folder = Path(named)
    model = SentenceOnnx(folder, cards.read(folder / cards.CARD), threads=1)
    known = [json.loads(line) for line in (TEXTS / "commands.jsonl").open(encoding="utf-8")]
    yield _query(model, [each["query"] for each in known[:QUERIES]])
    yield _rate(model, [each["command"] for each in known])
    long, asked = _long(known)
    queries = model.embed_texts(asked)
    for name, vectors in _ways(model, folder, long):
        near = queries @ vectors.T
        found = [gain(row, place) for place, row in enumerate(near)]
        yield Row(
            stage=f"texts of {PARTS} parts, {name}",
            n=len(found),
            median=float(np.mean(found)),
            unit="NDCG@10",
        )


def _query(model: SentenceOnnx, texts: Sequence[str]) -> Row:
    model.embed_texts(texts[:1])
    taken = []
    for text in texts:
        began = time.perf_counter()
        model.embed_texts([text])
        taken.append((time.perf_counter() - began) * 1000)
    return row_of("one query, one thread", taken, unit="ms")


def _rate(model: SentenceOnnx, texts: Sequence[str]) -> Row:
    began = time.perf_counter()
    model.embed_texts(texts)
    rate = len(texts) / (time.perf_counter() - began)
    return Row(stage="commands embedded, one thread", n=len(texts), median=rate, unit="texts/s")


def _long(known: Sequence[dict[str, str]]) -> tuple[list[str], list[str]]:
    """Texts of several commands with what they are for, and the words of one part of each."""
    order = list(range(len(known)))
    random.Random(0).shuffle(order)
    groups = [order[at : at + PARTS] for at in range(0, len(order) - PARTS + 1, PARTS)]
    texts = ["\n\n".join(_told(known[each]) for each in group) for group in groups]
    return texts, [known[g[n % PARTS]]["query"] for n, g in enumerate(groups)]


def _told(entry: dict[str, str]) -> str:
    return f"{entry['query']}\n{entry['command']}"


def _ways(
    model: SentenceOnnx, folder: Path, texts: Sequence[str]
) -> Iterator[tuple[str, Embeddings]]:
    yield "as the product does", model.embed_texts(texts)
    context, tokenizer = (
        model.card.context_length,
        ClipTokenizer.from_file(folder / "tokenizer.json"),
    )
    whole = [tokenizer.pieces(text, 1 << 16)[0] for text in texts]
    cut = [np.concatenate([piece[: context - 1], piece[-1:]]) for piece in whole]
    yield "the rest cut off", np.concatenate([_mean(model, [piece]) for piece in cut])
    for length in LENGTHS:
        pieces = [tokenizer.pieces(text, length, most=64) for text in texts]
        yield f"windows of {length}", np.concatenate([_mean(model, each) for each in pieces])


def _mean(
    model: SentenceOnnx, pieces: Sequence[np.ndarray[tuple[int, ...], np.dtype[np.int32]]]
) -> Embeddings:
    graph, tokenizer = model._loaded()  # noqa: SLF001 - rows of tokens, not texts
    vectors = normalised(graph.run(pieces, padding=tokenizer.padding))
    return normalised(vectors.mean(axis=0, keepdims=True))
