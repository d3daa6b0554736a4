"""The memory by topics."""

from __future__ import annotations

from typing import TYPE_CHECKING

from weavclip.domain.errors import NoModelError
from weavclip.wiring.answering import answering_models
from weavclip.wiring.parts import models, open_journal

if TYPE_CHECKING:
    from weavclip.domain.query import Filter
    from weavclip.pipeline.topics import Topics
    from weavclip.settings import Settings


def topics(settings: Settings, where: Filter, *, count: int | None) -> Topics:
    """Part the clips that pass by what they are about; no model is loaded for it.

    Raises:
        NoModelError: If no model is in use.
        QueryError: If there are too few clips.
    """
    from weavclip.pipeline.topics import topics as parted

    if not settings.model:
        message = "topics are found by a model's vectors, and no model is in use"
        raise NoModelError(message, hint="weavclip model add ViT-B-16 (about 600 MB)")
    with open_journal(settings) as journal:
        found = answering_models(settings, journal)
        card = models(settings).card(found.clip)
        return parted(journal, card, line_id=found.id, where=where, count=count)
