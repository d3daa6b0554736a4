"""The managed server by Docker Compose, from the project's docker-compose.yml."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

import weavclip
from weavclip.domain.errors import RefusedError, ServerError
from weavclip.index.server import table
from weavclip.index.server.version import APPROXIMATE_DOWNLOAD_BYTES, IMAGE, WEAVIATE_VERSION

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from weavclip.domain.ports import StopSignal
    from weavclip.index.server.fetch import Progress
    from weavclip.index.server.state import State
    from weavclip.index.server.way import Launch

SERVICE = "weaviate"
# What the command line of Docker itself needs to find its engine.
_PASSED_ON = (
    "PATH",
    "HOME",
    "USERPROFILE",
    "SYSTEMROOT",
    "XDG_RUNTIME_DIR",
    "DOCKER_HOST",
    "DOCKER_CONTEXT",
    "DOCKER_CONFIG",
    "DOCKER_CERT_PATH",
    "DOCKER_TLS_VERIFY",
)
_INSIDE = table.Ports(http=0, grpc=0, gossip=7946, peers=7947, raft=8300, raft_rpc=8301)
_ANSWER_TIMEOUT_S = 3.0
_COMMAND_TIMEOUT_S = 60.0
_PULL_TIMEOUT_S = 1800.0
_LAST_LINES = 5
_MEGABYTE = 1_000_000


def compose_file() -> Path:
    """docker-compose.yml: in the wheel beside the assets, in a checkout at its root."""
    package = Path(weavclip.__file__).parent
    shipped = package / "assets" / "docker-compose.yml"
    return shipped if shipped.exists() else package.parent / "docker-compose.yml"


def engine_answers() -> bool:
    """Whether a Docker engine and its compose command answer within 3 s each."""
    if shutil.which("docker") is None:
        return False
    return all(
        _succeeds(["docker", *words])
        for words in (("info", "--format", "{{.ServerVersion}}"), ("compose", "version"))
    )


def _succeeds(command: Sequence[str]) -> bool:
    try:
        done = subprocess.run(
            command, capture_output=True, check=False, timeout=_ANSWER_TIMEOUT_S, env=_passed_on()
        )
    except (OSError, subprocess.TimeoutExpired):
        return False
    return done.returncode == 0


def _passed_on() -> dict[str, str]:
    return {name: os.environ[name] for name in _PASSED_ON if name in os.environ}


class ComposeWay:
    """Runs the service ``weaviate`` of docker-compose.yml, one project a data folder."""

    name = "compose"

    def __init__(self, folder: Path) -> None:
        """Look at nothing yet; ``folder`` is the managed server's."""
        self._folder = folder
        digest = hashlib.sha256(str(folder).encode()).hexdigest()[:8]
        self._command = (
            "docker",
            "compose",
            "-p",
            f"weavclip-{digest}",
            "-f",
            str(compose_file()),
        )

    def data_path(self) -> None:
        """The engine keeps them in a volume."""

    def ports(self, *, http: int, grpc: int, kept: table.Ports | None) -> table.Ports:
        """The server's own ports are the image's, inside the container."""
        del kept
        return table.Ports(
            http=http,
            grpc=grpc,
            gossip=_INSIDE.gossip,
            peers=_INSIDE.peers,
            raft=_INSIDE.raft,
            raft_rpc=_INSIDE.raft_rpc,
        )

    def settings(
        self, *, ports: table.Ports, secrets: table.Secrets, console_origin: str
    ) -> dict[str, str]:
        """What docker-compose.yml asks for; it has the table's settings itself."""
        return {
            "WEAVCLIP_WEAVIATE_API_KEY": secrets.api_key,
            "WEAVIATE_CLUSTER_PASSWORD": secrets.cluster_password,
            "WEAVCLIP_SERVER_PORT": str(ports.http),
            "WEAVCLIP_SERVER_GRPC_PORT": str(ports.grpc),
            "WEAVCLIP_CONSOLE_ORIGIN": table.allowed_origin(
                console_origin=console_origin, port=ports.http
            ),
        }

    def prepare(self, *, confirm: Callable[[str], bool], progress: Progress) -> None:
        """Pull the image where it is missing."""
        if _succeeds(["docker", "image", "inspect", IMAGE]):
            return
        megabytes = APPROXIMATE_DOWNLOAD_BYTES / _MEGABYTE
        if not confirm(
            f"download Weaviate {WEAVIATE_VERSION} ({IMAGE}, about {megabytes:.0f} MB)?"
        ):
            message = f"Weaviate {WEAVIATE_VERSION} was not downloaded"
            raise RefusedError(message, hint="search works without it, exactly over the journal")
        progress(f"pulling {IMAGE}", None)
        _run(["docker", "pull", "--quiet", IMAGE], environ={}, timeout_s=_PULL_TIMEOUT_S)

    def start(self, launch: Launch) -> None:
        """Create and start the container; the engine brings it back after a reboot."""
        _run([*self._command, "up", "--detach", SERVICE], environ=launch.environ)

    def stop(self, state: State) -> None:
        """Remove the container; its volume stays."""
        del state
        _run([*self._command, "down"], environ=self._placeholders())

    def remove(self) -> None:
        """Remove the container and the volume with all that Weaviate kept."""
        _run([*self._command, "down", "--volumes"], environ=self._placeholders())

    def is_running(self, state: State) -> bool:
        """Whether the engine says so; an engine that is gone runs nothing."""
        del state
        command = [*self._command, "ps", "--quiet", "--status", "running", SERVICE]
        try:
            return bool(_run(command, environ=self._placeholders()).strip())
        except ServerError:
            return False

    def logs(self, *, lines: int, stop: StopSignal | None) -> Iterator[str]:
        """What the engine kept."""
        command = [*self._command, "logs", "--no-log-prefix", "--tail", str(lines)]
        if stop is None:
            yield from _run([*command, SERVICE], environ=self._placeholders()).splitlines()
        else:
            yield from self._follow([*command, "--follow", SERVICE], stop=stop)

    def _follow(self, command: Sequence[str], *, stop: StopSignal) -> Iterator[str]:
        environ = {**_passed_on(), **self._placeholders()}
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environ) as running:
            assert running.stdout is not None
            for line in running.stdout:
                yield line.rstrip("\n")
                if stop.is_set():
                    break
            running.terminate()

    def _placeholders(self) -> dict[str, str]:
        # Compose reads the whole file for any command; only `up` needs the real values.
        absent = table.Secrets(api_key="-", cluster_password="-")  # noqa: S106 - no password
        return self.settings(ports=_INSIDE, secrets=absent, console_origin="-")


def _run(
    command: Sequence[str], *, environ: Mapping[str, str], timeout_s: float = _COMMAND_TIMEOUT_S
) -> str:
    try:
        done = subprocess.run(
            command,
            capture_output=True,
            text=True,
            check=False,
            timeout=timeout_s,
            env={**_passed_on(), **environ},
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        message = f"'{command[0]} {command[1]}' failed: {error.__class__.__name__}"
        raise ServerError(message, hint="look at it with: docker info") from error
    if done.returncode:
        last = "; ".join(done.stderr.strip().splitlines()[-_LAST_LINES:])
        message = f"'{command[0]} {command[1]}' failed: {last}"
        raise ServerError(message, hint="look at it with: docker info")
    return done.stdout
