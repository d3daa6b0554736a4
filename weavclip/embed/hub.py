"""Text models from the Hugging Face hub: a pinned revision, each file by the hub's own digest."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from weavclip.domain.errors import DownloadError, NoModelError
from weavclip.embed import cards, catalogue
from weavclip.embed.fetching import ABSENT, OFFLINE, OK, Source, mapped, raise_for

if TYPE_CHECKING:
    from pathlib import Path

    import httpx

_CHUNK_BYTES = 1 << 20


@dataclass(frozen=True, slots=True)
class Hub(Source):
    """The hub: a revision's files are at addresses that are known, and its listing names digests.

    References:
        ``/api/models/REPO/tree/REVISION?recursive=true`` lists ``path``, ``size``, ``oid`` (git's)
        and, of large files, ``lfs.oid`` (SHA-256); ``/REPO/resolve/REVISION/PATH`` leads to the
        bytes. huggingface_hub, ``hf_api.py`` ``list_repo_tree``.
    """

    def ask(self, client: httpx.Client, model_id: str) -> dict[str, str]:
        """The address of each of a model's files, by its name.

        Raises:
            NoModelError: If the hub does not have the revision any more.
            DownloadError: If it answers in another form, or names another digest than is pinned.
            TryAgainError: If that may pass.
        """
        known = catalogue.TEXT_MODELS[model_id]
        listed = self._listed(client, model_id)
        for path in known.files:
            if path not in listed:
                message = f"{self.host} has no {path} for {model_id}"
                raise DownloadError(message, hint=OFFLINE)
            pinned, named = known.files[path], _sha256_in(listed[path])
            if pinned and named and pinned != named:
                message = f"{self.host} has {named[:12]} for {model_id}/{path}, not {pinned[:12]}"
                raise DownloadError(message, hint="do not use it, and say so to weavclip's makers")
        return {_name(path): self._address(known, path) for path in known.files}

    def check(self, model_id: str, folder: Path) -> None:
        """Compare fetched files with the digests that are pinned, or that the hub names.

        Raises:
            DownloadError: Naming the file that differs; it is gone.
        """
        known = catalogue.TEXT_MODELS[model_id]
        with self._client() as client:
            listed: dict[str, Any] = {}
            self._persist(lambda: listed.update(self._listed(client, model_id)), model_id)
        for path, pinned in known.files.items():
            file, entry = folder / _name(path), listed.get(path, {})
            wanted = pinned or _sha256_in(entry)
            found = cards.sha256_of(file) if wanted else _git_digest(file)
            wanted = wanted or str(entry.get("oid", ""))
            if found != wanted:
                file.unlink()
                message = f"{model_id}/{file.name} is {found[:12]}, the hub says {wanted[:12]}"
                raise DownloadError(message, hint="try again")

    def _address(self, known: catalogue.KnownText, path: str) -> str:
        return f"{self.url.rstrip('/')}/{known.repository}/resolve/{known.revision}/{quote(path)}"

    def _listed(self, client: httpx.Client, model_id: str) -> dict[str, Any]:
        """What the hub says of a revision's files, by path."""
        known = catalogue.TEXT_MODELS[model_id]
        address = f"{self.url.rstrip('/')}/api/models/{known.repository}/tree/{known.revision}"
        with mapped(self.host):
            answer = client.get(address, params={"recursive": "true"})
        if answer.status_code == ABSENT:
            message = f"{self.host} has no {known.repository} at {known.revision[:12]}"
            raise NoModelError(message, hint="weavclip model list")
        if answer.status_code != OK:
            raise_for(answer.status_code, self.host)
        try:
            return {str(each["path"]): dict(each) for each in answer.json()}
        except (ValueError, KeyError, TypeError) as error:
            message = f"{self.host} answered in a form that is not known"
            raise DownloadError(message, hint=OFFLINE) from error


def _sha256_in(entry: dict[str, Any]) -> str:
    large = entry.get("lfs")
    return str(large.get("oid", "")) if isinstance(large, dict) else ""


def _git_digest(path: Path) -> str:
    """By which git knows a file of these bytes: SHA-1, as its object names are."""
    digest = hashlib.sha1(f"blob {path.stat().st_size}\0".encode(), usedforsecurity=False)
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK_BYTES):
            digest.update(chunk)
    return digest.hexdigest()


def _name(path: str) -> str:
    return path.rpartition("/")[2]
