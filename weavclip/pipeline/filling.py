"""A clip goes on: captured -> embedded -> indexed, in batches, each step retried by itself."""

from __future__ import annotations

import logging
from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING

from weavclip.domain.clip import Kind, Stage
from weavclip.domain.errors import (
    JournalError,
    ModelError,
    NoModelError,
    PartialWriteError,
    PictureError,
    UnknownClipError,
)
from weavclip.domain.index import JOURNAL_HOME
from weavclip.domain.query import Space
from weavclip.domain.vectors import Entry
from weavclip.pipeline.embedding import Lacking
from weavclip.pipeline.work import Step, next_try

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from uuid import UUID

    from weavclip.domain.clip import Clip
    from weavclip.domain.index import Index
    from weavclip.domain.ports import PictureDecoder, StopSignal
    from weavclip.domain.stores import Journal
    from weavclip.domain.vectors import Embedding, Picture
    from weavclip.pipeline.embedding import Models
    from weavclip.pipeline.keeper import IndexKeeper

logger = logging.getLogger(__name__)

EMBED_AT_ONCE = 64
IMAGES_A_RUN = 8
INDEX_AT_ONCE = 500


class Filler:
    """Takes the clips of one line on, oldest first."""

    def __init__(
        self,
        journal: Journal,
        models: Models,
        decoder: PictureDecoder,
        keeper: IndexKeeper,
        *,
        centre: Callable[[Mapping[Space, Embedding]], Mapping[Space, Embedding]],
        file_picture: Callable[[Sequence[str]], bytes | None] | None = None,
    ) -> None:
        """Be handed the parts.

        Args:
            journal: The truth.
            models: Make the vectors.
            decoder: Decodes pictures where they can do no harm.
            keeper: Knows the index to fill.
            centre: Takes the modalities' means out of one clip's raw vectors.
            file_picture: Reads the first picture of some files; None leaves copied files alone.
        """
        self._journal = journal
        self._models = models
        self._decoder = decoder
        self._keeper = keeper
        self._centre = centre
        self._file_picture = file_picture
        self._model_id = models.ids.id
        self._size_px = models.clip.card.resolution_px

    def embed(self, stop: StopSignal) -> Step:
        """Embed the oldest captured clips, at most 64."""
        clips = self._journal.pending(self._model_id, Stage.CAPTURED, limit=EMBED_AT_ONCE)
        lacking = self._lacking(clips)
        pictures = [each for each in lacking if Space.IMAGE in each.spaces]
        others = [each for each in lacking if Space.IMAGE not in each.spaces]
        first = self._embed([self._with_picture(each) for each in others])
        done, failed = first.done, first.failed
        for step in self._embed_pictures(pictures):
            done, failed = done + step.done, failed + step.failed
            if stop.is_set():
                break
        return Step(done, failed)

    def _lacking(self, clips: Sequence[Clip]) -> list[Lacking]:
        """What is to be made of each clip that is still there."""
        ids = [clip.id for clip in clips]
        there, spaces = self._journal.get_many(ids), self._journal.spaces(ids, self._model_id)
        found = []
        for clip in clips:
            if clip.id in there:
                words = self._words(clip)
                wanted = self._models.wanted(clip.kind, words)
                lacks = wanted - spaces.get(clip.id, frozenset())
                found.append(Lacking(clip, lacks, words))
        return found

    def index(self) -> Step:
        """Hand the oldest embedded clips to the index, at most 500.

        Raises:
            IndexUnavailableError: If it is away; nothing changed.
        """
        index = self._keeper.filling()
        if index is None:
            return Step()
        self.delete_forgotten()
        clips = self._journal.pending(self._model_id, Stage.EMBEDDED, limit=INDEX_AT_ONCE)
        if not clips:
            self._complete()
            return Step()
        hidden = [clip.id for clip in clips if clip.hidden]
        if hidden:  # no console shows them either
            index.delete(hidden)
        shown = (clip for clip in clips if not clip.hidden)
        entries = [entry for clip in shown if (entry := self._entry(clip))]
        refused = self._upsert(index, entries)
        self._keeper.holds(index)
        done = [*hidden, *(e.id for e in entries if e.id not in refused)]
        self._journal.indexed(done, self._model_id)
        for clip_id, reason in refused.items():
            self._fail(clip_id, f"the index refused it: {reason}", again=True)
        return Step(len(done), len(refused))

    def _complete(self) -> None:
        if not self._journal.stage_counts(self._model_id).get(Stage.CAPTURED):
            self._keeper.completed()

    def _upsert(self, index: Index, entries: Sequence[Entry]) -> dict[UUID, str]:
        try:
            index.upsert(entries)
        except PartialWriteError as error:
            return error.failed
        return {}

    def delete_forgotten(self) -> None:
        """Have the index delete what was forgotten; while it is away, that stays noted.

        The journal's own index has nothing to delete, and a server that is stopped by choice may
        come back: the notes are for it.

        Raises:
            IndexUnavailableError: If it does not answer.
        """
        index = self._keeper.filling()
        if index is None or index.home == JOURNAL_HOME:
            return
        while gone := self._journal.forgotten(self._model_id, limit=INDEX_AT_ONCE):
            index.delete(gone)
            self._journal.forgotten_done(gone, self._model_id)

    def _entry(self, clip: Clip) -> Entry | None:
        """What the index is given; None when the clip was forgotten meanwhile."""
        try:
            return Entry(
                clip=clip,
                text=self._journal.text(clip.id),
                ocr_text=self._journal.ocr_text(clip.id),
                vectors=self._centre(self._journal.vectors(clip.id, self._model_id)),
                thumbnail=self._journal.thumbnail(clip.id),
            )
        except UnknownClipError:
            return None

    def _embed(self, ready: Sequence[Lacking]) -> Step:
        """Store a batch; where a model fails at it, one by one, so that one clip fails alone."""
        if not ready:
            return Step()
        try:
            self._store(ready)
        except NoModelError:
            raise
        except ModelError as error:
            if len(ready) == 1:
                self._fail(ready[0].clip.id, str(error), again=True)
                return Step(failed=1)
            steps = [self._embed([each]) for each in ready]
            return Step(sum(s.done for s in steps), sum(s.failed for s in steps))
        return Step(len(ready))

    def _store(self, ready: Sequence[Lacking]) -> None:
        self._journal.embedded_many(
            [
                (each.clip.id, vectors, each.picture)
                for each, vectors in zip(ready, self._models.embed(ready), strict=True)
            ],
            self._model_id,
        )

    def _with_picture(self, lacking: Lacking) -> Lacking:
        """With the first picture among copied files, where it is wanted and can be had."""
        if Space.TEXT not in lacking.spaces:  # the files were looked at already
            return lacking
        return replace(lacking, picture=self._of_files(lacking.clip, lacking.words))

    def _of_files(self, clip: Clip, names: str) -> Picture | None:
        if clip.kind is not Kind.FILES or self._file_picture is None:
            return None
        encoded = self._file_picture(names.splitlines())
        if encoded is None:
            return None
        try:
            return self._decoder.decode(encoded, size_px=self._size_px)
        except PictureError as error:
            logger.info("clip %s has no thumbnail: %s", clip.id, error)
            return None

    def _words(self, clip: Clip) -> str:
        try:
            read = self._journal.ocr_text if clip.kind is Kind.IMAGE else self._journal.text
            return read(clip.id)
        except UnknownClipError:  # forgotten meanwhile: the journal stores nothing for it
            return ""

    def _embed_pictures(self, clips: Sequence[Lacking]) -> Iterator[Step]:
        gone: dict[UUID, Step] = {}
        encoded = (self._encoded(each.clip, gone) for each in clips)
        decoded = self._decoder.decode_many(encoded, size_px=self._size_px)
        ready: list[Lacking] = []
        for each, picture in zip(clips, decoded, strict=True):
            if each.clip.id in gone:
                yield gone[each.clip.id]
                continue
            if isinstance(picture, Exception):
                again = not isinstance(picture, PictureError)
                self._fail(each.clip.id, str(picture), again=again)
                yield Step(failed=1)
                continue
            ready.append(replace(each, picture=picture))
            if len(ready) == IMAGES_A_RUN:
                yield self._embed(ready)
                ready = []
        if ready:
            yield self._embed(ready)

    def _encoded(self, clip: Clip, gone: dict[UUID, Step]) -> bytes:
        """The picture's bytes; none, and ``gone`` knows it, when it was forgotten or is lost."""
        try:
            return self._journal.representations(clip.id)[clip.mime_type]
        except (KeyError, UnknownClipError):
            gone[clip.id] = Step()
        except JournalError as error:  # one lost file must not keep all the others waiting
            self._fail(clip.id, f"its content cannot be read: {error}", again=True)
            gone[clip.id] = Step(failed=1)
        return b""

    def _fail(self, clip_id: UUID, reason: str, *, again: bool) -> None:
        logger.warning("clip %s failed: %s", clip_id, reason)
        with suppress(UnknownClipError):  # forgotten meanwhile: nobody waits for it
            tries = self._journal.tries(clip_id, self._model_id)
            retry_at = next_try(tries) if again else None
            self._journal.failed(clip_id, self._model_id, reason, retry_at=retry_at)
