"""The keys by which programs paste."""

from __future__ import annotations

from enum import StrEnum


class PasteKeys(StrEnum):
    """What to press: what the program in use takes, or what the person says."""

    AUTO = "auto"
    CTRL_V = "ctrl+v"
    CTRL_SHIFT_V = "ctrl+shift+v"
    SHIFT_INSERT = "shift+insert"
    CMD_V = "cmd+v"
