"""Reads words and codes in pictures, in a limited child that ends when nothing is left to read."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

from weavclip.domain.errors import PictureError
from weavclip.embed import ocr_frames
from weavclip.embed.sessions import NO_TELEMETRY
from weavclip.isolation.child import Child, EndedError, TooSlowError

if TYPE_CHECKING:
    from weavclip.domain.seen import Pixels, Seen

CHILD = "weavclip.embed.ocr_child"
MEMORY_BYTES = 3 << 30
"""Address space of the child, of which libraries take up most without ever touching it."""
TIMEOUT_S = 300.0
"""Longest time for a picture, the start included: 24 megapixels full of small letters."""
_FEW_HEAPS = {"MALLOC_ARENA_MAX": "2"}


class OcrReader:
    """A :class:`~weavclip.domain.ports.WordReader`; may be used by several threads, in turn."""

    def __init__(
        self,
        *,
        threads: int = 0,
        memory_bytes: int = MEMORY_BYTES,
        timeout_s: float = TIMEOUT_S,
    ) -> None:
        """Start nothing yet.

        Args:
            threads: How many it may use; 0 for as many as there are cores.
            memory_bytes: Address space that the child may use.
            timeout_s: Longest time for one picture, in seconds; of processor time likewise, for
                each thread.
        """
        cpu_s = int(timeout_s * max(1, threads or 4)) + 1
        self._arguments = (memory_bytes, cpu_s, threads)
        self._timeout_s = timeout_s
        self._lock = threading.Lock()
        self._child: Child | None = None

    @property
    def pid(self) -> int:
        """The child's process; 0 while there is none."""
        child = self._child
        return child.pid if child is not None and child.is_alive() else 0

    def read(self, pixels: Pixels) -> Seen:
        """Everything that is written in one picture.

        Raises:
            PictureError: If it cannot be read within the limits.
            ModelError: If what reads cannot be started.
        """
        with self._lock:
            if self._child is None or not self._child.is_alive():
                self._child = Child(
                    CHILD, *self._arguments, environ={**NO_TELEMETRY, **_FEW_HEAPS}
                )
            return self._asked(self._child, pixels)

    def close(self) -> None:
        """End the child, and all its memory with it; the next picture starts one again.

        From any thread: a picture that is being read fails.
        """
        child = self._child
        if child is None:
            return
        child.kill()
        with self._lock:
            child.end()
            if self._child is child:
                self._child = None

    def _asked(self, child: Child, pixels: Pixels) -> Seen:
        try:
            return ocr_frames.read_answer(
                child.ask(ocr_frames.request(pixels), timeout_s=self._timeout_s)
            )
        except TooSlowError:
            message = f"reading its words took over {self._timeout_s:g} s"
            raise PictureError(message) from None
        except EndedError as error:
            message = f"reading its words ended with code {error.code}"
            raise PictureError(message) from None
        except ValueError:
            child.end()
            message = "reading its words gave no answer"
            raise PictureError(message) from None
