"""Text models from a local server that answers as the Hugging Face hub does."""

from __future__ import annotations

import hashlib
import json
import threading
from contextlib import closing
from dataclasses import dataclass, field, replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import pytest

from scripts.text_model.random_weights import CONTEXT, random_text_model
from tests.waiting import WITHIN_S
from weavclip.domain.errors import DownloadError, ModelError, NoModelError
from weavclip.domain.models import ModelKind
from weavclip.embed import catalogue
from weavclip.embed.models import ModelStore

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

ID = "tiny-text"


@dataclass
class HubOffer:
    """What the hub has of one repository, and how it fails."""

    files: dict[str, bytes]
    failures: list[int] = field(default_factory=list)
    listing: object = None
    asked: list[str] = field(default_factory=list)
    url: str = ""

    def entries(self) -> list[dict[str, object]]:
        """As its tree listing has them: large files by SHA-256, small ones by git's name."""
        found: list[dict[str, object]] = []
        for path, content in self.files.items():
            git = hashlib.sha1(b"blob %d\0" % len(content) + content, usedforsecurity=False)
            entry = {"type": "file", "path": path, "size": len(content), "oid": git.hexdigest()}
            if path.endswith(".onnx"):
                oid = hashlib.sha256(content).hexdigest()
                entry["lfs"] = {"oid": oid, "size": len(content), "pointerSize": 133}
            found.append(entry)
        return [{"type": "directory", "path": "onnx", "size": 0, "oid": "0" * 40}, *found]


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    offer: HubOffer

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - its name
        del format, args

    def do_GET(self) -> None:
        path, offer = urlsplit(self.path).path, self.offer
        offer.asked.append(path)
        known = catalogue.TEXT_MODELS[ID]
        resolve = f"/{known.repository}/resolve/{known.revision}/"
        if offer.failures:
            self._send(offer.failures.pop(0), b"{}")
        elif path == f"/api/models/{known.repository}/tree/{known.revision}":
            self._send(200, json.dumps(offer.listing or offer.entries()).encode())
        elif path.startswith(resolve):
            self._send(302, b"", Location=f"{offer.url}/cdn/{path.removeprefix(resolve)}")
        elif path.startswith("/cdn/") and (whole := offer.files.get(path.removeprefix("/cdn/"))):
            self._part(whole)
        else:
            self._send(404, b"{}")

    def _part(self, whole: bytes) -> None:
        asked = self.headers.get("Range", "")
        if asked == "bytes=0-0":
            return self._send(206, whole[:1], **{"Content-Range": f"bytes 0-0/{len(whole)}"})
        start = int(asked[6:].rstrip("-")) if asked else 0
        more = {"Content-Range": f"bytes {start}-{len(whole) - 1}/{len(whole)}"} if start else {}
        return self._send(206 if start else 200, whole[start:], ETag='"it"', **more)

    def _send(self, status: int, body: bytes, **headers: str) -> None:
        self.send_response(status)
        for name, value in {**headers, "Content-Length": str(len(body))}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return random_text_model(tmp_path_factory.mktemp("hub") / ID, pools=False)


