"""The agent as a service: installed, looked at, taken away."""

import os

import typer

from weavclip import settings as setting
from weavclip import wiring
from weavclip.cli import logged
from weavclip.cli.app import app, command, examples, print_facts, remark, session
from weavclip.cli.logged import LINES, Follow, Lines
from weavclip.cli.printable import printable

TAKEN_ALONG = frozenset({"WEAVCLIP_DATA_DIR", "WEAVCLIP_CONFIG"})

service = typer.Typer(no_args_is_help=True, context_settings=app.info.context_settings)
app.add_typer(
    service,
    name="service",
    help="Keep the agent running in the background, in every session.",
    epilog=examples(
        "weavclip service install", "weavclip service status", "weavclip service uninstall"
    ),
)


@command(service, "install", "weavclip service install")
def install(context: typer.Context) -> None:
    """Watch from now on and after every login.

    Once more after an upgrade, so that the new one watches.
    """
    run = session(context)
    for sentence in wiring.install_service(run.settings):
        remark(printable(sentence))
    for name in shell_only():
        remark(f"{name} is set in this shell only: for the service use 'weavclip config set'")
    waits = wiring.capture_problem(run.settings)
    if waits:
        remark(printable(f"it waits: {waits.sentence} ({waits.hint})"))
    remark("see how it is with 'weavclip service status'")


def shell_only() -> list[str]:
    """Settings of this shell that a service does not get."""
    ours = (name for name in sorted(os.environ) if name.startswith(setting.PREFIX))
    tests = setting.PREFIX + "TEST_"
    return [name for name in ours if name not in TAKEN_ALONG and not name.startswith(tests)]


@command(service, "uninstall", "weavclip service uninstall")
def uninstall(context: typer.Context) -> None:
    """Stop watching, now and after every login; clips stay."""
    for sentence in wiring.service(session(context).settings).uninstall():
        remark(printable(sentence))


@command(service, "status", "weavclip service status")
def status(context: typer.Context) -> None:
    """Show whether it is installed, and how it runs."""
    found = wiring.service(session(context).settings).state()
    rows = {
        "service": found.manager,
        "installed": _yes(found.installed),
        "enabled": _yes(found.enabled),
        "running": _yes(found.running),
        "process": str(found.pid or ""),
        "state": found.sentence,
        "restarts": str(found.restarts),
        "watchdog": _yes(found.watched),
        "file": str(found.file) if found.installed else "",
        "next": "" if found.installed else "weavclip service install",
    }
    print_facts(rows)


def _yes(value: bool) -> str:  # noqa: FBT001 - it is all there is
    return "yes" if value else "no"


@command(service, "logs", "weavclip service logs -n 200", "weavclip service logs --follow")
def logs(
    context: typer.Context,
    lines: Lines = LINES,
    follow: Follow = False,
) -> None:
    """Print the last lines of what the agent said."""
    logged.show(wiring.service(session(context).settings), lines=lines, follow=follow)
