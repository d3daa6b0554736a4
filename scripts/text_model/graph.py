"""BERT as an ONNX graph with pooling inside, built with NumPy and onnx alone.

After ``transformers`` ``models/bert/modeling_bert.py``: post-norm blocks, exact GELU, learnt
positions; then the mean over a text's tokens and L2 norm 1, as sentence-transformers' modules
Pooling and Normalize do.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    Weights = Mapping[str, NDArray[np.float32]]

OPSET = 17
IR_VERSION = 8  # ONNX Runtime 1.19 reads it
POOLED = "sentence_embedding"
_FAR = -10_000.0
_LEAST = 1e-12


@dataclass(frozen=True, slots=True, kw_only=True)
class Measures:
    """What a ``config.json`` of BERT says.

    Attributes:
        width: Length of a token's vector, and of a text's.
        layers: How many blocks.
        heads: Of each block's attention.
        epsilon: Of its layer norms.
    """

    width: int
    layers: int
    heads: int
    epsilon: float = 1e-12


def sentence_graph(weights: Weights, size: Measures, *, pools: bool = True) -> onnx.ModelProto:
    """Inputs ``input_ids`` and ``attention_mask``, int64 (n, length); output (n, width), norm 1.

    Args:
        weights: By the names of BERT's checkpoint.
        size: Its measures.
        pools: False leaves pooling and norm away: the output is (n, length, width), and a third
            input ``token_type_ids`` is there, as in the exports of optimum.
    """
    graph = _Graph(weights, size)
    tokens = graph.embeddings()
    bias = graph.bias()
    for layer in range(size.layers):
        tokens = graph.block(tokens, bias, f"encoder.layer.{layer}")
    if not pools:
        return graph.model(tokens, ("n", "length", size.width), name="last_hidden_state")
    made = graph.normalised(graph.mean(tokens))
    return graph.model(made, ("n", size.width), name=POOLED)


@dataclass(slots=True)
class _Graph:
    """Nodes and weights of a graph that is being built; methods return their output's name."""

    weights: Weights
    size: Measures
    nodes: list[onnx.NodeProto] = field(default_factory=list)
    kept: dict[str, onnx.TensorProto] = field(default_factory=dict)

    def node(self, operator: str, *inputs: str, **attributes: object) -> str:
        out = f"{operator.lower()}_{len(self.nodes)}"
        self.nodes.append(helper.make_node(operator, list(inputs), [out], **attributes))
        return out

    def keep(self, name: str, values: NDArray[np.generic]) -> str:
        if name not in self.kept:
            self.kept[name] = numpy_helper.from_array(np.ascontiguousarray(values), name)
        return name

    def weight(self, name: str) -> str:
        return self.keep(name, self.weights[name])

    def whole(self, *values: int) -> str:
        return self.keep("_".join(["i", *map(str, values)]), np.asarray(values, np.int64))

    def number(self, value: float) -> str:
        return self.keep(f"f_{value}", np.asarray(value, np.float32))

    def linear(self, entry: str, name: str) -> str:
        turned = self.keep(f"{name}.turned", self.weights[f"{name}.weight"].T)
        product = self.node("MatMul", entry, turned)
        return self.node("Add", product, self.weight(f"{name}.bias"))

    def norm(self, entry: str, name: str) -> str:
        scale, bias = self.weight(f"{name}.weight"), self.weight(f"{name}.bias")
        return self.node(
            "LayerNormalization", entry, scale, bias, axis=-1, epsilon=self.size.epsilon
        )

    def embeddings(self) -> str:
        words = self.node("Gather", self.weight("embeddings.word_embeddings.weight"), "input_ids")
        length = self.node("Slice", self.node("Shape", "input_ids"), self.whole(1), self.whole(2))
        table = self.weight("embeddings.position_embeddings.weight")
        places = self.node("Slice", table, self.whole(0), length, self.whole(0))
        first = self.keep("type", self.weights["embeddings.token_type_embeddings.weight"][0])
        placed = self.node("Add", self.node("Add", words, first), places)
        return self.norm(placed, "embeddings.LayerNorm")

    def mask(self) -> str:
        return self.node("Cast", "attention_mask", to=TensorProto.FLOAT)

    def bias(self) -> str:
        """(n, 1, 1, length): 0 for a text's tokens, far below for those that fill the row."""
        missing = self.node("Sub", self.number(1.0), self.mask())
        far = self.node("Mul", missing, self.number(_FAR))
        return self.node("Unsqueeze", far, self.whole(1, 2))

    def heads(self, entry: str, name: str, order: tuple[int, ...]) -> str:
        width = self.size.width // self.size.heads
        shape = self.whole(0, 0, self.size.heads, width)
        return self.node(
            "Transpose", self.node("Reshape", self.linear(entry, name), shape), perm=list(order)
        )

    def attention(self, entry: str, bias: str, name: str) -> str:
        query = self.heads(entry, f"{name}.self.query", (0, 2, 1, 3))
        key = self.heads(entry, f"{name}.self.key", (0, 2, 3, 1))
        value = self.heads(entry, f"{name}.self.value", (0, 2, 1, 3))
        width = self.size.width // self.size.heads
        near = self.node("Mul", self.node("MatMul", query, key), self.number(width**-0.5))
        shares = self.node("Softmax", self.node("Add", near, bias), axis=-1)
        mixed = self.node("Transpose", self.node("MatMul", shares, value), perm=[0, 2, 1, 3])
        flat = self.node("Reshape", mixed, self.whole(0, 0, self.size.width))
        return self.linear(flat, f"{name}.output.dense")

    def block(self, entry: str, bias: str, name: str) -> str:
        seen = self.attention(entry, bias, f"{name}.attention")
        entry = self.norm(self.node("Add", entry, seen), f"{name}.attention.output.LayerNorm")
        wide = self.gelu(self.linear(entry, f"{name}.intermediate.dense"))
        thought = self.linear(wide, f"{name}.output.dense")
        return self.norm(self.node("Add", entry, thought), f"{name}.output.LayerNorm")

    def gelu(self, entry: str) -> str:
        share = self.node("Erf", self.node("Mul", entry, self.number(2**-0.5)))
        half = self.node("Mul", entry, self.number(0.5))
        return self.node("Mul", half, self.node("Add", share, self.number(1.0)))

    def mean(self, tokens: str) -> str:
        """Over a text's tokens; what fills the row counts nothing."""
        counted = self.node("Unsqueeze", self.mask(), self.whole(2))
        total = self.node(
            "ReduceSum", self.node("Mul", tokens, counted), self.whole(1), keepdims=0
        )
        return self.node("Div", total, self.node("ReduceSum", counted, self.whole(1), keepdims=0))

    def normalised(self, rows: str) -> str:
        lengths = self.node("ReduceL2", rows, axes=[-1], keepdims=1)
        return self.node("Div", rows, self.node("Max", lengths, self.number(_LEAST)))

    def model(self, out: str, shape: tuple[int | str, ...], *, name: str) -> onnx.ModelProto:
        self.nodes.append(helper.make_node("Identity", [out], [name]))
        types = [] if name == POOLED else ["token_type_ids"]
        entries = [
            helper.make_tensor_value_info(each, TensorProto.INT64, ["n", "length"])
            for each in ("input_ids", "attention_mask", *types)
        ]
        made = helper.make_tensor_value_info(name, TensorProto.FLOAT, shape)
        weights = list(self.kept.values())
        graph = helper.make_graph(self.nodes, "sentence", entries, [made], weights)
        opsets = [helper.make_opsetid("", OPSET)]
        return helper.make_model(graph, opset_imports=opsets, ir_version=IR_VERSION)
