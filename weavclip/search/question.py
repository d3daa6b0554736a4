"""What is asked with: words, and a vector for each space that it may be near to."""

from __future__ import annotations

import time
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from weavclip.domain.clip import Kind
from weavclip.domain.equality import normalise
from weavclip.domain.errors import NoModelError, QueryError
from weavclip.domain.models import ModelSet
from weavclip.domain.query import Filter, Space, Wording
from weavclip.search import patterns
from weavclip.search.arithmetic import combined
from weavclip.search.centre import take_out
from weavclip.search.crowd import chance_of

if TYPE_CHECKING:
    from collections.abc import Mapping
    from uuid import UUID

    from weavclip.domain.ports import Embedder, PictureDecoder
    from weavclip.domain.query import Addend, Query
    from weavclip.domain.stores import Journal
    from weavclip.domain.vectors import Calibration, Embedding, Embeddings, Logistic, Sureness
    from weavclip.search.sentences import Sentences

MOST_HITS = 1000
NO_MODEL = (
    "no model: words only; 'weavclip model add ViT-B-16' (about 600 MB) finds pictures by meaning"
)
MOST_LIKE_CHARS = 2000
"""Of a clip's text that is asked with when it has no vectors yet."""


@dataclass(frozen=True, slots=True)
class Probe:
    """A vector to look with in one space.

    Attributes:
        vector: Shape (dim,), norm 1, its own modality's mean out.
        chance: The probability of a cosine; None without calibration.
        mean: Of what is stored in the space, which a raw vector of it still has; None for none.
    """

    vector: Embedding = field(repr=False)
    chance: Logistic | None
    mean: Embedding | None = field(default=None, repr=False)

    def cosines(self, raw: Embeddings) -> Embeddings:
        """Cosines to raw vectors of the space, shape (n, dim): shape (n,)."""
        return (raw if self.mean is None else take_out(raw, self.mean)) @ self.vector


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """All that is asked with.

    Attributes:
        words: Looked for by meaning and as words, outer blanks off; empty when asked otherwise.
        typed: Looked for as it stands, in the form in which texts are kept: a clip that contains
            the first comes before all others.
        only_phrases: There is nothing to look for but phrases.
        probes: By space.
        sureness: Of the model; None without one, and where its card does not say.
        without: Clips that must not answer: those that are asked with.
        notes: What the person should know of how it was understood.
        encode_ms: Milliseconds in the model.
    """

    words: str = field(default="", repr=False)
    typed: tuple[str, ...] = field(default=(), repr=False)
    only_phrases: bool = False
    probes: Mapping[Space, Probe] = field(default_factory=dict)
    sureness: Sureness | None = None
    without: frozenset[UUID] = frozenset()
    notes: tuple[str, ...] = ()
    encode_ms: float = 0.0


def check(query: Query) -> None:
    """Refuse what cannot be asked.

    Raises:
        QueryError: If the limit is out of range, the pattern is none, or there is not one thing
            to ask with, or only something to keep away from.
    """
    if query.wording.pattern:
        patterns.compiled(query.wording.pattern)
    if not 1 <= query.limit <= MOST_HITS:
        message = f"a search gives 1 to {MOST_HITS} hits, not {query.limit}"
        raise QueryError(message, hint=f"give --limit a number from 1 to {MOST_HITS}")
    if not 0 <= query.offset <= MOST_HITS - query.limit:
        message = f"the pages of a search end at {MOST_HITS} hits"
        raise QueryError(message, hint="say more exactly what is sought: words, kind:, since:")
    given = [bool(query.words.strip()), query.picture is not None, query.like is not None]
    if sum(given) > 1:
        message = "a search takes words, a picture or a clip, got more than one of them"
        raise QueryError(message, hint="leave all but one away")
    if query.addends and not (any(given) or any(each.weight > 0 for each in query.addends)):
        message = "there is only something to keep away from"
        raise QueryError(message, hint="give words, or --plus, beside --minus")
    if (
        not any(given)
        and not query.addends
        and query.where == Filter()
        and query.wording == Wording()
    ):
        message = "there is nothing to search for"
        raise QueryError(message, hint='weavclip search "the chart with two peaks"')


def _as_kept(query: Query) -> tuple[str, ...]:
    """What is looked for as it stands, in the form in which texts are kept."""
    return tuple(filter(None, map(normalise, query.typed or (query.words,))))


