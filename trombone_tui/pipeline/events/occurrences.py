"""What happened, read from the log lines of an EventSource's or Sensor's pods.

Messages: ``argo-events@v1.9.11:pkg/eventsources/eventing.go``, ``pkg/sensors/listener.go`` and
``pkg/eventbus/jetstream/sensor/trigger_conn.go``; older versions begin some of them with a small letter.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum

from trombone_tui.core.objects.basics import Health
from trombone_tui.core.objects.event_logs import LogEntry, entry
from trombone_tui.core.objects.phrases import shortened
from trombone_tui.core.ports import LogLine
from trombone_tui.pipeline.events.causes import cause


class What(StrEnum):
    """What sort of thing happened; the words are what is counted in a sentence."""

    PUBLISHED = "published"
    TRIGGERED = "triggered"
    FAILED = "failed"
    FILTERED = "did not pass the filter"
    REFUSED = "refused"
    LOST = "given up"
    BUS = "bus"
    RUN = "run"
    ERROR = "error"


@dataclass(frozen=True, slots=True, kw_only=True)
class Occurrence:
    """One thing that happened."""

    what: What
    text: str
    """A line that tells it."""
    at: datetime | None = None
    trigger: str = ""
    events: tuple[str, ...] = ()
    """Names: of the event for an EventSource, of the dependencies for a Sensor."""
    why: str = ""
    health: Health | None = None


def occurrences(lines: Iterable[LogLine]) -> tuple[Occurrence, ...]:
    """Read lines of one container, in their order."""
    reading = _Reading()
    found = [one for line in lines for one in reading.read(line)]
    return (*found, *reading.discarded.values())


@dataclass(slots=True)
class _Reading:
    plain: str = ""
    """The last line of plain text, which belongs to what comes next."""
    discarded: dict[str, Occurrence] = field(default_factory=dict)
    """By trigger: what was thrown away; the line that names the dependency follows, but not on every bus."""

    def read(self, line: LogLine) -> Iterator[Occurrence]:
        found = entry(line.text)
        if found is None:
            if line.text.startswith("panic: "):
                yield Occurrence(
                    what=What.RUN, text=shortened(line.text, 200), at=line.at, health=Health.DEGRADED
                )
            self.plain = line.text.strip() or self.plain
            return
        message, at = found.msg or "", found.at or line.at
        known = _KNOWN.get(message.lower())
        if known is not None:
            yield from known(self, found, at)
        else:
            yield from self._by_pattern(found, message, at)
        self.plain = ""

    def _by_pattern(self, found: LogEntry, message: str, at: datetime | None) -> Iterator[Occurrence]:
        if message.lower().startswith("successfully processed trigger"):
            yield self.triggered(found, at)
        elif one := _NOT_INTERESTED.match(message):
            yield self._filtered(found.trigger_name or "", one[1], at)
        elif one := _DISCARDED.match(message):
            yield from self._discarded(found.trigger_name or "", one[1], message.rpartition(_BECAUSE)[2], at)
        elif one := _GAVE_UP.match(message):
            yield self._lost(found, one, at)
        elif found.level in _BAD:
            yield self._error(found, message, at)

    def published(self, found: LogEntry, at: datetime | None) -> Iterator[Occurrence]:
        name = found.event_name or "?"
        ids = (found.event_id,) if found.event_id else ()
        yield Occurrence(what=What.PUBLISHED, text=f"{name} published{_ids(ids)}", at=at, events=(name,))

    def not_published(self, found: LogEntry, at: datetime | None) -> Iterator[Occurrence]:
        yield self._unheard(What.FAILED, "was not published to the bus", found, at)

    def not_heard(self, found: LogEntry, at: datetime | None) -> Iterator[Occurrence]:
        yield self._unheard(What.ERROR, "is not listened to", found, at)

    def refused(self, found: LogEntry, at: datetime | None) -> Iterator[Occurrence]:
        yield self._unheard(What.REFUSED, "refused a request", found, at)

    def _unheard(self, what: What, words: str, found: LogEntry, at: datetime | None) -> Occurrence:
        name, why = found.event_name or "?", cause(found.error or "", self.plain)
        text = f"{name} {words}: {why}"
        return Occurrence(what=what, text=text, at=at, events=(name,), why=why, health=Health.DEGRADED)

    def triggered(self, found: LogEntry, at: datetime | None) -> Occurrence:
        trigger, events = found.trigger_name or "?", tuple(found.triggered_by or ())
        text = f"{trigger} triggered{_by(events)}{_ids(found.triggered_by_events or ())}"
        return Occurrence(
            what=What.TRIGGERED, text=text, at=at, trigger=trigger, events=events, health=Health.HEALTHY
        )

    def failed(self, found: LogEntry, at: datetime | None) -> Iterator[Occurrence]:
        """Tell of a trigger that failed; the line is written twice, the second time without the events."""
        if found.triggered_by_events is None:
            return
        trigger, events = found.trigger_name or "?", tuple(found.triggered_by or ())
        why = cause(found.error or "", self.plain)
        text = f"{trigger} failed{_by(events, 'for')}{_ids(found.triggered_by_events)}: {why}"
        yield Occurrence(
            what=What.FAILED,
            text=text,
            at=at,
            trigger=trigger,
            events=events,
            why=why,
            health=Health.DEGRADED,
        )

    def _lost(self, found: LogEntry, one: re.Match[str], at: datetime | None) -> Occurrence:
        trigger, why = found.trigger_name or "?", cause(one["error"])
        whose = "its dlqTrigger" if one["whose"] == "dlqTrigger" else "it"
        text = f"{trigger}: {whose} was given up after its retries: {why}"
        return Occurrence(what=What.LOST, text=text, at=at, trigger=trigger, why=why, health=Health.DEGRADED)

    def _discarded(self, trigger: str, event: str, why: str, at: datetime | None) -> Iterator[Occurrence]:
        if before := self.discarded.pop(trigger, None):
            yield before
        self.discarded[trigger] = Occurrence(
            what=What.FILTERED,
            text=f"an event did not pass the filter{_of(trigger)}{_ids((event,))}: {why}",
            at=at,
            trigger=trigger,
            why=why,
            health=Health.DEGRADED,
        )

    def _filtered(self, trigger: str, dependency: str, at: datetime | None) -> Occurrence:
        if before := self.discarded.pop(trigger, None):
            text = f"{dependency}: {before.text}"
            return replace(before, text=text, events=(dependency,), at=before.at or at)
        text = f"{dependency} did not pass the filter{_of(trigger)}"
        return Occurrence(what=What.FILTERED, text=text, at=at, trigger=trigger, events=(dependency,))

    def _error(self, found: LogEntry, message: str, at: datetime | None) -> Occurrence:
        why = cause(found.error, self.plain) if found.error else ""
        text = shortened(message, 200) + (f": {why}" if why else "")
        what = What.RUN if found.level in _DEADLY else What.ERROR
        names = (found.event_name,) if found.event_name else ()
        return Occurrence(
            what=what,
            text=text,
            at=at,
            trigger=found.trigger_name or "",
            events=names,
            why=why or text,
            health=Health.DEGRADED,
        )


_NOT_INTERESTED = re.compile(r"not interested in dependency (\S+) \(didn't pass filter\)")
_BECAUSE = "discarded due to filtering error: "
_DISCARDED = re.compile(rf"Event \[ID '([^']*)'.*\] {_BECAUSE}", re.DOTALL)
_GAVE_UP = re.compile(r"failed to trigger (?P<whose>actions|dlqTrigger), (?P<error>.*)", re.DOTALL)
_DEADLY = frozenset({"fatal", "panic", "dpanic"})
_BAD = frozenset({"error", *_DEADLY})


def _by(events: Iterable[str], how: str = "by") -> str:
    named = ", ".join(events)
    return f" {how} {named}" if named else ""


def _of(trigger: str) -> str:
    return f" of trigger {trigger}" if trigger else ""


def _ids(ids: Iterable[str]) -> str:
    named = ", ".join(shortened(one, 12) for one in ids)
    return f", event {named}" if named else ""


_Told = Callable[[_Reading, LogEntry, datetime | None], Iterator[Occurrence]]


def _bus(words: str, health: Health | None) -> _Told:
    def tell(reading: _Reading, found: LogEntry, at: datetime | None) -> Iterator[Occurrence]:
        why = cause(found.error, reading.plain) if found.error else ""
        yield Occurrence(
            what=What.BUS,
            text=f"{words}: {why}" if why else words,
            at=at,
            trigger=found.trigger_name or "",
            why=why,
            health=health,
        )

    return tell


def _run(words: str, health: Health | None = None) -> _Told:
    def tell(_: _Reading, found: LogEntry, at: datetime | None) -> Iterator[Occurrence]:
        del found
        yield Occurrence(what=What.RUN, text=words, at=at, health=health)

    return tell


def _follows(_: _Reading, found: LogEntry, at: datetime | None) -> Iterator[Occurrence]:
    """Tell nothing: it only follows from a line before it."""
    del found, at
    return iter(())


_LOST_BUS = _bus("lost the connection to the bus", Health.DEGRADED)
_NO_BUS = _bus("has no connection to the bus", Health.DEGRADED)
_BUS_AGAIN = _bus("connected to the bus again", None)

_KNOWN: dict[str, _Told] = {
    "succeeded to publish an event": _Reading.published,
    "failed to publish an event": _Reading.not_published,
    "request is not valid event notification, discarding it": _Reading.refused,
    "validation failed": _Reading.not_heard,
    "failed to start listening eventsource": _Reading.not_heard,
    "failed to execute a trigger": _Reading.failed,
    "failed to send event": _follows,
    "failed to dispatch the request to the event bus": _follows,
    "nats connection lost, reconnecting...": _LOST_BUS,
    "eventbus connection lost, reconnecting...": _LOST_BUS,
    "reconnected to eventbus successfully": _BUS_AGAIN,
    "reconnected to eventbus.": _BUS_AGAIN,
    "failed to create stream": _NO_BUS,
    "failed to connect to nats server": _NO_BUS,
    "failed to connect to eventbus": _NO_BUS,
    "failed to connect to event bus": _NO_BUS,
    "failed to reconnect to eventbus": _NO_BUS,
    "failed to subscribe to eventbus": _NO_BUS,
    "eventing server started.": _run("started, listens"),
    "sensor started.": _run("started, waits for events"),
    "erroring out, no active event server running": _run(
        "ends: it listens to nothing any more", Health.DEGRADED
    ),
}
