from __future__ import annotations

import inspect
from enum import Enum
from typing import TYPE_CHECKING

import httpx
import pytest
from weaviate import exceptions

from weavclip.domain.errors import IndexAuthError, IndexUnavailableError, SchemaMismatchError
from weavclip.index.refusals import MEANINGS, meaning, translated

if TYPE_CHECKING:
    from weavclip.domain.errors import WeavclipError

URL = "http://127.0.0.1:8080"


class Status(Enum):
    """Of gRPC's, as its call errors give them."""

    UNAUTHENTICATED = 16
    PERMISSION_DENIED = 7
    DEADLINE_EXCEEDED = 4
    UNAVAILABLE = 14
    INTERNAL = 13


class CallError(Exception):
    def __init__(self, status: Status) -> None:
        super().__init__()
        self._status = status

    def code(self) -> Status:
        return self._status


def fail(status: Status, message: str) -> None:
    """As the client does: the call's error is left as the query error's context."""
    try:
        _call(status)
    except CallError:
        raise exceptions.WeaviateQueryError(message, "GRPC search")  # noqa: B904 - as it does


def _call(status: Status) -> None:
    raise CallError(status)


def classes() -> list[type[Exception]]:
    # Some have a second, older name.
    named = {each.__name__: each for _, each in inspect.getmembers(exceptions, inspect.isclass)}
    return [
        each
        for each in named.values()
        if issubclass(each, Exception) and each.__module__ == exceptions.__name__
    ]


def test_every_exception_of_the_client_has_a_meaning() -> None:
    assert {each.__name__ for each in classes()} == set(MEANINGS)


@pytest.mark.parametrize("vendor", classes(), ids=lambda each: each.__name__)
def test_each_becomes_what_the_table_says(vendor: type[Exception]) -> None:
    error = vendor.__new__(vendor)

    mine = meaning(error, url=URL, waited_s=0.1)

    assert type(mine) is MEANINGS[vendor.__name__]
    assert URL in str(mine)


def test_a_class_that_a_later_client_adds_is_unavailable_by_its_parent() -> None:
    class Later(exceptions.WeaviateQueryError):
        __module__ = exceptions.__name__

    mine = meaning(Later("", ""), url=URL, waited_s=0.1)

    assert type(mine) is IndexUnavailableError


@pytest.mark.parametrize(
    ("status", "kind", "said"),
    [
        (Status.UNAUTHENTICATED, IndexAuthError, "refuses the API key"),
        (Status.PERMISSION_DENIED, IndexAuthError, "refuses the API key"),
        (Status.DEADLINE_EXCEEDED, IndexUnavailableError, f"no Weaviate at {URL} after"),
        (Status.UNAVAILABLE, IndexUnavailableError, f"no Weaviate at {URL} after"),
        (Status.INTERNAL, IndexUnavailableError, "INTERNAL"),
    ],
)
def test_the_status_of_the_call_behind_a_query_decides(
    status: Status, kind: type[WeavclipError], said: str
) -> None:
    message = "the words that were asked"

    with pytest.raises(kind, match=said) as caught, translated(URL):
        fail(status, message)

    assert message not in str(caught.value)


@pytest.mark.parametrize(
    "error", [httpx.ConnectError("refused"), httpx.ReadTimeout("slow"), TimeoutError()]
)
def test_what_the_client_lets_through_is_nobody_there(error: Exception) -> None:
    with pytest.raises(IndexUnavailableError, match=r"after \d+\.\d s") as caught, translated(URL):
        raise error

    assert caught.value.hint == "run: weavclip server up"


def test_our_own_errors_and_mistakes_pass() -> None:
    ours = SchemaMismatchError("drifted")

    with pytest.raises(SchemaMismatchError) as caught, translated(URL):
        raise ours
    with pytest.raises(ZeroDivisionError), translated(URL):
        raise ZeroDivisionError

    assert caught.value is ours
