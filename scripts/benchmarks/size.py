"""What an installation takes of the disk, and what reading the settings takes of every start.

The package is installed with the extra ``cpu`` and the pinned versions into an environment of its
own, without pip. Where nothing can be fetched, the environment that runs this is measured instead,
and named so. Each process that reads the settings has loaded what the agent loads anyway: the
journal, and ``hashlib``, whose library alone takes 4 MB.
"""

from __future__ import annotations

import importlib.util
import json
import os
import subprocess
import sys
import tempfile
import venv
from pathlib import Path
from typing import TYPE_CHECKING

from scripts.benchmarks.rows import Row, row_of

if TYPE_CHECKING:
    from collections.abc import Iterator

PROJECT = Path(__file__).resolve().parents[2]
EXTRAS = "cpu"
RUNS = 50
WITHIN_S = 600.0
_BLOCK_BYTES = 512
"""Of ``st_blocks``, whatever the file system's own are."""
_CONFIG = """
model = "ViT-B-16"
provider = "cpu"
keep_days = 365
secrets = "expire"
ignored_apps = ["*signal*", "org.gnome.World.Secrets"]
ignored_patterns = ["(?i)project x"]
incognito = "mon-fri 22:00-07:00, sat"
"""
_READ = """
import dataclasses, datetime, hashlib, json, logging, os, re, shutil, sqlite3, threading, time
from pathlib import Path
import weavclip.journal.store

def rss():
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE")

before, began = rss(), time.perf_counter()
from weavclip import settings
loaded = time.perf_counter()
settings.load()
done = time.perf_counter()
print(json.dumps([loaded - began, done - loaded, rss() - before]))
"""


def rows() -> Iterator[Row]:
    """The wheel, the installation and the settings; takes about two minutes."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        yield _of("the wheel", _wheel(folder).stat().st_size, note="< 6 MB")
        yield from _of_installation(folder)
        yield from _of_settings(folder)


def _wheel(folder: Path) -> Path:
    """Build it; with the backend that is here, where there is one."""
    here = ["--no-build-isolation"] if importlib.util.find_spec("hatchling") else []
    _pip("wheel", "--no-deps", *here, "--wheel-dir", str(folder), str(PROJECT))
    (found,) = folder.glob("*.whl")
    return found


def _of_installation(folder: Path) -> Iterator[Row]:
    installed = folder / "environment"
    venv.create(installed, with_pip=False)
    (wheel,) = folder.glob("*.whl")
    constraints = PROJECT / "scripts" / "constraints.txt"
    wanted = ("--constraint", str(constraints), f"{wheel}[{EXTRAS}]")
    what = f"installed with {EXTRAS}"
    try:
        _pip("--python", str(installed), "install", *wanted)
    except subprocess.CalledProcessError:
        installed, what = Path(sys.prefix), "the present environment (nothing to fetch)"
    files = [path.lstat() for path in installed.rglob("*") if not path.is_dir()]
    bytecode = [path.lstat().st_size for path in installed.rglob("*.pyc")]
    yield _of(f"{what}: files", sum(each.st_size for each in files), note="< 330 MB")
    yield _of(f"{what}: of them bytecode", sum(bytecode))
    yield _of(f"{what}: on disk", sum(each.st_blocks for each in files) * _BLOCK_BYTES)


def _of_settings(folder: Path) -> Iterator[Row]:
    config = folder / "config.toml"
    config.write_text(_CONFIG)
    found = [_read_once(config) for _ in range(RUNS)]
    loading_s, reading_s, rss_bytes = zip(*found, strict=True)
    together = [(a + b) * 1e3 for a, b in zip(loading_s, reading_s, strict=True)]
    yield row_of("settings: load the modules", [each * 1e3 for each in loading_s], unit="ms")
    yield row_of("settings: read them", [each * 1e3 for each in reading_s], unit="ms")
    yield row_of("settings: both", together, unit="ms", note="< 20 ms")
    yield row_of("settings: memory", [each / 1e6 for each in rss_bytes], unit="MB", note="< 5 MB")


def _read_once(config: Path) -> tuple[float, float, float]:
    """Seconds to load the modules and to read, and bytes of memory for both."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("WEAVCLIP_")}
    done = subprocess.run(
        [sys.executable, "-c", _READ],
        env=kept | {"WEAVCLIP_CONFIG": str(config)},
        capture_output=True,
        timeout=WITHIN_S,
        check=True,
    )
    loading_s, reading_s, rss_bytes = json.loads(done.stdout)
    return loading_s, reading_s, rss_bytes


def _pip(*options: str) -> None:
    subprocess.run(
        [sys.executable, "-m", "pip", "--quiet", "--disable-pip-version-check", *options],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        timeout=WITHIN_S,
        check=True,
    )


def _of(stage: str, size_bytes: float, *, note: str = "") -> Row:
    return Row(stage=stage, n=1, median=size_bytes / 1e6, unit="MB", note=note)
