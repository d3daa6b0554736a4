"""Weaviate's REST interface, as far as collections and aliases go: one short request a call.

The client's own exports drop parts of a collection's definition (the quantiser of a flat index
among them), so what is compared field by field is read here, as the server says it.
"""

from __future__ import annotations

import http.client
import json
import ssl
import time
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from weavclip.domain.errors import IndexUnavailableError
from weavclip.index.refusals import key_refused, silent

if TYPE_CHECKING:
    from weavclip.domain.errors import WeavclipError
    from weavclip.index.server.endpoint import Endpoint

WRITE_PATIENCE = 6
"""What changes something may take so many times as long as a question."""

_REFUSED = (HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN)


class Rest:
    """Asks one server."""

    def __init__(self, endpoint: Endpoint, *, timeout_s: float) -> None:
        """Connect to nothing yet.

        Args:
            endpoint: Where the server is.
            timeout_s: Longest wait for each step of an answer, in seconds; six times that where
                something is changed.
        """
        self._endpoint = endpoint
        self._timeout_s = timeout_s

    def ask(self, method: str, path: str, body: object = None) -> Any:  # noqa: ANN401 - JSON
        """Send one request.

        Returns:
            The JSON that was answered; None for an empty answer and for "not found".

        Raises:
            IndexAuthError: If the key is refused.
            IndexUnavailableError: If nothing answers, or with anything but success.
        """
        started = time.monotonic()
        try:
            status, answer = self._exchange(method, path, body)
            if status == HTTPStatus.NOT_FOUND:
                return None
            if status >= HTTPStatus.BAD_REQUEST:
                raise self._refusal(method, path, status)
            return json.loads(answer) if answer else None
        except (OSError, http.client.HTTPException, ValueError) as error:
            waited_s = time.monotonic() - started
            raise silent(self._endpoint.url, waited_s=waited_s) from error

    def _exchange(self, method: str, path: str, body: object) -> tuple[int, bytes]:
        is_question = method == "GET"
        timeout_s = self._timeout_s * (1 if is_question else WRITE_PATIENCE)
        connection = self._connection(timeout_s)
        headers = {"Content-Type": "application/json"}
        if self._endpoint.api_key:
            headers["Authorization"] = f"Bearer {self._endpoint.api_key}"
        try:
            connection.request(
                method, f"/v1{path}", None if body is None else json.dumps(body), headers
            )
            answer = connection.getresponse()
            return answer.status, answer.read()
        finally:
            connection.close()

    def _connection(self, timeout_s: float) -> http.client.HTTPConnection:
        host, port = self._endpoint.http_host, self._endpoint.http_port
        if not self._endpoint.http_secure:
            return http.client.HTTPConnection(host, port, timeout=timeout_s)
        context = ssl.create_default_context()
        return http.client.HTTPSConnection(host, port, timeout=timeout_s, context=context)

    def _refusal(self, method: str, path: str, status: int) -> WeavclipError:
        url = self._endpoint.url
        if status in _REFUSED:
            return key_refused(url)
        return IndexUnavailableError(f"Weaviate at {url} answers {method} {path} with {status}")
