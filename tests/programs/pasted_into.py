"""A window of GTK that is pasted into: run by the system's Python, which has its bindings.

Tells on stdout, a JSON object a line, each key that it gets and the text in its field.
"""

# ruff: noqa: ANN401 - GTK's bindings have no types

from __future__ import annotations

import importlib
import json
import sys
from typing import Any

gi: Any = importlib.import_module("gi")
gi.require_version("Gtk", "3.0")
gi.require_version("Gdk", "3.0")
GLib: Any = importlib.import_module("gi.repository.GLib")
Gdk: Any = importlib.import_module("gi.repository.Gdk")
Gtk: Any = importlib.import_module("gi.repository.Gtk")


def tell(**said: object) -> None:
    """One line for the test."""
    sys.stdout.write(json.dumps(said) + "\n")
    sys.stdout.flush()


def pressed(_widget: Any, event: Any) -> bool:
    """Tell a key, and let the field have it."""
    masks = {"Control": Gdk.ModifierType.CONTROL_MASK, "Shift": Gdk.ModifierType.SHIFT_MASK}
    held = [name for name, mask in masks.items() if event.state & mask]
    tell(key=Gdk.keyval_name(event.keyval), held=held)
    return False


def main() -> None:
    """Show the window until it is ended."""
    name = sys.argv[1]
    GLib.set_prgname(name)  # the application id on Wayland, the window's class on X11
    Gdk.set_program_class(name)
    window, field = Gtk.Window(title="pasted into"), Gtk.Entry()
    window.add(field)
    window.connect("key-press-event", pressed)
    field.connect("changed", lambda changed: tell(text=changed.get_text()))
    window.connect("focus-in-event", lambda *_: tell(focus=True))
    window.show_all()
    field.grab_focus()
    # Without a window manager nobody else gives the focus away.
    GLib.timeout_add(100, lambda: window.get_window().focus(0) or False)
    Gtk.main()


if __name__ == "__main__":
    main()
