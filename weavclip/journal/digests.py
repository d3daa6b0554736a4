"""What makes two copies one clip, and what names a blob."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from weavclip.domain.clip import Kind

if TYPE_CHECKING:
    from weavclip.domain.clip import Draft

# A picture never equals a text, even where their bytes do. A text's bytes follow its mark into
# SHA-256, a picture's digest follows its mark as it is: then it names the blob, too. Hashing 300
# KiB once more would be a tenth of what a picture's commit takes.
_WORDS = b"words "
_PICTURE = b"picture "


def digest_of(draft: Draft) -> bytes:
    """The key under which a copy is known when it comes again."""
    if draft.kind is Kind.IMAGE:
        return _PICTURE + hashlib.sha256(draft.digest_source).digest()
    digest = hashlib.sha256(_WORDS)
    digest.update(draft.digest_source)
    return digest.digest()


def blob_name(content: bytes, *, digest: bytes, is_source: bool) -> str:
    """The SHA-256 of one of a draft's contents in hex.

    Args:
        content: The bytes.
        digest: What :func:`digest_of` gave for the draft.
        is_source: These are the bytes that the draft's digest is of.
    """
    if is_source and digest.startswith(_PICTURE):
        return digest.removeprefix(_PICTURE).hex()
    return hashlib.sha256(content).hexdigest()


def stored_picture_digest(content: bytes | None, blob: str | None) -> bytes:
    """The digest of a picture from its row: its bytes, or the name of its blob."""
    if blob is not None:
        return _PICTURE + bytes.fromhex(blob)
    return _PICTURE + hashlib.sha256(content or b"").digest()
