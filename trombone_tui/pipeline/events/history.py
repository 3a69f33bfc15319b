"""What the pods of an EventSource or Sensor wrote lately, put together: counts, the newest, why it failed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from trombone_tui.core.objects.basics import EARLIEST, Health
from trombone_tui.core.objects.durations import stamp
from trombone_tui.core.objects.event_logs import entry
from trombone_tui.core.objects.event_pods import EVENT_POD, MAIN, EventPod
from trombone_tui.core.objects.phrases import counted
from trombone_tui.core.ports import LogLine, PortError
from trombone_tui.core.questions import LogTail
from trombone_tui.core.stage import Around, Detail, Fact, Facts, Key, Line, Lines
from trombone_tui.pipeline.events.occurrences import Occurrence, What, occurrences

_PODS = 3
"""Pods whose logs are read, the newest first."""
_LINES = 500
"""Lines of each."""
_SHOWN = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class History:
    """What is known of it: a part of the logs that is bounded, never all that ever happened."""

    occurrences: tuple[Occurrence, ...] = ()
    """The newest last."""
    window: str = ""
    """Which part of the logs was read, or why none, in words."""
    known: bool = False
    """Whether a log was read at all."""
    trouble: PortError | None = None

    @property
    def failed(self) -> Fact | None:
        """Say why the newest trigger or event failed, and whether it went well since."""
        bad = [(place, one) for place, one in enumerate(self.occurrences) if one.what in _FAILED]
        if not bad:
            return None
        place, newest = bad[-1]
        since = [one for one in self.occurrences[place + 1 :] if one.what in _DONE and _same(one, newest)]
        if since:
            return Fact("failed before", f"{_dated(newest)}; went well {counted(len(since), 'time')} since")
        return Fact("failed", _dated(newest), Health.DEGRADED)

    @property
    def broken(self) -> Fact | None:
        """Say that it ended or lost its bus, when that is the last word on it."""
        newest = next((one for one in reversed(self.occurrences) if one.what in _STATE), None)
        if newest is None or newest.health is not Health.DEGRADED:
            return None
        return Fact("broken off", _dated(newest), Health.DEGRADED)

    @property
    def troubles(self) -> tuple[Fact, ...]:
        """Say what the logs tell of trouble, why a trigger failed first."""
        return tuple(fact for fact in (self.failed, self.broken) if fact is not None)

    @property
    def last_event(self) -> datetime | None:
        """Return when an event was seen last."""
        return _last(self.occurrences)

    def counts(self, name: str, *, event: str = "", trigger: str = "") -> Fact:
        """Count in words what happened to an event or a trigger, with the last time and the newest error."""
        found = [
            one for one in self.occurrences if event in one.events or (trigger and trigger == one.trigger)
        ]
        if not found:
            return Fact(name, "nothing in these lines" if self.known else None)
        numbers = Counter(one.what for one in found)
        told = ", ".join(f"{numbers[what]} {what}" for what in What if numbers[what])
        last = _last(found)
        when = f", last seen {stamp(last)}" if last else ""
        why = next((one.why for one in reversed(found) if one.why and one.health is Health.DEGRADED), "")
        health = Health.DEGRADED if found[-1].health is Health.DEGRADED else None
        return Fact(name, f"{told}{when}{f'; the newest error: {why}' if why else ''}", health)

    @property
    def newest(self) -> tuple[Detail, ...]:
        """Tell the newest occurrences, each on a line."""
        if not self.occurrences:
            return ()
        shown = self.occurrences[-_SHOWN:]
        lines = tuple(Line(text=one.text, at=one.at, health=one.health) for one in shown)
        return (Lines("What happened", lines),)

    def named(self, facts: Iterable[Fact]) -> Facts:
        """Make the part that counts by name, which says first what was counted."""
        health = Health.UNKNOWN if self.trouble else None
        return Facts("In the log", (Fact("read", self.window, health), *facts))


def _last(occurrences: Iterable[Occurrence]) -> datetime | None:
    return max((one.at for one in occurrences if one.at and one.events and one.what in _SEEN), default=None)


def _same(one: Occurrence, other: Occurrence) -> bool:
    """Say whether both tell of the same trigger, or of the same event where no trigger is named."""
    return (one.trigger or one.events) == (other.trigger or other.events)


def _dated(one: Occurrence) -> str:
    return f"{one.text} ({stamp(one.at)})" if one.at else one.text


_FAILED = (What.FAILED, What.LOST, What.REFUSED, What.ERROR)
_STATE = (What.BUS, What.RUN)
_SEEN = (What.PUBLISHED, What.TRIGGERED, What.FAILED, What.FILTERED)
"""What says that an event came."""
_DONE = (What.TRIGGERED, What.PUBLISHED)


def history(key: Key, around: Around) -> History:
    """Ask for the logs of the pods that run an EventSource or Sensor, and read them."""
    kind, namespace, _ = key
    pods: list[EventPod] = [pod for pod in around.linked(EVENT_POD, key) if _began(pod)]
    if not pods:
        return History(window=_nobody(kind, namespace, around))
    pods.sort(key=lambda pod: pod.metadata.creation_timestamp or EARLIEST, reverse=True)
    asked = [
        around.ask(LogTail(namespace=namespace, pod=pod.metadata.name, container=MAIN, lines=_LINES))
        for pod in pods[:_PODS]
    ]
    read = [answer.value for answer in asked if answer.value is not None]
    trouble = next((answer.trouble for answer in asked if answer.trouble is not None), None)
    if not read:
        return History(window=_no_log(trouble), trouble=trouble)
    found = [one for lines in read for one in occurrences(lines)]
    found.sort(key=lambda one: one.at or EARLIEST)
    window = _window(read, len(pods))
    if trouble is not None:
        window = f"{window}; not all: {trouble}"
    return History(occurrences=tuple(found), window=window, known=True, trouble=trouble)


def _began(pod: EventPod) -> bool:
    """Say whether its container was ever started, so that there is a log."""
    return any(
        one.name == MAIN and (one.ended is not None or (one.state and one.state.running))
        for one in pod.statuses
    )


def _nobody(kind: str, namespace: str, around: Around) -> str:
    if around.visible(EVENT_POD):
        return f"no pod of this {kind} has ever begun to run, so there is no log"
    return f"its pods are not visible: may not list pods in namespace {namespace}, or not yet known"


def _no_log(trouble: PortError | None) -> str:
    if trouble is None:
        return "the log is being read"
    return f"no log: {trouble}; what is known comes from the labels of Workflows alone"


def _window(read: Sequence[Sequence[LogLine]], pods: int) -> str:
    lines = sum(map(len, read))
    begins = [moment for log in read for moment in [_moment(log)] if moment is not None]
    since = f" since {stamp(min(begins))}" if begins else ""
    of = f" of {counted(len(read), 'pod')}" + (f" of {pods}" if pods > len(read) else "")
    last = "the last log line" if lines == 1 else f"the last {lines} log lines"
    return f"{last}{since}{of}; what came before is not counted"


def _moment(log: Sequence[LogLine]) -> datetime | None:
    """Return when a log's part begins."""
    return next((at for line in log if (at := line.at or _written(line)) is not None), None)


def _written(line: LogLine) -> datetime | None:
    found = entry(line.text)
    return found.at if found else None
