"""A text model by ONNX Runtime alone: of the class of sentence embeddings, such as MiniLM."""

from __future__ import annotations

import threading
from functools import partial
from typing import TYPE_CHECKING

from weavclip.embed import sessions, towers
from weavclip.embed.text_graphs import load_text_graph
from weavclip.embed.tokenizer import TOKENIZER, ClipTokenizer

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from weavclip.domain.vectors import Embeddings, ModelCard
    from weavclip.embed.text_graphs import Pieces, TextGraph

GRAPH = "model.onnx"
BATCH = 16
"""Texts a run: 1.3 times as many commands a second as one by one, and 32 no more than 16."""
WHOLE_LENGTH = 128
"""Tokens of a text that is read at once, where the model reads as many."""
WINDOW_LENGTH = 64
"""Tokens of a piece of a longer text.

Such a text is mostly about several things. By one of them a text of twelve (about 300 tokens) is
found with an NDCG@10 of 0.371 where the mean of windows of 64 is its vector, 0.348 with 128, 0.311
with 256, 0.287 where the rest is cut off, and 0.354 where only texts over 256 tokens are cut in
windows of 64 (scripts/benchmarks/sentences). Of snippets 1 % have over 128 tokens; cut at 64,
those of 64 to 128 lost 0.001 to 0.003.
"""
MOST_WINDOWS = 64


class SentenceOnnx:
    """A :class:`~weavclip.domain.ports.SentenceEmbedder`; may be used by several threads."""

    def __init__(
        self, folder: Path, card: ModelCard, *, threads: int = 0, provider: str = "auto"
    ) -> None:
        """Load nothing yet.

        Args:
            folder: Has ``model.onnx`` and the card's tokenizer.
            card: What is known of it.
            threads: Threads it may use; 0 for as many as there are cores.
            provider: ``auto``, ``cpu`` or ``cuda``.
        """
        self._folder = folder
        self._card = card
        self._threads, self._provider = threads, provider
        self._lock = threading.Lock()
        self._graph: TextGraph | None = None
        self._tokenizer: ClipTokenizer | None = None

    @property
    def card(self) -> ModelCard:
        """What is known of the model."""
        return self._card

    @property
    def provider(self) -> str:
        """What really runs it, such as ``CPU``; empty while it is not in memory."""
        graph = self._graph
        return graph.provider if graph else ""

    def embed_texts(self, texts: Sequence[str]) -> Embeddings:
        """Embed texts of any length; the mean of a long text's windows is its vector.

        Returns:
            Shape (n, dim), float32, L2 norm 1; (0, dim) for none.

        Raises:
            ModelError: If the graph or the tokenizer fails.
        """
        return self._embedded(texts, self._card.text_prefix)

    def embed_questions(self, texts: Sequence[str]) -> Embeddings:
        """The same for texts that ask, which some models tell from those that may answer."""
        return self._embedded(texts, self._card.question_prefix)

    def _embedded(self, texts: Sequence[str], prefix: str) -> Embeddings:
        if not texts:
            return towers.no_vectors(self._card)
        graph, tokenizer = self._loaded()
        cut = [self._cut(text, tokenizer, prefix) for text in texts]
        run = partial(graph.run, padding=tokenizer.padding)
        return towers.means_of_pieces(cut, run, batch=BATCH)

    def _cut(self, text: str, tokenizer: ClipTokenizer, prefix: str) -> Pieces:
        return tokenizer.pieces(
            text,
            min(WHOLE_LENGTH, self._card.context_length),
            window_length=min(WINDOW_LENGTH, self._card.context_length),
            most=MOST_WINDOWS,
            prefix=prefix,
        )

    def close(self) -> None:
        """Give the model's memory back; the next use loads it again."""
        with self._lock:
            self._graph = None
        sessions.trim_memory()

    def _loaded(self) -> tuple[TextGraph, ClipTokenizer]:
        with self._lock:
            if self._tokenizer is None:
                path = self._folder / (self._card.tokenizer or TOKENIZER)
                self._tokenizer = ClipTokenizer.from_file(path)
            if self._graph is None:
                self._graph = load_text_graph(
                    self._folder / GRAPH,
                    pooling=self._card.pooling,
                    provider=self._provider,
                    threads=self._threads,
                )
            return self._graph, self._tokenizer
