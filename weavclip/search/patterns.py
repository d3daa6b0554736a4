"""A person's regular expression, looked for in all texts in bounded time."""

from __future__ import annotations

import time
from functools import lru_cache
from typing import TYPE_CHECKING

from weavclip.isolation.linear import BrokenPatternError, Pattern
from weavclip.search.marking import wrong

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from uuid import UUID

MOST_CHARS = 100_000
"""Of one clip that are looked at: 1.2 s with the slowest pattern that is let through, 1 ms with
usual ones."""
PATIENCE_S = 5.0
"""For all clips of one question: 100,000 texts of 230 characters take 0.6 s of CPU."""
SYNTAX = r"as in 'ERR-\d{4}' or '(?i)^total: .*eur'; \. is a dot, \( a parenthesis"


@lru_cache(maxsize=16)
def compiled(pattern: str) -> Pattern:
    """The pattern, ready to be looked for.

    Raises:
        QueryError: If it is none, with the place of what is wrong marked.
    """
    try:
        return Pattern(pattern)
    except BrokenPatternError as error:
        reason, _, part = error.reason.partition(": ")
        start = max(0, pattern.find(part)) if part else 0
        at = slice(start, start + len(part) if part in pattern and part else len(pattern))
        message = f"this is no regular expression: {reason}"
        raise wrong(message, pattern, at, hint=SYNTAX) from error


def matches(pattern: str, text: str) -> bool:
    r"""Whether the beginning of a text, of 100,000 characters, matches anywhere.

    >>> matches("^b+$", "a\nbb"), matches("B", "bb"), matches("(?i)B", "bb")
    (True, False, True)
    """
    return compiled(pattern).occurs_in(text[:MOST_CHARS])


def holding(
    pattern: str,
    texts: Iterator[tuple[UUID, str]],
    *,
    limit: int,
    clock: Callable[[], float] = time.monotonic,
) -> tuple[list[UUID], tuple[str, ...]]:
    """The first clips whose texts match, and what the person should know of the look.

    Args:
        pattern: One that compiles.
        texts: Of all clips that may match.
        limit: Most clips.
        clock: Seconds, rising.
    """
    found: list[UUID] = []
    began, cut = clock(), 0
    for looked, (clip_id, text) in enumerate(texts):
        if clock() - began > PATIENCE_S:
            return found, (_unfinished(looked),)
        if len(found) == limit:
            break
        cut += len(text) > MOST_CHARS
        if matches(pattern, text):
            found.append(clip_id)
    return found, (_cut(cut),) if cut else ()


def _unfinished(looked: int) -> str:
    return (
        f"the pattern takes long: the last copied {looked:,} clips with words were looked at in"
        f" {PATIENCE_S:.0f} s; --since or --kind leave fewer"
    )


def _cut(count: int) -> str:
    clips = "1 long clip" if count == 1 else f"{count:,} long clips"
    return f"of {clips} the first {MOST_CHARS:,} characters were looked at"
