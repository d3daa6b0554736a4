"""Fetching the program from a real server on loopback that answers as a release does."""

from __future__ import annotations

import hashlib
import io
import platform
import tarfile
import threading
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.waiting import WITHIN_S
from weavclip.domain.errors import RefusedError, ServerError
from weavclip.index.server import binary
from weavclip.index.server.program import ProgramWay

if TYPE_CHECKING:
    from collections.abc import Iterator

ARCHIVE = "weaviate-v1.39.0-Linux-amd64.tar.gz"
PROGRAM = b"#!/bin/sh\necho ready\n" + bytes(range(256)) * 4000


def _archive(name: str = "weaviate", content: bytes = PROGRAM) -> bytes:
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w:gz") as tarred:
        member = tarfile.TarInfo(name)
        member.size = len(content)
        tarred.addfile(member, io.BytesIO(content))
    return packed.getvalue()


@dataclass
class Release:
    """What a release publishes, and what was asked of it."""

    archive: bytes = field(default_factory=_archive)
    md5: str | None = None
    cut_after: int | None = None
    ranges: list[str | None] = field(default_factory=list)
    url: str = ""

    def body_of(self, path: str) -> bytes | None:
        if path.endswith(".md5"):
            return self.md5.encode() if self.md5 else None
        return self.archive if path.endswith(f"/v1.39.0/{ARCHIVE}") else None


def _handler(release: Release) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_HEAD(self) -> None:
            self._answer(release.body_of(self.path))

        def do_GET(self) -> None:
            body = release.body_of(self.path)
            asked = self.headers.get("Range")
            start = int(asked.removeprefix("bytes=").removesuffix("-")) if asked else 0
            if not self.path.endswith(".md5"):
                release.ranges.append(asked)
            if body is not None and start >= len(body) > 0 and asked:
                self.send_error(416)
                return
            rest = self._answer(body, start=start)
            if release.cut_after is not None and not self.path.endswith(".md5"):
                rest, release.cut_after = rest[: release.cut_after], None
            self.wfile.write(rest)

        def _answer(self, body: bytes | None, *, start: int = 0) -> bytes:
            self.send_response(404 if body is None else 206 if start else 200)
            rest = (body or b"")[start:]
            self.send_header("Content-Length", str(len(rest)))
            self.end_headers()
            return rest

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - its name
            pass

    return Handler


@pytest.fixture
def release(monkeypatch: pytest.MonkeyPatch) -> Iterator[Release]:
    monkeypatch.setattr("platform.system", lambda: "Linux")
    monkeypatch.setattr("platform.machine", lambda: "x86_64")
    published = Release()
    with ThreadingHTTPServer(("127.0.0.1", 0), _handler(published)) as server:
        published.url = f"http://127.0.0.1:{server.server_port}"
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        yield published
        server.shutdown()
        thread.join(WITHIN_S)


@dataclass
class Person:
    """Answers, and remembers the questions and the progress."""

    answer: bool = True
    questions: list[str] = field(default_factory=list)
    seen: list[tuple[str, float | None]] = field(default_factory=list)

    def confirm(self, question: str) -> bool:
        self.questions.append(question)
        return self.answer

    def progress(self, what: str, fraction: float | None) -> None:
        self.seen.append((what, fraction))


def _install(release: Release, folder: Path, person: Person) -> Path:
    return binary.install(
        folder=folder, confirm=person.confirm, progress=person.progress, releases=release.url
    )


def test_after_a_yes_the_program_lies_where_the_client_looks(
    release: Release, tmp_path: Path
) -> None:
    release.md5 = hashlib.md5(release.archive, usedforsecurity=False).hexdigest() + "\n"
    person = Person()

    program = _install(release, tmp_path, person)

    assert program.read_bytes() == PROGRAM
    assert program == binary.find((tmp_path,))
    assert [path.name for path in tmp_path.iterdir()] == [binary.file_name()]
    assert "(0 MB)" in person.questions[0]
    assert release.url in person.questions[0]
    assert person.seen[-1] == ("downloading Weaviate", 1.0)


