"""Secrets drawn by lot, in the forms that services, banks and people give them.

Every token is put together here, check digits and checksums included, so that no file of the
project holds one: the hosts of code look for them, too.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import string
import zlib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from tests.number_examples import ALNUM, CARDS, DIGITS, HEX, account, card, some

if TYPE_CHECKING:
    import random
    from collections.abc import Iterator

    from tests.number_examples import Draw

BASE62 = DIGITS + string.ascii_uppercase + string.ascii_lowercase
BASE64 = ALNUM + "+/"
URLSAFE = ALNUM + "-_"
BECH32 = "QPZRY9X8GF2TVDW0S3JN54KHCE6MUA7L"


@dataclass(frozen=True, slots=True)
class Example:
    """One secret.

    Attributes:
        family: What it is an example of.
        text: As it is copied.
        source_app: The program that it is copied from.
    """

    family: str
    text: str = field(repr=False)
    source_app: str = ""


def with_checksum(prefix: str, rng: random.Random) -> str:
    """GitHub's and npm's form: thirty characters, and six of their CRC-32 in base 62."""
    body, number, sum_ = some(rng, BASE62, 30), 0, ""
    number = zlib.crc32(body.encode())
    for _ in range(6):
        number, digit = divmod(number, 62)
        sum_ = BASE62[digit] + sum_
    return prefix + body + sum_


def jwt(rng: random.Random) -> str:
    """A token that is really signed (HS256)."""

    def part(content: bytes) -> str:
        return base64.urlsafe_b64encode(content).rstrip(b"=").decode()

    claims = {"sub": some(rng, DIGITS, 10), "iat": rng.randrange(10**9, 2 * 10**9)}
    signed = part(b'{"alg":"HS256","typ":"JWT"}') + "." + part(json.dumps(claims).encode())
    key = rng.randbytes(32)
    return f"{signed}.{part(hmac.new(key, signed.encode(), hashlib.sha256).digest())}"


def armour(rng: random.Random, *, lines: int = 12) -> str:
    """Base64 in lines of 64."""
    return "\n".join(some(rng, BASE64, 64) for _ in range(lines))


def pem(rng: random.Random) -> str:
    """A private key in PEM, OpenSSH's or PGP's armour."""
    name = rng.choice(("", "RSA ", "EC ", "DSA ", "OPENSSH ", "ENCRYPTED ", "PGP "))
    block = " BLOCK" if name == "PGP " else ""
    extra = "Version: GnuPG v2\n\n" if block else ""
    return (
        f"-----BEGIN {name}PRIVATE KEY{block}-----\n{extra}{armour(rng)}\n"
        f"-----END {name}PRIVATE KEY{block}-----\n"
    )


def putty(rng: random.Random) -> str:
    """A private key in PuTTY's form."""
    return (
        "PuTTY-User-Key-File-3: ssh-ed25519\nEncryption: none\nComment: desk\nPublic-Lines: 2\n"
        f"{armour(rng, lines=2)}\nPrivate-Lines: 1\n{armour(rng, lines=1)}\nPrivate-MAC: "
        f"{some(rng, HEX, 64)}\n"
    )


def jwk(rng: random.Random) -> str:
    """A private key as JSON."""
    x, d = some(rng, URLSAFE, 43), some(rng, URLSAFE, 43)
    return json.dumps({"kty": "OKP", "crv": "Ed25519", "x": x, "d": d})


def typed(rng: random.Random) -> str:
    """A password as a person or a browser makes one: two classes of characters or more."""
    made = (
        lambda: some(rng, ALNUM + "!#$%&*+-.:?@_~", rng.randint(10, 24)),
        lambda: (
            rng.choice(("sommer", "Winter", "tiger", "Hunter", "dragon")) + some(rng, DIGITS, 3)
        ),
        lambda: rng.choice(("Passw0rd", "qwerty")) + rng.choice("!?.") + some(rng, DIGITS, 2),
        lambda: "-".join(some(rng, ALNUM, 6) for _ in range(3)),
    )
    return rng.choice(made)()


