from __future__ import annotations

import io
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from weavclip.domain.clip import PREVIEW_CHARS, Kind, Offer
from weavclip.pipeline.reading import (
    Limits,
    header_size,
    over_limit,
    plain_text,
    preview_of,
    read,
)

AT = datetime(2026, 11, 20, 9, tzinfo=UTC)


def offer(**representations: bytes) -> Offer:
    named = {name.replace("__", "/").replace("_", "-"): c for name, c in representations.items()}
    return Offer(types=tuple(named), representations=named, at=AT, source_app="Editor")


def png(width_px: int = 3, height_px: int = 2) -> bytes:
    buffer = io.BytesIO()
    Image.new("RGB", (width_px, height_px), "red").save(buffer, "PNG")
    return buffer.getvalue()


def test_plain_words_are_a_text_with_their_source() -> None:
    draft = read(offer(text__plain=b"  two peaks\r\nin Q3 "), device="desk")

    assert draft is not None
    assert (draft.kind, draft.mime_type, draft.text) == (
        Kind.TEXT,
        "text/plain",
        "two peaks\nin Q3",
    )
    assert (draft.source_app, draft.device, draft.at) == ("Editor", "desk", AT)
    assert draft.representations == {"text/plain": b"  two peaks\r\nin Q3 "}


@pytest.mark.parametrize(
    "link", ["https://example.org/a?b=c", "mailto:someone@example.org", "HTTP://EXAMPLE.ORG"]
)
def test_a_single_address_is_a_link(link: str) -> None:
    draft = read(offer(text__plain=link.encode(), text__html=b"<a href='x'>x</a>"))

    assert draft is not None
    assert draft.kind is Kind.LINK


@pytest.mark.parametrize("text", ["see https://example.org", "note: later", "C:\\temp", "a:b"])
def test_other_words_are_no_link(text: str) -> None:
    draft = read(offer(text__plain=text.encode()))

    assert draft is not None
    assert draft.kind is Kind.TEXT


def test_markup_keeps_both_forms_and_is_searched_by_its_words() -> None:
    markup = b"<style>p{}</style><p>Two <b>peaks</b></p><p>in Q3</p><script>x()</script>"

    draft = read(offer(text__html=markup))

    assert draft is not None
    assert draft.kind is Kind.HTML
    assert draft.text == "Two peaks\nin Q3"
    assert set(draft.representations) == {"text/html", "text/plain"}


def test_equal_words_are_equal_whether_copied_plain_or_as_markup() -> None:
    plain = read(offer(text__plain="caf\u00e9".encode()))
    marked = read(offer(text__plain=" cafe\u0301\r\n".encode(), text__html=b"<i>caf&eacute;</i>"))

    assert plain is not None
    assert marked is not None
    assert plain.digest_source == marked.digest_source


def test_a_browsers_picture_is_a_picture_although_markup_comes_with_it() -> None:
    draft = read(offer(image__png=png(), text__html=b"<img src='https://example.org/x.png'>"))

    assert draft is not None
    assert (draft.kind, draft.width_px, draft.height_px) == (Kind.IMAGE, 3, 2)
    assert draft.digest_source == png()


def test_a_picture_with_its_address_as_text_is_a_picture() -> None:
    draft = read(offer(image__png=png(), text__plain=b"https://example.org/x.png"))

    assert draft is not None
    assert draft.kind is Kind.IMAGE


def test_cells_of_a_table_are_their_text_although_a_picture_comes_with_them() -> None:
    draft = read(offer(image__png=png(), text__plain=b"a\tb", text__html=b"<table></table>"))

    assert draft is not None
    assert draft.kind is Kind.HTML
    assert "image/png" in draft.representations


def test_a_list_of_files_is_searched_by_their_paths() -> None:
    listed = b"# comment\r\nfile:///home/me/two%20peaks.png\r\nfile:///home/me/notes.txt\r\n"

    draft = read(Offer(types=("text/uri-list",), representations={"text/uri-list": listed}, at=AT))

    assert draft is not None
    assert draft.kind is Kind.FILES
    assert draft.text == "/home/me/two peaks.png\n/home/me/notes.txt"


@pytest.mark.parametrize("content", [b"", b"  \n", b"\0"])
def test_nothing_but_blanks_is_no_clip(content: bytes) -> None:
    assert read(offer(text__plain=content)) is None


