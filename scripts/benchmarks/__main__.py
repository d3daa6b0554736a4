"""Measures one subject, or all: an environment line, then a row a stage."""

from __future__ import annotations

import argparse
import dataclasses
import importlib
import json
import os
import platform
import sqlite3
import sys
from importlib.metadata import PackageNotFoundError, version
from typing import TYPE_CHECKING, Any

from scripts.benchmarks.rows import HEADING

if TYPE_CHECKING:
    from collections.abc import Iterable
    from types import ModuleType

SUBJECTS = (
    "capture",
    "durability",
    "idle",
    "waiting",
    "commandline",
    "query",
    "index",
    "embedding",
    "calibration",
    "sentences",
    "memory",
    "kills",
    "hostile",
    "full",
    "outage",
    "retention",
    "archive",
    "network",
    "ranking",
    "nomatch",
    "text",
    "weights",
    "fusing",
    "wording",
    "labels",
    "sorting",
    "alike",
    "exact",
    "slips",
    "ocr",
    "secrets",
    "size",
)
BY_SOURCE = ("capture", "idle", "hostile")
BY_VECTORS = ("ranking", "nomatch")
OPTIONS = {
    "source": BY_SOURCE,
    "data": (*BY_VECTORS, "text", "labels", "exact", "ocr", "alike", "sorting"),
    "calibration": BY_VECTORS,
    "background": BY_VECTORS,
    "phrases": BY_VECTORS,
    "query": ("text",),
    "target": ("text",),
    "model": ("text", "weights", "labels", "memory"),
    "text": ("labels",),
    "label": ("labels",),
}
"""The subjects that each option says something to."""
SOURCES = ("x11", "sway", "kwin", "mutter", "xwayland", "polling")
PACKAGES = ("numpy", "onnxruntime", "pillow", "weaviate-client")


def main() -> int:
    """Measure what was asked for."""
    parser = argparse.ArgumentParser(prog="scripts/bench", description=__doc__)
    parser.add_argument(
        "subjects",
        nargs="*",
        default=SUBJECTS,
        metavar="SUBJECT",
        help=f"one or more of: {', '.join(SUBJECTS)} (default: all)",
    )
    parser.add_argument(
        "--source",
        choices=SOURCES,
        help=f"the display server that {' and '.join(BY_SOURCE)} run on (default: x11); with "
        "polling, for idle alone, an X server that is looked at instead of listened to",
    )
    parser.add_argument(
        "--data",
        help="a folder of vectors; for text JSON lines, for labels a CSV or a folder of pictures, "
        "for exact texts, for ocr, alike and sorting pictures",
    )
    parser.add_argument("--calibration", help="a folder of vectors to calibrate from")
    parser.add_argument("--background", help="vectors of texts that are stored beside (.npy)")
    parser.add_argument("--phrases", help="vectors of generic texts to calibrate with (.npy)")
    parser.add_argument("--query", help="the field of a line that asks")
    parser.add_argument("--target", help="the field of a line that answers")
    parser.add_argument("--model", help="a text model's folder (scripts/convert_text_model)")
    parser.add_argument("--text", help="the field of the CSV file that has the texts")
    parser.add_argument("--label", help="the field that has their labels")
    parser.add_argument("--json", action="store_true", help="print one object instead")
    options = parser.parse_args()
    unknown = set(options.subjects) - set(SUBJECTS)
    if unknown:
        parser.error(f"no such subject: {', '.join(sorted(unknown))}")
    chosen = {name: value for name in OPTIONS if (value := getattr(options, name))}
    for name in chosen:
        if without := set(options.subjects) - set(OPTIONS[name]):
            parser.error(f"--{name} says nothing to: {', '.join(sorted(without))}")
    if options.source == "polling" and options.subjects != ["idle"]:
        parser.error("polling misses copies by design, so it is for idle alone")
    if options.json:
        measured = {
            name: [_plain(row) for row in _rows(name, **chosen)] for name in options.subjects
        }
        sys.stdout.write(json.dumps({"environment": environment(), **measured}, indent=2) + "\n")
        return 0
    print(environment())
    for name in options.subjects:
        heading = getattr(_module(name), "HEADING", HEADING)
        print(f"\n{name}\n{heading}")
        for row in _rows(name, **chosen):
            print(row, flush=True)
    return 0


def environment() -> str:
    """Machine and versions in one line: figures of two such lines do not compare."""
    found = [f"{name} {_version(name)}" for name in PACKAGES]
    return (
        f"{platform.machine()}, {len(os.sched_getaffinity(0))} cores, "
        f"load {os.getloadavg()[0]:.1f}, "
        f"{platform.system()} {platform.release()}, Python {platform.python_version()}, "
        f"SQLite {sqlite3.sqlite_version}, {', '.join(found)}"
    )


def _rows(name: str, **chosen: str) -> Iterable[Any]:
    rows: Iterable[Any] = _module(name).rows(**chosen)
    return rows


def _module(name: str) -> ModuleType:
    return importlib.import_module(f"scripts.benchmarks.{name}")


def _plain(row: Any) -> dict[str, object]:  # noqa: ANN401 - a Row, or a benchmark's own kind
    return dataclasses.asdict(row)


def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return "absent"


if __name__ == "__main__":
    sys.exit(main())
