"""Content that another program writes into a pipe, at its own pace and perhaps for ever."""

from __future__ import annotations

import io
import os
import time

from weavclip.isolation.pipes import WIDE_BYTES, widen

_LONGEST_TRANSFER_S = 60.0


class Incoming:
    """One content on its way; nothing here blocks.

    Attributes:
        problem: Why there is no content, to follow the type's name; empty when all is well.
        is_over: Everything has come, or nothing more will be taken.
    """

    def __init__(self, descriptor: int, *, most_bytes: int, timeout_s: float) -> None:
        """Take a pipe over.

        Args:
            descriptor: To read from, not blocking.
            most_bytes: With one more it is closed, and its writer told so by the system.
            timeout_s: Longest wait for the next bytes.
        """
        widen(descriptor)
        self._descriptor = descriptor
        self._most_bytes = most_bytes
        self._timeout_s = timeout_s
        self._last = time.monotonic() + _LONGEST_TRANSFER_S
        # Grows by an eighth and gives its content without a copy, unlike a list that is joined.
        self._content = io.BytesIO()
        self.deadline = time.monotonic() + timeout_s
        self.problem = ""
        self.is_too_long = False
        self.is_over = False

    def fileno(self) -> int:
        """The pipe's descriptor, for select()."""
        return self._descriptor

    @property
    def size(self) -> int:
        """Bytes that have come."""
        return self._content.tell()

    def take(self) -> None:
        """Take what is there now."""
        try:
            piece = os.read(self._descriptor, WIDE_BYTES)
        except BlockingIOError:
            return
        self._content.write(piece)
        self.deadline = min(self._last, time.monotonic() + self._timeout_s)
        if self.size > self._most_bytes:
            self.is_too_long = True
            self.close("is too long")
        elif not piece:
            self.close()

    def expire(self) -> None:
        """Take no more, if the writer had its time."""
        if self.deadline > time.monotonic():
            return
        if self.size:
            self.close(f"stopped coming after {self.size} bytes")
        else:
            self.close(f"was not answered within {self._timeout_s} s")

    def close(self, problem: str = "") -> None:
        """Take no more, and say why."""
        if not self.is_over:
            self.is_over = True
            self.problem = problem
            if problem:
                self._content = io.BytesIO()
            os.close(self._descriptor)

    def content(self) -> bytes:
        """Everything that came."""
        return self._content.getvalue()


class Outgoing:
    """One content on its way to a reader; nothing here blocks.

    Attributes:
        is_whole: Everything was written, as far as that is over.
    """

    def __init__(self, descriptor: int, content: bytes) -> None:
        """Take a pipe over, which is closed at the end.

        Args:
            descriptor: To write to.
            content: All of it.
        """
        os.set_blocking(descriptor, False)
        self._descriptor = descriptor
        self._left = memoryview(content)
        self.is_whole = True

    def fileno(self) -> int:
        """The pipe's descriptor, for select()."""
        return self._descriptor

    def write(self) -> bool:
        """Write what fits; whether there is nothing more to do."""
        try:
            self._left = self._left[os.write(self._descriptor, self._left) :]
        except BlockingIOError:
            return False
        except OSError:  # the reader has had enough
            self._left, self.is_whole = self._left[:0], False
        if not self._left:
            os.close(self._descriptor)
        return not self._left
