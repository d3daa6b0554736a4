"""What Mutter tells of its clipboard, as plain values."""

from __future__ import annotations

from typing import NamedTuple


class Changed(NamedTuple):
    """The clipboard has another owner.

    Attributes:
        session: Who is told.
        types: What is offered; empty when there is no owner any more.
        is_ours: The session that is told owns it itself.
    """

    session: str
    types: tuple[str, ...]
    is_ours: bool


class Handed(NamedTuple):
    """A read was answered.

    Attributes:
        call: The number that asking returned.
        descriptor: Of the pipe to read from, the receiver's to close; -1 when it was refused.
        is_busy: It was refused because Mutter has not yet let go of the pipe before.
    """

    call: int
    descriptor: int
    is_busy: bool = False


class Asked(NamedTuple):
    """Somebody wants a type of what a session of ours offers."""

    session: str
    name: str
    serial: int


class Closed(NamedTuple):
    """A session of ours was ended, as when the screen is locked."""

    session: str


class Unlocked(NamedTuple):
    """The screen is in use again."""


Event = Changed | Handed | Asked | Closed | Unlocked
