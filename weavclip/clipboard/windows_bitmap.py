"""An encoded picture as one of Windows' own bitmaps, made by GDI+, which comes with Windows.

For programs that paste bitmaps alone. The picture was decoded once before, where it can do no
harm, when its clip was kept.

References:
    Microsoft, "GDI+ Flat API": GdiplusStartup, GdipCreateBitmapFromStream,
    GdipCreateHBITMAPFromBitmap; shlwapi's SHCreateMemStream; gdi32's GetDIBits.
"""

from __future__ import annotations

import ctypes
import struct
from contextlib import contextmanager
from typing import TYPE_CHECKING

from weavclip.clipboard.windows_calls import StartupInput

if TYPE_CHECKING:
    from collections.abc import Iterator

    from weavclip.clipboard.windows_calls import Handle, Windows

_WHITE = 0xFFFFFFFF  # below what is transparent
_BITS = 24
_HEADER = struct.Struct("<IiiHHIIiiII")


def dib_from(encoded: bytes, system: Windows) -> bytes:
    """The picture as CF_DIB, on white, 24 bits a pixel; empty when GDI+ cannot decode it.

    Args:
        encoded: PNG, JPEG, GIF or TIFF.
        system: The calls.
    """
    with _gdiplus(system) as is_there:
        # Not released: it is a COM object, and this process ends soon.
        stream = system.shlwapi.SHCreateMemStream(encoded, len(encoded)) if is_there else None
        picture = ctypes.c_void_p()
        create = system.gdiplus.GdipCreateBitmapFromStream
        if not stream or create(stream, ctypes.byref(picture)):
            return b""
        try:
            return _dib_of(picture.value, system)
        finally:
            system.gdiplus.GdipDisposeImage(picture.value)


def _dib_of(picture: Handle, system: Windows) -> bytes:
    width, height, bitmap = ctypes.c_uint32(), ctypes.c_uint32(), ctypes.c_void_p()
    system.gdiplus.GdipGetImageWidth(picture, ctypes.byref(width))
    system.gdiplus.GdipGetImageHeight(picture, ctypes.byref(height))
    flatten = system.gdiplus.GdipCreateHBITMAPFromBitmap
    if flatten(picture, ctypes.byref(bitmap), _WHITE):
        return b""
    try:
        return _pixels_of(bitmap.value, system, width_px=width.value, height_px=height.value)
    finally:
        system.gdi32.DeleteObject(bitmap.value)


def _pixels_of(bitmap: Handle, system: Windows, *, width_px: int, height_px: int) -> bytes:
    head = _HEADER.pack(_HEADER.size, width_px, height_px, 1, _BITS, 0, 0, 0, 0, 0, 0)
    header = ctypes.create_string_buffer(head, len(head))
    pixels = ctypes.create_string_buffer((width_px * _BITS + 31) // 32 * 4 * height_px)
    context = system.gdi32.CreateCompatibleDC(None)
    try:
        rows = system.gdi32.GetDIBits(
            context, bitmap, 0, height_px, ctypes.byref(pixels), ctypes.byref(header), 0
        )
    finally:
        system.gdi32.DeleteDC(context)
    return head + pixels.raw if rows == height_px else b""


@contextmanager
def _gdiplus(system: Windows) -> Iterator[bool]:
    """GDI+ for as long as it is used; whether it could be started."""
    token = ctypes.c_size_t()
    options = StartupInput(version=1)
    status = system.gdiplus.GdiplusStartup(ctypes.byref(token), ctypes.byref(options), None)
    try:
        yield status == 0
    finally:
        if status == 0:
            system.gdiplus.GdiplusShutdown(token.value)
