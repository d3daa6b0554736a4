"""Pictures are hidden by words as they arrive, and again when another model looks at them."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from weavclip.domain.errors import QueryError
from weavclip.domain.hiding import Hiding
from weavclip.domain.query import Space
from weavclip.pipeline.work import Step
from weavclip.search.centre import take_out
from weavclip.search.crowd import chance_of
from weavclip.search.logistic import probability

if TYPE_CHECKING:
    from collections.abc import Sequence
    from uuid import UUID

    from weavclip.domain.hiding import HidingJournal
    from weavclip.domain.ports import Embedder
    from weavclip.domain.vectors import Embedding, Embeddings, ModelCard

_AT_ONCE = 8192


def looked_for(
    journal: HidingJournal, embedder: Embedder, words: str, *, threshold: float
) -> tuple[Hiding, dict[UUID, float]]:
    """What words would hide, the likest first, with the probability of each.

    Args:
        journal: Has the pictures' vectors.
        embedder: The model of pictures and texts.
        words: They describe the pictures.
        threshold: Least probability in [0, 1], as a search for the words says it.

    Raises:
        QueryError: If the model has no probabilities, or nothing is said.
    """
    if not words.strip():
        message = "nothing is said to hide by"
        raise QueryError(message, hint='weavclip hide "a bare person"')
    if embedder.card.calibration is None:
        message = f"the model {embedder.card.id} is not calibrated: it gives no probabilities"
        raise QueryError(message, hint="remove the model and add it again")
    prompt = embedder.embed_texts([words])[0]
    # In this order: what comes in between is looked at now, and by the engine once more.
    version = journal.version(embedder.card.id)
    ids, rows = journal.rows(embedder.card.id, Space.IMAGE)
    hiding = Hiding(
        words=words,
        threshold=threshold,
        model_id=embedder.card.id,
        version=version,
        prompt=prompt,
    )
    return hiding, _matching(ids, rows, hiding, embedder.card)


class Hider:
    """Hides new pictures by what a person wanted hidden."""

    def __init__(self, journal: HidingJournal, embedder: Embedder) -> None:
        """Be handed the parts; nothing is loaded unless another model was the last."""
        self._journal = journal
        self._embedder = embedder

    def is_wanted(self) -> bool:
        """Whether there is anything to hide by, and the model can."""
        return self._embedder.card.calibration is not None and bool(self._journal.hidings())

    def step(self) -> Step:
        """Look at the pictures that came since.

        Raises:
            ModelError: If words cannot be encoded by a new model.
        """
        return Step(sum(self._hide(each) for each in self._journal.hidings()))

    def _hide(self, hiding: Hiding) -> int:
        card = self._embedder.card
        if card.calibration is None:
            return 0
        if hiding.model_id != card.id:
            again, found = looked_for(
                self._journal, self._embedder, hiding.words, threshold=hiding.threshold
            )
            self._journal.hide(again, [*found], instead_of=hiding)
            return max(1, len(found))
        ids, rows, version = self._journal.vectors_since(card.id, Space.IMAGE, hiding.version)
        if version == hiding.version:
            return 0
        found = _matching(ids, rows, hiding, card)
        seen = replace(hiding, version=version)
        self._journal.hide_more(seen, [*found], looked_at=ids)
        return len(found)


def _matching(
    ids: Sequence[UUID], rows: Embeddings, hiding: Hiding, card: ModelCard
) -> dict[UUID, float]:
    """Those of some pictures that words hide, the likest first; ids of nobody are left out."""
    assert card.calibration is not None
    means = card.calibration.means
    asked: Embedding = take_out(hiding.prompt, means[Space.TEXT])
    logistic = chance_of(card.calibration, Space.IMAGE, asked)
    found: list[tuple[float, int]] = []
    for start in range(0, len(ids), _AT_ONCE):
        cosines = take_out(rows[start : start + _AT_ONCE], means[Space.IMAGE]) @ asked
        chances = (probability(logistic, float(each)) for each in cosines)
        found += [
            (chance, at)
            for at, chance in enumerate(chances, start=start)
            if chance >= hiding.threshold and ids[at].int
        ]
    return {ids[at]: chance for chance, at in sorted(found, key=lambda each: -each[0])}
