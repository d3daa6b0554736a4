"""Pictures as files: good ones of every mode, and hostile ones."""

from __future__ import annotations

import io
import struct
import zlib

import numpy as np
from PIL import Image

SIGNATURE = b"\x89PNG\r\n\x1a\n"
CHANNELS = {0: 1, 2: 3, 6: 4}


def saved(image: Image.Image, form: str = "PNG", **options: object) -> bytes:
    out = io.BytesIO()
    image.save(out, form, **options)
    return out.getvalue()


def drawing(width: int = 40, height: int = 30, *, seed: int = 0) -> Image.Image:
    """Smooth colours with no symmetry, so that a turn or an exchange of channels shows."""
    rng = np.random.default_rng(seed)
    small = Image.fromarray(rng.integers(0, 256, (3, 4, 3), np.uint8))
    return small.resize((width, height), Image.Resampling.BICUBIC)


def chunk(kind: bytes, content: bytes) -> bytes:
    checksum = zlib.crc32(kind + content)
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", checksum)


def png(width: int, height: int, *, colour: int = 2, extra: bytes = b"") -> bytes:
    """A black PNG; a few kilobytes, however large it claims and proves to be."""
    head = struct.pack(">IIBBBBB", width, height, 8, colour, 0, 0, 0)
    row = b"\0" * (1 + width * CHANNELS[colour])
    packer = zlib.compressobj(1)
    body = b"".join(packer.compress(row) for _ in range(height)) + packer.flush()
    parts = chunk(b"IHDR", head), extra, chunk(b"IDAT", body), chunk(b"IEND", b"")
    return SIGNATURE + b"".join(parts)


def png_header(width: int, height: int) -> bytes:
    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    body = chunk(b"IDAT", zlib.compress(b""))
    return SIGNATURE + chunk(b"IHDR", head) + body + chunk(b"IEND", b"")


def packed_text(length: int) -> bytes:
    return chunk(b"zTXt", b"k\0\0" + zlib.compress(b"A" * length, 9))


def hostile() -> dict[str, bytes]:
    """Files that must be refused, by what is wrong with them."""
    good = saved(drawing(640, 480))
    jpeg = saved(drawing(640, 480), "JPEG")
    return {
        "empty": b"",
        "nul bytes": b"\0" * 100,
        "plain words": b"hello",
        "svg": b"<svg xmlns='http://www.w3.org/2000/svg'/>",
        "eps": b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n",
        "html before a png": b"<html><script>" + good,
        "wrong magic": b"\x89PMG" + good[4:],
        "torn png": good[: len(good) // 2],
        "torn jpeg": jpeg[: len(jpeg) // 2],
        "png of 30,000 x 30,000": png_header(30_000, 30_000),
        "png of 2^31": png_header(2**31 - 1, 2**31 - 1),
        "png of no size": png_header(0, 0),
        "bad checksum": good[:-30] + b"\0" * 30,
        "gif header alone": b"GIF89a\xff\xff\xff\xff",
        "bmp of a huge size": b"BM"
        + struct.pack("<IIIIiiHH", 54, 0, 54, 40, 60_000, 60_000, 1, 24),
        "100 MB of text in a png": png(8, 8, extra=packed_text(100 << 20)),
        "webp header alone": b"RIFF\x24\0\0\0WEBPVP8 ",
        "tiff that points outside": b"II*\0\xff\xff\xff\x7f",
    }
