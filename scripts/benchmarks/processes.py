"""What a process holds, as Linux counts it."""

from __future__ import annotations

from pathlib import Path

import psutil


def resident_bytes(pid: int) -> int:
    """Resident memory now; nothing when the process is gone."""
    try:
        return int(psutil.Process(pid).memory_info().rss)
    except psutil.NoSuchProcess:
        return 0


def peak_bytes(pid: int) -> int:
    """The largest resident memory that a process ever had."""
    status = Path(f"/proc/{pid}/status").read_text()
    line = next(each for each in status.splitlines() if each.startswith("VmHWM"))
    return int(line.split()[1]) * 1024
