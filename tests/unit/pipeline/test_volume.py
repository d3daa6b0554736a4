"""Whether a folder lies on an encrypted volume, over trees and answers like the systems'."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from weavclip.pipeline.doctor import volume

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

MOUNTINFO = r"""
22 1 253:1 / / rw,relatime - ext4 /dev/mapper/root rw
30 22 8:2 / /boot rw - ext4 /dev/sda2 rw
31 22 0:40 /@home /home rw,noatime shared:5 - btrfs /dev/mapper/home rw,space_cache
32 31 0:51 / /home/me/my\040vault rw - fuse.gocryptfs /home/me/.vault rw
33 22 0:60 / /tank rw - zfs tank/data rw
"""


def silent(_command: Sequence[str]) -> str:
    return ""


def saying(words: str) -> Callable[[Sequence[str]], str]:
    return lambda _command: words


class Devices:
    """A /sys with the devices that a test adds."""

    def __init__(self, root: Path) -> None:
        self.root = root
        for each in ("dev/block", "class/block", "devices"):
            (root / each).mkdir(parents=True)

    def add(self, name: str, number: str, *, uuid: str = "", on: tuple[str, ...] = ()) -> None:
        folder = self.root / "devices" / name
        (folder / "slaves").mkdir(parents=True)
        if uuid:
            (folder / "dm").mkdir()
            (folder / "dm" / "uuid").write_text(uuid + "\n")
        for slave in on:
            (folder / "slaves" / slave).symlink_to(self.root / "devices" / slave)
        (self.root / "dev/block" / number).symlink_to(folder)
        (self.root / "class/block" / name).symlink_to(folder)


@pytest.fixture
def devices(tmp_path: Path) -> Devices:
    return Devices(tmp_path / "sys")


def judged(
    folder: str, devices: Devices, run: Callable[[Sequence[str]], str] = silent
) -> str | None:
    mounted = volume.mount_of(Path(folder), MOUNTINFO.strip())
    return volume.linux(Path(folder), mounted, run=run, sys_dir=devices.root)


@pytest.mark.parametrize(
    ("folder", "point", "kind"),
    [
        ("/etc", "/", "ext4"),
        ("/home/me", "/home", "btrfs"),
        ("/home/me/my vault/x", "/home/me/my vault", "fuse.gocryptfs"),
        ("/homely", "/", "ext4"),
    ],
)
def test_a_folder_lies_in_the_innermost_mount(folder: str, point: str, kind: str) -> None:
    found = volume.mount_of(Path(folder), MOUNTINFO.strip())

    assert found is not None
    assert (found.point, found.kind) == (point, kind)


def test_luks_under_the_file_system_is_seen(devices: Devices) -> None:
    devices.add("sda1", "8:1")
    devices.add("dm-1", "253:1", uuid="CRYPT-LUKS2-0123-root", on=("sda1",))

    assert judged("/var", devices) == "dm-crypt"


def test_lvm_on_luks_is_seen_and_lvm_alone_is_not(devices: Devices) -> None:
    devices.add("sda1", "8:1")
    devices.add("dm-0", "253:0", uuid="CRYPT-LUKS1-0123-pv", on=("sda1",))
    devices.add("dm-1", "253:1", uuid="LVM-abc", on=("dm-0",))
    devices.add("dm-2", "253:2", uuid="LVM-def", on=("sda1",))

    assert judged("/var", devices) == "dm-crypt"
    assert volume.is_crypt(devices.root / "devices" / "dm-2") is False


def test_a_volume_of_which_one_disk_is_open_is_not_encrypted(devices: Devices) -> None:
    devices.add("sda1", "8:1")
    devices.add("sdb1", "8:17")
    devices.add("dm-0", "253:0", uuid="CRYPT-LUKS2-0-a", on=("sda1",))
    devices.add("dm-1", "253:1", uuid="LVM-abc", on=("dm-0", "sdb1"))

    assert judged("/var", devices) == ""


def test_btrfs_is_judged_by_its_source(devices: Devices) -> None:
    devices.add("home", "253:5", uuid="CRYPT-LUKS2-0-home")

    assert judged("/home/me", devices) == "dm-crypt"


def test_a_plain_disk_is_not_encrypted(devices: Devices) -> None:
    devices.add("sda2", "8:2")

    assert judged("/boot", devices) == ""


@pytest.mark.parametrize(
    ("said", "known"), [("off\n", ""), ("aes-256-gcm\n", "ZFS, aes-256-gcm"), ("", None)]
)
def test_zfs_is_asked(devices: Devices, said: str, known: str | None) -> None:
    assert judged("/tank", devices, saying(said)) == known


def test_an_encrypting_file_system_is_named(devices: Devices) -> None:
    assert judged("/home/me/my vault", devices) == "gocryptfs"


def test_what_lies_on_no_device_cannot_be_told(devices: Devices) -> None:
    assert judged("/var", devices) is None


def test_a_folder_without_a_policy_has_no_fscrypt(tmp_path: Path) -> None:
    assert volume.has_fscrypt(tmp_path) is False


@pytest.mark.parametrize(
    ("platform", "said", "ok"),
    [
        ("darwin", "FileVault is On.\n", True),
        ("darwin", "FileVault is Off.\n", None),
        ("darwin", "", None),
        ("win32", "1\r\n", True),
        ("win32", "2\r\n", None),
        ("win32", "", None),
    ],
)
def test_other_systems_are_asked(
    tmp_path: Path, platform: str, said: str, *, ok: bool | None
) -> None:
    verdict = volume.verdict(tmp_path / "absent", run=saying(said), platform=platform)

    assert verdict.ok is ok
    assert ("cannot be told" in verdict.sentence) is (not said)


def test_this_system_gives_some_verdict(tmp_path: Path) -> None:
    assert volume.verdict(tmp_path, run=silent).part == "volume"
