"""Pictures that are nearly equal."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from weavclip.domain.clip import Kind
from weavclip.wiring.parts import open_journal

if TYPE_CHECKING:
    from collections.abc import Callable

    from weavclip.domain.clip import Clip
    from weavclip.domain.query import Filter
    from weavclip.settings import Settings


@dataclass(frozen=True, slots=True)
class NearlyEqual:
    """A picture, and others that show the same.

    Attributes:
        kept: The pinned one, else the one of the most pixels, else the one copied first.
        others: Each is nearly equal to ``kept`` itself.
    """

    kept: Clip
    others: tuple[Clip, ...]


def duplicates(
    settings: Settings, where: Filter, *, progress: Callable[[int, int], None]
) -> list[NearlyEqual]:
    """Pictures that differ in size, encoding or a sliver of their edges only.

    Those without a thumbnail, which comes with the embedding, are left out.

    Args:
        settings: The settings.
        where: Which clips are looked at.
        progress: Told how many of how many were looked at.
    """
    import numpy as np

    from weavclip.organise.duplicates import groups
    from weavclip.pictures.likeness import likeness

    with open_journal(settings) as journal:
        pictures = sorted(
            (clip for clip in journal.clips(where=where) if _is_sized(clip)), key=_preference
        )
        known, likenesses = [], []
        for done, clip in enumerate(pictures, start=1):
            thumbnail = journal.thumbnail(clip.id)
            if thumbnail is not None:
                known.append(clip)
                likenesses.append(likeness(thumbnail))
            progress(done, len(pictures))
    if not known:
        return []
    shapes = np.array([(clip.width_px or 1) / (clip.height_px or 1) for clip in known])
    return [
        NearlyEqual(known[first], tuple(known[each] for each in others))
        for first, others in groups(np.stack(likenesses), shapes)
    ]


def _is_sized(clip: Clip) -> bool:
    return clip.kind is Kind.IMAGE and bool(clip.width_px and clip.height_px)


def _preference(clip: Clip) -> tuple[bool, int, object]:
    pixels = (clip.width_px or 0) * (clip.height_px or 0)
    return not clip.pinned, -pixels, clip.captured_at
