from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from weavclip.clipboard.encodings import decoded
from weavclip.clipboard.formats import Limits, normalised, wanted

NAMES = ("UTF8_STRING", "text/plain", "text/html", "STRING", "COMPOUND_TEXT", "TEXT")


@given(st.sampled_from(NAMES), st.binary(max_size=200))
def test_any_bytes_become_valid_utf8(native: str, content: bytes) -> None:
    assert normalised(native, content).decode() is not None


@given(st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1))
def test_a_utf8_text_stays_as_it_is(text: str) -> None:
    assert normalised("UTF8_STRING", text.encode()).decode() == text


@given(st.binary())
def test_a_picture_is_never_touched(content: bytes) -> None:
    assert normalised("image/png", content) == content


@pytest.mark.parametrize(
    ("native", "content", "text"),
    [
        ("text/html", "<b>ä</b>".encode("utf-16"), "<b>ä</b>"),
        ("text/html", "<b>a</b>".encode("utf-16-le"), "<b>a</b>"),
        ("text/plain", "\ufeffä".encode(), "ä"),
        ("text/plain", "caf\xe9".encode("latin-1"), "café"),
        ("UTF8_STRING", "größer für".encode()[:-2], "größer f\N{REPLACEMENT CHARACTER}"),
        ("STRING", b"\xe4", "ä"),
        ("COMPOUND_TEXT", b"\x1b%G\xce\xb1\x1b%@ \xe4", "\N{GREEK SMALL LETTER ALPHA} ä"),
        ("COMPOUND_TEXT", b"\x1b-L\xd4", "д"),
    ],
)
def test_texts_are_decoded_as_programs_encode_them(native: str, content: bytes, text: str) -> None:
    assert decoded(native, content) == text


def test_a_closing_nul_is_no_part_of_a_text() -> None:
    assert normalised("UTF8_STRING", b"a\0") == b"a"


def test_the_order_is_files_then_picture_html_and_text() -> None:
    everything = ["STRING", "text/html", "image/jpeg", "image/png", "UTF8_STRING"]

    assert [each.native for each in wanted(everything)] == [
        "image/png",
        "text/html",
        "UTF8_STRING",
    ]
    assert [each.native for each in wanted([*everything, "text/uri-list"])] == [
        "text/uri-list",
        "UTF8_STRING",
    ]


def test_the_limit_is_named_as_the_setting_that_holds_it() -> None:
    limits = Limits(max_text_bytes=7, max_image_bytes=9)

    assert limits.problem("text/html") == "text/html is over max_text_bytes=7"
    assert limits.problem("image/gif") == "image/gif is over max_image_bytes=9"


@pytest.mark.parametrize("native", ["UTF8_STRING", "text/plain", "text/html", "text/uri-list"])
def test_what_reads_the_same_in_every_encoding_is_kept_as_it_is(native: str) -> None:
    content = b"plain words\r\n" * 1_000

    assert normalised(native, content) is content


def test_a_large_text_with_a_broken_character_is_told_from_latin_1_by_all_of_it() -> None:
    mostly = ("ä" + "a" * 100) * 2_000

    assert decoded("text/plain", mostly.encode() + b"\xff") == f"{mostly}\N{REPLACEMENT CHARACTER}"
    assert decoded("text/plain", mostly.encode("latin-1")) == mostly


def test_text_that_is_utf_8_already_is_kept_as_it_is() -> None:
    content = "naïve ☃ 😀".encode() * 10_000

    assert normalised("UTF8_STRING", content) is content
    assert normalised("STRING", content) is not content


def test_a_character_torn_at_the_end_of_a_piece_is_no_utf_8() -> None:
    torn = b"a" * (64 * 1024 - 1) + "ä".encode()[:1]

    assert normalised("UTF8_STRING", torn) != torn
