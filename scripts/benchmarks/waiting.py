"""What the agent costs while it has no display and looks for one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from scripts.benchmarks.idle import idle_rows, running_agent

if TYPE_CHECKING:
    from collections.abc import Iterator

    from scripts.benchmarks.rows import Row

NO_DISPLAY = ":48999"


def rows() -> Iterator[Row]:
    """Five minutes of an agent that waits, and of the commands that it runs meanwhile."""
    with running_agent({"DISPLAY": NO_DISPLAY}, "--wait") as agent:
        yield from idle_rows(agent, doing="waiting")
