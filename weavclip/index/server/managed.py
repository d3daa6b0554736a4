"""The Weaviate that weavclip manages: up, down, status, logs, and back after a reboot."""

from __future__ import annotations

import time
from dataclasses import asdict, replace
from typing import TYPE_CHECKING

from weavclip.domain.errors import ServerError
from weavclip.index.server import compose, exposure, logs
from weavclip.index.server import state as states
from weavclip.index.server.console import check_origin
from weavclip.index.server.endpoint import DEFAULT_TIMEOUT_S, Endpoint
from weavclip.index.server.private import KEY_FILE, load_secrets, locked, private_folder
from weavclip.index.server.program import ProgramWay
from weavclip.index.server.state import State
from weavclip.index.server.status import (
    ServerStatus,
    condition,
    is_ready,
    size_of,
    version_of,
)
from weavclip.index.server.table import LOOPBACK
from weavclip.index.server.way import Launch

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from weavclip.domain.ports import StopSignal
    from weavclip.index.server.fetch import Progress
    from weavclip.index.server.table import Ports
    from weavclip.index.server.way import Way

START_TIMEOUT_S = 120.0  # a store of a million clips reads its vectors first
_LOCK_TIMEOUT_S = 10.0
_PAUSE_S = 0.1
_LAST_LINES = 5


def say_nothing(what: str, fraction: float | None) -> None:
    """Progress that nobody looks at."""
    del what, fraction