@pytest.fixture
def offer(made: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[HubOffer]:
    graph = (made / "model.onnx").read_bytes()
    tokenizer = (made / "tokenizer.json").read_bytes()
    known = catalogue.KnownText(
        title="tiny",
        megabytes=1,
        repository="somebody/tiny-text",
        revision="0123456789abcdef0123456789abcdef01234567",
        files={"onnx/model.onnx": hashlib.sha256(graph).hexdigest(), "tokenizer.json": ""},
        context_length=CONTEXT,
    )
    monkeypatch.setattr(catalogue, "TEXT_MODELS", {ID: known})
    yield from _served(HubOffer({"onnx/model.onnx": graph, "tokenizer.json": tokenizer}))


def _served(offer: HubOffer) -> Iterator[HubOffer]:
    handler = type("Handler", (_Handler,), {"offer": offer})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    server.daemon_threads = True
    offer.url = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield offer
    finally:
        server.shutdown()
        server.server_close()
        thread.join(WITHIN_S)


@pytest.fixture
def store(offer: HubOffer, tmp_path: Path) -> ModelStore:
    return ModelStore(
        tmp_path / "models",
        roboflow_url="http://127.0.0.1:9",
        hub_url=offer.url,
        retry_pause_s=0.01,
    )


def test_a_text_model_is_fetched_checked_and_can_be_opened(store: ModelStore) -> None:
    seen: list[tuple[int, int | None]] = []

    card = store.add(ID, progress=lambda done, total: seen.append((done, total)))

    assert (card.kind, card.dim, card.pooling) == (ModelKind.SENTENCE, 32, "mean")
    assert set(card.files) == {"model.onnx", "tokenizer.json"}
    assert seen[-1][0] == seen[-1][1]
    with closing(store.open_text(ID)) as embedder:
        assert embedder.embed_texts(["a red circle"]).shape == (1, 32)
    assert store.verify(ID) == card


def test_it_is_asked_for_at_its_pinned_revision_only(store: ModelStore, offer: HubOffer) -> None:
    store.add(ID)

    revision = catalogue.TEXT_MODELS[ID].revision
    assert {path for path in offer.asked if revision not in path} == {
        "/cdn/onnx/model.onnx",
        "/cdn/tokenizer.json",
    }


def test_a_fault_that_passes_is_waited_out(store: ModelStore, offer: HubOffer) -> None:
    offer.failures = [503, 429]

    assert store.add(ID).id == ID


def test_a_digest_other_than_the_pinned_one_is_refused_before_it_is_fetched(
    store: ModelStore, offer: HubOffer
) -> None:
    offer.files["onnx/model.onnx"] += b"\0"

    with pytest.raises(DownloadError, match=r"onnx/model\.onnx"):
        store.add(ID)

    assert not any(path.startswith("/cdn/onnx") for path in offer.asked)
    with pytest.raises(NoModelError):
        store.card(ID)


@pytest.mark.parametrize("path", ["onnx/model.onnx", "tokenizer.json"])
def test_bytes_that_the_hub_itself_did_not_name_are_refused_and_gone(
    store: ModelStore, offer: HubOffer, monkeypatch: pytest.MonkeyPatch, path: str
) -> None:
    """Without a pinned digest the hub's listing counts: of small files it has git's only."""
    known = catalogue.TEXT_MODELS[ID]
    unpinned = replace(known, files=dict.fromkeys(known.files, ""))
    monkeypatch.setattr(catalogue, "TEXT_MODELS", {ID: unpinned})
    offer.listing = offer.entries()
    offer.files[path] = offer.files[path][:-1] + b"\0"

    with pytest.raises(DownloadError, match="the hub says"):
        store.add(ID)
    offer.listing, offer.files[path] = None, offer.files[path]

    with pytest.raises(NoModelError):
        store.card(ID)


def test_a_revision_that_is_gone_is_no_model(store: ModelStore, offer: HubOffer) -> None:
    offer.failures = [404]

    with pytest.raises(NoModelError, match="somebody/tiny-text"):
        store.add(ID)


@pytest.mark.parametrize("listing", [{"error": "no"}, [{"name": "x"}], 3])
def test_an_answer_of_another_form_is_a_download_error(
    store: ModelStore, offer: HubOffer, listing: object
) -> None:
    offer.listing = listing

    with pytest.raises(DownloadError):
        store.add(ID)


def test_a_folder_as_the_hub_lays_it_out_is_imported(
    store: ModelStore, made: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "cloned"
    for path, content in {
        "onnx/model.onnx": (made / "model.onnx").read_bytes(),
        "tokenizer.json": (made / "tokenizer.json").read_bytes(),
        "1_Pooling/config.json": b'{"pooling_mode_mean_tokens": true}',
        "sentence_bert_config.json": b'{"max_seq_length": 32}',
        "config_sentence_transformers.json": b'{"prompts": {"query": "q: ", "document": "d: "}}',
    }.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(content)

    card = store.import_folder(folder)

    assert (card.id, card.pooling, card.context_length, card.dim) == ("cloned", "mean", 32, 32)
    assert (card.question_prefix, card.text_prefix) == ("q: ", "d: ")
    assert store.verify("cloned") == card


def test_a_folder_that_does_not_say_its_pooling_is_refused(
    store: ModelStore, made: Path, tmp_path: Path
) -> None:
    for name in ("model.onnx", "tokenizer.json"):
        (tmp_path / name).write_bytes((made / name).read_bytes())

    with pytest.raises(ModelError, match="how tokens are pooled"):
        store.import_folder(tmp_path)


def test_a_model_that_reads_fewer_tokens_than_its_card_says_is_refused(
    store: ModelStore, tmp_path: Path
) -> None:
    folder = random_text_model(tmp_path / "short", context=16)
    card = json.loads((folder / "card.json").read_text("utf-8"))
    (folder / "card.json").write_text(json.dumps(card | {"context_length": 64}), "utf-8")

    with pytest.raises(ModelError, match="failed on a batch"):
        store.import_folder(folder)


def test_a_prefix_that_leaves_a_text_no_room_is_refused(store: ModelStore, tmp_path: Path) -> None:
    folder = random_text_model(tmp_path / "wordy")
    card = json.loads((folder / "card.json").read_text("utf-8"))
    wordy = {**card, "text_prefix": "a b c " * 30}
    (folder / "card.json").write_text(json.dumps(wordy), "utf-8")

    with pytest.raises(ModelError, match="prefix of more than 32 tokens"):
        store.import_folder(folder)


def test_a_text_model_is_not_opened_as_clip_and_the_other_way_round(
    store: ModelStore, made: Path
) -> None:
    store.import_folder(random_text_model(made.parent / "other"))

    with pytest.raises(ModelError, match="kind sentence"):
        store.open("other")
    with pytest.raises(ModelError, match="kind clip"):
        store.open_text("sample")
