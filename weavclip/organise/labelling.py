"""All that finds labels, for one model and one set of labels: form, likeness, what was taught."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from weavclip.domain.clip import Kind
from weavclip.domain.query import Space
from weavclip.organise import heads
from weavclip.organise.rules import labels_of

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping, Sequence
    from uuid import UUID

    from weavclip.domain.clip import Clip
    from weavclip.domain.labels import Correction, LabelSet
    from weavclip.domain.vectors import Embedding
    from weavclip.organise.heads import Head
    from weavclip.organise.zero_shot import ZeroShot

TAUGHT_AT = 0.5
"""Least probability of a label that was taught: what is right more often than wrong."""


class Labeller:
    """Finds the labels of clips; all state is in its parts."""

    def __init__(
        self, labels: LabelSet, *, seen: ZeroShot | None, taught: Mapping[tuple[str, Space], Head]
    ) -> None:
        """Keep the parts.

        Args:
            labels: What is looked for.
            seen: The labels in the model's terms; None without a model.
            taught: Heads by label and space.
        """
        self._labels = labels
        self._seen = seen
        self._taught = taught

    def labels(
        self, clip: Clip, *, text: str, vectors: Mapping[Space, Embedding]
    ) -> tuple[str, ...]:
        """What is found of a clip, sorted.

        Args:
            clip: Which.
            text: Its words; empty for pictures.
            vectors: Its raw vectors.
        """
        found = set(labels_of(text, clip.kind)) if text else set()
        if Space.IMAGE in vectors:
            found |= self.of_picture(vectors[Space.IMAGE])
        for (label, space), head in self._taught.items():
            if space in vectors:
                has_it = head.chance(vectors[space]) >= TAUGHT_AT
                found = found | {label} if has_it else found - {label}
        return tuple(sorted(found - self._labels.unwanted))

    def of_picture(self, vector: Embedding) -> set[str]:
        """The likest label of each group, where it is likely enough: none is an answer, too."""
        if self._seen is None:
            return set()
        (chances,) = self._seen.chances(np.asarray(vector)[None])
        likest: dict[str, tuple[float, str]] = {}
        for label in self._labels.labels:
            if label.name in chances:
                group = label.group or label.name
                likest[group] = max(
                    likest.get(group, (0.0, "")), (chances[label.name], label.name)
                )
        least = {label.name: label.threshold for label in self._labels.labels}
        return {name for chance, name in likest.values() if chance >= least.get(name, 1.1)}


def teach(
    corrections: Sequence[Correction],
    labels: LabelSet,
    *,
    space_of: Callable[[UUID], tuple[Space, Embedding] | None],
) -> dict[tuple[str, Space], Head]:
    """Fit a head for every label that enough was said of.

    A clip that was given a label has none of the others of its group: who says that a picture is
    a chart says that it is no photo.

    Args:
        corrections: All that was said.
        labels: Tells the groups.
        space_of: A clip's own space and raw vector; None where it has none.
    """
    said = _implied(corrections, labels)
    known = {clip_id: space_of(clip_id) for clip_id in dict.fromkeys(c for c, _ in said)}
    found = {}
    for label in sorted({label for _, label in said}):
        for space in Space:
            examples = [
                (own[1], applies)
                for (clip_id, name), applies in said.items()
                if name == label and (own := known[clip_id]) is not None and own[0] is space
            ]
            if not examples:
                continue
            vectors, truths = zip(*examples, strict=True)
            head = heads.fit(np.stack(vectors), np.asarray(truths))
            if head is not None:
                found[label, space] = head
    return found


def _implied(corrections: Sequence[Correction], labels: LabelSet) -> dict[tuple[UUID, str], bool]:
    group_of = {label.name: label.group for label in labels.labels if label.group}
    said = {(each.clip_id, each.label): each.applies for each in corrections}
    for each in corrections:
        group = group_of.get(each.label)
        if each.applies and group:
            for name, own in group_of.items():
                if own == group:
                    said.setdefault((each.clip_id, name), False)
    return said


def own_space(kind: Kind, spaces: Collection[Space]) -> Space | None:
    """Of the spaces that a clip has vectors in, the one that tells most of its kind.

    >>> own_space(Kind.TEXT, {Space.TEXT, Space.SENTENCE}), own_space(Kind.TEXT, {Space.TEXT})
    (<Space.SENTENCE: 'sentence'>, <Space.TEXT: 'text'>)
    """
    order = (Space.IMAGE,) if kind is Kind.IMAGE else (Space.SENTENCE, Space.TEXT)
    return next((space for space in order if space in spaces), None)
