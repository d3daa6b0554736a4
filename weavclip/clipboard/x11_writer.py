"""Copying a clip back to the clipboard of an X server."""

from __future__ import annotations

import os

from weavclip.clipboard.leaving import LeavingWriter


class X11Writer(LeavingWriter):
    """Leaves a small process behind that owns the selection until somebody copies."""

    def __init__(self, display: str | None, *, timeout_s: float = 2.0) -> None:
        """Keep where to copy to.

        Args:
            display: Such as ``:0``; the environment's DISPLAY when None.
            timeout_s: Longest wait for the X server, beyond 10 s for the process to start.
        """
        kept = {name: os.environ[name] for name in ("DISPLAY", "XAUTHORITY") if name in os.environ}
        environ = kept | ({"DISPLAY": display} if display else {})
        hint = "set DISPLAY to a running X server"
        super().__init__("x11", environ, timeout_s=timeout_s, hint=hint)
