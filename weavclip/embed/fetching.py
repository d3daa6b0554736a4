"""Fetching CLIP's files from where Roboflow's library fetches them."""

from __future__ import annotations

import logging
import re
import time
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeAlias
from urllib.parse import urlsplit

from weavclip.domain.errors import DownloadError, NoModelError
from weavclip.embed import catalogue
from weavclip.embed.parts import Counter, Part, byte_range

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
            counter = Counter(progress, sizes, folder)
            for name in addresses:
                self._fetch_file(client, model_id, name, addresses, counter)

    def _fetch_file(
        self,
        client: httpx.Client,
        model_id: str,
        name: str,
        addresses: dict[str, str],
        counter: Counter,
    ) -> None:
        if counter.is_whole(name):
            return
        part = Part(counter.folder / f"{name}.part")

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
            with (
                _mapped(self._host),
                client.stream("GET", url, headers=byte_range(0, 0)) as answer,
            ):
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


def _stream(client: httpx.Client, url: str, part: Part, counter: Counter, name: str) -> None:
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
