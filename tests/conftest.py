"""What every test may use."""

from __future__ import annotations

import os
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

pytest_plugins = [
    "tests.displays",
    "tests.compositors",
    "tests.tiny_compositor",
    "tests.servers",
    "tests.wine",
]

_SESSION = (
    "DISPLAY",
    "WAYLAND_DISPLAY",
    "XDG_RUNTIME_DIR",
    "XDG_CURRENT_DESKTOP",
    "XAUTHORITY",
    "DBUS_SESSION_BUS_ADDRESS",
    "NOTIFY_SOCKET",
    "WATCHDOG_USEC",
)
_TERMINAL = (
    "NO_COLOR",
    "FORCE_COLOR",
    "TERM_PROGRAM",
    "LC_TERMINAL",
    "KITTY_WINDOW_ID",
    "KONSOLE_VERSION",
    "TMUX",
    "FZF_PREVIEW_COLUMNS",
)
PROJECT = Path(__file__).resolve().parents[1]

# Every server of the tests is on this machine; gRPC would look for it behind a proxy all the same.
for _name in [each for each in os.environ if each.lower().endswith("_proxy")]:
    del os.environ[_name]

# Every machine tries the same examples, however slow it is. New ones are looked for on purpose:
# pytest --hypothesis-profile=hunt
_STEADY = settings(
    derandomize=True,
    database=None,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
    print_blob=True,
)
settings.register_profile("steady", _STEADY)
settings.register_profile("hunt", _STEADY, derandomize=False, max_examples=5_000)
settings.load_profile("steady")


@pytest.fixture(autouse=True)
def cleared_settings(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """No test sees the settings, folders, display or terminal of the person who runs it."""
    clear_settings(monkeypatch, tmp_path)


def clear_settings(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Take the person's settings out of the environment, and put the test's folders in."""
    for name in list(os.environ):
        if name.startswith("WEAVCLIP_") and not name.startswith("WEAVCLIP_TEST_"):
            monkeypatch.delenv(name)
    for name in (*_SESSION, *_TERMINAL):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("WEAVCLIP_CONFIG", str(tmp_path / "absent" / "config.toml"))
    monkeypatch.setenv("WEAVCLIP_DATA_DIR", str(tmp_path / "data"))
    monkeypatch.setenv("WEAVCLIP_OCR", "off")  # takes seconds: for those whose subject it is


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """Real pictures, texts and vectors, beside the project where they are to be had."""
    folder = PROJECT.parent / "shared" / "data"
    if not folder.is_dir():
        pytest.skip("no shared data folder beside the project")
    return folder


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """End with how many tests were skipped, and why."""
    skipped = terminalreporter.stats.get("skipped", [])
    reasons = Counter(str(report.longrepr[2]) for report in skipped)
    terminalreporter.write_line(f"{len(skipped)} skipped" + (":" if skipped else ""))
    for reason, count in reasons.most_common():
        terminalreporter.write_line(f"  {count:4} {reason.removeprefix('Skipped: ')}")
