"""What a purge takes for weavclip's own, and what it never touches."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.unit.journal.drafts import opened, text_draft
from weavclip.domain.errors import JournalError
from weavclip.pipeline import leaving

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def data_dir(tmp_path: Path) -> Path:
    folder = tmp_path / "data"
    with opened(folder) as journal:
        journal.add(text_draft("two peaks"))
    return folder


def paths(found: list[leaving.Belonging]) -> set[str]:
    return {each.path.name for each in found}


def purge(folder: Path) -> list[str]:
    return list(leaving.remove_all(leaving.in_data_folder(folder)[0], folder))


def test_a_purged_data_folder_is_gone(data_dir: Path) -> None:
    for name in ("models/sample", "logs", "server/weaviate", "expiring"):
        (data_dir / name).mkdir(parents=True)
    (data_dir / "models" / "sample" / "card.json").touch()
    (data_dir / "server" / "key").touch()
    (data_dir / "agent.lock").touch()

    said = purge(data_dir)

    assert not data_dir.exists()
    assert said[-1] == f"removed {data_dir}"
    assert said[-2] == f"removed {data_dir / 'journal.sqlite3'}"


def test_what_is_not_ours_stays_and_so_does_its_folder(data_dir: Path) -> None:
    (data_dir / "thesis.odt").write_text("years of work")
    (data_dir / "models").mkdir()
    (data_dir / "models" / "train.blend").touch()

    ours, foreign = leaving.in_data_folder(data_dir)
    purge(data_dir)

    assert [path.name for path in foreign] == ["models", "thesis.odt"]
    assert paths(ours).isdisjoint({"models", "thesis.odt"})
    assert (data_dir / "thesis.odt").exists()
    assert (data_dir / "models" / "train.blend").exists()
    assert not (data_dir / "journal.sqlite3").exists()


def test_a_folder_without_a_journal_is_refused(tmp_path: Path) -> None:
    (tmp_path / "blobs").mkdir()

    with pytest.raises(JournalError, match="is not weavclip's"):
        leaving.in_data_folder(tmp_path)

    assert (tmp_path / "blobs").exists()


def test_a_folder_that_is_a_link_is_refused(tmp_path: Path, data_dir: Path) -> None:
    link = tmp_path / "link"
    link.symlink_to(data_dir)

    with pytest.raises(JournalError, match="links are not followed") as caught:
        leaving.in_data_folder(link)

    assert str(data_dir) in caught.value.hint


def test_links_are_removed_and_what_they_lead_to_is_not(tmp_path: Path, data_dir: Path) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "precious").touch()
    (data_dir / "blobs").mkdir(exist_ok=True)
    (data_dir / "blobs" / "link").symlink_to(outside)
    (data_dir / "expiring").symlink_to(outside)
    (data_dir / "logs").symlink_to(outside)

    ours, foreign = leaving.in_data_folder(data_dir)
    purge(data_dir)

    assert "logs" not in paths(ours)
    assert [path.name for path in foreign] == ["logs"]
    assert (outside / "precious").exists()
    assert not (data_dir / "expiring").is_symlink()


def test_sizes_count_what_is_there_and_links_as_themselves(tmp_path: Path) -> None:
    (tmp_path / "big").write_bytes(b"x" * 10_000)
    (tmp_path / "folder").mkdir()
    (tmp_path / "folder" / "file").write_bytes(b"x" * 300)
    (tmp_path / "folder" / "link").symlink_to(tmp_path / "big")

    assert 300 < leaving.size_of(tmp_path / "folder") < 1_000


def test_what_cannot_be_removed_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(_path: Path, **_known: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr("pathlib.Path.unlink", refused)

    with pytest.raises(JournalError, match="cannot be removed: Permission denied"):
        leaving.remove(tmp_path / "file")


def test_a_data_folder_that_is_not_there_holds_nothing(tmp_path: Path) -> None:
    assert leaving.in_data_folder(tmp_path / "absent") == ([], [])
