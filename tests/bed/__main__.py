"""Runs the bed's command line: `python -m tests.bed up`."""

import sys

from tests.bed.cli import main

sys.exit(main(sys.argv[1:]))
