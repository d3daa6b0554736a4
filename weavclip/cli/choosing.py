"""Which clips are meant: the filter that options say, and its words said back."""

from datetime import datetime

import typer

from weavclip.cli.printable import printable
from weavclip.domain.clip import Kind
from weavclip.domain.query import Filter, Wording

ANYTHING = Wording()


def now() -> datetime:
    """This moment, in the local zone."""
    return datetime.now().astimezone()


def filtered(
    *,
    kinds: list[Kind] | None = None,
    after: str | None = None,
    since: str | None = None,
    before: str | None = None,
    within: str | None = None,
    apps: list[str] | None = None,
    labels: list[str] | None = None,
    pinned: bool = False,
    hidden: bool = False,
) -> Filter:
    """The filter that the options describe.

    Raises:
        QueryError: If a time is not understood.
        typer.BadParameter: If both --after and --since are given, or no time is left.
    """
    if after and since:
        message = "--since is the same as --after: give one of them"
        raise typer.BadParameter(message)
    where = Filter(
        kinds=_admitted(kinds or []),
        after=understood(after or since),
        before=understood(before),
        apps=frozenset(apps or ()),
        labels=frozenset(labels or ()),
        pinned=pinned or None,
        hidden=hidden,
    )
    if where.after and where.before and where.after >= where.before:
        message = f"no time lies {said_back(where)}"
        raise typer.BadParameter(message)
    return _within(where, within) if within else where


def _within(where: Filter, words: str) -> Filter:
    from weavclip.search import fields, periods

    found = periods.understand(words, now=now())
    return fields.both(where, Filter(after=found.after, before=found.before))


def within_the_hour(where: Filter, moment: datetime) -> Filter:
    """Of the clips that pass, those that were copied within the hour around a moment.

    Raises:
        QueryError: If the filter leaves nothing of that hour.
    """
    from weavclip.search import fields, periods

    hour = periods.hour_around(moment)
    return fields.both(where, Filter(after=hour.after, before=hour.before))


def understood(words: str | None) -> datetime | None:
    """The moment that was typed; None when none was.

    Raises:
        QueryError: If it is not understood.
    """
    if not words:
        return None
    from weavclip.search import when

    return when.understand(words, now=now()).at


def _admitted(kinds: list[Kind]) -> frozenset[Kind]:
    if not kinds:
        return frozenset()
    from weavclip.search import fields

    return fields.admitted(kinds)


def said_back(where: Filter, wording: Wording = ANYTHING) -> str:
    """What was understood of a filter, for a person; empty when it lets everything through."""
    if where == Filter() and wording == ANYTHING:
        return ""
    from weavclip.search import when

    moment = now()
    kinds = sorted(where.kinds - ({Kind.HTML} if Kind.TEXT in where.kinds else frozenset()))
    parts = (
        ", ".join(kinds),
        f"since {when.describe(where.after, now=moment)}" if where.after else "",
        f"before {when.describe(where.before, now=moment)}" if where.before else "",
        f"from {', '.join(sorted(where.apps))}" if where.apps else "",
        f"labelled {', '.join(sorted(where.labels))}" if where.labels else "",
        "with hidden pictures" if where.hidden else "",
        "" if where.pinned is None else "pinned" if where.pinned else "not pinned",
        *(f'with "{printable(each)}"' for each in wording.phrases),
        *(f"without {printable(each)}" for each in wording.without_words),
        *(f'without "{printable(each)}"' for each in wording.without_phrases),
        f"matching {printable(wording.pattern)}" if wording.pattern else "",
    )
    return " · ".join(part for part in parts if part)
