"""A console's page in a real browser may read the server; a page of another origin may not."""

from __future__ import annotations

import base64
import contextlib
import http.client
import io
import json
import os
import shutil
import signal
import subprocess
import threading
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any

import pytest
from PIL import Image

from tests.managed import Managed, managed, never
from tests.waiting import WITHIN_S
from weavclip.index.server.console import access

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

pytestmark = pytest.mark.weaviate

COLLECTION, ALIAS = "ConsoleClips", "Weavclip"
PAGE = """<!doctype html><title>console</title><script>
async function look() {
  const answer = await fetch(%(url)s + "/v1/graphql", {
    method: "POST",
    headers: {"Content-Type": "application/json", "Authorization": "Bearer " + %(key)s},
    body: JSON.stringify({query: %(query)s}),
  });
  const clip = (await answer.json()).data.Get[%(collection)s][0];
  const picture = new Image();
  picture.src = "data:image/jpeg;base64," + clip.thumbnail;
  await picture.decode();
  return {status: answer.status, kind: clip.kind, width: picture.naturalWidth};
}
look().catch(error => ({error: String(error)})).then(
  found => fetch("/found", {method: "POST", body: JSON.stringify(found)}));
</script>"""


class Site:
    """A web origin of its own on loopback: one page, and what the page reports back."""

    def __init__(self) -> None:
        self.page, self.found, self.reported = "", {}, threading.Event()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self.origin = f"http://127.0.0.1:{self._server.server_port}"

    page: str
    found: dict[str, Any]

    @contextlib.contextmanager
    def open(self) -> Iterator[Site]:
        thread = threading.Thread(target=self._server.serve_forever, args=(0.01,))
        thread.start()
        try:
            yield self
        finally:
            self._server.shutdown()
            self._server.server_close()
            thread.join(WITHIN_S)

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        site = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                self._answer(site.page.encode() if self.path == "/" else b"")

            def do_POST(self) -> None:
                length = int(self.headers["Content-Length"])
                site.found = json.loads(self.rfile.read(length))
                self._answer(b"")
                site.reported.set()

            def _answer(self, body: bytes) -> None:
                self.send_response(HTTPStatus.OK)
                self.send_header("Content-Type", "text/html")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - its name
                pass

        return Handler


@pytest.fixture(scope="module")
def console() -> Iterator[Site]:
    with Site().open() as site:
        yield site


@pytest.fixture(scope="module")
def server(console: Site, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Managed]:
    folder = tmp_path_factory.mktemp("console") / "data"
    with managed(folder, console_origin=console.origin) as one:
        one.server.up(confirm=never)
        _store(one)
        yield one


def _store(one: Managed) -> None:
    import weaviate.classes.config as wvc

    picture = io.BytesIO()
    Image.new("RGB", (64, 48), "teal").save(picture, "JPEG")
    with one.client() as client:
        clips = client.collections.create(
            COLLECTION,
            properties=[
                wvc.Property(name="kind", data_type=wvc.DataType.TEXT),
                wvc.Property(name="preview", data_type=wvc.DataType.TEXT),
                wvc.Property(name="thumbnail", data_type=wvc.DataType.BLOB),
            ],
            vector_config=wvc.Configure.Vectors.self_provided(),
        )
        thumbnail = base64.b64encode(picture.getvalue()).decode()
        clips.data.insert({"kind": "image", "preview": "", "thumbnail": thumbnail}, vector=[1.0])
        client.alias.create(alias_name=ALIAS, target_collection=COLLECTION)


def _page(server: Managed) -> str:
    query = f"{{ Get {{ {COLLECTION} {{ kind thumbnail }} }} }}"
    values = {
        "url": f"http://127.0.0.1:{server.port}",
        "key": server.key,
        "query": query,
        "collection": COLLECTION,
    }
    return PAGE % {name: json.dumps(value) for name, value in values.items()}


@contextlib.contextmanager
def _browser(url: str, folder: Path) -> Iterator[None]:
    program = shutil.which("chromium") or shutil.which("google-chrome")
    if program is None:
        pytest.skip("no Chromium to open a console in")
    command = [program, "--headless=new", "--no-sandbox", "--disable-gpu", "--no-first-run"]
    command += ["--disable-dev-shm-usage"]
    command += ["--disable-background-networking", f"--user-data-dir={folder}", url]
    with subprocess.Popen(
        command,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
        env={"HOME": str(folder), "PATH": os.environ["PATH"]},
    ) as running:
        try:
            yield
        finally:
            os.killpg(running.pid, signal.SIGKILL)


def _look(site: Site, server: Managed, folder: Path) -> dict[str, Any]:
    site.page = _page(server)
    with _browser(site.origin, folder):
        assert site.reported.wait(WITHIN_S), "the page reported nothing"
    return site.found


def test_the_consoles_page_asks_with_the_key_and_shows_a_thumbnail(
    console: Site, server: Managed, tmp_path: Path
) -> None:
    found = _look(console, server, tmp_path)

    assert found == {"status": HTTPStatus.OK, "kind": "image", "width": 64}


def test_a_page_of_another_origin_cannot_read_even_with_the_key(
    server: Managed, tmp_path: Path
) -> None:
    with Site().open() as stranger:
        found = _look(stranger, server, tmp_path)

    assert found == {"error": "TypeError: Failed to fetch"}


def _ask(server: Managed, method: str, path: str, **headers: str) -> http.client.HTTPMessage:
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=WITHIN_S)
    try:
        connection.request(method, path, headers=headers)
        answer = connection.getresponse()
        answer.read()
        assert answer.status == HTTPStatus.OK
        return answer.headers
    finally:
        connection.close()


@pytest.mark.parametrize("asker", ["console", "stranger"])
def test_the_preflight_names_the_consoles_origin_and_no_other(
    console: Site, server: Managed, asker: str
) -> None:
    origin = console.origin if asker == "console" else "http://stranger.example"

    answer = _ask(
        server,
        "OPTIONS",
        "/v1/graphql",
        **{
            "Origin": origin,
            "Access-Control-Request-Method": "POST",
            "Access-Control-Request-Headers": "authorization,content-type",
        },
    )

    assert answer.get_all("Access-Control-Allow-Origin") == [console.origin]
    assert "authorization" in answer["Access-Control-Allow-Headers"].lower()
    assert answer["Access-Control-Allow-Credentials"] is None


def test_without_a_console_only_its_own_address_is_named(tmp_path: Path) -> None:
    with managed(tmp_path / "data") as one:
        one.server.up(confirm=never)

        answer = _ask(one, "OPTIONS", "/v1/graphql", Origin="http://stranger.example")

    assert answer["Access-Control-Allow-Origin"] == f"http://127.0.0.1:{one.port}"


def test_the_query_that_the_steps_give_is_one_that_the_server_answers(server: Managed) -> None:
    steps = access(
        url=f"http://127.0.0.1:{server.port}",
        key_file=server.server.key_file,
        origin="",
        collection=ALIAS,
    ).steps
    query = next(step.removeprefix("ask: ") for step in steps if step.startswith("ask: "))

    with server.client() as client:
        answer = client.graphql_raw_query(query)

    assert answer.errors is None
    assert answer.get[ALIAS][0]["kind"] == "image"
