"""Files to add: which they are, and what became of them."""

from __future__ import annotations

import glob
import os
import re
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from weavclip.cli import naming, times
from weavclip.cli.app import remark
from weavclip.cli.printable import printable
from weavclip.isolation import files
from weavclip.privacy.inspector import SUSPECTED

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from weavclip.pipeline.ingest import Outcome

_PATTERN = re.compile(r"[*?\[]")


def gathered(names: Iterable[str], *, data_dir: Path) -> list[Path]:
    """Every file that ``names`` mean, each once, in order; hidden ones in folders left out.

    Args:
        names: Files, folders, patterns, or ``-`` for more of them on stdin.
        data_dir: What is in it is left out, too: clips, vectors and logs of weavclip's own.

    Raises:
        typer.BadParameter: If one means no file.
    """
    found: dict[Path, None] = {}
    for name in _expanded(names):
        found.update(dict.fromkeys(_files(name)))
    foreign = [each for each in found if not each.absolute().is_relative_to(data_dir)]
    if len(foreign) < len(found):
        remark(f"left out {printable(str(data_dir))}: it is weavclip's own")
    return foreign


def _expanded(names: Iterable[str]) -> Iterator[str]:
    for name in names:
        if name == naming.FROM_STDIN:
            yield from naming.records_on_stdin()
        else:
            yield name


def _files(name: str) -> Iterator[Path]:
    if not name.strip():  # an empty path would be the folder that one happens to be in
        message = "the name of a file is empty"
        raise typer.BadParameter(message)
    path = Path(os.path.expanduser(name))  # noqa: PTH111 - one of nobody's stays as it is
    if os.path.isdir(path):  # noqa: PTH112 - a name that is too long is none, and no error
        yield from _below(path)
    elif files.is_there(path):
        yield path
    elif _PATTERN.search(name):
        for match in sorted(glob.glob(str(path), recursive=True)):  # noqa: PTH207 - absolute patterns, too
            yield from (() if Path(match).is_dir() else (Path(match),))
    else:
        message = f"there is no file {printable(name)}"
        raise typer.BadParameter(message)


def _below(folder: Path) -> Iterator[Path]:
    for here, folders, names in os.walk(folder, onerror=_tell_of_folder):
        folders[:] = sorted(each for each in folders if not each.startswith("."))
        yield from (Path(here, each) for each in sorted(names) if not each.startswith("."))


def _tell_of_folder(error: OSError) -> None:
    """Say that nothing in a folder is looked at."""
    remark(f"left out {printable(str(error.filename))}: {error.strerror}")


class Adding:
    """Counts what became of each file."""

    def __init__(self, *, say_each: bool) -> None:
        """Begin at none.

        Args:
            say_each: Print a line a file: id, verdict, path, tabs between.
        """
        self._say_each = say_each
        self._verdicts: Counter[str] = Counter()
        self._reasons: Counter[str] = Counter()
        self._first: dict[str, Path] = {}

    @property
    def stored(self) -> int:
        """How many became clips."""
        return self._verdicts["stored"]

    @property
    def secrets(self) -> int:
        """How many were skipped since they look like a secret."""
        return sum(n for reason, n in self._reasons.items() if reason.startswith(SUSPECTED))

    def note(self, file: Path, outcome: Outcome) -> None:
        """Count one."""
        self._verdicts[outcome.verdict] += 1
        if outcome.reason:
            self._reasons[outcome.reason] += 1
            self._first.setdefault(outcome.reason, file)
        if self._say_each:
            known_by = str(outcome.clip_id or "")
            typer.echo("\t".join((known_by, outcome.verdict, printable(str(file)))))

    def summary(self) -> Iterator[str]:
        """What a person wants to know at the end; each reason with the first file it held for."""
        yield (
            f"{times.counted(self.stored, 'clip')} added, "
            f"{self._verdicts['counted']:,} known already, {self._verdicts['skipped']:,} skipped"
        )
        for reason, count in self._reasons.most_common():
            yield f"skipped {count:,}: {reason} (first: {printable(str(self._first[reason]))})"
