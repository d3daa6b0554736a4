"""What was asked with: words, a picture's file, a clip, or what is on the clipboard."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from weavclip import wiring
from weavclip.cli import choosing, naming
from weavclip.cli.app import remark
from weavclip.cli.printable import printable
from weavclip.domain.errors import ClipboardError, QueryError
from weavclip.domain.query import Addend
from weavclip.isolation import files

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from weavclip.domain.clip import Offer
    from weavclip.domain.query import Query
    from weavclip.settings import Settings

MOST_WEIGHT = 100
_WANTED = "give a picture's file, or '-' for one on stdin; --like takes a clip"
_WEIGHT = re.compile(r"(.*)\*(\d+(?:\.\d*)?|\.\d+)", re.DOTALL)
_PLACE = re.compile(r"@\d+")
_PICTURE_FILE = re.compile(
    r"\.(?:png|jpe?g|jpe|webp|gif|bmp|tiff?|avif|heic|heif)\Z", re.IGNORECASE
)


def is_text(content: bytes) -> bool:
    r"""Whether it is a text in UTF-8, as no picture is.

    >>> is_text("süß".encode()), is_text(b"\x89PNG\r\n"), is_text(b"RIFF\0")
    (True, False, False)
    """
    try:
        return "\0" not in content.decode()
    except UnicodeDecodeError:
        return False


def remark_if_no_file(said: str) -> None:
    """Tell that what is taken as a text looks like the name of a picture that is not there."""
    if _PICTURE_FILE.search(said):
        remark(f"there is no file {printable(said)}: taken as a text")


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What the command line was given to ask with: one thing, or several that are added up.

    Attributes:
        words: As typed.
        plain: Take them as they are: no phrases, no fields, nothing excluded.
        regex: What the clips' words have to match.
        image: A picture's file.
        like: Clips' names.
        plus: Texts, pictures' files or places in the last list, with a weight behind a star.
        minus: The same, taken away.
        clipboard: What is on the clipboard.
    """

    words: str = ""
    plain: bool = False
    regex: str = ""
    image: Path | None = None
    like: Sequence[str] = ()
    plus: Sequence[str] = ()
    minus: Sequence[str] = ()
    clipboard: bool = False

    def __post_init__(self) -> None:
        """Refuse nothing at all.

        Raises:
            typer.BadParameter: If nothing is given.
        """
        asked = (self.words.strip(), self.image, self.like, self.plus, self.clipboard, self.regex)
        if not any(asked):
            message = "give words, or --regex, --image, --like, --plus or --clipboard"
            raise typer.BadParameter(message)


def question(settings: Settings, asked: Asked, *, shown: Query) -> Query:
    """The question that was asked.

    Args:
        settings: Say where clips are, and how large a picture may be.
        asked: What it was asked with.
        shown: Which clips may answer by the options, and how many are shown.

    Raises:
        QueryError: If the picture's file cannot be read, or the words cannot be understood.
        UnknownClipError: If ``asked.like`` names no clip.
        ClipboardError: If the clipboard holds nothing to ask with.
    """
    words = asked.words.strip()
    query = shown if not words else _words(settings, words, shown, plain=asked.plain)
    query = replace(query, wording=replace(query.wording, pattern=asked.regex))
    found = _Ingredients(settings).of(asked)
    if words or len(found) != 1 or found[0].weight != 1:
        return replace(query, addends=tuple(found))
    (alone,) = found
    return replace(query, words=alone.words, picture=alone.picture, like=alone.clip)


def _words(settings: Settings, words: str, shown: Query, *, plain: bool) -> Query:
    if plain:
        return replace(shown, words=words)
    return wiring.understood(settings, words, shown, now=choosing.now())


class _Ingredients:
    """What is added up, besides the words."""

    def __init__(self, settings: Settings) -> None:
        """Look for clips and limit pictures as the settings say."""
        self._settings = settings

    def of(self, asked: Asked) -> list[Addend]:
        """Pictures, clips and texts, each with its weight."""
        found: list[Addend] = []
        if asked.image is not None:
            found.append(Addend(picture=self._picture(asked.image)))
        if asked.clipboard:
            words, picture = _on_clipboard(wiring.clipboard_offer(self._settings))
            found.append(Addend(words=words, picture=picture))
        found += [replace(self._clip(name), weight=by) for name, by in _weighed(asked.like)]
        found += [replace(self._any(said), weight=by) for said, by in _weighed(asked.plus)]
        return [
            *found,
            *(replace(self._any(said), weight=-by) for said, by in _weighed(asked.minus)),
        ]

    def _any(self, said: str) -> Addend:
        """A place in the last list, a picture's file, or a text."""
        if _PLACE.fullmatch(said):
            return self._clip(said)
        if _PICTURE_FILE.search(said) and files.is_there(Path(said)):
            return Addend(picture=self._picture(Path(said)))
        remark_if_no_file(said)
        return Addend(words=said)

    def _clip(self, name: str) -> Addend:
        with wiring.open_journal(self._settings) as journal:
            found = naming.named(name, journal=journal, data_dir=self._settings.data_dir)
        return Addend(clip=found)

    def _picture(self, path: Path) -> bytes:
        content = wiring.read_given(self._settings, path, hint=_WANTED)
        if is_text(content):
            what = "a text" if content.strip() else "empty"
            message = f"{wiring.name_of(path)} is {what}, and no picture"
            raise QueryError(message, hint=_WANTED)
        return content


def _weighed(given: Iterable[str]) -> Iterator[tuple[str, float]]:
    """What was given, and the weight behind its star.

    Raises:
        QueryError: If nothing is before the star, or the weight is out of range.
    """
    for said in given:
        found = _WEIGHT.fullmatch(said)
        name, weight = (found[1], float(found[2])) if found else (said, 1.0)
        if not name.strip() or not 0 < weight <= MOST_WEIGHT:
            message = (
                f"{said!r} is not a text, file or @place with a weight of up to {MOST_WEIGHT}"
            )
            raise QueryError(message, hint="--plus 'at night*0.5', --minus photo.png, --plus @2")
        yield name, weight


def _on_clipboard(offer: Offer | None) -> tuple[str, bytes | None]:
    from weavclip.pipeline import reading

    draft = reading.read(offer) if offer is not None else None
    if draft is None:
        message = "the clipboard holds nothing that can be asked with"
        raise ClipboardError(message, hint="copy a text or a picture first")
    if draft.text:
        return draft.text, None
    return "", draft.representations[draft.mime_type]
