from __future__ import annotations

import pytest

from weavclip.domain.seen import Box, Seen, SeenLine
from weavclip.privacy.pictures import SeenInspector
from weavclip.privacy.secrets import SecretFinder

TOKEN = "gh" + "p_" + "a1B2c3" * 6
KEY = ["-----BEGIN " + "PRIVATE KEY-----", *(["MIIEvQIBADANBgkqhkiG9w0BAQEFAASC"] * 4)]


def seen(*lines: str, code: str = "") -> Seen:
    def line(text: str) -> SeenLine:
        words = tuple(text.split())
        return SeenLine(words, (Box(0, 0, 1, 1),) * len(words), code)

    return Seen(tuple(map(line, lines)))


@pytest.fixture
def inspector() -> SeenInspector:
    return SeenInspector(SecretFinder())


def test_harmless_words_are_all_kept(inspector: SeenInspector) -> None:
    page = seen("Quarterly revenue", "201600 482913", "482913", "https://example.org")

    assert inspector.harmless(page) == page


def test_a_line_with_a_secret_is_left_out(inspector: SeenInspector) -> None:
    found = inspector.harmless(seen("Deploy keys", f"token {TOKEN}", "last used today"))

    assert found == seen("Deploy keys", "last used today")


def test_a_key_over_several_lines_takes_all_words_along(inspector: SeenInspector) -> None:
    found = inspector.harmless(seen("cat id", *KEY, "-----END " + "PRIVATE KEY-----"))

    assert not any("MII" in line.text for line in found.lines)


def test_a_code_that_another_line_tells_is_left_out(inspector: SeenInspector) -> None:
    found = inspector.harmless(seen("Your verification code is", "482913"))

    assert "482913" not in found.text


@pytest.mark.parametrize(
    "content",
    [
        "otpauth://totp/ACME:joe@example.org?secret=JBSWY3DPEHPK3PXP&issuer=ACME",
        "otpauth-migration://offline?data=CjEKCkhlbGxvId6tvu8SGEV4YW1wbGU6YWxpY2VAZ29vZ2xlLmNvbQ",
        "WIFI:S:home;T:WPA;P:correct-horse-9;;",
    ],
)
def test_a_qr_code_with_a_secret_is_left_out(inspector: SeenInspector, content: str) -> None:
    assert inspector.harmless(seen(content, code="QR code")) == Seen()


def test_a_persons_own_patterns_hold_for_pictures() -> None:
    inspector = SeenInspector(None, ignored_patterns=["project [A-Z]"])

    assert inspector.harmless(seen("project X", "weather")) == seen("weather")
