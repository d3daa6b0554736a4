"""From a checkpoint to a folder that weavclip imports, and how near its vectors are."""

import json
import shutil
from pathlib import Path

import numpy as np
import onnx
from numpy.typing import NDArray
from safetensors.numpy import load_file

from scripts.text_model.graph import Measures, sentence_graph
from weavclip.embed import cards
from weavclip.embed.text_graphs import load_text_graph
from weavclip.embed.tokenizer import ClipTokenizer

TEXTS = (
    "a red circle",
    "",
    "naïve café, 3 €",
    "tar xzf archive.tar.gz --strip-components=1",
    "Traceback (most recent call last):\n  File \"x.py\", line 3\nKeyError: 'name'",
    "日本語のテキスト",
    "how do I undo the last commit without losing my changes?",
    "a sentence about many things and then about some others " * 30,
)


def convert(checkpoint: Path, folder: Path) -> None:
    """Write ``model.onnx``, ``tokenizer.json`` and ``card.json``.

    Raises:
        ValueError: If the checkpoint is no BERT, or does not take the mean of its tokens.
    """
    config = json.loads((checkpoint / "config.json").read_text("utf-8"))
    pooling = json.loads((checkpoint / "1_Pooling" / "config.json").read_text("utf-8"))
    if config["model_type"] != "bert" or not pooling["pooling_mode_mean_tokens"]:
        message = f"{checkpoint} is not a BERT whose tokens' mean is taken"
        raise ValueError(message)
    size = Measures(
        width=config["hidden_size"],
        layers=config["num_hidden_layers"],
        heads=config["num_attention_heads"],
        epsilon=config["layer_norm_eps"],
    )
    folder.mkdir(parents=True, exist_ok=True)
    weights = load_file(checkpoint / "model.safetensors")
    onnx.save(sentence_graph(weights, size), folder / "model.onnx")
    shutil.copyfile(checkpoint / "tokenizer.json", folder / "tokenizer.json")
    card = {
        "id": folder.name,
        "kind": "sentence",
        "title": folder.name,
        "dim": size.width,
        "context_length": _length(checkpoint),
        "token_dtype": "int64",
        "tokenizer": "tokenizer.json",
    }
    (folder / "card.json").write_text(json.dumps(card, indent=2) + "\n", encoding="utf-8")


def worst_cosine(checkpoint: Path, folder: Path) -> float:
    """The least cosine between our vectors and transformers' own, over :data:`TEXTS`.

    A text that is longer than the model reads is cut for both: windows are ours alone.
    """
    card = cards.read(folder / cards.CARD)
    tokenizer = ClipTokenizer.from_file(folder / "tokenizer.json")
    whole = [tokenizer.pieces(text, 1 << 16)[0] for text in TEXTS]
    rows = [np.concatenate([row[: card.context_length - 1], row[-1:]]) for row in whole]
    graph = load_text_graph(folder / "model.onnx", pooling=card.pooling)
    ours = graph.run(rows, padding=tokenizer.padding)
    return float((ours * _originals(checkpoint, rows)).sum(axis=1).min())


def _originals(checkpoint: Path, rows: list[NDArray[np.int32]]) -> NDArray[np.float32]:
    """What transformers' own class makes of each text by itself, pooled and normalised."""
    import torch
    from transformers import BertModel

    model = BertModel.from_pretrained(checkpoint).eval()
    found = []
    with torch.no_grad():
        for row in rows:
            ids = torch.from_numpy(row.astype(np.int64))[None]
            mean = model(input_ids=ids).last_hidden_state[0].mean(dim=0)
            found.append(np.asarray(mean / mean.norm(), np.float32))
    return np.stack(found)


def _length(checkpoint: Path) -> int:
    found = json.loads((checkpoint / "sentence_bert_config.json").read_text("utf-8"))
    return int(found["max_seq_length"])
