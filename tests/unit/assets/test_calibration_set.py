from __future__ import annotations

import io
import json
from collections import Counter
from importlib import resources

from PIL import Image

from weavclip.assets.calibration import load
from weavclip.embed import cards

SAMPLE_CARD = "sample_model/card.json"
FOLDER = resources.files("weavclip.assets.calibration")


def test_about_sixty_small_pictures_have_two_captions_each() -> None:
    found = load()

    assert 55 <= len(found.pictures) <= 70
    assert Counter(found.captions_of) == dict.fromkeys(range(len(found.pictures)), 2)
    assert len(set(found.captions)) == len(found.captions)
    assert all(caption.strip() == caption and caption for caption in found.captions)


def test_the_pictures_are_small_jpegs() -> None:
    pictures = load().pictures

    for encoded in pictures:
        with Image.open(io.BytesIO(encoded)) as picture:
            assert picture.format == "JPEG"
            assert max(picture.size) <= 320
    assert sum(len(encoded) for encoded in pictures) < 1_500_000


def test_phrases_are_many_and_none_comes_twice_or_is_a_caption() -> None:
    found = load()

    assert len(found.phrases) >= 200
    assert len(set(found.phrases)) == len(found.phrases)
    assert not set(found.phrases) & set(found.captions)
    assert all(phrase.strip() == phrase and phrase for phrase in found.phrases)


def test_every_picture_has_its_source_and_a_licence_without_share_alike() -> None:
    attribution = FOLDER.joinpath("ATTRIBUTION.md").read_text("utf-8")
    rows = [line for line in attribution.splitlines() if line.startswith("| ")][1:]

    named = [row.split(" | ")[0].removeprefix("| ") for row in rows]

    shipped = [entry.name for entry in FOLDER.iterdir() if entry.name.endswith(".jpg")]
    assert sorted(named) == sorted(shipped)
    assert "BY-SA" not in attribution
    assert all(row.count(" | ") == 2 for row in rows)


def test_every_licence_that_is_referred_to_is_there() -> None:
    attribution = FOLDER.joinpath("ATTRIBUTION.md").read_text("utf-8")

    for name in ("LICENSE-spyder-docs.txt", "LICENSE-vega-lite.txt", "LICENSE-jupyterlab.txt"):
        assert name in attribution
        assert "Copyright (c)" in FOLDER.joinpath(name).read_text("utf-8")


def test_the_sample_model_s_calibration_was_made_for_its_graphs() -> None:
    card = cards.from_json(
        json.loads(resources.files("weavclip.assets").joinpath(SAMPLE_CARD).read_text("utf-8"))
    )

    assert card.calibration is not None, "run scripts/calibrate_sample_model"
    assert all(digest[:8] in card.calibration.origin for digest in card.files.values())
    assert card.calibration.figures["ndcg_at_10"] > 0.9
