"""A copy becomes a clip: decided on, read, measured and written, one after the other."""

from __future__ import annotations

import logging
import mimetypes
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from enum import StrEnum
from typing import TYPE_CHECKING

from weavclip.domain.clip import Offer, Ruling
from weavclip.isolation import files
from weavclip.pipeline import reading

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from pathlib import Path
    from uuid import UUID

    from weavclip.domain.clip import Draft, Kind
    from weavclip.domain.ports import Gate, Inspector
    from weavclip.domain.stores import Journal

logger = logging.getLogger(__name__)

_MAGIC = (
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"GIF8", "image/gif"),
    (b"BM", "image/bmp"),
    (b"II*\0", "image/tiff"),
    (b"MM\0*", "image/tiff"),
)
_WEBP_AT = 8


class Verdict(StrEnum):
    """What became of a copy; ``KNOWN`` is one that lay there before watching began."""

    STORED = "stored"
    COUNTED = "counted"
    KNOWN = "known"
    SKIPPED = "skipped"


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a copy, and why.

    Attributes:
        verdict: Stored, counted (an equal clip was there), known or skipped.
        clip_id: The clip that stands for it; None when known or skipped.
        reason: Why it was skipped, without content; empty otherwise.
    """

    verdict: Verdict
    clip_id: UUID | None = None
    reason: str = ""


class Ingest:
    """Takes offers and files into the journal."""

    def __init__(
        self,
        journal: Journal,
        gate: Gate,
        *,
        inspector: Inspector,
        limits: reading.Limits,
        device: str = "",
        labels_of: Callable[[str, Kind], Iterable[str]] = lambda _text, _kind: (),
    ) -> None:
        """Be handed the parts.

        Args:
            journal: Where clips are kept.
            gate: Decides by where a copy comes from what may be.
            inspector: Decides by what it holds.
            limits: Over which size a clip is skipped.
            device: Name of this machine.
            labels_of: Says what words are by their form; given with their kind.
        """
        self._journal = journal
        self._gate = gate
        self._inspector = inspector
        self._limits = limits
        self._device = device
        self._labels_of = labels_of

    def take(self, offer: Offer) -> Outcome:
        """Keep one copy, durably, or say why not.

        Raises:
            JournalError: If it should be kept and cannot be written.
        """
        for problem in offer.problems:
            logger.warning("a type of this copy was not read: %s", problem)
        ours = "it is our own copy" if offer.own_id is not None else None
        refusal = ours or self._gate.refusal(offer)
        if refusal:
            return _skipped(refusal)
        draft = reading.read(offer, device=self._device)
        if draft is None:
            return _skipped("; ".join(offer.problems) or "nothing in it can be kept")
        ruling = self._ruling(draft)
        if ruling.refusal:
            return _skipped(ruling.refusal)
        if offer.on_start and self._journal.stands_last(draft):
            logger.info("what is on the clipboard was there before")
            return Outcome(Verdict.KNOWN)
        return self._keep(draft, ruling)

    def _ruling(self, draft: Draft) -> Ruling:
        too_large = reading.over_limit(draft, self._limits)
        if too_large:
            return Ruling(refusal=too_large)
        return self._inspector.ruling(draft, reading.texts_of(draft))

    def _keep(self, draft: Draft, ruling: Ruling) -> Outcome:
        labels = self._labels(draft) if ruling.expires_at is None else ()
        added = self._journal.add(replace(draft, expires_at=ruling.expires_at, labels=labels))
        verdict = Verdict.STORED if added.is_new else Verdict.COUNTED
        if ruling.expires_at is None:
            size = len(draft.digest_source)
            logger.info("%s %s: %s, %d bytes", verdict, added.id, draft.kind, size)
        else:  # the length would say something of a secret
            logger.info("%s %s until %s: %s", verdict, added.id, ruling.expires_at, ruling.reason)
        return Outcome(verdict, added.id)

    def _labels(self, draft: Draft) -> tuple[str, ...]:
        try:
            return tuple(self._labels_of(draft.text, draft.kind)) if draft.text else ()
        except Exception as error:  # noqa: BLE001 - the copy is kept in any case
            logger.warning("a copy gets no labels: %s", type(error).__name__)
            return ()

    def take_file(self, path: Path) -> Outcome:
        """Keep the content of a file: a picture, or text in UTF-8.

        Raises:
            JournalError: If it should be kept and cannot be written.
        """
        most_bytes, setting = max(
            (self._limits.image_bytes, "max_image_bytes"),
            (self._limits.text_bytes, "max_text_bytes"),
        )
        try:
            content = files.read(path, most_bytes=most_bytes, setting=setting)
        except files.TooLargeError as error:
            return _skipped(error.strerror)
        except OSError as error:
            return _skipped(f"it cannot be read: {error.strerror}")
        mime_type = sniff(content, name=path.name)
        if mime_type is None:
            return _skipped("neither a picture nor text in UTF-8")
        offer = Offer(
            types=(mime_type,), representations={mime_type: content}, at=datetime.now(UTC)
        )
        return self.take(offer)


def sniff(content: bytes, *, name: str = "") -> str | None:
    """The MIME type of a file's content: an image type, ``text/html``, ``text/plain`` or None."""
    for magic, mime_type in _MAGIC:
        if content.startswith(magic):
            return mime_type
    if content.startswith(b"RIFF") and content[_WEBP_AT:].startswith(b"WEBP"):
        return "image/webp"
    if content[4:12] in (b"ftypavif", b"ftypavis"):
        return "image/avif"
    try:
        content.decode()
    except UnicodeDecodeError:
        return None
    if b"\0" in content:
        return None
    return "text/html" if mimetypes.guess_type(name)[0] == "text/html" else "text/plain"


def _skipped(reason: str) -> Outcome:
    logger.info("skipped a copy: %s", reason)
    return Outcome(Verdict.SKIPPED, reason=reason)
