"""A notification server of a test's own, for a message bus of its own."""

from __future__ import annotations

import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from jeepney import HeaderFields, MessageType, message_bus, new_error, new_method_return
from jeepney.io.blocking import open_dbus_connection

from tests.waiting import WITHIN_S

if TYPE_CHECKING:
    from collections.abc import Iterator

NAME = "org.freedesktop.Notifications"


class Desktop:
    """Shows notifications by noting them: summary, body, and the hints' names."""

    def __init__(self, address: str, *, refuses: bool = False) -> None:
        self.shown: list[tuple[str, str]] = []
        self.calls: list[tuple[Any, ...]] = []
        self._refuses = refuses
        self._connection = open_dbus_connection(bus=address)
        self._connection.send_and_get_reply(message_bus.RequestName(NAME), timeout=WITHIN_S)
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    def _serve(self) -> None:
        while True:
            try:
                message = self._connection.receive()
            except (OSError, ValueError, EOFError):
                return
            if message.header.message_type is not MessageType.method_call:
                continue
            if message.header.fields[HeaderFields.member] == "End":
                return
            self._answer(message)

    def _answer(self, message: Any) -> None:  # noqa: ANN401 - jeepney has no types
        if self._refuses:
            self._connection.send(new_error(message, f"{NAME}.Error.Refused"))
            return
        self.calls.append(message.body)
        self.shown.append((message.body[3], message.body[4]))
        self._connection.send(new_method_return(message, "u", (len(self.shown),)))

    def end(self, address: str) -> None:
        """End the server, by a call of its own."""
        from jeepney import DBusAddress, new_method_call

        there = DBusAddress("/", bus_name=NAME, interface=NAME)
        with open_dbus_connection(bus=address) as asking:
            asking.send(new_method_call(there, "End"))
            self._thread.join(WITHIN_S)
        self._connection.close()


@contextmanager
def desktop(address: str, *, refuses: bool = False) -> Iterator[Desktop]:
    """A notification server on a bus."""
    found = Desktop(address, refuses=refuses)
    try:
        yield found
    finally:
        found.end(address)
