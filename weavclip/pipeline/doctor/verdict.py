"""What was found of one part, and looking at one part after the other."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from typing import TYPE_CHECKING

from weavclip.domain.errors import WeavclipError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Verdict:
    """What was found of one part.

    Attributes:
        part: Such as ``journal``.
        ok: False when it is wrong; None when it is absent and weavclip does without, or when it
            cannot be known.
        sentence: What was found, without content.
        command: What mends it; empty when nothing needs to be mended.
    """

    part: str
    ok: bool | None
    sentence: str
    command: str = ""


def examine(looks: Mapping[str, Callable[[], Iterable[Verdict]]]) -> Iterator[Verdict]:
    """Look at each part in turn; one that cannot be looked at does not hide the others.

    Args:
        looks: By part's name, what looks at it.
    """
    for part, look in looks.items():
        try:
            yield from look()
        except WeavclipError as error:
            yield Verdict(part, False, str(error), error.hint)
        except Exception as error:
            logger.debug("%s could not be looked at", part, exc_info=True)
            # Its class only: what it says may quote a clip.
            sentence = f"it could not be looked at: {type(error).__name__}"
            yield Verdict(part, False, sentence, "weavclip --debug doctor")
