"""Waiting until something the lab started is ready, and saying what its log says when it is not."""

from __future__ import annotations

import socket
import ssl
import subprocess
import time
import urllib.request
from collections.abc import Callable

from lab import processes
from lab.part import Absent
from lab.places import LOGS

_ANY_CERTIFICATE = ssl.create_default_context()
_ANY_CERTIFICATE.check_hostname = False
_ANY_CERTIFICATE.verify_mode = ssl.CERT_NONE


def wait(what: str, ready: Callable[[], object], *, process: str = "", seconds: float = 60) -> None:
    """Ask until the answer is true; an error counts as not yet.

    Raises:
        Absent: it was not ready in time, or its process has ended; names its log and quotes the last lines.
    """
    deadline = time.monotonic() + seconds
    last: object = None
    while True:
        if process and not processes.find(process).alive:
            raise Absent(f"{process} ended while it started; {_log(process)}")
        try:
            last = ready()
        except (Absent, OSError, subprocess.SubprocessError, ValueError, LookupError) as error:
            last = error
        if last and not isinstance(last, Exception):
            return
        if time.monotonic() > deadline:
            where = _log(process) if process else f"the logs are in {LOGS}"
            raise Absent(f"{what} was not ready within {seconds:.0f} s ({last!r}); {where}")
        time.sleep(0.1)


def _log(name: str) -> str:
    process = processes.find(name)
    return f"its log is {process.log}\n{process.last_words()}"


def serves(url: str) -> bool:
    """Say whether a web address answers well."""
    with urllib.request.urlopen(url, timeout=2, context=_ANY_CERTIFICATE) as reply:
        return bool(reply.status < 400)


def listens(port: int) -> bool:
    """Say whether something accepts connections on a port of loopback."""
    try:
        with socket.create_connection(("127.0.0.1", port), 1):
            return True
    except OSError:
        return False
