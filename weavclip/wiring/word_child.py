"""A process that indexes the words of long texts and ends: ``-m weavclip.wiring.word_child``.

The agent runs it: what FTS5 needs for 10 MB of different words, 220 MB, would be its own for good.
"""

from __future__ import annotations

import logging
import os
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from weavclip.settings import Settings

_WITHIN_S = 300.0

logger = logging.getLogger(__name__)


def run(settings: Settings) -> None:
    """Index what waits, in a child; a failure is only logged, for a search does it as well."""
    import subprocess

    try:
        subprocess.run(
            [sys.executable, "-m", __name__],
            env={**os.environ, "WEAVCLIP_DATA_DIR": str(settings.data_dir)},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            timeout=_WITHIN_S,
            check=True,
        )
    except (OSError, subprocess.SubprocessError) as error:
        logger.warning("words are indexed later: %s", type(error).__name__)


def main() -> None:
    """In the child."""
    from weavclip import settings
    from weavclip.wiring.parts import index_words, open_journal

    # Not at a lower priority: who copies meanwhile waits for the lock that this process holds.
    with open_journal(settings.load().settings) as journal:
        index_words(journal)


if __name__ == "__main__":
    main()
