"""Runs the program: ``trombone-tui``, or ``python -m trombone_tui``."""

from __future__ import annotations

import signal
import sys


def main() -> None:
    """Run the command line and end the process with its exit code.

    Ctrl-C while the first modules load just ends the process; later each command ends in its own way.
    """
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    from trombone_tui.cli.entry import enter  # noqa: PLC0415 - after Ctrl-C has been seen to

    signal.signal(signal.SIGINT, signal.default_int_handler)
    sys.exit(enter(sys.argv[1:]))


if __name__ == "__main__":
    main()
