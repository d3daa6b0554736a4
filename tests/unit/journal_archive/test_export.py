from __future__ import annotations

import hashlib
import io
import json
import subprocess
import tarfile
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.unit.journal.drafts import AT, MODEL, opened, picture_draft, text_draft
from tests.unit.journal_archive.filling import (
    all_kept,
    exported,
    filled,
    members,
    taken_in,
    tape_of,
)
from tests.waiting import WITHIN_S
from weavclip.domain.clip import Clip, Kind, Stage, new_id
from weavclip.domain.errors import ArchiveError, DiskReserveError, UnknownClipError
from weavclip.domain.query import Filter, Space
from weavclip.domain.seen import Box, Seen, SeenLine
from weavclip.journal.archive import exporting, records
from weavclip.journal.archive.records import Kept, Large
from weavclip.journal.store import SqliteJournal

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


def test_what_is_imported_is_what_was_exported(tmp_path: Path) -> None:
    filled(tmp_path / "one")
    with opened(tmp_path / "one") as one, opened(tmp_path / "two") as two:
        outcome = taken_in(two, exported(one, with_vectors=True))

        assert outcome == (5, 0, 0)
        assert all_kept(two, models=[MODEL]) == all_kept(one, models=[MODEL])


def test_an_imported_picture_is_found_by_its_words_and_read_anew_for_their_places(
    tmp_path: Path,
) -> None:
    seen = Seen((SeenLine(("heron",), (Box(1, 2, 30, 12),)),))
    with opened(tmp_path / "one") as one, opened(tmp_path / "two") as two:
        picture = one.add(picture_draft(b"one")).id
        one.seen_in_picture(picture, seen)

        taken_in(two, exported(one))

        hits = two.match_words("heron", limit=9, where=Filter())
        assert [hit.id for hit in hits] == [picture]
        assert two.boxes(picture) == ()
        assert [clip.id for clip in two.unread(limit=9)] == [picture]


def test_imported_vectors_need_no_embedding(tmp_path: Path) -> None:
    filled(tmp_path / "one")
    with opened(tmp_path / "one") as one, opened(tmp_path / "two") as two:
        taken_in(two, exported(one, with_vectors=True))

        counts = two.stage_counts(MODEL)

        assert (counts[Stage.EMBEDDED], counts[Stage.CAPTURED]) == (2, 3)


@pytest.mark.parametrize("row", [bytes(4), b"\0\0\xc0\x7f" * 8])
def test_vectors_that_no_model_here_could_have_made_are_left_out(
    tmp_path: Path, row: bytes
) -> None:
    odd = replace(_kept(text="words"), vectors={MODEL: {Space.TEXT: row}, "other": {}})
    with opened(tmp_path / "one") as one, opened(tmp_path / "two") as two:
        line, _ = records.written(odd)
        parts = members(exported(one))
        lines = (exporting.batch_name(1, line), line)
        content = tape_of([parts[0], lines, ("end.json", b'{"clips": 1}')])

        with suppress(ArchiveError):
            taken_in(two, content)

        assert two.count() == 1
        assert two.model_ids() == []
        assert two.stage_counts(MODEL)[Stage.CAPTURED] == 1


def test_vectors_are_exported_when_asked_for_only(tmp_path: Path) -> None:
    filled(tmp_path / "one")
    with opened(tmp_path / "one") as one, opened(tmp_path / "two") as two:
        taken_in(two, exported(one))

        assert two.model_ids() == []


def test_a_second_import_adds_nothing(tmp_path: Path) -> None:
    filled(tmp_path / "one")
    with opened(tmp_path / "one") as one, opened(tmp_path / "two") as two:
        content = exported(one, with_vectors=True)
        taken_in(two, content)
        before, changes = all_kept(two, models=[MODEL]), two.stage_counts(MODEL)

        outcome = taken_in(two, content)

        assert outcome == (0, 0, 5)
        assert (all_kept(two, models=[MODEL]), two.stage_counts(MODEL)) == (before, changes)


def test_a_link_with_a_name_is_equal_to_one_without_in_another_journal(tmp_path: Path) -> None:
    address = "https://example.org/a"
    with opened(tmp_path / "one") as one, opened(tmp_path / "two") as two:
        bare = text_draft(address, kind=Kind.LINK)
        one.add(replace(bare, text=f"{address}\na name"))
        two.add(bare)

        assert taken_in(two, exported(one)) == (0, 1, 0)


