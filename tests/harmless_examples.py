"""Texts that resemble secrets and are none, drawn by lot."""

from __future__ import annotations

import base64
import uuid
from typing import TYPE_CHECKING

from tests.number_examples import DIGITS, HEX, in_groups, some
from tests.secret_examples import BASE64, URLSAFE

if TYPE_CHECKING:
    import random
    from collections.abc import Iterator

    from tests.number_examples import Draw


def harmless(rng: random.Random, count: int) -> Iterator[tuple[str, str]]:
    """Family and text of what resembles secrets and is none, so many of each."""
    for family, draw in _HARMLESS.items():
        yield from ((family, draw(rng)) for _ in range(count))


def _picture(rng: random.Random) -> str:
    encoded = base64.b64encode(b"\x89PNG\r\n\x1a\n" + rng.randbytes(20_000)).decode()
    return f'<img src="data:image/png;base64,{encoded}">'


def _isbn(rng: random.Random) -> str:
    body = "978" + some(rng, DIGITS, 9)
    total = sum(int(each) * (1, 3)[place % 2] for place, each in enumerate(body))
    return in_groups(f"{body}{-total % 10}", (3, 1, 2, 6, 1), rng.choice(("-", "")))


_CODE = (
    "password = get_password(user)",
    "password: str | None = None",
    'pwd = os.environ["PWD"]',
    "mysql -u root --password=$MYSQL_PASSWORD",
    "if password != confirm_password:",
    "passwd -l user",
    "token = request.headers.get('X-Token')",
    "api_key = settings.api_key",
    "PASSWORD=<password>",
    "pass: 100%, fail: 0%",
    "password: 8-16 characters",
    "login as me, password in the vault",
    "const token = await fetchToken(id);",
    "postgres://user:password@localhost/db",
    "api_key=YOUR_KEY",
    "curl -u username:password https://example.com",
    "secretKeyRef: {name: db, key: password}",
    'BEGIN = "-----BEGIN PRIVATE KEY-----"',
    "password: required",
    "Password: ********",
    "https://user:${PASSWORD}@host/",
    'headers = {"Authorization": f"Bearer {token}"}',
)
_SENTENCES = (
    "exited with error code {}",
    "the source code has {} lines",
    "HTTP status code 5{}",
    "my postal code is {}1",
    "promo code SAVE{}",
    "room {}, code of conduct attached",
    "The PIN entry was changed in {} places.",
    (
        "see page {} on two-factor authentication in banks"
        " and on why people like it or do not, as told at length in the chapter before"
    ),
)
_HARMLESS: dict[str, Draw] = {
    "digest (MD5, SHA-1, SHA-256, SHA-512)": lambda r: some(r, HEX, r.choice((32, 40, 64, 128))),
    "git log line": lambda r: f"commit {some(r, HEX, 40)} (tag: v1.{r.randint(0, 9)}) fix tests",
    "UUID": lambda r: str(uuid.UUID(int=r.getrandbits(128), version=4)),
    "ULID": lambda r: "01" + some(r, "0123456789ABCDEFGHJKMNPQRSTVWXYZ", 24),
    "base64 picture, 27 KB": _picture,
    "lock file's digest": lambda r: f'"integrity": "sha512-{some(r, BASE64, 86)}=="',
    "image's digest": lambda r: f"docker.io/library/redis@sha256:{some(r, HEX, 64)}",
    "CSS colour": lambda r: "#" + some(r, HEX, r.choice((3, 6, 8))),
    "phone number": lambda r: (
        r.choice(("+49 ", "+1 ", "0"))
        + in_groups(some(r, DIGITS, r.randint(9, 11)), (3, 3, 5), " ")
    ),
    "ISBN": _isbn,
    "date or time": lambda r: r.choice(
        ("2026-{:02}-{:02}", "{:02}.{:02}.2026", "2026{:02}{:02}")
    ).format(r.randint(1, 12), r.randint(1, 28)),
    "year": lambda r: str(r.randint(1900, 2099)),
    "number of 1 to 5, 7, 8 digits": lambda r: some(
        r, "123456789", r.choice((1, 2, 3, 4, 5, 7, 8))
    ),
    "number of 6 digits": lambda r: some(r, "123456789", 6),
    "price": lambda r: f"{r.randint(1, 9999)},{r.randint(0, 99):02} €",
    "order number of 7 to 12 digits": lambda r: some(r, "123456789", r.randint(7, 12)),
    "order number of 16 digits": lambda r: some(r, "123456789", 16),
    "nanoseconds since 1970": lambda r: str(r.randrange(1_600 * 10**15, 1_800 * 10**15)),
    "decimal of 16 digits": lambda r: "0." + some(r, "123456789", 16),
    "IP address and port": lambda r: ".".join(str(r.randrange(256)) for _ in range(4)) + ":8080",
    "MAC address": lambda r: ":".join(some(r, HEX, 2) for _ in range(6)),
    "tracking link": lambda r: (
        f"https://shop.test/p/{some(r, DIGITS, 8)}?utm_source=mail&gclid={some(r, URLSAFE, 60)}"
    ),
    "video link": lambda r: (
        f"https://youtu.be/{some(r, URLSAFE, 11)}?si={some(r, URLSAFE, 16)}&t=12"
    ),
    "shared document": lambda r: f"https://docs.test/document/d/{some(r, URLSAFE, 44)}/edit#gid=0",
    "code that names passwords": lambda r: r.choice(_CODE),
    "sentence on codes": lambda r: r.choice(_SENTENCES).format(some(r, "123456789", 4)),
}
