"""Telling systemd how the agent is: ready, its status, signs of life (sd_notify)."""

from __future__ import annotations

import os
import socket
from contextlib import suppress
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import MutableMapping

_VARIABLES = ("NOTIFY_SOCKET", "WATCHDOG_USEC", "WATCHDOG_PID")


class SystemdNotify:
    """One datagram a message; nothing at all where no systemd listens.

    References:
        sd_notify(3) and sd_watchdog_enabled(3): a socket's path, or with ``@`` first a name
        in the abstract namespace; a service without the access is simply not heard.
    """

    def __init__(self, environ: MutableMapping[str, str]) -> None:
        """Take systemd's variables out of ``environ``, so that no child speaks in our name."""
        address, expects_us, ours = (environ.pop(name, "") for name in _VARIABLES)
        self._address = "\0" + address[1:] if address.startswith("@") else address
        is_ours = ours in {"", str(os.getpid())}
        is_expected = bool(address) and expects_us.isdecimal() and is_ours
        self.watchdog_s = int(expects_us) / 1_000_000 if is_expected else None

    def say(self, status: str) -> None:
        """The agent is up, and does this; one line."""
        self._send(f"READY=1\nSTATUS={status.splitlines()[0] if status else ''}")

    def alive(self) -> None:
        """A sign of life."""
        self._send("WATCHDOG=1")

    def stopping(self) -> None:
        """The agent is about to end."""
        self._send("STOPPING=1")

    def _send(self, message: str) -> None:
        if not self._address:
            return
        with (
            suppress(OSError),
            socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC) as unix,
        ):
            unix.settimeout(1.0)
            unix.sendto(message.encode(errors="replace"), self._address)
