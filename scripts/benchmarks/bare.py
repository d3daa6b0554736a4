"""The model's own work, bare: ONNX Runtime in a process that does nothing else."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

from scripts.benchmarks.random_clip import random_clip

MODEL = "ViT-B-32"
WITHIN_S = 120.0
WARM_ENCODES = 20
_PROGRAM = """
import json, sys, time
import numpy as np, onnxruntime
tokens = np.array([json.loads(sys.argv[2])], np.int32)
options = onnxruntime.SessionOptions()
started = time.perf_counter()
session = onnxruntime.InferenceSession(sys.argv[1], options, ["CPUExecutionProvider"])
times = [time.perf_counter() - started]
for _ in range(int(sys.argv[3])):
    started = time.perf_counter()
    session.run(None, {session.get_inputs()[0].name: tokens})
    times.append(time.perf_counter() - started)
print(json.dumps(times))
"""


@dataclass(frozen=True, slots=True)
class TextTower:
    """Seconds of the text tower alone, a value a process (``encode_s``: a value a query).

    Attributes:
        load_s: To make the session.
        first_s: The first query after that.
        encode_s: Later queries.
    """

    load_s: list[float]
    first_s: list[float]
    encode_s: list[float]


def model_folder() -> Path:
    """A random-weight ViT-B/32 under its own name, made once a user."""
    base = Path(tempfile.gettempdir()) / f"weavclip-bench-{os.getuid()}"
    return random_clip(base / MODEL)


def text_tower(folder: Path, *, words: str, runs: int) -> TextTower:
    """Load and encode in ``runs`` fresh processes, one after the other."""
    from weavclip.embed.tokenizer import ClipTokenizer

    tokens = ClipTokenizer.from_vocabulary().windows(words)[0].tolist()
    found = TextTower([], [], [])
    for _ in range(runs):
        command = [sys.executable, "-c", _PROGRAM, str(folder / "textual.onnx")]
        done = subprocess.run(
            [*command, json.dumps(tokens), str(WARM_ENCODES)],
            capture_output=True,
            timeout=WITHIN_S,
            check=True,
        )
        load_s, first_s, *later_s = json.loads(done.stdout)
        found.load_s.append(load_s)
        found.first_s.append(first_s)
        found.encode_s.extend(later_s)
    return found
