from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.number_examples import CARDS, account, card, iban, luhn
from weavclip.privacy import numbers

if TYPE_CHECKING:
    import random

    from tests.number_examples import Draw

DIGITS = st.text("0123456789", min_size=1, max_size=30)
RANDOMS = st.randoms(use_true_random=False)


@given(DIGITS)
def test_a_number_with_its_check_digit_passes_luhn_and_with_any_other_does_not(body: str) -> None:
    right = luhn(body)

    passing = [body + each for each in "0123456789" if numbers.passes_luhn(body + each)]

    assert passing == [right]


@given(DIGITS, st.data())
def test_one_wrong_digit_fails_luhn(body: str, data: st.DataObject) -> None:
    right = luhn(body)
    place = data.draw(st.integers(0, len(right) - 1))
    wrong = data.draw(st.sampled_from([each for each in "0123456789" if each != right[place]]))

    assert not numbers.passes_luhn(right[:place] + wrong + right[place + 1 :])


@given(st.text("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ", min_size=10, max_size=30), st.data())
def test_an_account_with_its_check_digits_passes_modulo_97_and_with_a_wrong_digit_does_not(
    body: str, data: st.DataObject
) -> None:
    right = iban("DE", body)
    digits = [place for place, each in enumerate(right) if each.isdigit()]
    place = data.draw(st.sampled_from(digits))
    wrong = str((int(right[place]) + data.draw(st.integers(1, 9))) % 10)

    assert numbers.passes_mod_97(right)
    assert not numbers.passes_mod_97(right[:place] + wrong + right[place + 1 :])


@pytest.mark.parametrize("draw", CARDS.values(), ids=CARDS)
@given(rng=RANDOMS)
def test_a_card_is_seen_in_groups_and_in_a_sentence(draw: Draw, rng: random.Random) -> None:
    number = card(rng, draw)

    assert numbers.card_in(number.encode())
    assert numbers.card_in(f"pay with {number}, 12/29, thanks".encode())
    assert numbers.card_in(f"Card:{number}.".encode())


# Test numbers that Stripe, PayPal and Adyen document.
@pytest.mark.parametrize(
    "number",
    [
        "4242 4242 4242 4242",
        "4000056655665556",
        "5555-5555-5555-4444",
        "2223003122003222",
        "3782 822463 10005",
        "6011111111111117",
        "36227206271667",
        "3056 930902 5904",
        "3566002020360505",
        "6200000000000005",
        "6205500000000000004",
        "4000 0000 0000 0000 006",
        "2200 0000 0000 0053",
    ],
)
def test_documented_cards_are_seen(number: str) -> None:
    assert numbers.card_in(number.encode())


@pytest.mark.parametrize(
    "text",
    [
        "4242424242424241",  # check digit
        "1234567812345670",  # no issuer
        "14242424242424242",  # a longer number
        "0.4242424242424242",
        "4242 4242 4242 4242 4242",  # a row of a table
        "1111 4242 4242 4242 4242",
        "order-4242424242424242",
        "4242424242424242-3",
        "x4242424242424242",
        "9780306406157",  # ISBN
        "1700000000000000000",  # nanoseconds
        "4000000000000000006",  # 64 bits
    ],
)
def test_what_only_resembles_a_card_is_none(text: str) -> None:
    assert not numbers.card_in(text.encode())


@given(rng=RANDOMS)
def test_an_account_is_seen_in_groups_and_before_a_word(rng: random.Random) -> None:
    number = account(rng)

    assert numbers.iban_in(number.encode())
    assert numbers.iban_in(f"IBAN: {number} BIC".encode())


# Examples of SWIFT's registry.
@pytest.mark.parametrize(
    "number",
    [
        "GB29 NWBK 6016 1331 9268 19",
        "DE89370400440532013000",
        "FR14 2004 1010 0505 0001 3M02 606",
        "NO9386011117947",
        "MT84MALT011000012345MTLCAST001S",
        "CH93 0076 2011 6238 5295 7",
    ],
)
def test_documented_accounts_are_seen(number: str) -> None:
    assert numbers.iban_in(number.encode())


@pytest.mark.parametrize("text", ["GB29NWBK60161331926818", "ZZ89370400440532013000", "DE89 3704"])
def test_what_only_resembles_an_account_is_none(text: str) -> None:
    assert not numbers.iban_in(text.encode())
