"""Reading what a selection's owner offers, one step at a time.

A read never blocks: it is a generator that yields until when it will wait and is sent the next
event for its window, or None when that time has passed. So a slow, hung or dying owner costs
its own copy and no other: the watch goes on with newer ones beside it.

References:
    ICCCM 2.0, sections 2.4 (requesting) and 2.7.2 (INCR).
"""

from __future__ import annotations

import io
import struct
import time
from collections.abc import Generator
from itertools import count
from typing import TYPE_CHECKING, TypeVar
from uuid import UUID

from weavclip.clipboard.formats import MARKER, normalised, wanted
from weavclip.clipboard.reowned import UNREAD
from weavclip.clipboard.rules import Contents
from weavclip.clipboard.x11_events import Answer, Event, OwnerChanged, PropertyChanged

if TYPE_CHECKING:
    from collections.abc import Callable

    from weavclip.clipboard.formats import Limits, Wanted
    from weavclip.clipboard.rules import Rules
    from weavclip.clipboard.x11_display import Display
    from weavclip.clipboard.x11_events import Property

_T = TypeVar("_T")
Steps = Generator[float, Event | None, _T]

# A late answer names an older property and is passed over. The server never frees a name, so
# they go round; 64 reads later nobody still answers.
_PROPERTIES = 64
_MOST_TYPES_BYTES = 64 * 1024
_LONGEST_TRANSFER_S = 60.0


class ReadError(Exception):
    """A type could not be read; says why, to follow the type's name."""


class SupersededError(ReadError):
    """Another copy took the selection before the owner answered."""


class Requestor:
    """A window of ours that owners put their answers on, for one read after the other.

    It outlives every read: an owner that answers late on a window that is gone gets an error
    of the server, which ends a plain Xlib program.
    """

    def __init__(self, display: Display) -> None:
        self._display = display
        self.window = display.window()
        self._turns = count()
        self._reading: _Reading | None = None

    @property
    def size(self) -> int:
        """Bytes that it holds of the read that goes on, or of the last one."""
        return self._reading.size if self._reading else 0

    def give_up(self, problem: str) -> ReadError:
        """Ask for nothing more; what to end the read with that goes on."""
        error = ReadError(problem)
        if self._reading:
            self._reading.ended = error
        return error

    def read(
        self,
        change: OwnerChanged,
        rules: Rules,
        *,
        is_forbidden: Callable[[tuple[str, ...]], bool],
    ) -> Steps[Contents]:
        """Read the types of a copy and those of its representations that are wanted.

        What could not be read is told in ``problems``; nothing is raised for it.

        Args:
            change: By which the copy was told.
            rules: What the read obeys.
            is_forbidden: Whether nothing but these types of it may be read (see
                :mod:`weavclip.clipboard.reowned`).
        """
        reading = _Reading(self._display, self.window, self._turns, change, rules.read_timeout_s)
        self._reading = reading
        try:
            types = yield from reading.types()
        except ReadError as error:
            return Contents(problems=(f"the list of types {error}",))
        if is_forbidden(types):
            return Contents(types=types, problems=(UNREAD,))
        if not rules.unread_types.isdisjoint(types):
            return Contents(types=types)
        if MARKER in types and not rules.reads_own:
            own_id = yield from reading.own_id()
            if own_id:
                return Contents(types=types, own_id=own_id)
        found, problems = yield from _read_all(reading, wanted(types), rules.limits)
        return Contents(types=types, representations=found, problems=tuple(problems))


def _read_all(
    reading: _Reading, chosen: tuple[Wanted, ...], limits: Limits
) -> Steps[tuple[dict[str, bytes], list[str]]]:
    found: dict[str, bytes] = {}
    problems: list[str] = []
    for each in chosen:
        try:
            native, content = yield from reading.convert(each.native, limits.most(each.mime_type))
            found[each.mime_type] = normalised(native, content)
            reading.kept += len(content)
        except _OverLimitError:
            problems.append(limits.problem(each.mime_type))
        except ReadError as error:
            problems.append(f"{each.mime_type} {error}")
    return found, problems


class _OverLimitError(ReadError):
    """There are more bytes than the limit."""


