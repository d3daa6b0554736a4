"""The fields of a question, ``kind:image app:firefox``, as a filter."""

from __future__ import annotations

from dataclasses import replace
from difflib import get_close_matches
from typing import TYPE_CHECKING, TypeVar

from weavclip.domain.clip import Kind
from weavclip.domain.errors import QueryError
from weavclip.domain.query import Filter
from weavclip.search import periods, when
from weavclip.search.marking import wrong

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import datetime, tzinfo

    from weavclip.search.language import Part

Name = TypeVar("Name", bound=str)

NAMES = ("kind", "app", "label", "pinned", "before", "after", "since", "when")
_YES, _NO = frozenset({"", "yes", "true", "1"}), frozenset({"no", "false", "0"})
_TIMES = frozenset({"before", "after", "since", "when"})
_EXCLUDABLE = frozenset({"kind", "pinned"})
_EXAMPLES = {
    "kind": "kind:image",
    "app": 'app:firefox, or app:"Visual Studio Code"',
    "label": "label:chart",
    "before": 'before:2026-11-09, or before:"last week"',
    "after": 'after:2026-11-09, or after:"last week"',
    "since": 'since:yesterday, or since:"2 hours ago"',
    "when": 'when:yesterday, or when:"last tuesday evening"',
}


def admitted(kinds: Sequence[Kind]) -> frozenset[Kind]:
    """The kinds that are meant: a text that was copied with its markup is a text, too."""
    return frozenset(kinds) | ({Kind.HTML} if Kind.TEXT in kinds else frozenset())


def filter_of(
    parts: Sequence[Part], *, text: str, now: datetime, zone: tzinfo | None = None
) -> Filter:
    """The clips that all fields let through; values of ``kind`` and of ``app`` add up.

    Args:
        parts: Fields, in any order.
        text: What they stand in.
        now: The present, aware.
        zone: Of the times in it; the system's when absent.

    Raises:
        QueryError: If a value is wrong, with its place marked.
    """
    found = Filter()
    for part in sorted(parts, key=lambda part: part.excluded):
        try:
            _check(part)
            if part.name in _TIMES:
                found = both(found, _time(part, now=now, zone=zone))
            else:
                found = _READERS[part.name](found, part)
        except QueryError as error:
            hint = f"{error.hint}; \\{part.name}: is the word"
            raise wrong(str(error), text, _place(part), hint=hint) from error
    return found


def both(one: Filter, other: Filter) -> Filter:
    """What two filters let through together.

    Raises:
        QueryError: If no clip can pass both.
    """
    if one.pinned is not None and other.pinned not in (None, one.pinned):
        message = "no clip is pinned and not pinned"
        raise QueryError(message, hint="leave one of them away")
    joined = replace(
        one,
        kinds=_both(one.kinds, other.kinds, what="kind"),
        apps=_both(*(frozenset(map(str.casefold, each.apps)) for each in (one, other)), what="app")
        if one.apps and other.apps
        else one.apps | other.apps,
        labels=one.labels | other.labels,
        after=max((each.after for each in (one, other) if each.after), default=None),
        before=min((each.before for each in (one, other) if each.before), default=None),
        pinned=one.pinned if other.pinned is None else other.pinned,
        hidden=one.hidden or other.hidden,
    )
    if joined.after and joined.before and joined.after >= joined.before:
        message = "no time is left: the beginning has to lie before the end"
        raise QueryError(message, hint=_EXAMPLES["since"])
    return joined


def _both(one: frozenset[Name], other: frozenset[Name], *, what: str) -> frozenset[Name]:
    if not (one and other):
        return one | other
    if not one & other:
        message = f"no {what} is left that both allow"
        raise QueryError(message, hint="leave one of them away")
    return one & other


def _check(part: Part) -> None:
    if part.excluded and part.name not in _EXCLUDABLE:
        message = f"{part.name}: cannot be excluded"
        raise QueryError(message, hint="kind: and pinned: can, as in -kind:image")
    if not part.text.strip() and part.name != "pinned":
        message = f"{part.name}: has no value"
        raise QueryError(message, hint=_EXAMPLES[part.name])


def _kind(found: Filter, part: Part) -> Filter:
    kinds = admitted([_named_kind(name.strip()) for name in part.text.split(",")])
    if not part.excluded:
        return replace(found, kinds=found.kinds | kinds)
    left = (found.kinds or frozenset(Kind)) - kinds
    if not left:
        message = "no kind is left"
        raise QueryError(message, hint="leave one of them away")
    return replace(found, kinds=left)


def _named_kind(name: str) -> Kind:
    try:
        return Kind(name.lower())
    except ValueError as error:
        near = get_close_matches(name.lower(), [*Kind], n=1)
        message = f"no kind is called {name!r}"
        hint = f"kind:{near[0]}" if near else f"kind: and one of {', '.join(Kind)}"
        raise QueryError(message, hint=hint) from error


def _app(found: Filter, part: Part) -> Filter:
    return replace(found, apps=found.apps | {part.text.strip()})


def _label(found: Filter, part: Part) -> Filter:
    return replace(found, labels=found.labels | {part.text.strip()})


def _pinned(found: Filter, part: Part) -> Filter:
    said = part.text.strip().lower()
    if said not in _YES | _NO:
        message = f"pinned: is yes or no, not {part.text!r}"
        raise QueryError(message, hint="pinned: or pinned:no")
    return both(found, Filter(pinned=(said in _YES) is not part.excluded))


def _time(part: Part, *, now: datetime, zone: tzinfo | None) -> Filter:
    """From, until or within a time; hyphens may stand for blanks: ``since:last-week``."""
    try:
        return _times(part.name, part.text, now=now, zone=zone)
    except QueryError:
        spaced = part.text.replace("-", " ").replace("_", " ")
        if spaced == part.text:
            raise
        return _times(part.name, spaced, now=now, zone=zone)


def _times(name: str, text: str, *, now: datetime, zone: tzinfo | None) -> Filter:
    if name == "when":
        found = periods.understand(text, now=now, zone=zone)
        return Filter(after=found.after, before=found.before)
    at = when.understand(text, now=now, zone=zone).at
    return Filter(before=at) if name == "before" else Filter(after=at)


_READERS: dict[str, Callable[[Filter, Part], Filter]] = {
    "kind": _kind,
    "app": _app,
    "label": _label,
    "pinned": _pinned,
}


def _place(part: Part) -> slice:
    """Where a field's value stands, or the whole of it where it has none."""
    start = part.at.start + part.excluded + len(part.name) + 1
    return slice(start, part.at.stop) if start < part.at.stop else part.at
