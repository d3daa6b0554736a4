"""A probability for each thing that each way found."""

from __future__ import annotations

from typing import TYPE_CHECKING

from weavclip.domain.query import Space, Way
from weavclip.search.coverage import ANSWERS, BESIDE_MEANING, covered
from weavclip.search.fuse import EXACT, Finding
from weavclip.search.logistic import probability
from weavclip.search.terms import content_terms, folded, occurs

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from uuid import UUID

    from weavclip.domain.clip import Clip
    from weavclip.search.question import Question
    from weavclip.search.retrieve import Found

SHORT_CHARS = 4
"""A question shorter than this says little inside of a longer word: ``cat`` in ``concatenate``."""
INSIDE_A_WORD = 0.5
WITH_PHRASES = 0.5
"""A clip that has the phrases that were asked for; the other ways say in which order."""


def findings(
    question: Question,
    found: Found,
    *,
    clips: Mapping[UUID, Clip],
    texts: Mapping[UUID, str],
) -> Iterator[Finding]:
    """Every finding of a clip that is there, under the id that stands for it now.

    Args:
        question: What was asked with.
        found: What each way found.
        clips: By the id that was found; merged ones lead to the same clip.
        texts: By the clip's own id, of those found by words or as typed.
    """
    yield from _by_vector(question, found, clips)
    yield from _by_words(question, found, clips=clips, texts=texts)
    yield from _as_typed(question, found, clips=clips, texts=texts)
    yield from _with_phrases(question, found, clips)


def _by_vector(question: Question, found: Found, clips: Mapping[UUID, Clip]) -> Iterator[Finding]:
    for space, matches in found.near.items():
        logistic = question.probes[space].chance
        for rank, match in enumerate(matches):
            if match.id in clips:
                chance = probability(logistic, 1 - match.value) if logistic else None
                yield Finding(clips[match.id].id, Way(space), match.value, chance, rank)


def _by_words(
    question: Question,
    found: Found,
    *,
    clips: Mapping[UUID, Clip],
    texts: Mapping[UUID, str],
) -> Iterator[Finding]:
    shares = covered(content_terms(question.words), texts)
    chance = _chance_by_words(question, found, clips)
    for rank, match in enumerate(found.words):
        clip = clips.get(match.id)
        if clip is not None and clip.id in shares:
            yield Finding(clip.id, Way.WORDS, match.value, chance(clip.id, shares[clip.id]), rank)


def _chance_by_words(
    question: Question, found: Found, clips: Mapping[UUID, Clip]
) -> Callable[[UUID, float], float]:
    """The probability of a clip that holds this share of the question's words.

    Where a text model has looked, the share counts beside its cosine; a clip that is not among
    the nearest is taken for the farthest of them.
    """
    near = found.near.get(Space.SENTENCE, [])
    probe = question.probes.get(Space.SENTENCE)
    meaning = probe.chance if probe else None
    if meaning is None or not near:
        return lambda _, share: probability(ANSWERS, share)
    farthest = 1 - near[-1].value
    cosines = {clips[match.id].id: 1 - match.value for match in near if match.id in clips}
    return lambda clip_id, share: probability(
        meaning, cosines.get(clip_id, farthest) + BESIDE_MEANING * share
    )


def _as_typed(
    question: Question,
    found: Found,
    *,
    clips: Mapping[UUID, Clip],
    texts: Mapping[UUID, str],
) -> Iterator[Finding]:
    typed = folded(question.typed)
    for rank, clip_id in enumerate(found.exact):
        clip = clips.get(clip_id)
        if clip is not None:
            whole = len(typed) >= SHORT_CHARS or occurs(typed, folded(texts[clip.id]))
            yield Finding(clip.id, Way.EXACT, 1.0, EXACT if whole else INSIDE_A_WORD, rank)


def _with_phrases(
    question: Question, found: Found, clips: Mapping[UUID, Clip]
) -> Iterator[Finding]:
    chance = EXACT if question.only_phrases else WITH_PHRASES
    for rank, clip_id in enumerate(found.held):
        if clip_id in clips:
            yield Finding(clips[clip_id].id, Way.EXACT, 1.0, chance, rank)
