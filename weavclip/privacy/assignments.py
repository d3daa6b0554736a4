"""Values that a name calls secret: ``password: xyz``, ``API_KEY=...``, ``//user:xyz@host``."""

from __future__ import annotations

import math
import re
from collections import Counter

_TYPED_WORDS = (
    r"pass(?:word|wd|phrase|code|wort)|kennwort|wachtwoord|mot de passe|contraseña|senha"
    r"|palavra-passe|parola|lösenord|adgangskode|passord|salasana|hasło|heslo|jelszó|şifre|пароль"
    r"|密码|密碼|パスワード|비밀번호"
    # Short ones stand alone: not in "compass", "bypass", "OLDPWD"
    r"|(?:\b|_)(?:pass|pwd|psw|mdp)(?:\b|_)"
)
_DRAWN_WORDS = (
    "secret|credential|token|(?:api|access|auth|private|account|signing|encryption|master|service"
    "|subscription)[_ -]?key"
)
# A name may go on after the word: DB_PASSWORD_PROD, settings["password"]
_IS = r"[\w.-]*[\"'\]]*\s*(?::=|=>|[:=\x{ff1a}])\s*"
_VALUE = r"[\"'`]?([^\s\"'`<>;,\\]{4,})"

PASSWORD = rf"(?i)(?:{_TYPED_WORDS}){_IS}{_VALUE}"
# Without a sign between: options, SQL, .netrc, curl's -u name:password, a network's QR code
OPTION = (
    r"(?i)(?:--pass(?:word|wd|phrase)?\s+|\bidentified by\s+|\bsshpass -p ?"
    r"|\blogin\s+\S+\s+password\s+|\bcurl\s[^\n]*\s(?:-u|--user)[ =]?[\"']?[^\s:\"']+:"
    rf"|\bWIFI:[^\n]*;P:){_VALUE}"
)
KEY = rf"(?i)(?:\A|[^:])(?:{_DRAWN_WORDS}){_IS}{_VALUE}"  # no part of arn:aws:secretsmanager:...
HEADER = r"(?i)\b(?:bearer|basic|authorization: token)\s+([\w+/=.~-]{16,})"
ADDRESS = r"://[^\s/?#:@\"'<>]*:([^\s/?#\"'<>]+)@[\w\[.]"
# What an authenticator's QR codes say, one key or all of them
AUTHENTICATOR = r"(?i)\botpauth(?:-migration)?://[^\s\"'<>]*[?&](?:secret|data)=([^\s&\"'<>]{16,})"
QUERY = (
    r"(?i)[?&#;](?:[\w-]*(?:token|api_?key|secret|password|passwd|pwd|signature|ticket"
    r"|session_?id|auth)|key|sig|sid|code|jwt)=([^\s&#\"'<>]{16,})"
)

_PLACEHOLDER = re.compile(
    r"""(?ix) ^(?:
      [$%][\w{(] .* | [<{(\[] .* | [\w.:]*[(\[{] .* | -- .*     # a variable, a template, a call
    | https?:// .* | [\^~]?\d+(?:[.,/%:-]+\d*)+     # an address, a version, a share, a date
    | &(?:\#x?[0-9a-f]+|lt|gt|quot|amp|nbsp)                     # markup
    | .*(?:example|placeholder|changeme|your|dummy|redacted|path/to|x{4}|\*{3}|\.{3}|…) .*
    | (?:my|new|old|the|user|some|db|root|admin)?[-_]?
      (?:pass(?:word|wd|phrase|code)?|pwd|secret|token|key|value|string|text|none|null|username
        |user|name|file)[-_]?\d?
    )$"""
)
_WORDS = re.compile(
    r"^(?:&?[A-Za-z_][A-Za-z_-]*(?:[./][A-Za-z_][\w-]*)*[.,:)]*|~?\.{0,2}/[\w./-]*)$"
)
"""A word, a name in code or a path: no digit in its first part, then letters and joints only."""
_NAMES = re.compile(r"^&?[A-Za-z]*\d{0,5}[A-Za-z]*(?:[._/:-]+[A-Za-z]*\d{0,5}[A-Za-z]*)*$")
"""The same with a few digits in each part, such as ``line_js_1.tokenize``."""
_CLASSES = tuple(map(re.compile, (r"[a-z]", r"[A-Z]", r"[0-9]", r"[^A-Za-z0-9]")))
_LEAST_TYPED, _LEAST_DRAWN = 4, 16
_LEAST_BITS = 2.75
"""Sixteen hexadecimal digits drawn by lot have 3.0 bits each, give or take 0.25."""
_LEAST_BITS_OF_A_PATH = 4.2
"""Forty characters of base64, which has slashes, have 4.7; names in code and paths under 4."""


def is_typed(value: str) -> bool:
    """Whether a value may be a password that a person made: no code, no word, no placeholder."""
    bare = value.rstrip(".,:)")
    if len(bare) < _LEAST_TYPED or is_placeholder(value) or _WORDS.match(value):
        return False
    return bare.isdigit() or classes(bare) > 1


def is_drawn(value: str) -> bool:
    """Whether a value looks drawn by lot: 16 or more letters and digits, evenly spread."""
    if len(value) < _LEAST_DRAWN or is_placeholder(value):
        return False
    letters, digits = re.search(r"[A-Za-z]", value), re.search(r"\d", value)
    least_bits = _LEAST_BITS_OF_A_PATH if _NAMES.match(value) else _LEAST_BITS
    return bool(letters and digits) and entropy_bits(value) >= least_bits


def is_password(value: str) -> bool:
    """Whether what an address has in its password's place is one."""
    return not is_placeholder(value)


def is_placeholder(value: str) -> bool:
    """Whether a value stands for one: ``<password>``, ``$TOKEN``, ``your-key``, ``***``."""
    return _PLACEHOLDER.match(value) is not None


def classes(value: str) -> int:
    """How many of small letters, capitals, digits and other characters occur."""
    return sum(each.search(value) is not None for each in _CLASSES)


def entropy_bits(value: str) -> float:
    """Shannon's entropy of the characters, in bits each; 0 for an empty text."""
    counts = Counter(value).values()
    return -sum(n / len(value) * math.log2(n / len(value)) for n in counts)
