r"""Copies from files instead of a clipboard: for demonstrations, tests and imports.

Two forms:

- A **folder**: every file in it is one copy, in the order of their names; folders inside it and
  names that begin with a dot are passed over. The suffix says what a file is: ``.png .webp
  .jpg .jpeg .tif .tiff .bmp .gif`` pictures, ``.html .htm`` HTML, ``.uri-list`` files or
  links, one URI a line; anything else is text in UTF-8.
- A **JSONL file**: one JSON object a line, empty lines passed over. It has one of

      {"text": "words"}
      {"html": "<b>words</b>", "text": "words"}
      {"file": "pictures/chart.png"}      a file, relative to the JSONL file, by its suffix
      {"types": ["TARGETS"]}              a copy of which only the types are known

  and may add ``"types"`` (what the owner offered, hints too: where one forbids reading, the
  content is not taken), ``"at"`` (ISO time; local where it names no zone) and ``"app"``.
"""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from weavclip.clipboard.formats import HTML, PLAIN, URIS, Limits, normalised
from weavclip.domain.clip import Offer
from weavclip.domain.errors import ClipboardError, NoClipboardError
from weavclip.isolation import files

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from weavclip.domain.ports import StopSignal

_BY_SUFFIX = {
    ".png": "image/png",
    ".webp": "image/webp",
    ".jpg": "image/jpeg",
    ".jpeg": "image/jpeg",
    ".tif": "image/tiff",
    ".tiff": "image/tiff",
    ".bmp": "image/bmp",
    ".gif": "image/gif",
    ".html": HTML,
    ".htm": HTML,
    ".uri-list": URIS,
}
_FORMAT = (
    "see 'weavclip config' on 'replay'; one JSON object a line with text, html, file or types"
)


class ReplaySource:
    """A finite source: it ends when its files are through."""

    name = "replay"

    def __init__(
        self,
        path: Path,
        *,
        limits: Limits | None = None,
        unread_types: frozenset[str] = frozenset(),
    ) -> None:
        """Keep what to read; nothing is opened yet.

        Args:
            path: A folder or a JSONL file (see the module).
            limits: The largest representations; larger ones are told, not read.
            unread_types: Types whose presence forbids taking any content.
        """
        self._path = Path(path)
        self._limits = limits or Limits()
        self._unread_types = unread_types

    def watch(self, stop: StopSignal) -> Iterator[Offer]:
        """Yield one offer a file or line, until they are through or ``stop`` is set.

        Raises:
            NoClipboardError: If there is no such folder or file.
            ClipboardError: If a line cannot be understood, or a file not be read.
        """
        for offer in self._offers():
            if stop.is_set():
                return
            yield offer

    def present(self) -> Offer | None:
        """The first of its copies; None when it has none.

        Raises:
            NoClipboardError: If there is no such folder or file.
            ClipboardError: If its line cannot be understood, or its file not be read.
        """
        return next(self._offers(), None)

    def _offers(self) -> Iterator[Offer]:
        if self._path.is_dir():
            return self._of_folder()
        if self._path.is_file():
            return self._of_lines()
        message = f"there is no folder or JSONL file {self._path} to replay"
        raise NoClipboardError(message, hint="set WEAVCLIP_REPLAY to one")

    def _of_folder(self) -> Iterator[Offer]:
        for path in sorted(self._path.iterdir()):
            if path.is_file() and not path.name.startswith("."):
                yield self._checked({"file": path.name}, str(path))

    def _of_lines(self) -> Iterator[Offer]:
        with self._path.open("rb") as lines:
            for number, line in enumerate(lines, start=1):
                if line.strip():
                    yield self._of_line(line, f"{self._path}, line {number},")

    def _of_line(self, line: bytes, where: str) -> Offer:
        try:
            said = json.loads(line)
        except ValueError as error:
            message = f"{where} is not JSON: {type(error).__name__}"
            raise ClipboardError(message, hint=_FORMAT) from None
        problem = _problem_of(said)
        if problem:
            message = f"{where} {problem}"
            raise ClipboardError(message, hint=_FORMAT)
        return self._checked(said, where)

    def _checked(self, said: Mapping[str, object], where: str) -> Offer:
        try:
            return self._offer(said)
        except OSError as error:
            message = f"{where} cannot be read: {error.strerror}"
            hint = "mend its path or permissions, or take it out of the replay"
            raise ClipboardError(message, hint=hint) from None

    def _offer(self, said: Mapping[str, object]) -> Offer:
        types = tuple(str(each) for each in _listed(said.get("types")))
        at = datetime.fromisoformat(str(said["at"])).astimezone() if "at" in said else _now()
        app = str(said.get("app", ""))
        if not self._unread_types.isdisjoint(types):
            return Offer(types=types, at=at, source_app=app)
        found, problems = self._representations(said)
        return Offer(
            types=types or tuple(dict.fromkeys((*found, *problems))),
            representations=found,
            at=at,
            source_app=app,
            problems=tuple(problems.values()),
        )

    def _representations(
        self, said: Mapping[str, object]
    ) -> tuple[dict[str, bytes], dict[str, str]]:
        found: dict[str, bytes] = {}
        problems: dict[str, str] = {}
        for mime_type, content in self._parts(said):
            if content is None or len(content) > self._limits.most(mime_type):
                problems[mime_type] = self._limits.problem(mime_type)
            else:
                found[mime_type] = normalised(mime_type, content)
        return found, problems

    def _parts(self, said: Mapping[str, object]) -> Iterator[tuple[str, bytes | None]]:
        """MIME type and content of each part; no content of a file that is over its limit."""
        for key, mime_type in (("html", HTML), ("text", PLAIN)):
            if key in said:
                yield mime_type, str(said[key]).encode(errors="replace")
        if "file" in said:
            path = self._base() / str(said["file"])
            mime_type = _BY_SUFFIX.get(path.suffix.lower(), PLAIN)
            yield mime_type, self._read(path, most_bytes=self._limits.most(mime_type))

    @staticmethod
    def _read(path: Path, *, most_bytes: int) -> bytes | None:
        try:
            return files.read(path, most_bytes=most_bytes)
        except files.TooLargeError:
            return None

    def _base(self) -> Path:
        return self._path if self._path.is_dir() else self._path.parent


def _problem_of(said: object) -> str:
    """What keeps a line from being a copy, without a word of it; empty when nothing does."""
    if not isinstance(said, dict):
        return "is not an object"
    if not said.keys() & {"text", "html", "file", "types"}:
        return "has none of text, html, file, types"
    wrong = [key for key in ("text", "html", "file", "at", "app") if not _is_text(said, key)]
    if wrong:
        return f"has a {wrong[0]} that is not a string"
    if not isinstance(said.get("types", []), list):
        return "has types that are not a list"
    try:
        datetime.fromisoformat(said.get("at", "2000-01-01"))
    except ValueError:
        return "has an at that is not an ISO time"
    return ""


def _is_text(said: Mapping[str, object], key: str) -> bool:
    return isinstance(said.get(key, ""), str)


def _listed(value: object) -> list[object]:
    return value if isinstance(value, list) else []


def _now() -> datetime:
    return datetime.now(tz=UTC)
