"""What goes wrong with a Weaviate, in weavclip's own errors: the one place that maps them.

The client's messages can quote objects, which are clips: only the names of their classes and of
gRPC's status codes are passed on.
"""

from __future__ import annotations

import time
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

from weavclip.domain.errors import (
    IndexAuthError,
    IndexUnavailableError,
    IndexVersionError,
    SchemaMismatchError,
    WeavclipError,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

START_HINT = "run: weavclip server up"

MEANINGS: Final[Mapping[str, type[WeavclipError]]] = {
    # It is not there, or not any more, or breaks off.
    "WeaviateStartUpError": IndexUnavailableError,
    "WeaviateConnectionError": IndexUnavailableError,
    "WeaviateTimeoutError": IndexUnavailableError,
    "WeaviateRetryError": IndexUnavailableError,
    "WeaviateGRPCUnavailableError": IndexUnavailableError,
    "WeaviateClosedClientError": IndexUnavailableError,
    # It answers, but not as it should.
    "WeaviateBaseError": IndexUnavailableError,
    "UnexpectedStatusCodeError": IndexUnavailableError,
    "ResponseCannotBeDecodedError": IndexUnavailableError,
    "EmptyResponseError": IndexUnavailableError,
    "WeaviateQueryError": IndexUnavailableError,
    "WeaviateBatchError": IndexUnavailableError,
    "WeaviateBatchSendError": IndexUnavailableError,
    "WeaviateBatchStreamError": IndexUnavailableError,
    "WeaviateBatchFailedToReestablishStreamError": IndexUnavailableError,
    "_BatchStreamShutdownError": IndexUnavailableError,
    "WeaviateDeleteManyError": IndexUnavailableError,
    "WeaviateTenantGetError": IndexUnavailableError,
    "WeaviateInsertManyAllFailedError": IndexUnavailableError,
    "ObjectAlreadyExistsError": IndexUnavailableError,
    "BackupFailedError": IndexUnavailableError,
    "BackupCanceledError": IndexUnavailableError,
    "ExportFailedError": IndexUnavailableError,
    "ExportCanceledError": IndexUnavailableError,
    # It knows us not.
    "AuthenticationFailedError": IndexAuthError,
    "MissingScopeError": IndexAuthError,
    "InsufficientPermissionsError": IndexAuthError,
    # It is too old, or the installed libraries are.
    "WeaviateUnsupportedFeatureError": IndexVersionError,
    "WeaviateProtobufIncompatibility": IndexVersionError,
    "WeaviateEmbeddedInvalidVersionError": IndexVersionError,
    "WeaviateAgentsNotInstalledError": IndexVersionError,
    # What is sent does not fit the collection.
    "SchemaValidationError": SchemaMismatchError,
    "InvalidDataModelError": SchemaMismatchError,
    "AdditionalPropertiesError": SchemaMismatchError,
    "WeaviateInvalidInputError": SchemaMismatchError,
    "WeaviateAddInvalidPropertyError": SchemaMismatchError,
    "WeaviateBatchValidationError": SchemaMismatchError,
    "WeaviateInsertInvalidPropertyError": SchemaMismatchError,
}
"""By the name of each class in ``weaviate.exceptions``: names, so that nothing is imported."""

_STATUSES: Final[Mapping[str, type[WeavclipError]]] = {
    "UNAUTHENTICATED": IndexAuthError,
    "PERMISSION_DENIED": IndexAuthError,
}
_NOBODY = ("UNAVAILABLE", "DEADLINE_EXCEEDED")
_TRANSPORT = ("httpx", "httpcore", "grpc", "ssl", "socket")


def silent(url: str, *, waited_s: float) -> IndexUnavailableError:
    """Nothing answers there."""
    return IndexUnavailableError(f"no Weaviate at {url} after {waited_s:.1f} s", hint=START_HINT)


def undeleted(url: str, *, count: int, is_full: bool) -> IndexUnavailableError:
    """It keeps what it was to delete; a server whose disk is full changes nothing at all."""
    if not is_full:
        return IndexUnavailableError(f"Weaviate at {url} did not delete {count} clips")
    message = f"Weaviate at {url} takes nothing more: its disk has no space left"
    return IndexUnavailableError(message, hint="free some: it goes on by itself then")


def key_refused(url: str) -> IndexAuthError:
    """It answers, and wants another key."""
    return IndexAuthError(
        f"Weaviate at {url} refuses the API key", hint="set WEAVCLIP_WEAVIATE_API_KEY to its key"
    )


@contextmanager
def translated(url: str) -> Iterator[None]:
    """Raise what the client raises as errors of ours.

    Args:
        url: Of the server, as the messages say it.
    """
    started = time.monotonic()
    try:
        yield
    except WeavclipError:
        raise
    except Exception as error:
        mine = meaning(error, url=url, waited_s=time.monotonic() - started)
        if mine is None:
            raise
        raise mine from error


def meaning(error: Exception, *, url: str, waited_s: float) -> WeavclipError | None:
    """The error of ours that says the same; None for what is not the client's."""
    status = _status(error)
    kind = _STATUSES.get(status) or _kind(error)
    if kind is None:
        return None
    if kind is IndexAuthError:
        return key_refused(url)
    if status in _NOBODY or (kind is IndexUnavailableError and not _is_clients(error)):
        return silent(url, waited_s=waited_s)
    what = f"{type(error).__name__}{f' ({status})' if status else ''}"
    return kind(f"Weaviate at {url} does not do as asked: {what}")


def _kind(error: Exception) -> type[WeavclipError] | None:
    for parent in type(error).__mro__:
        if _is_clients(error) and parent.__name__ in MEANINGS:
            return MEANINGS[parent.__name__]
    package = type(error).__module__.partition(".")[0]
    return IndexUnavailableError if isinstance(error, OSError) or package in _TRANSPORT else None


def _is_clients(error: Exception) -> bool:
    return type(error).__module__ == "weaviate.exceptions"


def _status(error: BaseException | None) -> str:
    """The name of gRPC's status: the client keeps the call's error as cause or context only."""
    while error is not None:
        code = getattr(error, "code", None)
        if callable(code):
            return str(getattr(code(), "name", ""))
        error = error.__cause__ or error.__context__
    return ""
