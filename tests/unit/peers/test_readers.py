from __future__ import annotations

import base64
import os
import shutil
import sqlite3
import struct
from contextlib import closing, suppress
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.unit.peers import writing
from weavclip.domain.errors import ArchiveError
from weavclip.peers import choose
from weavclip.peers.item import SECRET
from weavclip.pipeline.ingest import sniff

if TYPE_CHECKING:
    from pathlib import Path

    from weavclip.peers.item import Item

MTIME = 1_700_000_000
PLACES = st.integers(0, 10**6)
PNG = b"\x89PNG\r\n\x1a\n" + bytes(20)


def read(path: Path) -> list[Item]:
    return list(choose.read(path, choose.recognised(path), sniff=sniff))


def written(path: Path, content: bytes) -> Path:
    path.write_bytes(content)
    os.utime(path, (MTIME, MTIME))
    return path


def contents(items: list[Item]) -> list[dict[str, bytes]]:
    return [dict(item.offer.representations) for item in items]


def test_copyq_items_come_with_every_type_and_in_order(tmp_path: Path) -> None:
    both = {"text/plain": b"two", "text/html": b"<b>two</b>", "application/x-copyq-tags": b"t"}
    content = writing.copyq(
        [
            [writing.copyq_item({"text/plain": "größer".encode()}), writing.copyq_item(both)],
            [writing.copyq_item({"image/png": PNG}, compress=True)],
            [writing.old_copyq_item({"text/plain": b"old", "text/html": b""})],
        ]
    )

    found = read(written(tmp_path / "x.cpq", content))

    assert contents(found) == [
        {"text/plain": "größer".encode()},
        {"text/plain": b"two", "text/html": b"<b>two</b>"},
        {"image/png": PNG},
        {"text/plain": b"old", "text/html": b""},
    ]
    newest = datetime.fromtimestamp(MTIME, UTC)
    assert [item.offer.at for item in found] == [
        newest - timedelta(milliseconds=place) for place in range(4)
    ]


def test_copyqs_short_names_of_types_are_spelt_out(tmp_path: Path) -> None:
    names = ("4;charset=utf-8", "7png", "bmp4")
    item = b"".join(writing.text(name) + b"\0" + writing.sized(b"x") for name in names)

    content = writing.copyq([[struct.pack(">iI", -2, 3) + item]])
    found = read(written(tmp_path / "x.cpq", content))

    assert list(contents(found)[0]) == ["text/plain;charset=utf-8", "image/png", "video/mp4"]


def test_copyqs_settings_of_any_type_are_passed_over(tmp_path: Path) -> None:
    values = {
        "a": writing.variant(1, b"\1"),
        "b": writing.variant(8, writing.mapped({"x": writing.variant(10, b"\xff\xff\xff\xff")})),
        "c": writing.variant(11, struct.pack(">I", 2) + writing.text("x") + writing.text("y")),
        "d": writing.variant(9, struct.pack(">I", 1) + writing.variant(6, bytes(8))),
        "e": writing.variant(0, b""),
        "f": writing.variant(21, bytes(8)),
    }
    item = writing.copyq_item({"text/plain": b"one"})

    found = read(written(tmp_path / "x.cpq", writing.copyq([[item]], settings=values)))

    assert contents(found) == [{"text/plain": b"one"}]


def test_what_copyq_marks_as_secret_is_marked_for_the_gate(tmp_path: Path) -> None:
    item = writing.copyq_item({"text/plain": b"hunter2", "application/x-copyq-secret": b"1"})

    (found,) = read(written(tmp_path / "x.cpq", writing.copyq([[item]])))

    assert SECRET in found.offer.types


def test_an_export_of_copyq_of_another_version_is_named(tmp_path: Path) -> None:
    path = written(tmp_path / "x.cpq", writing.sized(b"CopyQ v5") + bytes(100))

    with pytest.raises(ArchiveError, match="version '5', not 4"):
        read(path)


def test_cliphists_entries_come_with_their_types_and_in_order(tmp_path: Path) -> None:
    large = b"words " * 2000
    found = read(written(tmp_path / "db", writing.cliphist({3: b"one", 5: PNG, 6: large})))

    assert contents(found) == [{"text/plain": b"one"}, {"image/png": PNG}, {"text/plain": large}]
    newest = datetime.fromtimestamp(MTIME, UTC)
    assert [newest - item.offer.at for item in found] == [
        timedelta(milliseconds=place) for place in (3, 1, 0)
    ]


def test_cliphists_small_bucket_lies_in_its_parent(tmp_path: Path) -> None:
    inline = writing.leaf(0, [(0, struct.pack(">Q", 1), b"one")])[:100]

    found = read(written(tmp_path / "db", writing.bolt(inline, [], last=1, root=0)))

    assert contents(found) == [{"text/plain": b"one"}]


