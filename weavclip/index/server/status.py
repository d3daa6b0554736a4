"""What is known of the managed server, and asking it."""

from __future__ import annotations

import contextlib
import json
from dataclasses import dataclass
from http import HTTPStatus
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

    from weavclip.index.server.endpoint import Endpoint

_PROBE_TIMEOUT_S = 2.0


@dataclass(frozen=True, slots=True, kw_only=True)
class ServerStatus:
    """What is known of the managed server.

    Attributes:
        state: ``running``, ``starting``, ``stopped`` (not wanted) or ``died`` (wanted, but gone).
        way: ``program`` or ``compose``; empty before the first start.
        url: HTTP address; empty before the first start.
        grpc_url: gRPC address; likewise.
        version: As the server says it; empty while it does not answer.
        pid: Of the program; None otherwise.
        key_file: Where its API key is.
        data_bytes: Size of its files; None where they are not ours to see.
        was_running: ``up`` found it running and changed nothing.
    """

    state: str
    way: str = ""
    url: str = ""
    grpc_url: str = ""
    version: str = ""
    pid: int | None = None
    key_file: Path
    data_bytes: int | None = None
    was_running: bool = False


def condition(*, wanted: bool, runs: bool, ready: bool) -> str:
    """The word for :attr:`ServerStatus.state`."""
    if ready:
        return "running"
    if runs:
        return "starting"
    return "died" if wanted else "stopped"


def is_ready(endpoint: Endpoint) -> bool:
    """Whether a server answers there and is ready; asks without the key."""
    return _get(endpoint, "/v1/.well-known/ready", key="") is not None


def version_of(endpoint: Endpoint) -> str:
    """The server's version, such as ``1.39.0``; empty while it does not answer."""
    body = _get(endpoint, "/v1/meta", key=endpoint.api_key)
    return str(json.loads(body).get("version", "")) if body else ""


def _get(endpoint: Endpoint, path: str, *, key: str) -> bytes | None:
    """The body of a 200; None for any other answer, or none within 2 s."""
    import http.client  # 13 ms, and most commands never ask

    connection = http.client.HTTPConnection(
        endpoint.http_host, endpoint.http_port, timeout=_PROBE_TIMEOUT_S
    )
    try:
        headers = {"Authorization": f"Bearer {key}"} if key else {}
        connection.request("GET", path, headers=headers)
        answer = connection.getresponse()
        body = answer.read()
    except (OSError, http.client.HTTPException):
        return None
    finally:
        connection.close()
    return body if answer.status == HTTPStatus.OK else None


def size_of(folder: Path | None) -> int | None:
    """Bytes of all files below ``folder``."""
    if folder is None:
        return None
    total = 0
    for file in folder.rglob("*"):
        # The server merges its files meanwhile: one may be gone.
        with contextlib.suppress(FileNotFoundError):
            total += file.lstat().st_size
    return total
