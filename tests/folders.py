"""Folders for what needs a short path."""

from __future__ import annotations

import tempfile
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

_SHORT = Path("/tmp")  # noqa: S108 - the folder in it is made for this user alone


@contextmanager
def runtime_folder() -> Iterator[Path]:
    """A folder for sockets: their paths may have 107 bytes, on macOS 103.

    pytest's own have the test's name in them, and TMPDIR may lead anywhere.
    """
    parent = _SHORT if _SHORT.is_dir() else None
    with tempfile.TemporaryDirectory(prefix="wc-", dir=parent, ignore_cleanup_errors=True) as name:
        yield Path(name)
