"""Decoding in limited child processes: a hostile picture costs one child, never the engine."""

from __future__ import annotations

import os
import queue
import struct
import threading
from collections import deque
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TYPE_CHECKING, TypeVar

import numpy as np

from weavclip.domain.errors import PictureError
from weavclip.domain.vectors import Picture
from weavclip.isolation.child import Child, EndedError, TooSlowError
from weavclip.pictures import frames

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from weavclip.domain.seen import Greys, Pixels
    from weavclip.pictures.decoding import Decoded

_Answer = TypeVar("_Answer")

CHILD = "weavclip.pictures.child"
MEMORY_BYTES = 256 << 20
"""Address space that a child has for itself: Python, Pillow and the picture's bytes."""
MEMORY_BYTES_A_PIXEL = 16
"""And for each pixel that is allowed: decoded (4), turned or flattened (4), what codecs keep."""
TIMEOUT_S = 20.0
AHEAD = 12
"""Pictures decoded before they are asked for: a batch of eight, and the next one begun."""
AHEAD_BYTES = 64 << 20


class ChildDecoder:
    """A :class:`~weavclip.domain.ports.PictureDecoder`; may be used by several threads.

    Children start at the first picture, and are kept. One that dies, hangs or answers nonsense
    is ended, its picture fails, and the next picture gets a new child.
    """

    def __init__(
        self,
        *,
        max_pixels: int,
        memory_bytes: int = 0,
        timeout_s: float = TIMEOUT_S,
        workers: int = 0,
    ) -> None:
        """Start nothing yet.

        Args:
            max_pixels: Larger pictures are refused.
            memory_bytes: Address space that a child may use; 0 for what ``max_pixels`` need.
            timeout_s: Longest time for one picture, in seconds; of processor time likewise.
            workers: How many children; 0 for as many as there are cores.
        """
        memory = memory_bytes or MEMORY_BYTES + MEMORY_BYTES_A_PIXEL * max_pixels
        self._arguments = (max_pixels, memory, int(timeout_s) + 1)
        self._timeout_s = timeout_s
        count = workers or os.cpu_count() or 1
        self._idle: queue.LifoQueue[Child | None] = queue.LifoQueue()
        for _ in range(count):
            self._idle.put(None)
        self._count = count
        self._pool = ThreadPoolExecutor(count, thread_name_prefix="decode")
        self._closed = threading.Event()

    def decode(self, encoded: bytes, *, size_px: int) -> Picture:
        """Decode one picture.

        Args:
            encoded: The file's bytes, of any format that is known.
            size_px: Side of the square that the model takes.

        Raises:
            PictureError: If it is damaged, of no known format, over a limit, or took too long.
        """
        found = self._asked(frames.request(encoded, size_px), frames.read_answer)
        return _picture(found, size_px)

    def whole(self, encoded: bytes) -> Pixels:
        """All pixels of one picture.

        Raises:
            PictureError: As for :meth:`decode`.
        """
        return self._asked(frames.request(encoded, frames.WHOLE), frames.read_pixels)

    def greys(self, encoded: bytes) -> Greys:
        """One picture in small, as it is compared.

        Raises:
            PictureError: As for :meth:`decode`.
        """
        return self._asked(frames.request(encoded, frames.GREYS), frames.read_greys)

    def _asked(
        self, request: tuple[bytes, ...], read: Callable[[bytes], _Answer | tuple[str, str]]
    ) -> _Answer:
        if self._closed.is_set():
            message = "the decoder is closed"
            raise PictureError(message)
        child = self._idle.get()
        reused = child is not None and child.is_alive()
        try:
            child = self._living(child)
            try:
                found = _ask(child, request, read, timeout_s=self._timeout_s)
            except EndedError:
                if not reused:
                    raise
                # It may have died of something else, such as a lack of memory elsewhere.
                child = self._living(child)
                found = _ask(child, request, read, timeout_s=self._timeout_s)
        except EndedError as error:
            raise _hostile(error) from None
        finally:
            self._idle.put(child)
        if isinstance(found, tuple):
            reason, hint = found
            raise PictureError(reason, hint=hint)
        return found

    def decode_many(
        self, encoded: Iterable[bytes], *, size_px: int
    ) -> Iterator[Picture | Exception]:
        """Decode several side by side, in order; a PictureError stands for one that failed.

        Up to twelve pictures (and 64 MiB of their bytes) are read ahead, so the children work
        while the caller embeds what it was given.
        """
        ahead: deque[tuple[Future[Picture], int]] = deque()
        source = iter(encoded)
        room = AHEAD_BYTES
        more = True
        try:
            while more or ahead:
                while more and room > 0 and len(ahead) < max(AHEAD, self._count):
                    more = (each := next(source, None)) is not None
                    if each is not None:
                        task = self._pool.submit(self.decode, each, size_px=size_px)
                        ahead.append((task, len(each)))
                        room -= len(each)
                if ahead:
                    task, length = ahead.popleft()
                    room += length
                    yield _outcome(task)
        finally:
            for task, _ in ahead:
                task.cancel()

    def close(self) -> None:
        """End the children."""
        self._closed.set()
        self._pool.shutdown(cancel_futures=True)
        for child in [self._idle.get() for _ in range(self._count)]:
            if child is not None:
                child.end()
            self._idle.put(None)

    def _living(self, child: Child | None) -> Child:
        if child is not None and child.is_alive():
            return child
        if child is not None:
            child.end()
        return Child(CHILD, *self._arguments)


def _ask(
    child: Child, parts: Iterable[bytes], read: Callable[[bytes], _Answer], *, timeout_s: float
) -> _Answer:
    """A child's answer; one that is nonsense ends it.

    Raises:
        PictureError: If it took too long.
        EndedError: If it died.
    """
    try:
        return read(child.ask(parts, timeout_s=timeout_s))
    except TooSlowError:
        message = f"decoding took over {timeout_s:g} s"
        raise PictureError(message) from None
    except (ValueError, struct.error):
        child.end()
        raise EndedError(None) from None


def _hostile(error: EndedError) -> PictureError:
    message = f"decoding ended with code {error.code}: the picture is hostile or too large"
    return PictureError(message)


def _outcome(task: Future[Picture]) -> Picture | Exception:
    try:
        return task.result()
    except (PictureError, OSError) as error:  # OSError: no child could be started
        return error


def _picture(found: Decoded, size_px: int) -> Picture:
    pixels = np.frombuffer(found.square, np.uint8)
    if pixels.size != size_px * size_px * 3:
        message = f"decoding gave {pixels.size} bytes for a square of {size_px} px"
        raise PictureError(message)
    return Picture(
        square=pixels.reshape(size_px, size_px, 3),
        width_px=found.width_px,
        height_px=found.height_px,
        pixel_digest=found.pixel_digest,
        thumbnail=found.thumbnail,
    )
