"""What ``weavclip search`` takes as a whole process, beyond the model's own work.

On a model of ViT-B/32's true size with random weights. The model's own work (loading the text
tower, encoding the query) is measured bare in the same run and taken off.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile
import time
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from scripts.benchmarks import bare
from scripts.benchmarks.rows import Row, row_of
from weavclip.embed.models import ModelStore

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

CLIPS = 200
WARM_RUNS, COLD_RUNS = 25, 8
WITHIN_S = 120.0
WEAVCLIP = (sys.executable, "-m", "weavclip")
WORDS = "the chart with two peaks"


@dataclass(frozen=True, slots=True)
class Desk:
    """A data folder with clips and an installed model, and the settings that name them."""

    folder: Path
    environ: Mapping[str, str]

    def run(self, *options: str) -> float:
        """Run a command that must succeed; its seconds as a whole process."""
        started = time.perf_counter()
        subprocess.run(
            [*WEAVCLIP, *options],
            env=self.environ,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=WITHIN_S,
            check=True,
        )
        return time.perf_counter() - started


def rows() -> Iterator[Row]:
    """With a warm engine and with none; takes about two minutes."""
    with desk() as used:
        model = bare.text_tower(bare.model_folder(), words=WORDS, runs=COLD_RUNS)
        yield row_of("bare: load the text tower", model.load_s, unit="s")
        yield row_of("bare: encode a query", model.encode_s, unit="s")
        load_s, encode_s = statistics.median(model.load_s), statistics.median(model.encode_s)
        used.run("search", WORDS)
        warm = [used.run("search", WORDS) - encode_s for _ in range(WARM_RUNS)]
        yield row_of("search, engine warm, beyond encode", warm, unit="s", note="< 0.3")
        cold = []
        for _ in range(COLD_RUNS):
            used.run("engine", "--stop")
            cold.append(used.run("search", WORDS) - encode_s - load_s)
        yield row_of("search, no engine, beyond load and encode", cold, unit="s", note="< 0.8")


@contextmanager
def desk(*, clips: int = CLIPS) -> Iterator[Desk]:
    """A data folder with ``clips`` texts and a random ViT-B/32, its engine ended afterwards."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        used = Desk(folder, _environ(folder))
        # Not by the command: this model's calibration would say nothing and take a minute.
        store = ModelStore(folder / "data" / "models", roboflow_url="")
        store.import_folder(bare.model_folder())
        texts = folder / "texts"
        texts.mkdir()
        for number in range(clips):
            (texts / f"{number}.txt").write_text(f"note {number}: two peaks in week {number % 52}")
        used.run("add", str(texts))
        try:
            yield used
        finally:
            used.run("engine", "--stop")


def _environ(folder: Path) -> dict[str, str]:
    kept = {k: v for k, v in os.environ.items() if not k.startswith("WEAVCLIP_")}
    kept.pop("XDG_RUNTIME_DIR", None)
    return kept | {
        "WEAVCLIP_CONFIG": str(folder / "config.toml"),
        "WEAVCLIP_DATA_DIR": str(folder / "data"),
        "WEAVCLIP_MODEL": bare.MODEL,
        "WEAVCLIP_INDEX": "exact",
    }
