"""The lab as a whole: built, started, taken down, or had for as long as a command runs."""

from __future__ import annotations

import fcntl
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from lab import building, packages, processes
from lab.part import Absent, Part
from lab.parts import PARTS, events, with_needs
from lab.places import ADMIN, BIN, DEBIAN, HERE, LOGS, PKI, PROCESSES, REPORT, ROOT, RUN, USED
from lab.waiting import listens

MINUTES = 60.0
"""How long building may take, unless LAB_BUILD_MINUTES says otherwise."""
Reasons = dict[str, str]
"""By part, why it is not there; empty when it is ready."""


def say(text: str) -> None:
    """Print a line with the time."""
    print(f"{time.strftime('%H:%M:%S')} {text}", flush=True)


def build(parts: Sequence[Part], minutes: float) -> Reasons:
    """Build and fetch what is missing, one after the other; return what can't be had, and why."""
    reasons: Reasons = {}
    deadline = time.monotonic() + minutes * 60
    for part in parts:
        if lacks := _lacks(part, reasons):
            reasons[part.name] = lacks
            continue
        try:
            for tool in part.tools:
                building.build(tool, deadline, say)
            for name, package in part.programs:
                packages.unpack(name, package)
            if part.manifests:
                building.copy(part.manifests, deadline)
        except Absent as error:
            reasons[part.name] = str(error)
            say(f"{part.name}: {error}")
    return reasons


def up(names: Iterable[str], minutes: float = MINUTES) -> Reasons:
    """Build what is missing and start what does not run; return by part why it is not there, or nothing."""
    parts = with_needs(names)
    begin = time.monotonic()
    with _alone():
        reasons = build(parts, minutes)
        if not running(PARTS["control-plane"]):
            _clear()
            _prepare()
        before = report()
        for part in parts:
            reasons[part.name] = reasons.get(part.name) or _bring_up(part, reasons, before)
            _write({**before, **reasons})
    ready = [part.name for part in parts if not reasons[part.name]]
    say(f"{len(ready)} of {len(parts)} parts are ready after {time.monotonic() - begin:.1f} s")
    return reasons


def _bring_up(part: Part, reasons: Mapping[str, str], before: Mapping[str, str]) -> str:
    """Start a part; return why it can't be, or nothing."""
    if lacks := _lacks(part, reasons):
        return lacks
    if before.get(part.name) == "" and running(part):
        say(f"{part.name}: runs already")
        return ""
    begin = time.monotonic()
    try:
        for name in part.processes:
            if name in {process.name for process in processes.known()}:
                processes.stop(name)
        for port in part.ports:
            if listens(port):
                raise Absent(f"port {port} on 127.0.0.1 is taken by something else; end it and try again")
        _link(part)
        part.start()
    except (Absent, OSError, subprocess.SubprocessError) as error:
        say(f"{part.name}: {error}")
        return str(error)
    say(f"{part.name}: ready in {time.monotonic() - begin:.1f} s · {part.about}")
    return ""


def _lacks(part: Part, reasons: Mapping[str, str]) -> str:
    missing = [name for name in part.needs if reasons.get(name)]
    return f"it needs {', '.join(missing)}" if missing else ""


def running(part: Part) -> bool:
    """Say whether all processes of a part run."""
    alive = {process.name for process in processes.known() if process.alive}
    return set(part.processes) <= alive


def report() -> Reasons:
    """Return what was last said of each part; nothing when no lab was started."""
    try:
        found: Reasons = json.loads(REPORT.read_text(encoding="utf-8"))
    except OSError:
        return {}
    return found


def _write(reasons: Reasons) -> None:
    fresh = REPORT.with_suffix(".new")
    fresh.write_text(json.dumps(reasons, indent=1), encoding="utf-8")
    fresh.replace(REPORT)


def _prepare() -> None:
    """Make the run's folders, which nobody else may look into."""
    RUN.mkdir(mode=0o700, parents=True)
    for folder in (PKI, LOGS, PROCESSES, USED, RUN / "tmp"):
        folder.mkdir(mode=0o700)


def _link(part: Part) -> None:
    for tool in part.tools:
        link = USED / tool.name
        link.unlink(missing_ok=True)
        link.symlink_to(building.program(tool))


def down() -> None:
    """End every process of the lab and forget the run; what was built stays."""
    with _alone():
        _clear()


def _clear() -> None:
    found = processes.known()
    for process in reversed(found):
        process.signal(signal.SIGKILL)  # all they wrote is thrown away
    deadline = time.monotonic() + 10
    while any(process.alive for process in found) and time.monotonic() < deadline:
        time.sleep(0.02)
    if {process.name for process in found} & set(PARTS["events"].processes):
        events.clear()
    _remove(RUN)


def _remove(folder: Path) -> None:
    """Remove a folder; Argo CD forbids even itself to enter those of its repositories."""
    if folder.exists() and os.geteuid():
        for path, names, _ in os.walk(folder):
            for inner in (Path(path, name) for name in names):
                if not inner.is_symlink():
                    inner.chmod(0o700)
    shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def _alone() -> Iterator[None]:
    """Wait until no other command starts or ends the lab."""
    ROOT.mkdir(parents=True, exist_ok=True)
    with (ROOT / "lock").open("w", encoding="utf-8") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            say("waiting for another command that starts or ends the lab ...")
            fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def during(names: Iterable[str], minutes: float, command: Sequence[str]) -> int:
    """Run a command with the lab up, and end what was started for it, however the command ends.

    Returns:
        The command's exit code.
    """
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    ours = not running(PARTS["control-plane"])
    with _leash(ours):
        reasons = up(names, minutes)
        env = {**os.environ, "PATH": f"{USED}:{BIN}:{os.environ.get('PATH', os.defpath)}"}
        env.pop("PYTHONPATH", None)
        if not reasons.get("control-plane"):
            env["CONTRACT_KUBECONFIG"] = str(ADMIN)
        return subprocess.run(command, env=env, check=False).returncode


@contextmanager
def _leash(ours: bool) -> Iterator[None]:
    """Take the lab down in the end, also when this process is killed: then its end of a pipe closes."""
    if not ours:
        yield
        return
    watch = subprocess.Popen(
        (sys.executable, "-m", "lab", "watch"),
        stdin=subprocess.PIPE,
        start_new_session=True,
        env={**os.environ, "PYTHONPATH": str(HERE.parent)},
    )
    assert watch.stdin is not None
    try:
        yield
    finally:
        down()
        watch.stdin.write(b"done")
        watch.stdin.close()
        watch.wait()


def watch() -> None:
    """Take the lab down unless told that it is done."""
    if sys.stdin.buffer.read() != b"done":
        down()


def status() -> Iterator[str]:
    """Yield a line a part, and under it a line a process."""
    said = report()
    found = {process.name: process for process in processes.known()}
    total = sum(process.resident for process in found.values()) >> 10
    for part in PARTS.values():
        reason = said.get(part.name, "not started")
        dead = [name for name in part.processes if name in found and not found[name].alive]
        state = reason.splitlines()[0] if reason else f"{', '.join(dead)} ended" if dead else "ready"
        yield f"{part.name:14} {state}"
        for name in part.processes:
            if (process := found.get(name)) and process.alive:
                yield f"  {name:30} {process.pid:>8} {process.resident >> 10:>6} MiB  {process.log}"
            elif process:
                yield f"  {name:30}    ended             {process.log}"
    yield f"{total} MiB in all; built programs in {BIN}, unpacked ones in {DEBIAN}"
