"""Starts and stops the embedded cluster as a process of its own."""

from __future__ import annotations

import asyncio
import sys
import tempfile
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import IO

import msgspec

from trombone_tui.core.ports import Refused
from trombone_tui.demo.clock import Clock

START_SECONDS = 20.0
"""How long the process may take until it says where it answers."""
STOP_SECONDS = 5.0
_ADVICE = "run the command demo-server to see what it says; try again with another scenario"


class Announced(msgspec.Struct, kw_only=True):
    """What the process says once it answers: where, and when its story began."""

    kubeconfig: str
    api: str
    prometheus: str
    registry: str
    began: datetime
    """In real time."""
    start: datetime
    """What time it was then in the story."""


class DemoChild:
    """A running embedded cluster."""

    def __init__(self, process: Process, announced: Announced, speed: float) -> None:
        self._process = process
        self.kubeconfig = Path(announced.kubeconfig)
        """A kubeconfig whose context is the cluster; gone when the process has ended."""
        self.api, self.prometheus, self.registry = announced.api, announced.prometheus, announced.registry
        passed = datetime.now(UTC) - announced.began
        self.clock = Clock(speed, announced.start + passed * speed)
        """The time in the cluster, by which its objects are dated."""

    @property
    def pid(self) -> int:
        """The process."""
        return self._process.pid

    async def stop(self) -> None:
        """End the process and wait for it; once is as good as twice."""
        await _end(self._process)


async def spawn_demo(
    scenario: str = "day", *, speed: float = 1.0, seed: int = 1, rate: float | None = None
) -> DemoChild:
    """Start an embedded cluster and wait until it answers; the caller stops it.

    It ends with this process in any case: it reads from a pipe that closes when this process is gone.

    Raises:
        Refused: it ended at once, or did not answer in time; the message has its last words.
    """
    words = ["demo-server", scenario, "--with-parent", "--speed", str(speed), "--seed", str(seed)]
    if rate is not None:
        words += ["--rate", str(rate)]
    with tempfile.TemporaryFile() as said:
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "trombone_tui", *words, stdin=PIPE, stdout=PIPE, stderr=said
        )
        try:
            return DemoChild(process, await _announcement(process, scenario, said), speed)
        except BaseException:
            await _end(process)
            raise


@asynccontextmanager
async def start_demo(
    scenario: str = "day", *, speed: float = 1.0, seed: int = 1, rate: float | None = None
) -> AsyncIterator[DemoChild]:
    """Have an embedded cluster for as long as the context lasts.

    Raises:
        Refused: as ``spawn_demo`` says.
    """
    child = await spawn_demo(scenario, speed=speed, seed=seed, rate=rate)
    try:
        yield child
    finally:
        await child.stop()


async def _announcement(process: Process, scenario: str, said: IO[bytes]) -> Announced:
    assert process.stdout is not None  # it is a pipe
    try:
        async with asyncio.timeout(START_SECONDS):
            line = await process.stdout.readline()
            if not line:
                await process.wait()
                said.seek(0)
                words = said.read().decode(errors="replace").strip()[-500:]
                raise Refused(
                    f"the embedded cluster ({scenario}) ended at once: {words or 'it said nothing'}",
                    advice=_ADVICE,
                )
    except TimeoutError:
        raise Refused(
            f"the embedded cluster ({scenario}) did not answer within {START_SECONDS:.0f} s",
            advice=_ADVICE,
        ) from None
    try:
        return msgspec.json.decode(line, type=Announced)
    except msgspec.DecodeError as error:
        raise Refused(
            f"the embedded cluster ({scenario}) said something unexpected: {line[:200]!r}",
            advice=_ADVICE,
        ) from error


async def _end(process: Process) -> None:
    """Close the pipe the process lives by; if that is not enough in time, kill it."""
    if process.stdin is not None:
        process.stdin.close()
    with suppress(ProcessLookupError):
        if process.returncode is None:
            process.terminate()
    try:
        async with asyncio.timeout(STOP_SECONDS):
            await process.communicate()
    except TimeoutError:
        with suppress(ProcessLookupError):
            process.kill()
        await process.wait()
