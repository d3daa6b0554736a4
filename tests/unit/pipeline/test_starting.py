from __future__ import annotations

import gc
import os
import sys
import threading
import warnings
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import psutil
import pytest

from tests.waiting import WITHIN_S, until
from weavclip.domain.errors import EngineError
from weavclip.pipeline.alone import alone
from weavclip.pipeline.rpc import Door
from weavclip.pipeline.starting import ENGINE_LOCK, EngineStarter

if TYPE_CHECKING:
    from pathlib import Path


def test_an_engine_that_cannot_start_says_why(tmp_path: Path) -> None:
    environ = {"WEAVCLIP_DATA_DIR": str(tmp_path), "WEAVCLIP_CONFIG": os.devnull}
    starter = EngineStarter(
        tmp_path / "run", tmp_path, environ={**environ, "WEAVCLIP_MODEL": "absent"}
    )

    with pytest.raises(EngineError) as caught:
        starter.ask("state")

    assert str(caught.value) == "the engine cannot start: the model absent is not installed"
    assert caught.value.hint == "'weavclip model list' names every model"


def test_an_engine_outlives_who_started_it_and_is_no_zombie_when_it_ends(tmp_path: Path) -> None:
    gc.collect()  # what other tests left says nothing of this one
    forever = (sys.executable, "-c", "import signal; signal.sigwait([signal.SIGINT])")
    before = set(psutil.Process().children())
    starter = EngineStarter(tmp_path / "run", tmp_path, environ={}, outliving=lambda: forever)

    starter.wake()
    with warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always")
        del starter
        gc.collect()
    (engine,) = set(psutil.Process().children()) - before
    engine.kill()

    until(lambda: not engine.is_running())
    assert told == []


def test_an_engine_that_is_only_starting_is_waited_for_and_ended(
    tmp_path: Path, runtime_dir: Path
) -> None:
    starter = EngineStarter(runtime_dir, tmp_path, environ={})
    leaves = threading.Event()
    door = Door(runtime_dir, {"stop": lambda _: leaves.set()})
    with ThreadPoolExecutor(1) as other:
        with alone(tmp_path / ENGINE_LOCK, what="an engine"):
            stopping = other.submit(starter.stop)
            door.open()
            assert leaves.wait(WITHIN_S)
            door.close()
            assert not stopping.done()  # its lock is what it leaves last
        assert stopping.result(WITHIN_S)
