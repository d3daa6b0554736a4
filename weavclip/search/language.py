r"""What a typed question means: words, ``"phrases"``, ``-words`` and ``field:value``.

A part begins after a blank. Only these are more than words, everything else stays as it is, such
as an address, a time, ``std::vector``, ``C:\Temp`` or ``--option``:

- ``"two peaks"``: must be in the clip, letter case ignored; ``""`` inside is one quote.
- ``-photo``, ``-"two peaks"``: must not be in the clip.
- ``kind:image``, ``app:"VS Code"``: a field, a colon and a value without a blank between.
- ``\-photo``, ``\"two``, ``\kind:image``: the backslash makes it a word.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

from weavclip.domain.query import Filter, Wording
from weavclip.search import fields
from weavclip.search.marking import wrong

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime, tzinfo

_FIELD = rf"(?:{'|'.join(fields.NAMES)}):(?!:|//)"
_MINUS_SIGN = re.compile(r'-(?="|[^\W_])')
_FIELD_NAME = re.compile(_FIELD, re.IGNORECASE)
_ESCAPED = re.compile(rf'\\+(?=-(?:"|[^\W_])|"|-?{_FIELD})', re.IGNORECASE)
_QUOTED = re.compile(r'"((?:[^"]|"")*)"(?!")')
_BLANK = re.compile(r"\s|\Z")
_SPACE = re.compile(r"\s*")
PLAIN = "--plain takes the text as it is"


class Sort(StrEnum):
    """What a part of a question is."""

    WORD = "word"
    PHRASE = "phrase"
    FIELD = "field"


@dataclass(frozen=True, slots=True)
class Part:
    """One part of a question.

    Attributes:
        sort: What it is.
        text: Without quotes and escapes; a field's value.
        name: A field's, in lower case; empty for others.
        excluded: With a minus before it.
        at: Where it stands in the text.
    """

    sort: Sort
    text: str = field(repr=False)
    name: str = ""
    excluded: bool = False
    at: slice = field(default_factory=lambda: slice(0, 0), compare=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """What a question in words was understood as.

    Attributes:
        words: Looked for by meaning and as words, those of phrases included.
        typed: Looked for as it stands: all of it, then the words that backslashes made.
        wording: What a clip's words must and must not hold.
        where: Which clips may answer, by the fields.
    """

    words: str = field(repr=False)
    typed: tuple[str, ...] = field(repr=False)
    wording: Wording
    where: Filter


def read(text: str, *, now: datetime, zone: tzinfo | None = None) -> Reading:
    """Understand a question.

    Args:
        text: As typed.
        now: The present, aware.
        zone: Of the times in it; the system's when absent.

    Raises:
        QueryError: If a part of it is wrong, with the place marked and the next step.
    """
    parts = list(parts_of(text))
    asked = [part for part in parts if part.sort is not Sort.FIELD]
    wanted = [part for part in asked if not part.excluded and part.text]
    are_words = all(part.sort is Sort.WORD and not part.excluded for part in parts)
    words = " ".join(part.text for part in wanted)
    if are_words and words.split() == text.split():
        words = text.strip()  # with the line breaks of what was pasted
    found = Reading(
        words=words,
        typed=tuple(dict.fromkeys((text.strip(), words) if are_words else (text.strip(),))),
        wording=_wording(asked),
        where=fields.filter_of(
            [part for part in parts if part.sort is Sort.FIELD], text=text, now=now, zone=zone
        ),
    )
    if parts and not words and (found.wording, found.where) == (Wording(), Filter()):
        message = "there is nothing between these quotes"
        hint = f'write \\" for a word that begins with a quote; {PLAIN}'
        raise wrong(message, text, slice(0, len(text)), hint=hint)
    return found


def parts_of(text: str) -> Iterator[Part]:
    """Cut a question into its parts.

    Raises:
        QueryError: If a quote is not closed.
    """
    at = _after_blanks(text, 0)
    while at < len(text):
        part = _part(text, at)
        yield part
        at = _after_blanks(text, part.at.stop)


def written(part: Part) -> str:
    r"""How a part is typed: :func:`parts_of` gives it back.

    >>> print(written(Part(Sort.WORD, "-photo")))
    \-photo
    >>> print(written(Part(Sort.PHRASE, 'a "b" c', excluded=True)))
    -"a ""b"" c"
    """
    minus = "-" if part.excluded else ""
    if part.sort is Sort.WORD:
        is_operator = _ESCAPED.match("\\" + part.text) or _MINUS_SIGN.match(part.text)
        return minus + ("\\" if is_operator and not minus else "") + part.text
    quoted = '"' + part.text.replace('"', '""') + '"'
    if part.sort is Sort.PHRASE:
        return minus + quoted
    return f"{minus}{part.name}:{quoted}"


def _part(text: str, start: int) -> Part:
    if _ESCAPED.match(text, start):
        return _word(text, start + 1, start, excluded=False)
    excluded = _MINUS_SIGN.match(text, start) is not None
    at = start + excluded
    named = _FIELD_NAME.match(text, at)
    if named:
        return _field(text, named, start, excluded=excluded)
    if text[at] == '"':
        phrase, end = _quoted(text, at)
        return Part(Sort.PHRASE, phrase, excluded=excluded, at=slice(start, end))
    return _word(text, at, start, excluded=excluded)


def _word(text: str, at: int, start: int, *, excluded: bool) -> Part:
    end = _next_blank(text, at)
    return Part(Sort.WORD, text[at:end], excluded=excluded, at=slice(start, end))


def _field(text: str, named: re.Match[str], start: int, *, excluded: bool) -> Part:
    name, at = named[0][:-1].lower(), named.end()
    if text[at : at + 1] == '"':
        value, end = _quoted(text, at)
    else:
        end = _next_blank(text, at)
        value = text[at:end]
    return Part(Sort.FIELD, value, name=name, excluded=excluded, at=slice(start, end))


def _quoted(text: str, at: int) -> tuple[str, int]:
    found = _QUOTED.match(text, at)
    if found is None:
        hint = f'close the quote, or write \\" for a word that begins with one; {PLAIN}'
        message = "this quote is not closed"
        raise wrong(message, text, slice(at, at + 1), hint=hint)
    return found[1].replace('""', '"'), found.end()


def _next_blank(text: str, at: int) -> int:
    found = _BLANK.search(text, at)
    return found.start() if found else len(text)


def _after_blanks(text: str, at: int) -> int:
    found = _SPACE.match(text, at)
    return found.end() if found else at


def _wording(asked: list[Part]) -> Wording:
    def texts(sort: Sort, *, excluded: bool) -> tuple[str, ...]:
        found = (each for each in asked if each.sort is sort and each.excluded is excluded)
        return tuple(dict.fromkeys(_composed(each.text) for each in found if each.text.strip()))

    return Wording(
        phrases=texts(Sort.PHRASE, excluded=False),
        without_phrases=texts(Sort.PHRASE, excluded=True),
        without_words=texts(Sort.WORD, excluded=True),
    )


def _composed(text: str) -> str:
    """In NFC, as texts are kept."""
    return unicodedata.normalize("NFC", text)
