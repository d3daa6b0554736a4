from __future__ import annotations

import dataclasses
import importlib.util
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest

from scripts.benchmarks.random_clip import TINY, VIT_B_32, Size, random_clip
from tests.waiting import WITHIN_S
from weavclip.domain.errors import ModelError
from weavclip.domain.vectors import ModelCard
from weavclip.embed.catalogue import MEAN, STD
from weavclip.embed.clip_onnx import ClipOnnx
from weavclip.embed.models import ModelStore
from weavclip.embed.roboflow import RoboflowClip

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from weavclip.domain.ports import Embedder

    Pixels = NDArray[np.uint8]

LONG = "a long text about many things and then about some others " * 40
TEXTS = ("a red circle", "the chart with two peaks", "", "naïve café, 3 €", LONG)
INFERENCE = pytest.mark.inference


@pytest.fixture
def library() -> None:
    if importlib.util.find_spec("inference") is None:
        pytest.skip("Roboflow Inference is not installed: scripts/test --inference")


@pytest.fixture(scope="session")
def models(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("models")


@pytest.fixture(scope="session")
def sample(models: Path) -> tuple[Path, ModelCard]:
    store = ModelStore(models, roboflow_url="http://127.0.0.1:9")
    import weavclip.assets

    return Path(weavclip.assets.__path__[0]) / "sample_model", store.card("sample")


@pytest.fixture(params=["onnx", pytest.param("inference", marks=INFERENCE)])
def embedder(
    request: pytest.FixtureRequest, sample: tuple[Path, ModelCard], models: Path
) -> Iterator[Embedder]:
    if request.param == "inference":
        request.getfixturevalue("library")
    with closing(_embedder(request.param, *sample, models)) as found:
        yield found


def _embedder(way: str, folder: Path, card: ModelCard, models: Path) -> Embedder:
    if way == "onnx":
        return ClipOnnx(folder, card)
    return RoboflowClip(folder, card, cache_dir=models / ".roboflow")


def squares(count: int, card: ModelCard, *, seed: int = 0) -> list[Pixels]:
    side = card.resolution_px
    return list(np.random.default_rng(seed).integers(0, 256, (count, side, side, 3), np.uint8))


def test_pictures_become_vectors_of_length_one(embedder: Embedder) -> None:
    vectors = embedder.embed_images(squares(11, embedder.card))

    assert vectors.shape == (11, embedder.card.dim)
    assert vectors.dtype == np.float32
    assert np.linalg.norm(vectors, axis=1) == pytest.approx(1, abs=1e-5)


def test_texts_of_any_length_become_vectors_of_length_one(embedder: Embedder) -> None:
    vectors = embedder.embed_texts(TEXTS)

    assert vectors.shape == (len(TEXTS), embedder.card.dim)
    assert vectors.dtype == np.float32
    assert np.linalg.norm(vectors, axis=1) == pytest.approx(1, abs=1e-5)


def test_nothing_becomes_no_vectors(embedder: Embedder) -> None:
    assert embedder.embed_images([]).shape == (0, embedder.card.dim)
    assert embedder.embed_texts([]).shape == (0, embedder.card.dim)


def test_a_vector_does_not_depend_on_its_neighbours(embedder: Embedder) -> None:
    pictures = squares(10, embedder.card)

    together, texts = embedder.embed_images(pictures), embedder.embed_texts(TEXTS)

    apart = np.concatenate([embedder.embed_images([each]) for each in pictures])
    assert together == pytest.approx(apart, abs=1e-5)
    assert texts == pytest.approx(
        np.concatenate([embedder.embed_texts([each]) for each in TEXTS]), abs=1e-5
    )


def test_words_at_the_end_of_a_long_text_count(embedder: Embedder) -> None:
    first, second = embedder.embed_texts([LONG, LONG + " a red circle"])

    assert not np.allclose(first, second, atol=1e-4)


def test_a_picture_cut_for_another_model_is_refused(embedder: Embedder) -> None:
    with pytest.raises(ModelError, match="pictures of shape"):
        embedder.embed_images([np.zeros((10, 10, 3), np.uint8)])


def test_it_says_what_runs_it(embedder: Embedder) -> None:
    embedder.embed_texts(["loads the text tower"])
    assert embedder.provider in {"CPU", "CUDA"}


def test_after_closing_it_loads_again(embedder: Embedder) -> None:
    before = embedder.embed_texts(["again"])
    embedder.close()

    assert embedder.embed_texts(["again"]) == pytest.approx(before, abs=1e-6)


@pytest.mark.inference
@pytest.mark.usefixtures("library")
@pytest.mark.parametrize("name", ["sample", "tiny", "ViT-B-32"])
def test_both_ways_make_equal_vectors(
    name: str, sample: tuple[Path, ModelCard], models: Path
) -> None:
    folder, card = sample if name == "sample" else _random(name, models)
    pictures = squares(9, card)
    with (
        closing(_embedder("onnx", folder, card, models)) as direct,
        closing(_embedder("inference", folder, card, models)) as library,
    ):
        differences = [
            np.abs(direct.embed_images(pictures) - library.embed_images(pictures)).max(),
            np.abs(direct.embed_texts(TEXTS) - library.embed_texts(TEXTS)).max(),
        ]

    assert max(differences) <= 1e-5


@pytest.mark.inference
@pytest.mark.usefixtures("library")
def test_the_library_itself_reads_texts_and_pictures_as_we_do(
    sample: tuple[Path, ModelCard], models: Path, shared_data: Path
) -> None:
    """Not by our tokens and squares, but handed to its own methods as a user of it would."""
    folder, card = sample
    texts = [
        "a red circle",
        "It's  2 \u201cfine\u201d r\u00f4les &amp; more",
        "\u65e5\u672c\u8a9e",
    ]
    with closing(_embedder("inference", folder, card, models)) as library:
        assert isinstance(library, RoboflowClip)
        own = library._loaded()
        raw = own.embed_text(texts)
        from weavclip.pictures.decoding import decode

        encoded = (shared_data / "golden" / "franz-kafka.jpg").read_bytes()
        square = decode(encoded, size_px=card.resolution_px, max_pixels=10**7).square
        shape = (card.resolution_px, card.resolution_px, 3)
        from PIL import Image

        with Image.open(shared_data / "golden" / "franz-kafka.jpg") as image:
            whole = np.asarray(image.convert("RGB"))[:, :, ::-1]
        theirs = own.embed_image([np.ascontiguousarray(whole)])
        ours = library.embed_images([np.frombuffer(square, np.uint8).reshape(shape)])
        words = library.embed_texts(texts)

    assert words == pytest.approx(raw / np.linalg.norm(raw, axis=1, keepdims=True), abs=1e-5)
    assert ours == pytest.approx(theirs / np.linalg.norm(theirs), abs=1e-5)


def _random(name: str, models: Path) -> tuple[Path, ModelCard]:
    size: Size = TINY if name == "tiny" else VIT_B_32
    card = ModelCard(id=name, dim=size.dim, resolution_px=size.resolution, mean=MEAN, std=STD)
    return random_clip(models / name, size), card


@pytest.mark.inference
@pytest.mark.usefixtures("library")
def test_loading_the_library_changes_no_variable_and_reads_no_env_file(
    sample: tuple[Path, ModelCard],
    models: Path,
    tmp_path: Path,
) -> None:
    import subprocess
    import sys

    (tmp_path / ".env").write_text("WEAVCLIP_TEST_LEAK=1\nAPI_KEY=leak\n")
    program = (
        "import os, sys; from pathlib import Path\n"
        "from weavclip.embed.cards import read; from weavclip.embed.roboflow import RoboflowClip\n"
        "before = dict(os.environ); folder, cache = map(Path, sys.argv[1:])\n"
        "clip = RoboflowClip(folder, read(folder / 'card.json'), cache_dir=cache)\n"
        "assert clip.embed_texts(['x']).shape == (1, clip.card.dim)\n"
        "assert dict(os.environ) == before, set(os.environ) ^ set(before)\n"
        "import inference.core.env as env; assert env.API_KEY != 'leak'\n"
    )

    done = subprocess.run(
        [sys.executable, "-c", program, str(sample[0]), str(models / ".roboflow")],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=WITHIN_S,
        check=False,
    )

    assert done.returncode == 0, done.stderr
    assert done.stdout == ""


@pytest.mark.inference
@pytest.mark.usefixtures("library")
def test_constants_that_the_library_does_not_know_are_refused(
    sample: tuple[Path, ModelCard], tmp_path: Path
) -> None:
    card = dataclasses.replace(sample[1], mean=(0.5, 0.5, 0.5))

    with pytest.raises(ModelError, match="mean"):
        RoboflowClip(sample[0], card, cache_dir=tmp_path)
