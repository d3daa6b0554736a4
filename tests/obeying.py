"""What the owning processes of ``tests.owners`` have in common: they obey lines on stdin."""

from __future__ import annotations

import base64
import json
import os
import random
import sys
import time
from typing import Any, Protocol


class Owning(Protocol):
    """Something that owns a selection, one display's way."""

    @property
    def served(self) -> list[str]: ...

    def copy(self, content: dict[str, bytes], faults: dict[str, Any]) -> None: ...

    def clear(self) -> None: ...

    def pump(self, seconds: float, *also: int) -> bool:
        """Serve for so long, or until one of ``also`` is readable."""
        ...


def obey(owning: Owning) -> None:
    """Serve the selection, and obey the commands on stdin, to its end."""
    commands = os.fdopen(sys.stdin.fileno(), "rb", buffering=0)
    rest: list[bytes] = []  # of a line that has not ended: some are of many megabytes
    while True:
        owning.pump(3600.0, commands.fileno())
        piece = os.read(commands.fileno(), 1 << 20)
        if not piece:
            return
        rest.append(piece)
        if b"\n" not in piece:
            continue
        *lines, left = b"".join(rest).split(b"\n")
        rest = [left]
        for line in lines:
            sys.stdout.write(json.dumps(_obeyed(owning, json.loads(line))) + "\n")
            sys.stdout.flush()


def _obeyed(owning: Owning, command: dict[str, Any]) -> object:
    match command.pop("do"):
        case "copy":
            owning.copy(_decoded(command.pop("content")), command)
        case "copies":
            return _texts(owning, command["texts"], command["every_s"])
        case "repeat":
            content = _decoded(command["content"])
            return _repeated(owning, content, command["times"], command["pause_s"])
        case "served":
            return owning.served
        case "clear":
            owning.clear()
    return None


def _decoded(content: dict[str, str]) -> dict[str, bytes]:
    return {name: base64.b64decode(value) for name, value in content.items()}


def _texts(owning: Owning, texts: list[str], every_s: float) -> list[float]:
    times, began = [], time.monotonic()
    for number, text in enumerate(texts, start=1):
        times.append(time.monotonic())
        owning.copy({"UTF8_STRING": text.encode()}, {})
        owning.pump(max(0.0, began + number * every_s - time.monotonic()))
    return times


def _repeated(
    owning: Owning, content: dict[str, bytes], times: int, pause_s: float
) -> list[float]:
    began, pauses = [], random.Random(1)
    for number in range(times):
        numbered = {name: value + b"%08d" % number for name, value in content.items()}
        began.append(time.monotonic())
        owning.copy(numbered, {})
        owning.pump(pause_s * pauses.uniform(0.7, 1.3))
    return began
