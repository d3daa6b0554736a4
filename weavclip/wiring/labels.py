"""Labels: the set in use, having them found, and what a person says of them."""

from __future__ import annotations

import logging
import os
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from weavclip.domain.errors import EngineError, SettingsError
from weavclip.domain.labels import LabelSet
from weavclip.settings import config_path, written_in
from weavclip.wiring.parts import open_journal, wake_engine

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path
    from uuid import UUID

    from weavclip.domain.clip import Kind
    from weavclip.domain.labels import Label
    from weavclip.settings import Settings

OWN_FILE = "labels.toml"
LOOK_EVERY_S = 0.1
STUCK_AFTER_S = 30.0

logger = logging.getLogger(__name__)


def own_label_file() -> Path:
    """Where the person's own labels are, beside config.toml."""
    return config_path(os.environ).with_name(OWN_FILE)


def shipped_labels() -> LabelSet:
    """The labels that ship with the package."""
    from weavclip.assets import labels as shipped
    from weavclip.organise import label_file

    return label_file.read(shipped.text(), where=f"weavclip's {OWN_FILE}")


def own_labels() -> LabelSet:
    """What the person's own file says of labels.

    Raises:
        SettingsError: If it says what no label may have, or cannot be read.
    """
    from weavclip.organise import label_file

    own = own_label_file()
    return label_file.read(written_in(own), where=str(own))


def label_set() -> LabelSet:
    """The labels that ship, with the person's own over them.

    Raises:
        SettingsError: If the person's file says what no label may have, or cannot be read.
    """
    from weavclip.organise import label_file

    return label_file.over(shipped_labels(), own_labels())


class CurrentLabels:
    """The labels of a process that runs on while their file is edited."""

    def __init__(
        self,
        read: Callable[[], LabelSet] = label_set,
        *,
        otherwise: Callable[[], LabelSet] = shipped_labels,
    ) -> None:
        """Nothing is read yet.

        Args:
            read: Reads them.
            otherwise: Those where the file is wrong from the start.
        """
        self._read, self._otherwise = read, otherwise
        self._mark: object = self
        self._value: LabelSet | None = None

    def __call__(self) -> LabelSet:
        """The labels now; those before where the file is wrong."""
        mark = _mark(own_label_file())
        if self._value is None or mark != self._mark:
            self._mark = mark
            try:
                self._value = self._read()
            except SettingsError as error:
                logger.warning("labels stay as they were: %s", error)
                self._value = self._value or self._otherwise()
        return self._value


class FormLabels:
    """What texts are by their form, but for what the person does not want to be told.

    Light enough for the agent: of labels it reads the person's own file alone (all of them take
    10 MB), and it is done with a text in 2 ms.
    """

    def __init__(self) -> None:
        """Nothing is read yet."""
        self._own = CurrentLabels(own_labels, otherwise=LabelSet)

    def __call__(self, text: str, kind: Kind) -> frozenset[str]:
        """The labels of one text."""
        from weavclip.organise.rules import labels_of

        return labels_of(text, kind) - self._own().unwanted


@dataclass(frozen=True, slots=True)
class LabelUse:
    """A label and what became of it.

    Attributes:
        name: The label's.
        clips: How many have it.
        label: As the set has it; None for one that a rule gives, or the person alone.
        taught: What was learned of corrections, in words; empty when nothing was.
    """

    name: str
    clips: int
    label: Label | None
    taught: str


def label_uses(settings: Settings) -> list[LabelUse]:
    """Every label that a clip has or that is looked for, the most frequent first.

    Raises:
        SettingsError: If the person's file is wrong.
    """
    from weavclip.organise.rules import NAMES
    from weavclip.pipeline.sorting import lessons

    labels = label_set()
    by_name = {label.name: label for label in labels.labels}
    with open_journal(settings) as journal:
        counts, taught = journal.label_counts(), lessons(journal)
    others = [*by_name, *(name for name in NAMES if name not in labels.unwanted), *taught]
    names = dict.fromkeys([*counts, *others])
    return [
        LabelUse(name, counts.get(name, 0), by_name.get(name), taught.get(name, ""))
        for name in names
    ]


def rebuild_labels(settings: Settings, *, progress: Callable[[int, int], None]) -> int:
    """Find every clip's labels again, from the vectors that are stored; how many clips.

    Without a model texts are labelled by their form alone, in this process.

    Raises:
        SettingsError: If the person's file is wrong.
        EngineError: If the engine does not get on with it.
    """
    from weavclip.pipeline.sorting import Sorter

    labels = label_set()
    line = settings.models.id
    with open_journal(settings) as journal:
        sorter = Sorter(journal, "", labels=lambda: labels, clip=None) if not line else None
        mark = journal.relabel()
        total = before = journal.count_unlabelled(line, mark)
        moved_at = time.monotonic()
        wake_engine(settings)
        while left := journal.count_unlabelled(line, mark):
            progress(total - left, total)
            if sorter is not None:
                sorter.step()
                continue
            moved_at = moved_at if left == before else time.monotonic()
            before = left
            if time.monotonic() - moved_at > STUCK_AFTER_S:
                message = f"{left} of {total} clips wait for their labels"
                raise EngineError(message, hint="weavclip status shows what the engine does")
            time.sleep(LOOK_EVERY_S)
    progress(total, total)
    return total


def correct_labels(
    settings: Settings, clips: Sequence[UUID], *, wanted: Sequence[str], unwanted: Sequence[str]
) -> None:
    """Keep what a person says of some clips.

    Raises:
        SettingsError: If a name cannot be a label's.
        UnknownClipError: If a clip is gone.
    """
    from weavclip.organise.label_file import named

    checked = {"wanted": named(wanted), "unwanted": named(unwanted)}
    with open_journal(settings) as journal:
        for clip_id in clips:
            journal.correct(clip_id, **checked)
    wake_engine(settings)


def _mark(path: Path) -> tuple[int, int, int] | None:
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_ino, found.st_size, found.st_mtime_ns
