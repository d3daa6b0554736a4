"""Fetching a model's files: whole, in order, going on where an earlier call ended."""

from __future__ import annotations

import logging
import re
import time
from abc import ABC, abstractmethod
from contextlib import contextmanager
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, ClassVar, TypeAlias
from urllib.parse import urlsplit

from weavclip.domain.errors import DownloadError
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
OK, ABSENT = 200, 404
_PARTIAL, _BAD_RANGE = 206, 416
REFUSED = frozenset({401, 402, 403})
_TRANSIENT = frozenset({408, 429, 500, 502, 503, 504})
FILE_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")
"""What a file may be called: a name in an answer must not leave the folder."""
_HEADERS = MappingProxyType({"Accept-Encoding": "identity"})  # ranges count the bytes sent
OFFLINE = "fetch it where there is a network, then here: weavclip model import FOLDER"


def silent(done: int, total: int | None) -> None:
    """Progress that nobody watches."""
    del done, total


class TryAgainError(Exception):
    """One request failed in a way that may pass."""


@dataclass(frozen=True, slots=True)
class Source(ABC):
    """Where models are fetched from: a server that says where each of a model's files is.

    Attributes:
        url: Its address.
        timeout_s: Longest silence, in seconds.
        pause_s: Before the second try, in seconds; twice as long before each next one.
    """

    url: str
    timeout_s: float = TIMEOUT_S
    pause_s: float = PAUSE_S
    headers: ClassVar[Mapping[str, str]] = _HEADERS

    @abstractmethod
    def ask(self, client: httpx.Client, model_id: str) -> dict[str, str]:
        """The address of each of a model's files, by its name.

        Raises:
            NoModelError: If there is no such model.
            DownloadError: If it cannot be had.
            TryAgainError: If that may pass.
        """

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
            except TryAgainError:
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
            found.update(self.ask(client, model_id))

        self._persist(attempt, model_id)
        missing = [name for name in names if name not in found]
        if missing:
            message = f"{self.host} offers no {', '.join(missing)} for {model_id}"
            raise DownloadError(message, hint=OFFLINE)
        return found

    def _size(self, client: httpx.Client, url: str) -> int | None:
        """Bytes of a file; None where the server does not say. A range of one byte tells."""
        try:
            with (
                mapped(self.host),
                client.stream("GET", url, headers=byte_range(0, 0)) as answer,
            ):
                whole = answer.headers.get("Content-Range", "").rpartition("/")[2]
                if answer.status_code == _PARTIAL and whole.isdecimal():
                    return int(whole)
                length = answer.headers.get("Content-Length", "")
                return int(length) if answer.status_code == OK and length.isdecimal() else None
        except TryAgainError:
            return None  # fetching it will say more

    def _persist(self, attempt: Callable[[], None], what: str) -> None:
        """Try up to four times, waiting longer each time."""
        for number in range(TRIES):
            try:
                return attempt()
            except TryAgainError as error:
                if number == TRIES - 1:
                    message = f"{what} could not be fetched in {TRIES} tries: {error}"
                    raise DownloadError(message, hint=OFFLINE) from error
                logger.info("%s: %s; trying again", what, error)
                time.sleep(self.pause_s * 2**number)
        return None

    @property
    def host(self) -> str:
        """As messages name it."""
        return urlsplit(self.url).netloc or self.url

    def _client(self) -> httpx.Client:
        import httpx

        # It logs each address with its query, and there the API key and signatures are.
        logging.getLogger("httpx").setLevel(logging.WARNING)
        return httpx.Client(
            headers=dict(self.headers), timeout=self.timeout_s, follow_redirects=True
        )


def _stream(client: httpx.Client, url: str, part: Part, counter: Counter, name: str) -> None:
    with mapped(name), client.stream("GET", url, headers=part.headers()) as answer:
        if answer.status_code == _BAD_RANGE:
            part.begin("")
            raise TryAgainError(_told(answer.status_code))
        if answer.status_code != _PARTIAL:
            raise_for(answer.status_code, name)
            part.begin(answer.headers.get("ETag", ""))
        with part.path.open("ab") as file:
            for block in answer.iter_raw():
                file.write(block)
                file.flush()
                counter.report()


def raise_for(status: int, who: str) -> None:
    """Turn a status that is no success into an error.

    Raises:
        TryAgainError: If it may pass.
        DownloadError: If it will not.
    """
    if status == OK:
        return
    if status in _TRANSIENT or status in REFUSED:
        raise TryAgainError(_told(status))
    message = f"{who}: {_told(status)}"
    raise DownloadError(message, hint=OFFLINE)


def _told(status: int) -> str:
    return f"the server answered {status}"


@contextmanager
def mapped(who: str) -> Iterator[None]:
    """Turn what httpx raises into what is tried again; its messages can hold addresses."""
    import httpx

    try:
        yield
    except (httpx.TransportError, httpx.DecodingError) as error:
        message = f"{who} failed with {type(error).__name__}"
        raise TryAgainError(message) from error
    except (httpx.HTTPError, httpx.InvalidURL, httpx.StreamError) as error:
        message = f"{who} failed with {type(error).__name__}"
        raise DownloadError(message, hint=OFFLINE) from error
