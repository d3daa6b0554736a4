"""The port of the journal's words."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from uuid import UUID

    from weavclip.domain.query import Filter, Match


class WordStore(Protocol):
    """The journal's words, for the exact index and for exact strings."""

    def match_words(self, words: str, *, limit: int, where: Filter) -> list[Match]:
        """BM25 over text and OCR text; any of the words, best first; value is BM25 >= 0."""
        ...

    def containing(self, phrase: str, *, limit: int, where: Filter) -> list[UUID]:
        """Clips whose text or words in a picture contain ``phrase``, the last copied first.

        Letter case is ignored.
        """
        ...

    def terms(
        self, beginnings: Sequence[str] = ("",), *, hidden: bool = False
    ) -> Mapping[str, int]:
        """The different words that begin with any of these, and how many clips have each.

        In lower case, without accents; words of expiring clips are not among them.

        Args:
            beginnings: Of the words.
            hidden: Those of hidden clips, too.
        """
        ...

    def having(self, words: Sequence[str], *, hidden: bool = False) -> dict[str, int]:
        """How many clips have each of these words in text or OCR text; expiring ones left out.

        Args:
            words: Each is counted by itself.
            hidden: In hidden clips, too.
        """
        ...

    def texts(self, *, where: Filter) -> Iterator[tuple[UUID, str]]:
        """Each clip that passes, with its text and the words in its picture.

        Those that expire first, then the last copied first; clips without words are left out.
        """
        ...
