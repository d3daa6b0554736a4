"""Which models answer: while others take over, those that answered before."""

from __future__ import annotations

from typing import TYPE_CHECKING

from weavclip.domain.errors import NoModelError
from weavclip.domain.models import ModelSet
from weavclip.pipeline.status import ACTIVE_MODEL
from weavclip.wiring.parts import models

if TYPE_CHECKING:
    from weavclip.domain.stores import Journal
    from weavclip.settings import Settings


def answering_models(settings: Settings, journal: Journal) -> ModelSet:
    """The models that answered last, while they are still there; else those that are wanted."""
    wanted, store = settings.models, models(settings)
    active = ModelSet.parse(journal.meta(ACTIVE_MODEL) or wanted.id)
    try:
        for model_id in active.names:
            store.card(model_id)
    except NoModelError:
        return wanted
    return active
