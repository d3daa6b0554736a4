from __future__ import annotations

import pytest

from weavclip.privacy import codes


@pytest.mark.parametrize("text", ["123456", " 123456\n", "123 456", "123-456"])
def test_six_digits_alone_are_a_code(text: str) -> None:
    assert codes.is_code_alone(text)


@pytest.mark.parametrize("text", ["1999", "12345", "1234567", "20261121", "12345a", "12.345", ""])
def test_other_numbers_alone_are_none(text: str) -> None:
    assert not codes.is_code_alone(text)


@pytest.mark.parametrize(
    "text",
    [
        "Your verification code is 1234",
        "493 021 is your login code",
        "OTP: 83920174",
        "PIN: 4821",
        "CVC 123",
        "Dein Bestätigungscode: 482910",
        "验证码\uff1a482910",
    ],
)
def test_a_number_that_a_message_calls_a_code_is_one(text: str) -> None:
    assert codes.code_in(text)


@pytest.mark.parametrize(
    "text",
    [
        "Your verification code is on its way",
        "verification code, as of 2026",
        "error code 1234",
        "postal code 12345",
        "verification code" + " and much else" * 10 + " 4821",
        "two-factor authentication at https://a.test/123456",
        "Your code costs 1234.50",
        "Your code " + "x" * codes.MOST_CHARS + " 123456",
    ],
)
def test_other_numbers_in_messages_are_none(text: str) -> None:
    assert not codes.code_in(text)
