"""Looking at a Weaviate without changing it: what answers, to whom, and what is there of ours."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from weavclip.domain.errors import IndexAuthError
from weavclip.index.collections import Collections
from weavclip.index.refusals import translated
from weavclip.index.rest import Rest
from weavclip.index.schema import Stamp
from weavclip.index.weaviate_client import connect, supported_version

if TYPE_CHECKING:
    from collections.abc import Sequence

    from weavclip.index.server.endpoint import Endpoint


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """A Weaviate that answers.

    Attributes:
        version: Of the server, one that is supported.
        collection: The one that is written to; empty for none yet.
        anonymous: It tells its schema to whoever asks, without a key.
    """

    version: str
    collection: str
    anonymous: bool


def look(
    endpoint: Endpoint, *, alias: str, stamp: Stamp | None, index_type: str, timeout_s: float
) -> Seen:
    """Ask a server for its version, its schema and its manners.

    Args:
        endpoint: Where it is.
        alias: Stands for the current collection.
        stamp: Whose vectors ours must hold; None where no model is in use.
        index_type: ``flat`` or ``hnsw``.
        timeout_s: Longest wait for each answer, in seconds.

    Raises:
        IndexUnavailableError: If nothing answers, the key is refused, or it is too old.
        SchemaMismatchError: If our collection is another's, or has drifted.
    """
    rest = Rest(endpoint, timeout_s=timeout_s)
    version = supported_version(rest.ask("GET", "/meta"), url=endpoint.url)
    collection = ""
    if stamp is not None:
        ours = Collections(rest, url=endpoint.url, alias=alias, stamp=stamp, index_type=index_type)
        collection = ours.look()
    return Seen(
        version=version, collection=collection, anonymous=_is_anonymous(endpoint, timeout_s)
    )


def _is_anonymous(endpoint: Endpoint, timeout_s: float) -> bool:
    nobody = Rest(replace(endpoint, api_key=""), timeout_s=timeout_s)
    try:
        return nobody.ask("GET", "/schema") is not None
    except IndexAuthError:
        return False


def collections_of(endpoint: Endpoint, *, journal_id: str, timeout_s: float) -> dict[str, int]:
    """Every collection that a journal fills, with how many objects it holds.

    Whatever its name: its description says whose it is.

    Raises:
        IndexUnavailableError: If the server does not answer, or refuses the key.
    """
    rest = Rest(endpoint, timeout_s=timeout_s)
    found = (rest.ask("GET", "/schema") or {}).get("classes") or ()
    stamps = {each["class"]: Stamp.read(each.get("description") or "") for each in found}
    ours = sorted(name for name, stamp in stamps.items() if stamp and stamp.journal == journal_id)
    return _counts(endpoint, ours, timeout_s=timeout_s) if ours else {}


def _counts(endpoint: Endpoint, names: Sequence[str], *, timeout_s: float) -> dict[str, int]:
    with translated(endpoint.url), connect(endpoint, timeout_s=timeout_s) as client:
        counted = ((name, client.collections.get(name).aggregate) for name in names)
        return {name: each.over_all(total_count=True).total_count or 0 for name, each in counted}


def delete_collections(
    endpoint: Endpoint, names: Sequence[str], *, alias: str, timeout_s: float
) -> None:
    """Delete collections, and the alias where it stands for one of them.

    Raises:
        IndexUnavailableError: If the server does not answer, or refuses.
    """
    rest = Rest(endpoint, timeout_s=timeout_s)
    current = rest.ask("GET", f"/aliases/{alias}")
    if current and current["class"] in names:
        rest.ask("DELETE", f"/aliases/{alias}")
    for name in names:
        rest.ask("DELETE", f"/schema/{name}")
