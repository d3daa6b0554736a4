from __future__ import annotations

import pytest

from weavclip.privacy import programs
from weavclip.privacy.secrets import SecretFinder


@pytest.mark.parametrize(
    "name",
    [
        "KeePassXC",
        "org.keepassxc.KeePassXC",
        "Bitwarden",
        "com.1password.1password",
        "kwalletmanager5",
        "pinentry-gnome3",
        "ssh-askpass",
        "org.gnome.World.Secrets",
    ],
)
def test_known_keepers_are_known_in_any_case(name: str) -> None:
    assert programs.keeps_passwords(name)
    assert programs.keeps_passwords(name.upper())


@pytest.mark.parametrize("name", ["", "firefox", "gnome-terminal", "Slack", "compass"])
def test_other_programs_are_not(name: str) -> None:
    assert not programs.keeps_passwords(name)


@pytest.mark.parametrize(
    "text",
    [
        "x7$Kp-29qLm!",
        "correct-horse-battery-staple",
        "correct horse battery staple",
        "48213",
        "123 456",
    ],
)
def test_what_a_keeper_copies_is_a_password_where_it_can_be_one(text: str) -> None:
    finder = SecretFinder()

    assert finder.kind_of(text, source_app="KeePassXC") == "password of a password manager"
    assert finder.kind_of(text, source_app="Firefox") in {None, "one-time code"}


@pytest.mark.parametrize(
    "text",
    ["https://example.com/login", "me@example.com", "example.com", "alice", "two words", "a" * 80],
)
def test_names_and_addresses_of_a_keeper_are_kept(text: str) -> None:
    assert SecretFinder().kind_of(text, source_app="KeePassXC") is None
