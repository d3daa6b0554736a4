"""Vectors of files and texts for other programs, one after the other."""

from __future__ import annotations

import io
import json
import tempfile
import zipfile
from dataclasses import dataclass, field
from itertools import chain, islice
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np

from weavclip.domain.errors import PictureError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from typing import BinaryIO

    from weavclip.domain.ports import Embedder, PictureDecoder
    from weavclip.domain.vectors import Embedding, ModelCard

Given = TypeVar("Given")

PICTURES_A_RUN, TEXTS_A_RUN = 8, 64
_VERSION = 1


@dataclass(frozen=True, slots=True)
class Encoded:
    """What became of one file or text.

    Attributes:
        id: The file's path, or the text's number.
        vector: Raw, shape (dim,), norm 1; None where there is none.
        problem: Why not.
    """

    id: str
    vector: Embedding | None = field(default=None, repr=False)
    problem: str = ""


def encode_texts(texts: Iterable[tuple[str, str]], embedder: Embedder) -> Iterator[Encoded]:
    """The vectors of texts, given with their ids, in order."""
    for batch in _in_runs(texts, TEXTS_A_RUN):
        vectors = embedder.embed_texts([text for _, text in batch])
        for (name, _), vector in zip(batch, vectors, strict=True):
            yield Encoded(name, vector)


def encode_contents(
    contents: Iterable[tuple[str, bytes | OSError]], embedder: Embedder, decoder: PictureDecoder
) -> Iterator[Encoded]:
    """The vectors of pictures and of texts in UTF-8, given with their ids, in order.

    Args:
        contents: Instead of one that could not be read its error.
        embedder: Makes the vectors.
        decoder: Decodes the pictures.
    """
    for batch in _in_runs(contents, PICTURES_A_RUN):
        yield from _encoded(batch, embedder, decoder)


def _in_runs(each: Iterable[Given], size: int) -> Iterator[list[Given]]:
    left = iter(each)
    while run := list(islice(left, size)):
        yield run


def _encoded(
    batch: Sequence[tuple[str, bytes | OSError]], embedder: Embedder, decoder: PictureDecoder
) -> Iterator[Encoded]:
    size_px = embedder.card.resolution_px
    read = (content for _, content in batch if isinstance(content, bytes))
    decoded = list(decoder.decode_many(read, size_px=size_px))
    squares = [each.square for each in decoded if not isinstance(each, Exception)]
    pictures = iter(decoded)
    seen = iter(embedder.embed_images(squares) if squares else ())
    for name, content in batch:
        if isinstance(content, OSError):
            yield Encoded(name, problem=f"it cannot be read: {content.strerror}")
        elif not isinstance(picture := next(pictures), Exception):
            yield Encoded(name, next(seen))
        elif not isinstance(picture, PictureError):
            yield Encoded(name, problem=str(picture))
        else:
            yield _of_text(name, content, embedder, problem=str(picture))


def _of_text(name: str, content: bytes, embedder: Embedder, *, problem: str) -> Encoded:
    try:
        text = content.decode()
    except UnicodeDecodeError:
        return Encoded(name, problem=f"it is neither a picture nor a text: {problem}")
    if "\0" in text:
        return Encoded(name, problem=f"it is neither a picture nor a text: {problem}")
    return Encoded(name, embedder.embed_texts([text])[0])


def card_of(card: ModelCard) -> dict[str, Any]:
    """What another program has to know of the model that made some vectors."""
    return {
        "format": "weavclip-vectors",
        "version": _VERSION,
        "model": card.id,
        "title": card.title,
        "dim": card.dim,
        "normalised": True,
        "logit_scale": card.logit_scale,
        "files": dict(card.files),
    }


def write_npz(found: Iterable[Encoded], file: BinaryIO, card: ModelCard) -> int:
    """Write vectors as NumPy's ``.npz``, a row as it comes; how many.

    The arrays are ``ids`` (n,), ``vectors`` (n, dim), float32, and ``card``, a text in JSON: all
    can be read without pickle. However many there are, memory holds the ids alone.
    """
    ids: list[str] = []
    with tempfile.TemporaryFile() as rows:
        for each in found:
            if each.vector is not None:
                ids.append(each.id)
                rows.write(each.vector.astype("<f4").tobytes())
        rows.seek(0)
        with zipfile.ZipFile(file, "w", zipfile.ZIP_STORED, allowZip64=True) as archive:
            archive.writestr("ids.npy", _npy(np.array(ids, dtype=np.str_)))
            archive.writestr("card.npy", _npy(np.array(json.dumps(card_of(card)))))
            with archive.open("vectors.npy", "w", force_zip64=True) as member:
                head = io.BytesIO()
                shape = {"descr": "<f4", "fortran_order": False, "shape": (len(ids), card.dim)}
                np.lib.format.write_array_header_1_0(head, shape)
                for chunk in chain([head.getvalue()], iter(lambda: rows.read(1 << 20), b"")):
                    member.write(chunk)
    return len(ids)


def _npy(array: np.ndarray[Any, Any]) -> bytes:
    file = io.BytesIO()
    np.lib.format.write_array(file, array, allow_pickle=False)
    return file.getvalue()
