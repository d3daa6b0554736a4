"""How clips are named on the command line."""

from __future__ import annotations

import io
import json
import stat
import sys
from typing import TYPE_CHECKING, cast
from uuid import UUID

import pytest

from weavclip.cli import naming
from weavclip.domain.errors import UnknownClipError

if TYPE_CHECKING:
    from pathlib import Path

    from weavclip.domain.stores import Journal

FIRST, SECOND = UUID(int=0xA1), UUID(int=0xB2)


class Known:
    """A journal that knows two ids, by their ends."""

    def resolve(self, prefix: str) -> UUID:
        return next(each for each in (FIRST, SECOND) if str(each).endswith(prefix))


JOURNAL = cast("Journal", Known())


def test_a_place_names_the_clip_of_the_last_list(tmp_path: Path) -> None:
    naming.remember(tmp_path, [SECOND, FIRST])

    assert naming.named("@1", journal=JOURNAL, data_dir=tmp_path) == SECOND
    assert naming.named("@2", journal=JOURNAL, data_dir=tmp_path) == FIRST


@pytest.mark.parametrize("name", ["@0", "@3", "@", "@x", "@-1", "@²"])
def test_a_place_that_the_last_list_has_not_is_unknown(name: str, tmp_path: Path) -> None:
    naming.remember(tmp_path, [SECOND, FIRST])

    with pytest.raises(UnknownClipError, match="has 2 clips"):
        naming.named(name, journal=JOURNAL, data_dir=tmp_path)


@pytest.mark.parametrize("torn", ["", "{", "{}", "[1]", '["no id"]', "null"])
def test_a_torn_last_list_is_an_empty_one(torn: str, tmp_path: Path) -> None:
    (tmp_path / naming.LAST_LIST).write_text(torn)

    assert naming.recalled(tmp_path) == []


def test_a_list_that_cannot_be_kept_is_shown_all_the_same(tmp_path: Path) -> None:
    (tmp_path / "file").touch()

    naming.remember(tmp_path / "file", [UUID(int=1)])

    assert naming.recalled(tmp_path / "file") == []


def test_the_last_list_is_for_the_user_only(tmp_path: Path) -> None:
    naming.remember(tmp_path / "new", [FIRST])

    kept = tmp_path / "new" / naming.LAST_LIST
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600
    assert stat.S_IMODE(kept.parent.stat().st_mode) == 0o700
    assert json.loads(kept.read_text()) == [str(FIRST)]
    assert [path.name for path in kept.parent.iterdir()] == [naming.LAST_LIST]


@pytest.mark.parametrize(
    "given",
    ["a1\ttext\t…\nb2\timage\n", "a1\ttext\0b2\timage\0", "a1\nb2", "\n a1 text\n\nb2\n"],
)
def test_ids_are_the_first_column_of_what_stdin_has(
    given: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(given.encode()), "utf-8"))

    found = naming.all_named(["-"], journal=JOURNAL, data_dir=tmp_path)

    assert found == [FIRST, SECOND]


def test_a_clip_that_is_named_twice_is_taken_once(tmp_path: Path) -> None:
    found = naming.all_named(["a1", "b2", "a1"], journal=JOURNAL, data_dir=tmp_path)

    assert found == [FIRST, SECOND]
