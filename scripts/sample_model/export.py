"""Writing the towers as ONNX files with half precision weights, and their card. Needs torch."""

import hashlib
import json
import warnings
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import onnx
import torch
from onnx import TensorProto, helper, numpy_helper
from torch import Tensor, nn

from scripts.sample_model.preparation import MEAN, RESOLUTION, STD
from scripts.sample_model.tokens import CONTEXT, END
from scripts.sample_model.towers import DIM
from scripts.sample_model.training import Towers

OPSET = 17
SMALLEST_HALVED = 64  # of fewer numbers nothing would be saved
TITLE = "Sample model of drawn pictures"
NOTE = (
    "a sample that knows drawn shapes, their colours, sizes, numbers and places, charts, tables, "
    "terminals, pages of text, chats, maps and a few landscapes, and the words for them; "
    "get a real one with: weavclip model add ViT-B-16"
)


def write_model(towers: Towers, folder: Path) -> None:
    """Write ``visual.onnx``, ``textual.onnx`` and ``card.json`` to a folder.

    Args:
        towers: Trained, in evaluation mode.
        folder: Is made when missing; files in it are replaced.
    """
    folder.mkdir(parents=True, exist_ok=True)
    pixels = torch.zeros(2, 3, RESOLUTION, RESOLUTION)
    tokens = torch.zeros(2, CONTEXT, dtype=torch.int32)
    tokens[:, 1] = END
    graphs = {
        "visual.onnx": _graph(towers.visual, pixels),
        "textual.onnx": _graph(towers.textual, tokens),
    }
    for name, graph in graphs.items():
        (folder / name).write_bytes(graph.SerializeToString())
    card = card_of(folder, scale=towers.scale.item())
    (folder / "card.json").write_text(json.dumps(card, indent=2) + "\n", encoding="utf-8")


def card_of(folder: Path, *, scale: float) -> dict[str, object]:
    """The card of the graphs in a folder; the calibration is made when a model is added."""
    names = ("visual.onnx", "textual.onnx")
    return {
        "id": "sample",
        "title": TITLE,
        "dim": DIM,
        "resolution": RESOLUTION,
        "mean": list(MEAN),
        "std": list(STD),
        "context_length": CONTEXT,
        "token_dtype": "int32",
        "tokenizer": None,
        "files": {
            name: hashlib.sha256((folder / name).read_bytes()).hexdigest() for name in names
        },
        "sample": True,
        "note": NOTE,
        "logit_scale": round(scale, 4),
        "calibration": None,
    }


def _graph(tower: nn.Module, example: Tensor) -> onnx.ModelProto:
    """One tower as a checked graph whose first axis is free, its large weights halved."""
    with TemporaryDirectory() as folder, warnings.catch_warnings():
        path = Path(folder) / "tower.onnx"
        # torch names its newer exporter, which needs one more package, and tells what it traces.
        warnings.simplefilter("ignore")
        torch.onnx.export(
            tower,
            (example,),
            path,
            input_names=["inputs"],
            output_names=["embeddings"],
            dynamic_axes={"inputs": {0: "n"}, "embeddings": {0: "n"}},
            opset_version=OPSET,
            dynamo=False,
        )
        graph = onnx.load(path)
    halve(graph)
    onnx.checker.check_model(graph, full_check=True)
    return graph


def halve(graph: onnx.ModelProto) -> None:
    """Keep large weights as float16; a cast that the runtime folds away gives them back."""
    for weights in graph.graph.initializer:
        numbers = numpy_helper.to_array(weights)
        if weights.data_type != TensorProto.FLOAT or numbers.size < SMALLEST_HALVED:
            continue
        name = weights.name
        small = numpy_helper.from_array(numbers.astype(np.float16), f"{name}.half")
        cast = helper.make_node("Cast", [small.name], [name], to=TensorProto.FLOAT)
        weights.CopyFrom(small)
        graph.graph.node.insert(0, cast)
