"""A system whose commands are answered by a table, and remembered."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from weavclip.service.commands import Ran
from weavclip.service.launch import Launch

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from weavclip.domain.ports import StopSignal


@dataclass
class FakeCommands:
    """Answers a command by the first entry whose words are all in it; else with success."""

    answers: dict[str, Ran] = field(default_factory=dict)
    ran: list[str] = field(default_factory=list)
    started: list[list[str]] = field(default_factory=list)

    def run(self, command: Sequence[str]) -> Ran:
        line = " ".join(command)
        self.ran.append(line)
        fits = (ran for words, ran in self.answers.items() if set(words.split()) <= set(command))
        return next(fits, Ran(0))

    def follow(self, command: Sequence[str], stop: StopSignal) -> Iterator[str]:
        self.ran.append(" ".join(command))
        if not stop.is_set():
            yield "followed"

    def start(self, command: Sequence[str]) -> None:
        self.started.append(list(command))

    def did(self, *words: str) -> bool:
        """Whether a command with these words was run."""
        return any(all(word in line.split() for word in words) for line in self.ran)


def launch(data_dir: Path, **environ: str) -> Launch:
    program = ("/home/me/.local/bin/weavclip",)
    return Launch(program=program, environ=environ, data_dir=data_dir)
