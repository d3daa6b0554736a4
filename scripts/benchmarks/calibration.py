"""What ``weavclip model import`` takes as a whole process, its calibration included.

On models of ViT-B/32's and ViT-B/16's true size with random weights: copying and inspecting the
graphs, decoding the calibration set, embedding its pictures and texts, and the fit.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

from scripts.benchmarks.random_clip import VIT_B_16, VIT_B_32, random_clip
from scripts.benchmarks.rows import Row, row_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

RUNS = 3
WITHIN_S = 300.0
WEAVCLIP = (sys.executable, "-m", "weavclip")


def rows() -> Iterator[Row]:
    """Both sizes; takes about three minutes."""
    with tempfile.TemporaryDirectory() as name:
        for model, size in (("ViT-B-32", VIT_B_32), ("ViT-B-16", VIT_B_16)):
            graphs = random_clip(Path(name) / model, size)
            seconds = [_imported(graphs, Path(name) / f"{model}-{turn}") for turn in range(RUNS)]
            yield row_of(f"model import, {model}'s size", seconds, unit="s", note="< 60")


def _imported(graphs: Path, folder: Path) -> float:
    folder.mkdir()
    started = time.perf_counter()
    subprocess.run(
        [*WEAVCLIP, "model", "import", str(graphs)],
        env=_environ(folder),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        timeout=WITHIN_S,
        check=True,
    )
    return time.perf_counter() - started


def _environ(folder: Path) -> Mapping[str, str]:
    kept = {k: v for k, v in os.environ.items() if not k.startswith("WEAVCLIP_")}
    return kept | {
        "WEAVCLIP_CONFIG": str(folder / "config.toml"),
        "WEAVCLIP_DATA_DIR": str(folder / "data"),
    }
