"""Fetching CLIP's files from where Roboflow's library fetches them."""

from __future__ import annotations

import logging
import re
import shutil
import time
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeAlias
from urllib.parse import urlsplit

from weavclip.domain.errors import DownloadError, NoModelError
from weavclip.embed import catalogue

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from pathlib import Path

    import httpx

    Progress: TypeAlias = Callable[[int, int | None], None]

logger = logging.getLogger(__name__)

TRIES = 4
TIMEOUT_S = 30.0
"""For an answer, or for the next bytes of a body; a whole model may take hours."""
PAUSE_S = 0.5
_OK, _PARTIAL, _ABSENT, _BAD_RANGE = 200, 206, 404, 416
_REFUSED = frozenset({401, 402, 403})
_TRANSIENT = frozenset({408, 429, 500, 502, 503, 504})
_FILE_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")
_OFFLINE = "fetch it where there is a network, then here: weavclip model import FOLDER"
# What version of Roboflow's library this speaks like; it sends a device id as well, we do not.
_HEADERS = {
    "X-Roboflow-Inference-Version": "1.8.3",
    "X-Allow-Chunked": "true",
    "Accept-Encoding": "identity",  # ranges count the bytes that are sent
}
_PARAMS = {"nocache": "true", "device": "weavclip", "dynamic": "true"}


def silent(done: int, total: int | None) -> None:
    """Progress that nobody watches."""
    del done, total


class _TryAgainError(Exception):
    """One request failed in a way that may pass."""


@dataclass(frozen=True, slots=True)
class Source:
    """Roboflow's API: asked for a model, it answers with an address for each of its files.

    Attributes:
        url: Its address.
        api_key: Sent if there is one.
        timeout_s: Longest silence, in seconds.
        pause_s: Before the second try, in seconds; twice as long before each next one.

    References:
        inference 1.8.3, ``core/roboflow_api.py`` ``get_roboflow_model_data`` and
        ``core/models/roboflow.py`` ``download_model_from_roboflow_api``.
    """

    url: str
    api_key: str = field(default="", repr=False)
    timeout_s: float = TIMEOUT_S
    pause_s: float = PAUSE_S

    def fetch(
        self, model_id: str, folder: Path, *, names: Sequence[str], progress: Progress = silent
    ) -> None:
        """Fetch a model's files into a folder, going on where an earlier call ended.

        Args:
            model_id: Such as ``ViT-B-16``.
            folder: Gets each file under its own name when it is whole, ``.part`` until then.
            names: Files that a model must have.
            progress: Called with the bytes that are there and how many there will be.

        Raises:
            NoModelError: If there is no such model.
            DownloadError: If it cannot be fetched.
        """
        with self._client() as client:
            addresses = self._addresses(client, model_id, names)
            sizes = {name: self._size(client, url) for name, url in addresses.items()}
            counter = _Counter(progress, sizes, folder)
            for name in addresses:
                self._fetch_file(client, model_id, name, addresses, counter)

    def _fetch_file(
        self,
        client: httpx.Client,
        model_id: str,
        name: str,
        addresses: dict[str, str],
        counter: _Counter,
    ) -> None:
        if counter.is_whole(name):
            return
        part = _Part(counter.folder / f"{name}.part")

        def attempt() -> None:
            try:
                _stream(client, addresses[name], part, counter, name)
            except _TryAgainError:
                # A signed address runs out during a long download; a fresh one goes on.
                addresses.update(self._addresses(client, model_id, (name,)))
                raise

        self._persist(attempt, f"{model_id}/{name}")
        counter.check(part.path, name)
        part.path.replace(counter.folder / name)
        part.tag_path.unlink(missing_ok=True)

    def _addresses(
        self, client: httpx.Client, model_id: str, names: Sequence[str]
    ) -> dict[str, str]:
        """The address of each of a model's files, by its name."""
        found: dict[str, str] = {}

        def attempt() -> None:
            found.clear()
            found.update(self._ask(client, model_id))

        self._persist(attempt, model_id)
        missing = [name for name in names if name not in found]
        if missing:
            message = f"{self._host} offers no {', '.join(missing)} for {model_id}"
            raise DownloadError(message, hint=_OFFLINE)
        return found

    def _ask(self, client: httpx.Client, model_id: str) -> dict[str, str]:
        params = _PARAMS | ({"api_key": self.api_key} if self.api_key else {})
        address = f"{self.url.rstrip('/')}/core_model/{catalogue.endpoint(model_id)}"
        with _mapped(self._host):
            answer = client.get(address, params=params)
        self._check(answer.status_code, model_id)
        try:
            weights: Mapping[str, Any] = answer.json()["weights"]
            named = {urlsplit(url).path.split("/")[-1]: str(url) for url in weights.values()}
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            message = f"{self._host} answered in a form that is not known"
            raise DownloadError(message, hint=_OFFLINE) from error
        return {name: url for name, url in named.items() if _FILE_NAME.fullmatch(name)}

    def _check(self, status: int, model_id: str) -> None:
        if status == _OK:
            return
        if status == _ABSENT:
            message = f"{self._host} has no model {model_id}"
            raise NoModelError(message, hint="weavclip model list")
        if status in _REFUSED:
            message = f"{self._host} refuses {model_id} ({status})"
            raise DownloadError(message, hint="set WEAVCLIP_ROBOFLOW_API_KEY to a valid key")
        _raise_for(status, self._host)

    def _size(self, client: httpx.Client, url: str) -> int | None:
        """Bytes of a file; None where the server does not say. A range of one byte tells."""
        try:
            with _mapped(self._host), client.stream("GET", url, headers=_range(0, 0)) as answer:
                whole = answer.headers.get("Content-Range", "").rpartition("/")[2]
                if answer.status_code == _PARTIAL and whole.isdecimal():
                    return int(whole)
                length = answer.headers.get("Content-Length", "")
                return int(length) if answer.status_code == _OK and length.isdecimal() else None
        except _TryAgainError:
            return None  # fetching it will say more

    def _persist(self, attempt: Callable[[], None], what: str) -> None:
        """Try up to four times, waiting longer each time."""
        for number in range(TRIES):
            try:
                return attempt()
            except _TryAgainError as error:
                if number == TRIES - 1:
                    message = f"{what} could not be fetched in {TRIES} tries: {error}"
                    raise DownloadError(message, hint=_OFFLINE) from error
                logger.info("%s: %s; trying again", what, error)
                time.sleep(self.pause_s * 2**number)
        return None

    @property
    def _host(self) -> str:
        return urlsplit(self.url).netloc or self.url

    def _client(self) -> httpx.Client:
        import httpx

        # It logs each address with its query, and there the API key and signatures are.
        logging.getLogger("httpx").setLevel(logging.WARNING)
        return httpx.Client(headers=_HEADERS, timeout=self.timeout_s, follow_redirects=True)


