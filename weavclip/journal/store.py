"""The journal in one folder: SQLite, blobs and vector files."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

from weavclip.journal.alike import AlikeTable
from weavclip.journal.archiving import Archiving
from weavclip.journal.hiding import HidingTable
from weavclip.journal.labels import LabelTable
from weavclip.journal.names import NameTable
from weavclip.journal.retention import Retention
from weavclip.journal.seen import SeenTable
from weavclip.journal.selecting import Selecting
from weavclip.journal.stages import StageTable
from weavclip.journal.words import WordTable

if TYPE_CHECKING:
    from pathlib import Path
    from types import TracebackType


class SqliteJournal(
    Archiving,
    AlikeTable,
    HidingTable,
    LabelTable,
    NameTable,
    SeenTable,
    StageTable,
    WordTable,
    Retention,
    Selecting,
):
    """The ports AlikeJournal, HidingJournal, LabelJournal, SeenJournal and TidyJournal.

    VectorStore and WordStore, too.

    For any number of threads and processes.
    """

    @classmethod
    def open(cls, data_dir: Path, *, reserve_bytes: int, device: str = "") -> Self:
        """Open the journal in a folder, making or migrating it where needed.

        Args:
            data_dir: Is made, with mode 0700, when it is not there.
            reserve_bytes: Free space under which nothing is added.
            device: Name of this machine, kept with clips whose draft has none.

        Raises:
            JournalVersionError: If it was written by a newer weavclip.
            JournalError: If it is damaged or the folder cannot be used.
        """
        return cls(data_dir, reserve_bytes=reserve_bytes, device=device)

    def close(self) -> None:
        """Close the files, for every thread."""
        self._db.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()
