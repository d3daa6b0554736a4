"""What every TextEmbedder promises: CLIP's text tower, and text models of both poolings."""

from __future__ import annotations

import dataclasses
from contextlib import closing
from typing import TYPE_CHECKING

import numpy as np
import pytest

from scripts.text_model.random_weights import CONTEXT, random_text_model
from tests.texts import text_model
from weavclip.embed import cards
from weavclip.embed.models import ModelStore
from weavclip.embed.sentence import SentenceOnnx

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from weavclip.domain.ports import TextEmbedder
    from weavclip.domain.vectors import ModelCard

LONG = "a long text about many things and then about some others " * 40
TEXTS = ("a red circle", "the chart with two peaks", "", "naïve café, 3 €", "[SEP] [PAD]", LONG)


@pytest.fixture(scope="module")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return random_text_model(tmp_path_factory.mktemp("models") / "tiny")


@pytest.fixture(params=["clip", "tiny", "tokens", "real"])
def embedder(request: pytest.FixtureRequest, tiny: Path, tmp_path: Path) -> Iterator[TextEmbedder]:
    with closing(_embedder(request.param, tiny, tmp_path)) as found:
        yield found


def _embedder(which: str, tiny: Path, folder: Path) -> TextEmbedder:
    if which == "clip":
        return ModelStore(folder, roboflow_url="http://127.0.0.1:9").open("sample")
    if which == "tokens":
        made = random_text_model(folder / "tokens", pools=False)
        return SentenceOnnx(made, dataclasses.replace(_card(made), pooling="mean"))
    made = tiny if which == "tiny" else text_model()
    return SentenceOnnx(made, _card(made))


def _card(folder: Path) -> ModelCard:
    return cards.read(folder / cards.CARD)


def test_texts_of_any_length_become_vectors_of_length_one(embedder: TextEmbedder) -> None:
    vectors = embedder.embed_texts(TEXTS)

    assert vectors.shape == (len(TEXTS), embedder.card.dim)
    assert vectors.dtype == np.float32
    assert np.linalg.norm(vectors, axis=1) == pytest.approx(1, abs=1e-5)


def test_nothing_becomes_no_vectors(embedder: TextEmbedder) -> None:
    assert embedder.embed_texts([]).shape == (0, embedder.card.dim)


def test_a_vector_does_not_depend_on_its_neighbours(embedder: TextEmbedder) -> None:
    together = embedder.embed_texts(TEXTS)

    apart = np.concatenate([embedder.embed_texts([each]) for each in TEXTS])
    assert together == pytest.approx(apart, abs=1e-5)


def test_words_at_the_end_of_a_long_text_count(embedder: TextEmbedder) -> None:
    first, second = embedder.embed_texts([LONG, LONG + " a red circle"])

    assert not np.allclose(first, second, atol=1e-4)


def test_it_says_what_runs_it_while_it_is_loaded(embedder: TextEmbedder) -> None:
    before = embedder.provider
    embedder.embed_texts(["loads it"])

    assert (before, embedder.provider) in {("", "CPU"), ("", "CUDA")}


def test_after_closing_it_loads_again(embedder: TextEmbedder) -> None:
    before = embedder.embed_texts(["again"])
    embedder.close()

    assert embedder.provider == ""
    assert embedder.embed_texts(["again"]) == pytest.approx(before, abs=1e-6)


def test_pooling_inside_and_outside_of_the_graph_agree(tiny: Path, tmp_path: Path) -> None:
    outside = random_text_model(tmp_path / "outside", pools=False)
    card = dataclasses.replace(_card(outside), pooling="mean")

    inside = SentenceOnnx(tiny, _card(tiny)).embed_texts(TEXTS)

    assert SentenceOnnx(outside, card).embed_texts(TEXTS) == pytest.approx(inside, abs=1e-5)


def test_a_text_is_cut_only_at_the_models_own_length(tiny: Path) -> None:
    """Its tokenizer.json asks for 16 tokens, padded; it reads 32."""
    embedder = SentenceOnnx(tiny, _card(tiny))
    text = "x" * (CONTEXT - 2)

    first, second = embedder.embed_texts([text, text[:-1] + "y"])

    assert not np.allclose(first, second, atol=1e-5)


def test_words_of_a_real_model_mean_something() -> None:
    folder = text_model()
    with closing(SentenceOnnx(folder, _card(folder))) as embedder:
        asked, near, far = embedder.embed_texts(
            ["undo the last commit", "git reset --soft HEAD~1", "a recipe for apple pie"]
        )

    assert asked @ near > asked @ far + 0.2


def test_a_model_may_want_words_before_what_asks_and_what_answers(tiny: Path) -> None:
    plain = SentenceOnnx(tiny, _card(tiny))
    card = dataclasses.replace(_card(tiny), question_prefix="q: ", text_prefix="p: ")

    both = SentenceOnnx(tiny, card)

    texts = ["a red circle", "naive"]
    asked = plain.embed_texts([f"q: {text}" for text in texts])
    stored = plain.embed_texts([f"p: {text}" for text in texts])
    assert both.embed_questions(texts) == pytest.approx(asked, abs=1e-6)
    assert both.embed_texts(texts) == pytest.approx(stored, abs=1e-6)
    assert plain.embed_questions(texts) == pytest.approx(plain.embed_texts(texts), abs=1e-6)
