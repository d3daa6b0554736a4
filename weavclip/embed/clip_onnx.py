"""CLIP by ONNX Runtime alone: Roboflow's two graphs, or a text tower of other languages."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

from weavclip.domain.errors import ModelError
from weavclip.embed import sessions, towers
from weavclip.embed.text_graphs import load_text_graph

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    import numpy as np
    from numpy.typing import NDArray

    from weavclip.domain.vectors import Embeddings, ModelCard
    from weavclip.embed.sessions import Graph
    from weavclip.embed.text_graphs import Pieces, TextGraph
    from weavclip.embed.tokenizer import ClipTokenizer

VISUAL = "visual.onnx"
TEXTUAL = "textual.onnx"
REST_S = 60.0
"""The picture tower is 0.6 GB of ViT-B/32; queries in words go on without it."""


class ClipOnnx:
    """An :class:`~weavclip.domain.ports.Embedder`; may be used by several threads."""

    def __init__(
        self,
        folder: Path,
        card: ModelCard,
        *,
        threads: int = 0,
        provider: str = "auto",
        rest_s: float = REST_S,
    ) -> None:
        """Load nothing yet: a query in words never needs the picture tower.

        Args:
            folder: Has ``visual.onnx`` and ``textual.onnx``.
            card: What is known of them.
            threads: Threads a tower may use; 0 for as many as there are cores.
            provider: ``auto``, ``cpu`` or ``cuda``.
            rest_s: After so many seconds without a picture its tower's memory is given back.
        """
        self._folder = folder
        self._card = card
        self._threads, self._provider = threads, provider
        self._lock = threading.Lock()
        self._visual: Graph | None = None
        self._textual: TextGraph | None = None
        self._tokenizer: ClipTokenizer | None = None
        self._rest_s = rest_s
        self._rest = threading.Timer(rest_s, self._forget_visual)

    @property
    def card(self) -> ModelCard:
        """What is known of the model."""
        return self._card

    @property
    def provider(self) -> str:
        """What really runs it, such as ``CPU``; empty while no tower is in memory."""
        loaded = self._visual or self._textual
        return loaded.provider if loaded else ""

    @property
    def loaded(self) -> frozenset[str]:
        """The file names of the towers that are in memory."""
        towers_by_name = {VISUAL: self._visual, TEXTUAL: self._textual}
        return frozenset(name for name, tower in towers_by_name.items() if tower)

    def embed_images(self, squares: Sequence[NDArray[np.uint8]]) -> Embeddings:
        """Embed decoded pictures, eight at a time.

        Args:
            squares: Each of shape (resolution, resolution, 3), uint8, RGB.

        Returns:
            Shape (n, dim), float32, L2 norm 1; (0, dim) for none.

        Raises:
            ModelError: If a picture has another size, or the graph fails.
        """
        try:
            return towers.in_batches(squares, self._run_visual, card=self._card)
        finally:
            self._rest_later()

    def embed_texts(self, texts: Sequence[str]) -> Embeddings:
        """Embed texts of any length (see :meth:`ClipTokenizer.pieces` for those over 77 tokens).

        Returns:
            Shape (n, dim), float32, L2 norm 1; (0, dim) for none.

        Raises:
            ModelError: If the graph or the tokenizer fails.
        """
        return towers.embed_texts(texts, self._words(), self._run_textual, card=self._card)

    def close(self) -> None:
        """Give both towers' memory back; the next use loads them again."""
        with self._lock:
            self._rest.cancel()
            self._visual = self._textual = None
        sessions.trim_memory()

    def _run_visual(self, squares: Sequence[NDArray[np.uint8]]) -> NDArray[np.float32]:
        return self._checked(self._pictures().run(towers.as_tensor(squares, self._card)))

    def _run_textual(self, pieces: Pieces) -> NDArray[np.float32]:
        return self._checked(self._texts().run(pieces, padding=self._words().padding))

    def _rest_later(self) -> None:
        with self._lock:
            self._rest.cancel()
            self._rest = threading.Timer(self._rest_s, self._forget_visual)
            self._rest.daemon = True
            self._rest.start()

    def _forget_visual(self) -> None:
        with self._lock:
            self._visual = None
        sessions.trim_memory()

    def _checked(self, vectors: NDArray[np.float32]) -> NDArray[np.float32]:
        if vectors.shape[1:] != (self._card.dim,):
            message = (
                f"{self._card.id} made vectors of shape {vectors.shape[1:]}, "
                f"its card says ({self._card.dim},)"
            )
            raise ModelError(message, hint=f"weavclip model verify {self._card.id}")
        return vectors

    def _pictures(self) -> Graph:
        with self._lock:
            if self._visual is None:
                self._visual = sessions.load_graph(
                    self._folder / VISUAL, provider=self._provider, threads=self._threads
                )
            return self._visual

    def _texts(self) -> TextGraph:
        with self._lock:
            if self._textual is None:
                self._textual = load_text_graph(
                    self._folder / TEXTUAL,
                    pooling=self._card.pooling,
                    row_length=self._card.context_length,
                    provider=self._provider,
                    threads=self._threads,
                )
            return self._textual

    def _words(self) -> ClipTokenizer:
        with self._lock:
            if self._tokenizer is None:
                self._tokenizer = towers.tokenizer_of(self._folder, self._card)
            return self._tokenizer
