"""What of the words in a picture may be kept: none that look like a secret."""

from __future__ import annotations

from typing import TYPE_CHECKING

from weavclip.domain.seen import Seen
from weavclip.privacy.codes import is_code_alone
from weavclip.privacy.inspector import compiled

if TYPE_CHECKING:
    from collections.abc import Sequence

    from weavclip.privacy.secrets import SecretFinder


class SeenInspector:
    """Leaves lines out by the rules for copied texts; the picture itself is kept already."""

    def __init__(
        self, finder: SecretFinder | None, *, ignored_patterns: Sequence[str] = ()
    ) -> None:
        """Be handed what looks for secrets, and what else is not kept.

        Args:
            finder: Looks for secrets; None for a person who wants them kept.
            ignored_patterns: Regular expressions; a line in which one is found is left out.

        Raises:
            SettingsError: If a pattern is none.
        """
        self._finder = finder
        self._ignored = compiled(ignored_patterns)

    def harmless(self, seen: Seen) -> Seen:
        """What may be kept.

        A line is left out that looks like a secret by itself, everything where what is left
        still does: a key of many lines, a code that another line tells to be one.
        """
        is_told = self._forbids(seen.text)
        kept = Seen(
            tuple(
                line
                for line in seen.lines
                # A page may hold numbers of six digits, of which one that is copied is a code.
                if not self._forbids(line.text) or (is_code_alone(line.text) and not is_told)
            )
        )
        if is_code_alone(kept.text) and not is_told:
            return kept
        return Seen() if self._forbids(kept.text) else kept

    def _forbids(self, text: str) -> bool:
        if self._ignored.found_in(text.encode("utf-8", errors="replace")):
            return True
        return self._finder is not None and self._finder.kind_of(text) is not None
