"""Copying a clip back to GNOME's clipboard."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from weavclip.clipboard.leaving import LeavingWriter
from weavclip.clipboard.mutter_bus import address_of

if TYPE_CHECKING:
    from collections.abc import Mapping


class MutterWriter(LeavingWriter):
    """Leaves a small process behind that owns the clipboard until somebody copies.

    When the screen is locked GNOME ends its access, and keeps one type of what it offered.
    """

    def __init__(
        self, environ: Mapping[str, str] | None = None, *, timeout_s: float = 2.0
    ) -> None:
        """Keep where to copy to.

        Args:
            environ: Tells of the session bus; the process's own when None.
            timeout_s: Longest wait for GNOME's compositor, beyond 10 s for the process to start.
        """
        address = address_of(os.environ if environ is None else environ)
        hint = "run it inside a GNOME Wayland session"
        kept = {"DBUS_SESSION_BUS_ADDRESS": address}
        super().__init__("mutter", kept, timeout_s=timeout_s, hint=hint)
