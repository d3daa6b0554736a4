"""Graphs that read tokens, in both forms in which text towers and text models are exported."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from weavclip.domain.errors import ModelError
from weavclip.embed import sessions

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    Pieces = Sequence[NDArray[np.int32]]

POOLINGS = ("", "mean", "first")
_IDS, _MASK, _TYPES = "input_ids", "attention_mask", "token_type_ids"
_POOLED = "sentence_embedding"
_EXPORT_HINT = "export the text tower with its tokens as the input, two axes, int32 or int64"
_POOLING_HINT = "give its card the pooling 'mean', 'first' or ''"
_TOKEN_AXES = 3
_ROW_AXES = 2
_TOKEN_DTYPES = ("int32", "int64")


@dataclass(frozen=True, slots=True, kw_only=True)
class TextGraph:
    """A loaded graph that makes vectors of tokens.

    Attributes:
        session: ONNX Runtime's.
        ids: Name of the input that takes tokens.
        beside: Of ``attention_mask`` and ``token_type_ids`` those that it takes; neither for
            CLIP's own tower, which tells a text's end by its token.
        length: Tokens of each row; None where they are as long as the longest piece.
        token_dtype: ``int32`` or ``int64``.
        output: Name of the output that is read.
        pooling: What makes one vector of a text's tokens; empty where the graph does.
    """

    session: Any
    ids: str
    beside: frozenset[str]
    length: int | None
    token_dtype: str
    output: str
    pooling: str

    @property
    def provider(self) -> str:
        """What really runs it, such as ``CPU``."""
        return sessions.provider_name(self.session)

    def run(self, pieces: Pieces, *, padding: int) -> NDArray[np.float32]:
        """Vectors of token rows of any lengths, shape (n, dim), not yet normalised.

        Raises:
            ModelError: If the graph fails, or its output is not what the card says.
        """
        shape = (len(pieces), self.length or max(map(len, pieces)))
        ids, mask = np.full(shape, padding, self.token_dtype), np.zeros(shape, self.token_dtype)
        for row, piece in enumerate(pieces):
            ids[row, : len(piece)], mask[row, : len(piece)] = piece, 1
        known = {_MASK: mask, _TYPES: np.zeros_like(ids)}
        inputs = {self.ids: ids, **{name: known[name] for name in self.beside}}
        found: NDArray[np.float32] = sessions.run(self.session, inputs, self.output)
        return self._pooled(found, mask)

    def _pooled(self, found: NDArray[np.float32], mask: NDArray[Any]) -> NDArray[np.float32]:
        wanted = _TOKEN_AXES if self.pooling else _TOKEN_AXES - 1
        if found.ndim != wanted:
            message = f"{self.output} has {found.ndim} axes, and pooling is {self.pooling!r}"
            raise ModelError(message, hint=_POOLING_HINT)
        if self.pooling == "first":
            return found[:, 0]
        if self.pooling == "mean":
            shares = (mask / mask.sum(axis=1, keepdims=True)).astype(np.float32)
            return np.asarray((found * shares[:, :, None]).sum(axis=1), np.float32)
        return found


def load_text_graph(
    path: Path,
    *,
    pooling: str,
    row_length: int | None = None,
    provider: str = "auto",
    threads: int = 0,
) -> TextGraph:
    """Load a graph that makes vectors of tokens.

    An output named ``sentence_embedding`` is one vector a text, whatever comes before it.

    Args:
        path: An ONNX file. It takes ``input_ids`` and ``attention_mask``, as BERT's kin do, or
            tokens alone, as CLIP's own tower does.
        pooling: Of the card; one of :data:`POOLINGS`.
        row_length: Tokens of a row, for tokens alone in a graph that leaves that axis free; None
            where a mask is due.
        provider: ``auto``, ``cpu`` or ``cuda``.
        threads: Threads it may use; 0 for as many as there are cores.

    Raises:
        NoModelError: If ONNX Runtime is not installed.
        ModelError: If it is no graph that takes tokens.
    """
    session = sessions.open_session(path, provider=provider, threads=threads)
    return graph_of(session, path.name, pooling=pooling, row_length=row_length)


def graph_of(session: Any, name: str, *, pooling: str, row_length: int | None) -> TextGraph:  # noqa: ANN401 - ONNX Runtime has no types
    """The same of a session that is there; ``name`` is for messages.

    Raises:
        ModelError: If it takes no tokens.
    """
    if pooling not in POOLINGS:
        message = f"the pooling {pooling!r} is not known"
        raise ModelError(message, hint=_POOLING_HINT)
    entries = {entry.name: entry for entry in session.get_inputs()}
    is_masked = {_IDS, _MASK} <= entries.keys() <= {_IDS, _MASK, _TYPES}
    if not is_masked and (row_length is None or len(entries) != 1):
        message = f"{name} takes {', '.join(entries)}, not {_IDS} and {_MASK}"
        raise ModelError(message, hint=_EXPORT_HINT)
    ids = _IDS if is_masked else next(iter(entries))
    dtype = entries[ids].type.removeprefix("tensor(").removesuffix(")")
    shape = list(entries[ids].shape)
    if dtype not in _TOKEN_DTYPES or len(shape) != _ROW_AXES:
        message = f"{name} takes {dtype} {shape}, not int32 [N, 77]"
        raise ModelError(message, hint=_EXPORT_HINT)
    outputs = [entry.name for entry in session.get_outputs()]
    is_pooled = _POOLED in outputs
    return TextGraph(
        session=session,
        ids=ids,
        beside=frozenset(entries) - {ids},
        length=shape[1] if isinstance(shape[1], int) else None if is_masked else row_length,
        token_dtype=dtype,
        output=_POOLED if is_pooled else outputs[0],
        pooling="" if is_pooled else pooling,
    )
