from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from weavclip.domain.clip import Draft, Kind, Ruling
from weavclip.domain.errors import SettingsError
from weavclip.privacy.inspector import ContentInspector
from weavclip.privacy.secrets import SecretFinder

NOW = datetime(2026, 11, 21, tzinfo=UTC)
TOKEN = "gh" + "p_" + "a1B2c3" * 6


def draft(text: str, *, kind: Kind = Kind.TEXT, source_app: str = "") -> Draft:
    content = text.encode()
    return Draft(
        kind=kind,
        mime_type="text/plain",
        representations={"text/plain": content},
        text=text,
        digest_source=content,
        at=NOW,
        source_app=source_app,
    )


def ruling(inspector: ContentInspector, text: str, *, kind: Kind = Kind.TEXT) -> Ruling:
    return inspector.ruling(draft(text, kind=kind), (text,))


def test_a_secret_is_refused_by_its_kind_and_without_a_word_of_it() -> None:
    found = ruling(ContentInspector(SecretFinder()), f"key: {TOKEN}")

    assert found == Ruling(refusal="looks like a secret (GitHub token)")


def test_a_secret_is_kept_for_a_while_when_that_is_set() -> None:
    inspector = ContentInspector(SecretFinder(), keep_secrets_for=timedelta(minutes=10))

    found = ruling(inspector, TOKEN)

    assert (found.refusal, found.expires_at) == ("", NOW + timedelta(minutes=10))
    assert ruling(inspector, "harmless") == Ruling()


def test_one_secret_text_among_several_is_enough() -> None:
    inspector = ContentInspector(SecretFinder())

    found = inspector.ruling(draft("harmless"), ("harmless", f"<b title='{TOKEN}'>harmless</b>"))

    assert found.refusal


def test_a_link_is_read_with_its_escapes() -> None:
    hidden = TOKEN.replace("_", "%5F")

    assert ruling(ContentInspector(SecretFinder()), f"https://a.test/?x={hidden}", kind=Kind.LINK)


def test_names_of_files_are_no_secrets() -> None:
    found = ruling(ContentInspector(SecretFinder()), f"/home/me/{TOKEN}", kind=Kind.FILES)

    assert found == Ruling()


def test_without_a_finder_secrets_are_kept() -> None:
    assert ruling(ContentInspector(None), TOKEN) == Ruling()


def test_ignored_kinds_are_refused() -> None:
    inspector = ContentInspector(SecretFinder(), ignored_kinds=("files", "image"))

    assert ruling(inspector, "x", kind=Kind.FILES).refusal == "files is in ignored_kinds"
    assert ruling(inspector, "x") == Ruling()


def test_ignored_patterns_are_refused_wherever_they_occur() -> None:
    inspector = ContentInspector(SecretFinder(), ignored_patterns=("^never$", r"(?i)projekt\s+ø"))

    assert ruling(inspector, "about PROJEKT Ø, all").refusal == "pattern 2 of ignored_patterns"
    assert ruling(inspector, "never").refusal == "pattern 1 of ignored_patterns"
    assert ruling(inspector, "never say never") == Ruling()


@pytest.mark.parametrize(
    ("pattern", "reason"),
    [
        ("(abc", "missing"),
        ("a**", "bad repetition"),
        (r"(?<=x)y", "invalid"),
        (r"(a)\1", "invalid"),
    ],
)
def test_a_broken_pattern_is_named_with_its_place_and_what_is_wrong(
    pattern: str, reason: str
) -> None:
    with pytest.raises(SettingsError, match="ignored_patterns: number 2") as caught:
        ContentInspector(None, ignored_patterns=("fine", pattern))

    assert repr(pattern) in str(caught.value)
    assert reason in str(caught.value)
    assert "RE2" in caught.value.hint


@pytest.mark.parametrize("pattern", ["(a+)+$", "(a|a)*b", "(.*,){20}x", r"^(\w+\s?)*$"])
def test_no_pattern_can_hang(pattern: str) -> None:
    inspector = ContentInspector(None, ignored_patterns=(pattern,))

    ruling(inspector, "a" * 50_000 + "!")  # whoever tries all ways is not done today
