"""Tokens and keys that services give a beginning of their own, and keys in armour."""

from __future__ import annotations

import base64
import binascii
import re
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from weavclip.assets import secret_rules

if TYPE_CHECKING:
    from collections.abc import Iterator

LEAST_DIFFERENT = 6
"""Fewer different characters than this are a placeholder, such as ``ghp_xxxxxxxx``."""
_LOOKED_AT = 8
"""Characters of the rest that the first look asks for; all of them cost four times the memory."""
_RUN = re.compile(r"(\[[^\]]+\]|\\[dw])\{(\d+)")

PEM_LOOK = r"-----BEGIN [A-Z0-9 ]{0,40}PRIVATE KEY|BEGIN SSH2 ENCRYPTED PRIVATE"
_PEM = re.compile(
    rb"-BEGIN [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-{5}|BEGIN SSH2 ENCRYPTED PRIVATE"
)
_ARMOUR = re.compile(rb"[A-Za-z0-9+/]{24}")
_AFTER_HEADER = 600
PUTTY_LOOK = r"PuTTY-User-Key-File-\d"
_PUTTY = re.compile(rb"Private-Lines:\s*\d")
JWT_LOOK = r"eyJ[\w-]{8,}\.[\w-]*\."
_JWT = re.compile(rb"(?<![\w-])(eyJ[\w-]{8,4096})\.[\w-]*(?:\.[\w-]*){1,3}")
JWK_LOOK = r'"kty"\s{0,4}:'
_JWK = re.compile(rb'"(?:d|k)"\s{0,4}:\s{0,4}"[\w-]{16,}')


@dataclass(frozen=True)
class TokenRule:
    """One format of a token.

    Attributes:
        kind: As a person reads it.
        starts: Its literal beginnings.
        rest: A regular expression of what follows.
        before: A regular expression of what stands in front of the beginning; mostly empty.
        first_look: What RE2 looks for; empty for the beginnings and a little of what follows.
    """

    kind: str
    starts: tuple[str, ...]
    rest: str
    before: str = ""
    first_look: str = ""

    @property
    def look(self) -> str:
        """What RE2 looks for before anything is compiled that is exact."""
        if self.first_look:
            return self.first_look
        beginnings = "|".join(re.escape(each) for each in self.starts)
        run = _RUN.match(self.rest)
        follows = f"{run[1]}{{{min(int(run[2]), _LOOKED_AT)}}}" if run else ""
        return f"(?:{beginnings}){follows}"

    @cached_property
    def _exact(self) -> re.Pattern[bytes]:
        # Compiled once something looks like it, which for most never happens.
        beginnings = "|".join(re.escape(each) for each in self.starts)
        edge = r"(?<![A-Za-z0-9])" if self.before or self.starts[0][0].isalnum() else ""
        whole = rf"{edge}{self.before}(?:{beginnings})(?P<rest>{self.rest})(?![A-Za-z0-9])"
        return re.compile(whole.encode())

    def is_in(self, text: bytes) -> bool:
        """Whether such a token stands in the text."""
        counted = 0 if self.before else "rest"
        found = self._exact.finditer(text)
        return any(len(set(each[counted])) >= LEAST_DIFFERENT for each in found)


def rules() -> Iterator[TokenRule]:
    """All formats that ship with the package."""
    for row in secret_rules.load():
        yield TokenRule(
            row["kind"],
            tuple(row["starts"]),
            row["rest"],
            before=row.get("before", ""),
            first_look=row.get("look", ""),
        )


def private_key_in(text: bytes) -> bool:
    """Whether a private key in PEM, OpenSSH, SSH2 or PGP armour stands there, with its body."""
    return any(
        _ARMOUR.search(text, found.end(), found.end() + _AFTER_HEADER)
        for found in _PEM.finditer(text)
    )


def putty_key_in(text: bytes) -> bool:
    """Whether one of PuTTY's stands there."""
    return _PUTTY.search(text) is not None


def json_web_key_in(text: bytes) -> bool:
    """Whether a JSON web key with its private part stands there (RFC 7517, 7518)."""
    return _JWK.search(text) is not None


def json_web_token_in(text: bytes) -> bool:
    """Whether a signed or encrypted JSON web token stands there (RFC 7519)."""
    return any(_names_algorithm(found[1]) for found in _JWT.finditer(text))


def _names_algorithm(segment: bytes) -> bool:
    try:
        header = base64.urlsafe_b64decode(segment + b"=" * (-len(segment) % 4))
    except (binascii.Error, ValueError):
        return False
    return b'"alg"' in header
