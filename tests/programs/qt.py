"""A Qt 5 program that copies what it is told to on stdin, with the toolkit's own means."""

# Run by the system's Python, which has the toolkit's bindings: python3 tests/programs/qt.py

from __future__ import annotations

import importlib
import sys
from typing import Any

core: Any = importlib.import_module("PyQt5.QtCore")
gui: Any = importlib.import_module("PyQt5.QtGui")
widgets: Any = importlib.import_module("PyQt5.QtWidgets")


class _Program:
    def __init__(self) -> None:
        self._app = widgets.QApplication(["weavclip-qt"])
        self._app.setDesktopFileName("weavclip-qt")
        self._window = widgets.QWidget()
        self._window.setWindowTitle("weavclip-qt")
        self._window.show()
        self._heard = core.QSocketNotifier(sys.stdin.fileno(), core.QSocketNotifier.Read)
        self._heard.activated.connect(self._obey)
        core.QTimer.singleShot(0, lambda: _say("up"))

    def run(self) -> None:
        self._app.exec_()

    def _obey(self) -> None:
        line = sys.stdin.readline()
        if not line:
            self._app.quit()
            return
        what, _, argument = line.rstrip("\n").partition(" ")
        self._app.clipboard().setMimeData(_content(what, argument))
        _say("done")


def _content(what: str, argument: str) -> Any:  # noqa: ANN401 - the toolkit has no types
    content = core.QMimeData()
    if what == "text":
        content.setText(argument)
    elif what == "html":
        content.setHtml(argument)
        content.setText("words")
    elif what == "image":
        content.setImageData(gui.QImage(argument))
    else:
        content.setUrls([core.QUrl.fromLocalFile(each) for each in argument.split("|")])
    return content


def _say(word: str) -> None:
    sys.stdout.write(f"{word}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    _Program().run()
