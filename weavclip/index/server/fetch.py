"""Fetching one large file so that a cut download goes on where it stopped."""

from __future__ import annotations

import re
import urllib.error
import urllib.request
from http import HTTPStatus
from http.client import HTTPException, HTTPResponse
from typing import TYPE_CHECKING, cast

from weavclip.domain.errors import ServerError

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    # What is being done, and how far it is: 0 to 1, or None where that is not known.
    Progress = Callable[[str, float | None], None]

_TIMEOUT_S = 15.0
_BLOCK_BYTES = 1 << 18
_MD5 = re.compile(r"\b[0-9a-f]{32}\b")
_WITHOUT = (
    "start a Docker engine, set WEAVCLIP_WEAVIATE_URL to a server of your own, or go on without: "
    "search then looks through the journal exactly"
)


def _open(url: str, *, method: str = "GET", start: int = 0) -> HTTPResponse:
    request = urllib.request.Request(url, method=method)  # noqa: S310 - RELEASES is https
    if start:
        request.add_header("Range", f"bytes={start}-")
    return cast("HTTPResponse", urllib.request.urlopen(request, timeout=_TIMEOUT_S))  # noqa: S310


def size_of(url: str) -> int | None:
    """Bytes behind ``url``; None where the server does not say.

    Raises:
        ServerError: If there is no network, or nothing there.
    """
    try:
        with _open(url, method="HEAD") as answer:
            return int(answer.headers["Content-Length"] or 0) or None
    except (OSError, HTTPException) as error:
        raise _unreachable(url, error) from error


def published_md5(url: str) -> str | None:
    """The MD5 that is published beside ``url``; None where there is none."""
    try:
        with _open(f"{url}.md5") as answer:
            found = _MD5.search(answer.read(1024).decode("ascii", "replace").lower())
    except urllib.error.HTTPError:
        return None
    except (OSError, HTTPException) as error:
        raise _unreachable(url, error) from error
    return found[0] if found else None


def fetch(url: str, part: Path, *, progress: Progress) -> None:
    """Bring ``url`` into ``part``, going on after the bytes that are there.

    Raises:
        ServerError: If it cannot be fetched; ``part`` keeps what came.
    """
    have = part.stat().st_size if part.exists() else 0
    try:
        with _open(url, start=have) as answer:
            _receive(answer, part, progress=progress)
    except urllib.error.HTTPError as error:
        if error.code != HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE:
            raise _unreachable(url, error) from error
    except (OSError, HTTPException) as error:
        raise _unreachable(url, error) from error


def _receive(answer: HTTPResponse, part: Path, *, progress: Progress) -> None:
    goes_on = answer.status == HTTPStatus.PARTIAL_CONTENT
    done = part.stat().st_size if goes_on else 0
    total = done + int(answer.headers["Content-Length"] or 0)
    with part.open("ab" if goes_on else "wb") as file:
        while block := answer.read(_BLOCK_BYTES):
            file.write(block)
            done += len(block)
            progress("downloading Weaviate", done / total if total else None)
    if done < total:
        message = f"the connection ended after {done:,} of {total:,} bytes"
        raise ConnectionError(message)


def _unreachable(url: str, error: Exception) -> ServerError:
    reason = getattr(error, "reason", None) or error
    return ServerError(f"cannot fetch {url}: {reason}", hint=_WITHOUT)
