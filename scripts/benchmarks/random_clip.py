"""CLIP graphs of any size with random weights: as large and as slow as real ones, and as stable.

Built with onnx and NumPy alone, after OpenAI's ``clip/model.py``: pre-norm residual attention
blocks, QuickGELU, the class token (pictures) or the end token (texts) projected.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from numpy.typing import NDArray

OPSET = 17
IR_VERSION = 8  # ONNX Runtime 1.19 reads it
_HEAD_WIDTH = 64


@dataclass(frozen=True, slots=True, kw_only=True)
class Size:
    """The measures of a CLIP with a vision transformer."""

    resolution: int
    patch: int
    visual_width: int
    visual_layers: int
    text_width: int
    text_layers: int
    dim: int
    vocabulary: int = 49_408
    context: int = 77


VIT_B_32 = Size(
    resolution=224,
    patch=32,
    visual_width=768,
    visual_layers=12,
    text_width=512,
    text_layers=12,
    dim=512,
)
VIT_B_16 = replace(VIT_B_32, patch=16)
TINY = Size(
    resolution=32,
    patch=16,
    visual_width=64,
    visual_layers=2,
    text_width=64,
    text_layers=2,
    dim=32,
)


def random_clip(folder: Path, size: Size = VIT_B_32, *, seed: int = 0) -> Path:
    """Write ``visual.onnx``, ``textual.onnx`` and their measures; nothing if they are there.

    Args:
        folder: Is made when missing.
        size: Of both towers.
        seed: Of the weights; equal seeds make equal bytes.

    Returns:
        The folder.
    """
    stamp = folder / "size.json"
    wanted = repr((size, seed))
    if stamp.is_file() and json.loads(stamp.read_text(encoding="utf-8")) == wanted:
        return folder
    folder.mkdir(parents=True, exist_ok=True)
    rng = np.random.default_rng(seed)
    onnx.save(_visual(size, rng), folder / "visual.onnx")
    onnx.save(_textual(size, rng), folder / "textual.onnx")
    stamp.write_text(json.dumps(wanted), encoding="utf-8")
    return folder


@dataclass(slots=True)
class _Graph:
    """Nodes and weights of a graph that is being built; each method returns its output's name."""

    rng: np.random.Generator
    nodes: list[onnx.NodeProto] = field(default_factory=list)
    weights: list[onnx.TensorProto] = field(default_factory=list)

    def node(self, operator: str, *inputs: str, **attributes: object) -> str:
        out = f"{operator.lower()}_{len(self.nodes)}"
        self.nodes.append(helper.make_node(operator, list(inputs), [out], **attributes))
        return out

    def constant(self, values: NDArray[np.generic] | Sequence[int] | float) -> str:
        array = np.asarray(values)
        if array.dtype == np.float64:
            array = array.astype(np.float32)
        name = f"w_{len(self.weights)}"
        self.weights.append(numpy_helper.from_array(array, name))
        return name

    def random(self, *shape: int, deviation: float) -> str:
        return self.constant(self.rng.standard_normal(shape, np.float32) * np.float32(deviation))

    def linear(self, entry: str, width: int, out: int) -> str:
        product = self.node("MatMul", entry, self.random(width, out, deviation=width**-0.5))
        return self.node("Add", product, self.random(out, deviation=0.02))

    def norm(self, entry: str, width: int) -> str:
        scale, bias = self.constant(np.ones(width, np.float32)), self.constant(np.zeros(width))
        return self.node("LayerNormalization", entry, scale, bias, axis=-1, epsilon=1e-5)

    def heads(self, entry: str, width: int, order: Sequence[int]) -> str:
        shape = self.constant([0, 0, width // _HEAD_WIDTH, _HEAD_WIDTH])
        return self.node("Transpose", self.node("Reshape", entry, shape), perm=list(order))

    def attention(self, entry: str, width: int, mask: str | None) -> str:
        query, key, value = (
            self.heads(self.linear(entry, width, width), width, order)
            for order in ((0, 2, 1, 3), (0, 2, 3, 1), (0, 2, 1, 3))
        )
        scaled = self.node("Mul", query, self.constant(_HEAD_WIDTH**-0.5))
        near = self.node("MatMul", scaled, key)
        near = self.node("Add", near, mask) if mask else near
        mixed = self.node("MatMul", self.node("Softmax", near, axis=-1), value)
        joined = self.node("Transpose", mixed, perm=[0, 2, 1, 3])
        flat = self.node("Reshape", joined, self.constant([0, 0, width]))
        return self.linear(flat, width, width)

    def block(self, entry: str, width: int, mask: str | None) -> str:
        entry = self.node("Add", entry, self.attention(self.norm(entry, width), width, mask))
        wide = self.linear(self.norm(entry, width), width, 4 * width)
        gate = self.node("Sigmoid", self.node("Mul", wide, self.constant(1.702)))  # QuickGELU
        return self.node("Add", entry, self.linear(self.node("Mul", wide, gate), 4 * width, width))

    def model(self, entry: onnx.ValueInfoProto, out: str, dim: int) -> onnx.ModelProto:
        self.nodes.append(helper.make_node("Identity", [out], ["vectors"]))
        vectors = helper.make_tensor_value_info("vectors", TensorProto.FLOAT, ["n", dim])
        graph = helper.make_graph(self.nodes, "tower", [entry], [vectors], self.weights)
        opsets = [helper.make_opsetid("", OPSET)]
        return helper.make_model(graph, opset_imports=opsets, ir_version=IR_VERSION)


def _visual(size: Size, rng: np.random.Generator) -> onnx.ModelProto:
    graph, width = _Graph(rng), size.visual_width
    patches = (size.resolution // size.patch) ** 2
    kernel = graph.random(width, 3, size.patch, size.patch, deviation=(3 * size.patch**2) ** -0.5)
    grid = graph.node("Conv", "pixels", kernel, strides=[size.patch, size.patch])
    flat = graph.node("Reshape", grid, graph.constant([0, width, patches]))
    rows = graph.node("Transpose", flat, perm=[0, 2, 1])
    count = graph.node("Shape", rows, start=0, end=1)
    shape = graph.node("Concat", count, graph.constant([1, width]), axis=0)
    own = graph.node("Expand", graph.random(1, 1, width, deviation=width**-0.5), shape)
    rows = graph.node("Concat", own, rows, axis=1)
    rows = graph.node("Add", rows, graph.random(patches + 1, width, deviation=width**-0.5))
    rows = graph.norm(rows, width)
    for _ in range(size.visual_layers):
        rows = graph.block(rows, width, None)
    first = graph.node("Gather", rows, graph.constant(np.int64(0)), axis=1)
    out = graph.node(
        "MatMul", graph.norm(first, width), graph.random(width, size.dim, deviation=width**-0.5)
    )
    side = size.resolution
    entry = helper.make_tensor_value_info("pixels", TensorProto.FLOAT, ["n", 3, side, side])
    return graph.model(entry, out, size.dim)


def _textual(size: Size, rng: np.random.Generator) -> onnx.ModelProto:
    graph, width, context = _Graph(rng), size.text_width, size.context
    rows = graph.node("Gather", graph.random(size.vocabulary, width, deviation=0.02), "tokens")
    rows = graph.node("Add", rows, graph.random(context, width, deviation=0.01))
    mask = graph.constant(np.triu(np.full((context, context), -1e9, np.float32), 1))
    for _ in range(size.text_layers):
        rows = graph.block(rows, width, mask)
    rows = graph.norm(rows, width)
    # The end token has the largest number of all, and its row has seen the whole text.
    end = graph.node("ArgMax", "tokens", axis=1, keepdims=0)
    depth, values = graph.constant([context]), graph.constant(np.array([0, 1], np.float32))
    chosen = graph.node("Unsqueeze", graph.node("OneHot", end, depth, values), graph.constant([1]))
    last = graph.node("Squeeze", graph.node("MatMul", chosen, rows), graph.constant([1]))
    out = graph.node("MatMul", last, graph.random(width, size.dim, deviation=width**-0.5))
    entry = helper.make_tensor_value_info("tokens", TensorProto.INT32, ["n", context])
    return graph.model(entry, out, size.dim)