def test_cliphists_branches_are_followed(tmp_path: Path) -> None:
    leaves = [
        writing.leaf(5 + each, [(0, struct.pack(">Q", each), b"entry %d" % each)])
        for each in range(3)
    ]
    content = writing.bolt(b"", [writing.branch(4, [5, 6, 7]), *leaves], last=2, root=4)

    found = read(written(tmp_path / "db", content))

    assert contents(found) == [{"text/plain": b"entry %d" % each} for each in range(3)]


def test_a_torn_first_page_leaves_the_second(tmp_path: Path) -> None:
    content = bytearray(writing.cliphist({1: b"one"}))
    content[60] ^= 1

    assert contents(read(written(tmp_path / "db", bytes(content)))) == [{"text/plain": b"one"}]


def test_a_ring_of_pages_ends(tmp_path: Path) -> None:
    pages = [writing.branch(4, [5, 5]), writing.branch(5, [4])]
    path = written(tmp_path / "db", writing.bolt(b"", pages, last=2, root=4))

    with pytest.raises(ArchiveError, match="is damaged"):
        read(path)


def test_maccys_entries_come_with_their_times_and_programs(tmp_path: Path) -> None:
    path = tmp_path / "Storage.sqlite"
    writing.maccy(
        path,
        [
            (
                ("com.apple.Safari", 0.0, 86400.5, 3, "b"),
                {"public.utf8-plain-text": b"one", "public.html": b"<p>one", "odd": b"x"},
            ),
            ((None, 700_000_000, 700_000_000, 1, None), {"public.png": PNG}),
            (
                (None, None, None, 1, None),
                {"public.file-url": b"file:///srv/a", "org.nspasteboard.ConcealedType": b""},
            ),
        ],
    )

    second, first, third = read(path)

    assert contents([first]) == [{"text/plain": b"one", "text/html": b"<p>one"}]
    assert (first.offer.source_app, first.pinned) == ("com.apple.Safari", True)
    assert first.offer.at == datetime(2001, 1, 1, tzinfo=UTC)
    assert first.again_at == datetime(2001, 1, 2, 0, 0, 0, 500_000, UTC)
    assert (contents([second]), second.again_at) == ([{"image/png": PNG}], None)
    assert contents([third]) == [{"text/uri-list": b"file:///srv/a"}]
    assert "org.nspasteboard.ConcealedType" in third.offer.types


def test_a_maccy_store_is_read_while_its_log_is_beside_it(tmp_path: Path) -> None:
    path = tmp_path / "Storage.sqlite"
    writing.maccy(path, [((None, 1, 1, 1, None), {"public.utf8-plain-text": b"one"})])
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("UPDATE ZHISTORYITEMCONTENT SET ZVALUE = ?", (b"two",))
        connection.commit()

        assert contents(read(path)) == [{"text/plain": b"two"}]


def test_a_view_that_computes_without_end_is_no_history(tmp_path: Path) -> None:
    path = tmp_path / "Storage.sqlite"
    with closing(sqlite3.connect(path)) as connection:
        for name in ("ZHISTORYITEM", "ZHISTORYITEMCONTENT"):
            connection.execute(
                f"CREATE VIEW {name} AS WITH RECURSIVE n(x) AS"  # noqa: S608 - two constants
                " (SELECT 1 UNION ALL SELECT x + 1 FROM n) SELECT x FROM n"
            )

    assert choose.recognised(path) == ""


HISTORY = """<?xml version="1.0" encoding="UTF-8"?>
<history version="2.0">
  <item kind="Text" uuid="1">
    <value><![CDATA[a <b&gt; &amp;amp; ]]&gt; x]]></value>
    <value mime="text-html"><![CDATA[{html}]]></value>
  </item>
  <item kind="Uris" uuid="2"><value><![CDATA[/srv/a b
/srv/c]]></value></item>
  <item kind="Password" uuid="3" name="bank"><value><![CDATA[hunter2]]></value></item>
  <item kind="Image" uuid="4" date="1600000000"><value><![CDATA[{image}]]></value></item>
  <item kind="Image" uuid="5" date="x"><value><![CDATA[/etc/hostname]]></value></item>
  <item kind="Text" uuid="6" favourite="true"><value><![CDATA[kept]]></value></item>
  <item kind="Text">old form</item>
</history>
"""


