"""Candidates that one way found and another did not."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, cast
from uuid import UUID

import numpy as np
import pytest

from weavclip.domain.clip import Kind
from weavclip.domain.query import Match, Space
from weavclip.domain.vectors import Logistic
from weavclip.search.beside import completed
from weavclip.search.centre import normalised, take_out
from weavclip.search.question import Probe, Question
from weavclip.search.retrieve import Found

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from weavclip.domain.clip import Clip
    from weavclip.domain.stores import Journal
    from weavclip.domain.vectors import Embedding

NOTE, PICTURE, BARE = (UUID(int=each) for each in (1, 2, 3))
MEAN = np.array([0.5, 0.0, 0.0], np.float32)
ASKED = take_out(normalised(np.array([1.0, 1.0, 0.0])), MEAN)
STORED = normalised(np.array([1.0, 0.0, 1.0]))
CHANCE = Logistic(slope=10.0, intercept=-5.0)


@dataclass(frozen=True, slots=True)
class Known:
    """What completing asks of a clip."""

    id: UUID
    kind: Kind = Kind.TEXT


@dataclass(slots=True)
class Vectors:
    """A journal that notes whose vectors it was asked for."""

    asked: list[UUID] = field(default_factory=list)

    def vectors_of(
        self, clip_ids: Sequence[UUID], models: str, space: Space
    ) -> dict[UUID, Embedding]:
        assert (models, space) == ("both", Space.TEXT)
        self.asked += clip_ids
        return {each: STORED for each in clip_ids if each != BARE}


def complete(chance: Logistic | None) -> tuple[Found, list[UUID]]:
    clips = {NOTE: Known(NOTE), PICTURE: Known(PICTURE, Kind.IMAGE), BARE: Known(BARE)}
    question = Question(words="a note", probes={Space.TEXT: Probe(ASKED, chance, MEAN)})
    found = Found(near={Space.TEXT: []}, words=[Match(each, 1.0) for each in clips])
    journal = Vectors()
    done = completed(
        found,
        question,
        cast("Mapping[UUID, Clip]", clips),
        journal=cast("Journal", journal),
        models="both",
    )
    return done, journal.asked


def test_a_clip_that_only_words_found_gets_its_distance_with_the_mean_out() -> None:
    found, _ = complete(CHANCE)

    (match,) = found.beside[Space.TEXT]
    assert match.id == NOTE
    assert match.value == pytest.approx(1 - float(take_out(STORED, MEAN) @ ASKED))


def test_a_space_that_cannot_hold_a_clip_is_not_asked_for_it() -> None:
    _, asked = complete(CHANCE)

    assert asked == [NOTE, BARE]


def test_where_ranks_are_compared_nothing_is_looked_up() -> None:
    found, asked = complete(None)

    assert (found.beside, asked) == ({}, [])
