"""A text model of any size with random weights: as slow and as stable as a real one."""

from __future__ import annotations

import json
import string
from typing import TYPE_CHECKING

import numpy as np
import onnx

from scripts.text_model.graph import Measures, sentence_graph

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

TINY = Measures(width=32, layers=2, heads=2)
MINILM = Measures(width=384, layers=6, heads=12)
CONTEXT = 32
_SPECIAL = ("[PAD]", "[UNK]", "[CLS]", "[SEP]")


def random_text_model(
    folder: Path,
    size: Measures = TINY,
    *,
    context: int = CONTEXT,
    seed: int = 0,
    pools: bool = True,
) -> Path:
    """Write ``model.onnx``, ``tokenizer.json`` and ``card.json``; the folder.

    The tokenizer knows letters, digits and signs, and as MiniLM's own file it asks to be padded
    and cut; so a text has about as many tokens as characters.
    """
    folder.mkdir(parents=True, exist_ok=True)
    symbols = [*_SPECIAL, *_pieces()]
    rng = np.random.default_rng(seed)
    weights = random_weights(size, vocabulary=len(symbols), positions=context, rng=rng)
    onnx.save(sentence_graph(weights, size, pools=pools), folder / "model.onnx")
    _save_tokenizer(symbols, folder / "tokenizer.json")
    card = {"kind": "sentence", "id": folder.name, "dim": size.width, "context_length": context}
    (folder / "card.json").write_text(
        json.dumps(card | {"token_dtype": "int64", "tokenizer": "tokenizer.json"}),
        encoding="utf-8",
    )
    return folder


def random_weights(
    size: Measures, *, vocabulary: int, positions: int, rng: np.random.Generator
) -> dict[str, NDArray[np.float32]]:
    """Weights by the names of BERT's checkpoint."""
    found: dict[str, NDArray[np.float32]] = {}

    def table(name: str, *shape: int) -> None:
        found[name] = rng.standard_normal(shape, np.float32) * np.float32(shape[-1] ** -0.5)

    def linear(name: str, width: int, out: int) -> None:
        table(f"{name}.weight", out, width)
        found[f"{name}.bias"] = np.zeros(out, np.float32)

    def norm(name: str) -> None:
        found[f"{name}.weight"] = np.ones(size.width, np.float32)
        found[f"{name}.bias"] = np.zeros(size.width, np.float32)

    table("embeddings.word_embeddings.weight", vocabulary, size.width)
    table("embeddings.position_embeddings.weight", positions, size.width)
    table("embeddings.token_type_embeddings.weight", 2, size.width)
    norm("embeddings.LayerNorm")
    for name in (f"encoder.layer.{layer}" for layer in range(size.layers)):
        for part in ("self.query", "self.key", "self.value", "output.dense"):
            linear(f"{name}.attention.{part}", size.width, size.width)
        linear(f"{name}.intermediate.dense", size.width, 4 * size.width)
        linear(f"{name}.output.dense", 4 * size.width, size.width)
        norm(f"{name}.attention.output.LayerNorm")
        norm(f"{name}.output.LayerNorm")
    return found


def _pieces() -> list[str]:
    characters = string.ascii_lowercase + string.digits + string.punctuation
    return [piece for each in characters for piece in (each, f"##{each}")]


def _save_tokenizer(symbols: list[str], path: Path) -> None:
    from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, processors

    numbers = {symbol: number for number, symbol in enumerate(symbols)}
    tokenizer = Tokenizer(models.WordPiece(numbers, unk_token="[UNK]"))  # noqa: S106 - a token
    tokenizer.normalizer = normalizers.BertNormalizer()
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    tokenizer.post_processor = processors.TemplateProcessing(
        single="[CLS] $A [SEP]",
        special_tokens=[(each, numbers[each]) for each in ("[CLS]", "[SEP]")],
    )
    tokenizer.enable_padding(length=16)
    tokenizer.enable_truncation(16)
    tokenizer.save(str(path))
