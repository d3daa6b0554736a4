"""What can be asked, and what comes back."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime
    from uuid import UUID

    from weavclip.domain.clip import Clip, Kind


class Space(StrEnum):
    """A vector space: one modality's vectors by one model; cosines compare within it only."""

    IMAGE = "image"
    TEXT = "text"
    SENTENCE = "sentence"


class Way(StrEnum):
    """How a hit was found."""

    IMAGE = "image"
    TEXT = "text"
    SENTENCE = "sentence"
    WORDS = "words"
    EXACT = "exact"


@dataclass(frozen=True, slots=True, kw_only=True)
class Filter:
    """Which clips may answer; an empty filter lets every clip through that is not hidden.

    A clip lives from ``captured_at`` to ``last_copied_at``. It passes when its life meets the
    half-open time ``[after, before)``: what was copied last week and again today is found by both.

    Attributes:
        kinds: Any of these; empty means every kind.
        after: ``last_copied_at >= after``; aware.
        before: ``captured_at < before``; aware.
        apps: Source application is one of these, letter case ignored; empty means any.
        labels: Has all of these labels.
        pinned: When given, equal to the clip's.
        min_size_bytes: ``size_bytes >= min_size_bytes`` when given.
        max_size_bytes: ``size_bytes <= max_size_bytes`` when given.
        among: When given, is one of these clips.
        hidden: Hidden clips pass, too.
    """

    kinds: frozenset[Kind] = frozenset()
    after: datetime | None = None
    before: datetime | None = None
    apps: frozenset[str] = frozenset()
    labels: frozenset[str] = frozenset()
    pinned: bool | None = None
    min_size_bytes: int | None = None
    max_size_bytes: int | None = None
    among: frozenset[UUID] | None = None
    hidden: bool = False

    def __post_init__(self) -> None:
        """Refuse naive times.

        Raises:
            ValueError: If ``after`` or ``before`` has no time zone.
        """
        for moment in (self.after, self.before):
            if moment is not None and moment.tzinfo is None:
                message = f"filter has the time {moment.isoformat()} without a zone"
                raise ValueError(message)

    def admits(self, clip: Clip) -> bool:
        """Whether ``clip`` may answer: the definition that every index has to equal."""
        return (
            (not self.kinds or clip.kind in self.kinds)
            and (self.after is None or clip.last_copied_at >= self.after)
            and (self.before is None or clip.captured_at < self.before)
            and (not self.apps or clip.source_app.casefold() in {a.casefold() for a in self.apps})
            and self.labels <= set(clip.labels)
            and (self.pinned is None or clip.pinned == self.pinned)
            and (self.min_size_bytes is None or clip.size_bytes >= self.min_size_bytes)
            and (self.max_size_bytes is None or clip.size_bytes <= self.max_size_bytes)
            and (self.among is None or clip.id in self.among)
            and (self.hidden or not clip.hidden)
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Wording:
    """What a clip's words must and must not hold: its text and the words in its picture.

    Attributes:
        phrases: Contains each of these, letter case ignored.
        without_phrases: Contains none of these, letter case ignored.
        without_words: Has none of these as a word of its own, letter case and accents ignored.
        pattern: Matches this regular expression, of RE2's syntax; empty for any.
    """

    phrases: tuple[str, ...] = field(default=(), repr=False)
    without_phrases: tuple[str, ...] = field(default=(), repr=False)
    without_words: tuple[str, ...] = field(default=(), repr=False)
    pattern: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Addend:
    """Something that is added to a question, or taken away from it: one of the three.

    Attributes:
        words: Plain words.
        picture: An encoded image's bytes.
        clip: A clip whose vectors are asked with; it does not answer itself.
        weight: Not 0; less than 0 for what is not meant. The question's own weight is 1.
    """

    words: str = field(default="", repr=False)
    picture: bytes | None = field(default=None, repr=False)
    clip: UUID | None = None
    weight: float = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Query:
    """One question: words, a picture or a clip, and which clips may answer.

    Attributes:
        words: What the person typed; empty when asked by picture or clip.
        picture: An encoded image's bytes; None when asked otherwise.
        like: A clip whose vectors are asked with; None when asked otherwise.
        typed: What stands as it is, when that is not ``words``: first all that was typed, then the
            words that backslashes in it made. A clip that contains it comes first, whatever its
            wording.
        addends: What is added to that, or asked with alone.
        wording: What the clips' words must and must not hold.
        limit: Most hits, 1 to 1,000.
        offset: Hits that are left out at the front: those of the pages before.
        where: Which clips may answer.
        where_typed: Which clips may answer by containing all that was typed, fields and all; None
            for the same.
        notes: What the person should know of how it was understood; the answer says it.
        everything: Also show hits under the cut-off.
        collapse: Show one of several hits that are nearly equal.
        fuzzy: Look for words that no clip has as the nearest ones that clips have.
    """

    words: str = field(default="", repr=False)
    picture: bytes | None = field(default=None, repr=False)
    like: UUID | None = None
    typed: tuple[str, ...] = field(default=(), repr=False)
    addends: tuple[Addend, ...] = ()
    wording: Wording = field(default_factory=Wording)
    limit: int = 10
    offset: int = 0
    where: Filter = field(default_factory=Filter)
    where_typed: Filter | None = None
    notes: tuple[str, ...] = field(default=(), repr=False)
    everything: bool = False
    collapse: bool = False
    fuzzy: bool = False


@dataclass(frozen=True, slots=True)
class Match:
    """A clip that an index found, by id: the journal says what it is.

    Attributes:
        id: The clip's.
        value: Cosine distance in [0, 2] from ``nearest`` (less is nearer), BM25 >= 0 from
            ``matching`` (more is better).
    """

    id: UUID
    value: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """What one way says of a clip.

    Attributes:
        way: Which.
        value: As the index says it: cosine distance in [0, 2], BM25 >= 0 (0 where it named none),
            1.0 for exact.
        chance: Probability in [0, 1] by this way that the clip is meant; None without calibration.
        place: In this way's own list, from 1; None when it stood behind the end of that list.
        words: The question's words that the clip holds, in Way.WORDS.
    """

    way: Way
    value: float
    chance: float | None = None
    place: int | None = None
    words: tuple[str, ...] = field(default=(), repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Hit:
    """A clip that answers a question.

    Attributes:
        clip: What was found.
        relevance: Probability in [0, 1] that it is what was meant; None without calibration.
        distance: Least cosine distance in [0, 2] in any space; None where it has no vector.
        ways: What each way says of it.
        in_picture: A few words of OCR text around the match; empty when there are none.
        alike: Hits that are nearly equal and are not shown for it, best first.
    """

    clip: Clip
    relevance: float | None
    distance: float | None
    ways: tuple[Evidence, ...] = ()
    in_picture: str = field(default="", repr=False)
    alike: tuple[UUID, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What a search says.

    Attributes:
        hits: Best first.
        nearest: The best hit under the cut-off, when nothing was over it.
        meant: The words without their typing slips, where they have some: what was looked for by
            words when the query is fuzzy, else what to ask instead of what found nothing.
        index: Which index answered, as a person reads it, such as ``Weaviate 1.39.0``.
        notes: Sentences for stderr: another index than wanted, no model, clips not embedded yet.
        total: Clips in the journal, hidden ones where they were asked for.
        considered: Clips that the filter admits, when counted; None otherwise.
        took_ms: Milliseconds in the search, the query's encoding included.
        encode_ms: Milliseconds of that in the model.
    """

    hits: tuple[Hit, ...]
    nearest: Hit | None = None
    meant: str = field(default="", repr=False)
    index: str
    notes: tuple[str, ...] = ()
    total: int
    considered: int | None = None
    took_ms: float
    encode_ms: float = 0.0
