"""The server's program: where weaviate-client's embedded mode keeps it, and fetching it there."""

from __future__ import annotations

import hashlib
import os
import sys
from pathlib import Path
from typing import IO, TYPE_CHECKING

from weavclip.domain.errors import RefusedError, ServerError
from weavclip.index.server.version import APPROXIMATE_DOWNLOAD_BYTES, WEAVIATE_VERSION

if TYPE_CHECKING:
    import tarfile
    from collections.abc import Callable

    from weavclip.index.server.fetch import Progress

RELEASES = "https://github.com/weaviate/weaviate/releases/download"
_MEMBER = "weaviate"
_PROGRAM_MODE = 0o700
_BLOCK_BYTES = 1 << 20
_MEGABYTE = 1_000_000


def file_name(version: str = WEAVIATE_VERSION) -> str:
    """What weaviate-client 4 calls the program of this version."""
    tag = f"v{version}"
    return f"weaviate-{tag}-{hashlib.sha256(tag.encode()).hexdigest()}"


def default_folders() -> tuple[Path, ...]:
    """Where weaviate-client's embedded mode looks; the last one is where ours are put."""
    home = Path.home() / ".cache" / "weaviate-embedded"
    cache = os.environ.get("XDG_CACHE_HOME")
    return (Path(cache), home) if cache else (home,)


def find(folders: tuple[Path, ...] | None = None) -> Path | None:
    """The program, where it is there and may be run."""
    for folder in folders or default_folders():
        path = folder / file_name()
        if path.is_file() and os.access(path, os.X_OK):
            return path
    return None


def archive_name(*, system: str, machine: str) -> str:
    """The release's file for this platform.

    Raises:
        ServerError: If there is no release for it.
    """
    if system == "Darwin":
        return f"weaviate-v{WEAVIATE_VERSION}-Darwin-all.zip"
    names = {"x86_64": "amd64", "amd64": "amd64", "aarch64": "arm64", "arm64": "arm64"}
    if system != "Linux" or machine.lower() not in names:
        message = f"there is no Weaviate program for {system} on {machine}"
        raise ServerError(message, hint="install a Docker engine, or set WEAVCLIP_WEAVIATE_URL")
    return f"weaviate-v{WEAVIATE_VERSION}-Linux-{names[machine.lower()]}.tar.gz"


def install(
    *,
    folder: Path,
    confirm: Callable[[str], bool],
    progress: Progress,
    releases: str = RELEASES,
) -> Path:
    """Fetch the program into ``folder``, after a yes.

    A cut download goes on where it stopped. The archive is checked against the MD5 that the
    release publishes beside it: that shows a torn file; against a forged one there is TLS.

    Raises:
        RefusedError: If the answer was no.
        ServerError: If it cannot be fetched, or is damaged.
    """
    import platform

    from weavclip.index.server.fetch import fetch, published_md5, size_of

    archive = archive_name(system=platform.system(), machine=platform.machine())
    url = f"{releases}/v{WEAVIATE_VERSION}/{archive}"
    size_bytes = size_of(url)
    if not confirm(_question(url, size_bytes, folder)):
        message = f"Weaviate {WEAVIATE_VERSION} was not downloaded"
        raise RefusedError(message, hint="search works without it, exactly over the journal")
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    packed = folder / f"{archive}.part"
    fetch(url, packed, progress=progress)
    _verify(packed, published_md5(url), progress=progress)
    return _unpack(packed, folder / file_name())


def _question(url: str, size_bytes: int | None, folder: Path) -> str:
    about = "" if size_bytes else "about "
    megabytes = (size_bytes or APPROXIMATE_DOWNLOAD_BYTES) / _MEGABYTE
    return (
        f"download Weaviate {WEAVIATE_VERSION} ({about}{megabytes:.0f} MB) "
        f"from {url} into {folder}?"
    )


def _verify(packed: Path, md5: str | None, *, progress: Progress) -> None:
    if md5 is None:
        progress("the release publishes no checksum: trusting TLS", None)
        return
    with packed.open("rb") as file:
        found = hashlib.file_digest(file, _md5).hexdigest()
    if found != md5:
        packed.unlink()
        message = f"{packed.name} is damaged: MD5 {found}, published {md5}"
        raise ServerError(message, hint="try again: weavclip server up")


def _md5() -> hashlib._Hash:
    return hashlib.md5(usedforsecurity=False)


def _unpack(packed: Path, target: Path) -> Path:
    import tarfile
    import zipfile
    import zlib

    beside = target.with_name(f"{target.name}.{os.getpid()}.part")
    try:
        _extract(packed, beside)
    except (KeyError, tarfile.TarError, zipfile.BadZipFile, zlib.error, EOFError) as error:
        packed.unlink()
        beside.unlink(missing_ok=True)
        message = f"{packed.name} is no archive with a program {_MEMBER!r}"
        raise ServerError(message, hint="try again: weavclip server up") from error
    beside.chmod(_PROGRAM_MODE)
    beside.replace(target)
    packed.unlink()
    return target


def _extract(packed: Path, target: Path) -> None:
    import tarfile
    import zipfile

    if ".zip" in packed.suffixes:
        with zipfile.ZipFile(packed) as zipped, zipped.open(_MEMBER) as member:
            _copy(member, target)
    else:
        with tarfile.open(packed) as tarred:
            _copy(_member(tarred), target)


def _member(tarred: tarfile.TarFile) -> IO[bytes]:
    found = tarred.extractfile(_MEMBER)
    if found is None:
        raise KeyError(_MEMBER)
    return found


def _copy(source: IO[bytes], target: Path) -> None:
    with target.open("wb") as file:
        while block := source.read(_BLOCK_BYTES):
            file.write(block)
        file.flush()
        os.fsync(file.fileno())


def is_supported() -> bool:
    """Whether the server's program runs on this platform at all."""
    return sys.platform != "win32"
