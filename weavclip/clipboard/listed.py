"""Reading a copy on a clipboard that lists its types and hands each out by one call.

macOS and Windows do; the call may hang, since a program may promise content and make it only
when it is asked for. So a read is a generator whose steps are waited for with a deadline
(:mod:`weavclip.clipboard.patience`), and each step tells what was read so far.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Protocol
from uuid import UUID

from weavclip.clipboard.formats import MARKER, wanted
from weavclip.clipboard.patience import LateError
from weavclip.clipboard.rules import Contents

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Generator, Iterable
    from contextlib import AbstractContextManager

    from weavclip.clipboard.rules import Rules

_MOST_MARKER_BYTES = 64


class UnreadError(Exception):
    """A type could not be read; says why, to follow the type's name."""


class OverLimitError(UnreadError):
    """There are more bytes than the limit."""


class Copy(Protocol):
    """One copy, while it can be read."""

    @property
    def types(self) -> tuple[str, ...]:
        """Every type that is offered, by the platform's names; empty when nothing is."""
        ...

    @property
    def mime_types(self) -> Collection[str]:
        """Those that can be read, by MIME type; ``formats.MARKER`` for our own mark."""
        ...

    def content(self, mime_type: str, *, most_bytes: int) -> bytes:
        """The content as it is kept.

        Raises:
            UnreadError: If it cannot be had.
            OverLimitError: If it has more than ``most_bytes``.
        """
        ...


@dataclass(frozen=True, slots=True)
class Progress:
    """What was read so far, and what is read next."""

    contents: Contents
    pending: str = ""


def read(opened: Callable[[], AbstractContextManager[Copy]], rules: Rules) -> Generator[Progress]:
    """Read what is on the clipboard, a step a type; nothing but its types where one forbids it.

    Args:
        opened: Makes the copy readable, within its context.
        rules: What every read obeys.
    """
    yield Progress(Contents(), "the list of types")
    try:
        with opened() as copy:
            yield from _parts(copy, rules)
    except UnreadError as error:
        yield Progress(Contents(problems=(f"the list of types {error}",)))


def gathered(steps: Iterable[Progress]) -> Contents:
    """What all steps came to; a step that was late is told as a problem."""
    last = Progress(Contents())
    try:
        for step in steps:
            last = step
    except LateError as error:
        problems = (*last.contents.problems, f"{last.pending} {error}")
        return replace(last.contents, problems=problems)
    return last.contents


def _parts(copy: Copy, rules: Rules) -> Generator[Progress]:
    found = Contents(types=copy.types)
    is_forbidden = not rules.unread_types.isdisjoint(copy.types)
    if not is_forbidden and MARKER in copy.mime_types and not rules.reads_own:
        yield Progress(found, MARKER)
        found = replace(found, own_id=_own_id(copy))
    if not is_forbidden and found.own_id is None:
        for each in wanted(copy.mime_types):
            yield Progress(found, each.mime_type)
            found = _added(found, copy, each.mime_type, rules)
    yield Progress(found)


def _added(found: Contents, copy: Copy, mime_type: str, rules: Rules) -> Contents:
    try:
        content = copy.content(mime_type, most_bytes=rules.limits.most(mime_type))
    except OverLimitError:
        return replace(found, problems=(*found.problems, rules.limits.problem(mime_type)))
    except UnreadError as error:
        return replace(found, problems=(*found.problems, f"{mime_type} {error}"))
    return replace(found, representations={**found.representations, mime_type: content})


def _own_id(copy: Copy) -> UUID | None:
    """The clip that weavclip put there; None when the mark does not name one."""
    try:
        content = copy.content(MARKER, most_bytes=_MOST_MARKER_BYTES)
        return UUID(content.partition(b"\0")[0].decode("ascii"))
    except (UnreadError, ValueError):
        return None
