"""Export, import, backup and restore: how quick, how large in memory, and killed at any moment."""

from __future__ import annotations

import hashlib
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING
from unittest.mock import patch

from scripts.benchmarks.rows import Row
from weavclip.domain.clip import Draft, Kind
from weavclip.domain.query import Filter
from weavclip.journal.archive.records import written
from weavclip.journal.store import SqliteJournal

if TYPE_CHECKING:
    from collections.abc import Iterator

TEXTS = 6_600
PICTURES = 3_400
PICTURE_BYTES = 300 * 1024
KILLS_EACH = 25
WITHIN_S = 900.0
_AT = datetime(2026, 1, 1, tzinfo=UTC)


def rows() -> Iterator[Row]:
    """10,000 clips of 1 GB in all, then kills; about five minutes."""
    with tempfile.TemporaryDirectory(prefix="weavclip-archive-") as folder:
        root = Path(folder)
        fill(root / "full", texts=TEXTS, pictures=PICTURES)
        yield from _rates(root)
    with tempfile.TemporaryDirectory(prefix="weavclip-archive-") as folder:
        for name, killed in killed_and_repeated(Path(folder), kills=KILLS_EACH).items():
            moment = f"after {killed.before:.0f} to {killed.after:.0f} ms of {killed.whole:.0f}"
            yield Row(stage=f"{name} killed", n=killed.kills, median=killed.kills, unit="kills",
                      note=moment)  # fmt: skip
            yield Row(
                stage="  not whole after the same command again",
                n=killed.kills,
                median=killed.broken,
                unit="times",
                note="0",
            )


def _rates(root: Path) -> Iterator[Row]:
    clips, size_mb = TEXTS + PICTURES, (TEXTS * 1000 + PICTURES * PICTURE_BYTES) / 1e6
    steps = {
        "export": ("full", ("export", str(root / "clips.tar"))),
        "import": ("other", ("import", str(root / "clips.tar"))),
        "import again": ("other", ("import", str(root / "clips.tar"))),
        "backup, read again": ("full", ("backup", str(root / "journal.tar"))),
        "restore": ("third", ("restore", str(root / "journal.tar"), "--yes")),
    }
    for name, (data_dir, command) in steps.items():
        run = timed(root / data_dir, *command)
        yield Row(stage=name, n=clips, median=run.seconds, unit="s")
        yield Row(stage="  rate", n=clips, median=size_mb / run.seconds, unit="MB/s")
        yield Row(stage="  memory at its peak", n=1, median=run.peak_mb, unit="MB")
    same = len({content_digest(root / each) for each in ("full", "other", "third")}) == 1
    yield Row(
        stage="equal to the byte in all three", n=clips, median=float(same), unit="", note="1"
    )


def fill(data_dir: Path, *, texts: int, pictures: int, picture_bytes: int = PICTURE_BYTES) -> None:
    """Put texts of 1 KB and pictures into a journal, without waiting for the disk."""
    rng = random.Random(1)
    with SqliteJournal.open(data_dir, reserve_bytes=0) as journal, patch("os.fsync"):
        for number in range(texts):
            words = f"{number} {rng.randbytes(490).hex()}"
            journal.add(_draft(Kind.TEXT, "text/plain", words.encode(), words, number))
        for number in range(pictures):
            content = rng.randbytes(picture_bytes)
            journal.add(_draft(Kind.IMAGE, "image/png", content, "", number))
        journal.index_words()


def _draft(kind: Kind, mime_type: str, content: bytes, text: str, number: int) -> Draft:
    return Draft(
        kind=kind,
        mime_type=mime_type,
        representations={mime_type: content},
        text=text,
        digest_source=content,
        at=_AT + timedelta(seconds=number),
        device="bench",
    )


@dataclass(frozen=True, slots=True)
class Run:
    """What one command took.

    Attributes:
        seconds: From its start to its end.
        peak_mb: Of its memory, in 10^6 bytes.
    """

    seconds: float
    peak_mb: float


def timed(data_dir: Path, *command: str) -> Run:
    """Run a command to its end."""
    begun = time.perf_counter()
    process = _started(data_dir, *command)
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        message = f"weavclip {command[0]} ended with {process.returncode}"
        raise RuntimeError(message)
    return Run(time.perf_counter() - begun, usage.ru_maxrss * 1024 / 1e6)


def _started(data_dir: Path, *command: str) -> subprocess.Popen[bytes]:
    environ = {
        **os.environ,
        "WEAVCLIP_DATA_DIR": str(data_dir),
        "WEAVCLIP_RESERVE_BYTES": "0",
        "WEAVCLIP_CONFIG": str(data_dir.parent / "absent.toml"),
        "XDG_RUNTIME_DIR": str(data_dir.parent),
    }
    return subprocess.Popen(
        [sys.executable, "-m", "weavclip", *command],
        env=environ,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )


