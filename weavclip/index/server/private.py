"""Files of the managed server that only their owner may read, and the lock between commands."""

from __future__ import annotations

import contextlib
import os
import sys
import time
from typing import TYPE_CHECKING, BinaryIO

from weavclip.domain.errors import ServerError
from weavclip.index.server.table import Secrets

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

KEY_FILE = "key"
PASSWORD_FILE = "cluster-password"  # noqa: S105 - a file's name
_LOCK_FILE = "lock"
_PAUSE_S = 0.05


def private_folder(folder: Path) -> Path:
    """Make ``folder`` and what it lies in, mode 0700, where they are missing."""
    if not folder.is_dir():
        private_folder(folder.parent)
        folder.mkdir(mode=0o700, exist_ok=True)
    return folder


def write_private(path: Path, text: str) -> None:
    """Write ``path`` whole or not at all, mode 0600."""
    beside = path.with_name(f"{path.name}.{os.getpid()}.part")
    descriptor = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    beside.replace(path)


def load_secrets(folder: Path) -> Secrets:
    """The key and the password in ``folder``, made at the first call: 256 random bits each."""
    return Secrets(
        api_key=_secret(folder / KEY_FILE), cluster_password=_secret(folder / PASSWORD_FILE)
    )


def _secret(path: Path) -> str:
    with contextlib.suppress(FileNotFoundError):
        path.chmod(0o600)
        kept = path.read_text(encoding="utf-8").strip()
        if kept:
            return kept
    import secrets

    made = secrets.token_urlsafe(32)
    write_private(path, made + "\n")
    return made


@contextlib.contextmanager
def locked(folder: Path, *, within_s: float) -> Iterator[None]:
    """Hold the folder's lock, so that two commands never start or stop a server at once.

    Raises:
        ServerError: If another process held it for ``within_s`` seconds.
    """
    path = private_folder(folder) / _LOCK_FILE
    with os.fdopen(os.open(path, os.O_RDWR | os.O_CREAT, 0o600), "r+b") as file:
        _wait_for(file, within_s=within_s)
        try:
            yield
        finally:
            _unlock(file)


def _wait_for(file: BinaryIO, *, within_s: float) -> None:
    end = time.monotonic() + within_s
    while not _try_lock(file):
        if time.monotonic() > end:
            message = f"another weavclip has been starting or stopping it for {within_s:.0f} s"
            raise ServerError(message, hint="weavclip server status")
        time.sleep(_PAUSE_S)


if sys.platform == "win32":
    import msvcrt

    def _try_lock(file: BinaryIO) -> bool:
        try:
            msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
        except OSError:
            return False
        return True

    def _unlock(file: BinaryIO) -> None:
        file.seek(0)
        msvcrt.locking(file.fileno(), msvcrt.LK_UNLCK, 1)

else:

    def _try_lock(file: BinaryIO) -> bool:
        import fcntl

        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True

    def _unlock(file: BinaryIO) -> None:
        import fcntl

        fcntl.flock(file, fcntl.LOCK_UN)
