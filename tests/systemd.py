"""A real systemd manager for a user of no account, on a machine that systemd need not have booted.

It runs in a mount namespace of its own: there /run/systemd says that systemd booted, and the
interpreter can be reached wherever it is installed. Its services are real, and run as nobody.
"""

from __future__ import annotations

import json
import os
import shutil
import stat
import subprocess
import sys
import tempfile
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tests.displays import end
from tests.e2e.programs import WEAVCLIP
from tests.waiting import WITHIN_S, until
from weavclip.index.server import binary

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

PROJECT = Path(__file__).resolve().parents[1]
NOBODY = 65534
_MANAGERS = ("/usr/lib/systemd/systemd", "/lib/systemd/systemd")
_OWN_MOUNTS = ("unshare", "--mount", "--propagation=private")
_AS_NOBODY = ("setpriv", f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups")

# $1: the manager; $2: folders to cover; $3: folders that stay in sight; a line each
_START = """
set -e
mount -t tmpfs tmpfs /run/systemd
mkdir -p /run/systemd/system /run/systemd/kept
n=0; for path in $3; do
  n=$((n + 1)); mkdir /run/systemd/kept/$n; mount --bind "$path" /run/systemd/kept/$n
done
for path in $2; do mount -t tmpfs -o mode=755 tmpfs "$path"; done
n=0; for path in $3; do
  n=$((n + 1)); mkdir -p "$path"; mount --bind /run/systemd/kept/$n "$path"
done
for tree in systemd unified .; do
  folder=/sys/fs/cgroup/$tree
  [ -f $folder/cgroup.procs ] || continue
  mkdir -p $folder/weavclip-test-$$
  chown -R {nobody} $folder/weavclip-test-$$
  echo $$ > $folder/weavclip-test-$$/cgroup.procs
done
exec {as_nobody} "$1" --user
"""


@dataclass(frozen=True, slots=True)
class UserManager:
    """A running manager, and the folders of the user that it serves."""

    process: subprocess.Popen[bytes]
    home: Path
    environ: dict[str, str]

    def run(self, *command: str, code: int | None = 0, **environ: str) -> str:
        """Run a command as that user; what it printed, and then what it complained of."""
        done = self._done(command, environ)
        assert code is None or done.returncode == code, f"{command}: {done.stdout}{done.stderr}"
        return done.stdout + done.stderr

    def asked(self, *words: str) -> Any:  # noqa: ANN401 - JSON
        """What weavclip answers that user in JSON."""
        return json.loads(self._done([*WEAVCLIP, *words, "--json"], {}).stdout)

    def weavclip(self, *words: str, code: int | None = 0, **environ: str) -> str:
        """Run weavclip as that user."""
        return self.run(*WEAVCLIP, *words, code=code, **environ)

    def answers(self) -> bool:
        """Whether the manager does."""
        return self._done(["systemctl", "--user", "show-environment"], {}).returncode == 0

    def shown(self, name: str, unit: str = "weavclip.service") -> str:
        """One property of a unit."""
        return self.run(
            "systemctl", "--user", "show", f"--property={name}", "--value", unit
        ).strip()

    def write(self, path: Path, text: str) -> None:
        """Write a file of that user's."""
        missing = [each for each in (path, *path.parents) if not each.exists()]
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        for each in missing:
            os.chown(each, NOBODY, NOBODY)

    def _done(
        self, command: Sequence[str], environ: Mapping[str, str]
    ) -> subprocess.CompletedProcess[str]:
        namespace = f"--mount=/proc/{self.process.pid}/ns/mnt"
        return subprocess.run(
            ["nsenter", namespace, "--", *_AS_NOBODY, *command],
            env={**self.environ, **environ},
            cwd="/",
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=WITHIN_S,
            check=False,
        )


@contextmanager
def user_manager() -> Iterator[UserManager]:
    """A manager that answers, ended with all that it runs; skips where there can be none."""
    manager = _required()
    home = Path(
        tempfile.mkdtemp(prefix="weavclip-home-", dir="/tmp")
    )  # else in a folder of root's
    try:
        environ = _environ(home)
        for name in ("XDG_RUNTIME_DIR", "XDG_CONFIG_HOME", "XDG_DATA_HOME"):
            Path(environ[name]).mkdir(mode=0o700)
        for path in (home, *home.iterdir()):
            os.chown(path, NOBODY, NOBODY)
        with (home / "manager.log").open("wb") as log:
            process = subprocess.Popen(
                [*_OWN_MOUNTS, "sh", "-c", _script(), "sh", manager, *_places()],
                env={**environ, "SYSTEMD_LOG_TARGET": "console"},
                cwd="/",
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            )
        try:
            socket = home / "run" / "systemd" / "private"
            found = UserManager(process, home, environ)
            until(lambda: (socket.exists() and found.answers()) or process.poll() is not None)
            if process.poll() is not None:
                pytest.skip(f"systemd --user ends at once: {(home / 'manager.log').read_text()}")
            yield found
        finally:
            end(process)
            _remove_groups(process.pid)
    finally:
        shutil.rmtree(home, ignore_errors=True)


def _required() -> str:
    """The manager's program; skips, by name, where it cannot be run."""
    if sys.platform != "linux" or os.geteuid() != 0:
        pytest.skip("a systemd manager of the test's own needs Linux and root")
    for name in ("unshare", "nsenter", "setpriv", "systemctl"):
        if shutil.which(name) is None:
            pytest.skip(f"{name} is not installed")
    found = next((each for each in _MANAGERS if Path(each).exists()), None)
    if found is None:
        pytest.skip("systemd is not installed")
    return found


def _environ(home: Path) -> dict[str, str]:
    return {
        "PATH": os.environ["PATH"],
        "LANG": "C.UTF-8",
        "HOME": str(home),
        "XDG_RUNTIME_DIR": str(home / "run"),
        "XDG_CONFIG_HOME": str(home / "config"),
        "XDG_DATA_HOME": str(home / "share"),
        "PYTHONDONTWRITEBYTECODE": "1",
    }


def _script() -> str:
    return _START.replace("{nobody}", str(NOBODY)).replace("{as_nobody}", " ".join(_AS_NOBODY))


def _places() -> tuple[str, str]:
    """Folders that nobody may not enter, and what of ours is below them."""
    program = binary.find()
    servers = (program.parent,) if program else ()
    ours = dict.fromkeys((PROJECT, Path(sys.prefix), Path(sys.base_prefix), *servers))
    closed = {path: _closed_above(path) for path in ours}
    kept = [path for path, above in closed.items() if above]
    return "\n".join({str(closed[path]) for path in kept}), "\n".join(map(str, kept))


def _closed_above(path: Path) -> Path | None:
    """The first folder on the way to ``path`` that others may not enter."""
    way = [*reversed(path.parents), path]
    return next((each for each in way if not each.stat().st_mode & stat.S_IXOTH), None)


def _remove_groups(pid: int) -> None:
    """What systemd left of its control groups, the innermost first."""
    for tree in ("systemd", "unified", "."):
        top = Path("/sys/fs/cgroup", tree, f"weavclip-test-{pid}")
        for folder, _folders, _files in os.walk(top, topdown=False):
            processes = Path(folder, "cgroup.procs")
            until(lambda file=processes: not file.read_text(), what=f"{folder} to be empty")  # type: ignore[misc]  # a lambda has no types
            Path(folder).rmdir()
