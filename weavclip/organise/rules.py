"""What a text is by its form alone: each rule would rather say nothing than something wrong."""

from __future__ import annotations

import ipaddress
import json
import re
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from weavclip.domain.clip import Kind
from weavclip.organise.commands import is_command
from weavclip.organise.languages import language_of

if TYPE_CHECKING:
    from collections.abc import Callable

LOOKED_AT_CHARS = 1_500
"""Of a long text its beginning says what it is: 23 languages of it take 1 to 4 ms."""
MOST_JSON_CHARS = 100_000
"""Parsed in about 1 ms; of more only the beginning is looked at."""

_ADDRESS = re.compile(r"https?://[^\s<>\"]+", re.IGNORECASE)
_MAIL = re.compile(
    r"(?:mailto:)?[\w.+-]{1,64}@[a-z0-9-]+(?:\.[a-z0-9-]+)*\.[a-z]{2,24}", re.IGNORECASE
)
_CHANNEL = r"\s*-?\d{1,3}(?:\.\d+)?(?:%|deg)?\s*"
_COLOUR = re.compile(
    r"#(?:[0-9a-f]{3}|[0-9a-f]{4}|[0-9a-f]{6}|[0-9a-f]{8})"
    rf"|(?:rgb|hsl)a?\({_CHANNEL}(?:[,\s/]{_CHANNEL}){{2,3}}\)",
    re.IGNORECASE,
)
_SIGNS = "$€£¥"
_NUMBER = re.compile(
    rf"[-+−]?\s?[{_SIGNS}]?\s?(?:\d{{1,3}}(?:[ ,.'’\u00a0\u202f]\d{{3}})+|\d+)(?:[.,]\d+)?"  # noqa: RUF001 - as it is typed
    rf"(?:[eE][-+]?\d+)?\s?(?:%|‰|[{_SIGNS}]|EUR|USD|GBP|CHF)?"
)
_PATH = re.compile(r"(?:~|\.{1,2})?/(?:[\w.@+,:%=~-]+/?)+|[A-Za-z]:\\[^\n\r\t*?\"<>|]*|file://\S+")
_BARE_COMMENT = re.compile(r"/{2,}|/\*")
_ERRORS = (
    re.compile(r"^Traceback \(most recent call last\):", re.MULTILINE),
    re.compile(r"^\s+at [\w$.<>/]+ ?\([^)\n]*:\d+(?::\d+)?\)\s*$", re.MULTILINE),
    re.compile(r"^(?:Exception in thread|Caused by: |panic: |goroutine \d+ \[)", re.MULTILINE),
    re.compile(r"^(?:\w+\.)*[A-Z]\w*(?:Error|Exception)(?:: \S|$)", re.MULTILINE),
    re.compile(r"^(?:error\[E\d{4}\]|npm ERR!|\S+:\d+:\d+: (?:fatal )?error:)", re.MULTILINE),
    re.compile(r"\bSegmentation fault\b|^thread '.*' panicked at", re.MULTILINE),
)
_RULE = re.compile(r"\s*\|?\s*:?-{3,}:?\s*(?:\|\s*:?-{3,}:?\s*)+\|?\s*")
_LEAST_ROWS = 3


def labels_of(text: str, kind: Kind = Kind.TEXT) -> frozenset[str]:
    r"""Every label that a text's form gives it; none is usual for prose.

    >>> sorted(labels_of("https://www.github.com/rust-lang/rust"))
    ['github.com', 'link']
    >>> sorted(labels_of("def half(n):\n    return n / 2"))
    ['code', 'python']
    >>> labels_of("what a lovely day")
    frozenset()
    """
    whole = text.strip()
    if not whole or kind in (Kind.IMAGE, Kind.FILES):
        return frozenset()
    line, _, more = whole.partition("\n")
    found = frozenset() if more and kind is not Kind.LINK else _of_one_line(line, kind)
    return found or _of_lines(whole)


def _of_lines(whole: str) -> frozenset[str]:
    if is_json(whole):
        return frozenset({"json"})
    shown = whole[:LOOKED_AT_CHARS]
    for name, is_it in _BLOCK.items():
        if is_it(shown):
            return frozenset({name})
    language = language_of(shown)
    return frozenset({"code", language}) if language else frozenset()


