"""Pictures and texts that a person names: files, or standard input."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

from weavclip.domain.errors import QueryError
from weavclip.isolation import files

if TYPE_CHECKING:
    from weavclip.settings import Settings

STANDARD = Path("-")
"""Standard output, or input."""

_LIMIT = "max_image_bytes"
_SMALLER = f"give a smaller one, or raise it: weavclip config set {_LIMIT} N"


def read_given(settings: Settings, path: Path, *, hint: str) -> bytes:
    """What a file has, up to what a picture may have.

    Args:
        settings: Say how much that is.
        path: Of the file; :data:`STANDARD` for standard input.
        hint: What else may be given, where it cannot be read.

    Raises:
        QueryError: If it is no file, has too much, or cannot be read.
    """
    most_bytes = settings.max_image_bytes
    try:
        if path == STANDARD:
            return files.bounded(sys.stdin.buffer, most_bytes=most_bytes, setting=_LIMIT)
        return files.read(path, most_bytes=most_bytes, setting=_LIMIT)
    except OSError as error:
        message = f"{name_of(path)} cannot be read: {error.strerror}"
        is_large = isinstance(error, files.TooLargeError)
        raise QueryError(message, hint=_SMALLER if is_large else hint) from error


def name_of(source: Path) -> str:
    """What a person calls it."""
    return "standard input" if source == STANDARD else str(source)
