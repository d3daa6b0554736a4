from __future__ import annotations

import csv
import gzip
import importlib
import importlib.util
import json
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tokenizers import Tokenizer, models, pre_tokenizers, processors

import weavclip.assets
from tests.unit.embed.reference import ReferenceTokenizer
from weavclip.domain.errors import ModelError
from weavclip.embed.tokenizer import MOST_WINDOWS, ClipTokenizer

if TYPE_CHECKING:
    from collections.abc import Iterator

VOCABULARY = Path(weavclip.assets.__path__[0]) / "clip_vocabulary" / "bpe_simple_vocab_16e6.txt.gz"
START, END = 49_406, 49_407
ODD = (
    "\ufb01ne \u201cx\u201d &amp;amp; <b>",
    "\u1f48\u03b4\u03c5\u03c3\u03c3\u03b5\u03cd\u03c2 \u0130stanbul \u00df",
    "ma\u00f1ana \u65e5\u672c\u8a9e \uff21\uff22\uff23\u3000\uff76\uff9e",
    "\x1b[31mred\x1b[0m",
    "it's I'LL you'Re rock'n'roll",
    "a\x00b\ufeffc\x7f",
    "x" * 300,
    "\U0001f469\u200d\U0001f469\u200d\U0001f467 \u2460\u00b2\u00b3 \u2177",
)


@pytest.fixture(scope="module")
def ours() -> ClipTokenizer:
    return ClipTokenizer.from_vocabulary()


@pytest.fixture(scope="module")
def reference() -> ReferenceTokenizer:
    return ReferenceTokenizer(VOCABULARY)


def shared_texts(folder: Path) -> Iterator[str]:
    for path in sorted(folder.glob("*.jsonl")):
        for line in path.read_text(encoding="utf-8").splitlines():
            yield from map(str, json.loads(line).values())
    with (folder / "questions.csv").open(encoding="utf-8", newline="") as file:
        for row in csv.reader(file):
            yield from row


def test_every_shared_text_is_encoded_as_the_reference_does(
    ours: ClipTokenizer, reference: ReferenceTokenizer, shared_data: Path
) -> None:
    texts = set(shared_texts(shared_data / "texts"))

    different = [text for text in texts if ours.encode(text) != reference.encode(text)]

    assert len(texts) > 10_000
    assert different == []


@pytest.mark.inference
def test_every_text_is_encoded_as_openais_own_tokenizer_does(
    ours: ClipTokenizer, shared_data: Path
) -> None:
    if importlib.util.find_spec("clip") is None:
        pytest.skip("OpenAI's tokenizer is not installed: scripts/test --inference")
    own = importlib.import_module("clip.simple_tokenizer").SimpleTokenizer()
    texts = {*shared_texts(shared_data / "texts"), *ODD}

    different = [text for text in texts if ours.encode(text) != own.encode(text)]

    assert different == []


@given(text=st.text(st.characters(codec="utf-8", max_codepoint=0x24F), max_size=60))
def test_any_latin_text_is_encoded_as_the_reference_does(
    ours: ClipTokenizer, reference: ReferenceTokenizer, text: str
) -> None:
    printable = "".join(c if c.isprintable() else " " for c in text)

    assert ours.encode(printable) == reference.encode(_without_ligatures(printable))


def _without_ligatures(text: str) -> str:
    written = {
        "\u0132": "IJ", "\u0133": "ij", "\u0149": "'n", "\u01f1": "DZ", "\u01f2": "Dz",
        "\u01f3": "dz", "\u01c4": "D\u017d", "\u01c5": "D\u017e", "\u01c6": "d\u017e",
        "\u01c7": "LJ", "\u01c8": "Lj", "\u01c9": "lj", "\u01ca": "NJ", "\u01cb": "Nj",
        "\u01cc": "nj",
    }  # fmt: skip
    return "".join(written.get(each, each) for each in text)


@given(text=st.text())
def test_no_text_at_all_is_refused(ours: ClipTokenizer, text: str) -> None:
    windows = ours.windows(text)

    assert windows.dtype == np.int32
    assert (windows[:, 0] == START).all()
    assert ((windows == END).sum(axis=1) == 1).all()


def test_a_marker_in_a_text_does_not_end_it(ours: ClipTokenizer) -> None:
    assert END not in ours.encode("before <|endoftext|> after")


def test_lone_surrogates_are_read(ours: ClipTokenizer) -> None:
    assert ours.encode("a\ud800b")


@pytest.mark.parametrize(("words", "count"), [(0, 1), (75, 1), (76, 2), (150, 2), (151, 3)])
def test_a_text_over_the_context_is_cut_into_even_windows(
    ours: ClipTokenizer, words: int, count: int
) -> None:
    windows = ours.windows("cat " * words)

    lengths = (windows == ours.encode("cat")[0]).sum(axis=1)
    assert windows.shape == (count, 77)
    assert lengths.sum() == words
    assert max(lengths) - min(lengths) <= 1


def test_a_huge_text_has_a_bounded_number_of_windows(ours: ClipTokenizer) -> None:
    assert ours.windows("word " * 2_000_000).shape == (MOST_WINDOWS, 77)


def test_a_models_own_tokenizer_is_read_from_its_file(tmp_path: Path) -> None:
    vocabulary = {"[START]": 0, "[END]": 1, "[PAD]": 2, "red": 3, "circle": 4, "[UNK]": 5}
    tokenizer = Tokenizer(models.WordLevel(vocabulary, unk_token="[UNK]"))  # noqa: S106
    tokenizer.pre_tokenizer = pre_tokenizers.Whitespace()
    tokenizer.post_processor = processors.TemplateProcessing(
        single="[START] $A [END]", special_tokens=[("[START]", 0), ("[END]", 1)]
    )
    tokenizer.enable_padding(pad_id=2, length=6)
    tokenizer.save(str(tmp_path / "tokenizer.json"))

    own = ClipTokenizer.from_file(tmp_path / "tokenizer.json")

    assert own.windows("red circle", 6).tolist() == [[0, 3, 4, 1, 2, 2]]
    assert own.windows("red red red circle circle", 6).tolist() == [
        [0, 3, 3, 3, 1, 2],
        [0, 4, 4, 1, 2, 2],
    ]
    before = own.pieces("circle circle circle circle", 6, prefix="red ")
    assert [each.tolist() for each in before] == [[0, 3, 4, 4, 1], [0, 3, 4, 4, 1]]


def test_a_damaged_tokenizer_file_is_a_model_error(tmp_path: Path) -> None:
    (tmp_path / "tokenizer.json").write_text("{}")

    with pytest.raises(ModelError, match=r"tokenizer\.json is no tokenizer"):
        ClipTokenizer.from_file(tmp_path / "tokenizer.json")


@pytest.mark.parametrize("content", [b"no gzip", gzip.compress(b"one line\na b", mtime=0)])
def test_a_damaged_vocabulary_is_a_model_error(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "vocabulary.gz"
    path.write_bytes(content)

    with pytest.raises(ModelError, match=r"vocabulary\.gz"):
        ClipTokenizer.from_vocabulary(path)
