"""Limits on what is kept: what a new one would remove, said before it is set."""

from weavclip import wiring
from weavclip.cli import asking, times
from weavclip.cli.app import remark
from weavclip.settings import Settings

LIMITS = frozenset({"keep_days", "keep_clips", "keep_bytes"})
MANY, LARGE_SHARE = 100, 0.1


def agree(settings: Settings, *, yes: bool) -> None:
    """Say what these limits remove, and ask where that is more than a few clips.

    Raises:
        RefusedError: If the answer is no, or nobody can be asked.
    """
    with wiring.open_journal(settings) as journal:
        surplus = journal.surplus(wiring.keep(settings))
    if not surplus:
        remark("no clip is over the limits now")
        return
    what = f"{surplus.clips:,} of {times.counted(surplus.total, 'clip')}"
    remark(
        f"this removes {what} ({surplus.why}, {times.size(surplus.size_bytes)}), the oldest "
        "first; pinned ones stay"
    )
    if surplus.clips > MANY or surplus.clips > LARGE_SHARE * surplus.total:
        asking.insist(f"remove {what} for good", yes=yes)
