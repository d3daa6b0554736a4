"""A text tower of other languages in CLIP's slot, with a tokenizer of its own."""

from __future__ import annotations

import json
import shutil
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper
from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, processors

import weavclip.assets
from scripts.benchmarks.random_clip import TINY, random_clip
from scripts.sample_model import drawings
from scripts.text_model.graph import Measures
from scripts.text_model.random_weights import CONTEXT, random_text_model
from weavclip.domain.errors import ModelError
from weavclip.embed import cards
from weavclip.embed.models import ModelStore
from weavclip.embed.sentence import SentenceOnnx
from weavclip.pictures.children import ChildDecoder

if TYPE_CHECKING:
    from weavclip.domain.ports import Embedder
    from weavclip.domain.vectors import Embeddings

IN_GERMAN = {
    "ein roter Kreis": "a red circle on white",
    "ein blaues Quadrat": "a blue square on white",
    "ein Terminal": "a terminal",
    "eine Landkarte": "a map",
}
SAMPLE = Path(weavclip.assets.__path__[0]) / "sample_model"
SPECIAL = ("[PAD]", "[UNK]", "[CLS]", "[SEP]")


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two towers of random weights: the text tower takes ids and a mask, as BERT's kin do."""
    folder = tmp_path_factory.mktemp("towers")
    random_clip(folder / "clip", TINY)
    random_text_model(folder / "texts", seed=1)
    return folder


@pytest.fixture
def store(tmp_path: Path) -> ModelStore:
    return ModelStore(tmp_path / "models", roboflow_url="http://127.0.0.1:9")


@pytest.fixture
def folder(made: Path, tmp_path: Path) -> Path:
    found = tmp_path / "multilingual"
    found.mkdir()
    shutil.copy(made / "clip" / "visual.onnx", found)
    shutil.copy(made / "texts" / "model.onnx", found / "textual.onnx")
    shutil.copy(made / "texts" / "tokenizer.json", found)
    return found


def test_its_own_tokenizer_is_used_as_long_as_it_cuts_texts(
    store: ModelStore, folder: Path, made: Path
) -> None:
    card = store.import_folder(folder)

    assert (card.tokenizer, card.context_length, card.dim) == ("tokenizer.json", 16, 32)
    assert (card.token_dtype, card.resolution_px) == ("int64", 32)
    assert store.verify(card.id) == card
    texts = ["ein roter Kreis", "", "x" * 9]
    alone = SentenceOnnx(made / "texts", cards.read(made / "texts" / "card.json"))
    with closing(store.open(card.id)) as embedder:
        assert embedder.embed_texts(texts) == pytest.approx(alone.embed_texts(texts), abs=1e-5)


def test_a_card_says_which_tokenizer_and_how_long(store: ModelStore, folder: Path) -> None:
    (folder / "tokenizer.json").rename(folder / "words.json")
    write_card(folder, tokenizer="words.json")

    card = store.import_folder(folder)

    assert (card.tokenizer, card.context_length) == ("words.json", CONTEXT)
    with closing(store.open(card.id)) as embedder:
        first, second = embedder.embed_texts(["x" * 30, "x" * 29 + "y"])
    assert not np.allclose(first, second, atol=1e-4)


def test_tokens_are_pooled_where_the_card_says_how(
    store: ModelStore, folder: Path, tmp_path: Path, made: Path
) -> None:
    tokens = random_text_model(tmp_path / "tokens", seed=1, pools=False)
    shutil.copy(tokens / "model.onnx", folder / "textual.onnx")
    write_card(folder, tokenizer="tokenizer.json", pooling="mean")

    card = store.import_folder(folder)

    alone = SentenceOnnx(made / "texts", cards.read(made / "texts" / "card.json"))
    with closing(store.open(card.id)) as embedder:
        found = embedder.embed_texts(["ein Satz"])
    assert found == pytest.approx(alone.embed_texts(["ein Satz"]), abs=1e-5)


def test_towers_of_different_lengths_are_refused(
    store: ModelStore, folder: Path, tmp_path: Path
) -> None:
    wide = random_text_model(tmp_path / "wide", Measures(width=48, layers=1, heads=2))
    shutil.copy(wide / "model.onnx", folder / "textual.onnx")

    with pytest.raises(ModelError, match=r"vectors of 32, textual\.onnx of 48"):
        store.import_folder(folder)

    assert not any(each.id == "multilingual" for each in store.list())


def test_a_tokenizer_that_knows_more_words_than_the_graph_is_refused(
    store: ModelStore, folder: Path
) -> None:
    tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
    tokenizer.add_tokens(["Landkarte"])
    tokenizer.save(str(folder / "tokenizer.json"))

    with pytest.raises(ModelError, match="cannot read 16 tokens numbered up to"):
        store.import_folder(folder)


def test_more_tokens_than_the_graph_has_places_for_are_refused(
    store: ModelStore, folder: Path
) -> None:
    write_card(folder, tokenizer="tokenizer.json", context_length=CONTEXT + 1)

    with pytest.raises(ModelError, match=f"cannot read {CONTEXT + 1} tokens"):
        store.import_folder(folder)


