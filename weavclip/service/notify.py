"""A few words on the person's desktop; never of what was copied."""

from __future__ import annotations

import base64
import logging
import subprocess
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

logger = logging.getLogger(__name__)

APP = "weavclip"
WITHIN_S = 5.0
_URGENT = 2  # "critical": it stays until it is seen
_MAC_SCRIPT = (
    "on run argv",
    "display notification (item 2 of argv) with title (item 1 of argv)",
    "end run",
)
# PowerShell's own application id: a toast needs one that is registered.
_WINDOWS_ID = r"{1AC14E77-02E7-4E5D-B744-2EB1AE5198B7}\WindowsPowerShell\v1.0\powershell.exe"
_WINDOWS_SCRIPT = """\
[Windows.UI.Notifications.ToastNotificationManager, {kind}] > $null
$toasts = [Windows.UI.Notifications.ToastNotificationManager]
$xml = $toasts::GetTemplateContent([Windows.UI.Notifications.ToastTemplateType]::ToastText02)
$texts = $xml.GetElementsByTagName('text')
$texts[0].AppendChild($xml.CreateTextNode('{summary}')) > $null
$texts[1].AppendChild($xml.CreateTextNode('{body}')) > $null
$toast = [Windows.UI.Notifications.ToastNotification]::new($xml)
$toasts::CreateToastNotifier('{app}').Show($toast)
"""


def notify(
    summary: str,
    body: str,
    *,
    environ: Mapping[str, str],
    platform: str = sys.platform,
    run: Callable[[Sequence[str]], int] | None = None,
) -> bool:
    """Show a notification; whether the desktop took it. Never raises.

    Args:
        summary: A few words.
        body: A sentence or two.
        environ: For the address of the session's message bus.
        platform: As ``sys.platform`` names it.
        run: Runs a command and returns its exit code; really, when absent.

    References:
        Desktop Notifications Specification 1.2 (org.freedesktop.Notifications.Notify);
        osascript(1); Windows.UI.Notifications.ToastNotificationManager.
    """
    try:
        if platform == "darwin":
            return not (run or _run)(_mac_command(summary, body))
        if platform == "win32":
            return not (run or _run)(_windows_command(summary, body))
        return _by_message_bus(summary, body, _bus_address(environ))
    except Exception as error:  # noqa: BLE001 - a courtesy that must not end the agent
        logger.warning("the desktop could not be notified: %s", type(error).__name__)
        return False


def _mac_command(summary: str, body: str) -> list[str]:
    lines = [word for line in _MAC_SCRIPT for word in ("-e", line)]
    return ["osascript", *lines, summary, body]


def _windows_command(summary: str, body: str) -> list[str]:
    texts = {"summary": summary, "body": body, "app": _WINDOWS_ID}
    quoted = {name: text.replace("'", "''") for name, text in texts.items()}
    kind = "Windows.UI.Notifications, ContentType = WindowsRuntime"
    script = _WINDOWS_SCRIPT.format(kind=kind, **quoted)
    # Encoded, so that no shell reads it: UTF-16 in base64, as PowerShell asks for.
    encoded = base64.b64encode(script.encode("utf-16-le")).decode("ascii")
    return ["powershell", "-NoProfile", "-NonInteractive", "-EncodedCommand", encoded]


def _run(command: Sequence[str]) -> int:
    done = subprocess.run(
        command,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        timeout=WITHIN_S * 4,
        check=False,
    )
    return done.returncode


def _bus_address(environ: Mapping[str, str]) -> str:
    named = environ.get("DBUS_SESSION_BUS_ADDRESS")
    return named or f"unix:path={environ.get('XDG_RUNTIME_DIR', '')}/bus"


def _by_message_bus(summary: str, body: str, address: str) -> bool:
    from jeepney import DBusAddress, MessageType, new_method_call
    from jeepney.io.blocking import open_dbus_connection

    server = DBusAddress(
        "/org/freedesktop/Notifications",
        bus_name="org.freedesktop.Notifications",
        interface="org.freedesktop.Notifications",
    )
    hints = {"urgency": ("y", _URGENT)}
    # Some servers take the body for markup.
    escaped = body.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    call = new_method_call(
        server,
        "Notify",
        "susssasa{sv}i",
        (APP, 0, "dialog-warning", summary, escaped, [], hints, 0),
    )
    with open_dbus_connection(bus=address) as connection:
        reply = connection.send_and_get_reply(call, timeout=WITHIN_S)
    return bool(reply.header.message_type is MessageType.method_return)
