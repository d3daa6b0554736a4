"""What a model is shown when it is added, and what its card says then."""

from __future__ import annotations

import dataclasses
from contextlib import closing
from typing import TYPE_CHECKING

from scripts.text_model.random_weights import random_text_model
from weavclip.assets.calibration import CalibrationSet
from weavclip.assets.calibration import load as shipped_set
from weavclip.assets.labels import known_texts
from weavclip.domain.query import Space
from weavclip.embed import cards
from weavclip.embed.models import ModelStore
from weavclip.embed.sentence import SentenceOnnx
from weavclip.pictures.children import ChildDecoder
from weavclip.pipeline.calibration import calibrate_model, calibrate_text_model
from weavclip.wiring.labels import shipped_labels

if TYPE_CHECKING:
    from pathlib import Path


def some(shown: CalibrationSet) -> CalibrationSet:
    """Every sixth picture with its captions, and some phrases."""
    kept = range(0, len(shown.pictures), 6)
    return CalibrationSet(
        pictures=tuple(shown.pictures[place] for place in kept),
        captions=tuple(
            caption
            for caption, of in zip(shown.captions, shown.captions_of, strict=True)
            if of in kept
        ),
        captions_of=tuple(place for place in range(len(kept)) for _ in range(2)),
        phrases=shown.phrases[:20],
        labels=tuple(shown.labels[place] for place in kept),
    )


def test_a_card_says_how_sure_the_labels_of_pictures_may_be(tmp_path: Path) -> None:
    store = ModelStore(tmp_path, roboflow_url="http://127.0.0.1:9")
    with (
        closing(store.open("sample")) as embedder,
        closing(ChildDecoder(max_pixels=1_000_000, workers=1)) as decoder,
    ):
        found = calibrate_model(
            embedder, decoder, some(shipped_set()), origin="a test", labels=shipped_labels()
        )

    assert found.labels.keys() == {"kind"}
    assert found.labels["kind"].none == 0, "no picture of the set is none of the kinds"
    assert 0 <= (found.labels["kind"].error or 0) <= 1


def test_a_text_models_card_says_it_of_what_texts_are_about(tmp_path: Path) -> None:
    folder = random_text_model(tmp_path / "tiny")
    card = cards.read(folder / cards.CARD)
    with closing(SentenceOnnx(folder, card)) as embedder:
        found = calibrate_text_model(
            embedder,
            some(shipped_set()),
            origin="a test",
            labels=shipped_labels(),
            known=known_texts()[::4],
        )

    assert found.labels.keys() == {"subject"}
    assert found.words_to.keys() == {Space.SENTENCE}
    kept = cards.from_json(cards.to_json(dataclasses.replace(card, calibration=found)))
    assert kept.calibration is not None
    assert kept.calibration.labels == found.labels
