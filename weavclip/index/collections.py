"""Which collections of a Weaviate are ours: one a model, numbered, behind an alias."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from weavclip.domain.errors import SchemaMismatchError, SettingsError
from weavclip.domain.models import ModelSet
from weavclip.index.schema import Stamp, definition, differences

if TYPE_CHECKING:
    from collections.abc import Mapping

    from weavclip.index.rest import Rest

_NAME = re.compile(r"[A-Z][_0-9A-Za-z]*")
_SHOWN = 5
_OTHER_NAME = "set WEAVCLIP_COLLECTION to another name"


class Collections:
    """One model's collections ``{alias}_{model}_{n}``, and the alias that stands for one.

    The highest number is written to. It is a refill that is under way as long as the alias stands
    for another.
    """

    def __init__(self, rest: Rest, *, url: str, alias: str, stamp: Stamp, index_type: str) -> None:
        """Be handed the parts; nothing is asked yet.

        Args:
            rest: The server.
            url: Its address, as messages say it.
            alias: Stands for the current collection.
            stamp: What this model's collection must say of itself.
            index_type: ``flat`` or ``hnsw``.

        Raises:
            SettingsError: If Weaviate cannot have a name like ``alias``.
        """
        if not _NAME.fullmatch(alias):
            message = f"collection must be letters, digits and _, a capital first, got {alias!r}"
            raise SettingsError(message, hint="set WEAVCLIP_COLLECTION, such as Weavclip")
        self._rest, self._url, self._alias = rest, url, alias
        self._stamp, self._index_type = stamp, index_type
        self._prefix = f"{alias}_{re.sub(r'[^0-9A-Za-z]', '_', stamp.model)}_"

    def ensure(self) -> str:
        """The collection to write to, made from the definition where there is none.

        One of another edition is left to answer, and the next number is made.

        Raises:
            SchemaMismatchError: If it is another journal's or model's, or has drifted.
        """
        found = self._numbered()
        if not found:
            return self._create(1)
        number = max(found)
        kept = self._checked(found[number])
        if kept.edition != self._stamp.edition:
            return self._create(number + 1)
        return f"{self._prefix}{number}"

    def look(self) -> str:
        """The collection that is written to, without making one; empty where there is none.

        Raises:
            SchemaMismatchError: If it is another journal's or model's, or has drifted.
        """
        found = self._numbered()
        if not found:
            return ""
        self._checked(found[max(found)])
        return f"{self._prefix}{max(found)}"

    def fresh(self) -> str:
        """Make the next number, empty."""
        return self._create(max(self._numbered(), default=0) + 1)

    def answering(self, writing: str) -> str:
        """The collection to ask: the alias's, if it is this model's, else the one written to."""
        current = self.current()
        return current if current and self._number(current) else writing

    def current(self) -> str:
        """The collection that the alias stands for; empty when it stands for none."""
        found = self._rest.ask("GET", f"/aliases/{self._alias}")
        return str(found["class"]) if found else ""

    def activate(self, name: str) -> None:
        """Let the alias stand for ``name``, and drop what it stands in for.

        That is the collection that the alias stood for, and this model's other numbers. Another
        model's collection that is being filled stays.
        """
        before = self.current()
        if not before:
            self._rest.ask("POST", "/aliases", {"class": name, "alias": self._alias})
        elif before != name:
            self._rest.ask("PUT", f"/aliases/{self._alias}", {"class": name})
        older = {f"{self._prefix}{n}" for n in self._numbered()} | ({before} - {""})
        for each in sorted(older - {name}):
            self._rest.ask("DELETE", f"/schema/{each}")

    def is_read_only(self, name: str) -> bool:
        """Whether the server changes nothing in a collection, as while its disk is full."""
        shards = self._rest.ask("GET", f"/schema/{name}/shards") or ()
        return any(each["status"] == "READONLY" for each in shards)

    def _number(self, name: str) -> int:
        rest = name.removeprefix(self._prefix)
        return int(rest) if rest != name and rest.isascii() and rest.isdigit() else 0

    def _numbered(self) -> dict[int, Mapping[str, Any]]:
        answer = self._rest.ask("GET", "/schema") or {}
        numbered = {self._number(each["class"]): each for each in answer.get("classes") or ()}
        return {number: each for number, each in numbered.items() if number}

    def _create(self, number: int) -> str:
        name = f"{self._prefix}{number}"
        wanted = definition(name, self._stamp, index_type=self._index_type)
        self._rest.ask("POST", "/schema", wanted)
        return name

    def _checked(self, found: Mapping[str, Any]) -> Stamp:
        name = found["class"]
        stamp = Stamp.read(found.get("description") or "")
        if stamp is None:
            message = f"collection {name} at {self._url} was not made by weavclip"
            raise SchemaMismatchError(message, hint=_OTHER_NAME)
        self._compare(name, stamp)
        wanted = definition(name, self._stamp, index_type=self._index_type)
        if differing := differences(found, wanted):
            shown = "; ".join(differing[:_SHOWN])
            more = f"; {len(differing) - _SHOWN} more" if len(differing) > _SHOWN else ""
            message = f"collection {name} at {self._url} is not as defined: {shown}{more}"
            hint = f"delete collection {name}: it is filled anew from the journal"
            raise SchemaMismatchError(message, hint=hint)
        return stamp

    def _compare(self, name: str, found: Stamp) -> None:
        mine = self._stamp
        where = f"collection {name} at {self._url}"
        if found.journal != mine.journal:
            message = f"{where} belongs to journal {found.journal}, not to {mine.journal}"
            raise SchemaMismatchError(message, hint=_OTHER_NAME)
        if _made_by(found) != _made_by(mine):
            message = f"{where} holds {_made_by(found)}, got {_made_by(mine)}"
            clip = ModelSet.parse(found.model).clip
            hint = f"run 'weavclip model use {clip}', or set WEAVCLIP_COLLECTION"
            raise SchemaMismatchError(message, hint=hint)
        if found.schema != mine.schema:
            message = f"{where} has schema version {found.schema}, wanted is {mine.schema}"
            raise SchemaMismatchError(message, hint=_OTHER_NAME)


def _made_by(stamp: Stamp) -> str:
    dims = (stamp.dim, stamp.text_dim) if stamp.text_dim else (stamp.dim,)
    return f"{ModelSet.parse(stamp.model)} ({' and '.join(map(str, dims))} dims)"


def drop_all(rest: Rest, *, alias: str, journal: str) -> int:
    """Drop every collection that this journal fills, whatever its model; how many.

    Args:
        rest: The server.
        alias: Stands for one of them; goes first.
        journal: The journal's id.

    Raises:
        IndexUnavailableError: If the server does not answer.
    """
    answer = rest.ask("GET", "/schema") or {}
    ours = {
        each["class"]
        for each in answer.get("classes") or ()
        if (stamp := Stamp.read(each.get("description") or "")) and stamp.journal == journal
    }
    found = rest.ask("GET", f"/aliases/{alias}")
    if found and found["class"] in ours:
        rest.ask("DELETE", f"/aliases/{alias}")
    for name in sorted(ours):
        rest.ask("DELETE", f"/schema/{name}")
    return len(ours)
