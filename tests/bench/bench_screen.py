"""The real program on a terminal: first paint, keys under load, idle, and a change on the API server seen."""

from __future__ import annotations

import json
import os
import random
import statistics
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
sys.path[:0] = [str(ROOT), str(ROOT / "tests" / "cli")]

from program import Terminal  # noqa: E402 - after the path is set

import trombone_tui.demo.child as child  # noqa: E402 - after the path is set

SIZE = (50, 200)
KEYS = 60
CHANGES = 100
STARTS = 5
RATE = 2_000
TICK = os.sysconf("SC_CLK_TCK")


def row(name: str, value: str, note: str = "") -> None:
    print(f"  {name:<52} {value:>16}  {note}".rstrip())


def spread(seconds: Sequence[float]) -> str:
    ordered = sorted(seconds)
    p99 = ordered[min(len(ordered) - 1, int(len(ordered) * 0.99))]
    return f"{statistics.median(ordered) * 1000:.0f} / {p99 * 1000:.0f} ms"


@contextmanager
def served(scenario: str, *flags: str) -> Iterator[child.Announced]:
    """Have an embedded cluster as a process."""
    words = [sys.executable, "-m", "trombone_tui", "demo-server", scenario, "--with-parent", *flags]
    process = subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    assert process.stdin is not None
    assert process.stdout is not None
    try:
        yield child.Announced(**json.loads(process.stdout.readline()))
    finally:
        process.stdin.close()
        process.wait()
        process.stdout.close()


@contextmanager
def shown(*flags: str) -> Iterator[Terminal]:
    """Have the dashboard on a terminal, everything live."""
    screen = Terminal(*flags, size=SIZE)
    try:
        screen.until_text("● live  ")
        screen.read(1.0)
        yield screen
    finally:
        screen.send(b"\x03")
        screen.end()
        screen.close()


def seen(screen: Terminal, text: str) -> float:
    """Return how long it takes from now until a text is written."""
    start, screen.written = time.perf_counter(), b""
    while text not in screen.text:
        if time.perf_counter() - start > 10:
            raise SystemExit(f"{text!r} was not seen within 10 s")
        screen.read(0.01)
    return time.perf_counter() - start


def drained(screen: Terminal, seconds: float) -> int:
    """Read on for some time; return the number of bytes."""
    end, screen.written = time.perf_counter() + seconds, b""
    while (left := end - time.perf_counter()) > 0:
        screen.read(left)
    return len(screen.written)


def spent(screen: Terminal) -> float:
    """Return the CPU seconds of the program so far."""
    fields = Path(f"/proc/{screen.process.pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICK


def memory(screen: Terminal) -> str:
    """Return the program's resident memory."""
    status = Path(f"/proc/{screen.process.pid}/status").read_text()
    kib = next(line.split()[1] for line in status.splitlines() if line.startswith("VmRSS"))
    return f"{int(kib) / 1024:.0f} MiB"


def keys(screen: Terminal) -> list[float]:
    """Open and close help many times; return how long each key took to be answered."""
    taken = []
    for _ in range(KEYS // 2):
        for key, text in ((b"?", "Help for"), (b"q", "/ filter")):
            drained(screen, 0.05 + random.random() / 20)
            screen.send(key)
            taken.append(seen(screen, text))
    return taken


def starts() -> None:
    """Measure from the start of the process to the first paint, and to rows of the demo."""
    paints, rows = [], []
    for _ in range(STARTS):
        began = time.perf_counter()
        screen = Terminal("--demo", size=SIZE)
        screen.until_text("connecting")
        paints.append(time.perf_counter() - began)
        screen.until_text("shop-api")
        rows.append(time.perf_counter() - began)
        screen.send(b"\x03")
        screen.end()
        screen.close()
    print("\nFrom the start of the process (median / worst)")
    row("first paint", spread(paints))
    row("rows of the embedded cluster, started with it", spread(rows), "goal 2,000 ms")


def quiet() -> None:
    """Measure an idle screen, keys on it, and changes until they are seen."""
    with served("day", "--speed", "0.0001") as cluster, shown("--kubeconfig", cluster.kubeconfig) as screen:
        screen.send(b"4")
        drained(screen, 2)
        before = spent(screen)
        idle = drained(screen, 5)
        print("\nA quiet cluster")
        row("bytes to the terminal in 5 s", f"{idle}", "goal 0")
        row("CPU in those 5 s", f"{(spent(screen) - before) * 1000:.0f} ms")
        row("key to answer (median / p99)", spread(keys(screen)))
        taken = []
        for number in range(CHANGES):
            drained(screen, 0.1 + random.random() / 10)
            revision = f"{number:07x}".replace("0", "f") + "e" * 33
            began = time.perf_counter()
            patch(cluster, {"status": {"sync": {"revision": revision}}})
            asked = time.perf_counter() - began
            taken.append(seen(screen, revision[:7]) + asked)
        row("change on the API server to screen (median / p99)", spread(taken), "goal p99 250 ms")


def patch(cluster: child.Announced, body: dict[str, Any]) -> None:
    """Change an Application as its controller would."""
    url = f"{_server(cluster)}/apis/argoproj.io/v1alpha1/namespaces/argocd/applications/shop-api"
    request = urllib.request.Request(url, method="PATCH", data=json.dumps(body).encode())
    request.add_header("Content-Type", "application/merge-patch+json")
    with urllib.request.urlopen(request) as answer:
        answer.read()


def _server(cluster: child.Announced) -> str:
    lines = Path(cluster.kubeconfig).read_text().splitlines()
    return next(line.split("server: ")[1] for line in lines if "server: " in line)


def busy() -> None:
    """Measure the big scenario, at rest and under a flood of changes."""
    for rate in (1, RATE):
        with (
            served("big", "--rate", str(rate)) as cluster,
            shown("--kubeconfig", cluster.kubeconfig) as screen,
        ):
            screen.send(b"2")
            drained(screen, 3)
            before = spent(screen)
            written = drained(screen, 5)
            print(f"\nScenario big, {rate:,} changes a second asked for, all workflows on the screen")
            row("CPU", f"{(spent(screen) - before) / 5 * 100:.0f} %")
            row("to the terminal", f"{written / 5 / 1024:.0f} KiB/s")
            row("key to answer (median / p99)", spread(keys(screen)))
            row("resident memory", memory(screen))


if __name__ == "__main__":
    os.environ["XDG_CONFIG_HOME"] = str(ROOT / "nowhere")
    starts()
    quiet()
    busy()
