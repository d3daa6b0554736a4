"""What a copy's content decides: its kind, the person's own patterns, the forms of secrets."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import unquote

from weavclip.domain.clip import Kind, Ruling
from weavclip.domain.errors import SettingsError
from weavclip.isolation.linear import BrokenPatternError, Patterns

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime, timedelta

    from weavclip.domain.clip import Draft
    from weavclip.privacy.secrets import SecretFinder

KEPT = Ruling()
SUSPECTED = "looks like a secret"
_SYNTAX = (
    "RE2's syntax: no look-around, no back-references, '\\' before what is meant as it stands"
)


class ContentInspector:
    """Refuses by kind, by pattern and by form; nothing of what it saw stays with it."""

    def __init__(
        self,
        finder: SecretFinder | None,
        *,
        ignored_kinds: Sequence[str] = (),
        ignored_patterns: Sequence[str] = (),
        keep_secrets_for: timedelta | None = None,
    ) -> None:
        """Be handed what looks for secrets, and what else is not kept.

        Args:
            finder: Looks for secrets; None for a person who wants them kept.
            ignored_kinds: Kinds that are never kept.
            ignored_patterns: Regular expressions; a text in which one is found is not kept.
            keep_secrets_for: How long a secret is kept; None keeps none.

        Raises:
            SettingsError: If a pattern is none.
        """
        self._finder = finder
        self._ignored_kinds = frozenset(ignored_kinds)
        self._ignored = compiled(ignored_patterns)
        self._keep_secrets_for = keep_secrets_for

    def ruling(self, draft: Draft, texts: Iterable[str]) -> Ruling:
        """Whether a copy may be kept, and for how long.

        Args:
            draft: What it is.
            texts: Every text in it: words, markup as written, and the markup's words. One
                secret in one of them is enough for all.
        """
        if draft.kind in self._ignored_kinds:
            return Ruling(refusal=f"{draft.kind} is in ignored_kinds")
        secret = ""
        for text in texts:
            found = self._ignored.found_in(text.encode("utf-8", errors="replace"))
            if found:
                return Ruling(refusal=f"pattern {found[0] + 1} of ignored_patterns")
            secret = secret or self._secret_kind(draft, text)
        return self._ruling_on(secret, at=draft.at) if secret else KEPT

    def _ruling_on(self, secret: str, *, at: datetime) -> Ruling:
        reason = f"{SUSPECTED} ({secret})"
        if self._keep_secrets_for is None:
            return Ruling(refusal=reason)
        return Ruling(expires_at=at + self._keep_secrets_for, reason=reason)

    def _secret_kind(self, draft: Draft, text: str) -> str:
        if self._finder is None or draft.kind is Kind.FILES:  # names of files are no secrets
            return ""
        kind = self._finder.kind_of(text, source_app=draft.source_app)
        if kind is None and draft.kind is Kind.LINK and "%" in text:
            kind = self._finder.kind_of(unquote(text), source_app=draft.source_app)
        return kind or ""


def compiled(ignored_patterns: Sequence[str]) -> Patterns:
    """The person's own patterns, in linear time.

    Raises:
        SettingsError: If one is no pattern; it names the setting, the pattern and what is wrong.
    """
    try:
        return Patterns(ignored_patterns)
    except BrokenPatternError as error:
        broken = ignored_patterns[error.place]
        message = f"ignored_patterns: number {error.place + 1}, {broken!r}: {error.reason}"
        raise SettingsError(message, hint=_SYNTAX) from None
