"""The Weaviate that weavclip manages, and how to look into it."""

import typer

from weavclip import wiring
from weavclip.cli import asking, logged, times
from weavclip.cli.app import app, command, examples, print_facts, remark, session
from weavclip.cli.asking import Yes
from weavclip.cli.logged import LINES, Follow, Lines
from weavclip.cli.progress import steps

server = typer.Typer(no_args_is_help=True, context_settings=app.info.context_settings)
app.add_typer(
    server,
    name="server",
    help="Run a Weaviate on this machine, closed to everybody else.",
    epilog=examples("weavclip server up", "weavclip server status", "weavclip server down"),
)


@command(server, "up", "weavclip server up", "weavclip server up --yes")
def up(
    context: typer.Context,
    yes: Yes = False,
) -> None:
    """Start it, fetched after a yes; it runs until it is taken down."""
    run = session(context)
    managed = wiring.server(run.settings)
    with steps() as progress:
        found = managed.up(
            confirm=lambda what: progress.ask(lambda: asking.ask(what, yes=yes)),
            progress=progress.tell,
        )
    runs = "runs already" if found.was_running else "is up"
    remark(f"Weaviate {found.version} {runs} at {found.url} ({found.way})")
    wiring.wake_engine(run.settings)


@command(server, "down", "weavclip server down")
def down(context: typer.Context) -> None:
    """Stop it; clips stay, and searches go on exactly over the journal."""
    ran = wiring.server(session(context).settings).down()
    remark("Weaviate is down" if ran else "Weaviate did not run")


@command(server, "status", "weavclip server status")
def status(context: typer.Context) -> None:
    """Show whether it runs, where, and how much it keeps."""
    found = wiring.server(session(context).settings).status()
    rows = {
        "state": found.state,
        "way": found.way,
        "url": found.url,
        "grpc": found.grpc_url,
        "version": found.version,
        "process": str(found.pid or ""),
        "key": str(found.key_file),
        "disk": times.size(found.data_bytes) if found.data_bytes is not None else "",
    }
    print_facts(rows)


@command(server, "logs", "weavclip server logs -n 200", "weavclip server logs --follow")
def logs(
    context: typer.Context,
    lines: Lines = LINES,
    follow: Follow = False,
) -> None:
    """Print the last lines of its log."""
    logged.show(wiring.server(session(context).settings), lines=lines, follow=follow)


@command(app, "console", "weavclip console")
def console(context: typer.Context) -> None:
    """Say how to look into Weaviate with its console, in a browser."""
    found = wiring.console(session(context).settings)
    for number, step in enumerate(found.steps, start=1):
        typer.echo(f"{number}  {step}")
