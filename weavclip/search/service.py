"""Answers a question: encode, retrieve, weigh, fuse, and show what the journal still has."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from weavclip.domain.clip import Kind, Stage
from weavclip.domain.ports import JOURNAL_HOME
from weavclip.domain.query import Answer, Filter, Hit, Way
from weavclip.search.fuse import Fused, fuse
from weavclip.search.question import Asker, Question, check
from weavclip.search.retrieve import Found, Retrieval
from weavclip.search.terms import around, content_terms
from weavclip.search.weigh import findings

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from uuid import UUID

    from weavclip.domain.clip import Clip
    from weavclip.domain.ports import Embedder, Index, PictureDecoder
    from weavclip.domain.query import Query
    from weavclip.domain.stores import Journal, WordStore
    from weavclip.domain.vectors import Calibration
    from weavclip.search.sentences import Sentences

CUT_OFF = 0.05
"""Relevance under which a clip does not answer, unless everything is asked for.

On real vectors (scripts/benchmarks/ranking) it keeps 84 % of the right answers; of questions that
nothing among 24 photos and 1,203 texts answers, 74 % get an empty list.
"""


class SearchService:
    """The Searcher of one index: all state is in its parts."""

    def __init__(
        self,
        *,
        index: Index,
        words: WordStore,
        journal: Journal,
        embedder: Embedder | None,
        decoder: PictureDecoder | None,
        calibration: Calibration | None,
        sentences: Sentences | None = None,
        clock: Callable[[], float] = time.perf_counter,
    ) -> None:
        """Keep the parts.

        Args:
            index: Where vectors and words are searched.
            words: The journal's own words.
            journal: Says what a clip is, and whether it still is.
            embedder: The model; None leaves words only.
            decoder: Of pictures that are asked with; None when there is no model.
            calibration: Of that model; without it answers have an order and no relevance.
            sentences: The text model's part; None without one.
            clock: Seconds, rising.
        """
        self._index = index
        self._words = words
        self._journal = journal
        self._clock = clock
        self._asker = Asker(
            journal,
            embedder=embedder,
            decoder=decoder,
            calibration=calibration,
            sentences=sentences,
        )
        self._model_id = self._asker.models.id

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
        question = self._asker.question(query)
        where = query.where
        retrieval = Retrieval(question, index=self._index, limit=query.limit, where=where)
        # The journal counts while the index searches: 100,000 rows take some milliseconds.
        waiting, lags = self._behind()
        total = self._journal.count()
        considered = None if where == Filter() else self._journal.count(where)
        hits = self._hits(question, retrieval.found(self._words, index_lags=lags), query)
        # Without a vector only clips that hold a word of the question are found: all may be seen.
        shows_all = query.everything or not question.probes
        kept = [hit for hit in hits if shows_all or _fits(hit)]
        return Answer(
            hits=tuple(kept[: query.limit]),
            nearest=hits[0] if hits and not kept else None,
            index=self._index.name,
            notes=(*question.notes, *_waiting_note(waiting)),
            total=total,
            considered=considered,
            took_ms=(self._clock() - began) * 1000,
            encode_ms=question.encode_ms,
        )

    def _behind(self) -> tuple[int, bool]:
        """How many clips are not embedded yet, and whether the index lacks any."""
        if not self._model_id:
            return 0, False
        counts = self._journal.stage_counts(self._model_id)
        waiting = counts.get(Stage.CAPTURED, 0)
        lacks = waiting or counts.get(Stage.EMBEDDED, 0) or counts.get(Stage.FAILED, 0)
        return waiting, bool(lacks) and self._index.home != JOURNAL_HOME

    def _hits(self, question: Question, found: Found, query: Query) -> list[Hit]:
        """What is still in the journal and passes the filter, whatever the index says."""
        clips = {
            asked: clip
            for asked, clip in self._journal.get_many(found.clip_ids()).items()
            if clip.id != question.without and query.where.admits(clip)
        }
        texts = self._texts(found, clips)
        fused = fuse(findings(question, found, clips=clips, texts=texts))
        by_id = {clip.id: clip for clip in clips.values()}
        sought = content_terms(question.words)
        return [_hit(each, by_id[each.clip_id], texts=texts, sought=sought) for each in fused]

    def _texts(self, found: Found, clips: Mapping[UUID, Clip]) -> dict[UUID, str]:
        """The words of those clips that were found by words."""
        asked = [*(match.id for match in found.words), *found.exact]
        return {
            clip.id: self._text_of(clip)
            for clip in {clips[each].id: clips[each] for each in asked if each in clips}.values()
        }

    def _text_of(self, clip: Clip) -> str:
        if clip.kind is Kind.IMAGE:
            return self._journal.ocr_text(clip.id)
        return self._journal.text(clip.id)


def _fits(hit: Hit) -> bool:
    return hit.relevance is None or hit.relevance >= CUT_OFF


def _waiting_note(waiting: int) -> tuple[str, ...]:
    if not waiting:
        return ()
    clips = "1 clip is" if waiting == 1 else f"{waiting:,} clips are"
    return (f"{clips} not embedded yet: found by words only",)


def _hit(fused: Fused, clip: Clip, *, texts: Mapping[UUID, str], sought: tuple[str, ...]) -> Hit:
    in_picture = around(texts.get(clip.id, ""), sought) if clip.kind is Kind.IMAGE else ""
    return Hit(
        clip=clip,
        relevance=fused.relevance,
        distance=fused.distance,
        ways=tuple((way, fused.ways[way].value) for way in Way if way in fused.ways),
        in_picture=in_picture,
    )
