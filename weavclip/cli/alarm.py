"""The first line of every command while copies are not kept that should be."""

from weavclip import wiring
from weavclip.cli import choosing, times
from weavclip.cli.app import Session, say
from weavclip.cli.printable import printable
from weavclip.domain.errors import SettingsError

SAY_IT_THEMSELVES = frozenset({None, "watch", "engine", "status", "doctor", "uninstall"})
"""Commands that show the agent's state anyway (None is the bare one), or are it."""


def warn(run: Session) -> None:
    """Say on stderr that copies are not kept, since when and why, if it is so."""
    try:
        problem = wiring.capture_problem(run.settings)
    except (SettingsError, OSError):
        return  # the command itself says what is wrong, or mends it
    if problem is None:
        return
    since = problem.since and f" since {times.recent(problem.since, now=choosing.now())}"
    say(f"weavclip: copies are NOT kept{since or ''}: {printable(problem.sentence)}")
    say(f"  try: {printable(problem.hint)}")
