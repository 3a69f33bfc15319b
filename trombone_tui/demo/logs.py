"""What containers have written, and those who follow it."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Container, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from trombone_tui.demo.clock import Clock
from trombone_tui.demo.errors import bad_request
from trombone_tui.demo.records import Record

_KEPT = 20_000
"""Lines kept of each container."""


@dataclass(frozen=True, slots=True)
class Line:
    """One line and when it was written."""

    time: datetime
    text: str

    def write(self, *, timestamps: bool) -> bytes:
        """Return the line as it is sent, with its end."""
        prefix = f"{self.time.astimezone(UTC).strftime('%Y-%m-%dT%H:%M:%S.%f')}000Z " if timestamps else ""
        return f"{prefix}{self.text}\n".encode()


@dataclass(slots=True)
class _Log:
    lines: deque[Line] = field(default_factory=lambda: deque(maxlen=_KEPT))
    count: int = 0
    """Lines ever written."""
    ended: bool = False
    previous: Sequence[Line] | None = None
    wakers: set[asyncio.Event] = field(default_factory=set)

    def wake(self) -> None:
        for waker in self.wakers:
            waker.set()


class Logs:
    """The lines of every container, by namespace, pod and container."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._logs: dict[tuple[str, str, str], _Log] = {}

    def append(
        self,
        namespace: str,
        pod: str,
        container: str,
        line: str,
        time: datetime | None = None,
        *,
        kept: int = _KEPT,
    ) -> None:
        """Write a line, now or at a given time; only so many of the newest lines are kept."""
        log = self._log(namespace, pod, container)
        if log.lines.maxlen != kept:
            log.lines = deque(log.lines, maxlen=kept)
        for text in line.split("\n"):
            log.lines.append(Line(time or self._clock.now(), text))
            log.count += 1
        log.ended = False
        log.wake()

    def end(self, namespace: str, pod: str, container: str) -> None:
        """Say that a container has ended: those who follow it have seen all there is."""
        log = self._log(namespace, pod, container)
        log.ended = True
        log.wake()

    def crash(self, namespace: str, pod: str, container: str) -> None:
        """Say that a container has ended and will be started anew; its log is the previous one already."""
        log = self._log(namespace, pod, container)
        log.previous, log.ended = tuple(log.lines), True
        log.wake()

    def restart(self, namespace: str, pod: str, container: str) -> None:
        """Say that a container was started anew: what it wrote so far is the previous log now."""
        log = self._log(namespace, pod, container)
        log.previous, log.ended = tuple(log.lines), True
        log.wake()
        self._logs[namespace, pod, container] = _Log(previous=log.previous)

    def forget(self, namespace: str, pod: str) -> None:
        """Drop a pod's lines; those who follow them have seen all there is."""
        for key in [key for key in self._logs if key[:2] == (namespace, pod)]:
            log = self._logs.pop(key)
            log.ended = True
            log.wake()

    def keep(self, pods: Container[tuple[str, str]]) -> None:
        """Drop the lines of all pods but these, by namespace and name."""
        for namespace, pod in {key[:2] for key in self._logs}:
            if (namespace, pod) not in pods:
                self.forget(namespace, pod)

    def read(self, namespace: str, pod: str, container: str, params: LogParams) -> Sequence[Line]:
        """Return the lines that are there.

        Raises:
            ApiError: 400, there is no previous container.
        """
        log = self._log(namespace, pod, container)
        lines: Iterable[Line] = log.lines
        if params.previous:
            if log.previous is None:
                raise bad_request(f'previous terminated container "{container}" in pod "{pod}" not found')
            lines = log.previous
        since = params.since(self._clock.now())
        chosen = [line for line in lines if since is None or line.time >= since]
        return chosen if params.tail is None else chosen[len(chosen) - min(params.tail, len(chosen)) :]

    async def follow(self, namespace: str, pod: str, container: str) -> AsyncIterator[Line]:
        """Yield lines written from now on, until the container ends."""
        log = self._log(namespace, pod, container)
        waker = asyncio.Event()
        log.wakers.add(waker)
        seen = log.count
        try:
            while True:
                fresh = min(log.count - seen, len(log.lines))
                seen = log.count
                for line in list(log.lines)[len(log.lines) - fresh :]:
                    yield line
                if log.ended and seen == log.count:
                    return
                await waker.wait()
                waker.clear()
        finally:
            log.wakers.discard(waker)

    def _log(self, namespace: str, pod: str, container: str) -> _Log:
        return self._logs.setdefault((namespace, pod, container), _Log())


@dataclass(frozen=True, slots=True, kw_only=True)
class LogParams:
    """What is asked of ``pods/log``."""

    container: str = ""
    follow: bool = False
    previous: bool = False
    timestamps: bool = False
    tail: int | None = None
    since_seconds: int | None = None
    since_time: datetime | None = None
    limit_bytes: int | None = None

    def since(self, now: datetime) -> datetime | None:
        """Return the moment from which lines are wanted."""
        if self.since_seconds is not None:
            return now - timedelta(seconds=self.since_seconds)
        return self.since_time


def log_params(params: Mapping[str, str]) -> LogParams:
    """Read the query of ``pods/log``.

    Raises:
        ApiError: 400, a number or time can't be read.
    """
    try:
        moment = params.get("sinceTime")
        return LogParams(
            container=params.get("container", ""),
            follow=truth(params.get("follow", "")),
            previous=truth(params.get("previous", "")),
            timestamps=truth(params.get("timestamps", "")),
            tail=_number(params, "tailLines"),
            since_seconds=_number(params, "sinceSeconds"),
            since_time=datetime.fromisoformat(moment.replace("Z", "+00:00")) if moment else None,
            limit_bytes=_number(params, "limitBytes"),
        )
    except ValueError as error:
        raise bad_request(f"the log's parameters can't be read: {error}") from error


def truth(text: str) -> bool:
    """Read a boolean of a query as the API server does: anything but ``false`` and ``0`` is true."""
    return text.lower() not in ("", "false", "0")


def _number(params: Mapping[str, str], name: str) -> int | None:
    return int(params[name]) if params.get(name) else None


def choose_container(pod: Record, wanted: str) -> str:
    """Return the container whose log is meant.

    Raises:
        ApiError: 400, there are several and none is named, or it is none of the pod's.
    """
    spec = pod.section("spec") or {}
    names = [one["name"] for one in spec.get("containers") or ()]
    initial = [one["name"] for one in spec.get("initContainers") or ()]
    if not wanted:
        if len(names) == 1:
            return str(names[0])
        choices = " ".join([*initial, *names])
        raise bad_request(
            f"a container name must be specified for pod {pod.name}, choose one of: [{choices}]"
        )
    if wanted not in [*names, *initial]:
        raise bad_request(f"container {wanted} is not valid for pod {pod.name}")
    return wanted
