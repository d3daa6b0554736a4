"""Settings that change under a running agent."""

from __future__ import annotations

import logging
import os
from typing import TYPE_CHECKING

from weavclip.domain.errors import SettingsError
from weavclip.domain.timetable import Timetable
from weavclip.settings import config_path, load
from weavclip.wiring.parts import make_ingest

if TYPE_CHECKING:
    from pathlib import Path

    from weavclip.domain.clip import Offer
    from weavclip.domain.stores import Journal
    from weavclip.pipeline.ingest import Ingest, Outcome
    from weavclip.settings import Settings

logger = logging.getLogger(__name__)

TAKEN_AT_START = frozenset(
    {
        "data_dir",
        "log_level",
        "source",
        "replay",
        "primary_selection",
        "read_timeout_s",
        "poll_interval_s",
        "reserve_bytes",
        "engine_pause_s",
    }
)
"""Settings that a running agent does not take from a changed config.toml."""


class CurrentSettings:
    """The settings of an agent that runs for weeks: as config.toml says now.

    Nothing waits for the file: who asks has it looked at, which costs one stat().
    """

    def __init__(self, settings: Settings) -> None:
        """Begin with what the agent was started with; its data folder stays."""
        self._value = settings
        self._file = config_path(os.environ)
        self._mark = _mark(self._file)

    def value(self) -> Settings:
        """The settings now; those before, where the file is wrong."""
        mark = _mark(self._file)
        if mark == self._mark:
            return self._value
        self._mark = mark
        try:
            self._value = load({"data_dir": str(self._value.data_dir)}).settings
        except SettingsError as error:
            logger.warning("settings stay as they were: %s", error)
        else:
            logger.info("%s was read anew", self._file)
        return self._value


class CurrentIngest:
    """Keeps copies by the settings as they are when each comes."""

    def __init__(self, current: CurrentSettings, journal: Journal) -> None:
        """Keep in ``journal``."""
        self._current = current
        self._journal = journal
        self._made_for = current.value()
        self._ingest = make_ingest(self._made_for, journal)

    def take(self, offer: Offer) -> Outcome:
        """Keep one copy, durably, or say why not.

        Raises:
            JournalError: If it should be kept and cannot be written.
        """
        return self._fresh().take(offer)

    def _fresh(self) -> Ingest:
        settings = self._current.value()
        if settings is not self._made_for:
            try:
                self._ingest = make_ingest(settings, self._journal)
            except SettingsError as error:
                logger.warning("what is kept stays as it was: %s", error)
            self._made_for = settings
        return self._ingest


class CurrentHours:
    """The incognito timetable as the settings have it now."""

    def __init__(self, current: CurrentSettings) -> None:
        """Ask ``current``."""
        self._current = current
        self._entries: tuple[str, ...] = ()
        self._timetable = Timetable()

    def __call__(self) -> Timetable:
        """The timetable; understood anew when its entries have changed."""
        entries = self._current.value().incognito
        if entries != self._entries:
            self._entries, self._timetable = entries, Timetable.parse(entries)
        return self._timetable


def _mark(path: Path) -> tuple[int, int, int] | None:
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_ino, found.st_size, found.st_mtime_ns
