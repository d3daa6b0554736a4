from __future__ import annotations

import random
from typing import TYPE_CHECKING

import pytest

from tests.secret_examples import jwt, pem
from tests.unit.privacy.drawn_from import drawn_from
from weavclip.isolation.linear import Patterns
from weavclip.privacy import tokens

if TYPE_CHECKING:
    from weavclip.privacy.tokens import TokenRule

RULES = tuple(tokens.rules())
AROUND = (
    "{}",
    "export TOKEN={}",
    '{{"a": "{}"}}',
    "<b>{}</b>",
    "see {}.",
    "({}), and",
    "{}\nnext",
)


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: f"{rule.kind} {rule.starts[0]}")
def test_each_format_is_seen_at_first_look_and_then_exactly_whatever_stands_around(
    rule: TokenRule,
) -> None:
    rng = random.Random(rule.rest)
    look = Patterns([rule.look])

    for start in rule.starts:
        token = drawn_from(rule.before, rng) + start + drawn_from(rule.rest, rng)
        for around in AROUND:
            text = around.format(token).encode()

            assert look.found_in(text), (start, around)
            assert rule.is_in(text), (start, around)


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: f"{rule.kind} {rule.starts[0]}")
def test_a_placeholder_in_a_token_s_form_is_none(rule: TokenRule) -> None:
    text = f"{rule.starts[0]}{'x' * 40} {rule.starts[0]}... {rule.starts[0]}<token>"

    assert not rule.is_in(text.encode())


def test_the_beginning_of_a_token_inside_a_word_is_none() -> None:
    token = "gh" + "p_" + "a1B2c3D4e5" * 4
    rule = next(each for each in RULES if each.kind == "GitHub token")

    assert rule.is_in(token.encode())
    assert not rule.is_in(f"Z{token}".encode())


def test_a_header_that_names_an_algorithm_makes_a_json_web_token() -> None:
    signed = jwt(random.Random(1))

    assert tokens.json_web_token_in(signed.encode())
    assert tokens.json_web_token_in(f"Bearer {signed},".encode())
    assert not tokens.json_web_token_in(b"eyJhIjoxfQAAA.eyJhIjoxfQAAA.c2lnbmF0dXJl")
    assert not tokens.json_web_token_in(b"eyJ!.eyJ.")


def test_the_name_of_a_private_key_is_none_its_body_is() -> None:
    assert not tokens.private_key_in(b'if line == "-----BEGIN RSA PRIVATE KEY-----":\n    pass')
    assert tokens.private_key_in(pem(random.Random(1)).encode())
    assert tokens.private_key_in(pem(random.Random(1)).replace("\n", "\\n").encode())


def test_keys_that_a_library_writes_are_private_keys() -> None:
    ec = pytest.importorskip("cryptography.hazmat.primitives.asymmetric.ec")
    ed25519 = pytest.importorskip("cryptography.hazmat.primitives.asymmetric.ed25519")
    from cryptography.hazmat.primitives.serialization import (
        BestAvailableEncryption,
        Encoding,
        NoEncryption,
        PrivateFormat,
    )

    keys = (ec.generate_private_key(ec.SECP256R1()), ed25519.Ed25519PrivateKey.generate())
    ways = (
        (PrivateFormat.PKCS8, NoEncryption()),
        (PrivateFormat.PKCS8, BestAvailableEncryption(b"x")),
        (PrivateFormat.OpenSSH, NoEncryption()),
    )
    for key in keys:
        for form, hidden in ways:
            assert tokens.private_key_in(key.private_bytes(Encoding.PEM, form, hidden))