_TOKENS: dict[str, Draw] = {
    "age key": lambda r: "AGE-SECRET-" + "KEY-1" + some(r, BECH32, 58),
    "AWS access key": lambda r: "AK" + "IA" + some(r, string.ascii_uppercase + "234567", 16),
    "AWS secret key, assigned": lambda r: f"aws_secret_access_key = {some(r, BASE64, 40)}",
    "Azure storage connection": lambda r: (
        "DefaultEndpointsProtocol=https;AccountName=store;Account"
        f"Key={some(r, BASE64, 86)}==;EndpointSuffix=core.windows.net"
    ),
    "Azure signature": lambda r: (
        "https://store.blob.core.windows.net/c/f?sv=2024-11-04&sp=r&si"
        f"g={some(r, ALNUM, 40)}%2B{some(r, ALNUM, 2)}%3D"
    ),
    "Google API key": lambda r: "AI" + "za" + some(r, URLSAFE, 35),
    "Google OAuth secret": lambda r: "GOC" + "SPX-" + some(r, URLSAFE, 28),
    "GitHub token": lambda r: with_checksum("gh" + r.choice("pours") + "_", r),
    "GitHub fine-grained": lambda r: (
        "github" + "_pat_" + some(r, ALNUM, 22) + "_" + some(r, ALNUM, 59)
    ),
    "GitLab token": lambda r: "gl" + "pat-" + some(r, URLSAFE, 20),
    "Slack token": lambda r: (
        "xo" + f"xb-{some(r, DIGITS, 12)}-{some(r, DIGITS, 12)}-{some(r, ALNUM, 24)}"
    ),
    "Slack webhook": lambda r: (
        "https://hooks.slack" + f".com/services/T{some(r, ALNUM, 10)}/B{some(r, ALNUM, 10)}/"
        f"{some(r, ALNUM, 24)}"
    ),
    "Stripe key": lambda r: (
        r.choice("sr")
        + "k_"
        + r.choice(("live", "test"))
        + "_"
        + some(r, ALNUM, r.choice((24, 99)))
    ),
    "OpenAI key": lambda r: (
        "sk-" + "proj-" + some(r, URLSAFE, 74) + "T3Blbk" + "FJ" + some(r, URLSAFE, 74)
    ),
    "Anthropic key": lambda r: "sk-" + "ant-api03-" + some(r, URLSAFE, 93) + "AA",
    "npm token": lambda r: with_checksum("np" + "m_", r),
    "PyPI token": lambda r: "py" + "pi-AgEIcHlwaS5vcmc" + some(r, URLSAFE, r.randint(130, 180)),
    "Hugging Face token": lambda r: "h" + "f_" + some(r, string.ascii_letters, 34),
    "Telegram bot": lambda r: some(r, "123456789", 10) + ":A" + "A" + some(r, URLSAFE, 33),
    "Discord bot": lambda r: (
        base64.b64encode(some(r, "123456789", 18).encode()).decode()
        + f".{some(r, URLSAFE, 6)}.{some(r, URLSAFE, 37)}x"
    ),
    "SendGrid key": lambda r: "S" + f"G.{some(r, URLSAFE, 22)}.{some(r, URLSAFE, 42)}x",
    "Twilio key": lambda r: "S" + "K" + some(r, HEX, 32),
    "DigitalOcean token": lambda r: "dop" + "_v1_" + some(r, HEX, 64),
    "Heroku token": lambda r: "HRKU" + "-AA" + some(r, URLSAFE, 57) + "x",
    "Shopify token": lambda r: "shp" + "at_" + some(r, HEX, 32),
    "Vault token": lambda r: "hv" + "s." + some(r, URLSAFE, 94) + "x",
    "1Password secret key": lambda r: (
        "A3"
        f"-{some(r, ALNUM.upper(), 6)}-{some(r, ALNUM.upper(), 6)}"
        + "".join("-" + some(r, ALNUM.upper(), 5) for _ in range(4))
    ),
    "JSON web token": jwt,
}
_ASSIGNED: dict[str, Draw] = {
    "password: xyz": lambda r: (
        r.choice(
            (
                "password: ",
                "Passwort: ",
                "PASSWORD=",
                "pwd=",
                "Contraseña: ",
                "passwd => ",
                "mot de passe : ",
                "пароль: ",
                "密码\uff1a",
                '"password": "',
                "DB_PASSWORD=",
            )
        )
        + typed(r)
    ),
    "key = value": lambda r: (
        r.choice(("api_key=", "client_secret: ", 'API_TOKEN="', "x-api-key: ", '"secretKey": "'))
        + some(r, r.choice((HEX, ALNUM)), r.choice((32, 40)))
    ),
    "password in an address": lambda r: (
        r.choice(("postgres://app:", "mysql://root:", "https://me:", "redis://:", "amqp://u:"))
        + some(r, ALNUM, r.randint(6, 20))
        + r.choice(("@db.local:5432/app", "@10.0.0.7/", "@host"))
    ),
    "token in an address": lambda r: (
        "https://app.test/x?a=1&"
        + r.choice(("access_token=", "token=", "api_key=", "X-Amz-Signature=", "sig=", "auth="))
        + some(r, r.choice((ALNUM, HEX)), 40)
    ),
    "header": lambda r: (
        r.choice(
            ("Authorization: Bearer ", 'curl -H "Authorization: Bearer ', "authorization: Basic ")
        )
        + some(r, ALNUM, 40)
    ),
}
_MESSAGES = (
    "Your verification code is {}",
    "{} is your Google verification code.",
    "Use OTP {} to log in",
    "G-{} is your verification code",
    "Your one-time passcode: {}. Do not share it.",
    "Ihr Bestätigungscode lautet {}",
    "Dein Einmalpasswort: {}",
    "mTAN {} für die Überweisung",
    "Votre code de vérification est {}",
    "Su código de verificación es {}",
    "Il tuo codice di verifica è {}",
    "Seu código de segurança é {}",
    "Uw verificatiecode is {}",
    "Twój kod weryfikacyjny: {}",
    "Ваш код: {}. Никому не говорите",
    "Код подтверждения {}",
    "Doğrulama kodu: {}",
    "您的验证码是{}\uff0c5分钟内有效",
    "認証コード\uff1a{}",
    "인증번호 [{}]",
    "رمز التحقق {}",
)
KEEPERS = ("KeePassXC", "Bitwarden", "1Password", "org.gnome.seahorse.Application", "Enpass")


def examples(rng: random.Random, count: int, *, ibans: bool = True) -> Iterator[Example]:
    """So many of each family, in the order of the families."""
    draws: dict[str, Draw] = {
        "private key (PEM, OpenSSH, PGP)": pem,
        "private key (PuTTY)": putty,
        "private key (JWK)": jwk,
        **_TOKENS,
        **_ASSIGNED,
        **{f"card: {name}": _card_of(draw) for name, draw in CARDS.items()},
        "one-time code alone (6 digits)": lambda r: some(r, DIGITS, 6),
        "one-time code in a message": lambda r: r.choice(_MESSAGES).format(
            some(r, "3456789", r.choice((4, 6, 6, 6, 8)))
        ),
    }
    if ibans:
        draws["IBAN (secret_ibans)"] = account
    for family, draw in draws.items():
        yield from (Example(family, draw(rng)) for _ in range(count))
    for _ in range(count):
        made = rng.choice((some(rng, ALNUM + "!#$%&*+-.:?@_~", rng.randint(12, 40)), typed(rng)))
        yield Example("password, from a password manager", made, rng.choice(KEEPERS))


def _card_of(draw: Draw) -> Draw:
    return lambda rng: card(rng, draw)