class ManagedServer:
    """One Weaviate a data folder, on this machine, for this person.

    It outlives the command or engine that started it. Not guaranteed: where a service manager
    ends a whole group of processes with the one that started the server, it ends too, and
    :meth:`ensure_running` brings it back.
    """

    def __init__(
        self,
        data_dir: Path,
        *,
        port: int,
        grpc_port: int,
        console_origin: str = "",
        timeout_s: float = DEFAULT_TIMEOUT_S,
    ) -> None:
        """Touch nothing yet.

        Args:
            data_dir: weavclip's data folder; the server's is ``server`` in it, mode 0700.
            port: HTTP port, loopback.
            grpc_port: gRPC port.
            console_origin: Web origin that may read it; empty for none.
            timeout_s: Longest wait for an answer that its endpoint asks for, in seconds.

        Raises:
            SettingsError: If ``console_origin`` is no web origin.
        """
        self._folder = data_dir / "server"
        self._port, self._grpc_port = port, grpc_port
        self._console_origin = check_origin(console_origin)
        self._timeout_s = timeout_s
        self._program = ProgramWay(self._folder)
        self._compose = compose.ComposeWay(self._folder)

    @property
    def key_file(self) -> Path:
        """Where the generated API key is, mode 0600."""
        return self._folder / KEY_FILE

    def up(
        self,
        *,
        confirm: Callable[[str], bool],
        progress: Progress = say_nothing,
        timeout_s: float = START_TIMEOUT_S,
    ) -> ServerStatus:
        """Start it and wait until it is ready; a second call changes nothing.

        A running one with other settings (ports, console) is restarted with the present ones.

        Args:
            confirm: Answers a question such as whether to download 105 MB.
            progress: Told what is being done and how far it is.
            timeout_s: Longest wait for a started server, in seconds.

        Raises:
            RefusedError: If a download is needed and the answer was no.
            ServerError: If it cannot be fetched or started, or died.
        """
        with locked(self._folder, within_s=_LOCK_TIMEOUT_S):
            was_running = self._is_up_as_asked()
            if not was_running:
                self._restart(confirm=confirm, progress=progress)
        self._await_ready(progress=progress, timeout_s=timeout_s)
        return replace(self.status(), was_running=was_running)

    def down(self) -> bool:
        """End it; whether it ran. It stays down until the next :meth:`up`.

        Raises:
            ServerError: If it does not end.
        """
        if not self._folder.exists():
            return False
        with locked(self._folder, within_s=_LOCK_TIMEOUT_S):
            state = states.load(self._folder)
            if state is None:
                return False
            ran = self._way(state).is_running(state)
            states.save(self._folder, replace(state, wanted=False))
            if ran:
                self._way(state).stop(state)
            return ran

    def remove(self) -> bool:
        """End it, and remove all that it kept; whether there was anything.

        Raises:
            ServerError: If it does not end, or its files cannot be removed.
        """
        state = states.load(self._folder)
        if state is None:
            return False
        self.down()
        self._way(state).remove()
        return True

    def status(self) -> ServerStatus:
        """How it is; asks the server itself and waits 2 s at most."""
        state = states.load(self._folder)
        if state is None:
            return ServerStatus(state="stopped", key_file=self.key_file)
        endpoint = self._endpoint(state)
        runs = self._way(state).is_running(state)
        version = version_of(endpoint) if runs else ""
        return ServerStatus(
            state=condition(wanted=state.wanted, runs=runs, ready=bool(version)),
            way=state.way,
            url=endpoint.url,
            grpc_url=endpoint.grpc_url,
            version=version,
            pid=state.process.pid if state.process and runs else None,
            key_file=self.key_file,
            data_bytes=size_of(self._way(state).data_path()),
        )

    def logs(self, *, lines: int = 50, stop: StopSignal | None = None) -> Iterator[str]:
        """The last lines of its log; with ``stop`` new ones too, until then."""
        state = states.load(self._folder)
        return iter(()) if state is None else self._way(state).logs(lines=lines, stop=stop)

    def exposed_ports(self) -> list[tuple[str, bool]]:
        """Which of its ports other machines reach now, and whether each asks for a credential.

        Looked up in what really listens, on Linux; empty elsewhere.
        """
        state = states.load(self._folder)
        return [] if state is None else exposure.exposed(asdict(state.ports), exposure.listeners())

    def is_wanted(self) -> bool:
        """Whether the person had it up and did not take it down, be it running or not."""
        state = states.load(self._folder)
        return state is not None and state.wanted

    def endpoint(self) -> Endpoint | None:
        """How to reach it; None unless the person had it up and our process lives.

        Whoever else took its port meanwhile would get the key from a client that connects. Whether
        it is ready is not asked, nor is the Docker engine, which answers slowly.
        """
        state = states.load(self._folder)
        if state is None or not state.wanted:
            return None
        if state.process is not None and not self._way(state).is_running(state):
            return None
        return self._endpoint(state)

    def ensure_running(self) -> Endpoint | None:
        """Start it again if the person had it up and it is gone; returns before it is ready.

        Returns:
            How to reach it; None when it is not wanted.

        Raises:
            ServerError: If it cannot be started, such as when its port is taken. Nothing is
                ever downloaded here.
        """
        state = states.load(self._folder)
        if state is None or not state.wanted:
            return None
        with locked(self._folder, within_s=_LOCK_TIMEOUT_S):
            logs.rotate(self._folder / logs.LOG_FILE)
            state = states.load(self._folder)
            if state is None or not state.wanted:
                return None
            way = self._way(state)
            if not way.is_running(state):
                state = self._start(way, before=state)
            return self._endpoint(state)

    def _way(self, state: State) -> Way:
        return self._compose if state.way == self._compose.name else self._program

    def _is_up_as_asked(self) -> bool:
        state = states.load(self._folder)
        if state is None or not state.wanted or not self._way(state).is_running(state):
            return False
        asked = replace(state.ports, http=self._port, grpc=self._grpc_port)
        return state.settings == states.digest(self._launch(self._way(state), asked).environ)

    def _restart(self, *, confirm: Callable[[str], bool], progress: Progress) -> None:
        before = states.load(self._folder)
        way = self._way(before) if before else self._choose()
        if before and way is self._compose and not compose.engine_answers():
            message = "the Docker engine that has Weaviate's data does not answer"
            hint = f"start it, or remove {self._folder} to go on without it and fill a new index"
            raise ServerError(message, hint=hint)
        way.prepare(confirm=confirm, progress=progress)
        if before and way.is_running(before):
            progress("restarting Weaviate with the changed settings", None)
            way.stop(before)
        self._start(way, before=before)

    def _choose(self) -> Way:
        return self._compose if compose.engine_answers() else self._program

    def _start(self, way: Way, *, before: State | None) -> State:
        private_folder(self._folder)
        kept = before.ports if before else None
        launch = self._launch(way, way.ports(http=self._port, grpc=self._grpc_port, kept=kept))
        state = State(
            wanted=True,
            way=way.name,
            ports=launch.ports,
            settings=states.digest(launch.environ),
            process=way.start(launch),
        )
        states.save(self._folder, state)
        return state

    def _launch(self, way: Way, ports: Ports) -> Launch:
        secrets = load_secrets(self._folder)
        environ = way.settings(ports=ports, secrets=secrets, console_origin=self._console_origin)
        return Launch(
            ports=ports, secrets=secrets, environ=environ, console_origin=self._console_origin
        )

    def _endpoint(self, state: State) -> Endpoint:
        return Endpoint(
            http_host=LOOPBACK,
            http_port=state.ports.http,
            grpc_host=LOOPBACK,
            grpc_port=state.ports.grpc,
            api_key=load_secrets(self._folder).api_key,
            timeout_s=self._timeout_s,
        )

    def _await_ready(self, *, progress: Progress, timeout_s: float) -> None:
        state = states.load(self._folder)
        assert state is not None
        end = time.monotonic() + timeout_s
        while not is_ready(self._endpoint(state)):
            if not self._way(state).is_running(state):
                state = self._moved(state)
            if time.monotonic() > end:
                message = f"Weaviate is not ready after {timeout_s:.0f} s"
                raise ServerError(message, hint="weavclip server logs")
            progress("starting Weaviate", None)
            time.sleep(_PAUSE_S)

    def _moved(self, state: State) -> State:
        """Start it anew where somebody took a port of its own before it could.

        Raises:
            ServerError: If it ended for another reason.
        """
        way, ports = self._way(state), state.ports
        if way.ports(http=ports.http, grpc=ports.grpc, kept=ports) == ports:
            raise self._death(state)
        with locked(self._folder, within_s=_LOCK_TIMEOUT_S):
            return self._start(way, before=state)

    def _death(self, state: State) -> ServerError:
        states.save(self._folder, replace(state, wanted=False))
        last = "\n  ".join(self._way(state).logs(lines=_LAST_LINES, stop=None))
        return ServerError(
            f"Weaviate ended while it started\n  {last}", hint="weavclip server logs"
        )
