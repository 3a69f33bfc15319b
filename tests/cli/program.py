"""Runs the real program as a process, with a terminal where it matters."""

from __future__ import annotations

import os
import pty
import re
import select
import signal
import socket
import struct
import subprocess
import sys
import tempfile
import termios
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from fcntl import ioctl
from pathlib import Path
from typing import IO

from warm import Forked

WAIT = 40.0
"""Seconds after which something that should have happened has not."""
NOTHING = Path(os.devnull)


@dataclass(frozen=True)
class Ended:
    code: int
    out: str
    err: str


def run(*arguments: str, env: dict[str, str] | None = None, before: str = "", timeout: float = WAIT) -> Ended:
    """Run the program to its end. ``before`` is Python that runs first, in the same process."""
    start = [sys.executable, "-m", "trombone_tui"]
    if before:
        start = [sys.executable, "-c", f"{before}\nfrom trombone_tui.__main__ import main; main()"]
    done = subprocess.run(
        [*start, *arguments],
        capture_output=True,
        check=False,
        text=True,
        encoding="utf-8",
        timeout=timeout,
        env={**os.environ, **(env or {})},
        stdin=subprocess.DEVNULL,
    )
    return Ended(done.returncode, done.stdout, done.stderr)


def ask(*arguments: str, env: dict[str, str] | None = None, timeout: float = WAIT) -> Ended:
    """Run the program to its end as ``run`` does, forked from one that has its commands loaded."""
    with NOTHING.open() as nothing, tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
        process = Forked(arguments, (nothing.fileno(), out.fileno(), err.fileno()), env)
        try:
            code = process.wait(timeout)
        except TimeoutError:
            process.send_signal(signal.SIGKILL)
            raise
        said = []
        for file in (out, err):
            file.seek(0)
            said.append(file.read().decode())
    return Ended(code, *said)


@contextmanager
def demo_server(scenario: str, folder: Path) -> Iterator[Path]:
    """Have an embedded cluster that outlives the processes that ask it; yields its kubeconfig's path."""
    file = folder / f"{scenario}.kubeconfig"
    reading, writing = os.pipe()
    with NOTHING.open("r+") as nothing, os.fdopen(reading) as told:
        words = ("demo-server", scenario, "--kubeconfig", str(file))
        process = Forked(words, (nothing.fileno(), writing, nothing.fileno()))
        os.close(writing)
        try:
            assert told.readline() == f"{file}\n"
            yield file
        finally:
            process.terminate()
            process.wait(WAIT)


_OWN_TERMINAL = """
import fcntl, signal, termios
signal.signal(signal.SIGINT, signal.SIG_DFL)
fcntl.ioctl(0, termios.TIOCSCTTY, 0)
from trombone_tui.__main__ import main
main()
"""
"""Makes the pseudo-terminal the one on which Ctrl-C is heard."""


