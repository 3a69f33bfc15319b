"""A pseudo terminal with a program in it: keys go in, bytes and the screen they make come out."""

from __future__ import annotations

import fcntl
import os
import pty
import select
import signal
import struct
import subprocess
import sys
import termios
import time
from collections.abc import Callable
from pathlib import Path

import pyte

ROOT = Path(__file__).parents[2]


class Terminal:
    """Runs a Python script of this folder on a pty; `tell` sends a line to its descriptor 3's twin."""

    def __init__(
        self, script: Path, *args: str, size: tuple[int, int] = (120, 36), **environment: str
    ) -> None:
        self.size = size
        self.screen = pyte.Screen(*size)
        self._stream = pyte.ByteStream(self.screen)
        self.rate: float | None = None
        """Bytes a second the terminal takes; None means as fast as it can."""
        self.parse = True
        """Whether the screen is kept up with what comes: pyte takes its time for it."""
        self._master, slave = pty.openpty()
        fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", size[1], size[0], 0, 0))
        told, self._telling = os.pipe()
        env = {
            **{k: v for k, v in os.environ.items() if not k.startswith(("LC_", "NO_COLOR", "COV_"))},
            "TERM": "xterm-256color", "COLORTERM": "truecolor", "LANG": "C.UTF-8",
            "PYTHONPATH": os.pathsep.join((str(ROOT), str(ROOT / "tests" / "ui"))),
            **environment,
        }  # fmt: skip
        self.started = time.perf_counter()
        self.process = subprocess.Popen(
            [sys.executable, str(script), str(told), *args],
            stdin=slave, stdout=slave, stderr=slave, pass_fds=(told,), env=env, start_new_session=True,
        )  # fmt: skip
        os.close(slave)
        os.close(told)

    def __enter__(self) -> Terminal:
        return self

    def __exit__(self, *_: object) -> None:
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGKILL)
        self.process.wait()
        os.close(self._master)
        os.close(self._telling)

    def send(self, keys: str) -> None:
        os.write(self._master, keys.encode())

    def tell(self, line: str) -> None:
        os.write(self._telling, f"{line}\n".encode())

    def read(self, seconds: float) -> bytes:
        """Return what comes within some time, at once when anything does; empty if nothing or at the end."""
        ready, _, _ = select.select([self._master], [], [], max(0.0, seconds))
        if not ready:
            return b""
        try:
            data = os.read(self._master, 65536 if self.rate is None else max(64, int(self.rate * 0.01)))
        except OSError:
            return b""
        if self.rate is not None:
            time.sleep(len(data) / self.rate)
        if self.parse:
            self._stream.feed(data)
        return data

    def during(self, seconds: float) -> bytes:
        """Return all that comes within some time."""
        end, data = time.perf_counter() + seconds, b""
        while (left := end - time.perf_counter()) > 0:
            data += self.read(left)
        return data

    def until_quiet(self, seconds: float = 0.4, within: float = 30) -> bytes:
        """Return all that comes until nothing has come for some time."""
        end, data = time.perf_counter() + within, b""
        while time.perf_counter() < end:
            more = self.read(seconds)
            if not more:
                return data
            data += more
        raise AssertionError("the terminal never falls silent")

    def until(self, condition: Callable[[], object], within: float = 30) -> float:
        """Read until a condition of the screen holds; return how many seconds that took."""
        begin = time.perf_counter()
        while not condition():
            if time.perf_counter() - begin > within:
                raise AssertionError("waited in vain; the screen says:\n" + "\n".join(self.screen.display))
            self.read(0.05)
        return time.perf_counter() - begin

    def shows(self, text: str) -> bool:
        return any(text in line for line in self.screen.display)

    def ends(self, within: float = 20) -> int:
        """Return the exit code; what is still written is read meanwhile."""
        end = time.perf_counter() + within
        while self.process.poll() is None:
            if time.perf_counter() > end:
                raise AssertionError("the program does not end")
            self.read(0.02)
        self.until_quiet(0.05)
        return self.process.returncode
