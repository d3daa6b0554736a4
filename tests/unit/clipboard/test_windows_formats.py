from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from weavclip.clipboard.formats import MARKER
from weavclip.clipboard.windows_formats import (
    content_of,
    drop_files,
    html_format,
    html_of,
    path_of,
    readable,
    unicode_text,
    written,
)


def test_the_first_of_two_formats_for_one_type_is_read() -> None:
    assert readable(["CF_BITMAP", "CF_DIB", "CF_DIBV5"]) == {"image/bmp": "CF_DIB"}
    assert readable(["CF_DIBV5", "CF_BITMAP", "CF_DIB"]) == {"image/bmp": "CF_DIBV5"}
    assert readable(["Rich Text Format", "CF_UNICODETEXT"]) == {"text/plain": "CF_UNICODETEXT"}


@pytest.mark.parametrize(
    ("raw", "text"),
    [
        ("ä\r\nb\0".encode("utf-16-le"), "ä\r\nb"),
        ("a\0rest of an older text".encode("utf-16-le"), "a"),
        ("no end".encode("utf-16-le"), "no end"),
        ("🥊\0".encode("utf-16-le"), "🥊"),
        (b"\x3d\xd8a\0\0\0", "\N{REPLACEMENT CHARACTER}a"),
        ("a\0".encode("utf-16-le") + b"\x01", "a"),
        (b"", ""),
    ],
)
def test_a_text_ends_at_its_nul_and_is_utf_8(raw: bytes, text: str) -> None:
    assert content_of("CF_UNICODETEXT", raw).decode() == text


@given(st.text(st.characters(exclude_characters="\0\r")))
def test_a_text_survives_the_clipboard_but_for_its_line_ends(text: str) -> None:
    pasted = content_of("CF_UNICODETEXT", unicode_text(text.encode(errors="replace"))).decode()

    assert pasted.replace("\r\n", "\n") == text.encode(errors="replace").decode()
    assert re.search(r"(?<!\r)\n", pasted) is None


def test_html_as_microsoft_shows_it_is_read_by_its_offsets() -> None:
    html = "<html><body><!--StartFragment-->ä <b>b</b><!--EndFragment--></body></html>".encode()
    head = "Version:1.0\r\nStartHTML:{:09d}\r\nEndHTML:{:09d}\r\nStartFragment:{:09d}\r\n"
    head += "EndFragment:{:09d}\r\nSourceURL:https://example.org/\r\n"
    size = len(head.format(0, 0, 0, 0))
    begin, end = html.index(b"-->") + 3, html.index(b"<!--End")
    raw = head.format(size, size + len(html), size + begin, size + end).encode() + html

    assert html_of(raw + b"\0\0").decode() == "ä <b>b</b>"


@pytest.mark.parametrize(
    "raw",
    [
        pytest.param(
            b"Version:1.0\nStartHTML:-1\nEndHTML:-1\nStartFragment:68\nEndFragment:76\n<b>x</b>"
            b" left",
            id="no context",
        ),
        pytest.param(
            "Version:1.0\r\nStartFragment:30\r\nEndFragment:35\r\n<p>ä</p>"
            "<!--StartFragment--><b>x</b><!--EndFragment-->".encode(),
            id="offsets count something else",
        ),
        pytest.param(
            b"Version:0.9\r\nStartFragment:99999\r\nEndFragment:3\r\n"
            b"<!-- StartFragment --><b>x</b><!-- EndFragment -->",
            id="offsets outside, comments with blanks",
        ),
        pytest.param(b"<!--StartFragment--><b>x</b><!--EndFragment-->", id="no header"),
        pytest.param(b"<b>x</b>", id="nothing but the fragment"),
    ],
)
def test_html_with_wrong_or_missing_offsets_is_found(raw: bytes) -> None:
    assert html_of(raw) == b"<b>x</b>"


@given(st.text(max_size=200), st.booleans())
def test_html_survives_the_clipboard(words: str, is_page: bool) -> None:  # noqa: FBT001 - hypothesis'
    fragment = words.replace("<", "").replace("\0", "").encode(errors="replace")
    content = b"<html><body class=x>" + fragment + b"</body></html>" if is_page else fragment

    raw = html_format(content)

    assert html_of(raw) == fragment
    offsets = {name: int(value) for name, value in re.findall(rb"(\w+):(\d{10})", raw)}
    assert raw[: offsets[b"StartHTML"]].endswith(b"\r\n")
    assert raw[offsets[b"StartHTML"] :].startswith(b"<html>")
    assert raw[: offsets[b"EndHTML"]].endswith(b"</html>")
    assert raw[: offsets[b"StartFragment"]].endswith(b"<!--StartFragment-->")
    assert raw[offsets[b"EndFragment"] :].startswith(b"<!--EndFragment-->")


PATHS = {
    r"C:\Users\an a\ü.png": "file:///C:/Users/an%20a/%C3%BC.png",
    r"\\server\share\x": "file://server/share/x",
}


def test_dropped_files_become_uris_and_go_back() -> None:
    raw = drop_files(list(PATHS))

    assert content_of("CF_HDROP", raw).decode().split() == list(PATHS.values())
    assert [path_of(uri) for uri in PATHS.values()] == list(PATHS)


def test_dropped_files_of_a_program_that_is_not_wide_are_read() -> None:
    head = (20).to_bytes(4, "little") + bytes(16)

    assert content_of("CF_HDROP", head + b"C:\\a.txt\0C:\\\xe4\0\0") == (
        b"file:///C:/a.txt\r\nfile:///C:/%C3%A4\r\n"
    )


@pytest.mark.parametrize("raw", [b"", bytes(19)])
def test_a_torn_list_of_files_is_refused(raw: bytes) -> None:
    with pytest.raises(ValueError, match="is cut short"):
        content_of("CF_HDROP", raw)


@pytest.mark.parametrize("uri", ["https://a/", "file:///etc/passwd", "file://[", "", "C:/a"])
def test_what_names_no_windows_file_is_not_dropped(uri: str) -> None:
    assert path_of(uri) == ""
    assert "CF_HDROP" not in written({"text/uri-list": uri.encode()}, b"mark")


def test_a_clip_is_offered_under_windows_names_most_telling_first() -> None:
    representations = {
        "text/plain": b"a",
        "text/html": b"<b>a</b>",
        "image/png": b"png",
        "image/jpeg": b"jpeg",
        "application/x-other": b"no",
    }

    found = written(representations, b"mark")

    assert list(found) == ["PNG", "JFIF", "HTML Format", "CF_UNICODETEXT", MARKER]
    assert found[MARKER] == b"mark"
    assert found["PNG"] == b"png"


def test_a_damaged_bitmap_is_left_out() -> None:
    assert list(written({"image/bmp": b"BMxx", "text/plain": b"a"}, b"mark")) == [
        "CF_UNICODETEXT",
        MARKER,
    ]
