"""The disk is full while a backup or an export is written to it."""

from __future__ import annotations

import os
import subprocess
from typing import TYPE_CHECKING

from scripts.benchmarks.full.disk import disk
from scripts.benchmarks.home import corrupt, home
from scripts.benchmarks.rows import Row
from tests.e2e.programs import WEAVCLIP
from weavclip import wiring

if TYPE_CHECKING:
    from collections.abc import Iterator

    from scripts.benchmarks.full.disk import Disk
    from weavclip.settings import Settings

_DISK_MB, _LEAVE_BYTES = 64, 2_000_000
_CLIPS, _CLIP_BYTES = 40, 200_000
_SAYS = ("space", "full")


def rows() -> Iterator[Row]:
    """Each command fails in words and leaves nothing; with room it does what it is to."""
    with disk(_DISK_MB) as small, home(model="") as used:
        _fill(used)
        for command in ("backup", "export"):
            yield from _saved(command, used, small)
        yield Row(stage="corrupt", n=_CLIPS, median=corrupt(used.data_dir), unit="", note="0")


def _fill(used: Settings) -> None:
    path = used.data_dir.parent / "next.txt"
    with wiring.open_ingest(used) as ingest:
        for number in range(_CLIPS):
            path.write_text(f"{number} {os.urandom(_CLIP_BYTES // 2).hex()}")
            ingest.take_file(path)


def _saved(command: str, used: Settings, small: Disk) -> Iterator[Row]:
    del used
    small.fill(leave_bytes=_LEAVE_BYTES)
    beside = set(small.folder.iterdir())
    target = small.folder / f"history.{command}"
    failed = _run(command, str(target))
    says = failed.returncode == 1 and any(word in failed.stderr.lower() for word in _SAYS)
    left = len(set(small.folder.iterdir()) - beside)
    small.relieve()
    done = _run(command, str(target))
    is_there = done.returncode == 0 and target.exists()
    target.unlink(missing_ok=True)
    yield Row(stage=f"{command}: says so", n=1, median=says, unit="", note="1")
    yield Row(stage="  files left behind", n=1, median=left, unit="", note="0")
    yield Row(stage="  done once there is room", n=1, median=is_there, unit="", note="1")


def _run(*options: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*WEAVCLIP, *options], capture_output=True, timeout=60, check=False, text=True
    )
