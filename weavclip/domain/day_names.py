"""The names of days and months: English, whatever the system's locale is."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import date

DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
MONTHS = (
    "january", "february", "march", "april", "may", "june", "july", "august", "september",
    "october", "november", "december",
)  # fmt: skip
LETTERS = 3
"""Of a short name."""
SHORT_DAYS = tuple(name[:LETTERS] for name in DAYS)
SHORT_MONTHS = tuple(name[:LETTERS] for name in MONTHS)


def day_of(moment: date) -> str:
    """The day of the week, such as ``Mon``."""
    return SHORT_DAYS[moment.weekday()].title()


def month_of(moment: date) -> str:
    """The month, such as ``Nov``."""
    return SHORT_MONTHS[moment.month - 1].title()
