"""A GTK 4 program that copies what it is told to on stdin, with the toolkit's own means."""

# Run by the system's Python, which has the toolkit's bindings: python3 tests/programs/gtk.py

from __future__ import annotations

import importlib
import sys
from typing import Any

gi: Any = importlib.import_module("gi")
gi.require_version("Gtk", "4.0")
Gdk, Gio, GLib, GObject, Gtk = (
    importlib.import_module(f"gi.repository.{name}")
    for name in ("Gdk", "Gio", "GLib", "GObject", "Gtk")
)


class _Program:
    def __init__(self) -> None:
        GLib.set_prgname("weavclip-gtk")
        Gtk.init()
        self._loop = GLib.MainLoop()
        self._window = Gtk.Window(title="weavclip-gtk")
        self._window.connect("map", lambda _: sys.stdout.write("up\n") and sys.stdout.flush())
        self._window.present()
        GLib.io_add_watch(sys.stdin, GLib.IOCondition.IN | GLib.IOCondition.HUP, self._obey)

    def run(self) -> None:
        self._loop.run()

    def _obey(self, *_told: object) -> bool:
        line = sys.stdin.readline()
        if not line:
            self._loop.quit()
            return False
        what, _, argument = line.rstrip("\n").partition(" ")
        clipboard = self._window.get_clipboard()
        clipboard.set_content(_content(what, argument))
        sys.stdout.write("done\n")
        sys.stdout.flush()
        return True


def _content(what: str, argument: str) -> Any:  # noqa: ANN401 - the toolkit has no types
    if what == "text":
        return Gdk.ContentProvider.new_for_value(argument)
    if what == "html":
        markup = Gdk.ContentProvider.new_for_bytes("text/html", GLib.Bytes.new(argument.encode()))
        return Gdk.ContentProvider.new_union([markup, Gdk.ContentProvider.new_for_value("words")])
    if what == "image":
        picture = GObject.Value(Gdk.Texture, Gdk.Texture.new_from_filename(argument))
        return Gdk.ContentProvider.new_for_value(picture)
    files = [Gio.File.new_for_path(each) for each in argument.split("|")]
    return Gdk.ContentProvider.new_for_value(Gdk.FileList.new_from_list(files))


if __name__ == "__main__":
    _Program().run()
