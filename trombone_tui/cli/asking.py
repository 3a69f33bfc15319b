"""Asks on the terminal. Ctrl-C is an answer, too: it ends the command, and nothing is done."""

from __future__ import annotations

import signal
import sys
import termios
from collections.abc import Iterator
from contextlib import contextmanager

import click


def yes(question: str, *, default: bool = False) -> bool:
    """Ask for yes or no on standard error.

    Raises:
        click.Abort: Ctrl-C, or nobody is there any more.
    """
    with _alone():
        return click.confirm(question, default=default, err=True)


def typed(question: str) -> str:
    """Ask for a text on standard error.

    Raises:
        click.Abort: Ctrl-C, or nobody is there any more.
    """
    with _alone():
        return str(click.prompt(question, err=True))


@contextmanager
def _alone() -> Iterator[None]:
    """Leave out what was typed before; have Ctrl-C end the waiting, of which asyncio would only take note."""
    termios.tcflush(sys.stdin, termios.TCIFLUSH)
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
