"""Texts, markup, links and lists of files that are made to hurt."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING

from scripts.benchmarks.hostile.input import Input

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

CANARY = "canarius serinus"
"""In every text that may be kept: no log may have it."""

MOST = 10_000_000
_MB = 1 << 20
_TEXT, _HTML, _URIS = "UTF8_STRING", "text/html", "text/uri-list"
_SHORT = CANARY.encode() + b" "


def inputs(fifo: str) -> Iterator[Input]:
    """All of them.

    Args:
        fifo: A named pipe that nobody writes into.
    """
    yield from _encodings()
    yield from _drawn_on_terminals()
    yield from _floods()
    yield from _markup()
    yield from _lists(fifo)
    yield from _slow_to_judge()
    yield from _too_large()


def _of(name: str, content: bytes, kind: str = _TEXT) -> Input:
    return Input(name=name, content=lambda: {kind: content}, is_slow=len(content) > _MB)


def _encodings() -> Iterator[Input]:
    yield _of("a lone surrogate in UTF-8", _SHORT + b"\xed\xa0\x80 x")
    yield _of("surrogates only", b"\xed\xa0\x80\xed\xb0\x80" * 1000)
    yield _of("a lone surrogate in UTF-16", b"\xff\xfe" + b"a\0\0\xd8" * 100, "text/plain")
    yield _of("UTF-16 of an odd length", b"\xff\xfea\0b", "text/plain")
    yield _of("UTF-16 that says HTML", b"\xfe\xff\0<\0b\xdc\0", _HTML)
    yield _of("NULs between letters", b"\0".join([_SHORT, b"b", b"c"]))
    yield _of("a megabyte of NULs", bytes(_MB))
    yield _of("one NUL", b"\0")
    yield _of("no bytes", b"")
    yield _of("blanks only", b" \t\r\n\x0b\x0c" * 1000)
    yield _of("a torn character", _SHORT + "ä".encode()[:1])
    yield _of("characters made too long", _SHORT + b"\xc0\xaf\xe0\x80\xaf\xf0\x80\x80\xaf")
    yield _of("beyond Unicode", _SHORT + b"\xf4\x90\x80\x80\xf8\x88\x80\x80\x80")
    for kind in (_TEXT, _HTML, _URIS, "STRING", "COMPOUND_TEXT", "text/plain;charset=utf-8"):
        noise = random.Random(kind).randbytes(100_000)
        yield _of(f"noise that says {kind}", noise, kind)
        yield _of(f"no bytes that say {kind}", b"", kind)
    yield _of("three million escapes", b"\x1b%G" * (MOST // 3), "COMPOUND_TEXT")
    yield _of("three million sets", b"\x1b-A" * (MOST // 3), "COMPOUND_TEXT")
    yield _of("an escape that never ends", b"\x1b%/1\x80\x80" + b"a" * 1000, "COMPOUND_TEXT")
    yield _of("ten million of Latin-1's last", b"\xff" * (MOST - 1), "STRING")


def _drawn_on_terminals() -> Iterator[Input]:
    for name, text in (
        ("clears the screen", "\x1b[2J\x1b[H"),
        ("names the window", "\x1b]0;owned\x07"),
        ("writes the clipboard", "\x1b]52;c;ZXZpbA==\x07"),
        ("links elsewhere", "\x1b]8;;https://evil.example\x1b\\here\x1b]8;;\x1b\\"),
        ("asks for the terminal's name", "\x1b[c\x1b[>c\x05"),
        ("draws", "\x1bP0;0;0q#0;2;0;0;0~~\x1b\\"),
        ("is a picture for kitty", "\x1b_Ga=T,f=100;AAAA\x1b\\"),
        ("uses C1", "\x9b31mred\x9d0;title\x9c"),
        ("goes back over itself", "rm -rf /\r" + "ls\x08\x08  "),
        ("rings", "\x07" * 1000),
        ("turns round", "\u202etxt.exe\u202c \u2066a\u2069 \u200fb"),
        ("has no width", "\u200b\u200c\u200d\u2060\ufeff" * 200),
        ("is invisible", "".join(chr(0xE0000 + ord(c)) for c in "rm -rf /")),
        ("ends lines in every way", "a\u2028b\u2029c\x85d\x0be\x0cf"),
        ("is of no character", "\ufffe\uffff\U0010ffff\ufdd0"),
        ("is private", "\ue000\U000f0000\U00100000"),
        ("deletes", "secret\x7f\x7f\x7f"),
        ("shifts out", "\x0eabc\x0f"),
    ):
        yield _of(f"a text that {name}", (CANARY + " " + text).encode())
    yield _of("escapes in a link", b"https://example.com/\x1b[31m\x1b]0;x\x07")
    yield _of("escapes in file names", b"file:///srv/\x1b[2J%1B%5B31m%0Aevil\r\n", _URIS)
    yield _of("escapes in markup", b"<p>&#27;[2J&#x9b;31m&#8238;evil</p>", _HTML)


def _floods() -> Iterator[Input]:
    def flood(character: str) -> bytes:
        return _SHORT + character.encode() * ((_MB - 100) // len(character.encode()))

    for name, character in (
        ("zero-width joiners", "\u200d"),
        ("combining marks", "\u0301"),
        ("combining marks of two classes", "\u0301\u0323"),
        ("marks on letters", "a" + "\u0301" * 40),
        ("marks that decompose", "\u0344"),
        ("ligatures that grow", "\ufdfa"),
        ("Hangul's parts", "\u1100\u1161\u11a8"),
        ("overrides", "\u202e"),
        ("flags", "\U0001f1e6"),
        ("families", "\U0001f468\u200d\U0001f469\u200d\U0001f467"),
        ("line ends", "\r\n"),
        ("carriage returns", "\r"),
        ("quotes", "\"'`"),
        ("letters without a blank", "a"),
    ):
        yield _of(f"a flood of {name}", flood(character))
    yield _of("ten million marks", _SHORT + "\u0301\u0323".encode() * 2_400_000)
    yield _of("ten million words", b"".join(b"w%d " % n for n in range(1_200_000)))
    yield _of("exactly as much as is kept", _SHORT + b"x" * (MOST - len(_SHORT)))
    yield _of("a byte more than is kept", b"y" * (MOST + 1))
    yield _of("ten million characters of four bytes", _SHORT + "\U0001f600".encode() * 2_499_000)


def _markup() -> Iterator[Input]:
    def filled(piece: bytes, most: int = MOST) -> bytes:
        return piece * (most // len(piece) - 10) + _SHORT

    for name, piece in (
        ("divisions in one another", b"<div>"),
        ("tags without an end", b"<a "),
        ("a quote without an end", b'<a href="'),
        ("comments without an end", b"<!--"),
        ("marked sections", b"<![x["),
        ("scripts", b"<script>"),
        ("entities", b"&amp;"),
        ("entities without an end", b"&#x1"),
        ("numbers for characters", b"&#1114112;"),
        ("less-than signs", b"<"),
        ("attributes", b"<a x=1 "),
        ("cells", b"<td>x"),
        ("hidden heads", b"<head><template>"),
    ):
        yield _of(f"markup: 10 MB of {name}", filled(piece), _HTML)
    laughs = b'<!DOCTYPE x [<!ENTITY a "ha">' + b"".join(
        b'<!ENTITY %c "%s">' % (98 + n, b"&%c;" % (97 + n) * 10) for n in range(9)
    )
    yield _of("a billion laughs", laughs + b"]><x>&j;</x>" + _SHORT, _HTML)
    yield _of("SVG that says HTML", b"<svg>" + b"<use href='#a'/>" * 500_000, _HTML)
    yield _of("JSON in ten million brackets", b"[" * (MOST - 1))
    yield _of("JSON in two million objects", b'{"a":' * (MOST // 5 - 1))


def _lists(fifo: str) -> Iterator[Input]:
    lines = b"".join(b"file:///home/a/%d.txt\r\n" % n for n in range(100_000))
    yield _of("a list of 100,000 files", lines, _URIS)
    yield _of("a list of a million files", b"file:///a\n" * (MOST // 10 - 1), _URIS)
    yield _of("a list of five million lines", b"#\n" * (MOST // 2 - 1), _URIS)
    for path in ("/dev/zero", "/dev/stdin", "/proc/self/mem", "/proc/kmsg", fifo, "/", ""):
        listed = f"file://{path}\r\n".encode()
        yield _of(f"a list with {path.rpartition('/')[2] or 'a folder'}", listed, _URIS)
    for name, listed in (
        ("no address", b"file://[\r\nfile://[::1\r\n"),
        ("half an escape", b"file:///%\r\nfile:///%zz\r\nfile:///%00\r\n"),
        ("a way up", b"file:///../../../../etc/passwd\r\n"),
        ("another machine", b"file://evil.example/share/x.png\r\n"),
        ("a name of a megabyte", b"file:///" + b"%41" * (_MB // 3)),
        ("a name of escapes", b"file:///" + b"%25" * 100_000),
        ("other schemes", b"smb://x/y\r\njavascript:alert(1)\r\n"),
        ("NULs", b"file:///a\0b\r\n\0\r\n"),
    ):
        yield _of(f"a list with {name}", listed, _URIS)
    yield _of("what a file manager cuts, without a file", b"cut", "x-special/gnome-copied-files")
    yield _of("cut lines", b"cut\n" + b"\n" * 1_000_000, "x-special/gnome-copied-files")
    yield _of("a link of a megabyte", b"https://example.com/" + b"a" * _MB)
    yield _of("a link of as many blanks", b"https://example.com/" + b"%20" * 1_300)
    yield _of("a link without a host", b"http://[" + _SHORT.strip().replace(b" ", b""))


def _slow_to_judge() -> Iterator[Input]:
    def filled(piece: bytes, most: int = _MB) -> bytes:
        return piece * (most // len(piece))

    for name, content in (
        ("keys without a value", filled(b"?token=")),
        ("a key's first lines", filled(b"-----BEGIN RSA PRIVATE KEY-----\n")),
        ("passwords without an end", filled(b"password: aaaa")),
        ("numbers that are no cards", filled(b"4111 1111 1111 1112 ")),
        ("digits only", filled(b"4", MOST)),
        ("base64 only", filled(b"eyJhbGciOiJIUzI1NiJ9.", MOST)),
        ("half tokens", filled(b"ghp_" + b"a" * 35 + b" ")),
        ("strings of connections", filled(b"postgres://a:@")),
        ("equals signs", filled(b"=", MOST)),
        ("at signs", filled(b"a@", MOST)),
        ("underscores", filled(b"_", MOST)),
    ):
        yield _of(f"slow to judge: {name}", content)


def _too_large() -> Iterator[Input]:
    for kind in (_TEXT, _HTML, _URIS, "image/png", "STRING"):
        yield Input(
            name=f"100 MB of {kind}",
            content=lambda kind=kind: _repeated(kind),
            faults={"times": 100},
            is_slow=True,
        )


def _repeated(kind: str) -> Mapping[str, bytes]:
    return {kind: b"z" * 1_000_000}
