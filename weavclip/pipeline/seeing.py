"""Words are read in pictures, one picture at a time, when nothing else is to do."""

from __future__ import annotations

import logging
import threading
from contextlib import suppress
from typing import TYPE_CHECKING

from weavclip.domain.errors import JournalError, ModelError, PictureError, UnknownClipError
from weavclip.pipeline.status import READING
from weavclip.pipeline.work import Step, Work, next_try

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from uuid import UUID

    from weavclip.domain.clip import Clip
    from weavclip.domain.ports import PictureDecoder, StopSignal, WordReader
    from weavclip.domain.reading import SeenJournal
    from weavclip.domain.seen import Seen

logger = logging.getLogger(__name__)

MOST_TRIES = 3
"""A picture that so often took too long, or what reads it down with it, is left alone."""


class PictureReading(Work):
    """Reads the oldest unread picture; what reads gives its memory back when all are read."""

    def __init__(
        self,
        journal: SeenJournal,
        decoder: PictureDecoder,
        reader: WordReader,
        *,
        harmless: Callable[[Seen], Seen],
    ) -> None:
        """Be handed the parts.

        Args:
            journal: The truth.
            decoder: Decodes pictures where they can do no harm.
            reader: Reads what was decoded, likewise.
            harmless: Leaves out what may not be kept, such as secrets.
        """
        self._journal = journal
        self._decoder = decoder
        self._reader = reader
        self._harmless = harmless
        self._stopped = threading.Event()
        self._is_broken = False

    def steps(self, leaving: StopSignal) -> Iterator[tuple[str, Callable[[], Step]]]:
        """One picture."""
        del leaving  # :meth:`leave` cuts it short
        yield READING, self.step

    def step(self) -> Step:
        """Read one picture, if there is one to read."""
        clips = [] if self._is_broken else self._journal.unread(limit=1)
        if not clips or self._stopped.is_set():
            self._reader.close()
            return Step()
        try:
            return self._read(clips[0])
        except ModelError as error:  # it is so for every picture, until the next start
            logger.warning("no words are read in pictures: %s", error)
            self._is_broken = True
            return Step()

    def leave(self) -> None:
        """End what reads, from any thread; the picture that is under way is read another time."""
        self._stopped.set()
        self._reader.close()

    def close(self) -> None:
        """End what reads."""
        self.leave()

    def _read(self, clip: Clip) -> Step:
        try:
            encoded = self._journal.representations(clip.id)[clip.mime_type]
            seen = self._reader.read(self._decoder.whole(encoded))
            self._journal.seen_in_picture(clip.id, self._harmless(seen))
        except UnknownClipError:  # forgotten meanwhile
            return Step(1)
        except PictureError as error:
            tried = self._tries(clip.id) + 1
            return self._fail(clip.id, str(error), again=tried < MOST_TRIES)
        except JournalError as error:  # one lost file must not keep all the others waiting
            return self._fail(clip.id, f"its content cannot be read: {error}", again=True)
        logger.info("clip %s was read: %d lines", clip.id, len(seen.lines))
        return Step(1)

    def _fail(self, clip_id: UUID, reason: str, *, again: bool) -> Step:
        if self._stopped.is_set():
            return Step()
        logger.warning("clip %s was not read: %s", clip_id, reason)
        with suppress(UnknownClipError):
            retry_at = next_try(self._tries(clip_id)) if again else None
            self._journal.unreadable(clip_id, reason, retry_at=retry_at)
        return Step(failed=1)

    def _tries(self, clip_id: UUID) -> int:
        try:
            return self._journal.reading_tries(clip_id)
        except UnknownClipError:
            return 0