@dataclass(slots=True)
class _Part:
    """A file that is not whole yet, and the tag by which the server knows its version."""

    path: Path

    @property
    def tag_path(self) -> Path:
        return self.path.with_suffix(".tag")

    @property
    def size(self) -> int:
        return self.path.stat().st_size if self.path.is_file() else 0

    def headers(self) -> dict[str, str]:
        """Ask for the rest, if the file is still the same; without a tag for all of it."""
        if not self.size or not self.tag_path.is_file():
            return {}
        return _range(self.size) | {"If-Range": self.tag_path.read_text(encoding="ascii")}

    def begin(self, tag: str) -> None:
        self.path.unlink(missing_ok=True)
        self.tag_path.unlink(missing_ok=True)
        # A weak tag promises equal meaning, not equal bytes (RFC 9110, 13.1.5).
        if tag and not tag.startswith("W/") and tag.isascii():
            self.tag_path.write_text(tag, encoding="ascii")


class _Counter:
    """What is there of all files, and what there will be."""

    def __init__(self, progress: Progress, sizes: dict[str, int | None], folder: Path) -> None:
        self._progress = progress
        self._sizes = sizes
        self.folder = folder
        known = [size for size in sizes.values() if size is not None]
        self._total = sum(known) if len(known) == len(sizes) else None
        self._refuse_full_disk()

    def report(self) -> None:
        self._progress(self._there(), self._total)

    def is_whole(self, name: str) -> bool:
        path = self.folder / name
        return path.is_file() and path.stat().st_size == self._sizes[name]

    def check(self, part: Path, name: str) -> None:
        wanted = self._sizes[name]
        found = part.stat().st_size
        if wanted is not None and found != wanted:
            part.unlink()
            message = f"{name} came with {found:,} bytes instead of {wanted:,}"
            raise DownloadError(message, hint="try again")

    def _there(self) -> int:
        paths = (self.folder / each for name in self._sizes for each in (name, f"{name}.part"))
        return sum(path.stat().st_size for path in paths if path.is_file())

    def _refuse_full_disk(self) -> None:
        missing = (self._total or 0) - self._there()
        free = shutil.disk_usage(self.folder).free
        if missing > free:
            message = f"the model needs {missing:,} bytes more and {free:,} are free"
            raise DownloadError(message, hint="make room, or set WEAVCLIP_DATA_DIR")


def _stream(client: httpx.Client, url: str, part: _Part, counter: _Counter, name: str) -> None:
    with _mapped(name), client.stream("GET", url, headers=part.headers()) as answer:
        if answer.status_code == _BAD_RANGE:
            part.begin("")
            raise _TryAgainError(_told(answer.status_code))
        if answer.status_code != _PARTIAL:
            _raise_for(answer.status_code, name)
            part.begin(answer.headers.get("ETag", ""))
        with part.path.open("ab") as file:
            for block in answer.iter_raw():
                file.write(block)
                file.flush()
                counter.report()


def _raise_for(status: int, who: str) -> None:
    if status == _OK:
        return
    if status in _TRANSIENT or status in _REFUSED:
        raise _TryAgainError(_told(status))
    message = f"{who}: {_told(status)}"
    raise DownloadError(message, hint=_OFFLINE)


def _told(status: int) -> str:
    return f"the server answered {status}"


def _range(first: int, last: int | None = None) -> dict[str, str]:
    return {"Range": f"bytes={first}-{'' if last is None else last}"}


@contextmanager
def _mapped(who: str) -> Iterator[None]:
    """Turn what httpx raises into what is tried again; its messages can hold addresses."""
    import httpx

    try:
        yield
    except (httpx.TransportError, httpx.DecodingError) as error:
        message = f"{who} failed with {type(error).__name__}"
        raise _TryAgainError(message) from error
    except (httpx.HTTPError, httpx.InvalidURL, httpx.StreamError) as error:
        message = f"{who} failed with {type(error).__name__}"
        raise DownloadError(message, hint=_OFFLINE) from error
