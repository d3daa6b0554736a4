"""Files that a person names: looked at before they are opened, and read up to a limit.

What is no file (a pipe, a socket, a device) is refused by what it is: opened, it may be waited for
for ever, never end, or do something. Standard input, which may be any of them, has the limit.
"""

from __future__ import annotations

import errno
import os
import stat
from pathlib import Path
from typing import BinaryIO

_OTHERS = (
    (stat.S_ISDIR, errno.EISDIR, "a folder"),
    (stat.S_ISFIFO, errno.EINVAL, "a pipe"),
    (stat.S_ISSOCK, errno.EINVAL, "a socket"),
    (stat.S_ISCHR, errno.EINVAL, "a device"),
    (stat.S_ISBLK, errno.EINVAL, "a device"),
)
# Should another thing have taken the file's place since it was looked at: neither wait for a
# writer of a pipe, nor become the process of a terminal.
_AT_ONCE = getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_NOCTTY", 0)
_FLAGS = os.O_RDONLY | getattr(os, "O_BINARY", 0) | _AT_ONCE


class TooLargeError(OSError):
    """There are more bytes than may be read; ``strerror`` names the limit."""

    strerror: str

    def __init__(self, most_bytes: int, setting: str) -> None:
        """Name the limit.

        Args:
            most_bytes: What may be read.
            setting: What says so; empty where nothing can be set.
        """
        limit = f"{setting}={most_bytes}" if setting else f"{most_bytes} bytes"
        super().__init__(errno.EFBIG, f"it is over {limit}")


def read(path: Path, *, most_bytes: int, setting: str = "", follow: bool = True) -> bytes:
    """What a file has; what it says of its size is believed only where that is too much.

    Args:
        path: Of the file.
        most_bytes: Of a file that is read.
        setting: The limit's name, for the error.
        follow: Whether a link stands for what it leads to.

    Raises:
        TooLargeError: If it has more.
        OSError: If it is no file or cannot be read; ``strerror`` says why.
    """
    with opened(path, follow=follow) as file:
        if os.fstat(file.fileno()).st_size > most_bytes:
            raise TooLargeError(most_bytes, setting)
        return bounded(file, most_bytes=most_bytes, setting=setting)


def bounded(stream: BinaryIO, *, most_bytes: int, setting: str = "") -> bytes:
    """All of a stream, to its end.

    Raises:
        TooLargeError: If that is over ``most_bytes``; one byte more was read.
    """
    # None: a file of the kernel's that has nothing more now.
    content = stream.read(most_bytes + 1) or b""
    if len(content) > most_bytes:
        raise TooLargeError(most_bytes, setting)
    return content


def opened(path: Path, *, follow: bool = True) -> BinaryIO:
    """A file to read, at its beginning; the null device is an empty one.

    Args:
        path: Of the file.
        follow: Whether a link stands for what it leads to.

    Raises:
        OSError: If it is no file or cannot be read; ``strerror`` says why.
    """
    _require_file(_looked_at(path))
    handle = os.open(path, _FLAGS | (0 if follow else getattr(os, "O_NOFOLLOW", 0)))
    try:
        _require_file(os.fstat(handle))
    except OSError:
        os.close(handle)
        raise
    return os.fdopen(handle, "rb")


def is_there(path: Path) -> bool:
    """Whether a name is one of something that is no folder: a link to nothing, too."""
    try:
        return not stat.S_ISDIR(path.stat().st_mode)
    except FileNotFoundError:
        return path.is_symlink()
    except PermissionError:
        return True
    except (OSError, ValueError):  # no name of a file: too long, or below what is no folder
        return False


def _looked_at(path: Path) -> os.stat_result:
    try:
        return path.stat()
    except FileNotFoundError:
        if path.is_symlink():
            # No FileNotFoundError: there is something, and somebody meant something by it.
            raise OSError(errno.EINVAL, "it is a link to nothing") from None
        raise
    except ValueError:  # a NUL in it, or what no encoding has
        raise OSError(errno.EINVAL, "no file can have its name") from None


def _require_file(found: os.stat_result) -> None:
    if stat.S_ISREG(found.st_mode) or os.path.samestat(found, Path(os.devnull).stat()):
        return
    code, name = next(
        ((code, name) for is_one, code, name in _OTHERS if is_one(found.st_mode)),
        (errno.EINVAL, "something else"),
    )
    raise OSError(code, f"it is {name}, not a file")
