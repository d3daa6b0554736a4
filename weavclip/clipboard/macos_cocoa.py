"""The calls of macOS that the clipboard and the keyboard need, through pyobjc.

Each method of the protocols is Apple's, under the name that pyobjc gives it (a colon becomes an
underscore), and documented there.
"""
# ruff: noqa: N802 - Apple's own names

from __future__ import annotations

import importlib
import sys
from typing import TYPE_CHECKING, Any, Protocol

from weavclip.domain.errors import NoClipboardError

if TYPE_CHECKING:
    from collections.abc import Sequence
    from contextlib import AbstractContextManager

_ON_SCREEN, _NO_DESKTOP, _ANY_WINDOW = 1, 16, 0
_NORMAL_LAYER = 0
# kCGSessionEventTap: behind the hardware, whose held keys would be added to the flags.
_SESSION_TAP = 1


class Content(Protocol):
    """NSData."""

    def __len__(self) -> int: ...
    def __bytes__(self) -> bytes: ...


class Item(Protocol):
    """NSPasteboardItem; None once the pasteboard has changed."""

    def types(self) -> Sequence[str]:
        """The types it can be had in."""
        ...

    def dataForType_(self, name: str, /) -> Content | None:
        """Its content; asks the program that promised it, and may hang."""
        ...

    def setData_forType_(self, content: bytes, name: str, /) -> bool:
        """Add content; False for a name that is no uniform type identifier."""
        ...


class Pasteboard(Protocol):
    """NSPasteboard."""

    def changeCount(self) -> int:
        """Grows with every change of owner."""
        ...

    def types(self) -> Sequence[str] | None:
        """Every type of every item, and older names for them."""
        ...

    def pasteboardItems(self) -> Sequence[Item] | None:
        """The items as they are now."""
        ...

    def dataForType_(self, name: str, /) -> Content | None:
        """The content of the first item that has the type."""
        ...

    def clearContents(self) -> int:
        """Take it; the new change count."""
        ...

    def writeObjects_(self, items: Sequence[Item], /) -> bool:
        """Put items on it."""
        ...

    def respondsToSelector_(self, name: str, /) -> bool:
        """Whether this macOS has such a method."""
        ...

    def accessBehavior(self) -> int:
        """What happens when a program reads it unasked, since macOS 15.4."""
        ...


class Cocoa(Protocol):
    """The rest, a method for each thing that is done."""

    def pasteboard(self) -> Pasteboard:
        """The general pasteboard."""
        ...

    def item(self) -> Item:
        """A new, empty item."""
        ...

    def pool(self) -> AbstractContextManager[object]:
        """Frees what Cocoa makes within it; a thread without one keeps everything."""
        ...

    def front_program(self) -> str:
        """Name of the program whose window is in front; empty when there is none."""
        ...

    def program_named(self, bundle_id: str, /) -> str:
        """Name of the running program with this identifier; empty when none runs."""
        ...

    def path_url(self, url: str, /) -> str:
        """A file reference URL (``file:///.file/id=…``) as one with a path; others as they are."""
        ...

    def may_type(self) -> bool:
        """Whether this program may press keys; asks the person when it is not decided."""
        ...

    def press(self, key: int, flags: int, /) -> None:
        """Press a key, by its code, with modifiers, and let it go."""
        ...


def load() -> Cocoa:
    """The frameworks of this Mac.

    Raises:
        NoClipboardError: If this is no Mac, or pyobjc is not installed.
    """
    if sys.platform != "darwin":
        message = f"there is no pasteboard on {sys.platform}"
        raise NoClipboardError(message, hint="set WEAVCLIP_SOURCE=auto")
    try:
        return _Frameworks()
    except ImportError as error:
        message = f"pyobjc cannot be loaded: {error}"
        hint = "pip install pyobjc-framework-Cocoa pyobjc-framework-Quartz"
        raise NoClipboardError(message, hint=hint) from None


class _Frameworks:
    """Objective-C by way of pyobjc, imported here alone."""

    def __init__(self) -> None:
        self._objc: Any = importlib.import_module("objc")
        self._appkit: Any = importlib.import_module("AppKit")
        self._quartz: Any = importlib.import_module("Quartz.CoreGraphics")

    def pasteboard(self) -> Pasteboard:
        found: Pasteboard = self._appkit.NSPasteboard.generalPasteboard()
        return found

    def item(self) -> Item:
        made: Item = self._appkit.NSPasteboardItem.alloc().init()
        return made

    def pool(self) -> AbstractContextManager[object]:
        made: AbstractContextManager[object] = self._objc.autorelease_pool()
        return made

    def front_program(self) -> str:
        # NSWorkspace tells of the program in front only as the main run loop turns, and an
        # agent has none; the window server is asked directly, for owners, not for titles,
        # which would need the permission to record the screen.
        option = _ON_SCREEN | _NO_DESKTOP
        windows = self._quartz.CGWindowListCopyWindowInfo(option, _ANY_WINDOW) or ()
        front = (each for each in windows if each.get("kCGWindowLayer") == _NORMAL_LAYER)
        return next((str(each.get("kCGWindowOwnerName", "")) for each in front), "")

    def program_named(self, bundle_id: str, /) -> str:
        running = self._appkit.NSRunningApplication
        found = running.runningApplicationsWithBundleIdentifier_(bundle_id)
        return str(found[0].localizedName() or "") if found else ""

    def path_url(self, url: str, /) -> str:
        made = self._appkit.NSURL.URLWithString_(url)
        path = made.filePathURL() if made is not None else None
        return str(path.absoluteString()) if path is not None else url

    def may_type(self) -> bool:
        quartz = self._quartz
        return bool(quartz.CGPreflightPostEventAccess() or quartz.CGRequestPostEventAccess())

    def press(self, key: int, flags: int, /) -> None:
        for is_down in (True, False):
            event = self._quartz.CGEventCreateKeyboardEvent(None, key, is_down)
            self._quartz.CGEventSetFlags(event, flags)
            self._quartz.CGEventPost(_SESSION_TAP, event)
