"""Hiding pictures by words."""

from __future__ import annotations

from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from weavclip.domain.errors import QueryError
from weavclip.wiring.answering import answering_models
from weavclip.wiring.parts import open_journal, wake_engine
from weavclip.wiring.weighing import opened_model

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from uuid import UUID

    from weavclip.domain.clip import Clip
    from weavclip.domain.hiding import Hiding
    from weavclip.settings import Settings


@dataclass(frozen=True, slots=True)
class ToHide:
    """What words would hide.

    Attributes:
        found: Each clip and its probability, the likest first.
        hide: Does it, but for clips that are to be shown in spite of the words; how many it hid.
    """

    found: tuple[tuple[Clip, float], ...]
    hide: Callable[[], int]


@contextmanager
def to_hide(settings: Settings, words: str, *, threshold: float) -> Iterator[ToHide]:
    """See what words would hide, and hide it while this is open.

    Raises:
        NoModelError: If no model is in use.
        QueryError: If the model is not calibrated, or nothing is said.
    """
    from weavclip.pipeline.hiding import looked_for

    with ExitStack() as stack:
        journal = stack.enter_context(open_journal(settings))
        model_id = answering_models(settings, journal).clip
        embedder = stack.enter_context(opened_model(settings, model_id))
        hiding, chances = looked_for(journal, embedder, words, threshold=threshold)
        clips = journal.get_many([*chances])
        found = tuple((clips[each], chance) for each, chance in chances.items() if each in clips)

        def hide() -> int:
            journal.hide(hiding, [clip.id for clip, _ in found])
            wake_engine(settings)
            return next((each.clips for each in journal.hidings() if each.words == words), 0)

        yield ToHide(found, hide)


def unhide(settings: Settings, words: str, clips: Sequence[UUID] = ()) -> int:
    """Take words back, or let them hide some clips no more; how many are shown again by that.

    Raises:
        QueryError: If nothing is hidden by these words.
        UnknownClipError: If a clip is gone.
    """
    with open_journal(settings) as journal:
        found = journal.show_in_spite(words, clips) if clips else journal.unhide(words)
    if found is None:
        message = f"nothing is hidden by {words!r}"
        raise QueryError(message, hint="'weavclip hide' lists the words")
    wake_engine(settings)
    return found


def hidings(settings: Settings) -> list[Hiding]:
    """All words that hide pictures."""
    with open_journal(settings) as journal:
        return journal.hidings()
