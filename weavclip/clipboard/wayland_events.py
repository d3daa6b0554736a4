"""What a Wayland compositor tells of its clipboards, as plain values."""

from __future__ import annotations

from typing import NamedTuple


class Selected(NamedTuple):
    """An offer is the device's selection now.

    Attributes:
        device: Of one seat.
        offer: 0 when nothing is selected any more.
        types: That the offer has; None when there are more than anybody means.
        is_primary: What is only selected, instead of copied.
    """

    device: int
    offer: int
    types: tuple[str, ...] | None
    is_primary: bool


class Finished(NamedTuple):
    """A device is of no use any more."""

    device: int


class Answered(NamedTuple):
    """The compositor has done everything that was asked before this sync."""

    sync: int


class SeatCame(NamedTuple):
    """There is another seat."""

    seat: int


class SeatGone(NamedTuple):
    """A seat is there no more."""

    seat: int


class Requested(NamedTuple):
    """Somebody asks for a type of our source, and reads it from ``descriptor``."""

    source: int
    name: str
    descriptor: int


class Cancelled(NamedTuple):
    """Our source is no longer anybody's selection."""

    source: int


Event = Selected | Finished | Answered | SeatCame | SeatGone | Requested | Cancelled
