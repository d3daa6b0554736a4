"""Words that no clip has, and what they are taken for."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

import pytest

from weavclip.search.slips import mended

if TYPE_CHECKING:
    from collections.abc import Sequence

    from weavclip.domain.words import WordStore

COUNTED = {
    "kubernetes": 3,
    "chart": 2,
    "chat": 5,
    "grosse": 1,
    "weather": 1,
    "that": 9,
    "deployment": 1,
    "a1b2c3": 1,
}


class Terms:
    """Words that clips have."""

    def __init__(self, counted: dict[str, int]) -> None:
        self._counted = counted

    def terms(self, beginnings: Sequence[str] = ("",), *, hidden: bool = False) -> dict[str, int]:
        del hidden  # no clip is
        return {
            term: count
            for term, count in self._counted.items()
            if term.startswith(tuple(beginnings))
        }


KNOWN = cast("WordStore", Terms(COUNTED))


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("kubernets", "kubernetes"),
        ("kuberentes", "kubernetes"),
        ("Kubbernetess", "kubernetes"),
        ("ubernetes", "kubernetes"),
        ("jubernetes", "kubernetes"),
        ("hcart of the wheather", "chart of the weather"),
        ("charts, (deploiment)", "chart, (deployment)"),
        ("Größse", "grosse"),
    ],
)
def test_a_slip_is_read_as_the_nearest_word(typed: str, meant: str) -> None:
    assert mended(typed, KNOWN) == meant


@pytest.mark.parametrize(
    "typed",
    ["Kubernetes", "CHART", "Große", "cht", "a1b2c4", "sunset", "thet", "", "--", "天気予報"],
)
def test_what_is_known_short_or_near_to_nothing_stays(typed: str) -> None:
    known = cast("WordStore", Terms({word: n for word, n in COUNTED.items() if word != "that"}))

    assert mended(typed, known) == typed


def test_of_equally_near_words_the_commoner_is_meant() -> None:
    assert mended("chaxt", cast("WordStore", Terms({"chart": 1, "chant": 2}))) == "chant"
    assert mended("chaxt", cast("WordStore", Terms({"chart": 3, "chant": 2}))) == "chart"
