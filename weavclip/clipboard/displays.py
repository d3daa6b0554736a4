"""Where displays may be: what an agent looks at while it has none."""

from __future__ import annotations

import os
import stat
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

_X_SOCKETS = Path("/tmp/.X11-unix")  # noqa: S108 - where X servers have them


def environs(
    environ: Mapping[str, str], told: Callable[[], Mapping[str, str]]
) -> Iterator[dict[str, str]]:
    """Environments in which a display may be reached, likeliest first.

    A session that ends takes its display along, and the next one may have another name, which
    this process was never told: the service manager was, and a Wayland socket that belongs to the
    person shows itself. X servers are not guessed at: one may be another program's own.

    Args:
        environ: The one that this process was started with.
        told: Asks the service manager what it knows of displays by now; that goes before
            ``environ``'s.
    """
    own = dict(environ)
    yield own
    tried = [own]
    newer = {**own, **told()}
    for each in (newer, *({**newer, "WAYLAND_DISPLAY": name} for name in _wayland(environ))):
        if each not in tried:
            tried.append(each)
            yield each


def look(environ: Mapping[str, str]) -> frozenset[tuple[str, int, int]]:
    """Path, inode and time of each socket where a display of the person's may listen."""
    x_number = environ.get("DISPLAY", "").rpartition(":")[2].partition(".")[0]
    paths = [_X_SOCKETS / f"X{x_number}"] if x_number else []
    folder, own = environ.get("XDG_RUNTIME_DIR", ""), environ.get("WAYLAND_DISPLAY", "")
    names = {*_wayland(environ), *filter(None, [own])} if folder else set()
    paths += [Path(folder, name) for name in names]
    return frozenset(filter(None, map(_mark, paths)))


def _mark(path: Path) -> tuple[str, int, int] | None:
    try:
        found = path.stat()
    except OSError:
        return None
    return str(path), found.st_ino, found.st_ctime_ns


def _wayland(environ: Mapping[str, str]) -> list[str]:
    """The person's Wayland sockets by name, newest first."""
    folder = Path(environ.get("XDG_RUNTIME_DIR", ""))
    if not folder.is_absolute():
        return []
    named = ((_age(path), path.name) for path in folder.glob("wayland-*"))
    return [name for at, name in sorted(named, reverse=True) if at]


def _age(path: Path) -> float:
    """When a socket of the person's was made; 0 for anything else."""
    try:
        found = path.stat()
    except OSError:
        return 0.0
    is_own = stat.S_ISSOCK(found.st_mode) and found.st_uid == os.getuid()
    return found.st_ctime if is_own else 0.0
