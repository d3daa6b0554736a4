"""Vectors for other programs: embed."""

import json
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from weavclip import wiring
from weavclip.cli import naming, times
from weavclip.cli.adding import gathered
from weavclip.cli.app import app, command, remark, session
from weavclip.cli.printable import printable
from weavclip.domain.errors import PictureError, QueryError
from weavclip.isolation import files

if TYPE_CHECKING:
    from typing import BinaryIO

    from weavclip.pipeline.encoding import Encoded
    from weavclip.wiring.encoding import Encoding


@command(
    app,
    "embed",
    "weavclip embed pictures/*.png -o vectors.npz",
    "weavclip embed --texts sentences.txt -o vectors.npz",
    "weavclip embed notes.txt | jq -c .vector",
)
def embed(
    context: typer.Context,
    paths: Annotated[
        list[str] | None,
        typer.Argument(help="Pictures and texts: files, folders, patterns.", metavar="FILES..."),
    ] = None,
    texts: Annotated[
        Path | None,
        typer.Option("--texts", metavar="FILE", help="A text a line; '-' reads stdin."),
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option(
            "--out", "-o", metavar="FILE.npz", help="Arrays ids, vectors and card, for NumPy."
        ),
    ] = None,
) -> None:
    """Print the model's vectors of files or texts; nothing is kept.

    Without --out they are objects, one a line as each is made: id, vector. An id is the file's
    path, or the number of the text's line. Vectors are raw, of norm 1.
    """
    run = session(context)
    if not paths and texts is None:
        message = "name files, or give --texts"
        raise typer.BadParameter(message, ctx=context)
    named = gathered(paths or (), data_dir=run.settings.data_dir)
    most_bytes = run.settings.max_text_bytes
    with (
        _opened(texts, most_bytes=most_bytes) as lines,
        wiring.encoding(run.settings, named, lines) as made,
    ):
        found = _told(made)
        count = _print(found) if out is None else _write(out, found, made)
    if out is not None:
        remark(f"wrote {times.counted(count, 'vector')} of {made.card.id} to {out}")
    if not count:
        message = "none of it could be encoded"
        raise PictureError(message, hint="give pictures, or texts in UTF-8")


def _told(made: "Encoding") -> "Iterator[Encoded]":
    """What has a vector; of the others it is said why not."""
    for each in made.found:
        if each.vector is None:
            remark(f"skipped {printable(each.id)}: {each.problem}")
        else:
            yield each


def _print(found: "Iterator[Encoded]") -> int:
    count = 0
    for count, each in enumerate(found, start=1):  # noqa: B007 - how many is what is asked
        assert each.vector is not None
        typer.echo(json.dumps({"id": each.id, "vector": each.vector.tolist()}))
    return count


def _write(out: Path, found: "Iterator[Encoded]", made: "Encoding") -> int:
    from weavclip.pipeline.encoding import write_npz

    with _private(out) as file:
        return write_npz(found, file, made.card)


@contextmanager
def _private(out: Path) -> "Iterator[BinaryIO]":
    """A file that only the user reads, in place once it is whole."""
    part = out.with_name(f"{out.name}.{os.getpid()}.part")
    try:
        descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except OSError as error:
        message = f"{out} cannot be written: {error.strerror}"
        raise QueryError(message, hint="choose another file or folder") from error
    try:
        with os.fdopen(descriptor, "wb") as file:
            yield file
        part.replace(out)
    finally:
        part.unlink(missing_ok=True)


@contextmanager
def _opened(texts: Path | None, *, most_bytes: int) -> Iterator[Iterator[str]]:
    """The lines of a file, without their ends."""
    if texts is None:
        yield iter(())
        return
    is_stdin = str(texts) == naming.FROM_STDIN
    try:
        file = nullcontext(sys.stdin.buffer) if is_stdin else files.opened(texts)
    except OSError as error:
        message = f"{texts} cannot be read: {error.strerror}"
        raise QueryError(message, hint="give a file with a text a line, or '-'") from error
    with file as lines:
        yield _lines(lines, name="standard input" if is_stdin else str(texts), most=most_bytes)


def _lines(file: "BinaryIO", *, name: str, most: int) -> Iterator[str]:
    number = 0
    while line := file.readline(most + 1):
        number += 1
        if len(line) > most:
            message = f"line {number} of {name} is over max_text_bytes={most}"
            raise QueryError(message, hint="part it, or raise the setting")
        yield naming.text_of(line, name=f"line {number} of {name}")