def test_a_page_with_a_title_is_equal_to_its_words_in_another_journal(tmp_path: Path) -> None:
    words = text_draft("two peaks\nin Q3")
    titled = "The quarter\ntwo peaks\nin Q3"
    markup = {**words.representations, "text/html": b"<title>The quarter</title>two peaks<p>in Q3"}
    page = replace(
        words, kind=Kind.HTML, mime_type="text/html", text=titled, representations=markup
    )
    with opened(tmp_path / "one") as one, opened(tmp_path / "two") as two:
        one.add(page)
        two.add(words)

        assert taken_in(two, exported(one)) == (0, 1, 0)
        assert one.equal_to(words) is not None


def test_an_equal_clip_counts_both_once_and_leads_to_the_other_id(tmp_path: Path) -> None:
    with opened(tmp_path / "one") as one, opened(tmp_path / "two") as two:
        there = one.add(text_draft("same", at=AT - timedelta(days=1))).id
        one.add(text_draft("same", at=AT + timedelta(days=1)))
        one.pin(there, pinned=True)
        one.label_found({there: ["there"]}, 1)
        here = two.add(text_draft("same")).id
        two.label_found({here: ["here"]}, 1)
        content = exported(one)

        outcomes = taken_in(two, content), taken_in(two, content)

        clip = two.get(there)
        assert outcomes == ((0, 1, 0), (0, 0, 1))
        assert (clip.id, clip.copies, clip.pinned) == (here, 3, True)
        assert clip.captured_at == AT - timedelta(days=1)
        assert clip.last_copied_at == AT + timedelta(days=1)
        assert clip.labels == ("here", "there")


def test_a_known_clip_takes_the_larger_count(tmp_path: Path) -> None:
    with opened(tmp_path / "one") as one, opened(tmp_path / "two") as two:
        clip_id = one.add(text_draft("same")).id
        taken_in(two, exported(one))
        for day in (1, 2):
            one.add(text_draft("same", at=AT + timedelta(days=day)))

        taken_in(two, exported(one))

        assert two.get(clip_id) == one.get(clip_id)


def test_an_equal_clip_brings_types_that_were_not_there(tmp_path: Path) -> None:
    with opened(tmp_path / "one") as one, opened(tmp_path / "two") as two:
        plain = text_draft("same")
        more = {**plain.representations, "text/rtf": b"{\\rtf same}"}
        one.add(replace(plain, representations=more))
        here = two.add(plain).id

        taken_in(two, exported(one))

        assert two.representations(here) == more


def test_an_equal_clip_that_was_to_expire_stays(tmp_path: Path) -> None:
    with opened(tmp_path / "one") as one, opened(tmp_path / "two") as two:
        there = one.add(text_draft("same")).id
        soon = replace(text_draft("same"), expires_at=AT + timedelta(days=36500))
        here = two.add(soon).id

        outcome = taken_in(two, exported(one))

        assert outcome == (0, 1, 0)
        assert (two.get(there).id, two.get(there).expires_at) == (here, None)


def test_merged_ids_lead_to_their_clip(tmp_path: Path) -> None:
    filled(tmp_path / "one")
    with opened(tmp_path / "one") as one, opened(tmp_path / "two") as two:
        first, second = (one.add(text_draft(text)).id for text in ("x", "y"))
        with one._db.writing() as connection:
            connection.execute("DELETE FROM clips WHERE id = ?", (second.bytes,))
            connection.execute(
                "INSERT INTO redirects SELECT ?, ?, seq FROM clips WHERE id = ?",
                (second.bytes, second.hex[::-1], first.bytes),
            )

        taken_in(two, exported(one))

        assert two.get(second).id == first


def test_a_filter_chooses_what_is_exported(tmp_path: Path) -> None:
    filled(tmp_path / "one")
    with opened(tmp_path / "one") as one, opened(tmp_path / "two") as two:
        outcome = taken_in(two, exported(one, where=Filter(kinds=frozenset({Kind.IMAGE}))))

        assert outcome == (1, 0, 0)


def test_a_clip_that_is_to_expire_is_not_exported(tmp_path: Path) -> None:
    with opened(tmp_path / "one") as one, opened(tmp_path / "two") as two:
        soon = replace(text_draft("secret"), expires_at=AT + timedelta(days=36500))
        one.add(soon)

        content = exported(one)

        assert taken_in(two, content) == (0, 0, 0)
        assert b"secret" not in content


def test_a_clip_whose_file_is_lost_is_named_and_left_out(tmp_path: Path) -> None:
    with opened(tmp_path / "one") as one:
        lost = one.add(picture_draft(bytes(100_000))).id
        one.add(text_draft("whole"))
        for blob in (tmp_path / "one" / "blobs").rglob("*"):
            if blob.is_file():
                blob.unlink()

        done = exporting.export(
            one,
            io.BytesIO(),
            where=Filter(),
            with_vectors=False,
            at=AT,
            progress=lambda *_: None,
        )

        assert (done.clips, done.left_out) == (1, [lost])


