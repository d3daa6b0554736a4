"""All that finds labels, for one model and one set of labels: form, likeness, what was taught."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

import numpy as np

from weavclip.domain.clip import Kind
from weavclip.domain.labels import THRESHOLD
from weavclip.domain.query import Space
from weavclip.organise import heads
from weavclip.organise.heads import NONE, SURE_AT
from weavclip.organise.rules import labels_of

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping, Sequence
    from uuid import UUID

    from weavclip.domain.clip import Clip
    from weavclip.domain.labels import Correction, LabelSet
    from weavclip.domain.vectors import Embedding
    from weavclip.organise.heads import Head
    from weavclip.organise.zero_shot import ZeroShot

_READ = (Kind.TEXT, Kind.HTML)
"""Kinds whose words are about something; paths and addresses have a form."""


class Labeller:
    """Finds the labels of clips; all state is in its parts."""

    def __init__(
        self,
        labels: LabelSet,
        *,
        sentences: Mapping[Space, ZeroShot],
        taught: Mapping[tuple[str, Space], Head],
    ) -> None:
        """Keep the parts.

        Args:
            labels: What is looked for.
            sentences: The labels in a model's terms, by the space of what is looked at.
            taught: Heads by group and space.
        """
        self._labels = labels
        self._sentences = sentences
        self._taught = taught
        self._group = groups_of(labels)
        self._least = {each.name: each.threshold for each in labels.labels}

    def labels(
        self, clip: Clip, *, text: str, vectors: Mapping[Space, Embedding]
    ) -> tuple[str, ...]:
        """What is found of a clip, sorted.

        A text with a form of its own, such as an address or a piece of code, is not asked for
        what it is about.

        Args:
            clip: Which.
            text: Its words; empty for pictures.
            vectors: Its raw vectors.
        """
        formed = labels_of(text, clip.kind) if text else frozenset()
        reads = clip.kind in _READ and not formed
        said = {space: self._by_sentences(space, vector) for space, vector in vectors.items()}
        found = {name: name for name in formed}
        for space, chances in said.items():
            if reads or space is Space.IMAGE:
                found |= self._likeliest(chances)
        own = own_space(clip.kind, vectors)
        taught = self._by_heads(own, vectors[own], said[own]) if own else {}
        for group, chances in taught.items():
            found = {other: name for other, name in found.items() if name not in chances}
            name = max(chances, key=chances.__getitem__)
            if chances[name] >= SURE_AT:
                found[group] = name
        return tuple(sorted(set(found.values()) - self._labels.unwanted))

    def chances(self, space: Space, vector: Embedding) -> dict[str, float]:
        """The probability of each label that has sentences or was taught, by a raw vector."""
        found = self._by_sentences(space, vector)
        for chances in self._by_heads(space, vector, found).values():
            found = found | chances
        return found

    def _by_heads(
        self, own: Space, vector: Embedding, said: Mapping[str, float]
    ) -> dict[str, dict[str, float]]:
        """The probabilities of the labels of each group that was taught in a space."""
        return {
            group: head.chances(vector, of_group(said, self._group, group))
            for (group, space), head in self._taught.items()
            if space is own
        }

    def _by_sentences(self, space: Space, vector: Embedding) -> dict[str, float]:
        if space not in self._sentences:
            return {}
        return self._sentences[space].chances(np.asarray(vector)[None])[0]

    def _likeliest(self, chances: Mapping[str, float]) -> dict[str, str]:
        """The likeliest label of each group, where it is likely enough: none is an answer, too."""
        likely = sorted((chance, name) for name, chance in chances.items())
        return {
            self._group[name]: name
            for chance, name in likely
            if chance >= self._least.get(name, THRESHOLD)
        }


def teach(
    corrections: Sequence[Correction],
    labels: LabelSet,
    *,
    space_of: Callable[[UUID], tuple[Space, Embedding] | None],
    sentences: Mapping[Space, ZeroShot],
) -> dict[tuple[str, Space], Head]:
    """Fit a head for every group that enough was said of.

    A clip that was given a label has none of the others of its group: who says that a picture is
    a chart says that it is no photo. Who takes a label away and gives no other of its group says
    that it is none of them. A label outside of every group has one of its own.

    Args:
        corrections: All that was said.
        labels: Tells the groups.
        space_of: A clip's own space and raw vector; None where it has none.
        sentences: The labels in a model's terms, by space.
    """
    group_of = groups_of(labels)
    said: dict[str, dict[UUID, str]] = defaultdict(dict)
    for each in sorted(corrections, key=lambda each: each.applies):  # what fits goes last
        group = group_of.get(each.label, each.label)
        said[group][each.clip_id] = each.label if each.applies else NONE
    found = {}
    for group, truths in said.items():
        vectors: dict[Space, dict[UUID, Embedding]] = defaultdict(dict)
        for clip_id in truths:
            if (own := space_of(clip_id)) is not None:
                vectors[own[0]][clip_id] = own[1]
        for space, rows in vectors.items():
            stacked = np.stack(list(rows.values()))
            chances = sentences[space].chances(stacked) if space in sentences else [{}] * len(rows)
            of_it = [of_group(each, group_of, group) for each in chances]
            head = heads.fit(stacked, [truths[each] for each in rows], of_it)
            if head is not None:
                found[group, space] = head
    return found


def groups_of(labels: LabelSet) -> dict[str, str]:
    """The group of each label: its own name where it has none."""
    return {label.name: label.group or label.name for label in labels.labels}


def of_group(
    chances: Mapping[str, float], group_of: Mapping[str, str], group: str
) -> dict[str, float]:
    """The probabilities of one group's labels."""
    return {name: each for name, each in chances.items() if group_of.get(name) == group}


def own_space(kind: Kind, spaces: Collection[Space]) -> Space | None:
    """Of the spaces that a clip has vectors in, the one that tells most of its kind.

    >>> own_space(Kind.TEXT, {Space.TEXT, Space.SENTENCE}), own_space(Kind.TEXT, {Space.TEXT})
    (<Space.SENTENCE: 'sentence'>, <Space.TEXT: 'text'>)
    """
    order = (Space.IMAGE,) if kind is Kind.IMAGE else (Space.SENTENCE, Space.TEXT)
    return next((space for space in order if space in spaces), None)