def test_the_name_is_that_of_the_clients_embedded_mode(tmp_path: Path) -> None:
    from weaviate.embedded import EmbeddedOptions, EmbeddedV4

    embedded = EmbeddedV4(
        EmbeddedOptions(version="1.39.0", binary_path=str(tmp_path), port=1, grpc_port=2)
    )
    (tmp_path / binary.file_name()).touch(mode=0o700)

    embedded.ensure_weaviate_binary_exists()

    assert embedded._weaviate_binary_path == binary.find((tmp_path,))
    assert embedded._download_url == (
        f"{binary.RELEASES}/v1.39.0/"
        + binary.archive_name(system=platform.system(), machine=platform.machine())
    )


def test_after_a_no_nothing_is_downloaded(release: Release, tmp_path: Path) -> None:
    with pytest.raises(RefusedError, match="was not downloaded"):
        _install(release, tmp_path / "bin", Person(answer=False))

    assert release.ranges == []
    assert list(tmp_path.iterdir()) == []


def test_a_cut_download_goes_on_where_it_stopped(release: Release, tmp_path: Path) -> None:
    release.cut_after = 1000
    with pytest.raises(ServerError, match=r"ended after 1,000 of"):
        _install(release, tmp_path, Person())

    program = _install(release, tmp_path, Person())

    assert release.ranges == [None, "bytes=1000-"]
    assert program.read_bytes() == PROGRAM


def test_a_whole_download_that_was_not_unpacked_is_not_fetched_again(
    release: Release, tmp_path: Path
) -> None:
    (tmp_path / f"{ARCHIVE}.part").write_bytes(release.archive)

    program = _install(release, tmp_path, Person())

    assert program.read_bytes() == PROGRAM


def test_a_damaged_download_is_thrown_away(release: Release, tmp_path: Path) -> None:
    release.md5 = "0" * 32

    with pytest.raises(ServerError, match="is damaged: MD5"):
        _install(release, tmp_path, Person())

    assert list(tmp_path.iterdir()) == []


def test_a_release_without_a_checksum_is_said(release: Release, tmp_path: Path) -> None:
    person = Person()

    _install(release, tmp_path, person)

    assert ("the release publishes no checksum: trusting TLS", None) in person.seen


@pytest.mark.parametrize("archive", [b"no archive", _archive("other"), _archive()[:-400]])
def test_what_is_no_archive_of_the_program_is_thrown_away(
    release: Release, tmp_path: Path, archive: bytes
) -> None:
    release.archive = archive

    with pytest.raises(ServerError, match="no archive with a program"):
        _install(release, tmp_path, Person())

    assert list(tmp_path.iterdir()) == []


def test_without_a_network_it_says_what_to_do_instead(tmp_path: Path) -> None:
    person = Person()

    with pytest.raises(ServerError, match="cannot fetch") as failed:
        _install(Release(url="http://127.0.0.1:9"), tmp_path, person)

    assert "WEAVCLIP_WEAVIATE_URL" in failed.value.hint
    assert "Docker" in failed.value.hint
    assert person.questions == []


@pytest.mark.parametrize(
    ("system", "machine", "name"),
    [
        ("Linux", "x86_64", "weaviate-v1.39.0-Linux-amd64.tar.gz"),
        ("Linux", "aarch64", "weaviate-v1.39.0-Linux-arm64.tar.gz"),
        ("Darwin", "arm64", "weaviate-v1.39.0-Darwin-all.zip"),
    ],
)
def test_each_platform_has_its_archive(system: str, machine: str, name: str) -> None:
    assert binary.archive_name(system=system, machine=machine) == name


@pytest.mark.parametrize(("system", "machine"), [("Windows", "AMD64"), ("Linux", "riscv64")])
def test_a_platform_without_a_program_is_told_of_docker(system: str, machine: str) -> None:
    with pytest.raises(ServerError, match=system) as refused:
        binary.archive_name(system=system, machine=machine)

    assert "Docker" in refused.value.hint


def test_the_clients_cache_folder_is_looked_into(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", "/caches")

    assert binary.default_folders() == (
        Path("/caches"),
        Path.home() / ".cache" / "weaviate-embedded",
    )


def test_on_windows_docker_is_named_and_nothing_is_asked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("weavclip.index.server.binary.is_supported", lambda: False)
    person = Person()

    with pytest.raises(ServerError, match="no program for Windows") as refused:
        ProgramWay(tmp_path).prepare(confirm=person.confirm, progress=person.progress)

    assert "Docker Desktop" in refused.value.hint
    assert person.questions == []
