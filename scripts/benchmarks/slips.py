"""Typing slips and regular expressions, over 100,000 stored texts (those of the exact strings).

A thousand words that at least two texts have, of 5 letters or more, get one slip each: a letter
too many, too few or wrong, or two that change places, the first one included. Is the word that was
meant read, and how long does the question take? No model is asked, nor a server.
"""

from __future__ import annotations

import random
import string
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

from scripts.benchmarks.exact import filled, memory_folder
from scripts.benchmarks.rows import Row, row_of
from weavclip.domain.query import Query, Wording
from weavclip.index.exact import ExactIndex
from weavclip.journal.store import SqliteJournal
from weavclip.search.service import SearchService

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from weavclip.domain.query import Answer

WORDS, LEAST_LETTERS, PATTERN_RUNS = 1_000, 5, 20
PATTERNS = {
    "an address": r"https?://[^\s/]+/",
    "a word at a line's end, letter case ignored": "(?i)return none$",
    "nothing has it": r"ERR-\d{4}",
}


def rows() -> Iterator[Row]:
    """Takes about 3 minutes, most of it to fill the journal."""
    choose = random.Random(23)
    with (
        tempfile.TemporaryDirectory(dir=memory_folder()) as folder,
        SqliteJournal.open(Path(folder) / "journal", reserve_bytes=0) as journal,
    ):
        texts = len(filled(journal, choose))
        known = journal.terms()
        service = SearchService(
            index=ExactIndex(journal, journal, model_id="", means={}),
            words=journal,
            journal=journal,
        )
        yield from _slips(service, known, choose, texts=texts)
        yield from _patterns(service, texts=texts)


def _slips(
    service: SearchService, known: dict[str, int], choose: random.Random, *, texts: int
) -> Iterator[Row]:
    usable = [term for term, count in known.items() if count > 1 and _is_usual(term)]
    pairs = [(word, slipped(word, choose)) for word in choose.sample(usable, WORDS)]
    unknown = [(word, typed) for word, typed in pairs if typed not in known]
    for stage, is_fuzzy in (("a slip, --fuzzy", True), ("a slip, and what was meant", False)):
        times_ms, right = [], 0
        for word, typed in unknown:
            took_ms, answer = _timed(service, Query(words=typed, fuzzy=is_fuzzy))
            times_ms.append(took_ms)
            right += answer.meant == word
        yield row_of(f"{stage}, {texts:,} texts of {len(known):,} words", times_ms, unit="ms")
        share = right / len(unknown)
        yield Row(stage=f"{stage}: the word", n=len(unknown), median=share, unit="ratio")
    asked = [_timed(service, Query(words=word))[0] for word, _ in unknown]
    yield row_of("the same words without a slip", asked, unit="ms")


def _patterns(service: SearchService, *, texts: int) -> Iterator[Row]:
    for name, pattern in PATTERNS.items():
        query = Query(wording=Wording(pattern=pattern))
        times_ms = [_timed(service, query)[0] for _ in range(PATTERN_RUNS)]
        yield row_of(f"--regex, {texts:,} texts: {name}", times_ms, unit="ms")


def _timed(service: SearchService, query: Query) -> tuple[float, Answer]:
    began = time.perf_counter()
    answer = service.run(query)
    return (time.perf_counter() - began) * 1000, answer


def _is_usual(term: str) -> bool:
    return len(term) >= LEAST_LETTERS and term.isascii() and term.isalpha()


def slipped(word: str, choose: random.Random) -> str:
    """The word with one slip, which changes it."""
    while True:
        at = choose.randrange(len(word))
        letter = choose.choice(string.ascii_lowercase)
        made: Sequence[str] = (
            word[:at] + letter + word[at:],
            word[:at] + word[at + 1 :],
            word[:at] + letter + word[at + 1 :],
            word[:at] + word[at : at + 2][::-1] + word[at + 2 :],
        )
        found = choose.choice(made)
        if found != word:
            return found
