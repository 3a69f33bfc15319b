"""Runs the program: ``trombone-tui``, or ``python -m trombone_tui``."""

from __future__ import annotations

import sys

from trombone_tui.cli.entry import enter


def main() -> None:
    """Run the command line and end the process with its exit code."""
    sys.exit(enter(sys.argv[1:]))


if __name__ == "__main__":
    main()