class _Reading:
    """One copy's conversions, one after the other."""

    def __init__(
        self,
        display: Display,
        window: int,
        turns: count[int],
        change: OwnerChanged,
        timeout_s: float,
    ) -> None:
        self._display = display
        self._window = window
        self._turns = turns
        self._change = change
        self._timeout_s = timeout_s
        self._coming = 0
        self.kept = 0
        self.ended: ReadError | None = None  # why nothing more is asked for

    @property
    def size(self) -> int:
        """Bytes that have come and are held."""
        return self.kept + self._coming

    def types(self) -> Steps[tuple[str, ...]]:
        """The names of the types that the owner offers, as it orders them."""
        _, content = yield from self.convert("TARGETS", _MOST_TYPES_BYTES)
        atoms = struct.unpack(f"={len(content) // 4}I", content[: len(content) // 4 * 4])
        return self._display.names(atoms)

    def own_id(self) -> Steps[UUID | None]:
        """The clip that weavclip put there; None when the marker does not name one."""
        try:
            _, content = yield from self.convert(MARKER, 64)
            return UUID(content.decode("ascii"))
        except (ReadError, ValueError):
            return None

    def convert(self, target: str, most_bytes: int) -> Steps[tuple[str, bytes]]:
        """Have the owner convert to ``target``; the type it answered with, and the bytes.

        Raises:
            ReadError: If it refuses, is late, ends, or has more than ``most_bytes``.
        """
        if self.ended:
            raise self.ended
        atom = self._display.atom(f"_WEAVCLIP_{next(self._turns) % _PROPERTIES}")
        number = self._display.atom(target)
        selection, at_ms = self._change.selection, self._change.at_ms
        self._display.drop(self._window, atom)
        self._display.convert(
            self._window, selection=selection, target=number, atom=atom, at_ms=at_ms
        )
        yield from self._answered(number, atom)
        value = self._display.get(self._window, atom, most_bytes=most_bytes)
        if value.type_atom == self._display.atom("INCR"):
            return (yield from self._in_pieces(target, atom, most_bytes))
        if value.bytes_left or len(value.content) > most_bytes:
            self._display.drop(self._window, atom)
            raise _OverLimitError
        return self._native(target, value), value.content

    def _answered(self, target: int, atom: int) -> Steps[None]:
        """Wait for the owner's answer.

        An answer that comes after another copy is not taken: it may be the newer owner's, and
        that one may have said that it must not be read.
        """
        end = time.monotonic() + self._timeout_s
        while True:
            event = yield end
            if event is None:
                message = f"was not answered within {self._timeout_s} s"
                raise ReadError(message)
            if isinstance(event, Answer) and event.target == target and event.atom in (0, atom):
                break
        if event.atom == 0:
            message = "was refused by its owner"
            raise ReadError(message)

    def _in_pieces(self, target: str, atom: int, most_bytes: int) -> Steps[tuple[str, bytes]]:
        """Take an INCR transfer to its end, also when another copy comes meanwhile.

        Over the limit the rest is deleted unread: an abandoned transfer wedges xclip.
        """
        pieces = io.BytesIO()  # gives its content without a copy, unlike a list that is joined
        size, last = 0, time.monotonic() + _LONGEST_TRANSFER_S
        while True:
            yield from self._piece_written(atom, last, size)
            if size > most_bytes:
                piece_bytes = self._display.size_of(self._window, atom)
                self._display.drop(self._window, atom)
                if not piece_bytes:
                    raise _OverLimitError
                continue
            value = self._display.get(self._window, atom, most_bytes=most_bytes)
            size += len(value.content) + value.bytes_left
            if value.bytes_left:
                self._display.drop(self._window, atom)
            if not value.content:
                self._coming = 0
                return self._native(target, value), pieces.getvalue()
            pieces.write(value.content)
            if size > most_bytes:
                pieces = io.BytesIO()
            self._coming = pieces.tell()

    def _piece_written(self, atom: int, last: float, size: int) -> Steps[None]:
        end = min(last, time.monotonic() + self._timeout_s)
        while True:
            try:
                event = yield end
            except SupersededError as error:
                self.ended = error
                continue
            if event is None:
                message = f"stopped coming after {size} bytes"
                raise ReadError(message)
            if isinstance(event, PropertyChanged) and event.atom == atom and not event.is_deleted:
                return

    def _native(self, target: str, value: Property) -> str:
        """How to decode: by the type that came, where TEXT or text/plain leaves it open."""
        came = self._display.names((value.type_atom,)) if value.type_atom else ()
        return came[0] if came and came[0] in ("STRING", "COMPOUND_TEXT") else target
