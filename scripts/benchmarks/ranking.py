"""How well one list of pictures and texts is ranked, on real vectors of a CLIP model.

The first caption of picture i asks. Stored are the pictures of even rows, the second caption of
odd rows, and a background's vectors as texts; the one right answer is what is stored of row i.
Then even and odd are exchanged. Means and probabilities come from a calibration folder, or five
times from four fifths of the pictures, for the questions of the fifth that was left out.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from scripts.benchmarks.mixed import METHODS, ORACLE, OURS, SIMPLE, Known, Store, known
from scripts.benchmarks.rows import MEANS_HEADING, Mean, figure_of, mean_of
from scripts.benchmarks.vectors import class_names, load, shared_folder, shared_photos, vectors
from weavclip.search.judge import gain

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from numpy.typing import NDArray

    from scripts.benchmarks.vectors import Photos
    from weavclip.domain.vectors import Embedding, Embeddings

    Numbers = NDArray[np.floating]

HEADING = MEANS_HEADING
UNIT = "NDCG@10"
FOLDS = 5


def rows(
    data: str = "", calibration: str = "", background: str = "", phrases: str = ""
) -> Iterator[Mean]:
    """Every method among nothing, among the background, among other captions, among both.

    Args:
        data: Folder of pictures' and captions' vectors; without one the shared photos, with
            class names as background and phrases.
        calibration: Folder of the same layout that means and probabilities are made from.
        background: File of vectors of texts that are stored beside.
        phrases: File of vectors of generic texts, for the calibration.
    """
    folder = shared_folder()
    if not data and folder is None:
        yield mean_of("no vectors: give --data", np.zeros(1), unit="")
        return
    photos, beside = photos_and_background(data, background, phrases)
    made = known_of(photos, calibration, phrases)
    for name, texts in backgrounds(photos, beside).items():
        yield from _methods(photos, made, name=name, background=texts)


def photos_and_background(data: str, background: str, phrases: str) -> tuple[Photos, Embeddings]:
    """What is asked for: a folder, or the shared data."""
    if data:
        photos = load(Path(data), Path(phrases) if phrases else None)
        return photos, vectors(Path(background)) if background else photos.captions[:0]
    folder = shared_folder()
    if folder is None:
        message = "no shared data beside the project"
        raise FileNotFoundError(message)
    return shared_photos(folder), vectors(class_names(folder))


def known_of(photos: Photos, calibration: str, phrases: str) -> Sequence[Known]:
    """What is known when each picture is asked for: never made from that picture."""
    rows_ = np.arange(len(photos.pictures))
    if calibration:
        other = load(Path(calibration), Path(phrases) if phrases else None)
        made = known(other.part(np.arange(len(other.pictures))))
        return [made] * len(rows_)
    folds = [known(photos.part(rows_[rows_ % FOLDS != fold])) for fold in range(FOLDS)]
    return [folds[row % FOLDS] for row in rows_]


def backgrounds(photos: Photos, beside: Embeddings) -> Mapping[str, tuple[Embeddings, bool]]:
    """By name the vectors that are stored as texts, and whether other rows' captions are too."""
    found = {"": (beside[:0], False)}
    if len(beside):
        found[", among the background"] = (beside, False)
    if (photos.captions_at(2) >= 0).any():
        found[", among other captions"] = (beside[:0], True)
        if len(beside):
            found[", among both"] = (beside, True)
    return found


def _methods(
    photos: Photos, made: Sequence[Known], *, name: str, background: tuple[Embeddings, bool]
) -> Iterator[Mean]:
    stores = list(_stores(photos, background[0], with_captions=background[1]))
    gains = {
        method: np.array(
            [gain(ranking(asked, store, made[row]), store.target) for row, asked, store in stores]
        )
        for method, ranking in METHODS.items()
    }
    shown = np.array([store.is_picture for _, _, store in stores])
    of = np.array([row for row, _, _ in stores])
    for method, found in gains.items():
        yield mean_of(method + name, found, unit=UNIT, of=of, parts=_parts(found, shown))
    yield _ratio(f"ours / oracle, means out{name}", gains, shown, of)
    yield mean_of(f"ours - a simple fit{name}", gains[OURS] - gains[SIMPLE], unit="paired", of=of)


def _stores(
    photos: Photos, background: Embeddings, *, with_captions: bool
) -> Iterator[tuple[int, Embedding, Store]]:
    """Row, question and store of each question: each row twice, its answer picture and text."""
    first, second = photos.captions_at(0), photos.captions_at(1)
    rows_ = np.flatnonzero(second >= 0)
    for turn in (0, 1):
        shown, told = rows_[rows_ % 2 == turn], rows_[rows_ % 2 != turn]
        for target, row in enumerate((*shown, *told)):
            beside = other_captions(photos, row) if with_captions else background[:0]
            texts = np.vstack([photos.captions[second[told]], background, beside])
            store = Store(photos.pictures[shown], texts, target)
            yield int(row), photos.captions[first[row]], store


def other_captions(photos: Photos, row: int) -> Embeddings:
    """The third caption and those after it, of every other picture."""
    used = np.concatenate([photos.captions_at(0), photos.captions_at(1)])
    left = np.setdiff1d(np.flatnonzero(photos.captions_of != row), used)
    return np.asarray(photos.captions[left])


def _parts(found: Numbers, shown: NDArray[np.bool_]) -> dict[str, float]:
    return {"pictures": float(found[shown].mean()), "texts": float(found[~shown].mean())}


def _ratio(
    stage: str,
    gains: Mapping[str, Numbers],
    shown: NDArray[np.bool_],
    of: NDArray[np.int_],
) -> Mean:
    ours, oracle = gains[OURS], gains[ORACLE]
    parts = {
        name: value / _parts(oracle, shown)[name] for name, value in _parts(ours, shown).items()
    }
    return figure_of(
        stage,
        np.stack([ours, oracle], axis=1),
        lambda drawn: float(drawn[:, 0].mean() / drawn[:, 1].mean()),
        unit="ratio",
        of=of,
        parts=parts,
    )
