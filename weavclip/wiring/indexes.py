"""Makes the indexes of one model, and what fills and asks them."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from weavclip.domain.errors import IndexUnavailableError, SchemaMismatchError, ServerError
from weavclip.journal.archive.staging import EDITION
from weavclip.wiring.parts import server

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from weavclip.domain.ports import Embedder, Index, PictureDecoder, Searcher
    from weavclip.domain.query import Space
    from weavclip.domain.vectors import Embedding, ModelCard
    from weavclip.index.server.endpoint import Endpoint
    from weavclip.journal.store import SqliteJournal
    from weavclip.pipeline.engine import Line
    from weavclip.settings import Settings


def make_line(
    settings: Settings, journal: SqliteJournal, decoder: PictureDecoder, embedder: Embedder
) -> Line:
    """Everything that works for one model."""
    from weavclip.pipeline.engine import Line
    from weavclip.pipeline.filling import Filler
    from weavclip.pipeline.keeper import IndexKeeper

    means = _means(embedder.card)
    keeper = IndexKeeper(
        journal,
        embedder.card.id,
        exact=_exact(journal, embedder.card),
        is_wanted=lambda: weaviate_wanted(settings),
        connect=lambda: _connect(settings, journal, embedder.card),
    )
    return Line(
        embedder=embedder,
        keeper=keeper,
        filler=Filler(
            journal,
            embedder,
            decoder,
            keeper,
            centre=_centring(means),
            file_picture=_file_picture(settings),
        ),
        searcher=lambda index: make_searcher(journal, embedder, decoder, index),
    )


def _file_picture(settings: Settings) -> Callable[[Sequence[str]], bytes | None] | None:
    from weavclip.pictures.local_files import LocalPictures

    if not settings.file_thumbnails:
        return None
    return LocalPictures(most_bytes=settings.max_image_bytes).first


def make_searcher(
    journal: SqliteJournal, embedder: Embedder | None, decoder: PictureDecoder, index: Index
) -> Searcher:
    """What answers out of this index."""
    from weavclip.search.service import SearchService

    return SearchService(
        index=index,
        words=journal,
        journal=journal,
        embedder=embedder,
        decoder=decoder,
        calibration=embedder.card.calibration if embedder else None,
    )


def weaviate_wanted(settings: Settings) -> bool:
    """Whether a Weaviate is configured, or managed and meant to run."""
    if settings.index == "exact":
        return False
    return bool(settings.weaviate_url) or server(settings).is_wanted()


def index_for_once(
    settings: Settings, journal: SqliteJournal, embedder: Embedder | None
) -> tuple[Index, str]:
    """Weaviate when it answers and is complete, else the journal, and a sentence that says why."""
    card = embedder.card if embedder else None
    if card is None or not weaviate_wanted(settings):
        return _exact(journal, card), ""
    try:
        index = _connect(settings, journal, card)
    except (IndexUnavailableError, SchemaMismatchError) as error:
        return _exact(journal, card), f"searched the journal exactly: {error}"
    if index.is_current:
        return index, ""
    index.close()
    return _exact(journal, card), "searched the journal exactly: Weaviate is not filled yet"


def _connect(settings: Settings, journal: SqliteJournal, card: ModelCard) -> Index:
    from weavclip.index.weaviate import WeaviateIndex

    return WeaviateIndex.open(
        endpoint(settings),
        timeout_s=settings.weaviate_timeout_s,
        alias=settings.collection,
        model_id=card.id,
        dim=card.dim,
        journal_id=journal.meta("journal_id") or "",
        index_type=settings.index_type,
        edition=_edition(_means(card), restored=journal.meta(EDITION) or ""),
    )


def endpoint(settings: Settings) -> Endpoint:
    """The configured Weaviate, or the managed one, started again if it is gone."""
    from weavclip.index.server.remote import parse

    if settings.weaviate_url:
        return parse(
            settings.weaviate_url,
            grpc_url=settings.weaviate_grpc_url,
            api_key=settings.weaviate_api_key,
            timeout_s=settings.weaviate_timeout_s,
        )
    try:
        found = server(settings).ensure_running()
    except ServerError as error:
        raise IndexUnavailableError(str(error), hint=error.hint) from error
    if found is None:
        message = "no Weaviate is configured or managed"
        raise IndexUnavailableError(message, hint="weavclip server up")
    return found


def _exact(journal: SqliteJournal, card: ModelCard | None) -> Index:
    from weavclip.index.exact import ExactIndex

    model_id = card.id if card else ""
    return ExactIndex(journal, journal, model_id=model_id, means=_means(card) if card else {})


def _means(card: ModelCard) -> Mapping[Space, Embedding]:
    return card.calibration.means if card.calibration else {}


def _centring(
    means: Mapping[Space, Embedding],
) -> Callable[[Mapping[Space, Embedding]], Mapping[Space, Embedding]]:
    from weavclip.search.centre import take_out

    def centre(raw: Mapping[Space, Embedding]) -> Mapping[Space, Embedding]:
        return {s: take_out(v, means[s]) if s in means else v for s, v in raw.items()}

    return centre


def _edition(means: Mapping[Space, Embedding], *, restored: str) -> str:
    """Changes with the means, since vectors without them are others, and with each restore.

    A restored journal has other clips than the one that filled the collection which is there:
    that one is left alone, another is filled, and stands for it then.
    """
    digest = hashlib.sha256(b"".join(means[space].tobytes() for space in sorted(means)))
    centred = digest.hexdigest()[:8] if means else ""
    return "-".join(part for part in (centred, restored) if part)
