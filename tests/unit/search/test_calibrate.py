from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from weavclip.domain.query import Space
from weavclip.domain.vectors import Logistic
from weavclip.search.calibrate import fit
from weavclip.search.centre import normalised, take_out
from weavclip.search.crowd import chance_of, shift
from weavclip.search.logistic import fit_logistic, probability

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

    from weavclip.domain.vectors import Embeddings

    Numbers = NDArray[np.floating]

DIM = 32


def made_set(
    *, noise: float, pictures: int = 30
) -> tuple[Embeddings, Embeddings, list[int], Embeddings]:
    """Vectors with a modality gap: each picture has a meaning that its two captions share."""
    rng = np.random.default_rng(7)
    meanings = rng.normal(size=(pictures, DIM))
    gap_pictures, gap_texts = 8 * rng.normal(size=(2, DIM))

    def seen(meaning: Numbers, gap: Numbers) -> Embeddings:
        return normalised(meaning + gap + noise * rng.normal(size=meaning.shape))

    captions_of = np.repeat(np.arange(pictures), 2)
    phrases = rng.normal(size=(80, DIM))
    return (
        seen(meanings, gap_pictures),
        seen(meanings[captions_of], gap_texts),
        captions_of.tolist(),
        seen(phrases, gap_texts),
    )


@pytest.mark.parametrize("noise", [0.0, 0.3, 1.0])
def test_a_fit_is_finite_and_rises_however_well_a_threshold_parts_the_pairs(noise: float) -> None:
    pictures, captions, captions_of, phrases = made_set(noise=noise)

    calibration = fit(pictures, captions, captions_of, phrases, origin="a test")

    for logistics in (calibration.words_to, calibration.picture_to):
        assert set(logistics) == {Space.IMAGE, Space.TEXT}
        for logistic in logistics.values():
            assert 0 < logistic.slope < 1e4
            assert abs(logistic.intercept) < 1e4
    assert all(np.isfinite(figure) for figure in calibration.figures.values())
    assert calibration.origin == "a test"


def test_a_caption_finds_its_picture_probable_and_others_improbable() -> None:
    pictures, captions, captions_of, phrases = made_set(noise=0.3)
    calibration = fit(pictures, captions, captions_of, phrases, origin="a test")
    asked = take_out(captions[::2], calibration.means[Space.TEXT])

    cosines = asked @ take_out(pictures, calibration.means[Space.IMAGE]).T

    chances = np.vectorize(lambda c: probability(calibration.words_to[Space.IMAGE], c))(cosines)
    own = np.diag(chances)
    others = chances[~np.eye(len(chances), dtype=bool)]
    assert np.median(own) > 0.8
    assert others.mean() < 0.02


def test_the_same_picture_is_probable_when_asked_with_itself() -> None:
    calibration = fit(*made_set(noise=0.3), origin="a test")

    assert probability(calibration.picture_to[Space.IMAGE], 1.0) > 0.9


def test_too_few_pictures_are_refused() -> None:
    pictures, captions, captions_of, phrases = made_set(noise=0.3, pictures=9)

    with pytest.raises(ValueError, match="10 pictures, got 9"):
        fit(pictures, captions, captions_of, phrases, origin="a test")


@given(
    st.floats(0, 50),
    st.floats(-20, 20),
    st.floats(-1, 1),
    st.floats(0, 2),
)
def test_a_nearer_vector_is_never_less_probable(
    slope: float, intercept: float, cosine: float, nearer: float
) -> None:
    logistic = Logistic(slope=slope, intercept=intercept)

    assert 0 <= probability(logistic, cosine) <= probability(logistic, cosine + nearer) <= 1


@given(st.lists(st.floats(-1, 1), min_size=4, max_size=40), st.data())
def test_no_cosines_make_a_fit_diverge_or_fall(values: list[float], draw: st.DataObject) -> None:
    truths = draw.draw(st.lists(st.booleans(), min_size=len(values), max_size=len(values)))
    truths[:2] = [True, False]

    found = fit_logistic(np.array(values), np.array(truths, float), np.ones(len(values)))

    assert np.isfinite([found.slope, found.intercept]).all()
    assert found.slope >= 0


def test_one_positive_among_thousands_is_fitted() -> None:
    values = np.append(np.random.default_rng(1).normal(size=3000), 4.5)
    truths = np.append(np.zeros(3000), 1.0)

    found = fit_logistic(values, truths, np.ones(3001))

    assert probability(found, 4.5) > 0.1
    assert probability(found, 0.0) < 1e-3


def test_the_mean_goes_out_and_the_norm_is_one() -> None:
    rng = np.random.default_rng(3)
    vectors = normalised(rng.normal(size=(5, DIM)) + 3)
    mean = vectors.mean(axis=0)

    centred = take_out(vectors, mean)

    assert centred.dtype == np.float32
    assert np.linalg.norm(centred, axis=1) == pytest.approx(np.ones(5), abs=1e-6)
    assert take_out(vectors[0], mean) == pytest.approx(centred[0], abs=1e-6)


def test_a_vector_that_equals_the_mean_becomes_zeros() -> None:
    mean = normalised(np.ones(DIM, np.float32))

    assert not take_out(mean, mean).any()


def test_real_vectors_rank_pictures_and_texts_in_one_list(shared_data: Path) -> None:
    folder = shared_data / "clip_vectors"
    pictures = np.load(folder / "captioned_photos" / "image_embeddings.npy")
    captions = np.load(folder / "captioned_photos" / "text_embeddings.npy")
    phrases = normalised(np.load(folder / "class_names" / "coco_clip_a+cname.npy"))

    calibration = fit(
        pictures, captions, np.repeat(np.arange(50), 5).tolist(), phrases, origin="a test"
    )

    assert calibration.figures["ndcg_at_10"] > 0.94
    assert calibration.figures["image_calibration_error"] < 0.01
    assert calibration.figures["text_calibration_error"] < 0.01


def test_a_question_that_lies_near_to_everything_is_trusted_less() -> None:
    pictures, captions, captions_of, phrases = made_set(noise=1.0)
    calibration = fit(pictures, captions, captions_of, phrases, origin="a test")
    crowd = replace(calibration.crowds[Space.IMAGE], by_mean=0.0, by_spread=-10.0)
    along = normalised(crowd.directions[0])
    across = np.linalg.svd(crowd.directions)[2][-1]

    shifts = shift(crowd, along), shift(crowd, across)

    assert shifts[0] < 0 < shifts[1]


def test_a_question_unlike_all_of_the_set_moves_no_probability_further_than_those_did() -> None:
    pictures, captions, captions_of, phrases = made_set(noise=1.0)
    crowd = fit(pictures, captions, captions_of, phrases, origin="a test").crowds[Space.TEXT]
    most = abs(crowd.by_mean) * (crowd.means[2] - crowd.means[0]) + abs(crowd.by_spread) * (
        crowd.spreads[2] - crowd.spreads[0]
    )

    assert abs(shift(crowd, 1000 * captions[0])) <= most


def test_a_space_without_a_crowd_keeps_its_plain_probability() -> None:
    pictures, captions, captions_of, phrases = made_set(noise=0.3)
    plain = replace(fit(pictures, captions, captions_of, phrases, origin="a test"), crowds={})

    assert chance_of(plain, Space.IMAGE, captions[0]) == plain.words_to[Space.IMAGE]


def test_a_set_without_phrases_is_fitted_too() -> None:
    pictures, captions, captions_of, phrases = made_set(noise=0.3)

    calibration = fit(pictures, captions, captions_of, phrases[:0], origin="a test")

    assert calibration.figures["ndcg_at_10"] > 0.8
