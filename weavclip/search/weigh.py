"""A probability for each thing that each way found."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from weavclip.domain.query import Space, Way
from weavclip.search.chosen import COVERED, WITH_PHRASES
from weavclip.search.coverage import covered
from weavclip.search.fuse import EXACT, Finding
from weavclip.search.logistic import probability
from weavclip.search.rarity import beside_meaning, told
from weavclip.search.terms import content_terms, folded, occurs

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from uuid import UUID

    from weavclip.domain.clip import Clip
    from weavclip.search.question import Question
    from weavclip.search.rarity import Told
    from weavclip.search.retrieve import Found

SHORT_CHARS = 4
"""A word shorter than this says little inside of a longer one: ``cat`` in ``concatenate``."""
INSIDE_A_WORD = 0.5


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
        texts: By the clip's own id, of those that may hold words of the question.
    """
    yield from _by_vector(question, found, clips)
    yield from _by_words(question, found, clips=clips, texts=texts)
    yield from _as_typed(question, found, clips=clips, texts=texts)
    yield from _with_phrases(question, found, clips)


def _by_vector(question: Question, found: Found, clips: Mapping[UUID, Clip]) -> Iterator[Finding]:
    for space, matches in found.near.items():
        logistic = question.probes[space].chance
        behind = [(None, match) for match in found.beside.get(space, ())]
        for rank, match in (*enumerate(matches), *behind):
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
    """What the words in the clips tell: beside their meaning where a text model has read them."""
    sought = content_terms(question.words)
    listed = {
        clips[match.id].id: (rank, match.value)
        for rank, match in reversed([*enumerate(found.words)])
        if match.id in clips
    }
    told_by = told(sought, texts, found.spread)
    read = _beside_meaning(question, found, clips=clips, told_by=told_by)
    for clip_id, chance in read.items():
        rank, value = listed.get(clip_id, (None, 0.0))
        words = told_by[clip_id].words
        yield Finding(clip_id, Way.WORDS, value, chance, rank, words, counts=Way.SENTENCE)
    shares = covered(sought, {each: texts[each] for each in listed if each not in read})
    for clip_id, share in shares.items():
        rank, value = listed[clip_id]
        words = told_by[clip_id].words
        yield Finding(clip_id, Way.WORDS, value, probability(COVERED, share), rank, words)


def _beside_meaning(
    question: Question,
    found: Found,
    *,
    clips: Mapping[UUID, Clip],
    told_by: Mapping[UUID, Told],
) -> dict[UUID, float]:
    """By clip the probability of its meaning and its words together, where both are known."""
    probe = question.probes.get(Space.SENTENCE)
    near = found.near.get(Space.SENTENCE)
    if probe is None or probe.chance is None or not near:
        return {}
    matches = (*near, *found.beside.get(Space.SENTENCE, ()))
    cosines = {clips[match.id].id: 1 - match.value for match in matches if match.id in clips}
    added = partial(beside_meaning, nearest=1 - near[0].value, among=found.spread.among)
    return {
        clip_id: probability(probe.chance, cosine + added(known.nats))
        for clip_id, cosine in cosines.items()
        if (known := told_by.get(clip_id))
    }


def _as_typed(
    question: Question,
    found: Found,
    *,
    clips: Mapping[UUID, Clip],
    texts: Mapping[UUID, str],
) -> Iterator[Finding]:
    for typed, ids in zip(question.typed, found.exact, strict=False):
        is_all = typed == question.typed[0]
        term = folded(typed) if len(typed) < SHORT_CHARS and typed.isalnum() else ""
        for rank, clip_id in enumerate(ids):
            clip = clips.get(clip_id)
            if clip is not None:
                whole = not term or occurs(term, folded(texts[clip.id]))
                chance = EXACT if whole else INSIDE_A_WORD
                yield Finding(clip.id, Way.EXACT, 1.0, chance, rank, is_literal=is_all and whole)


def _with_phrases(
    question: Question, found: Found, clips: Mapping[UUID, Clip]
) -> Iterator[Finding]:
    chance = EXACT if question.only_phrases else WITH_PHRASES
    for rank, clip_id in enumerate(found.held):
        if clip_id in clips:
            yield Finding(clips[clip_id].id, Way.EXACT, 1.0, chance, rank)
