import hashlib
import json
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import onnxruntime
import pytest

from scripts.sample_model.drawings import draw, named
from scripts.sample_model.evaluation import Towers, Vectors, evaluate
from scripts.sample_model.preparation import square
from scripts.sample_model.tokens import END, START, VOCABULARY_SIZE, encode
from tests.waiting import WITHIN_S

PROJECT = Path(__file__).resolve().parents[3]
FOLDER = PROJECT / "weavclip" / "assets" / "sample_model"
GRAPHS = ("visual.onnx", "textual.onnx")


@pytest.fixture(scope="module")
def towers() -> Towers:
    return Towers(FOLDER)


def pictures(towers: Towers, names: Sequence[str], *, seed: int = 5) -> Vectors:
    return towers.of_pictures(
        np.stack([square(draw(named(name), seed=seed)) for name in names]),
    )


def test_the_card_says_what_lies_beside_it_and_that_it_is_a_sample() -> None:
    card = json.loads((FOLDER / "card.json").read_text(encoding="utf-8"))

    digests = {name: hashlib.sha256((FOLDER / name).read_bytes()).hexdigest() for name in GRAPHS}

    assert card["files"] == digests
    assert (card["id"], card["sample"], card["tokenizer"]) == ("sample", True, None)
    assert "weavclip model add ViT-B-16" in card["note"]
    assert 1 < card["logit_scale"] <= 100


def test_both_graphs_together_stay_under_three_megabytes() -> None:
    sizes = [(FOLDER / name).stat().st_size for name in GRAPHS]

    assert sum(sizes) < 3_000_000


@pytest.mark.parametrize(
    ("name", "type_", "shape"),
    [("visual.onnx", "tensor(float)", [3, 64, 64]), ("textual.onnx", "tensor(int32)", [77])],
)
def test_a_graph_reads_what_clips_graph_reads(name: str, type_: str, shape: list[int]) -> None:
    card = json.loads((FOLDER / "card.json").read_text(encoding="utf-8"))
    session = onnxruntime.InferenceSession(FOLDER / name, providers=["CPUExecutionProvider"])

    entry, out = session.get_inputs()[0], session.get_outputs()[0]

    assert entry.type == type_
    assert isinstance(entry.shape[0], str)
    assert entry.shape[1:] == shape
    assert out.type == "tensor(float)"
    assert out.shape[1] == card["dim"]


def test_a_row_does_not_depend_on_the_other_rows_of_its_batch(towers: Towers) -> None:
    names = ["a map", "a red circle on white", "the sea at night"]

    together = pictures(towers, names)
    alone = np.concatenate([pictures(towers, [name]) for name in names])

    assert np.abs(together - alone).max() < 1e-5


def test_every_token_of_the_vocabulary_is_accepted(towers: Towers) -> None:
    rows = np.zeros((VOCABULARY_SIZE // 64, 77), np.int32)
    rows[:, 0] = START
    rows[:, 1:65] = np.arange(VOCABULARY_SIZE).reshape(-1, 64) % START
    rows[:, 65] = END

    (vectors,) = towers.textual.run(None, {towers.textual.get_inputs()[0].name: rows})

    assert np.isfinite(vectors).all()


def test_captions_become_the_numbers_that_clip_gives_them() -> None:
    rows = encode(["a diagram", "a dog"])

    assert rows.dtype == np.int32
    assert rows[:, :4].tolist() == [[START, 320, 22697, END], [START, 320, 1929, END]]
    assert not rows[:, 4:].any()


def test_texts_of_other_unknown_words_differ_and_equal_words_are_equal(towers: Towers) -> None:
    texts = [
        "Meet Anna at the station on Friday",
        "invoice 4711 of the plumber is overdue",
        "kubectl rollout restart deployment web",
        "Meet Anna at the station on Friday",
    ]

    cosines = towers.of_texts(texts) @ towers.of_texts(texts).T

    assert cosines[0, 3] == pytest.approx(1, abs=1e-5)
    assert max(cosines[0, 1], cosines[0, 2], cosines[1, 2]) < 0.9


def test_a_text_about_nothing_drawn_is_farther_from_pictures_than_a_caption(
    towers: Towers,
) -> None:
    names = ["a red circle on white", "a dark terminal", "mountains at night", "a pie chart"]

    shown = pictures(towers, names)
    captions = (towers.of_texts(names) @ shown.T).diagonal()
    others = towers.of_texts(["Meet Anna at the station on Friday"]) @ shown.T

    assert captions.min() > others.max()


def test_what_was_promised_holds_on_drawings_that_training_never_saw(towers: Towers) -> None:
    measures = list(evaluate(towers, size=520))

    assert [str(measure) for measure in measures if not measure.holds] == []


def test_training_without_torch_says_what_is_missing(tmp_path: Path) -> None:
    script = PROJECT / "scripts" / "train_sample_model"
    code = (
        "import runpy, sys; sys.modules['torch'] = None; sys.argv = sys.argv[1:]; "
        "runpy.run_path(sys.argv[0], run_name='__main__')"
    )

    done = subprocess.run(
        [sys.executable, "-c", code, str(script), "--folder", str(tmp_path)],
        capture_output=True,
        text=True,
        timeout=WITHIN_S,
        check=False,
    )

    assert done.returncode == 1
    assert "torch" in done.stderr
    assert "requirements.txt" in done.stderr
    assert list(tmp_path.iterdir()) == []