def test_common_tools_read_an_export(tmp_path: Path) -> None:
    filled(tmp_path / "one")
    with opened(tmp_path / "one") as one:
        (tmp_path / "clips.tar").write_bytes(exported(one))

    listed = subprocess.run(
        ["tar", "-xOf", "clips.tar", "--wildcards", "clips/*"],
        cwd=tmp_path,
        capture_output=True,
        check=True,
        timeout=WITHIN_S,
    ).stdout.splitlines()

    assert [json.loads(line)["kind"] for line in listed] == ["image", *["text"] * 4]
    with tarfile.open(tmp_path / "clips.tar") as tar:
        names = tar.getnames()
        large = [name for name in names if name.startswith("blobs/")]
        assert [name.rsplit(".")[-1] for name in large] == ["png", "txt"]
        for line in listed:
            for part in json.loads(line)["representations"]:
                if "member" in part:
                    file = tar.extractfile(part["member"])
                    assert file is not None
                    assert hashlib.sha256(file.read()).hexdigest() == part["sha256"]


def test_a_cut_file_says_where_it_ends_and_keeps_what_came_before(tmp_path: Path) -> None:
    with opened(tmp_path / "one") as one, opened(tmp_path / "two") as two:
        for number in range(300):
            one.add(text_draft(f"clip {number}"))
        content = exported(one)
        second = content.index(b"clips/00000002.")

        with pytest.raises(ArchiveError, match=r"clips\.tar ends too early, in clips/00000002"):
            taken_in(two, content[: second + 2000])

        assert two.count() == 200
        assert taken_in(two, content) == (100, 0, 200)


