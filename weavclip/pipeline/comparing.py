"""Each clip is compared with those before it as it arrives, and never again."""

from __future__ import annotations

import logging
from collections import OrderedDict
from contextlib import suppress
from typing import TYPE_CHECKING

from weavclip.domain.alike import Compared
from weavclip.domain.clip import Kind
from weavclip.domain.errors import PictureError, UnknownClipError
from weavclip.organise import same_looks, same_words
from weavclip.organise.same_looks import Album, Look
from weavclip.pipeline.work import Step

if TYPE_CHECKING:
    from collections.abc import Sequence
    from uuid import UUID

    from weavclip.domain.alike import AlikeJournal
    from weavclip.domain.clip import Clip
    from weavclip.domain.ports import PictureDecoder
    from weavclip.domain.stores import Journal

logger = logging.getLogger(__name__)

COMPARE_AT_ONCE = 100
PICTURES_AT_ONCE = 10
"""Each may need eight others to be decoded, and new clips wait meanwhile."""
MOST_CANDIDATES = 8
"""Looked at for one clip: the nearest of those that may be nearly equal."""
_LOOKS_KEPT = 256
"""Of pictures that were looked at last: 10 MB."""


class Comparing:
    """Finds for each clip the one that stands for it: texts by their words, pictures by looks."""

    def __init__(self, journal: AlikeJournal, decoder: PictureDecoder) -> None:
        """Be handed the parts.

        Args:
            journal: The truth.
            decoder: Decodes thumbnails where they can do no harm: they may come from an archive.
        """
        self._journal = journal
        self._decoder = decoder
        self._album: Album | None = None
        self._looks: OrderedDict[UUID, Look | None] = OrderedDict()

    def step(self) -> Step:
        """Compare the oldest clips that wait for it: at most 100, of which 10 are pictures."""
        clips = _portion(self._journal.uncompared(limit=COMPARE_AT_ONCE))
        if not clips:
            return Step()
        fresh: dict[int, UUID] = {}
        found = []
        for clip in clips:
            with suppress(UnknownClipError):  # forgotten meanwhile
                is_picture = clip.kind is Kind.IMAGE
                found.append(self._picture(clip) if is_picture else self._text(clip, fresh))
        self._journal.compared(found)
        return Step(len(clips))

    def close(self) -> None:
        """Give the memory back; the next clip takes it again."""
        self._album = None
        self._looks.clear()

    def _text(self, clip: Clip, fresh: dict[int, UUID]) -> Compared:
        """Compare a text with those that share a mark.

        Args:
            clip: Which.
            fresh: By mark, texts of this portion, which the journal does not know yet.
        """
        text = self._journal.text(clip.id)
        marks = same_words.marks(text, clip.kind)
        known = [fresh[mark] for mark in marks if mark in fresh]
        known += self._journal.marked(marks, limit=MOST_CANDIDATES) if marks else []
        for other in dict.fromkeys(known):
            with suppress(UnknownClipError):
                if same_words.is_nearly_equal(text, self._journal.text(other)):
                    return Compared(id=clip.id, like=other)
        fresh |= dict.fromkeys(marks, clip.id)
        return Compared(id=clip.id, like=clip.id, marks=marks)

    def _picture(self, clip: Clip) -> Compared:
        look = self._look(clip)
        if look is None:
            return Compared(id=clip.id, like=clip.id)
        if self._album is None:
            self._album = Album(*self._journal.outlines())
        likeness = look.likeness
        nearest = self._album.candidates(likeness, limit=MOST_CANDIDATES)
        known = self._journal.get_many(nearest)
        for other in nearest:
            if other in known and other != clip.id:
                seen = self._look(known[other])
                if seen is not None and same_looks.are_nearly_equal(look, seen):
                    return Compared(id=clip.id, like=other)
        self._album.add(clip.id, likeness)
        return Compared(id=clip.id, like=clip.id, likeness=likeness)

    def _look(self, clip: Clip) -> Look | None:
        if clip.id not in self._looks:
            self._looks[clip.id] = look_at(clip, self._journal, self._decoder)
            if len(self._looks) > _LOOKS_KEPT:
                self._looks.popitem(last=False)
        self._looks.move_to_end(clip.id)
        return self._looks[clip.id]


def _portion(clips: Sequence[Clip]) -> Sequence[Clip]:
    """The first ones, up to so many pictures."""
    pictures = [number for number, clip in enumerate(clips) if clip.kind is Kind.IMAGE]
    return clips[: pictures[PICTURES_AT_ONCE]] if len(pictures) > PICTURES_AT_ONCE else clips


def look_at(clip: Clip, journal: Journal, decoder: PictureDecoder) -> Look | None:
    """What a picture looks like; None for one that shows nothing, or has no thumbnail."""
    thumbnail = journal.thumbnail(clip.id)
    if thumbnail is None or not (clip.width_px and clip.height_px):
        return None
    try:
        small = decoder.greys(thumbnail)
    except PictureError as error:
        logger.info("clip %s is compared with none: %s", clip.id, error)
        return None
    return same_looks.look_of(small, width_px=clip.width_px, height_px=clip.height_px)
