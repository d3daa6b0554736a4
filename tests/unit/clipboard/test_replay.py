from __future__ import annotations

import json
import threading
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from weavclip.clipboard.formats import Limits
from weavclip.clipboard.replay import ReplaySource
from weavclip.domain.errors import ClipboardError, NoClipboardError

if TYPE_CHECKING:
    from pathlib import Path

    from weavclip.domain.clip import Offer


def replayed(source: ReplaySource) -> list[Offer]:
    return list(source.watch(threading.Event()))


def lines(folder: Path, *objects: object) -> Path:
    path = folder / "copies.jsonl"
    path.write_text("\n".join(json.dumps(each) for each in objects))
    return path


def test_a_folder_gives_its_files_in_the_order_of_their_names(tmp_path: Path) -> None:
    (tmp_path / "2.png").write_bytes(b"\x89PNG\xff")
    (tmp_path / "1.txt").write_text("ä")
    (tmp_path / "3.html").write_text("<b>a</b>")
    (tmp_path / "4.uri-list").write_text("file:///a\r\n")
    (tmp_path / ".hidden").write_text("no")
    (tmp_path / "folder").mkdir()

    offers = replayed(ReplaySource(tmp_path))

    assert [dict(each.representations) for each in offers] == [
        {"text/plain": "ä".encode()},
        {"image/png": b"\x89PNG\xff"},
        {"text/html": b"<b>a</b>"},
        {"text/uri-list": b"file:///a\r\n"},
    ]


def test_each_form_of_a_line_gives_its_copy(tmp_path: Path) -> None:
    (tmp_path / "a.png").write_bytes(b"\x89PNG")
    path = lines(
        tmp_path,
        {"text": "words", "app": "Editor", "at": "2026-11-21T10:00:00+01:00"},
        {"html": "<i>b</i>", "text": "b"},
        {"file": "a.png"},
        {"types": ["TARGETS", "x-kde-passwordManagerHint"]},
    )

    first, html, picture, bare = replayed(ReplaySource(path))

    assert (first.source_app, first.at) == ("Editor", datetime(2026, 11, 21, 9, tzinfo=UTC))
    assert html.representations == {"text/html": b"<i>b</i>", "text/plain": b"b"}
    assert picture.representations == {"image/png": b"\x89PNG"}
    assert (bare.types, bare.representations) == (("TARGETS", "x-kde-passwordManagerHint"), {})


def test_a_type_that_forbids_reading_leaves_the_content_out(tmp_path: Path) -> None:
    path = lines(tmp_path, {"text": "hunter2", "types": ["secret"]})

    (offer,) = replayed(ReplaySource(path, unread_types=frozenset({"secret"})))

    assert (offer.types, offer.representations) == (("secret",), {})


def test_a_file_over_the_limit_is_told_without_its_bytes(tmp_path: Path) -> None:
    (tmp_path / "a.png").write_bytes(bytes(11))

    (offer,) = replayed(ReplaySource(tmp_path, limits=Limits(max_image_bytes=10)))

    assert offer.problems == ("image/png is over max_image_bytes=10",)
    assert (offer.types, offer.representations) == (("image/png",), {})


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        ('{"text": "hunter2"', "is not JSON"),
        ('"hunter2"', "is not an object"),
        ('{"words": "hunter2"}', "has none of text, html, file, types"),
        ('{"text": ["hunter2"]}', "has a text that is not a string"),
        ('{"types": "hunter2"}', "has types that are not a list"),
        ('{"text": "hunter2", "at": "noon"}', "has an at that is not an ISO time"),
        ('{"file": "absent.png"}', "line 3, cannot be read"),
    ],
)
def test_a_bad_line_is_named_by_its_number_not_its_content(
    tmp_path: Path, line: str, problem: str
) -> None:
    path = tmp_path / "copies.jsonl"
    path.write_text('{"text": "good"}\n\n' + line)

    with pytest.raises(ClipboardError, match=problem) as raised:
        replayed(ReplaySource(path))

    assert "line 3" in str(raised.value)
    assert "hunter2" not in str(raised.value)
    assert raised.value.hint


def test_a_path_that_is_not_there_says_which_setting_names_it(tmp_path: Path) -> None:
    with pytest.raises(NoClipboardError, match="absent") as raised:
        replayed(ReplaySource(tmp_path / "absent"))

    assert "WEAVCLIP_REPLAY" in raised.value.hint
