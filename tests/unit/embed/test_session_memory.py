from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper

from tests.waiting import WITHIN_S

if TYPE_CHECKING:
    from pathlib import Path

SIDE, LAYERS = 1400, 10
WEIGHTS_BYTES = LAYERS * SIDE * SIDE * 4
_PROGRAM = """
import sys
from pathlib import Path

import numpy as np
import psutil

from weavclip.embed import sessions

sessions.import_runtime()
before = psutil.Process().memory_info().rss
session = sessions.open_session(Path(sys.argv[1]), provider="cpu", threads=1)
sessions.run(session, {"entry": np.ones((1, int(sys.argv[2])), np.float32)})
print(psutil.Process().memory_info().rss - before)
"""


@pytest.fixture
def heavy(tmp_path: Path) -> Path:
    """A graph of 78 MB of weights."""
    rng = np.random.default_rng(0)
    names = ["entry", *(f"after{layer}" for layer in range(LAYERS))]
    weights = [
        numpy_helper.from_array(rng.random((SIDE, SIDE), np.float32), f"weights{layer}")
        for layer in range(LAYERS)
    ]
    nodes = [
        helper.make_node("MatMul", [names[layer], f"weights{layer}"], [names[layer + 1]])
        for layer in range(LAYERS)
    ]
    ends = [
        helper.make_tensor_value_info(name, TensorProto.FLOAT, [1, SIDE])
        for name in (names[0], names[-1])
    ]
    graph = helper.make_graph(nodes, "heavy", ends[:1], ends[1:], initializer=weights)
    path = tmp_path / "heavy.onnx"
    opsets = [helper.make_opsetid("", 17)]
    onnx.save(helper.make_model(graph, opset_imports=opsets, ir_version=8), path)
    return path


@pytest.mark.skipif(sys.platform != "linux", reason="other C libraries keep what they like")
def test_a_loaded_graph_holds_its_weights_and_little_more(heavy: Path) -> None:
    told = subprocess.run(
        [sys.executable, "-c", _PROGRAM, str(heavy), str(SIDE)],
        stdout=subprocess.PIPE,
        check=True,
        timeout=WITHIN_S,
    )

    assert int(told.stdout) < 1.3 * WEIGHTS_BYTES
