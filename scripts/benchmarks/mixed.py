"""One list of pictures and texts in seven ways: weavclip's own, and what it is compared with."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, cast
from uuid import UUID

import numpy as np

from weavclip.domain.query import Match, Space
from weavclip.domain.vectors import Calibration
from weavclip.search.calibrate import whole
from weavclip.search.centre import take_out
from weavclip.search.crowd import chance_of, words_among_pictures, words_among_texts
from weavclip.search.fuse import Fused, fuse
from weavclip.search.judge import exponents
from weavclip.search.question import Probe, Question
from weavclip.search.retrieve import Found, depth_for
from weavclip.search.sureness import shift
from weavclip.search.weigh import findings

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from numpy.typing import NDArray

    from weavclip.domain.clip import Clip
    from weavclip.domain.vectors import Embedding, Embeddings
    from weavclip.search.pairs import CalibrationVectors

    Numbers = NDArray[np.floating]

SHOWN = 10
_RANK_OFFSET = 60


@dataclass(frozen=True, slots=True)
class Known:
    """What was made from pictures that are not asked for: the product's, and a simple fit."""

    ours: Calibration
    simple: Calibration


@dataclass(frozen=True, slots=True)
class Store:
    """Pictures, then texts; ``target`` is the place of the right answer among both."""

    pictures: Embeddings
    texts: Embeddings
    target: int = 0

    @property
    def is_picture(self) -> bool:
        """Whether the right answer is a picture."""
        return self.target < len(self.pictures)


@dataclass(frozen=True, slots=True)
class Stored:
    """What weighing asks of a clip."""

    id: UUID


def known(made_from: CalibrationVectors) -> Known:
    """Means and probabilities, by the product's procedure and by a simple one."""
    return Known(whole(made_from), _simple(made_from))


def _simple(made_from: CalibrationVectors) -> Calibration:
    """The generic phrases' mean out of texts (the captions' without), a logistic a modality."""
    generic = made_from.phrases if len(made_from.phrases) else made_from.captions
    means = {Space.IMAGE: made_from.pictures.mean(axis=0), Space.TEXT: generic.mean(axis=0)}
    centred = made_from.centred(means)
    words_to = {
        Space.IMAGE: words_among_pictures(centred).pairs().logistic(),
        Space.TEXT: words_among_texts(centred).pairs().logistic(),
    }
    return Calibration(means=means, words_to=words_to, picture_to={}, origin="a simple fit")


def fused(asked: Embedding, store: Store, calibration: Calibration) -> list[Fused]:
    """What the product makes of what an exact index finds: as deep as a search for ten hits."""
    vector = take_out(asked, calibration.means[Space.TEXT])
    spaces = {Space.IMAGE: store.pictures, Space.TEXT: store.texts}
    probes, near, first = {}, {}, 0
    for space, stored in spaces.items():
        cosines = take_out(stored, calibration.means[space]) @ vector
        best = np.argsort(-cosines, kind="stable")[: depth_for(SHOWN)]
        near[space] = [Match(UUID(int=first + int(at)), 1 - float(cosines[at])) for at in best]
        probes[space] = Probe(vector, chance_of(calibration, space, vector))
        first += len(stored)
    found = Found(near=near)
    clips = cast("Mapping[UUID, Clip]", {each: Stored(each) for each in found.clip_ids()})
    among = shift(calibration.sureness, len(store.pictures) + len(store.texts))
    return fuse(findings(Question(probes=probes), found, clips=clips, texts={}), among=among)


def ours(asked: Embedding, store: Store, made: Known) -> Numbers:
    """weavclip's: means out, a probability a space, the question's surroundings counted."""
    values = np.full(len(store.pictures) + len(store.texts), -np.inf)
    for rank, each in enumerate(fused(asked, store, made.ours)):
        values[each.clip_id.int] = -rank
    return values


def simple(asked: Embedding, store: Store, made: Known) -> Numbers:
    """Means out, then a logistic a modality."""
    cosines = _cosines(asked, store, made.simple)
    by_space = zip((Space.IMAGE, Space.TEXT), cosines, strict=True)
    return np.concatenate([exponents(made.simple.words_to[sp], each) for sp, each in by_space])


def raw(asked: Embedding, store: Store, _: Known) -> Numbers:
    """The cosines as they are."""
    return np.concatenate([store.pictures @ asked, store.texts @ asked])


def standardised(asked: Embedding, store: Store, _: Known) -> Numbers:
    """Cosines less their mean in this query and modality, over their deviation."""
    found = [store.pictures @ asked, store.texts @ asked]
    return np.concatenate([(each - each.mean()) / each.std() for each in found])


def reciprocal_ranks(asked: Embedding, store: Store, _: Known) -> Numbers:
    """One over sixty and the rank in the own modality; of two equals the nearer one first.

    Texts are nearer than pictures throughout, so the k-th text stands before the k-th picture.
    """
    cosines = [store.pictures @ asked, store.texts @ asked]
    ranks = [np.argsort(np.argsort(-each, kind="stable")) for each in cosines]
    found = 1 / (_RANK_OFFSET + np.concatenate(ranks))
    return np.asarray(found + 1e-9 * np.concatenate(cosines))


def means_out(asked: Embedding, store: Store, made: Known) -> Numbers:
    """One cosine for all, means out."""
    return np.concatenate(_cosines(asked, store, made.ours))


def knowing(ranking: Callable[..., Numbers]) -> Callable[..., Numbers]:
    """The same, told which modality the answer has: the most that a fusion could reach."""

    def told(asked: Embedding, store: Store, made: Known) -> Numbers:
        values = ranking(asked, store, made)
        places = np.arange(len(values))
        wrong = (places < len(store.pictures)) != store.is_picture
        return np.where(wrong, -np.inf, values)

    return told


OURS = "ours: means out, a probability a space"
SIMPLE = "a simple fit: means out, a logistic a modality"
ORACLE = "oracle of the modality, means out"
METHODS: Mapping[str, Callable[..., Numbers]] = {
    "raw cosine": raw,
    "z-score a query and modality": standardised,
    "reciprocal rank fusion": reciprocal_ranks,
    "means out, one cosine": means_out,
    SIMPLE: simple,
    OURS: ours,
    "oracle of the modality, raw cosine": knowing(raw),
    ORACLE: knowing(means_out),
}


def _cosines(asked: Embedding, store: Store, made: Calibration) -> tuple[Numbers, Numbers]:
    vector = take_out(asked, made.means[Space.TEXT])
    pictures = take_out(store.pictures, made.means[Space.IMAGE])
    return pictures @ vector, take_out(store.texts, made.means[Space.TEXT]) @ vector
