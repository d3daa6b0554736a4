"""One hit for several that are nearly equal."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from tests.unit.cli.clips import make_clip, make_hit
from weavclip.search.collapse import Collapsing

if TYPE_CHECKING:
    from collections.abc import Sequence

    from weavclip.domain.alike import AlikeStore
    from weavclip.domain.query import Hit

GROUPS = 3


class ByThrees:
    """Clips of one remainder by three are nearly equal; the remainder stands for them."""

    def stand_ins(self, clip_ids: Sequence[UUID]) -> dict[UUID, UUID]:
        return {each: UUID(int=each.int % GROUPS) for each in clip_ids}


def hits(numbers: Sequence[int]) -> list[Hit]:
    return [make_hit(make_clip(number=number)) for number in numbers]


def collapsed(*parts: Sequence[int]) -> list[tuple[int, list[int]]]:
    made = Collapsing(cast("AlikeStore", ByThrees()))
    for part in parts:
        made.add(hits(part))
    assert len(made) == len(made.hits())
    return [(hit.clip.id.int, [each.int for each in hit.alike]) for hit in made.hits()]


def test_the_best_stands_for_those_behind_it() -> None:
    assert collapsed([7, 5, 4, 10, 8]) == [(7, [4, 10]), (5, [8])]


def test_without_a_store_each_hit_stands_for_itself() -> None:
    made = Collapsing(None)
    made.add(hits([1, 4, 7]))

    assert made.hits() == hits([1, 4, 7])


@given(numbers=st.lists(st.integers(1, 30), unique=True), cut=st.integers(0, 30))
def test_what_comes_later_changes_no_page_before(numbers: list[int], cut: int) -> None:
    before, whole = collapsed(numbers[:cut]), collapsed(numbers[:cut], numbers[cut:])

    assert [shown for shown, _ in whole][: len(before)] == [shown for shown, _ in before]
    assert whole == collapsed(numbers)
    assert sorted(each for shown, behind in whole for each in (shown, *behind)) == sorted(numbers)