class Asker:
    """Makes questions of queries: encodes words and pictures, takes means out."""

    def __init__(
        self,
        journal: Journal,
        *,
        embedder: Embedder | None,
        decoder: PictureDecoder | None,
        calibration: Calibration | None,
        sentences: Sentences | None = None,
    ) -> None:
        """Keep the parts.

        Args:
            journal: Has the vectors and contents of clips that are asked with.
            embedder: Both towers; None when there is no model.
            decoder: Of pictures that are asked with; None when there is no model.
            calibration: Of that model; None without.
            sentences: The text model's part; None without one.
        """
        self._journal = journal
        self._embedder = embedder
        self._decoder = decoder
        self._calibration = calibration
        self._sentences = sentences

    def question(self, query: Query) -> Question:
        """Make the question that ``query`` asks.

        Raises:
            QueryError: If a picture is asked with and there is no model.
            UnknownClipError: If ``query.like`` names no clip.
            PictureError: If the picture cannot be decoded.
        """
        asked = self._first(query)
        if query.addends:
            added = [(each.weight, self._of_addend(each)) for each in query.addends]
            is_asked = query.words.strip() or query.picture is not None or query.like is not None
            asked = combined([(1.0, asked), *added] if is_asked else added)
        known = self._calibration if asked.probes else None
        return replace(
            asked, typed=_as_kept(query), sureness=known.sureness if known else asked.sureness
        )

    def _of_addend(self, addend: Addend) -> Question:
        if addend.clip is not None:
            return self._of_clip(addend.clip)
        if addend.picture is not None:
            return self._of_picture(addend.picture)
        return self._of_words(addend.words)

    def _first(self, query: Query) -> Question:
        if query.like is not None:
            return self._of_clip(query.like)
        if query.picture is not None:
            return self._of_picture(query.picture)
        if not query.words.strip():
            return Question()
        return replace(
            self._of_words(query.words),
            only_phrases=query.words == " ".join(query.wording.phrases),
        )

    def _of_words(self, words: str) -> Question:
        words = words.strip()
        if self._embedder is None:
            return Question(words=words, notes=(NO_MODEL,))
        began = time.perf_counter()
        meant = self._sentences.begin(words) if self._sentences else None
        try:
            raw = self._embedder.embed_texts([words])[0]
            sentence = meant.result() if meant else None
        except NoModelError as error:
            # The words can be found all the same; what is missing is said.
            return Question(words=words, notes=(f"words only: {error}",))
        encode_ms = (time.perf_counter() - began) * 1000
        probes = self._probes(raw, Space.TEXT) | self._sentence_probe(sentence)
        return Question(words=words, probes=probes, encode_ms=encode_ms)

    def _of_picture(self, encoded: bytes) -> Question:
        if self._embedder is None or self._decoder is None:
            message = "asking by a picture needs a model, and there is none"
            raise QueryError(message, hint="weavclip model add ViT-B-16 (about 600 MB)")
        size_px = self._embedder.card.resolution_px
        picture = self._decoder.decode(encoded, size_px=size_px)
        began = time.perf_counter()
        raw = self._embedder.embed_images([picture.square])[0]
        encode_ms = (time.perf_counter() - began) * 1000
        return Question(probes=self._probes(raw, Space.IMAGE), encode_ms=encode_ms)

    def _of_clip(self, clip_id: UUID) -> Question:
        clip = self._journal.get(clip_id)
        raw = self._journal.vectors(clip.id, self.models.id) if self._embedder else {}
        own = Space.IMAGE if clip.kind is Kind.IMAGE else Space.TEXT
        if own in raw:
            probes = self._probes(raw[own], own)
            if own is Space.TEXT:
                probes |= self._sentence_probe(raw.get(Space.SENTENCE))
            return Question(probes=probes, without=frozenset({clip.id}))
        if own is Space.IMAGE:
            made = self._of_picture(self._journal.representations(clip.id)[clip.mime_type])
        else:
            made = self._of_words(self._journal.text(clip.id)[:MOST_LIKE_CHARS])
        return replace(made, without=frozenset({clip.id}))

    @property
    def models(self) -> ModelSet:
        """The models that it asks with."""
        clip = self._embedder.card.id if self._embedder else ""
        return ModelSet(clip, self._sentences.model_id if self._sentences else "")

    def _sentence_probe(self, raw: Embedding | None) -> dict[Space, Probe]:
        """What to ask the texts with that a text model has read."""
        if self._sentences is None or raw is None:
            return {}
        vector = self._sentences.centred(raw)
        return {Space.SENTENCE: Probe(vector, self._sentences.chance, self._sentences.mean)}

    def _probes(self, raw: Embedding, modality: Space) -> dict[Space, Probe]:
        known = self._calibration
        if known is None:
            return {space: Probe(raw, None) for space in (Space.IMAGE, Space.TEXT)}
        vector = take_out(raw, known.means[modality])
        if modality is Space.TEXT:
            chances = {space: chance_of(known, space, vector) for space in known.words_to}
        else:
            chances = dict(known.picture_to)
        return {
            space: Probe(vector, chance, known.means.get(space))
            for space, chance in chances.items()
        }
