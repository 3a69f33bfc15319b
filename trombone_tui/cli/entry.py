"""The way in and the ways out: runs a command and turns every ending into one line and an exit code."""

from __future__ import annotations

import os
import sys
import traceback
from collections.abc import Sequence

import click

from trombone_tui.cli.commands import PROGRAM, ReaderGoneError, trombone
from trombone_tui.core.ports import PortError
from trombone_tui.core.text import clean

FAILED = 2
INTERRUPTED = 130
"""As if ended by SIGINT."""
NOBODY_READS = 141
"""As if ended by SIGPIPE: who reads our output has gone."""


def enter(arguments: Sequence[str]) -> int:
    """Run the command line and return the exit code; what went wrong is said on standard error."""
    try:
        code = trombone.main(list(arguments), prog_name=PROGRAM, standalone_mode=False)
    except click.UsageError as error:
        path = error.ctx.command_path if error.ctx else PROGRAM
        what = error.format_message()
        return _fail(what[:1].lower() + what[1:], f"see `{path} --help`")
    except PortError as error:
        return _fail(str(error), error.advice)
    except (KeyboardInterrupt, click.Abort):
        return INTERRUPTED
    except ReaderGoneError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return NOBODY_READS
    except Exception:  # a bug: Python's own exit code, 1, would say that something needs a human
        traceback.print_exc()
        return FAILED
    return int(code or 0)


def _fail(what: str, advice: str) -> int:
    sys.stderr.write(f"error: {clean(what)}\n")
    if advice:
        sys.stderr.write(f"{clean(advice)}\n")
    return FAILED
