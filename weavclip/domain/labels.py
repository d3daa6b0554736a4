"""Labels: what a clip is in a word, found by weavclip or said by the person."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

from weavclip.domain.stores import Journal

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from uuid import UUID

    from weavclip.domain.clip import Clip

THRESHOLD = 0.5
"""Least probability of a label that names none."""
PLACE = "{label}"
"""Where a template has a label's words."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Label:
    """One label of a set.

    Attributes:
        name: As it is shown and filtered by.
        group: Of labels that exclude each other: at most one of a group is found of a clip.
        prompts: Sentences that describe such a picture; none for a label that is found by a
            rule, or given by the person alone.
        texts: Words or sentences that such a text is near to.
        threshold: Least probability in [0, 1] at which it is given.
        colour: ``#rrggbb``, or empty.
    """

    name: str
    group: str = ""
    prompts: tuple[str, ...] = ()
    texts: tuple[str, ...] = ()
    threshold: float = THRESHOLD
    colour: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class LabelSet:
    """The labels that are looked for.

    Attributes:
        labels: In their order.
        others: By group, sentences for pictures that are none of it.
        other_texts: By group, texts that are none of it.
        templates: By group, sentences with ``{label}`` in them, into which each of a label's
            texts is put; the name of a label that has neither texts nor prompts.
        unwanted: Names that are never given.
    """

    labels: tuple[Label, ...] = ()
    others: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    other_texts: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    templates: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    unwanted: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True, order=True)
class Correction:
    """What a person said of a clip.

    Attributes:
        clip_id: Which.
        label: Which label.
        applies: Whether it has that label.
    """

    clip_id: UUID
    label: str
    applies: bool


class LabelJournal(Journal, Protocol):
    """A journal's labels. What was found never replaces what the person said."""

    def label_mark(self, edition: str) -> int:
        """The number of this way to find labels; a new one when another way was the last."""
        ...

    def relabel(self) -> int:
        """Have every clip's labels found again, by a new number, which is returned."""
        ...

    def unlabelled(self, model_id: str, mark: int, *, limit: int) -> list[Clip]:
        """The oldest clips whose labels were found before ``mark``.

        Those that were embedded for this set of models; every one where ``model_id`` is empty.
        """
        ...

    def count_unlabelled(self, model_id: str, mark: int) -> int:
        """How many :meth:`unlabelled` has in all."""
        ...

    def label_found(self, found: Mapping[UUID, Sequence[str]], mark: int) -> int:
        """Store what was found, in one transaction; how many clips changed.

        Those go into the indexes again.
        """
        ...

    def correct(self, clip_id: UUID, *, wanted: Sequence[str], unwanted: Sequence[str]) -> None:
        """Keep what a person says of a clip, until they say otherwise."""
        ...

    def corrections(self) -> list[Correction]:
        """Everything that was said."""
        ...

    def label_counts(self) -> dict[str, int]:
        """How many clips have each label, the most frequent first; hidden ones left out."""
        ...
