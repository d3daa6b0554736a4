"""Whether an encoded picture has come to its end, where nothing else says so.

References:
    PNG 3rd edition, 11.2.5 (IEND); ITU-T T.81, B.1.1.3 (EOI; FF in the data is never followed
    by D9); GIF89a, 27 (trailer); the WebP container's RIFF header; BITMAPFILEHEADER's bfSize.
    TIFF's parts may lie in any order: there is no saying.
"""

from __future__ import annotations

# Programs have been seen to write a little after the end.
_TAIL_BYTES = 4096


def is_torn(content: bytes) -> bool:
    r"""Whether the end is missing; False for what is none of the pictures above.

    >>> is_torn(b"\x89PNG\r\n\x1a\n...IDAT..."), is_torn(b"\x89PNG\r\n\x1a\n...IEND\xaeB`\x82")
    (True, False)
    >>> is_torn(b"\xff\xd8\xff..."), is_torn(b"\xff\xd8\xff...\xff\xd9")
    (True, False)
    >>> is_torn(b"RIFF\x08\0\0\0WEBPdat"), is_torn(b"RIFF\x08\0\0\0WEBPdata")
    (True, False)
    >>> is_torn(b"any words")
    False
    """
    tail = content[-_TAIL_BYTES:]
    if content.startswith(b"\x89PNG\r\n\x1a\n"):
        return b"IEND" not in tail
    if content.startswith(b"\xff\xd8\xff"):
        return b"\xff\xd9" not in tail
    if content.startswith((b"GIF87a", b"GIF89a")):
        return b";" not in tail.rstrip(b"\0")[-1:]
    if content.startswith(b"RIFF") and content[8:12] == b"WEBP":
        return len(content) < 8 + int.from_bytes(content[4:8], "little")
    if content.startswith(b"BM"):
        return len(content) < int.from_bytes(content[2:6], "little")
    return False
