"""A Chromium window whose own "copy" command is given over its debugging pipe."""

from __future__ import annotations

import json
import os
import select
import subprocess
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from tests.waiting import WITHIN_S

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

_OPTIONS = (
    "--no-sandbox",  # its own, which refuses root; it opens only files of the test
    "--remote-debugging-pipe",
    "--no-first-run",
    "--no-default-browser-check",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--password-store=basic",
    "--window-size=400,300",
)


class Chromium:
    """One window; what it shows is copied by the editing command behind Ctrl+C."""

    def __init__(self, asking: int, answering: int) -> None:
        self._asking = asking
        self._answering = answering
        self._rest = b""
        self._number = 0
        (target,) = [
            each["targetId"]
            for each in self._ask("Target.getTargets")["targetInfos"]
            if each["type"] == "page"
        ]
        attached = self._ask("Target.attachToTarget", targetId=target, flatten=True)
        self._session = attached["sessionId"]
        self._ask("Page.enable", session=self._session)

    def copy_all_of(self, page: Path) -> None:
        """Show a file, select all that it has and copy it; of a picture, the picture."""
        self._ask("Page.navigate", session=self._session, url=page.as_uri())
        self._until_loaded()
        for command in ("selectAll", "copy"):
            self._ask(
                "Input.dispatchKeyEvent",
                session=self._session,
                type="rawKeyDown",
                commands=[command],
            )

    def _until_loaded(self) -> None:
        """Chromium copies for a document that is loaded and in front."""
        self._ask("Page.bringToFront", session=self._session)
        expression = "document.readyState"
        end = time.monotonic() + WITHIN_S
        while time.monotonic() < end:
            found = self._ask("Runtime.evaluate", session=self._session, expression=expression)
            if found["result"]["value"] == "complete":
                return
        message = f"Chromium did not load a page within {WITHIN_S} s"
        raise AssertionError(message)

    def _ask(self, method: str, *, session: str = "", **params: object) -> Any:  # noqa: ANN401
        self._number += 1
        message = {"id": self._number, "method": method, "params": params}
        message |= {"sessionId": session} if session else {}
        os.write(self._asking, json.dumps(message).encode() + b"\0")
        while (answer := self._next()).get("id") != self._number:
            pass
        assert "error" not in answer, answer
        return answer["result"]

    def _next(self) -> Any:  # noqa: ANN401 - JSON
        while b"\0" not in self._rest:
            readable, _, _ = select.select([self._answering], [], [], WITHIN_S)
            piece = os.read(self._answering, 1 << 20) if readable else b""
            assert piece, "Chromium does not answer"
            self._rest += piece
        line, _, self._rest = self._rest.partition(b"\0")
        return json.loads(line)


@contextmanager
def chromium(environ: Mapping[str, str], profile: Path) -> Iterator[Chromium]:
    """Start a Chromium with a window, and end it.

    Args:
        environ: Names the display.
        profile: A folder for all that it keeps.
    """
    from tests.displays import end

    (its_in, asking), (answering, its_out) = os.pipe(), os.pipe()
    platform = "wayland" if "WAYLAND_DISPLAY" in environ else "x11"
    options = [*_OPTIONS, f"--ozone-platform={platform}", f"--user-data-dir={profile}"]
    # It reads from descriptor 3 and writes to 4.
    moved = f'exec chromium "$@" 3<&{its_in} 4>&{its_out}'
    process = subprocess.Popen(
        ["bash", "-c", moved, "chromium", *options, "about:blank"],
        env={**environ, "HOME": str(profile)},
        pass_fds=(its_in, its_out),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    os.close(its_in)
    os.close(its_out)
    try:
        yield Chromium(asking, answering)
    finally:
        end(process)
        os.close(asking)
        os.close(answering)
