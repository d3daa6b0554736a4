"""Pictures that are nearly equal."""

from __future__ import annotations

from contextlib import closing
from dataclasses import dataclass
from typing import TYPE_CHECKING

from weavclip.domain.errors import JournalError, PictureError, UnknownClipError
from weavclip.wiring.parts import decoder, open_journal, wake_engine

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from weavclip.domain.clip import Clip
    from weavclip.domain.ports import PictureDecoder
    from weavclip.domain.query import Filter
    from weavclip.domain.seen import Pixels
    from weavclip.domain.stores import Journal
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
) -> tuple[list[NearlyEqual], int]:
    """Pictures that differ in size or encoding only.

    The engine has found, as they came, which may be; each group is looked at once more, around
    the picture that is to be kept and pixel by pixel.

    Args:
        settings: The settings.
        where: Which clips are looked at: pictures.
        progress: Told how many groups of how many were looked at.

    Returns:
        Those that were found, and how many clips are still to be compared.
    """
    found: list[NearlyEqual] = []
    with open_journal(settings) as journal, closing(decoder(settings)) as pictures:
        together = journal.groups(where)
        for done, clips in enumerate(together, start=1):
            found += _around_kept(sorted(clips, key=_preference), journal, pictures)
            progress(done, len(together))
        left = journal.count_uncompared()
    if left:
        wake_engine(settings)
    return found, left


def _around_kept(
    clips: Sequence[Clip], journal: Journal, pictures: PictureDecoder
) -> Iterator[NearlyEqual]:
    from weavclip.organise.same_looks import groups
    from weavclip.pictures.in_full import are_equal_in_full
    from weavclip.pipeline.comparing import look_at

    seen = ((clip, look_at(clip, journal, pictures)) for clip in clips)
    for kept, others in groups((clip, look) for clip, look in seen if look is not None):
        whole = _whole(kept, journal, pictures)
        if whole is None:
            continue
        same = tuple(
            each
            for each in others
            if (other := _whole(each, journal, pictures)) is not None
            and are_equal_in_full(whole, other)
        )
        if same:
            yield NearlyEqual(kept, same)


def _whole(clip: Clip, journal: Journal, pictures: PictureDecoder) -> Pixels | None:
    """A picture's pixels; None where it is gone or damaged by now: it is called equal to none."""
    try:
        return pictures.whole(journal.representations(clip.id)[clip.mime_type])
    except (JournalError, PictureError, UnknownClipError):
        return None


def _preference(clip: Clip) -> tuple[bool, int, object]:
    pixels = (clip.width_px or 0) * (clip.height_px or 0)
    return not clip.pinned, -pixels, clip.captured_at
