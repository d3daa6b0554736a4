"""Whether a folder lies on an encrypted volume, as far as the system can tell."""

from __future__ import annotations

import contextlib
import os
import re
import struct
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from weavclip.pipeline.doctor.verdict import Verdict

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    Run = Callable[[Sequence[str]], str]
    """Runs a command; what it printed, empty when it failed."""

_SYS, _MOUNTS = Path("/sys"), Path("/proc/self/mountinfo")
_CRYPT = "CRYPT-"  # how dm-crypt's uuids begin (cryptsetup, lib/libdevmapper.c)
_ENCRYPTING = frozenset(
    {"ecryptfs", "fuse.gocryptfs", "fuse.encfs", "fuse.cryfs", "fuse.securefs"}
)
# _IOWR('f', 22, __u8[9]) of linux/fscrypt.h, and the size of its answer
_GET_POLICY_EX, _POLICY_BYTES = 0xC0096616, 32
_READS = "see docs/privacy.md for what that means"


@dataclass(frozen=True, slots=True)
class Mount:
    """One line of /proc/self/mountinfo.

    Attributes:
        point: Where it is mounted.
        kind: Of the file system, such as ``ext4``.
        source: Such as ``/dev/mapper/home``.
        device: Major and minor number, such as ``253:0``.
    """

    point: str
    kind: str
    source: str
    device: str


def verdict(folder: Path, *, run: Run, platform: str = sys.platform) -> Verdict:
    """Whether what is kept could be read from a disk that was taken out.

    Args:
        folder: Of all data; what it lies in is looked at while it is not there.
        run: Runs the system's own commands.
        platform: As ``sys.platform`` names it.
    """
    there = next(path for path in (folder, *folder.parents) if path.exists())
    known = {"darwin": _by_filevault, "win32": _by_bitlocker}.get(platform, _on_linux)
    how = known(there, run)
    if how is None:
        sentence = f"whether {folder} lies on an encrypted volume cannot be told here"
        return Verdict("volume", None, sentence)
    if not how:
        sentence = f"{folder} is not encrypted on disk: {_READS}"
        return Verdict("volume", None, sentence)
    return Verdict("volume", True, f"{folder} lies on an encrypted volume ({how})")


def _on_linux(folder: Path, run: Run) -> str | None:
    mounted = mount_of(folder.resolve(), _MOUNTS.read_text(encoding="utf-8", errors="replace"))
    return linux(folder, mounted, run=run)


def linux(folder: Path, mounted: Mount | None, *, run: Run, sys_dir: Path = _SYS) -> str | None:
    """What encrypts the folder; empty when nothing does, None when that cannot be told."""
    if mounted is None:
        return None
    if mounted.kind in _ENCRYPTING:
        return mounted.kind.removeprefix("fuse.")
    if mounted.kind == "zfs":
        said = run(["zfs", "get", "-H", "-o", "value", "encryption", mounted.source]).strip()
        return {"off": "", "": None}.get(said, f"ZFS, {said}")
    if has_fscrypt(folder):
        return "fscrypt"
    device = block_device(mounted, sys_dir=sys_dir)
    return None if device is None else "dm-crypt" if is_crypt(device) else ""


def mount_of(folder: Path, mountinfo: str) -> Mount | None:
    """The mount in which a resolved folder lies, by proc(5)'s mountinfo; the last one wins."""
    found = None
    for line in mountinfo.splitlines():
        before, _, after = line.partition(" - ")
        fields, rest = before.split(), after.split()
        point = _unescaped(fields[4])
        is_above = folder.is_relative_to(point)
        if is_above and (found is None or len(point) >= len(found.point)):
            found = Mount(point, rest[0], _unescaped(rest[1]), fields[2])
    return found


def _unescaped(text: str) -> str:
    r"""Blanks and such, which mountinfo has in octal.

    >>> _unescaped(r"/home/a\040b")
    '/home/a b'
    """
    return re.sub(r"\\([0-7]{3})", lambda found: chr(int(found[1], 8)), text)


def block_device(mounted: Mount, *, sys_dir: Path) -> Path | None:
    """The device's folder below /sys; None where the file system is on none.

    Btrfs and others give their own device number: then it is the source's.
    """
    by_number = sys_dir / "dev" / "block" / mounted.device
    if by_number.exists():
        return by_number.resolve()
    name = os.path.basename(os.path.realpath(mounted.source))  # noqa: PTH119 - of /dev
    by_name = sys_dir / "class" / "block" / name
    return by_name.resolve() if mounted.source.startswith("/dev/") and by_name.exists() else None


def is_crypt(device: Path) -> bool:
    """Whether dm-crypt is on the way from this device to every disk under it.

    A partition's own folder has no slaves; a volume of several disks is encrypted when all are.
    """
    with contextlib.suppress(OSError):
        if (device / "dm" / "uuid").read_text().startswith(_CRYPT):
            return True
    slaves = device / "slaves"
    below = [each.resolve() for each in slaves.iterdir()] if slaves.is_dir() else []
    return bool(below) and all(map(is_crypt, below))


def has_fscrypt(folder: Path) -> bool:
    """Whether the folder has an encryption policy of its own (linux/fscrypt.h)."""
    if sys.platform != "linux":
        return False
    import fcntl

    answer = bytearray(struct.pack("=Q", _POLICY_BYTES - 8).ljust(_POLICY_BYTES, b"\0"))
    try:
        handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    except OSError:
        return False
    try:
        fcntl.ioctl(handle, _GET_POLICY_EX, answer)
    except OSError:  # no policy, or a file system without fscrypt
        return False
    finally:
        os.close(handle)
    return True


def _by_filevault(_folder: Path, run: Run) -> str | None:
    said = run(["fdesetup", "status"])
    if "FileVault is On" in said:
        return "FileVault"
    return "" if "FileVault is Off" in said else None


def _by_bitlocker(folder: Path, run: Run) -> str | None:
    """BitLocker's state of the drive, as the shell's property tells it without an administrator.

    1, 3 and 5 are on, encrypting with protection and suspended; 2 is off.
    """
    drive = folder.drive or "C:"
    script = (
        "(New-Object -ComObject Shell.Application).NameSpace('" + drive + "')"
        ".Self.ExtendedProperty('System.Volume.BitLockerProtection')"
    )
    said = run(["powershell", "-NoProfile", "-NonInteractive", "-Command", script]).strip()
    return {"1": "BitLocker", "3": "BitLocker", "2": "", "0": ""}.get(said)
