"""Windows' bitmaps without a file header (CF_DIB, CF_DIBV5), and BMP files, which have one.

References:
    Microsoft, "Bitmap Header Types" and "Bitmap Storage": BITMAPFILEHEADER, BITMAPCOREHEADER,
    BITMAPINFOHEADER, BITMAPV4HEADER, BITMAPV5HEADER.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass

_FILE_HEADER = struct.Struct("<2sIHHI")  # "BM", size, two reserved, where the pixels begin
_CORE = struct.Struct("<IHHHH")  # size, width, height, planes, bits
_INFO = struct.Struct("<IiiHHIIiiII")
_CORE_BYTES, _INFO_BYTES, _V5_BYTES = 12, 40, 124
# Sizes that headers have had: OS/2, plain, with 3 masks, with 4, version 4, version 5.
_SIZES = frozenset({_CORE_BYTES, _INFO_BYTES, 52, 56, 108, _V5_BYTES})
_RGB, _BITFIELDS, _ALPHA_BITFIELDS = 0, 3, 6
_MASK_BYTES = {_BITFIELDS: 12, _ALPHA_BITFIELDS: 16}
_MOST_PALETTE_BITS = 8
_BITS = frozenset({1, 2, 4, 8, 16, 24, 32})
_PROFILE_AT = 112  # bV5ProfileData and bV5ProfileSize


@dataclass(frozen=True, slots=True)
class _Header:
    """What decides where the pixels begin and how many bytes they take."""

    size: int
    width_px: int
    height_px: int
    bits: int
    compression: int = _RGB
    image_bytes: int = 0
    colours: int = 0

    @property
    def palette_bytes(self) -> int:
        colours = self.colours or (1 << self.bits if self.bits <= _MOST_PALETTE_BITS else 0)
        if self.size == _CORE_BYTES:
            return 3 * colours
        return 4 * colours

    @property
    def pixel_bytes(self) -> int:
        """Rows are padded to 4 bytes; a negative height means that the first row is the top."""
        if self.compression in (_RGB, _BITFIELDS, _ALPHA_BITFIELDS):
            return (self.width_px * self.bits + 31) // 32 * 4 * abs(self.height_px)
        return self.image_bytes


def bmp_of(dib: bytes) -> bytes:
    """The BMP file of a bitmap without a file header.

    Bytes after the pixels (memory is handed out in larger blocks than were asked for) are cut
    off, so that equal bitmaps are equal files; a colour profile stays.

    Raises:
        ValueError: If it is no whole bitmap.
    """
    header = _header(dib)
    offset = _pixels_at(dib, header)
    end = max(offset + header.pixel_bytes, _profile_end(dib, header))
    if end > len(dib):
        message = f"is cut short: {len(dib)} bytes of {end}"
        raise ValueError(message)
    file_bytes = _FILE_HEADER.size
    return _FILE_HEADER.pack(b"BM", file_bytes + end, 0, 0, file_bytes + offset) + dib[:end]


def dib_of(bmp: bytes) -> bytes:
    """The bitmap in a BMP file, without its file header and without a gap before the pixels.

    Raises:
        ValueError: If it is no whole BMP file.
    """
    if len(bmp) < _FILE_HEADER.size or not bmp.startswith(b"BM"):
        message = "is no BMP file"
        raise ValueError(message)
    *_, pixels_at = _FILE_HEADER.unpack_from(bmp)
    dib = bmp[_FILE_HEADER.size :]
    header = _header(dib)
    begin = _after_palette(header)
    return dib[:begin] + dib[pixels_at - _FILE_HEADER.size :]


def is_v5(dib: bytes) -> bool:
    """Whether it has the newest header, and so is CF_DIBV5 instead of CF_DIB."""
    return dib[:4] == _V5_BYTES.to_bytes(4, "little")


def _header(dib: bytes) -> _Header:
    size = int.from_bytes(dib[:4], "little")
    if size not in _SIZES or len(dib) < size:
        message = f"has a header of {size} bytes, which no bitmap has"
        raise ValueError(message)
    header = _core(dib) if size == _CORE_BYTES else _newer(dib, size)
    if header.width_px <= 0 or header.height_px == 0 or header.bits not in _BITS:
        shape = f"{header.width_px} x {header.height_px} px of {header.bits} bits"
        message = f"has an impossible size: {shape}"
        raise ValueError(message)
    return header


def _core(dib: bytes) -> _Header:
    _, width, height, _, bits = _CORE.unpack_from(dib)
    return _Header(_CORE_BYTES, width, height, bits)


def _newer(dib: bytes, size: int) -> _Header:
    _, width, height, _, bits, compression, image_bytes, _, _, colours, _ = _INFO.unpack_from(dib)
    return _Header(size, width, height, bits, compression, image_bytes, colours)


def _after_palette(header: _Header) -> int:
    """Masks follow the plain header only: the newer ones hold them."""
    masks = _MASK_BYTES.get(header.compression, 0) if header.size == _INFO_BYTES else 0
    return header.size + masks + header.palette_bytes


def _pixels_at(dib: bytes, header: _Header) -> int:
    """Where the pixels begin.

    Windows, when it makes CF_DIBV5 of another bitmap, repeats the three masks after the header
    that holds them already; the documentation does not say so. They are taken for masks when
    they equal the header's and the bytes are one set of masks too many.
    """
    offset = _after_palette(header)
    if header.size > _INFO_BYTES and header.compression == _BITFIELDS:
        masks = dib[_INFO_BYTES : _INFO_BYTES + 12]
        is_longer = len(dib) - offset >= header.pixel_bytes + len(masks)
        if is_longer and dib[offset : offset + len(masks)] == masks:
            return offset + len(masks)
    return offset


def _profile_end(dib: bytes, header: _Header) -> int:
    if header.size < _V5_BYTES:
        return 0
    begin, size = struct.unpack_from("<II", dib, _PROFILE_AT)
    return begin + size if size else 0
