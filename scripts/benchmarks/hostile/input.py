"""One hostile copy."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping


@dataclass(frozen=True, slots=True, kw_only=True)
class Input:
    """What is offered, and how its owner misbehaves.

    Attributes:
        name: As the report says it.
        content: Makes the bytes by the type's name, once it is wanted: some are large.
        faults: As ``tests.owners.Owner.copy`` takes them.
        is_x11: It can be said in X11's protocol only.
        is_slow: It takes seconds to make or to serve; left out of a sample.
    """

    name: str
    content: Callable[[], Mapping[str, bytes]]
    faults: Mapping[str, object] = field(default_factory=dict)
    is_x11: bool = False
    is_slow: bool = False
