"""Whether copies are kept right now, as the person wants it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """What keeps copies from being kept, by the person's own wish.

    Attributes:
        is_paused: By ``weavclip pause``.
        paused_until: When that ends by itself, aware; None for never.
        is_incognito: By the timetable of the setting ``incognito``.
        incognito_until: When these hours end, aware; None when they never do.
        ignoring_until: The next copy before then is not kept; None when it is.
    """

    is_paused: bool = False
    paused_until: datetime | None = None
    is_incognito: bool = False
    incognito_until: datetime | None = None
    ignoring_until: datetime | None = None
