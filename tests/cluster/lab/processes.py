"""Processes that outlive who started them: each has a log and a record in the run's folder.

A record is a JSON file of its command, environment, folder, process id and birth, so that any later process
can stop it, signal it, or start it anew. A process id that was given to something else meanwhile, be it after
a boot, is never touched.
"""

from __future__ import annotations

import json
import os
import signal as signals
import subprocess
import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from lab.places import LOGS, PROCESSES, RUN

_CHILDREN: list[subprocess.Popen[bytes]] = []
"""Ours: kept so that they are reaped when they end."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Process:
    """One process: how it is started, and its id once it was."""

    name: str
    command: Sequence[str]
    env: Mapping[str, str]
    """What is added to the environment of who starts it, which must not name another cluster."""
    cwd: str
    pid: int = 0
    born: str = ""
    """The boot and the tick in which it began."""

    @property
    def log(self) -> Path:
        """Where its output goes."""
        return LOGS / f"{self.name}.log"

    @property
    def alive(self) -> bool:
        """Whether it runs, be it stopped by a signal."""
        for child in _CHILDREN:
            child.poll()
        return bool(self.born) and self.born == birth(self.pid)

    @property
    def resident(self) -> int:
        """Memory it holds, in KiB; 0 when it has ended."""
        try:
            lines = Path(f"/proc/{self.pid}/status").read_text(encoding="utf-8").splitlines()
        except OSError:
            return 0
        return next((int(line.split()[1]) for line in lines if line.startswith("VmRSS:")), 0)

    def signal(self, number: int) -> None:
        """Send a signal to it and its children; nothing happens when it has ended."""
        if self.alive:
            os.killpg(self.pid, number)

    def last_words(self, lines: int = 12) -> str:
        """Return the end of its log."""
        try:
            text = self.log.read_text(encoding="utf-8", errors="replace")
        except OSError:
            return "(no log)"
        return "\n".join(text.splitlines()[-lines:]) or "(the log is empty)"


def birth(pid: int) -> str:
    """Tell one process from all others that have its id at other times; empty when it has ended."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
        boot = Path("/proc/sys/kernel/random/boot_id").read_text(encoding="utf-8").strip()
    except OSError:
        return ""
    return "" if fields[0] in "ZX" else f"{boot}/{fields[19]}"


def start(
    name: str, *command: object, env: Mapping[str, str] | None = None, cwd: Path | None = None
) -> Process:
    """Start a process that outlives us, its output appended to its log."""
    words = tuple(str(word) for word in command)
    return _start(Process(name=name, command=words, env=dict(env or {}), cwd=str(cwd or RUN)))


def _start(process: Process) -> Process:
    foreign = ("KUBECONFIG", "KUBERNETES_", "ARGOCD_", "ARGO_")
    inherited = {name: value for name, value in os.environ.items() if not name.startswith(foreign)}
    with process.log.open("ab") as log:
        child = subprocess.Popen(
            process.command,
            stdout=log,
            stderr=log,
            stdin=subprocess.DEVNULL,
            cwd=process.cwd,
            env={**inherited, "TMPDIR": str(RUN / "tmp"), **process.env},
            start_new_session=True,
        )
    _CHILDREN.append(child)
    process = replace(process, pid=child.pid, born=birth(child.pid))
    _record(process)
    return process


def _record(process: Process) -> None:
    path = PROCESSES / f"{process.name}.json"
    fresh = path.with_suffix(".new")
    fresh.write_text(json.dumps(asdict(process)), encoding="utf-8")
    fresh.chmod(0o600)
    fresh.replace(path)


def known() -> list[Process]:
    """Return every recorded process, the first started first."""
    paths = sorted(PROCESSES.glob("*.json"), key=lambda path: path.stat().st_mtime_ns)
    return [_read(path) for path in paths]


def find(name: str) -> Process:
    """Return a process by its name.

    Raises:
        KeyError: none of this name was ever started.
    """
    path = PROCESSES / f"{name}.json"
    if path.exists():
        return _read(path)
    raise KeyError(f"no process {name} in the lab; there are {', '.join(p.name for p in known()) or 'none'}")


def _read(path: Path) -> Process:
    return Process(**json.loads(path.read_text(encoding="utf-8")))


def stop(name: str, number: int = signals.SIGKILL, seconds: float = 10) -> None:
    """End a process and wait until it has ended; its record stays, so that it can be started again."""
    process = find(name)
    process.signal(number)
    if process.alive and number != signals.SIGKILL:
        process.signal(signals.SIGCONT)
    deadline = time.monotonic() + seconds
    while process.alive:
        if time.monotonic() > deadline:
            process.signal(signals.SIGKILL)
        time.sleep(0.01)


def restart(name: str) -> Process:
    """Start a process again as it was started before, ending it first; it may not be ready yet."""
    stop(name)
    return _start(find(name))
