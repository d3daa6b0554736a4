"""Copying a clip back where the selection belongs to a process: one is left behind for it."""

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
_KEPT_VARIABLES = ("HOME", "PATH", "LANG", "LD_LIBRARY_PATH")


class LeavingWriter:
    """Leaves a small process behind (22 MB) that owns the selection until somebody copies."""

    def __init__(
        self, kind: str, environ: Mapping[str, str], *, timeout_s: float, hint: str
    ) -> None:
        """Keep where to copy to.

        Args:
            kind: Of owner, as ``weavclip.clipboard.owner`` knows it.
            environ: Variables that name the display.
            timeout_s: Longest wait for the display, beyond 10 s for the process to start.
            hint: What to do when the clipboard could not be taken.
        """
        self._kind = kind
        self._environ = dict(environ)
        self._timeout_s = _START_S + timeout_s
        self._hint = hint

    def put(self, representations: Mapping[str, bytes], *, clip_id: UUID) -> None:
        """Own the selection until somebody else does, also after this process has ended.

        Args:
            representations: Bytes by MIME type; texts are offered under their other names too.
            clip_id: Offered as ``application/x-weavclip-id``.

        Raises:
            ClipboardError: If the selection could not be taken, or not in time.
        """
        stream = packed(offered(representations, clip_id))
        try:
            done = subprocess.run(
                [sys.executable, "-m", "weavclip.clipboard.owner", self._kind],
                input=stream,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                timeout=self._timeout_s,
                env=self._owners_environ(),
                check=False,
            )
        except subprocess.TimeoutExpired:
            message = f"the clipboard could not be taken within {self._timeout_s} s"
            raise ClipboardError(message, hint="see whether the desktop answers") from None
        said = done.stdout.decode(errors="replace")
        if said != OWNED:
            message = f"the clipboard could not be taken: {said or 'its owner ended at once'}"
            raise ClipboardError(message, hint=self._hint)

    def _owners_environ(self) -> dict[str, str]:
        """What the owner needs of the environment; no key or setting stays in its memory."""
        kept = {name: os.environ[name] for name in _KEPT_VARIABLES if name in os.environ}
        return kept | self._environ | {"PYTHONPATH": str(Path(weavclip.__file__).parents[1])}


def offered(representations: Mapping[str, bytes], clip_id: UUID) -> dict[str, bytes]:
    """The types that programs ask for, by name, and the marker.

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
