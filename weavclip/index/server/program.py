"""The managed server as a process of its own, from the program on disk."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

from weavclip.domain.errors import ServerError
from weavclip.index.server import binary, logs, ports, process, table
from weavclip.index.server.private import private_folder

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from weavclip.domain.ports import StopSignal
    from weavclip.index.server.fetch import Progress
    from weavclip.index.server.process import Identity
    from weavclip.index.server.state import State
    from weavclip.index.server.way import Launch

_STOP_TIMEOUT_S = 30.0  # it flushes its memtables: 1.4 s when empty
_DATA_FOLDER = "weaviate"


class ProgramWay:
    """Runs the server's program; it outlives whoever started it."""

    name = "program"

    def __init__(self, folder: Path) -> None:
        """Look at nothing yet; ``folder`` is the managed server's."""
        self._folder = folder
        self._programs = binary.default_folders()

    def data_path(self) -> Path:
        """Where the server keeps its files."""
        return self._folder / _DATA_FOLDER

    def ports(self, *, http: int, grpc: int, kept: table.Ports | None) -> table.Ports:
        """Choose four internal ports: the same ones as before while they are free."""
        before = kept.internal if kept else ()
        gossip, peers, raft, rpc = ports.internal_ports(self._folder, kept=before)
        return table.Ports(
            http=http, grpc=grpc, gossip=gossip, peers=peers, raft=raft, raft_rpc=rpc
        )

    def settings(
        self, *, ports: table.Ports, secrets: table.Secrets, console_origin: str
    ) -> dict[str, str]:
        """The table's settings; nothing of our own environment."""
        return table.environment(
            ports=ports,
            secrets=secrets,
            console_origin=console_origin,
            data_path=self.data_path(),
        )

    def prepare(self, *, confirm: Callable[[str], bool], progress: Progress) -> None:
        """Download the program where it is missing."""
        if not binary.is_supported():
            message = "Weaviate has no program for Windows, and no Docker engine answers"
            raise ServerError(message, hint="start Docker Desktop, or set WEAVCLIP_WEAVIATE_URL")
        if binary.find(self._programs) is None:
            binary.install(folder=self._programs[-1], confirm=confirm, progress=progress)

    def start(self, launch: Launch) -> Identity:
        """Start it, or take over the one that a killed command of ours left behind."""
        adopted = self._left_behind(launch.ports.http)
        if adopted is not None:
            return adopted
        program = binary.find(self._programs)
        if program is None:
            message = f"the program of Weaviate is not in {self._programs[-1]}"
            raise ServerError(message, hint="weavclip server up")
        ports.require_free(launch.ports.http, setting="server_port", everywhere=False)
        ports.require_free(launch.ports.grpc, setting="server_grpc_port", everywhere=True)
        private_folder(self.data_path())
        log_file = self._folder / logs.LOG_FILE
        logs.rotate(log_file)
        where = ["--scheme", "http", "--host", table.LOOPBACK, "--port", str(launch.ports.http)]
        return process.spawn(
            [str(program), *where],
            environ=launch.environ,
            folder=self._folder,
            log_file=log_file,
        )

    def _left_behind(self, port: int) -> Identity | None:
        found = ports.holder(port)
        if found is None or not process.runs_in(found.pid, self._folder):
            return None
        return process.identity_of(found.pid)

    def stop(self, state: State) -> None:
        """End our process, never another that got its number."""
        if state.process is not None:
            process.end(state.process, within_s=_STOP_TIMEOUT_S)

    def remove(self) -> None:
        """Remove what the server kept; its program stays where weaviate-client keeps it."""
        shutil.rmtree(self.data_path(), ignore_errors=True)

    def is_running(self, state: State) -> bool:
        """Whether our process lives."""
        return state.process is not None and process.is_alive(state.process)

    def logs(self, *, lines: int, stop: StopSignal | None) -> Iterator[str]:
        """Lines of the log file."""
        log_file = self._folder / logs.LOG_FILE
        if stop is None:
            return iter(logs.tail(log_file, lines=lines))
        return logs.follow(log_file, lines=lines, stop=stop)
