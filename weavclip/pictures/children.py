"""Decoding in limited child processes: a hostile picture costs one child, never the engine."""

from __future__ import annotations

import contextlib
import os
import queue
import struct
import subprocess
import sys
import threading
from collections import deque
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TYPE_CHECKING, BinaryIO, cast

import numpy as np

from weavclip.domain.errors import PictureError
from weavclip.domain.vectors import Picture
from weavclip.pictures import frames

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from weavclip.pictures.decoding import Decoded

MEMORY_BYTES = 256 << 20
"""Address space that a child has for itself: Python, Pillow and the picture's bytes."""
MEMORY_BYTES_A_PIXEL = 16
"""And for each pixel that is allowed: decoded (4), turned or flattened (4), what codecs keep."""
TIMEOUT_S = 20.0
AHEAD = 12
"""Pictures decoded before they are asked for: a batch of eight, and the next one begun."""
AHEAD_BYTES = 64 << 20
_END_WITHIN_S = 5.0
_SIGXCPU = 24  # signal.SIGXCPU, which Windows does not name
_PIPE_BYTES = 1 << 20


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
        self._idle: queue.LifoQueue[_Child | None] = queue.LifoQueue()
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
        if self._closed.is_set():
            message = "the decoder is closed"
            raise PictureError(message)
        child = self._idle.get()
        reused = child is not None and child.is_alive()
        try:
            child = self._living(child)
            try:
                found = child.ask(encoded, size_px, timeout_s=self._timeout_s)
            except _EndedError:
                if not reused:
                    raise
                # It may have died of something else, such as a lack of memory elsewhere.
                child = self._living(child)
                found = child.ask(encoded, size_px, timeout_s=self._timeout_s)
        finally:
            self._idle.put(child)
        return _picture(found, size_px)

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

    def _living(self, child: _Child | None) -> _Child:
        if child is not None and child.is_alive():
            return child
        if child is not None:
            child.end()
        return _Child(self._arguments)


class _EndedError(PictureError):
    """The child died, and not of the time limit."""


class _Child:
    """One process that decodes one picture at a time."""

    def __init__(self, arguments: tuple[int, int, int]) -> None:
        # -I: neither the current folder nor PYTHON* variables choose what the child imports.
        command = [sys.executable, "-I", "-m", "weavclip.pictures.child", *map(str, arguments)]
        self._process = subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            start_new_session=True,  # a Ctrl-C for the engine is not one for its children
            env=_environment(),
        )
        self._expired = threading.Event()
        _widen(self._to, self._from)

    @property
    def pid(self) -> int:
        return self._process.pid

    @property
    def _to(self) -> BinaryIO:
        return cast("BinaryIO", self._process.stdin)

    @property
    def _from(self) -> BinaryIO:
        return cast("BinaryIO", self._process.stdout)

    def is_alive(self) -> bool:
        return self._process.poll() is None

    def ask(self, encoded: bytes, size_px: int, *, timeout_s: float) -> Decoded:
        timer = threading.Timer(timeout_s, self._expire)
        timer.daemon = True
        timer.start()
        try:
            found = self._exchange(encoded, size_px)
        finally:
            timer.cancel()
        if found is None:
            self.end()
            raise self._ending(timeout_s)
        if isinstance(found, tuple):
            reason, hint = found
            raise PictureError(reason, hint=hint)
        return found

    def end(self) -> None:
        """Kill it and read its exit status: it has nothing to finish."""
        self._process.kill()
        self._process.wait(_END_WITHIN_S)
        for pipe in (self._to, self._from):
            with contextlib.suppress(OSError):  # a frame half written to a child that is gone
                pipe.close()

    def _exchange(self, encoded: bytes, size_px: int) -> Decoded | tuple[str, str] | None:
        try:
            frames.send(self._to, frames.request(encoded, size_px))
            frame = frames.receive(self._from)
            return frames.read_answer(frame) if frame is not None else None
        except (OSError, ValueError, struct.error):
            return None

    def _expire(self) -> None:
        self._expired.set()
        self._process.kill()

    def _ending(self, timeout_s: float) -> PictureError:
        code = self._process.returncode
        if self._expired.is_set() or code == -_SIGXCPU:
            return PictureError(f"decoding took over {timeout_s:g} s")
        message = f"decoding ended with code {code}: the picture is hostile or too large"
        return _EndedError(message)


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


def _environment() -> dict[str, str]:
    # The child needs no name, folder, display or key of its user; Windows needs SYSTEMROOT.
    kept = ("PATH", "LD_LIBRARY_PATH", "SYSTEMROOT", "TZ")
    return {name: os.environ[name] for name in kept if name in os.environ}


def _widen(*pipes: BinaryIO) -> None:
    """Let a pipe hold a megabyte on Linux: a picture passes in few turns instead of sixty."""
    if sys.platform != "linux":
        return
    import fcntl

    for pipe in pipes:
        with contextlib.suppress(OSError):  # a user may be out of pipe memory; it works without
            fcntl.fcntl(pipe, fcntl.F_SETPIPE_SZ, _PIPE_BYTES)
