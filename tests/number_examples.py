"""Numbers of cards and accounts, drawn by lot with right check digits."""

from __future__ import annotations

import string
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import random
    from collections.abc import Callable

    Draw = Callable[[random.Random], str]

HEX = "0123456789abcdef"
DIGITS = string.digits
ALNUM = string.ascii_letters + DIGITS


def some(rng: random.Random, alphabet: str, count: int) -> str:
    """So many characters of the alphabet."""
    return "".join(rng.choices(alphabet, k=count))


def luhn(digits: str) -> str:
    """The digits, and their check digit."""
    doubled = (int(each) * 2 for each in digits[::-2])
    total = sum(each // 10 + each % 10 for each in doubled)
    total += sum(int(each) for each in digits[-2::-2])
    return digits + str(-total % 10)


def iban(country: str, account: str) -> str:
    """An account number with its check digits."""
    number = int("".join(str(int(each, 36)) for each in f"{account}{country}00"))
    return f"{country}{98 - number % 97:02d}{account}"


def in_groups(text: str, of: tuple[int, ...], between: str) -> str:
    """The text in groups of these lengths; the last one's repeats."""
    parts: list[str] = []
    at = 0
    while at < len(text):
        size = of[min(len(parts), len(of) - 1)]
        parts.append(text[at : at + size])
        at += size
    return between.join(parts)


CARDS: dict[str, Draw] = {
    "Visa": lambda rng: luhn("4" + some(rng, DIGITS, 14)),
    "Mastercard": lambda rng: luhn(f"{rng.randint(51, 55)}" + some(rng, DIGITS, 13)),
    "Mastercard, series 2": lambda rng: luhn(f"{rng.randint(2221, 2720)}" + some(rng, DIGITS, 11)),
    "American Express": lambda rng: luhn(rng.choice(("34", "37")) + some(rng, DIGITS, 12)),
    "Discover": lambda rng: luhn(rng.choice(("6011", "6500", "6445")) + some(rng, DIGITS, 11)),
    "Diners Club": lambda rng: luhn(rng.choice(("3000", "3600", "3800")) + some(rng, DIGITS, 9)),
    "JCB": lambda rng: luhn(f"{rng.randint(3528, 3589)}" + some(rng, DIGITS, 11)),
    "UnionPay": lambda rng: luhn("62" + some(rng, DIGITS, rng.randint(13, 16))),
}


def card(rng: random.Random, draw: Draw) -> str:
    """A card's number, in one or in groups."""
    digits = draw(rng)
    groups = {15: (4, 6, 5), 14: (4, 6, 4)}.get(len(digits), (4,))
    shapes = ["", " ", "-"] if len(digits) in {14, 15, 16} else [""]
    return in_groups(digits, groups, rng.choice(shapes))


_ACCOUNTS: dict[str, Draw] = {
    "DE": lambda rng: some(rng, DIGITS, 18),
    "GB": lambda rng: some(rng, string.ascii_uppercase, 4) + some(rng, DIGITS, 14),
    "FR": lambda rng: some(rng, DIGITS, 23),
    "NL": lambda rng: some(rng, string.ascii_uppercase, 4) + some(rng, DIGITS, 10),
    "NO": lambda rng: some(rng, DIGITS, 11),
    "ES": lambda rng: some(rng, DIGITS, 20),
    "PL": lambda rng: some(rng, DIGITS, 24),
    "MT": lambda rng: some(rng, string.ascii_uppercase, 4) + some(rng, DIGITS, 23),
}


def account(rng: random.Random) -> str:
    """A bank account's number, in groups of four or in one."""
    country = rng.choice(tuple(_ACCOUNTS))
    number = iban(country, _ACCOUNTS[country](rng))
    return rng.choice((number, in_groups(number, (4,), " ")))