def test_gpastes_entries_come_with_pictures_and_hints(tmp_path: Path) -> None:
    images = tmp_path / "images"
    images.mkdir()
    (images / "p.png").write_bytes(PNG)
    html = base64.b64encode(b"<b>a</b>").decode()
    history = HISTORY.format(html=html, image="/home/somebody/images/p.png")

    found = read(written(tmp_path / "history.xml", history.encode()))

    assert contents(found) == [
        {"text/plain": b"a <b> &amp; ]]> x", "text/html": b"<b>a</b>"},
        {
            "text/plain": b"/srv/a b\n/srv/c",
            "text/uri-list": b"file:///srv/a%20b\r\nfile:///srv/c",
        },
        {"text/plain": b"hunter2"},
        {"image/png": PNG},
        {"text/plain": b"kept"},
        {"text/plain": b"old form"},
    ]
    assert [SECRET in item.offer.types for item in found] == [False, False, True, *[False] * 3]
    assert [item.pinned for item in found] == [*[False] * 4, True, False]
    assert found[3].offer.at == datetime.fromtimestamp(1_600_000_000, UTC)


@pytest.mark.parametrize("named", ["../history.xml", "/etc/hostname", "link.png", "", ".."])
def test_a_picture_of_gpastes_is_read_from_its_folder_only(tmp_path: Path, named: str) -> None:
    (tmp_path / "images").mkdir()
    outside = tmp_path / "outside.png"
    outside.write_bytes(PNG)
    (tmp_path / "images" / "link.png").symlink_to(outside)
    history = HISTORY.format(html="", image=named)

    found = read(written(tmp_path / "history.xml", history.encode()))

    assert len(found) == 5


def test_entities_that_grow_are_refused(tmp_path: Path) -> None:
    history = (
        b'<?xml version="1.0"?><!DOCTYPE h [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;">]>'
        b'<history version="2.0"><item kind="Text"><value>&b;</value></item></history>'
    )

    with pytest.raises(ArchiveError, match="is damaged"):
        read(written(tmp_path / "history.xml", history))


@pytest.fixture(scope="module")
def samples(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A history of each manager, by its name."""
    folder = tmp_path_factory.mktemp("samples")
    item = writing.copyq_item({"text/plain": b"one" * 50, "text/html": b"<p>" * 50})
    picture = writing.copyq_item({"image/png": PNG}, compress=True)
    entries = {each: b"entry %d" % each for each in range(20)}
    (folder / "copyq").write_bytes(writing.copyq([[item, picture]]))
    (folder / "cliphist").write_bytes(writing.cliphist(entries))
    (folder / "gpaste").write_text(HISTORY.format(html="", image="x"))
    described = ("x", 1, 2, 1, None)
    writing.maccy(folder / "maccy", [(described, {"public.utf8-plain-text": b"one"})] * 3)
    return folder


@pytest.mark.parametrize("name", choose.READERS)
@given(
    changes=st.lists(st.tuples(PLACES, st.integers(0, 255)), min_size=1, max_size=8),
    cut=st.none() | PLACES,
)
@settings(max_examples=80)
def test_a_damaged_history_is_told_or_read_and_never_more(
    tmp_path_factory: pytest.TempPathFactory,
    samples: Path,
    name: str,
    changes: list[tuple[int, int]],
    cut: int | None,
) -> None:
    folder = tmp_path_factory.mktemp("damaged")
    try:
        content = bytearray((samples / name).read_bytes())
        for place, byte in changes:
            content[place % len(content)] = byte
        if cut is not None:
            del content[cut % len(content) :]
        path = written(folder / "damaged", bytes(content))

        found = []
        with suppress(ArchiveError):
            found = read(path) if choose.recognised(path) == name else []
        assert sum(len(each) for item in contents(found) for each in item.values()) < 10**6
    finally:
        shutil.rmtree(folder)


@pytest.mark.parametrize("name", choose.READERS)
def test_another_file_is_refused_by_name(tmp_path: Path, name: str) -> None:
    path = written(tmp_path / "notes.txt", b"notes")

    assert choose.recognised(path) == ""
    with pytest.raises(ArchiveError, match="is no "):
        choose.read(path, name, sniff=sniff)


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(ArchiveError, match="absent cannot be read: No such file"):
        choose.recognised(tmp_path / "absent")


def test_a_length_that_lies_costs_no_memory(tmp_path: Path) -> None:
    honest = writing.copyq([[writing.copyq_item({"text/plain": b"one"})]])
    lies = honest[:-7] + struct.pack(">I", 2**31) + honest[-3:]

    with pytest.raises(ArchiveError, match="is damaged"):
        read(written(tmp_path / "x.cpq", lies))


def test_what_grows_when_it_is_unpacked_stays_within_what_it_announced(tmp_path: Path) -> None:
    item = bytearray(writing.copyq_item({"text/plain": bytes(10**6)}, compress=True))
    at = item.index(struct.pack(">I", 10**6))
    item[at : at + 4] = struct.pack(">I", 10)

    with pytest.raises(ArchiveError, match="is damaged"):
        read(written(tmp_path / "x.cpq", writing.copyq([[bytes(item)]])))
