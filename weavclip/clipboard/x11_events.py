"""What an X server tells of a clipboard, as plain values."""

from __future__ import annotations

from typing import NamedTuple


class OwnerChanged(NamedTuple):
    """A selection has another owner; 0 when it has none any more."""

    selection: int
    owner: int
    at_ms: int
    has_died: bool


class Answer(NamedTuple):
    """An owner answered a conversion; ``atom`` is 0 when it refused."""

    window: int
    target: int
    atom: int


class PropertyChanged(NamedTuple):
    """A property of one of our windows was written or deleted."""

    window: int
    atom: int
    at_ms: int
    is_deleted: bool


class Request(NamedTuple):
    """Somebody asks us, the owner, for a target."""

    requestor: int
    selection: int
    target: int
    atom: int
    at_ms: int


class Lost(NamedTuple):
    """Somebody else owns the selection now."""

    selection: int


class WindowGone(NamedTuple):
    """A window whose end we asked to hear of has ended."""

    window: int


Event = OwnerChanged | Answer | PropertyChanged | Request | Lost | WindowGone


class Property(NamedTuple):
    """A property's value.

    Attributes:
        type_atom: Its type, 0 when there is no such property.
        content: Its bytes; empty when there are more than were asked for.
        bytes_left: How many were not read; 0 when ``content`` is whole.
    """

    type_atom: int
    content: bytes
    bytes_left: int