class Terminal:
    """The program on a pseudo-terminal: what it wrote so far, and keys to send."""

    def __init__(
        self,
        *arguments: str,
        env: dict[str, str] | None = None,
        size: tuple[int, int] = (36, 120),
        out: IO[bytes] | None = None,
        forked: bool = False,
    ) -> None:
        self.master, slave = pty.openpty()
        ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", *size, 0, 0))
        self.before = termios.tcgetattr(slave)
        self.slave = slave
        self.written = b""
        stdout = slave if out is None else out.fileno()
        env = {"TERM": "xterm-256color", **(env or {})}
        self.process: subprocess.Popen[bytes] | Forked
        if forked:
            self.process = Forked(arguments, (slave, stdout, slave), env, on_terminal=True)
        else:
            self.process = subprocess.Popen(
                [sys.executable, "-c", _OWN_TERMINAL, *arguments],
                stdin=slave,
                stdout=stdout,
                stderr=slave,
                env={**os.environ, **env},
                start_new_session=True,
            )
        self.until(lambda _: os.tcgetpgrp(self.master) == self.process.pid, "process on its terminal")

    def read(self, seconds: float) -> None:
        """Take what the program writes within some time, and all that is there already with it."""
        while select.select([self.master], [], [], seconds)[0]:
            self.written += os.read(self.master, 65536)
            seconds = 0

    def until(self, true: Callable[[Terminal], bool], what: str) -> None:
        """Read until something is so, or fail saying what was waited for."""
        end = time.monotonic() + WAIT
        while not true(self):
            assert time.monotonic() < end, f"no {what} within {WAIT} s: {self.text[-2000:]}"
            self.read(0.05)

    def until_text(self, text: str) -> None:
        """Read until the program has written a text."""
        self.until(lambda terminal: text in terminal.text, repr(text))

    @property
    def text(self) -> str:
        """What was written, without the sequences that move and colour."""
        plain = re.sub(rb"\x1b(\[[0-?]*[ -/]*[@-~]|\][^\x07]*\x07|P[^\x1b]*\x1b\\|[=>])", b"", self.written)
        return plain.decode("utf-8", "replace")

    def send(self, keys: bytes) -> None:
        """Press keys."""
        os.write(self.master, keys)

    def end(self) -> int:
        """Wait until the program has ended, reading on; return its exit code."""
        self.until(lambda terminal: terminal.process.poll() is not None, "end")
        self.read(0)
        return int(self.process.returncode)

    @property
    def restored(self) -> bool:
        """Whether the terminal is as it was: its modes, the main screen, the cursor, no mouse reports."""
        last = {mode: self.written.rfind(mode) for mode in (b"\x1b[?1049l", b"\x1b[?25h", b"\x1b[?1000l")}
        undone = [b"\x1b[?1049h", b"\x1b[?25l", b"\x1b[?1000h"]
        return termios.tcgetattr(self.slave) == self.before and all(
            off >= self.written.rfind(on) for off, on in zip(last.values(), undone, strict=True)
        )

    def close(self) -> None:
        """Leave nothing behind."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGKILL)
        self.process.wait()
        os.close(self.master)
        os.close(self.slave)


@contextmanager
def terminal(
    *arguments: str, env: dict[str, str] | None = None, out: IO[bytes] | None = None, forked: bool = False
) -> Iterator[Terminal]:
    """Run the program on a terminal and end it in any case; what it prints may go to a file.

    ``forked`` is as in ``ask``: only for commands without a screen.
    """
    opened = Terminal(*arguments, env=env, out=out, forked=forked)
    try:
        yield opened
    finally:
        opened.close()


@dataclass(frozen=True)
class Hole:
    url: str
    held: list[socket.socket]
    """The connections that were taken."""


@contextmanager
def black_hole() -> Iterator[Hole]:
    """Listen, take connections, and never answer."""
    held: list[socket.socket] = []
    with socket.create_server(("127.0.0.1", 0)) as server:

        def swallow() -> None:
            while True:
                try:
                    held.append(server.accept()[0])
                except OSError:
                    return

        thread = threading.Thread(target=swallow, daemon=True)
        thread.start()
        host, port = server.getsockname()
        try:
            yield Hole(f"http://{host}:{port}", held)
        finally:
            server.shutdown(socket.SHUT_RDWR)
            thread.join(WAIT)
            for connection in held:
                connection.close()


def kubeconfig(path: Path, server: str, *contexts: str, user: str = "{token: secret}") -> str:
    """Write a kubeconfig with one cluster under some contexts' names; the first is the current one."""
    names = contexts or ("here",)
    listed = "".join(f"- {{name: {name}, context: {{cluster: c, user: u}}}}\n" for name in names)
    path.write_text(
        "apiVersion: v1\nkind: Config\n"
        f"clusters: [{{name: c, cluster: {{server: '{server}'}}}}]\n"
        f"users: [{{name: u, user: {user}}}]\n"
        f"contexts:\n{listed}current-context: {names[0]}\n"
    )
    return str(path)
