"""Programs whose copies are passwords, and what of theirs looks like one."""

from __future__ import annotations

import re

from weavclip.privacy.assignments import classes, entropy_bits

# As sources name them: a window's class, a desktop file's or bundle's id, a process. Most of
# these mark their copies on some desktop; none does everywhere.
_KEEPERS = re.compile(
    r"""(?ix)
      keepass|bitwarden|1password|onepassword|enpass|lastpass|dashlane|nordpass|proton[ -]?pass
    | roboform|keeper\ ?password|kwallet|seahorse|gnome\.world\.secrets|passwordsafe|pwsafe
    | buttercup|qtpass|gopass|padloc|passky|psono|strongbox|com\.apple\.(?:passwords|keychain)
    | authenticator|otpclient|authy|ente[. ]?auth|pinentry|ssh-askpass|ksshaskpass
    | lxqt-openssh-askpass|gcr4?-.*prompter|polkit-.*agent|polkit-kde|systemd-ask-password
    | credentialuibroker | ^(?:pass|passmenu|rofi-pass|passwords|keeper|keychain\ access)$
    """
)
_ADDRESS_OR_NAME = re.compile(
    r"(?i)https?://\S+|[\w.+-]+@[\w-]+(?:\.[\w-]+)+|(?:www\.)?[\w-]+(?:\.[a-z]{2,})+/?"
)
_PASSPHRASE = re.compile(r"[^\W\d_]{2,}(?:([ ._,-])[^\W_]{2,}){3,15}")
_CODE = re.compile(r"\d{4,10}|\d{3} \d{3}|\d{4} \d{4}")
_LEAST_CHARS, _MOST_CHARS = 8, 64
_LEAST_BITS = 2.5


def keeps_passwords(program: str) -> bool:
    """Whether a program is known to keep passwords or to ask for them."""
    return _KEEPERS.search(program) is not None


def looks_like_a_password(text: str) -> bool:
    """Whether a text from such a program is a password, a passphrase or a code.

    Names, addresses of mail and pages, and notes of several words with blanks are not.
    """
    bare = text.strip()
    if _CODE.fullmatch(bare) or _PASSPHRASE.fullmatch(bare):
        return True
    if not _LEAST_CHARS <= len(bare) <= _MOST_CHARS or re.search(r"\s", bare):
        return False
    if _ADDRESS_OR_NAME.fullmatch(bare):
        return False
    return classes(bare) > 1 and entropy_bits(bare) >= _LEAST_BITS