@dataclass(slots=True)
class Killed:
    """What kills did to one command.

    Attributes:
        whole: Milliseconds that it takes undisturbed.
        kills: How many hit it.
        before: The earliest of them, in milliseconds after its start.
        after: The latest.
        broken: How often something was not whole after the same command ran again.
    """

    whole: float
    kills: int = 0
    before: float = float("inf")
    after: float = 0.0
    broken: int = 0


def killed_and_repeated(root: Path, *, kills: int) -> dict[str, Killed]:
    """Kill each command at random moments, run it again, and compare what came of it."""
    fill(root / "full", texts=200, pictures=60, picture_bytes=100_000)
    wanted = content_digest(root / "full")
    timed(root / "full", "export", str(root / "clips.tar"))
    timed(root / "full", "backup", str(root / "journal.tar"))
    rng = random.Random(2)
    found = {}
    for name in ("export", "import", "backup", "restore"):
        found[name] = _measured(root, name)
        while found[name].kills < kills:
            with _place(root, name) as place:
                small = content_digest(place / "data")
                if _kill(root, place, name, found[name], rng=rng):
                    is_whole = _is_whole(root, place, name, wanted, small)
                    found[name].broken += not is_whole
    return found


def _measured(root: Path, name: str) -> Killed:
    with _place(root, f"{name}-whole") as place:
        return Killed(timed(*_command(root, place, name)).seconds * 1000)


@contextmanager
def _place(root: Path, name: str) -> Iterator[Path]:
    """A folder with a small journal ``data``, to write into."""
    with tempfile.TemporaryDirectory(prefix=f"{name}-", dir=root) as folder:
        place = Path(folder)
        fill(place / "data", texts=3, pictures=3)
        yield place


def _command(root: Path, place: Path, name: str) -> tuple[Path, str, *tuple[str, ...]]:
    return {
        "export": (root / "full", "export", str(place / "clips.tar"), "--yes"),
        "import": (place / "new", "import", str(root / "clips.tar")),
        "backup": (root / "full", "backup", str(place / "journal.tar"), "--yes"),
        "restore": (place / "data", "restore", str(root / "journal.tar"), "--yes"),
    }[name]


def _kill(root: Path, place: Path, name: str, killed: Killed, *, rng: random.Random) -> bool:
    """Kill one command at a random moment; False when it was through before."""
    # Starting Python takes a good part of it: there is nothing to be hit.
    wait_ms = rng.uniform(0.4, 1.0) * killed.whole
    process = _started(*_command(root, place, name))
    with suppress(subprocess.TimeoutExpired):
        process.wait(wait_ms / 1000)
        killed.whole = min(killed.whole, wait_ms)
        return False
    process.send_signal(signal.SIGKILL)
    process.wait()
    killed.kills += 1
    killed.before, killed.after = min(killed.before, wait_ms), max(killed.after, wait_ms)
    return True


def _is_whole(root: Path, place: Path, name: str, wanted: str, small: str) -> bool:
    """Whether nothing was harmed, and the same command now does all that it should."""
    if name == "restore" and content_digest(place / "data") not in {wanted, small}:
        return False
    target = place / ("clips.tar" if name == "export" else "journal.tar")
    if (
        name in {"export", "backup"}
        and target.exists()
        and not _takes(place, name, target, wanted)
    ):
        return False
    timed(*_command(root, place, name))
    if name in {"export", "backup"}:
        left = {path.name for path in place.iterdir()} - {"data", "taken"}
        whole = left == {target.name} and _takes(place, name, target, wanted)
        return whole and content_digest(root / "full") == wanted
    return content_digest(place / ("new" if name == "import" else "data")) == wanted


def _takes(place: Path, name: str, file: Path, wanted: str) -> bool:
    """Whether a file gives the journal that it was made of."""
    with tempfile.TemporaryDirectory(dir=place.parent) as folder:
        taken = Path(folder) / "taken"
        back = ("import", str(file)) if name == "export" else ("restore", str(file), "--yes")
        timed(taken, *back)
        return content_digest(taken) == wanted


def content_digest(data_dir: Path) -> str:
    """One digest of all that is kept of all clips."""
    digest = hashlib.sha256()
    with SqliteJournal.open(data_dir, reserve_bytes=0) as journal:
        for clip_id in sorted(journal.kept_ids(Filter())):
            line, members = written(journal.kept(clip_id))
            digest.update(line)
            for content in members.values():
                digest.update(content)
        journal.collect()
    return digest.hexdigest()
