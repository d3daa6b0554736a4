"""What an engine works at in the background, step by step."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from weavclip.domain.ports import StopSignal
    from weavclip.pipeline.status import EngineState

    Handler = Callable[[object], object]

RETRY_AFTER = timedelta(minutes=5)
_LONGEST_RETRY = timedelta(days=1)
_MOST_DOUBLINGS = 10


@dataclass(frozen=True, slots=True)
class Step:
    """What one round did: how many clips went on, and how many failed."""

    done: int = 0
    failed: int = 0

    def __bool__(self) -> bool:
        """Whether there was anything to do."""
        return bool(self.done or self.failed)


def next_try(tries: int) -> datetime:
    """When to try again what has failed so often before: in 5 minutes, 10, ... a day at most."""
    pause = RETRY_AFTER * (1 << min(tries, _MOST_DOUBLINGS))
    return datetime.now(UTC) + min(_LONGEST_RETRY, pause)


class Work:
    """One kind of work; whatever is not said otherwise, it does not do."""

    def begin(self, leaving: StopSignal, *, on_change: Callable[[], None]) -> None:
        """Start what goes on beside the steps.

        Args:
            leaving: Ends it.
            on_change: Is called when there may be something to do, from any thread.
        """

    def steps(self, leaving: StopSignal) -> Iterator[tuple[str, Callable[[], Step]]]:
        """What it does, in words, and how; each is taken in turn, round after round.

        Args:
            leaving: A long step ends early.
        """
        del leaving
        yield from ()

    def requests(self) -> Mapping[str, Handler]:
        """What it answers, by name."""
        return {}

    def told(self, state: EngineState) -> EngineState:
        """The engine's state with what is known here."""
        return state

    def nudge(self) -> None:
        """Look again now for what is awaited; from any thread."""

    def rest(self) -> bool:
        """Give back what takes memory, for a long pause; whether something is still awaited."""
        return False

    def leave(self) -> None:
        """Cut short what takes long, since the engine leaves; from any thread."""

    def close(self) -> None:
        """Give everything back."""
