"""CLIP's files from where Roboflow's library fetches them."""

from __future__ import annotations

from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, ClassVar
from urllib.parse import urlsplit

from weavclip.domain.errors import DownloadError, NoModelError
from weavclip.embed import catalogue
from weavclip.embed.fetching import (
    ABSENT,
    FILE_NAME,
    OFFLINE,
    OK,
    REFUSED,
    Source,
    mapped,
    raise_for,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    import httpx

# What version of Roboflow's library this speaks like; it sends a device id as well, we do not.
_HEADERS = {
    "X-Roboflow-Inference-Version": "1.8.3",
    "X-Allow-Chunked": "true",
    "Accept-Encoding": "identity",  # ranges count the bytes that are sent
}
_PARAMS = {"nocache": "true", "device": "weavclip", "dynamic": "true"}


@dataclass(frozen=True, slots=True)
class Roboflow(Source):
    """Roboflow's API: asked for a model, it answers with an address for each of its files.

    Attributes:
        api_key: Sent if there is one.

    References:
        inference 1.8.3, ``core/roboflow_api.py`` ``get_roboflow_model_data`` and
        ``core/models/roboflow.py`` ``download_model_from_roboflow_api``.
    """

    api_key: str = field(default="", repr=False)
    headers: ClassVar[Mapping[str, str]] = MappingProxyType(_HEADERS)

    def ask(self, client: httpx.Client, model_id: str) -> dict[str, str]:
        """The address of each of a model's files, by its name.

        Raises:
            NoModelError: If there is no such model.
            DownloadError: If it cannot be had.
            TryAgainError: If that may pass.
        """
        params = _PARAMS | ({"api_key": self.api_key} if self.api_key else {})
        address = f"{self.url.rstrip('/')}/core_model/{catalogue.endpoint(model_id)}"
        with mapped(self.host):
            answer = client.get(address, params=params)
        self._check(answer.status_code, model_id)
        try:
            weights: Mapping[str, Any] = answer.json()["weights"]
            named = {urlsplit(url).path.split("/")[-1]: str(url) for url in weights.values()}
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            message = f"{self.host} answered in a form that is not known"
            raise DownloadError(message, hint=OFFLINE) from error
        return {name: url for name, url in named.items() if FILE_NAME.fullmatch(name)}

    def _check(self, status: int, model_id: str) -> None:
        if status == ABSENT:
            message = f"{self.host} has no model {model_id}"
            raise NoModelError(message, hint="weavclip model list")
        if status in REFUSED:
            message = f"{self.host} refuses {model_id} ({status})"
            raise DownloadError(message, hint="set WEAVCLIP_ROBOFLOW_API_KEY to a valid key")
        if status != OK:
            raise_for(status, self.host)
