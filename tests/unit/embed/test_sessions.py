from __future__ import annotations

import dataclasses
import sys
from contextlib import closing
from typing import TYPE_CHECKING

import numpy as np
import onnx
import onnxruntime
import pytest
from onnx import TensorProto, helper

from scripts.benchmarks.random_clip import TINY, random_clip
from tests.waiting import until
from weavclip.domain.errors import ModelError, NoModelError
from weavclip.domain.vectors import ModelCard
from weavclip.embed import inspecting, sessions
from weavclip.embed.catalogue import MEAN, STD
from weavclip.embed.clip_onnx import ClipOnnx

if TYPE_CHECKING:
    from pathlib import Path

CARD = ModelCard(id="tiny", dim=32, resolution_px=32, mean=MEAN, std=STD)


@pytest.fixture(scope="module")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return random_clip(tmp_path_factory.mktemp("tiny"), TINY)


def graph(path: Path, kind: int, shape: list[int | str], *, dim: int = 32) -> Path:
    """A graph that answers any input with one row of zeros."""
    entry = helper.make_tensor_value_info("entry", kind, shape)
    zeros = helper.make_tensor("shape", TensorProto.INT64, [2], [1, dim])
    nodes = [
        helper.make_node("Constant", [], ["shape"], value=zeros),
        helper.make_node("ConstantOfShape", ["shape"], ["vectors"]),
    ]
    vectors = helper.make_tensor_value_info("vectors", TensorProto.FLOAT, ["n", dim])
    built = helper.make_graph(nodes, "g", [entry], [vectors])
    opsets = [helper.make_opsetid("", 17)]
    onnx.save(helper.make_model(built, opset_imports=opsets, ir_version=8), path)
    return path


def test_without_onnx_runtime_it_says_what_to_install(
    tiny: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "onnxruntime", None)

    with pytest.raises(NoModelError) as raised:
        ClipOnnx(tiny, CARD).embed_texts(["x"])

    assert raised.value.hint == "pip install 'weavclip[cpu]'"


def test_each_tower_loads_at_its_first_use(tiny: Path, tmp_path: Path) -> None:
    (tmp_path / "textual.onnx").symlink_to(tiny / "textual.onnx")

    with closing(ClipOnnx(tmp_path, CARD)) as embedder:
        assert embedder.embed_texts(["no picture tower is there"]).shape == (1, 32)
        with pytest.raises(ModelError, match=r"visual\.onnx"):
            embedder.embed_images([np.zeros((32, 32, 3), np.uint8)])


def test_the_picture_tower_is_given_back_when_no_pictures_come(tiny: Path) -> None:
    pictures = [np.zeros((32, 32, 3), np.uint8)]
    with closing(ClipOnnx(tiny, CARD, rest_s=0.05)) as embedder:
        before = embedder.embed_images(pictures)
        embedder.embed_texts(["words"])

        until(lambda: embedder.loaded == {"textual.onnx"}, what="the picture tower is gone")

        assert (embedder.embed_images(pictures) == before).all()


def test_a_card_of_another_length_is_refused(tiny: Path) -> None:
    with pytest.raises(ModelError, match=r"vectors of shape \(32,\), its card says \(33,\)"):
        ClipOnnx(tiny, dataclasses.replace(CARD, dim=33)).embed_texts(["x"])


def test_the_graphs_say_what_they_are(tiny: Path) -> None:
    found = inspecting.inspect(tiny, CARD)

    assert dataclasses.asdict(found) == {
        "dim": 32,
        "resolution_px": 32,
        "context_length": 77,
        "token_dtype": "int32",
    }


def test_tokens_of_64_bits_and_a_free_axis_are_read_from_the_graph(
    tiny: Path, tmp_path: Path
) -> None:
    (tmp_path / "visual.onnx").symlink_to(tiny / "visual.onnx")
    graph(tmp_path / "textual.onnx", TensorProto.INT64, ["n", "length"])

    found = inspecting.inspect(tmp_path, CARD)

    assert (found.token_dtype, found.context_length) == ("int64", 77)


@pytest.mark.parametrize(
    ("kind", "shape"),
    [
        (TensorProto.FLOAT, ["n", 3, "side", "side"]),
        (TensorProto.FLOAT, ["n", 1, 8, 8]),
        (TensorProto.UINT8, ["n", 3, 8, 8]),
        (TensorProto.FLOAT, ["n", 3]),
        (TensorProto.FLOAT, ["n", 3, 8, 9]),
    ],
)
def test_what_is_no_picture_tower_is_refused(
    tiny: Path, tmp_path: Path, kind: int, shape: list[int | str]
) -> None:
    graph(tmp_path / "visual.onnx", kind, shape)
    (tmp_path / "textual.onnx").symlink_to(tiny / "textual.onnx")

    with pytest.raises(ModelError, match=r"visual\.onnx"):
        inspecting.inspect(tmp_path, CARD)


def test_a_vector_without_a_direction_is_refused(tmp_path: Path) -> None:
    graph(tmp_path / "textual.onnx", TensorProto.INT32, ["n", 77])

    with pytest.raises(ModelError, match="without a direction"):
        ClipOnnx(tmp_path, CARD).embed_texts(["x"])


def test_cuda_that_is_not_offered_is_refused(tiny: Path) -> None:
    if "CUDAExecutionProvider" in onnxruntime.get_available_providers():
        pytest.skip("this ONNX Runtime offers CUDA")

    with pytest.raises(ModelError, match="CUDA"):
        ClipOnnx(tiny, CARD, provider="cuda").embed_texts(["x"])


@pytest.mark.parametrize(
    ("asked", "offered", "wanted"),
    [
        ("auto", ["CPU"], ["CPU"]),
        ("auto", ["CUDA", "CPU"], ["CUDA", "CPU"]),
        ("cpu", ["CUDA", "CPU"], ["CPU"]),
        ("cuda", ["CUDA", "CPU"], ["CUDA", "CPU"]),
    ],
)
def test_cuda_is_taken_where_it_is_offered(
    asked: str, offered: list[str], wanted: list[str]
) -> None:
    def named(names: list[str]) -> list[str]:
        return [f"{name}ExecutionProvider" for name in names]

    assert sessions.providers(asked, named(offered)) == named(wanted)
