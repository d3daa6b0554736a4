"""A disk that is full: nothing stored is lost, each part says so, and all recover with the space.

The disk is a small one in memory, mounted where nobody else sees it. Needs root, for the mount.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from typing import TYPE_CHECKING

from scripts.benchmarks.rows import Row

if TYPE_CHECKING:
    from collections.abc import Iterator

_WITHIN_S = 1_200.0


def rows() -> Iterator[Row]:
    """A copy, an embedding, a write of the index, a backup and an export; about four minutes.

    Raises:
        PermissionError: If it is not run by root.
    """
    if os.geteuid() != 0:
        message = "a mount needs root: sudo scripts/bench full"
        raise PermissionError(message)
    # The mount is gone with the last process in there, whatever ends it.
    apart = ["unshare", "--mount", "--propagation", "private"]
    done = subprocess.run(
        [*apart, sys.executable, "-m", "scripts.benchmarks.full"],
        stdout=subprocess.PIPE,
        timeout=_WITHIN_S,
        check=True,
        text=True,
    )
    for line in done.stdout.splitlines():
        yield Row(**json.loads(line))
