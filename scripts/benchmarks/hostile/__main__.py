"""``python -m scripts.benchmarks.hostile``: all inputs, or a sample of them."""

import sys

from scripts.benchmarks.hostile import main

main(sys.argv[1:])
