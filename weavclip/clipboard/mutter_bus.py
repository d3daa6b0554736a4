"""Mutter's clipboard on the session bus, in the few calls that reading and owning it need.

The interface is made for remote desktops. Its clipboard works without ``Start``, which alone
makes devices and has the desktop show that it is shared.

References:
    org.gnome.Mutter.RemoteDesktop.xml and meta-remote-desktop-session.c of Mutter, whose own
    words are that the interface is private and may change.
"""

from __future__ import annotations

import importlib
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from weavclip.clipboard.mutter_events import Asked, Changed, Closed, Event, Handed, Unlocked
from weavclip.domain.errors import NoClipboardError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from types import TracebackType
    from typing import Self

NAME = "org.gnome.Mutter.RemoteDesktop"
_PATH = "/org/gnome/Mutter/RemoteDesktop"
_SESSION = f"{NAME}.Session"
_SCREEN_SAVER = "org.gnome.ScreenSaver"
_ANSWER_S = 5.0


class InhibitedError(NoClipboardError):
    """Mutter gives no access now: the screen is locked."""


def address_of(environ: Mapping[str, str]) -> str:
    """The session bus's address; empty when the session names none.

    >>> address_of({"DBUS_SESSION_BUS_ADDRESS": "unix:path=/run/user/1/bus"})
    'unix:path=/run/user/1/bus'
    """
    named = environ.get("DBUS_SESSION_BUS_ADDRESS", "")
    path = Path(environ.get("XDG_RUNTIME_DIR", ""), "bus")
    return named or (f"unix:path={path}" if path.is_absolute() and path.exists() else "")


def is_offered(environ: Mapping[str, str]) -> bool:
    """Whether a Mutter that shares its clipboard is on this session's bus."""
    try:
        with Bus(environ):
            return True
    except NoClipboardError:
        return False


class Bus:
    """One connection; not to be shared between threads."""

    def __init__(self, environ: Mapping[str, str]) -> None:
        """Connect to the bus that ``environ`` tells of.

        Raises:
            NoClipboardError: If there is no bus, no Mutter on it, or no library to reach it with.
        """
        self._jeepney, self._connection = _connected(address_of(environ))
        self._events: list[Event] = []
        self._reads: set[int] = set()
        self._sessions: set[str] = set()
        try:
            self._listen("NameOwnerChanged", "org.freedesktop.DBus", arg0=NAME)
            self._listen(None, _SESSION)
            self._listen("ActiveChanged", _SCREEN_SAVER)
            self._look_for_mutter()
        except NoClipboardError:
            self.close()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """End the connection, and with it every session."""
        self._connection.close()

    def fileno(self) -> int:
        """The socket's descriptor, for select()."""
        return int(self._connection.sock.fileno())

    def open_session(self) -> str:
        """A way to the clipboard of its own; Mutter reads one type at a time for each.

        The present selection is told as the first event of it.

        Raises:
            InhibitedError: If the screen is locked.
            NoClipboardError: If Mutter does not answer, or went away.
        """
        session = str(self._call(_PATH, NAME, "CreateSession")[0])
        self._sessions.add(session)
        self._call(session, _SESSION, "EnableClipboard", "a{sv}", ({},))
        return session

    def ask(self, session: str, name: str) -> int:
        """Have the owner's content of a type piped to us; :class:`Handed` has this number."""
        call = self._send(self._message(session, _SESSION, "SelectionRead", "s", (name,)))
        self._reads.add(call)
        return call

    def sync(self) -> int:
        """Have :class:`Handed` of this number, and no pipe, come after all that is told by now."""
        call = self._send(self._message(_PATH, "org.freedesktop.DBus.Peer", "Ping", None, ()))
        self._reads.add(call)
        return call

    def select(self, session: str, types: Iterable[str]) -> None:
        """Make ``session`` the clipboard's owner.

        Raises:
            NoClipboardError: If Mutter refuses, does not answer, or went away.
        """
        options = {"mime-types": ("as", list(types))}
        self._call(session, _SESSION, "SetSelection", "a{sv}", (options,))

    def begin_writing(self, asked: Asked) -> int:
        """The descriptor to write what was asked for to; the caller closes it.

        Raises:
            LookupError: If nobody waits for it any more.
            NoClipboardError: If Mutter does not answer, or went away.
        """
        message = self._message(asked.session, _SESSION, "SelectionWrite", "u", (asked.serial,))
        reply = self._reply(self._send(message))
        if reply.header.message_type != self._jeepney.MessageType.method_return:
            raise LookupError(asked.serial)
        return int(reply.body[0].to_raw_fd())

    def end_writing(self, asked: Asked, *, is_whole: bool) -> None:
        """Say that it was written, or that it will not be."""
        body = (asked.serial, is_whole)
        self._send(self._message(asked.session, _SESSION, "SelectionWriteDone", "ub", body))

    def events(self) -> list[Event]:
        """All that have come, without waiting.

        Raises:
            NoClipboardError: If Mutter or the bus went away.
        """
        while (message := self._received(0)) is not None:
            self._take(message)
        found, self._events = self._events, []
        return found

    def _take(self, message: Any) -> None:  # noqa: ANN401 - jeepney has no types
        kinds, fields = self._jeepney.MessageType, self._jeepney.HeaderFields
        named = message.header.fields
        if message.header.message_type == kinds.signal:
            event = self._told(named[fields.path], named[fields.member], message.body)
            self._events += [] if event is None else [event]
        elif named.get(fields.reply_serial) in self._reads:
            call = named[fields.reply_serial]
            self._reads.discard(call)
            has_pipe = message.header.message_type == kinds.method_return and message.body
            descriptor = message.body[0].to_raw_fd() if has_pipe else -1
            is_busy = named.get(fields.error_name, "").endswith(".LimitsExceeded")
            self._events.append(Handed(call, descriptor, is_busy))

    def _told(self, path: str, member: str, body: tuple[Any, ...]) -> Event | None:
        """What a signal says; None when it is no business of ours.

        Raises:
            NoClipboardError: If it says that Mutter went away.
        """
        if member == "NameOwnerChanged" and body[0] == NAME:
            raise _gone()
        if member == "ActiveChanged":
            return None if body[0] else Unlocked()
        if path not in self._sessions:
            return None
        if member == "SelectionOwnerChanged":
            return _changed(path, body[0])
        if member == "SelectionTransfer":
            return Asked(path, body[0], body[1])
        return Closed(path) if member == "Closed" else None

    def _look_for_mutter(self) -> None:
        if not self._call_bus("NameHasOwner", "s", (NAME,))[0]:
            message = "GNOME's compositor is not on the session bus"
            raise NoClipboardError(message, hint="run it inside a GNOME Wayland session")

    def _listen(self, member: str | None, interface: str, *, arg0: str = "") -> None:
        rule = self._jeepney.MatchRule(type="signal", interface=interface, member=member)
        if arg0:
            rule.add_arg_condition(0, arg0)
        self._call_bus("AddMatch", "s", (rule.serialise(),))

    def _call_bus(self, method: str, signature: str, body: tuple[Any, ...]) -> tuple[Any, ...]:
        name = "org.freedesktop.DBus"
        address = self._jeepney.DBusAddress("/org/freedesktop/DBus", name, name)
        message = self._jeepney.new_method_call(address, method, signature, body)
        found: tuple[Any, ...] = self._reply(self._send(message)).body
        return found

    def _call(
        self,
        path: str,
        interface: str,
        method: str,
        signature: str | None = None,
        body: tuple[Any, ...] = (),
    ) -> tuple[Any, ...]:
        reply = self._reply(self._send(self._message(path, interface, method, signature, body)))
        if reply.header.message_type != self._jeepney.MessageType.method_return:
            raise _refused(method, reply.header.fields[self._jeepney.HeaderFields.error_name])
        found: tuple[Any, ...] = reply.body
        return found

    def _message(
        self, path: str, interface: str, method: str, signature: str | None, body: tuple[Any, ...]
    ) -> Any:  # noqa: ANN401 - jeepney has no types
        address = self._jeepney.DBusAddress(path, NAME, interface)
        return self._jeepney.new_method_call(address, method, signature, body)

    def _send(self, message: Any) -> int:  # noqa: ANN401 - jeepney has no types
        serial = next(self._connection.outgoing_serial)
        try:
            self._connection.send(message, serial=serial)
        except OSError as error:
            raise _gone() from error
        return int(serial)

    def _reply(self, call: int) -> Any:  # noqa: ANN401 - jeepney has no types
        """The answer to a call; what comes before it stays for :meth:`events`."""
        end = time.monotonic() + _ANSWER_S
        while True:
            message = self._received(max(0.0, end - time.monotonic()))
            if message is None:
                text = f"GNOME's compositor did not answer within {_ANSWER_S} s"
                raise NoClipboardError(text, hint="see whether the desktop hangs")
            if message.header.fields.get(self._jeepney.HeaderFields.reply_serial) == call:
                return message
            self._take(message)

    def _received(self, within_s: float) -> Any:  # noqa: ANN401 - jeepney has no types
        try:
            return self._connection.receive(timeout=within_s)
        except TimeoutError:
            return None
        except OSError as error:
            raise _gone() from error


