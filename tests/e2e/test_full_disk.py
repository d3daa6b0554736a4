"""A disk that fills up under a live agent, and has room again."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import pytest

from tests.waiting import WITHIN_S


@pytest.mark.x11
@pytest.mark.skipif(
    not hasattr(os, "geteuid") or os.geteuid() != 0, reason="mounting a small disk needs root"
)
def test_a_full_disk_loses_nothing_is_said_and_is_over_with_the_space() -> None:
    apart = ["unshare", "--mount", "--propagation", "private"]
    done = subprocess.run(
        [*apart, sys.executable, "-m", "scripts.benchmarks.full", "copy"],
        capture_output=True,
        timeout=WITHIN_S,
        check=False,
        text=True,
    )
    if "Operation not permitted" in done.stderr:
        pytest.skip("mounting a small disk is not permitted here")
    rows = [json.loads(line) for line in done.stdout.splitlines()]

    assert done.returncode == 0, done.stderr
    assert [row["median"] for row in rows] == [5, 4, 0, 0]
