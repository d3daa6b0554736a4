"""Looking for one question: every way at once, and deeper where the first look is not enough."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import partial
from itertools import islice
from typing import TYPE_CHECKING

from weavclip.domain.clip import Kind
from weavclip.domain.query import Evidence, Filter, Hit, Space, Way, Wording
from weavclip.search import patterns
from weavclip.search.beside import completed
from weavclip.search.collapse import Collapsing
from weavclip.search.fuse import Finding, Fused, fuse
from weavclip.search.retrieve import MOST, Found, Retrieval, depth_for
from weavclip.search.sureness import cut_off, shift
from weavclip.search.terms import around, content_terms
from weavclip.search.weigh import findings
from weavclip.search.wording import admits

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from uuid import UUID

    from weavclip.domain.alike import AlikeJournal
    from weavclip.domain.clip import Clip
    from weavclip.domain.index import Index
    from weavclip.domain.query import Query
    from weavclip.domain.words import WordStore
    from weavclip.search.question import Question
    from weavclip.search.retrieve import Memory


@dataclass(frozen=True, slots=True)
class Seen:
    """What a look found.

    Attributes:
        hits: Those that answer, best first.
        nearest: The best of those that do not answer.
        notes: What the person should know of the look.
    """

    hits: Sequence[Hit] = field(default_factory=list)
    nearest: Hit | None = None
    notes: tuple[str, ...] = ()


class Looker:
    """Looks in one index and its journal."""

    def __init__(
        self, index: Index, words: WordStore, journal: AlikeJournal, *, models: str
    ) -> None:
        """Keep the parts.

        Args:
            index: Where vectors and words are searched.
            words: The journal's own words.
            journal: Says what a clip is, whether it still is, and what it is nearly equal to.
            models: Id of the set of models that is asked with.
        """
        self._index, self._words, self._journal = index, words, journal
        self._models = models

    def begin(self, question: Question, query: Query) -> Callable[[Memory], Seen]:
        """Have the index search, side by side with what the caller does next.

        Args:
            question: What to ask with.
            query: How much of it is wanted, and which clips may answer.

        Returns:
            What waits for the index, is told what is searched, and says what was found.
        """
        query, notes = self._matching(query)
        if not (question.probes or question.words):
            return lambda memory: Seen(self._listed(question, query, memory), notes=notes)
        held = self._holding(query)
        look = partial(
            Retrieval,
            question,
            index=self._index,
            where=query.where,
            where_typed=_where_typed(query),
            held=held,
        )
        first = look(depth=depth_for(query.limit))
        notes += _too_many(held, "hold the phrase")
        deeper = partial(look, depth=MOST)
        return lambda memory: replace(
            self._seen(question, query, first=first, deeper=deeper, memory=memory), notes=notes
        )

    def _seen(
        self,
        question: Question,
        query: Query,
        *,
        first: Retrieval,
        deeper: Callable[[], Retrieval],
        memory: Memory,
    ) -> Seen:
        """The hits of a first look, and then those that only a deeper one finds.

        In this order, so that every page of one question is cut from the same list.
        """
        # Without a vector only clips that hold a word of the question are found: all may be seen.
        shows_all = query.everything or not question.probes
        least = 0.0 if shows_all else cut_off(question.sureness, memory.candidates)
        found = first.found(self._words, memory)
        hits = self._hits(question, found, query, memory)
        kept = [hit for hit in hits if _fits(hit, least)]
        shown = self._list(query)
        shown.add(kept)
        # What lies behind a clip that was too weak is weaker.
        known = {hit.clip.id for hit in kept}
        weak = {hit.clip.id for hit in hits} - known
        if len(shown) < query.offset + query.limit and not weak.issuperset(found.ends):
            more = self._hits(question, deeper().found(self._words, memory), query, memory)
            shown.add(hit for hit in more if hit.clip.id not in known and _fits(hit, least))
        return Seen(shown.hits(), hits[0] if hits and not len(shown) else None)

    def _listed(self, question: Question, query: Query, memory: Memory) -> list[Hit]:
        """The clips that a question without anything to look for lets through.

        Before them those that contain the question itself.
        """
        wanted, shown = query.offset + query.limit, self._list(query)
        as_typed = [
            self._words.containing(each, limit=wanted, where=_where_typed(query))
            for each in question.typed
        ]
        first = self._hits(question, Found(exact=as_typed), query, memory)
        shown.add(first)
        known = {hit.clip.id for hit in first}
        found = (
            Hit(clip=clip, relevance=None, distance=None)
            for clip in self._journal.clips(where=query.where)
            if clip.id not in known and self._may_answer(clip, query.wording)
        )
        while len(shown) < wanted and (more := list(islice(found, wanted))):
            shown.add(more)
        return shown.hits()[:wanted]

    def _list(self, query: Query) -> Collapsing:
        return Collapsing(self._journal if query.collapse else None)

    def _matching(self, query: Query) -> tuple[Query, tuple[str, ...]]:
        """The question among the clips that match its pattern, and notes on the look for them."""
        if not query.wording.pattern:
            return query, ()
        texts = self._words.texts(where=query.where)
        found, notes = patterns.holding(query.wording.pattern, texts, limit=MOST)
        among = replace(query.where, among=frozenset(found))
        return replace(query, where=among), (*notes, *_too_many(found, "match the pattern"))

    def _holding(self, query: Query) -> list[UUID] | None:
        """Clips that contain the longest of the phrases, the last copied first."""
        if not query.wording.phrases:
            return None
        longest = max(query.wording.phrases, key=len)
        return self._words.containing(longest, limit=MOST, where=query.where)

    def _hits(self, question: Question, found: Found, query: Query, memory: Memory) -> list[Hit]:
        """What is still in the journal and passes the filter, whatever the index says."""
        as_typed = found.as_typed()
        clips = {
            asked: clip
            for asked, clip in self._journal.get_many(found.clip_ids()).items()
            if clip.id not in question.without
            and self._passes(clip, query, is_as_typed=asked in as_typed)
        }
        found = completed(found, question, clips, journal=self._journal, models=self._models)
        texts = self._texts(found, clips)
        among = shift(question.sureness, memory.candidates)
        fused = fuse(findings(question, found, clips=clips, texts=texts), among=among)
        by_id = {clip.id: clip for clip in clips.values()}
        sought = content_terms(question.words)
        return [_hit(each, by_id[each.clip_id], texts=texts, sought=sought) for each in fused]

    def _passes(self, clip: Clip, query: Query, *, is_as_typed: bool) -> bool:
        """Whether a clip that was found may answer; no sign in a question forbids the question."""
        if is_as_typed:
            pattern = Wording(pattern=query.wording.pattern)
            return _where_typed(query).admits(clip) and self._may_answer(clip, pattern)
        return query.where.admits(clip) and self._may_answer(clip, query.wording)

    def _may_answer(self, clip: Clip, wording: Wording) -> bool:
        return wording == Wording() or admits(wording, "\n".join(self._texts_of(clip)))

    def _texts(self, found: Found, clips: Mapping[UUID, Clip]) -> dict[UUID, str]:
        """The words of those clips that were found by words; beside a text model, of all."""
        by_words = {*(match.id for match in found.words), *found.as_typed()}
        asked = clips if Space.SENTENCE in found.near else by_words & clips.keys()
        ids = frozenset(clips[each].id for each in asked)
        return dict.fromkeys(ids, "") | dict(
            self._words.texts(where=Filter(among=ids, hidden=True))
        )

    def _texts_of(self, clip: Clip) -> Iterator[str]:
        if clip.kind is not Kind.IMAGE:
            yield self._journal.text(clip.id)
        if clip.kind in (Kind.IMAGE, Kind.FILES):
            yield self._journal.ocr_text(clip.id)


def _where_typed(query: Query) -> Filter:
    return query.where if query.where_typed is None else query.where_typed


def _fits(hit: Hit, least: float) -> bool:
    return hit.relevance is None or hit.relevance >= least


def _too_many(found: Sequence[UUID] | None, what: str) -> tuple[str, ...]:
    if found is None or len(found) < MOST:
        return ()
    return (f"{MOST:,} clips or more {what}: the last copied of them were looked at",)


def _hit(fused: Fused, clip: Clip, *, texts: Mapping[UUID, str], sought: tuple[str, ...]) -> Hit:
    in_picture = around(texts.get(clip.id, ""), sought) if clip.kind is Kind.IMAGE else ""
    return Hit(
        clip=clip,
        relevance=fused.relevance,
        distance=fused.distance,
        ways=tuple(_evidence(fused.ways[way]) for way in Way if way in fused.ways),
        in_picture=in_picture,
    )


def _evidence(found: Finding) -> Evidence:
    return Evidence(
        way=found.way,
        value=found.value,
        chance=found.chance,
        place=None if found.rank is None else found.rank + 1,
        words=found.words,
    )
