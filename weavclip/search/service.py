"""Answers a question: understand it, look for it, and say what was found and how."""

from __future__ import annotations

import time
from dataclasses import replace
from typing import TYPE_CHECKING

from weavclip.domain.clip import Stage
from weavclip.domain.index import JOURNAL_HOME
from weavclip.domain.query import Answer, Filter
from weavclip.search.looking import Looker
from weavclip.search.question import Asker, check
from weavclip.search.retrieve import Memory
from weavclip.search.slips import mended

if TYPE_CHECKING:
    from collections.abc import Callable

    from weavclip.domain.alike import AlikeJournal
    from weavclip.domain.index import Index
    from weavclip.domain.ports import Embedder, PictureDecoder
    from weavclip.domain.query import Query
    from weavclip.domain.vectors import Calibration
    from weavclip.domain.words import WordStore
    from weavclip.search.question import Question
    from weavclip.search.sentences import Sentences


class SearchService:
    """The Searcher of one index: all state is in its parts."""

    def __init__(
        self,
        *,
        index: Index,
        words: WordStore,
        journal: AlikeJournal,
        embedder: Embedder | None = None,
        decoder: PictureDecoder | None = None,
        calibration: Calibration | None = None,
        sentences: Sentences | None = None,
        clock: Callable[[], float] = time.perf_counter,
    ) -> None:
        """Keep the parts.

        Args:
            index: Where vectors and words are searched.
            words: The journal's own words.
            journal: Says what a clip is, whether it still is, and what it is nearly equal to.
            embedder: The model; None leaves words only.
            decoder: Of pictures that are asked with; None when there is no model.
            calibration: Of that model; without it answers have an order and no relevance.
            sentences: The text model's part; None without one.
            clock: Seconds, rising.
        """
        self._index = index
        self._journal, self._words = journal, words
        self._clock = clock
        self._asker = Asker(
            journal,
            embedder=embedder,
            decoder=decoder,
            calibration=calibration,
            sentences=sentences,
        )
        self._model_id = self._asker.models.id
        self._looker = Looker(index, words, journal, models=self._model_id)

    def run(self, query: Query) -> Answer:
        """Find the clips that fit, best first.

        Raises:
            QueryError: If there is nothing to ask with, or the limit is out of range.
            UnknownClipError: If ``query.like`` names no clip.
            PictureError: If the picture cannot be decoded.
            IndexUnavailableError: If the index cannot be reached.
        """
        began = self._clock()
        check(query)
        asked = self._asker.question(query)
        question = replace(asked, words=self._mended(asked, query)) if query.fuzzy else asked
        seen = self._looker.begin(question, query)
        # The journal counts while the index searches: 100,000 rows take some milliseconds.
        waiting, lags = self._behind()
        total = self._journal.count(Filter(hidden=query.where.hidden))
        considered = None if query.where == Filter() else self._journal.count(query.where)
        candidates = total if considered is None else considered
        found = seen(Memory(total, candidates, index_lags=lags))
        is_empty = not (found.hits or query.offset)
        meant = self._mended(asked, query) if is_empty and not query.fuzzy else question.words
        return Answer(
            hits=tuple(found.hits[query.offset : query.offset + query.limit]),
            nearest=found.nearest,
            meant=meant if meant != asked.words else "",
            index=self._index.name,
            notes=(*query.notes, *question.notes, *found.notes, *_waiting_note(waiting)),
            total=total,
            considered=considered,
            took_ms=(self._clock() - began) * 1000,
            encode_ms=question.encode_ms,
        )

    def _mended(self, question: Question, query: Query) -> str:
        return mended(question.words, self._words, hidden=query.where.hidden)

    def _behind(self) -> tuple[int, bool]:
        """How many clips are not embedded yet, and whether the index lacks any."""
        if not self._model_id:
            return 0, False
        counts = self._journal.stage_counts(self._model_id)
        waiting = counts.get(Stage.CAPTURED, 0)
        lacks = waiting or counts.get(Stage.EMBEDDED, 0) or counts.get(Stage.FAILED, 0)
        return waiting, bool(lacks) and self._index.home != JOURNAL_HOME


def _waiting_note(waiting: int) -> tuple[str, ...]:
    if not waiting:
        return ()
    clips = "1 clip is" if waiting == 1 else f"{waiting:,} clips are"
    return (f"{clips} not embedded yet: found by words only",)
