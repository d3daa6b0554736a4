"""Taking weavclip away again."""

from collections.abc import Iterator
from typing import Annotated

import typer

from weavclip import wiring
from weavclip.cli import asking, times
from weavclip.cli.app import Session, app, command, remark, say, session
from weavclip.cli.asking import Yes
from weavclip.cli.printable import printable
from weavclip.wiring.uninstalling import Belongings


@command(app, "uninstall", "weavclip uninstall", "weavclip uninstall --purge")
def uninstall(
    context: typer.Context,
    purge: Annotated[
        bool, typer.Option("--purge", help="Also remove every clip, model and setting.")
    ] = False,
    yes: Yes = False,
) -> None:
    """Stop what runs; clips stay, unless --purge is given."""
    run = session(context)
    found = wiring.belongings(run.settings) if purge else None
    if found:
        for line in _listed(run, found):
            say(printable(line))
        asking.insist("remove all this for good", yes=yes)
    for sentence in wiring.stop_everything(run.settings):
        remark(printable(sentence))
    if found:
        for sentence in wiring.purge(run.settings, found):
            remark(printable(sentence))
    else:
        remark(f"{run.settings.data_dir} stays; 'weavclip uninstall --purge' removes it, too")
    remark(f"now remove the package: {wiring.package_removal()}")


def _listed(run: Session, found: Belongings) -> Iterator[str]:
    """What will be gone, with sizes, and what stays."""
    clips = "clips that cannot be counted" if found.clips is None else _counted(found.clips)
    yield f"{clips} in {run.settings.data_dir}:"
    for each in (*found.in_data_folder, *found.elsewhere):
        yield f"  {times.size(each.size_bytes):>9}  {each.path}"
    for name, count in found.collections.items():
        yield f"  {_counted(count):>9}  collection {name} at {run.settings.weaviate_url}"
    for path in found.foreign:
        yield f"  stays      {path}, which is not weavclip's"
    for reason in found.left:
        yield f"  stays      {reason}"


def _counted(count: int) -> str:
    return times.counted(count, "clip")
