"""LibreOffice Calc with a small table, of which it copies what it is told to on stdin."""

# Run by the system's Python, which has the bridge: python3 tests/programs/office.py PROFILE

from __future__ import annotations

import importlib
import os
import signal
import subprocess
import sys
import threading
import time
from typing import Any

uno: Any = importlib.import_module("uno")
_START_S = 120.0
_PAUSE = threading.Event()


class _Program:
    def __init__(self, profile: str) -> None:
        name = f"weavclip{os.getpid()}"
        options = ["--calc", "--norestore", "--nologo", "--nodefault", "--nofirststartwizard"]
        self._process = subprocess.Popen(
            [
                "soffice",
                *options,
                f"-env:UserInstallation=file://{profile}",
                f"--accept=pipe,name={name};urp;",
            ],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,  # it is three processes, which end together
        )
        self._context = self._connected(f"uno:pipe,name={name};urp;StarOffice.ComponentContext")
        services = self._context.ServiceManager
        make = services.createInstanceWithContext
        desktop = make("com.sun.star.frame.Desktop", self._context)
        self._dispatcher = make("com.sun.star.frame.DispatchHelper", self._context)
        self._document = desktop.loadComponentFromURL("private:factory/scalc", "_blank", 0, ())
        rows = (("month", "sales"), ("May", 12.0), ("June", 17.0))
        sheet = self._document.Sheets.getByIndex(0)
        sheet.getCellRangeByName("A1:B3").setDataArray(rows)

    def run(self) -> None:
        _say("up")
        for line in sys.stdin:
            _, _, cells = line.rstrip("\n").partition(" ")
            controller = self._document.CurrentController
            controller.select(controller.ActiveSheet.getCellRangeByName(cells))
            self._dispatcher.executeDispatch(controller.Frame, ".uno:Copy", "", 0, ())
            _say("done")
        os.killpg(self._process.pid, signal.SIGTERM)
        self._process.wait(timeout=10)

    def _connected(self, address: str) -> Any:  # noqa: ANN401 - the bridge has no types
        local = uno.getComponentContext()
        resolver = local.ServiceManager.createInstanceWithContext(
            "com.sun.star.bridge.UnoUrlResolver", local
        )
        end = time.monotonic() + _START_S
        while time.monotonic() < end and self._process.poll() is None:
            try:
                return resolver.resolve(address)
            except Exception:  # noqa: BLE001 - the bridge's own class, which is not there before
                _PAUSE.wait(0.1)
        message = "LibreOffice did not start"
        raise SystemExit(message)


def _say(word: str) -> None:
    sys.stdout.write(f"{word}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    _Program(sys.argv[1]).run()
