"""Pictures that are made to hurt: bombs, torn files, false headers, files of two formats."""

from __future__ import annotations

import io
import random
import struct
import zipfile
import zlib
from functools import cache, partial
from typing import TYPE_CHECKING

from PIL import Image

from scripts.benchmarks.hostile.input import Input

if TYPE_CHECKING:
    from collections.abc import Iterator

_FORMATS = ("PNG", "JPEG", "WEBP", "GIF", "BMP", "TIFF")
_PARTS = (0.0, 0.001, 0.01, 0.05, 0.2, 0.5, 0.9, 0.999)
_TORN_AT = 5
_PNG, _GRAY, _RGB, _RGBA = b"\x89PNG\r\n\x1a\n", 0, 2, 6
_CHANNELS = {_GRAY: 1, _RGB: 3, _RGBA: 4}
_MB = 1 << 20


def inputs() -> Iterator[Input]:
    """All of them."""
    yield from _torn()
    yield from _headers()
    yield from _bombs()
    yield from _polyglots()
    yield from _misnamed()


def _picture(name: str, kind: str, content: bytes, *, slow: bool = False) -> Input:
    return Input(name=name, content=lambda: {kind: content}, is_slow=slow)


def _mime(format_name: str) -> str:
    return f"image/{format_name.lower()}"


@cache
def _plain(format_name: str) -> bytes:
    """A whole picture with some detail, the same in every run."""
    side_px = 200
    noise = random.Random(format_name).randbytes(side_px * side_px * 3)
    buffer = io.BytesIO()
    Image.frombytes("RGB", (side_px, side_px), noise).save(buffer, format_name)
    return buffer.getvalue()


