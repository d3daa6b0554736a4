"""Clips get their labels as they arrive, and again when they would be found in another way."""

from __future__ import annotations

import base64
import hashlib
import json
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from weavclip.domain.errors import UnknownClipError
from weavclip.domain.query import Space
from weavclip.organise.labelling import Labeller, own_space, teach
from weavclip.organise.zero_shot import (
    TEXT_SCALE,
    ZeroShot,
    ensembles,
    picture_classes,
    text_classes,
)
from weavclip.pipeline.work import Step

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from uuid import UUID

    from weavclip.domain.clip import Clip
    from weavclip.domain.labels import Correction, LabelJournal, LabelSet
    from weavclip.domain.ports import Embedder, TextEmbedder
    from weavclip.domain.vectors import Calibration, Embedding, Embeddings
    from weavclip.organise.heads import Head
    from weavclip.organise.zero_shot import Prompted

LABEL_AT_ONCE = 200
RULES = 2
"""Raised when rules or the way of likeness change, so that every clip is labelled again."""
TAUGHT = "labels_taught"
"""The note that says what was learned of corrections, as :func:`lessons` reads it."""
_PROMPTS = {Space.IMAGE: "labels_prompts", Space.SENTENCE: "labels_texts"}
"""The notes that keep the sentences' vectors."""


