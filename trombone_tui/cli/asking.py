"""Asks on the terminal. Ctrl-C is an answer, too: it ends the command, and nothing is done."""

from __future__ import annotations

import os
import select
import signal
import socket
import sys
import termios
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import click

_LINE = 4096
"""Bytes: the longest line that a terminal hands on."""


def yes(question: str, *, default: bool = False) -> bool:
    """Ask for yes or no on standard error.

    Raises:
        click.Abort: Ctrl-C, or nobody is there any more.
    """
    answers = {"y": True, "yes": True, "n": False, "no": False, "": default}
    with _alone() as line:
        while (answer := line(f"{question} [{'Y/n' if default else 'y/N'}]: ").lower()) not in answers:
            click.echo("answer y or n", err=True)
        return answers[answer]


def typed(question: str) -> str:
    """Ask for a text on standard error.

    Raises:
        click.Abort: Ctrl-C, or nobody is there any more.
    """
    with _alone() as line:
        while not (answer := line(f"{question}: ")):
            pass
        return answer


@contextmanager
def _alone() -> Iterator[Callable[[str], str]]:
    """Leave out what was typed before, and hear Ctrl-C, of which asyncio would only take note.

    A signal that comes just before a read would be seen after it only. So the wait is for a line or a signal.
    """
    termios.tcflush(sys.stdin, termios.TCIFLUSH)
    heard, signalled = socket.socketpair()
    signalled.setblocking(False)
    handler = signal.signal(signal.SIGINT, signal.default_int_handler)
    wakeup = signal.set_wakeup_fd(signalled.fileno(), warn_on_full_buffer=False)

    def line(asked: str) -> str:
        click.echo(asked, nl=False, err=True)
        while sys.stdin not in select.select([sys.stdin, heard], [], [])[0]:
            heard.recv(_LINE)
        text = os.read(sys.stdin.fileno(), _LINE)
        if not text:
            raise click.Abort
        return text.decode(errors="replace").strip()

    try:
        yield line
    except KeyboardInterrupt:
        raise click.Abort from None
    finally:
        signal.set_wakeup_fd(wakeup)
        signal.signal(signal.SIGINT, handler)
        heard.close()
        signalled.close()
