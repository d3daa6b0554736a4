"""Copying a clip back to the clipboard of a Wayland compositor with data-control."""

from __future__ import annotations

from weavclip.clipboard.leaving import LeavingWriter


class WaylandWriter(LeavingWriter):
    """Leaves a small process behind that owns the selection until somebody copies."""

    def __init__(self, path: str, *, timeout_s: float = 2.0) -> None:
        """Keep where to copy to.

        Args:
            path: Of the compositor's socket.
            timeout_s: Longest wait for the compositor, beyond 10 s for the process to start.
        """
        hint = "set WAYLAND_DISPLAY to a running compositor's socket"
        super().__init__("wayland", {"WAYLAND_DISPLAY": path}, timeout_s=timeout_s, hint=hint)
