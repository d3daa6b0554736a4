"""``labels.toml``: read, checked with the line of what is wrong, and laid over one another."""

from __future__ import annotations

import re
import tomllib
from typing import TYPE_CHECKING, Any

from weavclip.domain.errors import SettingsError
from weavclip.domain.labels import PLACE, THRESHOLD, Label, LabelSet

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

NAME = re.compile(r"[^\s+,-][^,\r\n\t]{0,63}")
"""A label's name: no sign of the command line before it, no comma or tab in it."""
MOST_PROMPTS = 64
_COLOUR = re.compile(r"#[0-9a-fA-F]{6}")
_HEADER = re.compile(r"^[ \t]*\[\[\s*label\s*\]\]", re.MULTILINE)
_KEYS = {"name", "group", "prompts", "texts", "threshold", "colour", "enabled"}
_TABLES = ("others", "other_texts", "templates")
_OF_WHICH = "see docs/labels.md for what a label may have"


def read(text: str, *, where: str) -> LabelSet:
    """The labels that a file has.

    Args:
        text: What it holds.
        where: Its name, for messages.

    Raises:
        SettingsError: If it is no TOML or says something that no label may have, with its line.
    """
    try:
        found = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        message = f"{where} is no TOML: {error}"
        raise SettingsError(message, hint=_OF_WHICH) from None
    lines = [1 + text.count("\n", 0, match.start()) for match in _HEADER.finditer(text)]
    unknown = found.keys() - {"label", *_TABLES}
    if unknown:
        known = f"{', '.join(_TABLES)} and [[label]]"
        message = f"{where} has {', '.join(sorted(unknown))}; known are {known}"
        raise SettingsError(message, hint=_OF_WHICH)
    rows = _rows(found, where)
    places = [f"{where}, line {line}" for line in lines] + [where] * (len(rows) - len(lines))
    labels = [_label(row, place) for row, place in zip(rows, places, strict=False)]
    return LabelSet(
        labels=tuple(label for row, label in zip(rows, labels, strict=True) if _enabled(row)),
        **{table: dict(_by_group(found.get(table, {}), table, where)) for table in _TABLES},
        unwanted=frozenset(
            label.name for row, label in zip(rows, labels, strict=True) if not _enabled(row)
        ),
    )


def over(shipped: LabelSet, own: LabelSet) -> LabelSet:
    """The person's labels over those that ship: the same name replaces, another is added."""
    by_name = {label.name: label for label in shipped.labels}
    for label in own.labels:
        by_name[label.name] = label
    return LabelSet(
        labels=tuple(each for name, each in by_name.items() if name not in own.unwanted),
        others={**shipped.others, **own.others},
        other_texts={**shipped.other_texts, **own.other_texts},
        templates={**shipped.templates, **own.templates},
        unwanted=shipped.unwanted | own.unwanted,
    )


def _rows(found: Mapping[str, Any], where: str) -> list[dict[str, Any]]:
    rows = found.get("label", [])
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        message = f"{where} has label as something else than tables: write [[label]]"
        raise SettingsError(message, hint=_OF_WHICH)
    return rows


def _enabled(row: Mapping[str, Any]) -> bool:
    return row.get("enabled", True) is not False


def _label(row: Mapping[str, Any], place: str) -> Label:
    for problem in _problems(row):
        message = f"{place}: {problem}"
        raise SettingsError(message, hint=_OF_WHICH)
    return Label(
        name=row["name"],
        group=row.get("group", ""),
        prompts=tuple(row.get("prompts", ())),
        texts=tuple(row.get("texts", ())),
        threshold=float(row.get("threshold", THRESHOLD)),
        colour=row.get("colour", "").lower(),
    )


def _problems(row: Mapping[str, Any]) -> Iterator[str]:
    """What is wrong with a label, the first first."""
    unknown = sorted(row.keys() - _KEYS)
    if unknown:
        yield f"a label has no {unknown[0]!r}; it may have {', '.join(sorted(_KEYS))}"
    name = row.get("name")
    if not isinstance(name, str) or not NAME.fullmatch(name):
        yield "name must be 1 to 64 characters, without a comma, + or - before it"
    if not isinstance(row.get("group", ""), str):
        yield "group must be a word"
    for key in ("prompts", "texts"):
        if not _are_sentences(row.get(key, [])):
            yield f"{key} must be up to {MOST_PROMPTS} sentences"
    threshold = row.get("threshold", THRESHOLD)
    if isinstance(threshold, bool) or not isinstance(threshold, (int, float)):
        yield "threshold must be a number from 0 to 1"
    elif not 0 <= threshold <= 1:
        yield f"threshold must be from 0 to 1, got {threshold}"
    colour = row.get("colour", "")
    if colour and not (isinstance(colour, str) and _COLOUR.fullmatch(colour)):
        yield 'colour must be like "#3584e4"'
    if not isinstance(row.get("enabled", True), bool):
        yield "enabled must be true or false"


def _by_group(found: object, table: str, where: str) -> Iterator[tuple[str, tuple[str, ...]]]:
    if not isinstance(found, dict):
        message = f"{where}: {table} must be sentences by group"
        raise SettingsError(message, hint=_OF_WHICH)
    for group, sentences in found.items():
        if not _are_sentences(sentences):
            message = f"{where}: {table}.{group} must be up to {MOST_PROMPTS} sentences"
            raise SettingsError(message, hint=_OF_WHICH)
        if table == "templates" and not all(PLACE in sentence for sentence in sentences):
            message = f"{where}: templates.{group} must have {PLACE} in each sentence"
            raise SettingsError(message, hint=_OF_WHICH)
        yield group, tuple(sentences)


def _are_sentences(found: object) -> bool:
    return (
        isinstance(found, list)
        and len(found) <= MOST_PROMPTS
        and all(isinstance(each, str) and each.strip() for each in found)
    )


def named(names: Sequence[str]) -> tuple[str, ...]:
    """Names of labels as a person typed them, checked.

    Raises:
        SettingsError: If one cannot be a label's.
    """
    for name in names:
        if not NAME.fullmatch(name):
            message = f"{name!r} cannot be a label: 1 to 64 characters, without a comma"
            raise SettingsError(message, hint="weavclip label @1 +chart -photo")
    return tuple(names)
