"""Pause, incognito hours and ignoring one copy: what the person wants not to be kept for now.

Small files in the data folder say it, so that it holds whether an agent runs or not, and after a
restart of the agent or the machine. Nothing waits for them to change: they are looked at with
each copy (33 microseconds in all), and times are compared by the wall clock, so a
pause ends on time also when the machine slept. A clock that is set back makes it longer, never
shorter.
"""

from __future__ import annotations

import json
import logging
import os
from contextlib import suppress
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from weavclip.domain.errors import JournalError
from weavclip.domain.pausing import Standing
from weavclip.domain.timetable import Timetable

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from pathlib import Path

    from weavclip.domain.clip import Offer

logger = logging.getLogger(__name__)

PAUSE_NAME, IGNORE_NAME = "pause.json", "ignore-next.json"
LEFT_NAME = "left-unkept"
"""There while what lies on the clipboard was, or may have been, copied while nothing was kept."""

PAUSED, INCOGNITO, IGNORED = "paused", "incognito hours", "ignored as asked for"
LEFT_OVER = "it was on the clipboard while nothing was kept"


class Pauses:
    """A gate that is closed while the person wants nothing to be kept."""

    def __init__(
        self,
        data_dir: Path,
        *,
        hours: Callable[[], Timetable] = Timetable,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        """Keep where it is noted.

        Args:
            data_dir: Folder of all data.
            hours: The incognito timetable; asked for with each copy.
            now: The clock, aware.
        """
        self._data_dir = data_dir
        self._hours = hours
        self._now = now

    def pause(self, *, until: datetime | None = None) -> None:
        """Keep nothing from now on, until then or until :meth:`resume`.

        Raises:
            JournalError: If it cannot be noted: copies are kept as before.
        """
        self._write(LEFT_NAME, "")
        self._write(PAUSE_NAME, json.dumps({"until": until and until.isoformat()}))

    def resume(self) -> bool:
        """Keep copies again, all that come from now on; whether anything kept them away.

        What lies on the clipboard is not taken: it may have been copied in the pause.

        Raises:
            JournalError: If the notes cannot be removed.
        """
        stood = self.standing()
        self._remove(IGNORE_NAME)
        self._remove(PAUSE_NAME)
        return stood.is_paused or stood.ignoring_until is not None

    def ignore_next(self, *, until: datetime) -> None:
        """Keep the next copy out, when one comes before ``until``.

        Raises:
            JournalError: If it cannot be noted.
        """
        self._write(IGNORE_NAME, json.dumps({"until": until.isoformat()}))

    def standing(self, at: datetime | None = None) -> Standing:
        """What is noted, at this moment or at another."""
        moment = at or self._now()
        is_paused, paused_until = self._noted(PAUSE_NAME, moment)
        is_ignoring, ignoring_until = self._noted(IGNORE_NAME, moment)
        hours = self._hours()
        return Standing(
            is_paused=is_paused,
            paused_until=paused_until,
            is_incognito=hours.covers(moment),
            incognito_until=hours.ends(moment),
            ignoring_until=ignoring_until if is_ignoring else None,
        )

    def closes(self, at: datetime | None = None) -> str:
        """Why no copy of this moment is kept; empty when copies are."""
        moment = at or self._now()
        if self._noted(PAUSE_NAME, moment)[0]:
            return PAUSED
        return INCOGNITO if self._hours().covers(moment) else ""

    @property
    def unread_types(self) -> frozenset[str]:
        """Every type there is while copies are not kept, else none."""
        return unread_while_closed(frozenset(), self)

    def refusal(self, offer: Offer) -> str | None:
        """Why this copy is not kept; None when it may be. The first after ``ignore_next`` is not.

        Of what lay on the clipboard already it is asked whether it may come from a pause.
        """
        if offer.own_id is not None:
            return None
        if offer.on_start and self._is_left():
            return self.closes() or LEFT_OVER
        reason = self.closes(offer.at) or self.closes()
        if not reason and not offer.on_start and self._claims(offer):
            reason = IGNORED
        self._note_left(is_left=bool(reason))
        return reason or None

    def _claims(self, offer: Offer) -> bool:
        """Whether this is the copy to ignore; if so, the next one is not."""
        is_wanted, _ = self._noted(IGNORE_NAME, offer.at)
        with suppress(JournalError):
            self._remove(IGNORE_NAME)
        return is_wanted

    def _noted(self, name: str, moment: datetime) -> tuple[bool, datetime | None]:
        """Whether a note holds at a moment, and when it ends."""
        try:
            until = json.loads((self._data_dir / name).read_bytes())["until"]
            end = None if until is None else datetime.fromisoformat(until)
            holds = end is None or moment < end
        except OSError:
            return False, None  # there is none, or a folder in which no copy can be kept either
        except (ValueError, TypeError, KeyError):
            return True, None  # damaged: what was not to be kept stays so until 'resume'
        return holds, end

    def _is_left(self) -> bool:
        return os.path.exists(self._data_dir / LEFT_NAME)  # noqa: PTH110 - raises nothing

    def _note_left(self, *, is_left: bool) -> None:
        if is_left == self._is_left():
            return
        try:
            if is_left:
                self._write(LEFT_NAME, "")
            else:
                self._remove(LEFT_NAME)
        except JournalError as error:
            logger.warning("%s", error)

    def _write(self, name: str, text: str) -> None:
        path = self._data_dir / name
        fresh = path.with_name(f"{name}.{os.getpid()}")
        try:
            self._data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
            fd = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
            with os.fdopen(fd, "w") as file:
                file.write(text)
                file.flush()
                os.fsync(fd)
            fresh.replace(path)
        except OSError as error:
            raise _unwritten(path, error) from error

    def _remove(self, name: str) -> None:
        path = self._data_dir / name
        try:
            path.unlink(missing_ok=True)
        except OSError as error:
            raise _unwritten(path, error) from error


class UnreadTypes(frozenset[str]):
    """Types whose presence forbids reading; while a gate is closed, every type is one."""

    closes: Callable[[], str]

    def isdisjoint(self, other: Iterable[object], /) -> bool:
        """False where one of ``other`` must not be read, so while the gate is closed."""
        return not self.closes() and super().isdisjoint(other)

    def __contains__(self, each: object, /) -> bool:
        """Whether this type's presence forbids reading, so always while the gate is closed."""
        return bool(self.closes()) or super().__contains__(each)


def unread_while_closed(types: frozenset[str], pauses: Pauses) -> UnreadTypes:
    """``types``, and all there are while nothing is to be kept."""
    unread = UnreadTypes(types)
    unread.closes = pauses.closes
    return unread


def _unwritten(path: Path, error: OSError) -> JournalError:
    message = f"{path} cannot be written: {error.strerror}"
    return JournalError(message, hint="weavclip doctor")
