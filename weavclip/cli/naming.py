"""How clips are named on the command line: an id, a part of one, ``@1``, or ids on stdin."""

from __future__ import annotations

import json
import os
import re
import sys
from contextlib import suppress
from itertools import islice
from typing import TYPE_CHECKING
from uuid import UUID

from weavclip.cli.times import counted
from weavclip.domain.errors import QueryError, UnknownClipError
from weavclip.isolation import files

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

    from weavclip.domain.stores import Journal

LAST_LIST = "last_list.json"
MOST_PLACES = 1000
FROM_STDIN = "-"
MOST_BYTES = 64 << 20
"""Of names on standard input."""
_COLUMN_ENDS = re.compile(r"[\t ]")


def remember(data_dir: Path, ids: Iterable[UUID]) -> None:
    """Keep the first 1,000 of what was listed last: ``@1`` names the first; mode 0600.

    On a full disk nothing is kept: what was found is shown all the same.
    """
    target = data_dir / LAST_LIST
    beside = target.with_name(f"{LAST_LIST}.{os.getpid()}")
    try:
        data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
        descriptor = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "w") as file:
            json.dump([str(each) for each in islice(ids, MOST_PLACES)], file)
        beside.replace(target)
    except OSError:
        with suppress(OSError):
            beside.unlink()


def recalled(data_dir: Path) -> list[UUID]:
    """The ids that were listed last; none before the first list, or when the file is torn."""
    try:
        return [UUID(each) for each in json.loads((data_dir / LAST_LIST).read_text())]
    except (OSError, ValueError, TypeError, AttributeError):
        return []


def named(name: str, *, journal: Journal, data_dir: Path) -> UUID:
    """The clip that ``name`` means.

    Args:
        name: An id, a part of one, or ``@N`` for the Nth of the last list.
        journal: Knows the ids.
        data_dir: Where the last list is.

    Raises:
        UnknownClipError: If it means none.
        AmbiguousIdError: If it means several.
    """
    if not name.startswith("@"):
        return journal.resolve(name)
    listed = recalled(data_dir)
    place = int(name[1:]) if name[1:].isdecimal() else 0
    if 1 <= place <= len(listed):
        return journal.resolve(str(listed[place - 1]))
    message = f"the last list has no such place: it has {counted(len(listed), 'clip')}"
    raise UnknownClipError(message, hint="'weavclip list' makes a list; @1 is its first clip")


def all_named(names: Sequence[str], *, journal: Journal, data_dir: Path) -> list[UUID]:
    """The clips that ``names`` mean, each once; ``-`` reads more names from stdin."""
    given: list[str] = []
    for name in names:
        given += first_columns(records_on_stdin()) if name == FROM_STDIN else [name]
    found = (named(name, journal=journal, data_dir=data_dir) for name in given)
    return list(dict.fromkeys(found))


def records_on_stdin() -> list[str]:
    """What standard input names: each line, or each record where any ends with NUL.

    Raises:
        QueryError: If it has over 64 MiB: what never ends would be waited for, and kept.
    """
    try:
        raw = files.bounded(sys.stdin.buffer, most_bytes=MOST_BYTES)
    except files.TooLargeError as error:
        message = f"standard input names too much: {error.strerror}"
        raise QueryError(message, hint="name it in parts, or a folder with all of it") from None
    # A file's name may have any bytes.
    return records(raw.decode(sys.stdin.encoding, "surrogateescape"))


def text_of(line: bytes, *, name: str) -> str:
    """A line of a file or of standard input, without its end.

    Raises:
        QueryError: If it is no text in UTF-8; ``name`` says which line it is.
    """
    try:
        return line.decode().rstrip("\r\n")
    except UnicodeDecodeError:
        message = f"{name} is no text in UTF-8"
        raise QueryError(message, hint="convert it: iconv -t utf-8") from None


def records(text: str) -> list[str]:
    r"""Each record that ends with NUL, where there is one; else each line.

    >>> records("a b\nc\r\n\n"), records("a\nb\0c\0")
    (['a b', 'c'], ['a\nb', 'c'])
    """
    found = text.split("\0") if "\0" in text else text.replace("\r\n", "\n").split("\n")
    return [each for each in found if each]


def first_columns(found: Iterable[str]) -> list[str]:
    r"""The first column of each record that has one.

    >>> first_columns(["0190\ttext\t…", " 0191 image", " "])
    ['0190', '0191']
    """
    return [_COLUMN_ENDS.split(each.strip(), maxsplit=1)[0] for each in found if each.strip()]