def test_a_tokenizer_that_is_not_there_is_named(store: ModelStore, folder: Path) -> None:
    write_card(folder, tokenizer="words.json")

    with pytest.raises(ModelError, match=r"no words\.json"):
        store.import_folder(folder)


def test_a_card_that_leads_out_of_its_folder_is_refused(store: ModelStore, folder: Path) -> None:
    write_card(folder, tokenizer="../tokenizer.json")

    with pytest.raises(ModelError, match="damaged"):
        store.import_folder(folder)


def test_words_in_german_find_a_picture(store: ModelStore, tmp_path: Path) -> None:
    """A tower that was taught the sample's vectors of English phrases, as real ones are taught."""
    folder = tmp_path / "german"
    with closing(store.open("sample")) as teacher:
        german_tower(folder, teacher)

    card = store.import_folder(folder)

    with closing(store.open(card.id)) as embedder:
        pictures = drawn(embedder)
        cosines = embedder.embed_texts(list(IN_GERMAN)) @ pictures.T
    assert cosines.argmax(axis=1).tolist() == [0, 1, 2, 3]


def write_card(folder: Path, **said: object) -> None:
    card = {
        "id": folder.name,
        "dim": 32,
        "resolution": 32,
        "mean": [0.5, 0.5, 0.5],
        "std": [0.25, 0.25, 0.25],
        "context_length": CONTEXT,
        "token_dtype": "int64",
    }
    (folder / "card.json").write_text(json.dumps(card | said), encoding="utf-8")


def drawn(embedder: Embedder) -> Embeddings:
    encoded = [
        drawings.png(drawings.named(name), seed=5, side_px=256) for name in IN_GERMAN.values()
    ]
    with closing(ChildDecoder(max_pixels=1_000_000, workers=1)) as decoder:
        found = list(decoder.decode_many(encoded, size_px=embedder.card.resolution_px))
    return embedder.embed_images(
        [each.square for each in found if not isinstance(each, Exception)]
    )


def german_tower(folder: Path, teacher: Embedder) -> None:
    """The sample's picture tower, and a bag of German words beside it."""
    shutil.copytree(SAMPLE, folder)
    words = sorted({word for phrase in IN_GERMAN for word in phrase.split()})
    numbers = {symbol: number for number, symbol in enumerate((*SPECIAL, *words))}
    bags = np.zeros((len(IN_GERMAN), len(numbers)))
    for row, phrase in enumerate(IN_GERMAN):
        inside = ["[CLS]", *phrase.split(), "[SEP]"]
        for word in inside:
            bags[row, numbers[word]] += 1 / len(inside)
    taught = np.linalg.lstsq(bags, teacher.embed_texts(list(IN_GERMAN.values())), rcond=None)[0]
    onnx.save(bag_of_words(taught.astype(np.float32)), folder / "textual.onnx")
    save_words(numbers, folder / "tokenizer.json")
    said = json.loads((folder / "card.json").read_text(encoding="utf-8"))
    said |= {"tokenizer": "tokenizer.json", "token_dtype": "int64", "context_length": 16}
    (folder / "card.json").write_text(json.dumps(said), encoding="utf-8")


def bag_of_words(rows: np.ndarray[tuple[int, int], np.dtype[np.float32]]) -> onnx.ModelProto:
    """The mean of the rows of a text's tokens, those that only fill left away."""
    nodes = [
        helper.make_node("Gather", ["rows", "input_ids"], ["words"]),
        helper.make_node("Cast", ["attention_mask"], ["mask"], to=TensorProto.FLOAT),
        helper.make_node("Unsqueeze", ["mask", "last"], ["column"]),
        helper.make_node("Mul", ["words", "column"], ["kept"]),
        helper.make_node("ReduceSum", ["kept", "places"], ["sum"], keepdims=0),
        helper.make_node("ReduceSum", ["mask", "places"], ["count"], keepdims=1),
        helper.make_node("Div", ["sum", "count"], ["sentence_embedding"]),
    ]
    weights = [
        numpy_helper.from_array(rows, "rows"),
        numpy_helper.from_array(np.array([-1]), "last"),
        numpy_helper.from_array(np.array([1]), "places"),
    ]
    entries = [
        helper.make_tensor_value_info(name, TensorProto.INT64, ["n", "m"])
        for name in ("input_ids", "attention_mask")
    ]
    vectors = helper.make_tensor_value_info(
        "sentence_embedding", TensorProto.FLOAT, ["n", rows.shape[1]]
    )
    graph = helper.make_graph(nodes, "words", entries, [vectors], weights)
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)


def save_words(numbers: dict[str, int], path: Path) -> None:
    tokenizer = Tokenizer(models.WordLevel(numbers, unk_token="[UNK]"))  # noqa: S106 - a token
    tokenizer.pre_tokenizer = pre_tokenizers.Whitespace()
    tokenizer.normalizer = normalizers.NFC()
    tokenizer.post_processor = processors.TemplateProcessing(
        single="[CLS] $A [SEP]",
        special_tokens=[(each, numbers[each]) for each in ("[CLS]", "[SEP]")],
    )
    tokenizer.save(str(path))