def _of_one_line(line: str, kind: Kind) -> frozenset[str]:
    site = site_of(line)
    if site:
        return frozenset({"link", site})
    if kind is Kind.LINK:
        return frozenset({"link"})
    return frozenset(next(([name] for name, is_it in _ONE_LINE.items() if is_it(line)), []))


def site_of(line: str) -> str:
    """The host of a web address that is all of a line, ``www.`` left away; empty for none.

    >>> site_of("https://docs.python.org/3/"), site_of("see https://python.org")
    ('docs.python.org', '')
    """
    if not _ADDRESS.fullmatch(line):
        return ""
    try:
        host = urlsplit(line).hostname or ""
    except ValueError:  # such as brackets without an address of version 6 in them
        return ""
    return host.removeprefix("www.")


def is_ip_address(line: str) -> bool:
    """Whether it is an address of version 4 or 6, with a port or a prefix if need be.

    >>> is_ip_address("192.168.0.1:8080"), is_ip_address("fe80::1/64"), is_ip_address("1.2.3")
    (True, True, False)
    """
    bare, _, port = line.partition(":") if line.count(":") == 1 else (line, "", "")
    if port and not port.isdecimal():
        return False
    try:
        ipaddress.ip_interface(bare)
    except ValueError:
        return False
    return "." in bare or ":" in bare


def is_json(text: str) -> bool:
    """Whether it is a JSON object or array with something in it."""
    if text[0] not in "{[" or text[-1] not in "}]" or len(text) > MOST_JSON_CHARS:
        return False
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        return False
    # "[1]" is a footnote as often as it is an array.
    return bool(found) and (isinstance(found, dict) or len(found) > 1)


def is_error(text: str) -> bool:
    """Whether it has a trace or a report of an error, as a language or a tool prints them.

    >>> is_error("KeyError: 'id'"), is_error("an error occurred")
    (True, False)
    """
    return any(pattern.search(text) for pattern in _ERRORS)


def is_table(text: str) -> bool:
    r"""Whether lines have columns: as a spreadsheet copies them, in Markdown, or as CSV.

    >>> is_table("name\tsize\na\t1\nb\t2"), is_table("| a | b |\n|---|---|\n| 1 | 2 |")
    (True, True)
    """
    lines = [line for line in text.splitlines() if line.strip()]
    if len(lines) > 1 and _RULE.fullmatch(lines[1]) and "|" in lines[0]:
        return True
    if len(lines) > 1 and not lines[0].startswith("\t") and _columns(lines, "\t") > 1:
        return True
    is_csv = len(lines) >= _LEAST_ROWS and not any(line.endswith((",", ";")) for line in lines)
    return is_csv and any(
        _columns(lines, sign) > 2 and not any(f"{sign} " in line for line in lines)  # noqa: PLR2004 - a pair is any sentence
        for sign in ",;"
    )


def _columns(lines: list[str], sign: str) -> int:
    """In how many columns a sign parts every line alike; 0 where it does not."""
    counts = {line.count(sign) for line in lines[:-1]}
    most = max(counts)
    # The last line may have been cut.
    return most + 1 if len(counts) == 1 and lines[-1].count(sign) <= most else 0


def _is_path(line: str) -> bool:
    return bool(_PATH.fullmatch(line)) and len(line) > 2 and not _BARE_COMMENT.match(line)  # noqa: PLR2004 - "/" and "~/" are nothing


_ONE_LINE: dict[str, Callable[[str], object]] = {
    "e-mail address": _MAIL.fullmatch,
    "colour": _COLOUR.fullmatch,
    "number": _NUMBER.fullmatch,
    "ip address": is_ip_address,
    "path": _is_path,
}
_BLOCK: dict[str, Callable[[str], object]] = {
    "error": is_error,
    "table": is_table,
    "command": is_command,
}
NAMES = ("link", *_ONE_LINE, "json", *_BLOCK, "code")
"""Labels that rules give; sites and languages come on top."""
