"""Makes the indexes of the models in use, and what fills and asks them."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from weavclip.domain.errors import IndexUnavailableError, SchemaMismatchError, ServerError
from weavclip.journal.archive.staging import EDITION
from weavclip.wiring.parts import server

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from weavclip.domain.index import Index
    from weavclip.domain.ports import PictureDecoder, Searcher
    from weavclip.domain.query import Space
    from weavclip.domain.vectors import Embedding
    from weavclip.index.schema import Stamp
    from weavclip.index.server.endpoint import Endpoint
    from weavclip.journal.store import SqliteJournal
    from weavclip.pipeline.embedding import Models
    from weavclip.pipeline.lines import Line
    from weavclip.settings import Settings


def make_line(
    settings: Settings, journal: SqliteJournal, decoder: PictureDecoder, models: Models
) -> Line:
    """Everything that works for one set of models."""
    from weavclip.pipeline.filling import Filler
    from weavclip.pipeline.hiding import Hider
    from weavclip.pipeline.keeper import IndexKeeper
    from weavclip.pipeline.lines import Line
    from weavclip.pipeline.sorting import Sorter
    from weavclip.wiring.labels import CurrentLabels

    keeper = IndexKeeper(
        journal,
        models.ids.id,
        exact=_exact(journal, models),
        is_wanted=lambda: weaviate_wanted(settings),
        connect=lambda: _connect(settings, journal, models),
    )
    return Line(
        models=models,
        keeper=keeper,
        filler=Filler(
            journal,
            models,
            decoder,
            keeper,
            centre=_centring(_means(models)),
            file_picture=_file_picture(settings),
        ),
        searcher=lambda index: make_searcher(journal, models, decoder, index),
        sorter=Sorter(
            journal, models.ids.id, labels=CurrentLabels(), clip=models.clip, text=models.text
        ),
        hider=Hider(journal, models.clip),
    )


def _file_picture(settings: Settings) -> Callable[[Sequence[str]], bytes | None] | None:
    from weavclip.pictures.local_files import LocalPictures

    if not settings.file_thumbnails:
        return None
    return LocalPictures(most_bytes=settings.max_image_bytes).first


def make_searcher(
    journal: SqliteJournal, models: Models | None, decoder: PictureDecoder, index: Index
) -> Searcher:
    """What answers out of this index."""
    from weavclip.search.sentences import Sentences
    from weavclip.search.service import SearchService

    clip, text = (models.clip, models.text) if models else (None, None)
    return SearchService(
        index=index,
        words=journal,
        journal=journal,
        embedder=clip,
        decoder=decoder,
        calibration=clip.card.calibration if clip else None,
        sentences=Sentences(text) if text else None,
    )


def weaviate_wanted(settings: Settings) -> bool:
    """Whether a Weaviate is configured, or managed and meant to run."""
    if settings.index == "exact":
        return False
    return bool(settings.weaviate_url) or server(settings).is_wanted()


def index_for_once(
    settings: Settings, journal: SqliteJournal, models: Models | None, *, hidden: bool = False
) -> tuple[Index, str]:
    """Weaviate when it answers and is complete, else the journal, and a sentence that says why.

    The journal, too, where hidden clips are asked for.
    """
    if models is None or hidden or not weaviate_wanted(settings):
        return _exact(journal, models), ""
    try:
        index = _connect(settings, journal, models)
    except (IndexUnavailableError, SchemaMismatchError) as error:
        return _exact(journal, models), f"searched the journal exactly: {error}"
    if index.is_current:
        return index, ""
    index.close()
    return _exact(journal, models), "searched the journal exactly: Weaviate is not filled yet"


def _connect(settings: Settings, journal: SqliteJournal, models: Models) -> Index:
    from weavclip.index.weaviate import WeaviateIndex

    return WeaviateIndex.open(
        endpoint(settings),
        timeout_s=settings.weaviate_timeout_s,
        alias=settings.collection,
        stamp=_stamp(journal, models),
        index_type=settings.index_type,
    )


def _stamp(journal: SqliteJournal, models: Models) -> Stamp:
    from weavclip.index.schema import Stamp

    return Stamp(
        model=models.ids.id,
        dim=models.clip.card.dim,
        text_dim=models.text.card.dim if models.text else 0,
        journal=journal.meta("journal_id") or "",
        edition=_edition(_means(models), restored=journal.meta(EDITION) or ""),
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


def _exact(journal: SqliteJournal, models: Models | None) -> Index:
    from weavclip.index.exact import ExactIndex

    if models is None:
        return ExactIndex(journal, journal, model_id="", means={})
    return ExactIndex(journal, journal, model_id=models.ids.id, means=_means(models))


def _means(models: Models) -> Mapping[Space, Embedding]:
    """What is taken out of each space's vectors, by the cards of the models that make them."""
    cards = [models.clip.card, *([models.text.card] if models.text else [])]
    return {
        space: mean
        for card in cards
        if card.calibration
        for space, mean in card.calibration.means.items()
    }


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
