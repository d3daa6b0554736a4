"""Programs that answer as no program should: late, never, too much, something else."""

from __future__ import annotations

from typing import TYPE_CHECKING

from scripts.benchmarks.hostile.input import Input

if TYPE_CHECKING:
    from collections.abc import Iterator

_MB = 1_000_000
_TEXT, _PICTURE = "UTF8_STRING", "image/png"
_ONE_SEND = 16_000


def inputs() -> Iterator[Input]:
    """All of them."""
    yield from _late()
    yield from _in_pieces()
    yield from _lists_of_types()
    yield from _large()


def _of(name: str, size: int = 100, kind: str = _TEXT, **faults: object) -> Input:
    return Input(name=name, content=lambda: {kind: b"p" * size}, faults=faults)


def _x11(name: str, size: int = 100, kind: str = _TEXT, **faults: object) -> Input:
    return Input(name=name, content=lambda: {kind: b"p" * size}, faults=faults, is_x11=True)


def _late() -> Iterator[Input]:
    yield _of("an owner that never answers", hang=[_TEXT])
    yield _of("an owner that refuses what it offers", refuse=[_TEXT])
    yield _of("an owner that ends when it is asked", die_on=[_TEXT])
    yield _of("an owner that takes a second a piece", 4_000, chunk_bytes=1_000, slow_s=1.0)
    yield _of("an owner of a picture that never answers", kind=_PICTURE, hang=[_PICTURE])
    yield _x11("an owner that never says its types", hang=["TARGETS"])
    yield _x11("an owner that ends when it is asked for types", die_on=["TARGETS"])
    yield _x11("an owner that answers with nothing", absent=[_TEXT])
    yield _x11("an owner whose types are nothing", absent=["TARGETS"])
    yield _x11("items of 16 bits", bits=16)
    yield _x11("items of 32 bits", bits=32)


def _in_pieces() -> Iterator[Input]:
    for kind in (_TEXT, _PICTURE):
        size = 3 * _MB
        yield _of(f"{kind}: dies after the first piece", size, kind, die_after=1)
        yield _of(f"{kind}: dies before the first piece", size, kind, die_after=0)
        yield _of(f"{kind}: stops after two pieces", size, kind, stall_after=2)
        yield _of(f"{kind}: never begins", size, kind, stall_after=0)
        yield _of(f"{kind}: pieces without an end", size, kind, endless=True)
        for said in (0, 1, 2**31, 2**32 - 1):
            yield _x11(f"{kind}: says that {said} bytes come", size, kind, announced=said)
        for chunk in (1, 7):
            yield _of(f"{kind}: pieces of {chunk} bytes", 2_000, kind, chunk_bytes=chunk)
        yield _x11(f"{kind}: no piece at all", 0, kind, in_pieces=[kind])
    yield _x11("types in pieces", in_pieces=["TARGETS"])
    yield _x11("types in pieces without an end", in_pieces=["TARGETS"], endless=True)


def _lists_of_types() -> Iterator[Input]:
    yield _x11("a million types", targets=400_000)
    yield _x11("three thousand times the same types", targets=1_000)
    for count, length, owned in ((10_000, 10, False), (1_500, 60_000, True), (1, 65_535, True)):
        yield Input(
            name=f"{count:,} types with names of {length:,} characters",
            content=lambda count=count, length=length: (
                {f"x-{n:06}".ljust(length, "a")[:length]: b"v" for n in range(count)}
                | {_TEXT: b"beside many types"}
            ),
            is_x11=True,
            is_slow=owned and count > 1,
        )
    yield Input(
        name="500 types, each with its answer",
        content=lambda: {f"application/x-{n}": b"v" for n in range(500)} | {_TEXT: b"beside 500"},
    )
    odd = (
        "",
        " ",
        "../../etc/passwd",
        "text/plain\n",
        "\x1b[31m",
        "%s%n",
        "image/",
        "text/plain;",
    )
    yield Input(name="odd names of types", content=lambda: dict.fromkeys(odd[1:], b"v"))
    yield Input(name="no type at all", content=dict)


def _large() -> Iterator[Input]:
    for kind, size in ((_PICTURE, 49 * _MB), (_TEXT, 9 * _MB)):
        yield Input(
            name=f"{size // _MB} MB of {kind}",
            content=lambda kind=kind, size=size: {kind: b"q" * (size // 49)},
            faults={"times": 49},
            is_slow=True,
        )
        yield Input(
            name=f"{size // _MB} MB of {kind}, then nothing more",
            content=lambda kind=kind, size=size: {kind: b"q" * (size // 49)},
            faults={"times": 49, "stall_after": size // (256 * 1024 - 1024)},
            is_slow=True,
        )