def test_each_limit_names_both_numbers() -> None:
    text = read(offer(text__plain=b"x" * 11))
    picture = read(offer(image__png=png(40, 30)))
    assert text is not None
    assert picture is not None

    assert over_limit(text, Limits(text_bytes=11)) is None
    assert over_limit(text, Limits(text_bytes=10)) == "text of 11 bytes is over max_text_bytes=10"
    size = len(picture.digest_source)
    assert over_limit(picture, Limits(image_bytes=size)) is None
    assert f"{size} bytes is over max_image_bytes=9" in (
        over_limit(picture, Limits(image_bytes=9)) or ""
    )
    assert over_limit(picture, Limits(image_pixels=1199)) == (
        "picture of 1200 pixels is over max_image_pixels=1199"
    )


@given(st.binary(max_size=200))
def test_no_header_breaks_the_reader(encoded: bytes) -> None:
    assert len(header_size(encoded)) == 2


@given(st.text(max_size=600))
def test_a_preview_is_one_printable_line_of_at_most_200_characters(text: str) -> None:
    shown = preview_of(text)

    assert len(shown) <= PREVIEW_CHARS
    assert all(c.isprintable() for c in shown)


@given(st.text(max_size=300))
def test_any_text_is_read_as_markup_without_an_error(text: str) -> None:
    assert isinstance(plain_text(text), str)


@pytest.mark.parametrize("markup", ["<![x[ y ]]>words", "<!words>words", "<!-- no -->words"])
def test_markup_that_is_none_is_passed_over(markup: str) -> None:
    assert plain_text(markup) == "words"


def test_values_in_quotes_may_hold_what_looks_like_markup() -> None:
    assert plain_text("<p title='a > b'>yes</p><a href=it's>and</a> it's") == "yes\nand it's"


def test_cells_of_a_table_stay_words_of_their_own() -> None:
    assert plain_text("<tr><td>two</td><td>peaks</td></tr>").split() == ["two", "peaks"]


def test_a_page_is_known_by_its_title_too() -> None:
    page = b"<HTML><Head><title lang=en>Peaks &amp;\n valleys</title></head><body><p>of Q3</body>"

    alone = read(offer(text__html=page))
    beside = read(offer(text__plain=b"of Q3", text__html=page))
    known = read(offer(text__plain=b"Peaks & valleys of Q3", text__html=page))

    assert alone is not None
    assert beside is not None
    assert known is not None
    assert alone.text == beside.text == "Peaks & valleys\nof Q3"
    assert alone.representations["text/plain"] == b"of Q3"
    assert alone.preview == "Peaks & valleys of Q3"
    assert known.text == "Peaks & valleys of Q3"


def test_a_page_with_a_title_is_equal_to_its_words_alone() -> None:
    page = b"<head><title>Peaks</title></head><p>of Q3</p><p>and Q4</p>"

    marked = read(offer(text__html=page))
    beside = read(offer(text__plain=b"of Q3\r\nand Q4", text__html=page))
    plain = read(offer(text__plain=b"of Q3\nand Q4"))

    assert marked is not None
    assert beside is not None
    assert plain is not None
    assert marked.text == beside.text == "Peaks\nof Q3\nand Q4"
    assert marked.digest_source == beside.digest_source == plain.digest_source


def test_a_link_is_known_by_its_name_and_equal_by_its_address() -> None:
    address = b"https://example.org/a?b=c"
    markup = b'<meta charset="utf-8"><a href="https://a.org">Peaks &amp; <b>valleys</b></a>'

    named = read(offer(text__plain=address, text__html=markup))
    bare = read(offer(text__plain=address))
    itself = read(offer(text__plain=address, text__html=b"<a href='x'>" + address + b"</a>"))

    assert named is not None
    assert bare is not None
    assert itself is not None
    assert named.text == f"{address.decode()}\nPeaks & valleys"
    assert bare.text == itself.text == address.decode()
    assert named.digest_source == bare.digest_source == address
    assert named.preview == bare.preview == address.decode()


def test_a_title_in_the_body_is_a_pictures_not_the_pages() -> None:
    page = b"<html><body><svg><title>logo</title></svg><p>words</body>"

    draft = read(offer(text__plain=b"words", text__html=page))

    assert draft is not None
    assert draft.text == "words"


@pytest.mark.parametrize(
    "piece", ["<a ", '<a b="', "<!--", "<!", "<script", "<script>", "<a =", "</a", "&#1"]
)
def test_hostile_markup_of_a_megabyte_is_read(piece: str) -> None:
    assert isinstance(plain_text(piece * (1_000_000 // len(piece))), str)


def test_a_file_on_a_drive_is_named_as_windows_does() -> None:
    draft = read(offer(text__uri_list=b"file:///C:/Users/an%20a/b.txt\r\n"))

    assert draft
    assert draft.text == "C:/Users/an a/b.txt"


def test_a_file_list_with_a_broken_address_keeps_the_others() -> None:
    draft = read(offer(text__uri_list=b"file://[\r\nfile:///home/a%20b\r\n"))

    assert draft
    assert draft.text == "/home/a b"
