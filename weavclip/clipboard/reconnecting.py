"""A clipboard that may go away and come back: a compositor that restarts, another session."""

from __future__ import annotations

import hashlib
import logging
import threading
import time
from collections import deque
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING, Protocol

from weavclip.clipboard.reowned import UNREAD
from weavclip.domain.errors import NoClipboardError, WeavclipError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from weavclip.domain.clip import Offer
    from weavclip.domain.ports import ClipboardSource, StopSignal

logger = logging.getLogger(__name__)

LOOK_EVERY_S = 2.0
STEADY_S = 10.0
"""A connection that lasted so long was a success: the next pause is short again."""


class Listener(Protocol):
    """Who is told of the connection."""

    def lost(self, problem: str, hint: str) -> None:
        """There is nothing to watch; it is tried again and again."""
        ...

    def found(self, source: str) -> None:
        """The source of this name is watched."""
        ...


@dataclass(frozen=True, slots=True)
class Pace:
    """How long to wait between attempts: twice as long each time.

    Attributes:
        first_s: The first pause, in seconds.
        most_s: The longest.
    """

    first_s: float = 0.5
    most_s: float = 30.0


class Nowhere:
    """A session that has no clipboard: the source that says so when it is to be watched."""

    name = "none"

    def __init__(self, error: NoClipboardError) -> None:
        """Keep why."""
        self._error = error

    def watch(self, stop: StopSignal) -> Iterator[Offer]:
        """Nothing can be.

        Raises:
            NoClipboardError: Always.
        """
        del stop
        raise self._error


