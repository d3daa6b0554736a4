"""``weavclip``, and ``python -m weavclip``."""

import os
import signal

_INTERRUPTED = 130


def main() -> None:
    """Run the command line. Ctrl-C while it is imported ends it as quietly as later on."""
    # The import takes a good part of a short command's time, and nothing is begun by then.
    is_heard = signal.getsignal(signal.SIGINT) is signal.default_int_handler
    if is_heard:
        signal.signal(signal.SIGINT, lambda *_: os._exit(_INTERRUPTED))
    from weavclip.cli.main import main as run

    if is_heard:
        signal.signal(signal.SIGINT, signal.default_int_handler)
    run()


if __name__ == "__main__":
    main()
