"""How Docker's command line is used: with one that writes down what it was asked.

No engine is at hand where these run; the file itself is checked in test_compose_file.py.
"""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING, Any

import pytest

from weavclip.domain.errors import RefusedError, ServerError
from weavclip.index.server import compose, table
from weavclip.index.server import state as states
from weavclip.index.server.managed import ManagedServer
from weavclip.index.server.private import private_folder
from weavclip.index.server.state import State
from weavclip.index.server.version import IMAGE
from weavclip.index.server.way import Launch

if TYPE_CHECKING:
    from pathlib import Path

PORTS = table.Ports(http=8090, grpc=50061, gossip=7946, peers=7947, raft=8300, raft_rpc=8301)
SECRETS = table.Secrets(api_key="the-key", cluster_password="the-password")  # noqa: S106
STATE = State(wanted=True, way="compose", ports=PORTS, settings="")
DOCKER = """#!{python}
import json, os, sys
with open({seen!r}, "a") as file:
    file.write(json.dumps([sys.argv[1:], dict(os.environ)]) + "\\n")
for words, (code, out) in {answers!r}.items():
    if words in " ".join(sys.argv[1:]):
        print(out, file=sys.stderr if code else sys.stdout)
        sys.exit(code)
"""


class Docker:
    """A command ``docker`` that answers as told and keeps what it was asked."""

    def __init__(self, folder: Path) -> None:
        self._program, self._seen = folder / "docker", folder / "seen"

    def answers(self, **by_words: tuple[int, str]) -> None:
        """Exit code and output for a command line with these words (``_`` for a blank)."""
        answers = {words.replace("_", " "): given for words, given in by_words.items()}
        text = DOCKER.format(python=sys.executable, seen=str(self._seen), answers=answers)
        self._program.write_text(text)
        self._program.chmod(0o755)

    @property
    def asked(self) -> list[tuple[list[str], dict[str, Any]]]:
        return [json.loads(line) for line in self._seen.read_text().splitlines()]


@pytest.fixture
def docker(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Docker:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setenv("WEAVCLIP_ROBOFLOW_API_KEY", "ours")
    monkeypatch.setenv("DOCKER_HOST", "unix:///nowhere")
    made = Docker(tmp_path)
    made.answers()
    return made


def _launch(way: compose.ComposeWay) -> Launch:
    ports = way.ports(http=8090, grpc=50061, kept=None)
    environ = way.settings(ports=ports, secrets=SECRETS, console_origin="")
    return Launch(ports=ports, secrets=SECRETS, environ=environ, console_origin="")


def test_an_engine_answers_only_with_its_compose_command(docker: Docker) -> None:
    both = compose.engine_answers()
    docker.answers(compose_version=(1, "unknown command"))
    without_compose = compose.engine_answers()
    docker.answers(info=(1, "Cannot connect"))
    without_engine = compose.engine_answers()

    assert (both, without_compose, without_engine) == (True, False, False)


def test_without_the_command_there_is_no_engine(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))

    assert not compose.engine_answers()


def test_up_hands_the_secrets_by_environment_never_by_argument(
    docker: Docker, tmp_path: Path
) -> None:
    way = compose.ComposeWay(tmp_path)

    way.start(_launch(way))

    arguments, environ = docker.asked[0]
    assert arguments[-3:] == ["up", "--detach", "weaviate"]
    assert arguments[:2] == ["compose", "-p"]
    assert arguments[4] == str(compose.compose_file())
    assert not any("the-" in argument for argument in arguments)
    assert environ["WEAVCLIP_WEAVIATE_API_KEY"] == "the-key"
    assert environ["WEAVIATE_CLUSTER_PASSWORD"] == "the-password"  # noqa: S105
    assert environ["WEAVCLIP_SERVER_PORT"] == "8090"
    assert environ["WEAVCLIP_CONSOLE_ORIGIN"] == "http://127.0.0.1:8090"
    assert environ["DOCKER_HOST"] == "unix:///nowhere"
    assert "WEAVCLIP_ROBOFLOW_API_KEY" not in environ


def test_every_variable_that_the_file_must_have_is_given(tmp_path: Path) -> None:
    way = compose.ComposeWay(tmp_path)
    text = compose.compose_file().read_text(encoding="utf-8")

    missing = [name for name in _launch(way).environ if "${" + name not in text]

    assert missing == []


def test_two_data_folders_are_two_projects(docker: Docker, tmp_path: Path) -> None:
    docker.answers(ps=(0, "3f9a"))
    for folder in ("a", "b"):
        assert compose.ComposeWay(tmp_path / folder).is_running(STATE)

    first, second = (arguments[2] for arguments, _ in docker.asked)

    assert first != second
    assert first.startswith("weavclip-")


def test_an_engine_that_is_gone_runs_nothing(docker: Docker, tmp_path: Path) -> None:
    docker.answers(ps=(1, "Cannot connect to the Docker daemon"))

    assert not compose.ComposeWay(tmp_path).is_running(STATE)


def test_what_docker_says_is_in_the_error(docker: Docker, tmp_path: Path) -> None:
    docker.answers(up=(1, "Bind for 127.0.0.1:8090 failed: port is already allocated"))
    way = compose.ComposeWay(tmp_path)

    with pytest.raises(ServerError, match="port is already allocated"):
        way.start(_launch(way))


def test_down_keeps_the_volume(docker: Docker, tmp_path: Path) -> None:
    compose.ComposeWay(tmp_path).stop(STATE)

    assert docker.asked[0][0][-1] == "down"


def test_the_image_is_pulled_after_a_yes_only(docker: Docker, tmp_path: Path) -> None:
    docker.answers(image_inspect=(1, "No such image"))
    way = compose.ComposeWay(tmp_path)
    questions: list[str] = []

    def yes(question: str) -> bool:
        questions.append(question)
        return True

    with pytest.raises(RefusedError):
        way.prepare(confirm=lambda _: False, progress=lambda *_: None)
    refused = len(docker.asked)
    way.prepare(confirm=yes, progress=lambda *_: None)

    assert refused == 1
    assert docker.asked[-1][0] == ["pull", "--quiet", IMAGE]
    assert IMAGE in questions[0]
    assert "105 MB" in questions[0]


def test_an_image_that_is_there_needs_no_question(docker: Docker, tmp_path: Path) -> None:
    def never(question: str) -> bool:
        raise AssertionError(question)

    compose.ComposeWay(tmp_path).prepare(confirm=never, progress=lambda *_: None)

    assert [arguments[:2] for arguments, _ in docker.asked] == [["image", "inspect"]]


def test_its_log_is_asked_of_the_engine(docker: Docker, tmp_path: Path) -> None:
    docker.answers(logs=(0, "one\ntwo"))

    lines = list(compose.ComposeWay(tmp_path).logs(lines=2, stop=None))

    assert lines == ["one", "two"]


def test_data_in_an_engine_that_does_not_answer_are_not_replaced_silently(
    docker: Docker, tmp_path: Path
) -> None:
    docker.answers(info=(1, "Cannot connect"), ps=(1, "Cannot connect"))
    states.save(private_folder(tmp_path / "server"), STATE)
    server = ManagedServer(tmp_path, port=8090, grpc_port=50061)

    with pytest.raises(ServerError, match="the Docker engine that has Weaviate's data") as failed:
        server.up(confirm=lambda _: False)

    assert "fill a new index" in failed.value.hint
    assert server.status().state == "died"