class ReconnectingSource:
    """Chooses a source anew whenever the one that was watched has gone.

    What was on the clipboard already and comes again after a reconnect is no new copy.
    """

    def __init__(
        self,
        choices: Callable[[], Iterable[ClipboardSource]],
        *,
        listener: Listener,
        is_patient: bool = False,
        pace: Pace | None = None,
        look: Callable[[], object] = lambda: None,
        attempt: Callable[[], AbstractContextManager[object]] = nullcontext,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """Keep how to connect; nothing is connected yet.

        Args:
            choices: Makes the sources to try, best first.
            listener: Is told when the clipboard is lost and when it is found.
            is_patient: Waits for the first connection, too.
            pace: Of the attempts.
            look: What is seen of displays from outside, cheaply; when it changes while nothing
                is connected, the next attempt is made at once.
            attempt: Is around each attempt to connect, which may hang.
            clock: Monotonic seconds.
        """
        self.name = "none"
        self._choices = choices
        self._listener = listener
        self._is_patient = is_patient
        self._pace = pace or Pace()
        self._look = look
        self._attempt = attempt
        self._clock = clock
        self._seen: deque[_Selection] = deque(maxlen=2)  # one each of CLIPBOARD and PRIMARY

    def watch(self, stop: StopSignal) -> Iterator[Offer]:
        """Yield every copy, until ``stop`` or until a finite source is through.

        Raises:
            NoClipboardError: If there is nothing to watch at first, and it is not patient.
            ClipboardError: If a source's material is wrong, such as a replayed file.
        """
        ends = _Ends(stop)
        try:
            offers: Iterator[Offer] | None = self._connect(ends, is_first=True)
        except NoClipboardError as error:
            if not self._is_patient:
                raise
            self._listener.lost(str(error), error.hint)
            offers = None
        return self._follow(offers, ends, stop)

    def _follow(
        self, offers: Iterator[Offer] | None, ends: _Ends, stop: StopSignal
    ) -> Iterator[Offer]:
        pause_s = self._pace.first_s
        while not stop.is_set():
            if offers is None:
                offers, pause_s = self._found_again(ends, stop, pause_s)
                if offers is None:
                    return
            began = self._clock()
            try:
                yield from filter(self._is_new, offers)
            except WeavclipError as error:
                if not isinstance(error, NoClipboardError):
                    raise
                lost = error
            except Exception as error:  # noqa: BLE001 - a source that broke is made anew
                lost = _broke(self.name, error)
            else:
                return
            finally:
                ends.end_connection()
            offers = None
            if self._clock() - began > STEADY_S:
                pause_s = self._pace.first_s
            if not stop.is_set():
                # Not the error's hint: nobody has to do what is done here all the time.
                self._listener.lost(str(lost), "")

    def _found_again(
        self, ends: _Ends, stop: StopSignal, pause_s: float
    ) -> tuple[Iterator[Offer] | None, float]:
        """The offers of the next source that can be watched, and the pause after that one."""
        before = self._look()
        while not self._waits(pause_s, stop, before):
            now = self._look()
            # What has just shown itself may need a moment: short pauses again.
            pause_s = min(pause_s * 2, self._pace.most_s) if now == before else self._pace.first_s
            before = now
            try:
                return self._connect(ends), pause_s
            except NoClipboardError as error:
                logger.debug("still nothing to watch: %s", error)
        return None, pause_s

    def _waits(self, pause_s: float, stop: StopSignal, before: object) -> bool:
        """Wait for the pause to be over or a display to show itself; whether it is time to end."""
        end = self._clock() + pause_s
        while (left_s := end - self._clock()) > 0:
            if stop.wait(min(left_s, LOOK_EVERY_S)):
                return True
            if self._look() != before:
                break
        return stop.is_set()

    def _connect(self, ends: _Ends, *, is_first: bool = False) -> Iterator[Offer]:
        """Begin to watch the first of the choices that can be; at first, in haste, the best only.

        Raises:
            NoClipboardError: Why the best of them cannot.
        """
        failed: NoClipboardError | None = None
        with self._attempt():
            only = 1 if is_first and not self._is_patient else None
            for source in islice(self._choices(), only):
                try:
                    offers = source.watch(ends.begin_connection())
                except WeavclipError as error:
                    if not isinstance(error, NoClipboardError):
                        raise
                    failed = failed or error
                except Exception as error:  # noqa: BLE001 - a server that dies meanwhile
                    failed = failed or _broke(source.name, error)
                else:
                    self.name = source.name
                    self._listener.found(source.name)
                    return offers
        raise failed or NoClipboardError("there is nothing to watch here")

    def _is_new(self, offer: Offer) -> bool:
        selection = _Selection.of(offer)
        if offer.on_start and any(selection.repeats(each) for each in self._seen):
            logger.debug("what was on the clipboard before is there again")
            return False
        self._seen.append(selection)
        return True


def _broke(name: str, error: Exception) -> NoClipboardError:
    # Its class only: what it says may quote a copy.
    return NoClipboardError(f"the {name} source broke: {type(error).__name__}")


class _Ends:
    """The stop as each connection sees it.

    Each has a signal of its own: a thread that waits for it ends with the connection, so that
    an agent that has reconnected a thousand times has no thousand threads.
    """

    def __init__(self, stop: StopSignal) -> None:
        self._stop = stop
        self._current = threading.Event()
        threading.Thread(target=self._pass_on, name="weavclip-ends", daemon=True).start()

    def begin_connection(self) -> threading.Event:
        self.end_connection()
        self._current = threading.Event()
        if self._stop.is_set():
            self._current.set()
        return self._current

    def end_connection(self) -> None:
        self._current.set()

    def _pass_on(self) -> None:
        self._stop.wait()
        self._current.set()


@dataclass(frozen=True, slots=True)
class _Selection:
    """What is remembered of a copy: the types' names, and a digest; in memory only."""

    types: frozenset[str]
    digest: bytes
    has_failed: bool

    @classmethod
    def of(cls, offer: Offer) -> _Selection:
        digest = hashlib.blake2b(digest_size=16)
        for mime_type, content in sorted(offer.representations.items()):
            digest.update(f"{mime_type} {len(content)} ".encode())
            digest.update(content)
        is_read = bool(offer.representations)
        return cls(
            types=frozenset(offer.types),
            digest=digest.digest() if is_read else b"",
            has_failed=not is_read and bool(set(offer.problems) - {UNREAD}),
        )

    def repeats(self, before: _Selection) -> bool:
        """Whether it is the same copy; one that was not read is known by its types alone.

        Not so where it could not be read, and now it can: its owner or the display died while it
        was being written, and the next text has the same types.
        """
        if self.digest and (before.digest or before.has_failed):
            return self.digest == before.digest
        return self.types == before.types
