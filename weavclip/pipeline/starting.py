"""Starting the engine as a process of its own, and asking it."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
from typing import TYPE_CHECKING, Any

from weavclip.domain.errors import EngineError
from weavclip.pipeline import logs, rpc
from weavclip.pipeline.alone import is_held

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

    from weavclip.domain.query import Answer, Query

START_WITHIN_S = 60.0  # a slow or busy machine takes its time
ANSWER_WITHIN_S = 120.0
LOOK_EVERY_S = 0.01
WAKE_WITHIN_S = 5.0
ENGINE_LOCK = "engine.lock"
"""In the data folder: the engine holds it from before it reads the settings until it is gone."""
SAYS, TRIES = "weavclip: ", "  try: "
"""How a command that failed begins its lines on stderr."""


class EngineStarter:
    """Starts the engine of one data folder, or finds it running."""

    def __init__(
        self,
        runtime_dir: Path,
        data_dir: Path,
        *,
        environ: Mapping[str, str],
        outliving: Callable[[], Sequence[str]] = tuple,
    ) -> None:
        """Name the folders.

        Args:
            runtime_dir: Of the engine's socket.
            data_dir: Of all data.
            environ: Added to this process's environment for the engine: the settings that were
                given as options.
            outliving: What to put before the engine's command so that the engine stays when a
                service manager ends this process; asked for at each start.
        """
        self._runtime_dir = runtime_dir
        self._data_dir = data_dir
        self._environ = environ
        self._outliving = outliving
        self._process: subprocess.Popen[bytes] | None = None

    def wake(self) -> None:
        """Nudge the engine, or start it and return without waiting for it.

        Raises:
            OSError: If no process can be started.
        """
        try:
            rpc.call(self._runtime_dir, "wake", timeout_s=WAKE_WITHIN_S)
        except ConnectionError:
            self._start()
        except EngineError:
            return  # it is busy, so it is awake

    def ask(self, name: str, argument: object = None) -> Any:  # noqa: ANN401 - as rpc.call
        """Ask the engine, and start it first when none runs.

        Raises:
            EngineError: If it cannot be started, or does not answer in time.
            WeavclipError: Whatever the engine raised.
        """
        deadline = time.monotonic() + START_WITHIN_S
        while True:
            try:
                return self.ask_running(name, argument)
            except ConnectionError:
                if self._process is None:
                    self._start()
                self._check(deadline)
            time.sleep(LOOK_EVERY_S)

    def ask_running(self, name: str, argument: object = None) -> Any:  # noqa: ANN401 - as rpc.call
        """Ask the engine if one runs.

        Raises:
            ConnectionError: If none does.
            EngineError: If it does not answer in time.
            WeavclipError: Whatever the engine raised.
        """
        return rpc.call(self._runtime_dir, name, argument, timeout_s=ANSWER_WITHIN_S)

    def stop(self) -> bool:
        """End the engine, and wait until it is gone; whether one ran.

        One that is starting is waited for, until it can be told.

        Raises:
            EngineError: If it is still there after 60 s.
        """
        ran = False
        end = time.monotonic() + START_WITHIN_S
        while time.monotonic() < end:
            try:
                self.ask_running("stop")
                ran = True
            except ConnectionError:
                if not is_held(self._data_dir / ENGINE_LOCK):
                    return ran
            except EngineError:
                ran = True  # it broke off, since it leaves
            time.sleep(LOOK_EVERY_S)
        if not ran:  # held by who keeps engines away, such as a restore
            return False
        message = f"the engine did not leave within {START_WITHIN_S:.0f} s"
        raise EngineError(message, hint="read its log in the data folder")

    def _check(self, deadline: float) -> None:
        code = self._process.poll() if self._process else None
        if code == 0:  # another one held the lock: it answers in a moment, or was about to leave
            self._process = None
        elif code is not None:
            raise self._ended(code)
        if time.monotonic() > deadline:
            message = f"the engine did not answer within {START_WITHIN_S:.0f} s of its start"
            raise EngineError(message, hint="try --no-engine, and read the engine's log")

    def _ended(self, code: int) -> EngineError:
        """What the engine said as it ended, if it knew why; else where to read more."""
        said = self._errors.read_text(errors="replace").splitlines()
        known = [line.removeprefix(SAYS) for line in said if line.startswith(SAYS)]
        if known:
            hints = [line.removeprefix(TRIES) for line in said if line.startswith(TRIES)]
            return EngineError(f"the engine cannot start: {known[-1]}", hint="".join(hints[-1:]))
        message = f"the engine ended with exit code {code} while it started"
        return EngineError(message, hint=f"read {self._errors}")

    @property
    def _errors(self) -> Path:
        return logs.log_path(self._data_dir, "engine").with_suffix(".err")

    def _start(self) -> None:
        if self._process is not None and self._process.poll() is None:
            return  # it is starting
        self._errors.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        fd = os.open(self._errors, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(fd, "wb") as stderr:
            process = subprocess.Popen(
                [*self._outliving(), sys.executable, "-m", "weavclip", "engine"],
                env={**os.environ, **self._environ},
                stdin=subprocess.DEVNULL,
                stdout=stderr,
                stderr=stderr,
                start_new_session=True,
                cwd=self._data_dir,
            )
        self._process = process
        # It outlives this object, and in an agent that runs for weeks it must not end as a zombie.
        threading.Thread(target=process.wait, name="engine", daemon=True).start()


class RemoteSearcher:
    """Answers by asking the engine."""

    def __init__(self, starter: EngineStarter) -> None:
        """Ask through ``starter``."""
        self._starter = starter

    def run(self, query: Query) -> Answer:
        """The engine's answer.

        Raises:
            WeavclipError: Whatever the engine raised.
        """
        answer: Answer = self._starter.ask("search", query)
        return answer
