"""A text model by ONNX Runtime alone: of the class of sentence embeddings, such as MiniLM."""

from __future__ import annotations

import itertools
import threading
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from weavclip.domain.errors import ModelError
from weavclip.embed import sessions
from weavclip.embed.tokenizer import ClipTokenizer
from weavclip.embed.towers import normalised

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from weavclip.domain.vectors import Embeddings, ModelCard

    Pieces = Sequence[NDArray[np.int32]]

GRAPH = "model.onnx"
TOKENIZER = "tokenizer.json"
POOLINGS = ("", "mean", "first")
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
_IDS, _MASK, _TYPES = "input_ids", "attention_mask", "token_type_ids"
_POOLED = "sentence_embedding"
_TOKEN_AXES = 3


class SentenceOnnx:
    """A :class:`~weavclip.domain.ports.TextEmbedder`; may be used by several threads."""

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
        return sessions.provider_name(graph.session) if graph else ""

    def embed_texts(self, texts: Sequence[str]) -> Embeddings:
        """Embed texts of any length; the mean of a long text's windows is its vector.

        Texts of about one length share a run, so that few tokens only fill rows.

        Returns:
            Shape (n, dim), float32, L2 norm 1; (0, dim) for none.

        Raises:
            ModelError: If the graph or the tokenizer fails.
        """
        if not texts:
            return np.empty((0, self._card.dim), np.float32)
        graph, tokenizer = self._loaded()
        cut = [self._cut(text, tokenizer) for text in texts]
        pieces = [piece for each in cut for piece in each]
        vectors = np.empty((len(pieces), self._card.dim), np.float32)
        for at in _batches(pieces):
            vectors[at] = graph.run([pieces[place] for place in at], padding=tokenizer.padding)
        ends = itertools.accumulate(len(each) for each in cut)
        parts = np.split(normalised(vectors), list(ends)[:-1])
        return normalised(np.stack([part.mean(axis=0) for part in parts]))

    def _cut(self, text: str, tokenizer: ClipTokenizer) -> Pieces:
        return tokenizer.pieces(
            text,
            min(WHOLE_LENGTH, self._card.context_length),
            window_length=min(WINDOW_LENGTH, self._card.context_length),
            most=MOST_WINDOWS,
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


@dataclass(frozen=True, slots=True)
class TextGraph:
    """A loaded text model.

    Attributes:
        session: ONNX Runtime's.
        takes_types: Whether it asks for the segment that each token belongs to.
        token_dtype: Such as ``int64``.
        output: Name of the output that is read.
        pooling: What makes one vector of a text's tokens; empty where the graph does.
    """

    session: Any
    takes_types: bool
    token_dtype: str
    output: str
    pooling: str

    def run(self, pieces: Pieces, *, padding: int) -> NDArray[np.float32]:
        """Vectors of token rows of any lengths, shape (n, dim), not yet normalised.

        Raises:
            ModelError: If the graph fails, or its output is not what the card says.
        """
        shape = (len(pieces), max(map(len, pieces)))
        ids, mask = np.full(shape, padding, self.token_dtype), np.zeros(shape, self.token_dtype)
        for row, piece in enumerate(pieces):
            ids[row, : len(piece)], mask[row, : len(piece)] = piece, 1
        inputs = {_IDS: ids, _MASK: mask}
        if self.takes_types:
            inputs[_TYPES] = np.zeros_like(ids)
        found: NDArray[np.float32] = sessions.run(self.session, inputs, self.output)
        return self._pooled(found, mask)

    def _pooled(self, found: NDArray[np.float32], mask: NDArray[Any]) -> NDArray[np.float32]:
        wanted = _TOKEN_AXES if self.pooling else _TOKEN_AXES - 1
        if found.ndim != wanted:
            message = f"{self.output} has {found.ndim} axes, and pooling is {self.pooling!r}"
            raise ModelError(message, hint="give its card the pooling 'mean', 'first' or ''")
        if self.pooling == "first":
            return found[:, 0]
        if self.pooling == "mean":
            shares = (mask / mask.sum(axis=1, keepdims=True)).astype(np.float32)
            return np.asarray((found * shares[:, :, None]).sum(axis=1), np.float32)
        return found


def load_text_graph(
    path: Path, *, pooling: str, provider: str = "auto", threads: int = 0
) -> TextGraph:
    """Load a text model.

    An output named ``sentence_embedding`` is one vector a text, whatever comes before it.

    Args:
        path: An ONNX file.
        pooling: Of the card; one of :data:`POOLINGS`.
        provider: ``auto``, ``cpu`` or ``cuda``.
        threads: Threads it may use; 0 for as many as there are cores.

    Raises:
        NoModelError: If ONNX Runtime is not installed.
        ModelError: If it is no graph that takes tokens.
    """
    if pooling not in POOLINGS:
        message = f"the pooling {pooling!r} is not known"
        raise ModelError(message, hint="give its card the pooling 'mean', 'first' or ''")
    session = sessions.open_session(path, provider=provider, threads=threads)
    types = {entry.name: str(entry.type) for entry in session.get_inputs()}
    if not {_IDS, _MASK} <= types.keys() <= {_IDS, _MASK, _TYPES}:
        message = f"{path.name} takes {', '.join(types)}, not {_IDS} and {_MASK}"
        raise ModelError(message)
    outputs = [entry.name for entry in session.get_outputs()]
    is_pooled = _POOLED in outputs
    return TextGraph(
        session,
        takes_types=_TYPES in types,
        token_dtype=types[_IDS].removeprefix("tensor(").removesuffix(")"),
        output=_POOLED if is_pooled else outputs[0],
        pooling="" if is_pooled else pooling,
    )


def _batches(pieces: Pieces) -> Iterator[list[int]]:
    """Places of pieces that share a run: of about one length."""
    order = sorted(range(len(pieces)), key=lambda place: len(pieces[place]))
    for at in range(0, len(order), BATCH):
        yield order[at : at + BATCH]