class Sorter:
    """Labels the clips of one set of models, the oldest first.

    What is found is noted with the number of the way in which it was: other labels, another
    model or new corrections make another number, and every clip is labelled again, from the
    vectors that are stored.
    """

    def __init__(
        self,
        journal: LabelJournal,
        line_id: str,
        *,
        labels: Callable[[], LabelSet],
        clip: Embedder | None,
        text: TextEmbedder | None = None,
    ) -> None:
        """Be handed the parts.

        Args:
            journal: The truth.
            line_id: Of the set of models; empty labels texts by their form alone.
            labels: What is looked for, as it is now.
            clip: The model of pictures and texts; None without.
            text: The text model beside it; None without.
        """
        self._journal = journal
        self._line_id = line_id
        self._labels = labels
        self._clip, self._text = clip, text
        self._sentences: tuple[str, dict[Space, ZeroShot]] | None = None
        self._learned: tuple[object, dict[tuple[str, Space], Head]] | None = None
        self._made: tuple[str, Labeller] | None = None

    def step(self) -> Step:
        """Label the oldest clips that wait for it, at most 200.

        Raises:
            ModelError: If the sentences of the labels cannot be encoded.
        """
        labels, said = self._labels(), self._journal.corrections()
        basis = self._basis(labels)
        taught = self._taught(labels, basis, said) if self._line_id else {}
        edition = _digest([basis, *(map(str, said) if taught else ())])
        mark = self._journal.label_mark(edition)
        clips = self._journal.unlabelled(self._line_id, mark, limit=LABEL_AT_ONCE)
        if not clips:
            return Step()
        if self._made is None or self._made[0] != edition:
            sentences = self._in_sentences(labels, basis)
            self._made = edition, Labeller(labels, sentences=sentences, taught=taught)
        found = {clip.id: self._found(clip, self._made[1]) for clip in clips}
        self._journal.label_found(found, mark)
        return Step(len(clips))

    def _found(self, clip: Clip, labeller: Labeller) -> tuple[str, ...]:
        try:
            text = self._journal.text(clip.id)
            vectors = self._journal.vectors(clip.id, self._line_id) if self._line_id else {}
        except UnknownClipError:  # forgotten meanwhile
            return ()
        return labeller.labels(clip, text=text, vectors=vectors)

    def _taught(
        self, labels: LabelSet, basis: str, said: Sequence[Correction]
    ) -> dict[tuple[str, Space], Head]:
        """What the corrections teach, found again when something new was said."""
        asked = basis, list(said)
        if self._learned is None or self._learned[0] != asked:
            taught = {}
            if said:
                sentences = self._in_sentences(labels, basis)
                taught = teach(said, labels, space_of=self._own, sentences=sentences)
            self._learned = asked, taught
            self._note_lessons(taught)
        return self._learned[1]

    def _note_lessons(self, taught: Mapping[tuple[str, Space], Head]) -> None:
        rows = [
            [label, space, lesson.positives, lesson.negatives, lesson.accuracy]
            for (_, space), head in taught.items()
            for label, lesson in head.lessons.items()
        ]
        noted = json.dumps(rows)
        if noted != (self._journal.meta(TAUGHT) or "[]"):
            self._journal.set_meta(TAUGHT, noted)

    def _own(self, clip_id: UUID) -> tuple[Space, Embedding] | None:
        found = self._journal.get_many([clip_id]).get(clip_id)
        if found is None:
            return None
        vectors = self._journal.vectors(found.id, self._line_id)
        space = own_space(found.kind, vectors)
        return None if space is None else (space, vectors[space])

    def _basis(self, labels: LabelSet) -> str:
        """Changes with everything that labels depend on but for what was said."""
        ordered = replace(labels, unwanted=frozenset())  # a set of names has no order of its own
        parts = [repr((RULES, self._line_id, ordered, sorted(labels.unwanted)))]
        for known in map(_calibration, (self._clip, self._text)):
            mean = known.means.get(Space.IMAGE) if known else None
            parts.append(repr(sorted(known.labels.items())) if known else "")
            parts.append("" if mean is None else mean.tobytes().hex())
        return _digest(parts)

    def _in_sentences(self, labels: LabelSet, basis: str) -> dict[Space, ZeroShot]:
        """The labels in the models' terms, by the space of what is looked at."""
        if self._sentences is None or self._sentences[0] != basis:
            asked = (
                (Space.IMAGE, self._clip, picture_classes(labels)),
                (Space.SENTENCE, self._text, text_classes(labels)),
            )
            found = {
                space: self._zero_shot(space, model, classes)
                for space, model, classes in asked
                if model is not None and classes
            }
            self._sentences = basis, found
        return self._sentences[1]

    def _zero_shot(
        self, space: Space, model: TextEmbedder, classes: tuple[Prompted, ...]
    ) -> ZeroShot:
        known = _calibration(model)
        return ZeroShot(
            classes=classes,
            vectors=self._encoded(classes, model, space),
            mean=known.means.get(space) if known else None,
            scale=model.card.logit_scale if space is Space.IMAGE else TEXT_SCALE,
            fits=known.labels if known else {},
        )

    def _encoded(
        self, classes: Sequence[Prompted], model: TextEmbedder, space: Space
    ) -> Embeddings:
        """The classes' vectors, kept beside the clips: 130 sentences take ViT-B-32 some 20 s."""
        card = model.card
        asked = repr((card.id, sorted(card.files.items()), classes)).encode()
        digest = hashlib.sha256(asked).hexdigest()
        kept = json.loads(self._journal.meta(_PROMPTS[space]) or "{}")
        if kept.get("of") == digest:
            raw = base64.b64decode(kept["vectors"])
            return np.frombuffer(raw, "<f4").reshape(len(classes), card.dim).astype(np.float32)
        vectors = ensembles(classes, model.embed_texts)
        written = base64.b64encode(vectors.astype("<f4").tobytes()).decode()
        self._journal.set_meta(_PROMPTS[space], json.dumps({"of": digest, "vectors": written}))
        return vectors


def _digest(parts: Sequence[str]) -> str:
    return hashlib.sha256(repr(parts).encode()).hexdigest()[:16]


def _calibration(model: TextEmbedder | None) -> Calibration | None:
    return model.card.calibration if model else None


def lessons(journal: LabelJournal) -> Mapping[str, str]:
    """What was learned of corrections, by label, in words."""
    rows = json.loads(journal.meta(TAUGHT) or "[]")
    return {
        label: f"learned from {positives:,} with and {negatives:,} without, "
        f"{accuracy:.0%} right on others"
        for label, _, positives, negatives, accuracy in rows
    }