def _torn() -> Iterator[Input]:
    for name in _FORMATS:
        whole = _plain(name)
        for part in _PARTS:
            cut = whole[: int(len(whole) * part)]
            yield _picture(f"{name} cut off after {len(cut)} bytes", _mime(name), cut)
        for seed in range(_TORN_AT):
            yield _picture(f"{name} with bytes changed, {seed}", _mime(name), _changed(name, seed))
        holed = whole[:100] + bytes(len(whole) // 2) + whole[100 + len(whole) // 2 :]
        yield _picture(f"{name} with a hole of zeros", _mime(name), holed)


def _changed(name: str, seed: int) -> bytes:
    rng, torn = random.Random(seed), bytearray(_plain(name))
    # Headers, where the numbers are, more often than pixels.
    for most in [64] * 3 + [1024] * 10 + [len(torn)] * 20:
        torn[rng.randrange(8, min(most, len(torn)))] = rng.randrange(256)
    return bytes(torn)


def _headers() -> Iterator[Input]:
    huge, none = 2**31 - 1, zlib.compress(b"")
    for width, height in ((huge, huge), (0, 0), (1, huge), (2**32 - 1, 1), (65_535, 65_535)):
        yield _picture(f"PNG of {width} x {height} px", "image/png", _png(width, height, none))
    bmp = _plain("BMP")
    for width, height in ((huge, huge), (-1, -1), (200, -(2**31)), (0, 0)):
        made = bmp[:18] + struct.pack("<ii", width, height) + bmp[26:]
        yield _picture(f"BMP of {width} x {height} px", "image/bmp", made)
    gif = b"GIF89a\xff\xff\xff\xff" + _plain("GIF")[10:]
    yield _picture("GIF of 65,535 x 65,535 px", "image/gif", gif)
    jpeg = _plain("JPEG")
    frame = jpeg.index(b"\xff\xc0") + 5
    made = jpeg[:frame] + b"\xff\xff\xff\xff" + jpeg[frame + 4 :]
    yield _picture("JPEG of 65,535 x 65,535 px", "image/jpeg", made)
    webp = b"RIFF\x1a\0\0\0WEBPVP8L\x0d\0\0\0\x2f\xff\xff\xff\x0f" + bytes(8)
    yield _picture("WebP of 16,384 x 16,384 px", "image/webp", webp)
    yield from _tiffs()


def _tiffs() -> Iterator[Input]:
    def tiff(*entries: tuple[int, int, int, int], following: int = 0) -> bytes:
        body = b"".join(struct.pack("<HHII", *each) for each in entries)
        return b"II*\0" + struct.pack("<IH", 8, len(entries)) + body + struct.pack("<I", following)

    size = (256, 4, 1, 2**31), (257, 4, 1, 2**31)
    yield _picture("TIFF of 2^31 x 2^31 px", "image/tiff", tiff(*size))
    yield _picture("TIFF whose directory follows itself", "image/tiff", tiff(*size, following=8))
    yield _picture("TIFF with 2^32 - 1 values", "image/tiff", tiff((273, 4, 2**32 - 1, 8), *size))
    yield _picture("TIFF with a name of 4 GB", "image/tiff", tiff((305, 2, 2**32 - 1, 8), *size))
    strips = tiff((256, 4, 1, 1), (257, 4, 1, 9 * 10**6), (278, 4, 1, 1), (273, 4, 9 * 10**6, 8))
    yield _picture("TIFF of nine million strips", "image/tiff", strips)


def _bombs() -> Iterator[Input]:
    for side, colour in ((13_000, _RGB), (7_000, _RGB), (30_000, _GRAY), (7_000, _RGBA)):
        made = partial(_flat_png, side, side, colour)
        name = f"PNG bomb of {side:,} x {side:,} px, {_CHANNELS[colour]} channels"
        yield Input(name=name, content=lambda made=made: {"image/png": made()}, is_slow=True)
    for name, width, height in (("wide", 40_000_000, 1), ("high", 1, 40_000_000)):
        made = partial(_flat_png, width, height, _GRAY)
        yield Input(name=f"{name} PNG", content=lambda made=made: {"image/png": made()})
    deep = partial(_flat_png, 7_000, 7_000, _RGBA, depth=16)
    yield Input(name="PNG of 49 MP at 64 bits", content=lambda: {"image/png": deep()})
    yield from _chunk_bombs()
    yield from _many_frames()
    for name in ("JPEG", "WEBP", "TIFF", "BMP"):
        yield Input(
            name=f"{name} of 49 MP in one colour",
            content=lambda name=name: {_mime(name): _one_colour(name)},
            is_slow=True,
        )


def _chunk_bombs() -> Iterator[Input]:
    inflated = zlib.compress(bytes(100 * _MB), 9)
    row = zlib.compress(bytes(1 + 8 * 3))
    for kind, before in ((b"zTXt", b"k\0\0"), (b"iTXt", b"k\0\1\0\0\0"), (b"iCCP", b"p\0\0")):
        made = _png(8, 8, row, _chunk(kind, before + inflated))
        yield _picture(f"PNG with 100 MB in {kind.decode()}", "image/png", made)
    yield _picture("PNG of 8 x 8 px with 100 MB of pixels", "image/png", _png(8, 8, inflated))
    many = _chunk(b"tEXt", b"k\0v") * 500_000
    yield _picture("PNG with half a million chunks", "image/png", _png(8, 8, row, many))
    scans = _plain_progressive()
    yield _picture("JPEG whose last scan comes 20,000 times", "image/jpeg", scans)
    exif = b"\xff\xe1" + struct.pack(">H", 65_000) + b"Exif\0\0MM\0*\0\0\0\x08" + bytes(64_984)
    jpeg = _plain("JPEG")
    made = jpeg[:2] + exif * 300 + jpeg[2:]
    yield _picture("JPEG with 19 MB of EXIF", "image/jpeg", made)


def _plain_progressive() -> bytes:
    buffer = io.BytesIO()
    Image.new("RGB", (2_000, 2_000), "teal").save(buffer, "JPEG", progressive=True)
    whole = buffer.getvalue()
    scan = whole[whole.rindex(b"\xff\xda") : -2]
    return whole[:-2] + scan * 20_000 + whole[-2:]


def _many_frames() -> Iterator[Input]:
    for name, frames in (("GIF", 2_000), ("PNG", 2_000), ("WEBP", 300), ("TIFF", 2_000)):
        yield Input(
            name=f"{name} of {frames:,} frames",
            content=lambda name=name, frames=frames: {_mime(name): _frames(name, frames)},
        )


@cache
def _frames(name: str, count: int) -> bytes:
    buffer = io.BytesIO()
    more = [Image.new("L", (32, 32), number % 255) for number in range(count)]
    Image.new("L", (32, 32)).save(buffer, name, save_all=True, append_images=more)
    return buffer.getvalue()


@cache
def _one_colour(name: str) -> bytes:
    buffer = io.BytesIO()
    image = Image.new("RGB", (7_000, 7_000), "navy")
    if name == "BMP":  # uncompressed: under the limit of bytes with one byte a pixel
        image = Image.new("L", (7_000, 6_900))
    image.save(buffer, name, **({"compression": "tiff_deflate"} if name == "TIFF" else {}))
    return buffer.getvalue()


def _polyglots() -> Iterator[Input]:
    png, gif, jpeg = _plain("PNG"), _plain("GIF"), _plain("JPEG")
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("bomb", bytes(10 * _MB))
    page = b"<html><script>alert(1)</script></html>"
    comment = b"\xff\xfe" + struct.pack(">H", len(page) + 2) + page
    pdf = b"%PDF-1.7\n1 0 obj<</Type/Catalog>>endobj\n"
    for name, kind, content in (
        ("PNG and HTML", "image/png", png + page),
        ("PNG and ZIP", "image/png", png + archive.getvalue()),
        ("PNG with HTML inside", "image/png", png[:33] + _chunk(b"tEXt", page) + png[33:]),
        ("PDF and PNG", "image/png", pdf + png),
        ("PDF and JPEG", "image/jpeg", jpeg + pdf),
        ("GIF and script", "image/gif", b"GIF89a/*" + gif[8:] + b"*/=1;alert(1)"),
        ("JPEG with HTML inside", "image/jpeg", jpeg[:2] + comment + jpeg[2:]),
        ("ELF and BMP", "image/bmp", b"BM" + b"\x7fELF" + _plain("BMP")[6:]),
        ("PostScript", "image/tiff", b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 1 1\n"),
        ("two PNGs", "image/png", png + png),
    ):
        yield _picture(f"{name} in one", kind, content)


def _misnamed() -> Iterator[Input]:
    for number, name in enumerate(_FORMATS):
        other = _FORMATS[number - 1]
        yield _picture(f"{other} that says {name}", _mime(name), _plain(other))
        yield _picture(f"text that says {name}", _mime(name), b"not a picture at all")
        yield _picture(f"{name} of no bytes", _mime(name), b"")
    svg = b"<svg xmlns='http://www.w3.org/2000/svg'><image href='file:///etc/passwd'/></svg>"
    yield _picture("SVG that says PNG", "image/png", svg)
    yield _picture("zeros that say PNG", "image/png", bytes(_MB))
    yield _picture("noise that says PNG", "image/png", random.Random(1).randbytes(_MB))


def _png(width: int, height: int, pixels: bytes, extra: bytes = b"", **header: int) -> bytes:
    depth, colour = header.get("depth", 8), header.get("colour", _RGB)
    ihdr = struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, 0)
    parts = _chunk(b"IHDR", ihdr), extra, _chunk(b"IDAT", pixels), _chunk(b"IEND", b"")
    return _PNG + b"".join(parts)


def _chunk(kind: bytes, content: bytes) -> bytes:
    checked = kind + content
    return struct.pack(">I", len(content)) + checked + struct.pack(">I", zlib.crc32(checked))


@cache
def _flat_png(width: int, height: int, colour: int, *, depth: int = 8) -> bytes:
    """A PNG of one colour: a thousandth of its pixels."""
    row = bytes(1 + width * _CHANNELS[colour] * depth // 8)
    packer = zlib.compressobj(6)
    pixels = b"".join(packer.compress(row) for _ in range(height)) + packer.flush()
    return _png(width, height, pixels, depth=depth, colour=colour)
