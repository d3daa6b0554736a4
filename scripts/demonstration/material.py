"""What the demo copies and what it asks."""

from __future__ import annotations

from dataclasses import dataclass

from scripts.sample_model import drawings

SIDE_PX = 320


@dataclass(frozen=True, slots=True)
class Copied:
    """One thing that is put on the clipboard: words, or the name of a drawing."""

    name: str
    words: str = ""
    drawing: str = ""
    seed: int = 0

    def representation(self) -> tuple[str, bytes]:
        """MIME type and bytes."""
        if self.words:
            return "text/plain", self.words.encode()
        return "image/png", png(self.drawing, seed=self.seed)


@dataclass(frozen=True, slots=True)
class Question:
    """One question, as options of ``weavclip search``, and what must come first."""

    title: str
    options: tuple[str, ...]
    first: str


def png(name: str, *, seed: int) -> bytes:
    """A drawing by its name."""
    return drawings.png(drawings.named(name), seed=seed, side_px=SIDE_PX)


EARLIER = (
    Copied("chart before", drawing="a green line chart with two peaks", seed=3),
    Copied("meeting", words="Meet Anna at the station on Friday, she brings the contract."),
    Copied("circle", drawing="a red circle on white", seed=5),
    Copied("note", words="two peaks in Q3, ask before the review"),
    Copied("night", drawing="mountains at night", seed=2),
)
LATER = (
    Copied("terminal", drawing="a dark terminal", seed=4),
    Copied("chart", drawing="a blue line chart with two peaks", seed=9),
    Copied("command", words="git log --oneline --since=yesterday"),
    Copied("star", drawing="a yellow star on black", seed=6),
    Copied("link", words="https://weaviate.io/developers/weaviate"),
    Copied("text", drawing="a page of text with two columns", seed=8),
)


def questions(*, like_file: str, moment: str) -> tuple[Question, ...]:
    """What is asked.

    Args:
        like_file: A picture that was never copied: another drawing of the same thing.
        moment: ISO time between :data:`EARLIER` and :data:`LATER`.
    """
    return (
        Question("words find a picture", ("mountains at night",), "night"),
        Question("a picture finds pictures like it", ("--image", like_file), "circle"),
        Question("words find a text", ("when do I meet Anna?",), "meeting"),
        Question(
            "only pictures",
            ("a line chart with two peaks", "--kind", "image", "--after", moment),
            "chart",
        ),
        Question(
            "only what was copied before",
            ("a line chart with two peaks", "--kind", "image", "--before", moment),
            "chart before",
        ),
    )
