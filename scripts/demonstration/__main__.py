"""Copies on a real clipboard, waits until they are indexed, asks, and judges the answers."""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from pathlib import Path

from scripts.demonstration.desk import Desk
from scripts.demonstration.material import EARLIER, LATER, Question, png, questions

NEXT = (
    ("weavclip watch", "keep what you copy, in the foreground"),
    ('weavclip search "words"', "find it again"),
    ("weavclip model add ViT-B-16", "a real model: this one knows drawings only"),
)


def main() -> int:
    """Run the demo; 1 if an answer was not first."""
    parser = argparse.ArgumentParser(prog="scripts/demo", description=__doc__)
    parser.add_argument("--picture", type=Path, help="also draw what was shown as an SVG file")
    options = parser.parse_args()
    started = time.monotonic()
    with (
        tempfile.TemporaryDirectory(prefix="weavclip-demo-") as folder,
        Desk(Path(folder)) as desk,
    ):
        asked = _questions(desk, moment=_copy(desk))
        failed = [question for question in asked if not desk.ask(question)]
        _close(desk, asked, failed, took_s=time.monotonic() - started)
        if options.picture:
            desk.draw(options.picture)
    return 1 if failed else 0


def _copy(desk: Desk) -> str:
    for each in EARLIER:
        desk.copy(each)
    moment = desk.moment()
    for each in LATER:
        desk.copy(each)
    desk.wait_until_indexed(len(EARLIER) + len(LATER))
    return moment


def _questions(desk: Desk, *, moment: str) -> tuple[Question, ...]:
    like_file = "another-circle.png"
    (desk.folder / like_file).write_bytes(png("a red circle on white", seed=77))
    return questions(like_file=like_file, moment=moment)


def _close(
    desk: Desk, asked: tuple[Question, ...], failed: list[Question], *, took_s: float
) -> None:
    for question in failed:
        desk.say(f"NOT FOUND FIRST: {question.title}")
    found = len(asked) - len(failed)
    desk.say(f"\n{found} of {len(asked)} found first, in {took_s:.1f} s. What to type next:")
    for command, why in NEXT:
        desk.say(f"  {command:<32} {why}")


if __name__ == "__main__":
    sys.exit(main())
