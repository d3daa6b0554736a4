"""Secrets to copy, every way there is, and where to look for them afterwards."""

from __future__ import annotations

import base64
import hashlib
import io
import json
import random
from contextlib import contextmanager
from typing import TYPE_CHECKING

from PIL import Image
from PIL.PngImagePlugin import PngInfo

from tests.e2e.programs import bytes_below
from tests.number_examples import ALNUM, some
from tests.waiting import until
from weavclip.clipboard.windows_formats import html_format, unicode_text

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from tests.e2e.programs import Agent
    from tests.fakes.macos import FakeMac
    from tests.fakes.windows import FakeWindows

SHORTEST = 12
"""Shorter ones, such as six digits, occur in any file by chance; only their digests are sought."""
HINTS = ("x-kde-passwordManagerHint", "CanIncludeInClipboardHistory")
WINDOWS_HINTS = (
    "ExcludeClipboardContentFromMonitorProcessing",
    "CanIncludeInClipboardHistory",
    "Clipboard Viewer Ignore",
)


class Copies:
    """Draws secrets, and remembers what must be nowhere."""

    def __init__(self) -> None:
        self.rng = random.Random(11)
        self.secrets: list[str] = []
        self.harmless = 0

    def secret(self, text: str) -> bytes:
        """Note a text as a secret."""
        self.secrets.append(text)
        return text.encode()

    def token(self) -> str:
        """A fresh token, which no other way used."""
        return "gh" + "p_" + some(self.rng, ALNUM, 36)

    def marked(self) -> str:
        """A fresh text that is secret for where it comes from alone."""
        return "plain words " + some(self.rng, "abcdefghijklmnop", 30)

    def next_harmless(self) -> bytes:
        """A text that is to be kept."""
        self.harmless += 1
        return f"harmless number {self.harmless}".encode()


def ways(copies: Copies) -> Iterator[dict[str, bytes]]:
    """What a program on Linux may put on the clipboard that has a secret in it."""
    token, beside = copies.token, b"harmless words"
    for hint in HINTS:
        yield {"UTF8_STRING": copies.secret(copies.marked()), hint: b"secret"}
        hidden = copies.marked()
        copies.secret(hidden)
        yield {"image/png": picture_with(hidden), hint: b"secret"}
    yield {"text/html": b"<p>" + copies.secret(token()) + b"</p>"}
    yield {"UTF8_STRING": beside, "text/html": b"<a id='" + copies.secret(token()) + b"'>x</a>"}
    split = token()
    copies.secret(split)
    yield {"text/html": f"<b>{split[:20]}</b><i>{split[20:]}</i>".encode(), "UTF8_STRING": beside}
    yield {"UTF8_STRING": b"https://a.test/?q=" + copies.secret(token())}
    yield {"STRING": b"key " + copies.secret(token())}
    yield {"UTF8_STRING": copies.secret("unspeakable " + some(copies.rng, "0123456789abcdef", 20))}
    src = f"<img src='https://a.test/?t={copies.secret(token()).decode()}'>".encode()
    yield {"image/png": picture_with("x"), "text/html": src}


def on_windows(copies: Copies, fake: FakeWindows) -> Iterator[None]:
    """What a program on Windows may; each copy is made when the next is asked for."""
    text, secret = "CF_UNICODETEXT", copies.secret
    hidden = copies.marked()
    secret(hidden)
    for content in (
        {text: unicode_text(secret(copies.token()))},
        {"HTML Format": html_format(b"<p>" + secret(copies.token()) + b"</p>")},
        {text: unicode_text(secret(copies.marked())), WINDOWS_HINTS[0]: b""},
        {text: unicode_text(secret(copies.marked())), WINDOWS_HINTS[1]: bytes(4)},
        {"PNG": picture_with(hidden), WINDOWS_HINTS[2]: b""},
    ):
        fake.copy(content)
        yield
    fake.copy({text: unicode_text(secret(copies.marked()))}, image=r"C:\Secretive\Secretive.exe")
    yield
    fake.copy({text: unicode_text(copies.next_harmless())})
    yield


def on_macos(copies: Copies, fake: FakeMac) -> Iterator[None]:
    """What a program on a Mac may, likewise."""
    text, secret = "public.utf8-plain-text", copies.secret
    hidden = copies.marked()
    secret(hidden)
    for content in (
        {text: secret(copies.token())},
        {"public.html": b"<p>" + secret(copies.token()) + b"</p>"},
        {text: secret(copies.marked()), "org.nspasteboard.ConcealedType": b""},
        {text: secret(copies.marked()), "org.nspasteboard.TransientType": b""},
        {"public.png": picture_with(hidden), "com.agilebits.onepassword": b""},
    ):
        fake.copy(content)
        yield
    fake.front = "Secretive"
    fake.copy({text: secret(copies.marked())})
    yield
    fake.front = "Safari"
    fake.copy({text: copies.next_harmless()})
    yield


def picture_with(words: str) -> bytes:
    """A PNG that holds the words as they are."""
    told, buffer = PngInfo(), io.BytesIO()
    told.add_text("note", words)
    Image.new("RGB", (8, 8), "navy").save(buffer, "PNG", pnginfo=told)
    return buffer.getvalue()


def needles(secret: str) -> Iterator[bytes]:
    """Every form in which a secret might lie in a file."""
    plain = secret.encode()
    for digest in (hashlib.md5(plain), hashlib.sha1(plain), hashlib.sha256(plain)):  # noqa: S324 - looked for, not relied on
        yield digest.digest()
        yield digest.hexdigest().encode()
    yield hashlib.sha256(b"words " + plain).digest()
    if len(plain) < SHORTEST:
        return
    yield plain
    yield secret.strip().encode("utf-16-le")
    yield plain.hex().encode()
    yield json.dumps(secret)[1:-1].encode()
    for shift in range(3):  # base64 of it, wherever it begins in what was encoded
        whole = base64.b64encode(b"\0" * shift + plain)
        yield whole[4 if shift else 0 : -4]


def found_in(written: bytes, secrets: Iterable[str]) -> list[str]:
    return [each for each in secrets if any(form in written for form in needles(each))]


def everything(place: Path, agents: Iterable[Agent]) -> bytes:
    said = "\n".join(line for agent in agents for line in agent.said)
    return bytes_below(place) + said.encode()


@contextmanager
def heard_of_it(agent: Agent) -> Iterator[None]:
    """Wait for the agent's next line, so that no copy replaces one before it was read."""
    seen = len(agent.said)
    yield
    until(lambda: len(agent.said) > seen)
