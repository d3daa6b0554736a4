"""Copying a clip back to the clipboard of an X server."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import weavclip
from weavclip.clipboard.formats import MARKER, PLAIN, URIS
from weavclip.clipboard.owner import OWNED, packed
from weavclip.domain.errors import ClipboardError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from uuid import UUID

_START_S = 10.0  # a new process on a machine under load; measured 0.25 s at rest
_KEPT_VARIABLES = ("DISPLAY", "XAUTHORITY", "HOME", "PATH", "LANG", "LD_LIBRARY_PATH")


class X11Writer:
    """Leaves a small process behind (22 MB) that owns the selection until somebody copies."""

    def __init__(self, display: str | None, *, timeout_s: float = 2.0) -> None:
        """Keep where to copy to.

        Args:
            display: Such as ``:0``; the environment's DISPLAY when None.
            timeout_s: Longest wait for the X server, beyond 10 s for the process to start.
        """
        self._display = display
        self._timeout_s = _START_S + timeout_s

    def put(self, representations: Mapping[str, bytes], *, clip_id: UUID) -> None:
        """Own the selection until somebody else does, also after this process has ended.

        Args:
            representations: Bytes by MIME type; texts are offered under X11's names too.
            clip_id: Offered as ``application/x-weavclip-id``.

        Raises:
            ClipboardError: If the selection could not be taken, or not in time.
        """
        stream = packed(offered(representations, clip_id))
        try:
            done = subprocess.run(
                [sys.executable, "-m", "weavclip.clipboard.owner"],
                input=stream,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                timeout=self._timeout_s,
                env=self._environ(),
                check=False,
            )
        except subprocess.TimeoutExpired:
            message = f"the clipboard could not be taken within {self._timeout_s} s"
            raise ClipboardError(message, hint="see whether the X server answers") from None
        said = done.stdout.decode(errors="replace")
        if said != OWNED:
            message = f"the clipboard could not be taken: {said or 'its owner ended at once'}"
            raise ClipboardError(message, hint="set DISPLAY to a running X server")

    def _environ(self) -> dict[str, str]:
        """What the owner needs of the environment; no key or setting stays in its memory."""
        kept = {name: os.environ[name] for name in _KEPT_VARIABLES if name in os.environ}
        if self._display:
            kept["DISPLAY"] = self._display
        return kept | {"PYTHONPATH": str(Path(weavclip.__file__).parents[1])}


def offered(representations: Mapping[str, bytes], clip_id: UUID) -> dict[str, bytes]:
    """The types that X11 programs ask for, by name, and the marker.

    Args:
        representations: Bytes by MIME type, texts in UTF-8.
        clip_id: The marker's value.
    """
    content = {MARKER: str(clip_id).encode(), **representations}
    if PLAIN in representations:
        for name in ("UTF8_STRING", "text/plain;charset=utf-8"):
            content[name] = representations[PLAIN]
    if URIS in representations:
        uris = representations[URIS].decode(errors="replace").split()
        content["x-special/gnome-copied-files"] = "\n".join(["copy", *uris]).encode()
    return content