def _connected(address: str) -> tuple[Any, Any]:
    """The library and a connection that can pass descriptors.

    Raises:
        NoClipboardError: If there is none.
    """
    try:
        jeepney: Any = importlib.import_module("jeepney")
        blocking: Any = importlib.import_module("jeepney.io.blocking")
    except ImportError:
        message = "jeepney, which speaks to GNOME's compositor, is not installed"
        raise NoClipboardError(message, hint="pip install jeepney") from None
    if not address:
        message = "there is no session bus here (DBUS_SESSION_BUS_ADDRESS is not set)"
        raise NoClipboardError(message, hint="run it inside a desktop session")
    try:
        return jeepney, blocking.open_dbus_connection(address, enable_fds=True)
    except (OSError, RuntimeError, ValueError) as error:
        message = f"the session bus does not answer ({type(error).__name__})"
        raise NoClipboardError(message, hint="run it inside a desktop session") from None


def _changed(session: str, options: Mapping[str, tuple[str, Any]]) -> Changed:
    _, types = options.get("mime-types", ("as", []))
    names = types[0] if isinstance(types, tuple) else types  # Mutter wraps the list in a struct
    _, is_ours = options.get("session-is-owner", ("b", False))
    return Changed(session, tuple(names), bool(is_ours))


def _refused(method: str, error_name: str) -> NoClipboardError:
    message, hint = f"GNOME's compositor refused {method} ({error_name})", "WEAVCLIP_SOURCE=x11"
    if method == "CreateSession" and error_name.endswith((".AccessDenied", ".Failed")):
        return InhibitedError(message, hint=f"unlock the screen, or set {hint}")
    return NoClipboardError(message, hint=f"set {hint}")


def _gone() -> NoClipboardError:
    message = "GNOME's compositor or the session bus went away"
    return NoClipboardError(message, hint="start weavclip again from a running session")
