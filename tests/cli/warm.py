"""The program as a process of its own, forked from one that has its commands loaded: a second of imports is
paid once. Textual and rich can't be loaded in it, so a command that works here needs neither."""

from __future__ import annotations

import atexit
import gc
import json
import os
import signal
import socket
import subprocess
import sys
import termios
from collections.abc import Mapping, Sequence
from fcntl import ioctl
from functools import lru_cache
from typing import Any, NoReturn


class Forked:
    """A run of the program, handled as ``subprocess.Popen`` is; a terminal makes it a session of its own."""

    def __init__(
        self,
        arguments: Sequence[str],
        files: tuple[int, int, int],
        env: Mapping[str, str] | None = None,
        *,
        on_terminal: bool = False,
    ) -> None:
        self._line, other = socket.socketpair()
        asked = {
            "arguments": arguments,
            "env": {**os.environ, **(env or {})},
            "on_terminal": on_terminal,
        }
        with other:
            socket.send_fds(_server(), [b"."], [*files, other.fileno()])
        self._line.sendall(json.dumps(asked).encode() + b"\n")
        self._told = self._line.makefile()
        self.pid = int(self._told.readline())
        self.returncode: int | None = None

    def poll(self) -> int | None:
        """Return the exit code, or None while it runs."""
        if self.returncode is not None:
            return self.returncode
        self._line.setblocking(False)
        try:
            self._line.recv(1, socket.MSG_PEEK)  # its exit code, or the end of what had that in it already
        except BlockingIOError:
            return None
        return self.wait()

    def wait(self, timeout: float | None = None) -> int:
        """Wait for its end.

        Raises:
            TimeoutError: it goes on.
        """
        if self.returncode is None:
            self._line.settimeout(timeout)
            self.returncode = int(self._told.readline())
            self._told.close()
            self._line.close()
        return self.returncode

    def send_signal(self, number: int) -> None:
        """Send it a signal."""
        if self.returncode is None:
            os.kill(self.pid, number)

    def terminate(self) -> None:
        """Ask it to end."""
        self.send_signal(signal.SIGTERM)


@lru_cache
def _server() -> socket.socket:
    """Return the line to this process's own server, which ends with it."""
    mine, its = socket.socketpair()
    with its:
        process = subprocess.Popen(
            [sys.executable, __file__, str(its.fileno())],
            pass_fds=[its.fileno()],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
        )
    atexit.register(_end, mine, process)
    return mine


def _end(line: socket.socket, process: subprocess.Popen[bytes]) -> None:
    line.close()
    process.wait()


def _serve(line: socket.socket) -> None:
    """Fork a keeper for each run that is asked for, until nobody can ask any more."""
    keepers = set()
    while True:
        asked, files, *_ = socket.recv_fds(line, 1, 4)
        if not asked:
            return
        keepers = {pid for pid in keepers if os.waitpid(pid, os.WNOHANG) == (0, 0)}
        if not (keeper := os.fork()):
            line.close()
            _keep(files)
        keepers.add(keeper)
        for one in files:
            os.close(one)


def _keep(files: list[int]) -> NoReturn:
    """Fork the program, and say its process and, when it has ended, its exit code."""
    with socket.socket(fileno=files.pop()) as line:
        asked = json.loads(line.makefile().readline())
        pid = os.fork()
        if pid:
            for one in files:
                os.close(one)
            line.sendall(f"{pid}\n".encode())
            code = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
            line.sendall(f"{code}\n".encode())
            os._exit(0)
    _become(files, **asked)


def _become(files: list[int], arguments: list[str], env: dict[str, str], *, on_terminal: bool) -> NoReturn:
    """Be the program as if just started: its arguments, environment, files and terminal."""
    for number, one in enumerate(files):
        os.dup2(one, number)
        os.close(one)
    if on_terminal:
        os.setsid()
        ioctl(0, termios.TIOCSCTTY, 0)
    os.environ.clear()
    os.environ.update(env)
    streams: list[Any] = [os.fdopen(number, mode, closefd=False) for number, mode in enumerate("rww")]
    sys.stdin, sys.stdout, sys.stderr = streams
    sys.stderr.reconfigure(line_buffering=True)
    sys.argv = ["trombone-tui", *arguments]
    main()
    raise AssertionError("the program always ends itself")


if __name__ == "__main__":
    sys.modules.update(dict.fromkeys(("textual", "rich")))  # type: ignore[arg-type]  # None forbids it
    from trombone_tui.__main__ import main
    from trombone_tui.cli import (  # noqa: F401 - what the commands load when they run
        commands,
        demo_server,
        doing,
        install_commands,
        installing,
        status,
        uninstalling,
        verb_commands,
        way_back,
    )
    from trombone_tui.pipeline import PIPELINE

    for stage in PIPELINE:
        stage.load()
    gc.freeze()
    _serve(socket.socket(fileno=int(sys.argv[1])))
