"""Numbers that carry their own proof: payment cards (Luhn) and bank accounts (modulo 97)."""

from __future__ import annotations

import re

from weavclip.isolation.linear import Captures

# Prefixes and lengths by issuer: ISO/IEC 7812, and the networks' own documentation. Visa's 13
# digits were given up long ago, and look like an EAN; Maestro's 12 to 15 are not claimed.
_ISSUED = (
    r"4\d{15}"  # Visa
    r"|5[1-5]\d{14}|2(?:22[1-9]|2[3-9]\d|[3-6]\d\d|7[01]\d|720)\d{12}"  # Mastercard
    r"|3[47]\d{13}"  # American Express
    r"|3(?:0[0-5]|095|6\d|[89]\d)\d{11}(?:\d\d)?"  # Diners Club
    r"|6(?:011|4[4-9]\d|5\d\d)\d{12}"  # Discover
    r"|62\d{14,17}"  # UnionPay
    r"|35(?:2[89]|[3-8]\d)\d{12}"  # JCB
    r"|(?:50(?:18|20|38)|5893|6304|67(?:59|6[1-3]))\d{12}"  # Maestro
    r"|220[0-4]\d{12}"  # Mir
    r"|9792\d{12}|(?:508\d|60\d\d)\d{12}"  # Troy, RuPay
)
_ISSUER = re.compile(_ISSUED)
# Nineteen digits, of those other than UnionPay's, count in groups only: many a number of 64 bits
# has nineteen, too, and one in ten of them a right check digit.
_ISSUER_OF_19 = re.compile(r"(?:4|50|5[68]|6[0-57]|220[0-4]|35)\d+")
_LONGEST = 19
_GROUPED = (
    r"[2-69]\d{3} \d{4} \d{4} \d{4}(?: \d{3})?|[2-69]\d{3}-\d{4}-\d{4}-\d{4}(?:-\d{3})?"
    r"|3\d{3} \d{6} \d{4,5}|3\d{3}-\d{6}-\d{4,5}"
)
CARD = rf"\b(?:{_GROUPED}|{_ISSUED})\b"
# What stands beside must not make it part of a longer number, a decimal, a name or a table's row.
_LONGER_BEFORE = re.compile(rb"(?:[.,+/-]|\d{4} )\Z")
_LONGER_AFTER = re.compile(rb"[/-]|[.,]\d| \d{4}")
_CARDS = Captures(CARD)
_NOT_DIGITS = re.compile(r"[ -]")
_DOUBLED = bytes.maketrans(b"0123456789", b"0246813579")

IBAN_LOOK = r"[A-Z]{2}\d{2} ?[A-Z0-9]{4} ?[A-Z0-9]{4}"
_IBAN = re.compile(rb"(?<![A-Za-z0-9])[A-Z]{2}\d{2}(?: ?[A-Z0-9]{4}){2,7}(?: ?[A-Z0-9]{1,3})?")
# Country and length of the whole, SWIFT's IBAN registry, release 99.
_LENGTHS = (
    "AD24AE23AL28AT20AZ28BA20BE16BG22BH22BI27BR29BY28CH21CR22CY28CZ24DE22DJ27DK18DO28EE20EG29ES24"
    "FI18FK18FO18FR27GB22GE22GI23GL18GR27GT28HN28HR21HU28IE22IL23IQ23IS26IT27JO30KW30KZ20LB28LC32"
    "LI21LT20LU20LV21LY25MC27MD24ME22MK19MN20MR27MT31MU30NI28NL18NO15OM23PK24PL28PS29PT25QA29RO24"
    "RS22RU33SA24SC31SD18SE24SI19SK24SM27SO23ST25SV28TL23TN24TR26UA29VA22VG24XK20YE30"
)
IBAN_LENGTHS = {
    _LENGTHS[at : at + 2]: int(_LENGTHS[at + 2 : at + 4]) for at in range(0, len(_LENGTHS), 4)
}


def passes_luhn(digits: str) -> bool:
    """Whether the last digit is the check digit of the others (ISO/IEC 7812-1, annex B).

    >>> passes_luhn("79927398713"), passes_luhn("79927398710")
    (True, False)
    """
    code = digits.encode("ascii")
    doubled = code[-2::-2].translate(_DOUBLED)
    return (sum(code[::-2]) + sum(doubled) - ord("0") * len(code)) % 10 == 0


def passes_mod_97(iban: str) -> bool:
    """Whether an account number's check digits are right (ISO 13616, ISO 7064 MOD 97-10).

    >>> passes_mod_97("GB82WEST12345698765432"), passes_mod_97("GB82WEST12345698765433")
    (True, False)
    """
    turned = iban[4:] + iban[:4]
    return int("".join(str(int(each, 36)) for each in turned)) % 97 == 1


def card_in(text: bytes) -> bool:
    """Whether a payment card's number stands in the text."""
    return any(_is_card(text, start, end) for start, end in _CARDS.spans_in(text))


def _is_card(text: bytes, start: int, end: int) -> bool:
    if _LONGER_BEFORE.search(text, max(0, start - 5), start) or _LONGER_AFTER.match(text, end):
        return False
    digits = _NOT_DIGITS.sub("", text[start:end].decode("ascii"))
    issuer = _ISSUER_OF_19 if len(digits) == _LONGEST else _ISSUER
    return issuer.fullmatch(digits) is not None and passes_luhn(digits)


def iban_in(text: bytes) -> bool:
    """Whether a bank account's number stands in the text, in groups or in one."""
    return any(_is_iban(found[0].decode().replace(" ", "")) for found in _IBAN.finditer(text))


def _is_iban(characters: str) -> bool:
    # A word may follow a number in groups, so the country's length decides where it ends.
    length = IBAN_LENGTHS.get(characters[:2], 0)
    return 0 < length <= len(characters) and passes_mod_97(characters[:length])
