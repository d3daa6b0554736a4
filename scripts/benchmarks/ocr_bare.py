"""The bare library in a process of its own: a path on stdin, seconds and words on stdout.

It is called as its own documentation does, with its defaults, on pixels that are decoded already.
"""

from __future__ import annotations

import json
import os
import sys
import time
from importlib import import_module

import numpy as np
from PIL import Image

from weavclip.embed.sessions import NO_TELEMETRY

NICENESS = 10
"""As our child's, so that both wait alike on a machine that is busy."""


def main() -> None:
    """Read each picture that is named."""
    os.environ.update(NO_TELEMETRY)
    os.nice(NICENESS)
    read = import_module("rapidocr").RapidOCR(params={"Global.log_level": "critical"})
    for line in sys.stdin:
        pixels = np.asarray(Image.open(line.strip()).convert("RGB"))[:, :, ::-1]
        began, used = time.perf_counter(), time.process_time()
        found = read(pixels)
        told = {
            "seconds": time.perf_counter() - began,
            "cpu_s": time.process_time() - used,
            "text": "\n".join(found.txts or ()),
        }
        print(json.dumps(told), flush=True)


if __name__ == "__main__":
    main()
