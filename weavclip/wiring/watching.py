"""The agent: its parts, made and handed to one another."""

from __future__ import annotations

import os
from contextlib import ExitStack, contextmanager
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from weavclip.domain.errors import EngineError, JournalError, JournalVersionError, NoClipboardError
from weavclip.pipeline import capture
from weavclip.pipeline.alone import alone
from weavclip.pipeline.telling import LOCK_NAME, fall_silent, read_state
from weavclip.pipeline.upkeep import kept_up
from weavclip.privacy.gate import HintGate
from weavclip.privacy.pauses import Pauses, unread_while_closed
from weavclip.wiring import word_child
from weavclip.wiring.background import service_is_installed
from weavclip.wiring.current import (
    CurrentHours,
    CurrentIngest,
    CurrentSettings,
)
from weavclip.wiring.parts import clipboard_source, index_words, keep, open_journal, wake_engine

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from contextlib import AbstractContextManager

    from weavclip.clipboard.reconnecting import ReconnectingSource
    from weavclip.domain.ports import ClipboardSource, StopSignal
    from weavclip.domain.stores import Journal
    from weavclip.journal.store import SqliteJournal
    from weavclip.pipeline.health import Health
    from weavclip.settings import Settings

SUMMARY = "Copies are not kept"
FIRST_PAUSE_S, MOST_PAUSE_S = 1.0, 30.0


def capture_problem(settings: Settings) -> capture.Problem | None:
    """Why copies are not kept that should be; None when all is well. Takes no time."""
    return capture.problem(settings.data_dir, is_installed=lambda: service_is_installed(settings))


def run_agent(settings: Settings, stop: StopSignal, *, wait: bool = False) -> None:
    """Watch the clipboard until ``stop``; one that goes away is found again.

    Args:
        settings: The settings; what is changed in config.toml holds from the next copy on.
        stop: Ends it.
        wait: For a clipboard, and for a journal that can be opened; else they must be there.

    Raises:
        NoClipboardError: If there is none.
        JournalError: If the journal cannot be opened.
        EngineError: If an agent watches for this data folder already.
    """
    from weavclip.pipeline.agent import Agent
    from weavclip.pipeline.health import Health
    from weavclip.pipeline.heart import Heart
    from weavclip.service.memory import give_large_back
    from weavclip.service.systemd_notify import SystemdNotify

    give_large_back()
    current = CurrentSettings(settings)
    with ExitStack() as stack:
        stack.enter_context(_only_agent(settings.data_dir))
        stack.callback(fall_silent, settings.data_dir)
        supervisor = SystemdNotify(os.environ)
        health = Health(
            settings.data_dir, supervisor=supervisor, alarm=partial(sound_alarm, current)
        )
        heart = Heart(supervisor.alive, watchdog_s=supervisor.watchdog_s)
        journal = stack.enter_context(_patient_journal(settings, health, stop if wait else None))
        if journal is None:
            return
        health.look_again_with(partial(_is_writable, journal))
        stack.enter_context(kept_up(journal, keep=lambda: keep(current.value()), is_last=True))
        gate = Pauses(settings.data_dir, hours=CurrentHours(current))
        agent = Agent(
            _source(current, gate, listener=health, attempt=heart.busy, is_patient=wait),
            CurrentIngest(current, journal),
            pauses=gate,
            health=health,
            heart=heart,
            wake_engine=partial(_after_copies, current, journal),
            pause_s=settings.engine_pause_s,
        )
        agent.run(stop)


@contextmanager
def _only_agent(data_dir: Path) -> Iterator[None]:
    with ExitStack() as stack:
        try:
            stack.enter_context(alone(data_dir / LOCK_NAME, what="an agent"))
        except EngineError:
            raise _runs_already(data_dir) from None
        yield


def _runs_already(data_dir: Path) -> EngineError:
    state = read_state(data_dir)
    who = f" (process {state.pid}, since {state.since.astimezone():%d %b %H:%M})" if state else ""
    message = f"an agent{who} watches for {data_dir} already"
    return EngineError(message, hint="weavclip status")


def _after_copies(current: CurrentSettings, journal: SqliteJournal) -> None:
    if journal.has_huge_text_waiting():
        word_child.run(current.value())
    else:
        index_words(journal)
    wake_engine(current.value(), journal)


@contextmanager
def _patient_journal(
    settings: Settings, health: Health, stop: StopSignal | None
) -> Iterator[SqliteJournal | None]:
    """The journal, waited for until ``stop`` where there is one; None when that came first."""
    with ExitStack() as stack:
        journal, pause_s = None, FIRST_PAUSE_S
        while journal is None:
            try:
                journal = stack.enter_context(open_journal(settings))
            except JournalError as error:
                if stop is None or isinstance(error, JournalVersionError):
                    raise
                health.refused(str(error), error.hint)
                if stop.wait(pause_s):
                    break
                pause_s = min(pause_s * 2, MOST_PAUSE_S)
        if journal is not None:
            health.kept()
        yield journal


def _is_writable(journal: Journal) -> bool:
    try:
        journal.check_writable()
    except JournalError:
        return False
    return True


def _source(
    current: CurrentSettings,
    gate: Pauses,
    *,
    listener: Health,
    attempt: Callable[[], AbstractContextManager[None]],
    is_patient: bool,
) -> ReconnectingSource:
    from weavclip.clipboard import displays
    from weavclip.clipboard.reconnecting import Nowhere, ReconnectingSource

    environ = dict(os.environ)  # as it was at the start: another display's is tried beside it
    unread = unread_while_closed(HintGate().unread_types, gate)

    def choices() -> Iterator[ClipboardSource]:
        for each in displays.environs(environ, partial(_told_of_displays, environ)):
            try:
                source = clipboard_source(current.value(), environ=each, unread_types=unread)
            except NoClipboardError as error:
                source = Nowhere(error)
            _use_x_authority(each)
            yield source

    return ReconnectingSource(
        choices,
        listener=listener,
        is_patient=is_patient,
        look=partial(displays.look, environ),
        attempt=attempt,
    )


def _use_x_authority(environ: Mapping[str, str]) -> None:
    """Show libxcb a session's key to its X server: it reads this process's own environment."""
    os.environ.pop("XAUTHORITY", None)
    os.environ.update({name: path for name, path in environ.items() if name == "XAUTHORITY"})


def _told_of_displays(environ: Mapping[str, str]) -> dict[str, str]:
    """What systemd's manager of this person says; nothing where there is none."""
    from weavclip.service.commands import SystemCommands
    from weavclip.service.session import display_environ

    managers = Path(environ.get("XDG_RUNTIME_DIR", ""), "systemd", "private")
    return display_environ(SystemCommands()) if managers.exists() else {}


def sound_alarm(current: CurrentSettings, problem: str, hint: str) -> None:
    """Tell the person on the desktop, unless they want no notifications."""
    from weavclip.service.notify import notify

    if current.value().notifications:
        body = f"{problem}.\nTry: {hint}" if hint else f"{problem}."
        notify(SUMMARY, body, environ=os.environ)
