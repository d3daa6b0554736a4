"""Hits as a person and as a program read them."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import TYPE_CHECKING, cast
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.cli.clips import NOW, make_clip, make_hit, make_picture
from weavclip.cli import render
from weavclip.cli.printable import cells
from weavclip.cli.terminal import Protocol, Screen
from weavclip.domain.clip import Kind
from weavclip.domain.query import Evidence, Way

if TYPE_CHECKING:
    from collections.abc import Sequence

    from weavclip.domain.query import Hit
    from weavclip.domain.stores import Journal

PLAIN = Screen(is_terminal=True, columns=100)


class Thumbnails:
    """A journal that knows thumbnails only."""

    def __init__(self, **by_number: bytes) -> None:
        self._known = by_number

    def thumbnail(self, clip_id: UUID) -> bytes | None:
        return self._known.get(f"n{clip_id.int}")


def laid_out(hits: Sequence[Hit], screen: Screen = PLAIN, *, explain: bool = False) -> list[str]:
    short = {hit.clip.id: str(hit.clip.id)[-4:] for hit in hits}
    listing = render.Listing(screen=screen, short_ids=short, now=NOW, explain=explain)
    return list(listing.lines(hits, journal=cast("Journal", Thumbnails())))


def test_a_line_has_place_relevance_kind_words_time_program_and_id() -> None:
    line = laid_out([make_hit(make_clip(source_app="Slack"))])[0]

    assert line.startswith('1  92 %  text  "two peaks in Q3" ')
    assert line.endswith("Mon 09:10  Slack  0001")


def test_a_picture_is_named_by_its_size() -> None:
    assert laid_out([make_hit(make_picture())])[0].startswith("1  92 %  image  1280 x 720 ")


def test_what_is_nearly_equal_is_counted() -> None:
    alike = (UUID(int=8), UUID(int=9))
    hits = [make_hit(make_clip(source_app="Slack"), alike=alike), make_hit(make_clip(number=2))]

    lines = laid_out(hits)

    assert lines[0].endswith("+2 alike  Mon 09:10  Slack  0001")
    assert "alike" not in lines[1]
    assert json.loads(render.as_json(hits))[0]["alike"] == [str(each) for each in alike]
    assert render.record(hits[0]).count("\t") == 4


def test_without_calibration_there_is_no_percentage() -> None:
    assert "%" not in laid_out([make_hit(relevance=None)])[0]


def test_percentages_end_below_each_other() -> None:
    lines = laid_out([make_hit(relevance=0.92), make_hit(relevance=0.05)])

    assert [line[3:8] for line in lines] == ["92 % ", " 5 % "]


def test_words_found_in_a_picture_follow_its_line() -> None:
    lines = laid_out([make_hit(make_picture(), in_picture="Revenue by \x1bquarter")])

    assert lines[1].strip() == "Revenue by ␛quarter   words found in it"


def test_explain_says_value_place_words_and_probability_of_each_way() -> None:
    ways = (
        Evidence(way=Way.IMAGE, value=0.71, chance=0.424, place=3),
        Evidence(way=Way.SENTENCE, value=0.5, chance=0.1),
        Evidence(way=Way.WORDS, value=8.2, place=1, words=("two", "\x1bpeaks")),
        Evidence(way=Way.EXACT, value=1.0, chance=0.99, place=1),
    )

    lines = laid_out([make_hit(ways=ways)], Screen(is_terminal=True, columns=200), explain=True)

    assert lines[1].strip() == (
        "image: distance 0.710, no. 3, 42 % · sentence: distance 0.500, past its list, 10 %"
        " · words: BM25 8.20, no. 1, two ␛peaks · contains the words as typed: no. 1, 99 %"
    )


def test_json_explains_on_demand() -> None:
    ways = (Evidence(way=Way.WORDS, value=8.2, chance=0.5, place=1, words=("peaks",)),)

    (explained,) = json.loads(render.as_json([make_hit(ways=ways)], explain=True))

    words = {"value": 8.2, "probability": 0.5, "place": 1, "words": ["peaks"]}
    assert explained["ways"] == {"words": words}


@given(
    st.lists(st.text(st.characters(exclude_categories=()), max_size=60), min_size=1, max_size=5),
    st.integers(20, 200),
)
def test_no_line_is_wider_than_the_terminal(previews: list[str], columns: int) -> None:
    clips = [
        make_clip(preview, number=place, source_app=preview)
        for place, preview in enumerate(previews, start=1)
    ]

    lines = laid_out([make_hit(clip) for clip in clips], Screen(is_terminal=True, columns=columns))

    assert max(map(cells, lines)) <= columns


@pytest.mark.parametrize(
    ("columns", "line"),
    [
        (56, '1  92 %  text  "two peaks in Q3"  Mon 09:10  Slack  0001'),
        (49, '1  92 %  text  "two peaks in Q3"  Mon 09:10  0001'),
        (43, '1  92 %  "two peaks in Q3"  Mon 09:10  0001'),
        (28, '1  92 %  "two peaks …"  0001'),
    ],
)
def test_what_is_left_out_of_a_narrow_line_is_what_tells_the_least(
    columns: int, line: str
) -> None:
    screen = Screen(is_terminal=True, columns=columns)

    (shown,) = laid_out([make_hit(make_clip(source_app="Slack"))], screen)

    assert shown == line


def test_an_explanation_keeps_its_indent_on_each_of_its_lines() -> None:
    ways = tuple(
        Evidence(way=way, value=0.5, chance=0.1, place=1) for way in (Way.IMAGE, Way.TEXT)
    )

    lines = laid_out([make_hit(ways=ways)], Screen(is_terminal=True, columns=44), explain=True)

    assert [line[:9].strip() for line in lines[1:]] == ["", ""]
    assert [line.split(":")[0].strip() for line in lines[1:]] == ["image", "text"]


def test_colours_are_ended_on_each_line() -> None:
    screen = Screen(is_terminal=True, columns=100, colours=True)

    line = laid_out([make_hit()], screen)[0]

    assert line.count("\x1b[0m") * 2 == line.count("\x1b[")


def test_a_picture_without_a_thumbnail_is_a_line_only() -> None:
    screen = Screen(is_terminal=True, columns=100, pictures=Protocol.BLOCKS)

    assert len(laid_out([make_hit(make_picture())], screen)) == 1


def test_a_record_has_five_columns() -> None:
    hit = make_hit(make_clip("a\tb\nc"))

    columns = render.record(hit).split("\t")

    expected = [str(hit.clip.id), "text", "2026-11-16T09:10:00+00:00", "0.920", "a␉b␊c"]
    assert columns == expected


def test_an_explained_record_has_a_sixth_column() -> None:
    ways = (Evidence(way=Way.WORDS, value=8.2, chance=0.5, place=1, words=("a\tb",)),)

    columns = render.record(make_hit(ways=ways), explain=True).split("\t")

    assert columns[5:] == ["words: BM25 8.20, no. 1, a␉b, 50 %"]


def test_a_record_without_calibration_keeps_its_columns() -> None:
    assert render.record(make_hit(relevance=None)).split("\t")[3] == ""


def test_json_has_the_documented_keys() -> None:
    objects = json.loads(render.as_json([make_hit(make_picture())], index="exact"))

    expected = (
        "id kind preview captured_at copies source_app width_px height_px distance relevance index"
        " alike expires_at"
    )
    assert list(objects[0]) == expected.split()
    assert objects[0]["width_px"] == 1280
    assert objects[0]["source_app"] is None


@given(st.text(st.characters(exclude_categories=())))
def test_json_is_safe_on_a_terminal_and_loses_nothing(preview: str) -> None:
    printed = render.as_json([make_hit(make_clip(preview))])

    assert printed.isascii()
    assert json.loads(printed)[0]["preview"] == preview


def test_json_of_nothing_is_an_empty_array() -> None:
    assert json.loads(render.as_json([])) == []


@pytest.mark.parametrize(
    ("nearest", "said"),
    [
        (None, "nothing fits."),
        (
            make_hit(relevance=0.09),
            'nothing fits. nearest: "two peaks in Q3" (9 %). --all shows it',
        ),
        (
            make_hit(make_clip("https://a.example", kind=Kind.LINK), relevance=None),
            "nothing fits. nearest: https://a.example. --all shows it",
        ),
    ],
)
def test_nothing_fits_names_the_nearest(nearest: Hit | None, said: str) -> None:
    assert render.nothing_fits(nearest, total=3) == said


def test_where_nothing_is_kept_yet_the_next_step_is_said() -> None:
    said = render.nothing_fits(None, total=0)

    assert said.startswith("there is nothing to look through")
    assert "weavclip watch" in said
    assert "weavclip add" in said


def test_an_expiring_clip_says_when_it_is_gone() -> None:
    clip = make_clip("secret", expires_at=NOW + timedelta(minutes=8, seconds=5))

    assert render.gone_in(clip, now=NOW) == ", gone in 9 min"
    assert render.gone_in(make_clip("kept"), now=NOW) == ""
