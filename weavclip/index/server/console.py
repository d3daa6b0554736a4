"""How to look into the managed server with Weaviate's console, in a browser."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from weavclip.domain.errors import SettingsError
from weavclip.index.server.remote import parse

if TYPE_CHECKING:
    from pathlib import Path

# Its query tool also opens servers of one's own: docs.weaviate.io, connections/connect-query.
WEAVIATE_CONSOLE = "https://console.weaviate.cloud"


@dataclass(frozen=True, slots=True, kw_only=True)
class ConsoleAccess:
    """What a person needs to open a console.

    Attributes:
        url: Of the server, to enter in the console.
        key_file: Where the key is; its content is not told here.
        origin: The web origin that the server lets read its answers; empty for none yet.
        steps: What to do, in order, each a sentence or a command.
    """

    url: str
    key_file: Path
    origin: str
    steps: tuple[str, ...]


def access(*, url: str, key_file: Path, origin: str, collection: str) -> ConsoleAccess:
    """Say how to inspect the server at ``url``.

    Args:
        url: The server's HTTP address; empty before its first start.
        key_file: File of its API key.
        origin: Setting ``console_origin``; empty while no console is allowed.
        collection: Name to ask for, as the example query has it.
    """
    start = () if url else ("start it: weavclip server up",)
    query = f"{{ Get {{ {collection}(limit: 5) {{ kind preview _additional {{ id }} }} }} }}"
    allow = (
        f"allow its pages to read: set WEAVCLIP_CONSOLE_ORIGIN={WEAVIATE_CONSOLE}",
        "restart with it: weavclip server up",
    )
    use = (
        f"open {origin or WEAVIATE_CONSOLE} and add the server {url or 'that it names'}",
        f'send the header "Authorization: Bearer KEY", with the key from {key_file}',
        f"ask: {query}",
        "close it again: unset WEAVCLIP_CONSOLE_ORIGIN, then weavclip server up",
    )
    return ConsoleAccess(
        url=url,
        key_file=key_file,
        origin=origin,
        steps=(*start, *use) if origin else (*start, *allow, *use),
    )


def check_origin(origin: str) -> str:
    """The origin as browsers send it: scheme, host and port, nothing after; empty stays empty.

    ``*`` and ``null`` are refused: the one is every page, the other any page from a file or a
    sandboxed frame.

    Raises:
        SettingsError: If it is no origin.
    """
    if not origin:
        return ""
    try:
        found = parse(origin)
    except SettingsError as error:
        message = f"console_origin is no web origin such as {WEAVIATE_CONSOLE}"
        raise SettingsError(message, hint="set WEAVCLIP_CONSOLE_ORIGIN to one origin") from error
    usual = ":443" if found.http_secure else ":80"
    return found.url.removesuffix(usual)
