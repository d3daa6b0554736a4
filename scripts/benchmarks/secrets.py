"""How many secrets are found, how much that is none is taken for one, and what looking costs."""

from __future__ import annotations

import csv
import json
import random
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

from scripts.benchmarks.rows import Row, row_of
from tests.harmless_examples import harmless
from tests.number_examples import ALNUM, DIGITS, some
from tests.secret_examples import examples
from weavclip.privacy.secrets import SecretFinder

if TYPE_CHECKING:
    from collections.abc import Iterator

TEXTS = Path(__file__).resolve().parents[3] / "shared" / "data" / "texts"
COLUMNS = {"commands": "command", "links": "url", "snippets": "code"}
EACH = 500
SIZE = 100_000
TIMES = 200
PATHOLOGICAL = 20
RSS_OF = """
import sys
from weavclip import wiring
from weavclip.journal import store
from weavclip.settings import load
def rss_kb():
    lines = open("/proc/self/status").read().splitlines()
    return int(next(line for line in lines if line.startswith("VmRSS")).split()[1])
load(environ={})
before = rss_kb()
from weavclip.privacy.secrets import SecretFinder
finder = SecretFinder()
print(rss_kb() - before)
text = sys.stdin.read()
finder.kind_of(text)
print(rss_kb() - before)
"""


def rows() -> Iterator[Row]:
    """A minute in all."""
    yield from _found()
    yield from _taken_wrongly()
    yield from _time()
    yield from _memory()


def _found() -> Iterator[Row]:
    finder = SecretFinder(ibans=True)
    drawn, found = Counter[str](), Counter[str]()
    for example in examples(random.Random(1), EACH):
        drawn[example.family] += 1
        kind = finder.kind_of(example.text, source_app=example.source_app)
        found[example.family] += kind is not None
    for family, count in drawn.items():
        yield _share(f"found: {family}", found[family], count)


def _taken_wrongly() -> Iterator[Row]:
    finder = SecretFinder()
    drawn, taken = Counter[str](), Counter[str]()
    for family, text in harmless(random.Random(1), EACH):
        drawn[family] += 1
        taken[family] += finder.kind_of(text) is not None
    for corpus in (*COLUMNS, "questions") if TEXTS.is_dir() else ():
        texts = _texts(corpus)
        drawn[f"real {corpus}"] = len(texts)
        taken[f"real {corpus}"] = sum(finder.kind_of(each) is not None for each in texts)
    for family, count in drawn.items():
        wanted = "< 0.5" if family.startswith("real") else ""
        yield _share(f"taken wrongly: {family}", taken[family], count, note=wanted)


def _share(stage: str, part: int, count: int, *, note: str = "") -> Row:
    return Row(stage=stage, n=count, median=100 * part / count, unit="%", note=note)


def _texts(corpus: str) -> list[str]:
    if corpus == "questions":
        with (TEXTS / "questions.csv").open(encoding="utf-8") as file:
            return [row["text"] for row in csv.DictReader(file)]
    lines = (TEXTS / f"{corpus}.jsonl").read_text(encoding="utf-8").splitlines()
    return [json.loads(line)[COLUMNS[corpus]] for line in lines]


def _time() -> Iterator[Row]:
    finder = SecretFinder()
    began = time.perf_counter()
    SecretFinder()
    made_ms = (time.perf_counter() - began) * 1000
    yield Row(stage="making a finder", n=1, median=made_ms, unit="ms")
    for name, text in _long_texts():
        times = [_took_ms(finder, text) for _ in range(TIMES)]
        yield row_of(f"100 KB of {name}", times, unit="ms", note="p99 < 20")
    for name, text in _hostile_texts():
        times = [_took_ms(finder, text) for _ in range(PATHOLOGICAL)]
        yield row_of(f"100 KB made to be slow: {name}", times, unit="ms")


def _took_ms(finder: SecretFinder, text: str) -> float:
    began = time.perf_counter()
    finder.kind_of(text)
    return (time.perf_counter() - began) * 1000


def _long_texts() -> Iterator[tuple[str, str]]:
    rng = random.Random(2)
    if TEXTS.is_dir():
        for corpus in (*COLUMNS, "questions"):
            yield corpus, _filled("\n".join(_texts(corpus)) + "\n")
    yield "Python", _filled(Path(json.__file__).with_name("decoder.py").read_text("utf-8"))
    yield "base64", some(rng, ALNUM + "+/", SIZE)
    yield "numbers of 16 digits", _filled(" ".join(some(rng, DIGITS, 16) for _ in range(6000)))
    yield (
        "JSON with keys and tokens",
        _filled(
            json.dumps(
                [{"key": f"k{n}", "token": n, "url": f"https://a.test/{n}"} for n in range(3000)]
            )
        ),
    )
    yield (
        "Chinese and Russian",
        _filled("会议纪要和下周的安排 Протокол встречи и планы на неделю. "),
    )


def _hostile_texts() -> Iterator[tuple[str, str]]:
    for piece in (
        "password: aaaa ",
        "?token=",
        "token=aaaaa111111111111 ",
        "4111 1111 1111 1112 ",
    ):
        yield piece.strip(), _filled(piece)
    yield "-----BEGIN", _filled("-----BEGIN PRIVATE " + "KEY-----")


def _filled(text: str) -> str:
    return (text * (SIZE // len(text) + 1))[:SIZE]


def _memory() -> Iterator[Row]:
    """What a finder adds to a process with the agent's modules, before and after hostile texts."""
    text = some(random.Random(3), ALNUM + "+/-_ =:\n", 3 * SIZE)
    done = subprocess.run(
        [sys.executable, "-c", RSS_OF],
        input=text,
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    made_kb, used_kb = map(int, done.stdout.split())
    yield Row(
        stage="RSS that a finder adds, RE2's library included",
        n=1,
        median=made_kb / 1024,
        unit="MB",
    )
    yield Row(stage="the same after 300 KB of random text", n=1, median=used_kb / 1024, unit="MB")
