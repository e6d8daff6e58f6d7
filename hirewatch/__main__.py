"""The front door: runs the command line and turns what went wrong into one message and an exit code."""

from __future__ import annotations

import sys

from hirewatch.cli import cli
from hirewatch.cli.failures import run


def main() -> None:
    """`hirewatch` and `python -m hirewatch`."""
    sys.exit(run(cli, sys.argv[1:]))


if __name__ == "__main__":
    main()
