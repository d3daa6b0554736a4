"""A local server that answers as Roboflow's API does, with faults on demand."""

from __future__ import annotations

import hashlib
import json
import threading
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlsplit

from tests.waiting import WITHIN_S

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@dataclass
class Offer:
    """What the server has, how it fails, and what it was asked.

    Attributes:
        files: Bytes by name.
        failures: Statuses that the next requests for weights get, first one first.
        metadata_failures: Likewise for the next requests for addresses.
        torn_after: Bodies end after so many bytes, as often as the count says.
        extra_bytes: How many bytes more it promises in sizes than a file has.
        key: Required when not empty.
        signatures: Number in the addresses; only the newest is accepted when ``expire`` is set.
    """

    files: dict[str, bytes]
    failures: list[int] = field(default_factory=list)
    metadata_failures: list[int] = field(default_factory=list)
    torn_after: int = 0
    torn_times: int = 0
    extra_bytes: int = 0
    key: str = ""
    hangs: bool = False
    tagged: bool = True
    ranges: bool = True
    metadata: Any = None
    asked: list[tuple[str, dict[str, str]]] = field(default_factory=list)
    bytes_sent: int = 0
    url: str = ""
    released: threading.Event = field(default_factory=threading.Event)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    offer: Offer

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - its name
        del format, args

    def do_GET(self) -> None:
        parts = urlsplit(self.path)
        self.offer.asked.append((self.path, dict(self.headers.items())))
        if parts.path.startswith("/core_model/"):
            self._addresses(parts.path, parse_qs(parts.query))
        else:
            self._weights(parts.path.rsplit("/", 1)[-1])

    def _addresses(self, path: str, query: dict[str, list[str]]) -> None:
        offer = self.offer
        if offer.metadata_failures:
            return self._status(offer.metadata_failures.pop(0))
        if offer.key and query.get("api_key") != [offer.key]:
            return self._status(401)
        if path != "/core_model/clip/ViT-B-16":
            return self._status(404)
        weights = {name: f"{offer.url}/signed/clip/{name}?sig=secret" for name in offer.files}
        body = json.dumps(offer.metadata or {"weights": weights}).encode()
        return self._send(200, body, {"Content-Type": "application/json"})

    def _weights(self, name: str) -> None:
        offer, asked = self.offer, self.headers.get("Range", "")
        if asked == "bytes=0-0":
            return self._size(name)
        if offer.hangs:
            offer.released.wait(WITHIN_S)
            return self._status(503)
        if offer.failures:
            return self._status(offer.failures.pop(0))
        whole = offer.files[name]
        tag = f'"{hashlib.sha256(whole).hexdigest()[:16]}"'
        start = int(asked[6:].rstrip("-")) if asked and offer.ranges else 0
        if self.headers.get("If-Range") not in {None, tag}:
            start = 0
        headers = {"ETag": tag} if offer.tagged else {}
        if start:
            headers["Content-Range"] = f"bytes {start}-{len(whole) - 1}/{len(whole)}"
        return self._send(206 if start else 200, whole[start:], headers)

    def _size(self, name: str) -> None:
        whole = self.offer.files[name]
        if not self.offer.ranges:
            return self._send(200, whole, {})
        size = len(whole) + self.offer.extra_bytes
        return self._send(206, whole[:1], {"Content-Range": f"bytes 0-0/{size}"})

    def _send(self, status: int, body: bytes, headers: dict[str, str]) -> None:
        offer = self.offer
        self.send_response(status)
        for name, value in {**headers, "Content-Length": str(len(body))}.items():
            self.send_header(name, value)
        self.end_headers()
        if offer.torn_times and len(body) > offer.torn_after:
            offer.torn_times -= 1
            body = body[: offer.torn_after]
            self.close_connection = True
        offer.bytes_sent += len(body)
        self.wfile.write(body)

    def _status(self, status: int) -> None:
        self._send(status, b"{}", {})


def serve(offer: Offer) -> Iterator[Offer]:
    """Serve on a free port of the loopback until the generator is closed."""
    handler = type("Handler", (_Handler,), {"offer": offer})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    server.daemon_threads = True
    offer.url = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield offer
    finally:
        offer.released.set()
        server.shutdown()
        server.server_close()
        thread.join(WITHIN_S)


def files_of(folder: Path) -> dict[str, bytes]:
    """Both graphs of a folder, as the server has them."""
    return {name: (folder / name).read_bytes() for name in ("textual.onnx", "visual.onnx")}
