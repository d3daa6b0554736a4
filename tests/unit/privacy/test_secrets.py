from __future__ import annotations

import csv
import json
import random
import time
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.harmless_examples import harmless
from tests.secret_examples import examples
from weavclip.privacy.secrets import SecretFinder

TEXTS = Path(__file__).resolve().parents[4] / "shared" / "data" / "texts"
FINDER = SecretFinder(ibans=True)
EACH = 40
# Six digits alone are taken for a code; every thirtieth number of sixteen digits is a card's.
TAKEN_WRONGLY = {"number of 6 digits": 1.0, "order number of 16 digits": 0.1}


def test_of_each_family_nearly_all_are_found() -> None:
    drawn = list(examples(random.Random(25), EACH))
    missed = Counter(
        each.family for each in drawn if not FINDER.kind_of(each.text, source_app=each.source_app)
    )

    assert {family: n for family, n in missed.items() if n > EACH * 0.05} == {}


def test_what_resembles_a_secret_is_kept() -> None:
    finder = SecretFinder()
    taken = Counter(
        family for family, text in harmless(random.Random(25), EACH) if finder.kind_of(text)
    )

    wrong = {family: n for family, n in taken.items() if n > EACH * TAKEN_WRONGLY.get(family, 0.0)}
    assert wrong == {}


@pytest.mark.skipif(not TEXTS.is_dir(), reason="../shared/data is not there")
@pytest.mark.parametrize("corpus", ["commands", "links", "snippets", "questions"])
def test_of_real_texts_fewer_than_one_in_two_hundred_is_taken_for_a_secret(corpus: str) -> None:
    texts = corpus_texts(corpus)
    taken = sum(FINDER.kind_of(each) is not None for each in texts)

    assert taken < len(texts) * 0.005


def corpus_texts(corpus: str) -> list[str]:
    if corpus == "questions":
        with (TEXTS / "questions.csv").open(encoding="utf-8") as file:
            return [row["text"] for row in csv.DictReader(file)]
    column = {"commands": "command", "links": "url", "snippets": "code"}[corpus]
    lines = (TEXTS / f"{corpus}.jsonl").read_text(encoding="utf-8").splitlines()
    return [json.loads(line)[column] for line in lines]


# As the services' own documentation shows them, put together so that no line holds one.
@pytest.mark.parametrize(
    ("parts", "kind"),
    [
        (("AK", "IAIOSFODNN7EXAMPLE"), "AWS key"),
        (("sk_te", "st_4eC39HqLyjWDarjtT1zdp7dc"), "Stripe key"),
        (("Authorization: Bas", "ic QWxhZGRpbjpvcGVuIHNlc2FtZQ=="), "credential in a header"),
        (("xox", "b-123456789012-1234567890123-4mt0t4l1yf4k3t0k3nxxxxx"), "Slack token"),
        (("110201543:A", "AHdqTcvCH1vGWJxfSeofSAs0K5PALDsaw"), "Telegram token"),
        (
            ("https://hooks.sla", "ck.com/services/T0123ABCD/B0456EFGH/" + "aB3" * 8),
            "Slack webhook",
        ),
        (("eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.", "c2ln" * 10), "JSON web token"),
        (("AGE-SECRET-", "KEY-1" + "GFPYYSJZGFPYYSJZ" * 3 + "GFPYYSJZGF"), "age key"),
        (("amqp://guest:", "gu3st0@mq:5672/v"), "password in an address"),
        (("Server=db;User Id=sa;Pass", "word=Zx9!kk;"), "password"),
        (("machine a.test login me pass", "word hunter2"), "password"),
        (("curl -s https://a.test -u ", "me:hunter2"), "password"),
        (("WIFI:T:WPA;S:home;P:", "hunter2x;;"), "password"),
        (("otpauth://totp/a?secr", "et=JBSWY3DPEHPK3PXP"), "token in an address"),
        (("curl -H 'Authorization: Bear", "er 0a1b2c3d4e5f6071'"), "credential in a header"),
        (("?X-Amz-Sig", "nature=" + "0a1b2c3d4e5f6071" * 4), "token in an address"),
    ],
)
def test_documented_forms_are_found(parts: tuple[str, str], kind: str) -> None:
    assert FINDER.kind_of("".join(parts)) == kind


def test_accounts_are_secrets_only_when_asked_for() -> None:
    number = "DE89 3704 0044 0532 0130 00"

    assert SecretFinder().kind_of(number) is None
    assert FINDER.kind_of(number) == "bank account (IBAN)"


def test_a_secret_at_the_end_of_ten_megabytes_is_found() -> None:
    text = "all of a text is looked at, of any length. " * 240_000 + "\ngh" + "p_" + "a1B2c3" * 6

    assert FINDER.kind_of(text) == "GitHub token"


@pytest.mark.parametrize(
    "text",
    [
        "password=" * 11_000,
        "password: aaaa " * 7_000,
        "token=" + "a1" * 50_000,
        "-----BEGIN PRIVATE KEY-----" * 3_700,
        "4111 1111 1111 1112 " * 5_000,
        "://a:" * 20_000,
        "eyJhbGciOi.eyJh." * 6_000,
        "?token=" * 14_000,
        "a" * 100_000,
        "".join(random.Random(1).choices("MNOabcABC012._-", k=100_000)),
    ],
)
def test_no_text_is_looked_at_without_an_end(text: str) -> None:
    began_s = time.thread_time()

    FINDER.kind_of(text)

    assert time.thread_time() - began_s < 30.0  # 0.05 are usual; backtracking takes minutes


@given(st.text())
def test_any_text_can_be_looked_at(text: str) -> None:
    FINDER.kind_of(text)


@given(st.text(st.characters(categories=("L", "Zs")), max_size=200))
def test_words_of_any_language_are_no_secret(text: str) -> None:
    assert SecretFinder().kind_of(text) is None


def test_a_torn_surrogate_hides_nothing() -> None:
    assert FINDER.kind_of("\ud800 gh" + "p_" + "a1B2c3" * 6) == "GitHub token"