@pytest.mark.parametrize("share", range(0, 100, 7))
def test_every_cut_is_told(tmp_path: Path, share: int) -> None:
    filled(tmp_path / "one")
    with opened(tmp_path / "one") as one, opened(tmp_path / "two") as two:
        content = exported(one)
        with pytest.raises(ArchiveError, match=r"ends too early"):
            taken_in(two, content[: len(content) * share // 100])

        taken_in(two, content)

        assert all_kept(two) == all_kept(one)


@given(at=st.integers(0, 10**9), bit=st.integers(0, 7))
@settings(max_examples=60)
def test_a_flipped_bit_is_told_or_harmless(
    tmp_path_factory: pytest.TempPathFactory, at: int, bit: int
) -> None:
    folder = tmp_path_factory.mktemp("flipped")
    with opened(folder / "one") as one, opened(folder / "two") as two:
        one.add(picture_draft(bytes(range(256)) * 300))
        one.add(text_draft("some words"))
        content = bytearray(exported(one))
        content[at % len(content)] ^= 1 << bit
        originals = {kept.clip.id: kept for kept in all_kept(one)}

        with suppress(ArchiveError, DiskReserveError):
            taken_in(two, bytes(content))

        for kept in all_kept(two):
            assert kept == originals[kept.clip.id]


Parts = list[tuple[str, bytes]]
CHANGES: dict[str, tuple[Callable[[Parts], Parts], str]] = {
    "no head": (lambda parts: parts[1:], "is no file of 'weavclip export'"),
    "no lines": (lambda parts: [parts[0], *parts[2:]], "where batch 1 of clips was expected"),
    "lines twice": (lambda parts: [*parts[:2], parts[1], *parts[2:]], "was expected"),
    "content twice": (lambda parts: [*parts[:3], parts[2], *parts[3:]], "was expected"),
    "a path upwards": (
        lambda parts: [*parts[:2], ("../../etc/passwd", b"x"), *parts[2:]],
        "was expected",
    ),
    "a path from the root": (
        lambda parts: [*parts[:2], ("/etc/passwd", b"x"), *parts[2:]],
        "was expected",
    ),
    "another size": (
        lambda parts: [*parts[:2], (parts[2][0], b"other"), *parts[3:]],
        "was expected",
    ),
    "other content": (
        lambda parts: [*parts[:2], (parts[2][0], bytes(len(parts[2][1]))), *parts[3:]],
        "is not what was written",
    ),
    "another count": (
        lambda parts: [*parts[:-1], ("end.json", b'{"clips": 7}')],
        "its end says 7",
    ),
    "a torn end": (lambda parts: [*parts[:-1], ("end.json", b"[]")], "is not what was written"),
    "no end": (lambda parts: parts[:-1], "where batch 2 of clips was expected"),
    "a newer version": (
        lambda _: [("weavclip.json", b'{"format": "weavclip-clips", "version": 9}')],
        "has version 9",
    ),
    "another format": (
        lambda _: [("weavclip.json", b'{"format": "other"}')],
        "no file of 'weavclip export'",
    ),
}


@pytest.mark.parametrize("name", CHANGES)
def test_what_is_not_to_be_there_is_refused(tmp_path: Path, name: str) -> None:
    change, said = CHANGES[name]
    filled(tmp_path / "one")
    with opened(tmp_path / "one") as one, opened(tmp_path / "two") as two:
        changed = tape_of(change(members(exported(one))))

        with pytest.raises(ArchiveError, match=said):
            taken_in(two, changed)

        assert two.count() <= 5
        assert sorted(path.name for path in tmp_path.iterdir()) == ["one", "two"]


BROKEN: list[tuple[str, object]] = [
    ("id", "no id"),
    ("id", 7),
    ("kind", "odd"),
    ("captured_at", "2026-01-01T00:00:00"),
    ("captured_at", "2999-01-01T00:00:00+00:00"),
    ("copies", 0),
    ("copies", 1.5),
    ("copies", True),
    ("copies", 10**30),
    ("mime_type", "image/png"),
    ("mime_type", ["text/plain"]),
    ("labels", "abc" * 3 + "\ud800"),
    ("preview", 5),
    ("representations", []),
    ("representations", {}),
    ("words", {"base64": "?"}),
    ("words", {"text": "\ud800"}),
    ("words", {"base64": "/w=="}),
    ("vectors", {"m": {"text": "AAA="}}),
    ("vectors", {"m": {"odd": "AAAAAA=="}}),
    ("vectors", []),
    ("merged_ids", ["x"]),
    ("thumbnail", "jpeg"),
]


@pytest.mark.parametrize("number", range(len(BROKEN)))
def test_a_line_that_describes_no_clip_is_refused_without_a_word_of_it(number: int) -> None:
    field, value = BROKEN[number]
    line, _ = records.written(_kept(text="secret words"))
    broken = json.dumps({**json.loads(line), field: value}).encode()

    with pytest.raises(ArchiveError) as caught:
        records.read(broken, _no_member)

    assert "secret" not in str(caught.value)
    assert caught.value.__cause__ is None


def test_what_is_no_line_is_refused() -> None:
    for line in (b"", b"[]", b"null", b"{", b"[" * 100_000, b"\xff", b'{"id":'):
        _refused(line)


def _refused(line: bytes) -> None:
    with pytest.raises(ArchiveError, match="describes no clip"):
        records.read(line, _no_member)


@pytest.mark.parametrize(
    ("magic", "said"),
    [
        (b"\x1f\x8b\x08", "is compressed"),
        (b"age-encryption.org/v1", "is encrypted"),
        (b"PK\x03\x04", "no file of weavclip's"),
    ],
)
def test_other_files_are_told_apart(tmp_path: Path, magic: bytes, said: str) -> None:
    with opened(tmp_path / "two") as two, pytest.raises(ArchiveError, match=said):
        taken_in(two, magic + bytes(range(1, 200)) * 10)


@pytest.mark.parametrize("content", [b"notes", b"notes\n" * 200])
def test_what_is_no_tape_is_not_called_torn(tmp_path: Path, content: bytes) -> None:
    with opened(tmp_path / "two") as two, pytest.raises(ArchiveError) as refused:
        taken_in(two, content)

    assert "is no file of weavclip's" in str(refused.value)
    assert refused.value.hint


def test_a_link_in_a_tape_is_refused(tmp_path: Path) -> None:
    header = tarfile.TarInfo("weavclip.json")
    header.type, header.linkname = tarfile.SYMTYPE, "/etc/passwd"

    with opened(tmp_path / "two") as two, pytest.raises(ArchiveError, match="no plain file"):
        taken_in(two, header.tobuf())


def test_a_size_that_lies_costs_no_memory(tmp_path: Path) -> None:
    header = tarfile.TarInfo("weavclip.json")
    header.size = 2**60

    with opened(tmp_path / "two") as two, pytest.raises(ArchiveError, match="over the 1048576"):
        taken_in(two, header.tobuf(tarfile.GNU_FORMAT))


def test_a_full_disk_takes_nothing(tmp_path: Path) -> None:
    filled(tmp_path / "one")
    with opened(tmp_path / "one") as one:
        content = exported(one)
    with SqliteJournal.open(tmp_path / "two", reserve_bytes=2**60) as two:
        with pytest.raises(DiskReserveError, match="bytes are free"):
            taken_in(two, content)

        assert two.count() == 0


def test_a_forgotten_clip_can_come_back_and_goes_into_the_index_again(tmp_path: Path) -> None:
    filled(tmp_path / "one")
    with opened(tmp_path / "one") as one:
        content = exported(one)
        embedded = one.kept_ids(Filter(kinds=frozenset({Kind.IMAGE})))
        one.forget(embedded)
        waiting = one.forgotten(MODEL, limit=9)

        taken_in(one, content)

        assert waiting == embedded
        assert one.forgotten(MODEL, limit=9) == []
        assert one.get(embedded[0]).id == embedded[0]


_TEXTS = st.text(st.characters(codec="utf-8"), max_size=300)
_BYTES = st.one_of(
    st.binary(max_size=300),
    st.integers(60_000, 70_000).map(lambda size: b"\xed\xa0\x80\0" * (size // 4)),
    _TEXTS.map(str.encode),
)
_TIMES = st.datetimes(
    min_value=(AT - timedelta(days=9999)).replace(tzinfo=None),
    max_value=(AT + timedelta(days=9999)).replace(tzinfo=None),
).map(lambda moment: moment.replace(tzinfo=AT.tzinfo))


@st.composite
def _clips(draw: st.DrawFn) -> Kept:
    kind = draw(st.sampled_from(Kind))
    types = draw(st.lists(st.sampled_from(["text/plain", "text/html", "image/png", "x/é;a=1"]),
                          min_size=1, unique=True))  # fmt: skip
    representations = {each: draw(_BYTES) for each in types}
    times = sorted(draw(st.tuples(_TIMES, _TIMES)))
    return Kept(
        clip=Clip(
            id=new_id(),
            kind=kind,
            mime_type=types[0],
            preview=draw(_TEXTS)[:200],
            captured_at=times[0],
            last_copied_at=times[1],
            copies=draw(st.integers(1, 2**40)),
            source_app=draw(_TEXTS),
            device=draw(_TEXTS),
            width_px=draw(st.none() | st.integers(1, 10**6)),
            height_px=draw(st.none() | st.integers(1, 10**6)),
            size_bytes=len(representations[types[0]]),
            labels=tuple(sorted(draw(st.sets(_TEXTS, max_size=3)))),
            pinned=draw(st.booleans()),
        ),
        text=draw(_TEXTS),
        ocr_text=draw(_TEXTS),
        thumbnail=draw(st.none() | _BYTES),
        representations=representations,
        vectors=draw(
            st.dictionaries(
                _TEXTS,
                st.dictionaries(
                    st.sampled_from(Space), st.binary(min_size=4, max_size=4), min_size=1
                ),
                max_size=2,
            )
        ),
    )


@given(_clips())
def test_any_clip_is_read_as_it_was_written(kept: Kept) -> None:
    line, contents = records.written(kept)
    fetched: list[str] = []

    def fetch(large: Large) -> bytes:
        fetched.append(large.name)
        return contents[large.name]

    read = records.read(line.removesuffix(b"\n"), fetch)

    assert read == kept
    assert fetched == list(contents)
    assert line.count(b"\n") == 1


@given(st.lists(_clips(), max_size=3))
@settings(max_examples=30)
def test_any_clips_survive_a_journal_a_file_and_a_journal(
    tmp_path_factory: pytest.TempPathFactory, clips: list[Kept]
) -> None:
    folder = tmp_path_factory.mktemp("round")
    bare = [replace(kept, vectors={}) for kept in clips]
    with opened(folder / "one") as one, opened(folder / "two") as two:
        one.adopt(bare)
        stored = all_kept(one)

        taken_in(two, exported(one))

        assert all_kept(two) == stored
        for kept in stored:
            assert kept in bare or len(stored) < len(bare)


def _kept(*, text: str) -> Kept:
    content = text.encode()
    return Kept(
        clip=Clip(
            id=new_id(),
            kind=Kind.TEXT,
            mime_type="text/plain",
            preview=text,
            captured_at=AT,
            last_copied_at=AT,
            size_bytes=len(content),
        ),
        text=text,
        representations={"text/plain": content},
        vectors={MODEL: {Space.TEXT: bytes(4)}},
    )


def _no_member(large: Large) -> bytes:
    raise AssertionError(large.name)


def test_an_unknown_clip_is_no_kept_clip(tmp_path: Path) -> None:
    with opened(tmp_path / "one") as one, pytest.raises(UnknownClipError):
        one.kept(new_id())
