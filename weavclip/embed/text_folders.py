"""What a folder with a text model is: found, checked, and described in a card.

Two layouts are known: weavclip's own (``model.onnx``, ``tokenizer.json``, ``card.json``), and that
of sentence-transformers (``onnx/model.onnx``, ``tokenizer.json`` and what says the pooling in
``1_Pooling/config.json``, the length in ``sentence_bert_config.json`` and the words before a text
in ``config_sentence_transformers.json``).
"""

from __future__ import annotations

import dataclasses
import json
from typing import TYPE_CHECKING, Any

import numpy as np

from weavclip.domain.errors import ModelError
from weavclip.domain.models import ModelKind
from weavclip.domain.vectors import ModelCard
from weavclip.embed import cards
from weavclip.embed.sentence import GRAPH
from weavclip.embed.text_graphs import load_text_graph
from weavclip.embed.tokenizer import TOKENIZER, ClipTokenizer

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

POOLING = "1_Pooling/config.json"
LENGTH = "sentence_bert_config.json"
PROMPTS = "config_sentence_transformers.json"
_EXPORTED = f"onnx/{GRAPH}"
_LEAST_LENGTH = 8
# Instructions have up to 30 or so; a window of 64 tokens has to hold some text as well.
_MOST_PREFIX = 32
_CARD_HINT = "look at card.json in its folder, or convert the model again"
_POOLINGS = {"pooling_mode_mean_tokens": "mean", "pooling_mode_cls_token": "first"}
_WANTED = "give a folder with model.onnx, tokenizer.json and card.json"


def files_in(folder: Path) -> dict[str, Path]:
    """A text model's files by the names that they get; empty where there is none.

    Raises:
        ModelError: If there is a graph and no tokenizer.
    """
    graph = next((folder / n for n in (GRAPH, _EXPORTED) if (folder / n).is_file()), None)
    if graph is None:
        return {}
    if not (folder / TOKENIZER).is_file():
        message = f"{folder} has {graph.relative_to(folder)}, and no {TOKENIZER}"
        raise ModelError(message, hint=_WANTED)
    beside = sorted(graph.parent.glob(f"{GRAPH}_data")) + sorted(
        graph.parent.glob(f"{GRAPH}.data")
    )
    return {GRAPH: graph, TOKENIZER: folder / TOKENIZER} | {each.name: each for each in beside}


def card_in(folder: Path, model_id: str) -> ModelCard:
    """The card that a folder brings, or that its configuration makes.

    Raises:
        ModelError: If it has neither.
    """
    if (folder / cards.CARD).is_file():
        card = dataclasses.replace(cards.read(folder / cards.CARD), id=model_id)
        if card.kind is not ModelKind.SENTENCE:
            message = f"{folder.name}/{cards.CARD} is of the kind {card.kind}, not sentence"
            raise ModelError(message, hint=_WANTED)
        return card
    pooling, length = _said(folder / POOLING), _said(folder / LENGTH)
    modes = [mode for name, mode in _POOLINGS.items() if pooling.get(name)]
    if len(modes) != 1 or not isinstance(length.get("max_seq_length"), int):
        message = f"{folder} says neither how tokens are pooled nor how many are read"
        raise ModelError(message, hint=f"{_WANTED}, or with {POOLING} and {LENGTH}")
    prompts = _prompts(folder)
    return ModelCard(
        id=model_id,
        kind=ModelKind.SENTENCE,
        question_prefix=_first(prompts, "query"),
        text_prefix=_first(prompts, "passage", "document"),
        title=model_id,
        dim=int(pooling.get("word_embedding_dimension", 0)),
        context_length=length["max_seq_length"],
        tokenizer=TOKENIZER,
        pooling=modes[0],
    )


def measured(folder: Path, card: ModelCard) -> ModelCard:
    """The card with what the graph says of itself, after one text went through it.

    Raises:
        ModelError: If graph, tokenizer and card do not fit each other.
    """
    if card.context_length < _LEAST_LENGTH:
        message = f"{card.id} reads {card.context_length} tokens, at least {_LEAST_LENGTH} are due"
        raise ModelError(message, hint=_CARD_HINT)
    graph = load_text_graph(folder / GRAPH, pooling=card.pooling, provider="cpu")
    tokenizer = ClipTokenizer.from_file(folder / (card.tokenizer or TOKENIZER))
    for prefix in (card.question_prefix, card.text_prefix):
        if len(tokenizer.encode(prefix)) > _MOST_PREFIX:
            message = f"{card.id} has a prefix of more than {_MOST_PREFIX} tokens"
            raise ModelError(message, hint=_CARD_HINT)
    # As long as any text can get: a graph with fewer positions fails here, not at somebody's clip.
    longest = tokenizer.pieces("a b c " * card.context_length, card.context_length)
    vectors = graph.run([*longest[:1], *tokenizer.pieces("a", 8)], padding=tokenizer.padding)
    if not np.isfinite(vectors).all():
        message = f"{card.id} makes vectors that are not finite"
        raise ModelError(message, hint="its files are damaged: get them again")
    return dataclasses.replace(
        card, dim=int(vectors.shape[1]), token_dtype=graph.token_dtype, pooling=graph.pooling
    )


def check(folder: Path, card: ModelCard) -> None:
    """Compare a folder's graph with its card.

    Raises:
        ModelError: Naming the difference.
    """
    found = measured(folder, card)
    for name in ("dim", "token_dtype", "pooling"):
        if getattr(found, name) != getattr(card, name):
            message = (
                f"{card.id}: the graph has {name} {getattr(found, name)}, "
                f"the card {getattr(card, name)}"
            )
            raise ModelError(message, hint=f"weavclip model remove {card.id}, then add it again")


def _prompts(folder: Path) -> Mapping[str, Any]:
    """The words that a model was trained with before questions and before texts."""
    found = _said(folder / PROMPTS).get("prompts")
    return found if isinstance(found, dict) else {}


def _first(prompts: Mapping[str, Any], *names: str) -> str:
    return next((str(prompts[name]) for name in names if prompts.get(name)), "")


def _said(path: Path) -> Mapping[str, Any]:
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}
