"""Clips get their labels as they arrive, and again when they would be found in another way."""

from __future__ import annotations

import base64
import hashlib
import json
from typing import TYPE_CHECKING

import numpy as np

from weavclip.domain.errors import UnknownClipError
from weavclip.domain.query import Space
from weavclip.organise.labelling import Labeller, own_space, teach
from weavclip.organise.zero_shot import ZeroShot, classes_of, ensembles
from weavclip.pipeline.work import Step

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from uuid import UUID

    from weavclip.domain.clip import Clip
    from weavclip.domain.labels import Correction, LabelJournal, LabelSet
    from weavclip.domain.ports import Embedder
    from weavclip.domain.vectors import Embedding, Embeddings
    from weavclip.organise.heads import Head
    from weavclip.organise.zero_shot import Prompted

LABEL_AT_ONCE = 200
RULES = 1
"""Raised when rules or the way of likeness change, so that every clip is labelled again."""
TAUGHT = "labels_taught"
"""The note that says what was learned of corrections, as :func:`lessons` reads it."""
_PROMPTS = "labels_prompts"


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
    ) -> None:
        """Be handed the parts.

        Args:
            journal: The truth.
            line_id: Of the set of models; empty labels texts by their form alone.
            labels: What is looked for, as it is now.
            clip: The model of pictures and texts; None without.
        """
        self._journal = journal
        self._line_id = line_id
        self._labels = labels
        self._clip = clip
        self._said: list[Correction] | None = None
        self._taught: dict[tuple[str, Space], Head] = {}
        self._made: tuple[str, Labeller] | None = None

    def step(self) -> Step:
        """Label the oldest clips that wait for it, at most 200.

        Raises:
            ModelError: If the sentences of the labels cannot be encoded.
        """
        labels = self._labels()
        self._learn(labels)
        edition = self._edition(labels)
        mark = self._journal.label_mark(edition)
        clips = self._journal.unlabelled(self._line_id, mark, limit=LABEL_AT_ONCE)
        if not clips:
            return Step()
        if self._made is None or self._made[0] != edition:
            labeller = Labeller(labels, seen=self._seen(labels), taught=self._taught)
            self._made = edition, labeller
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

    def _learn(self, labels: LabelSet) -> None:
        """Fit heads again when something new was said."""
        said = self._journal.corrections()
        if said == self._said or not self._line_id:
            return
        self._taught = teach(said, labels, space_of=self._own)
        self._said = said
        lessons = json.dumps(
            [
                [label, space, head.positives, head.negatives, head.accuracy]
                for (label, space), head in self._taught.items()
            ]
        )
        if lessons != (self._journal.meta(TAUGHT) or "[]"):
            self._journal.set_meta(TAUGHT, lessons)

    def _own(self, clip_id: UUID) -> tuple[Space, Embedding] | None:
        found = self._journal.get_many([clip_id]).get(clip_id)
        if found is None:
            return None
        vectors = self._journal.vectors(found.id, self._line_id)
        space = own_space(found.kind, vectors)
        return None if space is None else (space, vectors[space])

    def _edition(self, labels: LabelSet) -> str:
        """Changes with everything that labels depend on."""
        said = [str(each) for each in self._said or ()] if self._taught else []
        parts = (RULES, self._line_id, repr(labels), sorted(labels.unwanted), said)
        mean = b"" if (found := self._mean()) is None else found.tobytes()
        return hashlib.sha256(repr(parts).encode() + mean).hexdigest()[:16]

    def _mean(self) -> Embedding | None:
        calibration = self._clip.card.calibration if self._clip else None
        return calibration.means.get(Space.IMAGE) if calibration else None

    def _seen(self, labels: LabelSet) -> ZeroShot | None:
        classes = classes_of(labels)
        if self._clip is None or not classes:
            return None
        return ZeroShot(
            classes=classes,
            vectors=self._encoded(classes, self._clip),
            mean=self._mean(),
            scale=self._clip.card.logit_scale,
        )

    def _encoded(self, classes: Sequence[Prompted], clip: Embedder) -> Embeddings:
        """The classes' vectors, kept beside the clips: 130 sentences take ViT-B-32 some 20 s."""
        asked = repr((clip.card.id, sorted(clip.card.files.items()), classes)).encode()
        digest = hashlib.sha256(asked).hexdigest()
        shape = (len(classes), clip.card.dim)
        kept = json.loads(self._journal.meta(_PROMPTS) or "{}")
        if kept.get("of") == digest:
            raw = base64.b64decode(kept["vectors"])
            return np.frombuffer(raw, "<f4").reshape(shape).astype(np.float32)
        vectors = ensembles(classes, clip.embed_texts)
        written = base64.b64encode(vectors.astype("<f4").tobytes()).decode()
        self._journal.set_meta(_PROMPTS, json.dumps({"of": digest, "vectors": written}))
        return vectors


def lessons(journal: LabelJournal) -> Mapping[str, str]:
    """What was learned of corrections, by label, in words."""
    rows = json.loads(journal.meta(TAUGHT) or "[]")
    return {
        label: f"learned from {positives:,} with and {negatives:,} without, "
        f"{accuracy:.0%} right on others"
        for label, _, positives, negatives, accuracy in rows
    }
