"""The audit log: a line of JSON for each thing that was about to be done, and for what became of it."""

from __future__ import annotations

import asyncio
import getpass
import os
import stat
from collections.abc import Mapping
from pathlib import Path

import msgspec

from trombone_tui.core.audit import Entry
from trombone_tui.core.ports import Refused

_FLAGS = os.O_RDWR | os.O_APPEND | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC


def audit_file(environ: Mapping[str, str]) -> Path:
    """Say where the log belongs: ``$XDG_STATE_HOME/trombone-tui/audit.jsonl``."""
    base = environ.get("XDG_STATE_HOME") or ""
    home = Path(base) if Path(base).is_absolute() else Path.home() / ".local" / "state"
    return home / "trombone-tui" / "audit.jsonl"


class AuditFile:
    """The ``Audit`` port on a file that only its owner can read; lines are only ever added."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._user = _os_user()
        self._turn = asyncio.Lock()

    async def write(self, entry: Entry) -> None:
        """Write an entry down, and return when it is on the disk.

        Raises:
            Refused: it can't be; the text says where and why.
        """
        line = msgspec.json.encode(msgspec.structs.replace(entry, os_user=self._user)) + b"\n"
        async with self._turn:
            try:
                await asyncio.to_thread(_append, self._path, line)
            except OSError as error:
                why = error.strerror or str(error)
                raise Refused(
                    f"can't note it in {self._path}: {why.lower()}",
                    advice="nothing is changed that can't be noted: make the file writable for you alone",
                ) from error


def read_audit(path: Path) -> tuple[list[Entry], int]:
    """Return what was noted, the newest last, and how many lines could not be read.

    Raises:
        Refused: the file is there and can't be read.
    """
    try:
        lines = path.read_bytes().splitlines()
    except FileNotFoundError:
        return [], 0
    except OSError as error:
        raise Refused(f"can't read {path}: {(error.strerror or str(error)).lower()}") from error
    entries, broken = [], 0
    for line in filter(None, lines):
        try:
            entries.append(_ENTRY.decode(line))
        except (msgspec.DecodeError, UnicodeDecodeError):
            broken += 1
    return entries, broken


_ENTRY = msgspec.json.Decoder(Entry)


def _append(path: Path, line: bytes) -> None:
    """Add a line in one write; after one that was cut off, on a line of its own."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    descriptor = os.open(path, _FLAGS, 0o600)
    try:
        about = os.fstat(descriptor)
        if not stat.S_ISREG(about.st_mode):
            raise OSError(f"{path.name} is no plain file")
        if stat.S_IMODE(about.st_mode) & 0o077:
            os.fchmod(descriptor, 0o600)
        if about.st_size and os.pread(descriptor, 1, about.st_size - 1) != b"\n":
            line = b"\n" + line
        if os.write(descriptor, line) != len(line):
            raise OSError("no space is left for the whole line")
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _os_user() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # a container's user without a name
        return str(os.getuid())
