"""Waiting for what may hang, such as the program that owns a copy: each step has a deadline."""

from __future__ import annotations

import threading
from contextlib import closing
from queue import Empty, SimpleQueue
from typing import TYPE_CHECKING, Generic, TypeVar

from weavclip.domain.errors import NoClipboardError

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterator

_T = TypeVar("_T")
# A stop ends the waiting within this; a source has 1 s in all.
_LOOK_S = 0.25


class LateError(Exception):
    """A step did not come in time; says so, to follow a type's name."""


class Patience:
    """Runs what may hang in threads, and leaves behind those that do.

    Not guaranteed: that a thread left behind ends. It does when its owner answers or dies;
    until then it counts towards ``most_hung``.
    """

    def __init__(self, timeout_s: float, *, most_hung: int = 8) -> None:
        """Keep the limits.

        Args:
            timeout_s: Longest wait for each step.
            most_hung: So many threads may hang before nothing more is begun.
        """
        self._timeout_s = timeout_s
        self._most_hung = most_hung
        self._hung: list[threading.Thread] = []

    def each(
        self,
        steps: Callable[[], Generator[_T]],
        *,
        is_over: Callable[[], bool] = lambda: False,
        timeout_s: float | None = None,
    ) -> Iterator[_T]:
        """Yield what ``steps`` yields, which runs in a thread of its own.

        Args:
            steps: Makes the generator; it is closed in its thread, also after it was late.
            is_over: Whether waiting has no use any more; looked at every 0.25 s.
            timeout_s: Longest wait for each step, where another one holds for these.

        Raises:
            LateError: If a step takes longer, or waiting has no use.
            NoClipboardError: If too many hang already.
        """
        self._hung = [each for each in self._hung if each.is_alive()]
        if len(self._hung) >= self._most_hung:
            message = f"{self._most_hung} reads of the clipboard hang"
            raise NoClipboardError(message, hint="end the program that copied last")
        within_s = self._timeout_s if timeout_s is None else timeout_s
        run = _Run(steps)
        thread = threading.Thread(target=run, name="weavclip-read", daemon=True)
        thread.start()
        try:
            yield from run.results(within_s, is_over)
        except LateError:
            self._hung.append(thread)
            raise
        finally:
            run.is_abandoned.set()


class _Run(Generic[_T]):
    """One generator on its way through a thread."""

    def __init__(self, steps: Callable[[], Generator[_T]]) -> None:
        self._steps = steps
        self._found: SimpleQueue[tuple[_T] | Exception | None] = SimpleQueue()
        self.is_abandoned = threading.Event()

    def __call__(self) -> None:
        """Run it to its end, or to the end of the step that was late."""
        try:
            with closing(self._steps()) as steps:
                for each in steps:
                    self._found.put((each,))
                    if self.is_abandoned.is_set():
                        break
        except Exception as error:  # noqa: BLE001 - thread boundary: raised by who waits
            self._found.put(error)
        else:
            self._found.put(None)

    def results(self, within_s: float, is_over: Callable[[], bool]) -> Iterator[_T]:
        while (found := self._next(within_s, is_over)) is not None:
            if isinstance(found, Exception):
                raise found
            yield found[0]

    def _next(self, within_s: float, is_over: Callable[[], bool]) -> tuple[_T] | Exception | None:
        left_s = within_s
        while left_s > 0:
            try:
                return self._found.get(timeout=min(_LOOK_S, left_s))
            except Empty:
                left_s -= _LOOK_S
            if is_over():
                message = "was not read: watching ended"
                raise LateError(message)
        message = f"was not answered within {within_s} s"
        raise LateError(message)
