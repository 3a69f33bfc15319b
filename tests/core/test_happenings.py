"""An object's Kubernetes Events as lines: folded, in order, and honest about what can't be seen."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
import pytest

from trombone_tui.core.details import Lines
from trombone_tui.core.happenings import happenings
from trombone_tui.core.objects.basics import Health
from trombone_tui.core.objects.kubernetes_events import Event, events_of
from trombone_tui.core.ports import Denied, Unreachable
from trombone_tui.core.questions import Answer

NOW = datetime(2026, 11, 23, 18, 0, tzinfo=UTC)


def event(name: str = "e", **fields: Any) -> Event:
    """Decode an Event as the API server writes it."""
    body = {"metadata": {"name": name, "namespace": "shop"}, "type": "Normal", **fields}
    return msgspec.json.decode(msgspec.json.encode(body), type=Event)


def lines(*events: Event) -> list[str]:
    found = happenings(Answer(events), NOW)
    return [line.text for section in found for line in section.lines]


# kubelet, BackOff of a container: client-go's EventCorrelator counts, with first and last timestamps.
BACK_OFF = {
    "type": "Warning",
    "reason": "BackOff",
    "message": "Back-off restarting failed container api in pod api-5d8c",
    "count": 12,
    "firstTimestamp": "2026-11-23T16:40:02Z",
    "lastTimestamp": "2026-11-23T17:42:10Z",
    "eventTime": None,
}
# the scheduler, by events.k8s.io: no timestamps of the old kind, microseconds, a series.
UNSCHEDULABLE = {
    "type": "Warning",
    "reason": "FailedScheduling",
    "message": "0/3 nodes are available: 3 Insufficient cpu.",
    "firstTimestamp": None,
    "lastTimestamp": None,
    "eventTime": "2026-11-23T16:00:00.123456Z",
    "series": {"count": 7, "lastObservedTime": "2026-11-23T17:00:00.000001Z"},
}
SCALED = {"reason": "ScalingReplicaSet", "message": "Scaled up", "lastTimestamp": "2026-11-23T17:30:00Z"}


@pytest.mark.parametrize(
    ("events", "said"),
    [
        pytest.param([], [], id="none"),
        pytest.param([SCALED], ["ScalingReplicaSet: Scaled up"], id="once"),
        pytest.param([SCALED | {"count": 1}], ["ScalingReplicaSet: Scaled up"], id="counted once"),
        pytest.param(
            [BACK_OFF],
            ["BackOff: Back-off restarting failed container api in pod api-5d8c (×12 since 16:40:02Z)"],
            id="counted by an older client",
        ),
        pytest.param(
            [UNSCHEDULABLE],
            ["FailedScheduling: 0/3 nodes are available: 3 Insufficient cpu. (×7 since 16:00:00Z)"],
            id="a series of a newer client",
        ),
        pytest.param(
            [SCALED, SCALED | {"lastTimestamp": "2026-11-23T17:20:00Z"}],
            ["ScalingReplicaSet: Scaled up (×2 since 17:20:00Z)"],
            id="two alike are one",
        ),
        pytest.param(
            [BACK_OFF, BACK_OFF | {"count": 3, "firstTimestamp": "2026-11-22T10:00:00Z"}],
            ["BackOff: Back-off restarting failed container api in pod api-5d8c (×15 since 11-22 10:00)"],
            id="counts are added",
        ),
        pytest.param(
            [SCALED, SCALED | {"type": "Warning"}, SCALED | {"message": "Scaled down"}],
            [
                "ScalingReplicaSet: Scaled up",
                "ScalingReplicaSet: Scaled up",
                "ScalingReplicaSet: Scaled down",
            ],
            id="type and message tell apart",
        ),
        pytest.param(
            [BACK_OFF, SCALED, UNSCHEDULABLE],
            [
                "FailedScheduling: 0/3 nodes are available: 3 Insufficient cpu. (×7 since 16:00:00Z)",
                "ScalingReplicaSet: Scaled up",
                "BackOff: Back-off restarting failed container api in pod api-5d8c (×12 since 16:40:02Z)",
            ],
            id="newest last, by when it was last seen",
        ),
        pytest.param(
            [SCALED, {"reason": "Timeless"}], ["Timeless", "ScalingReplicaSet: Scaled up"], id="no time"
        ),
        pytest.param([{"message": "a\n  b\r\nc"}], ["a b c"], id="lines in a message"),
        pytest.param([{}], ["an event without words"], id="nothing in it"),
        pytest.param([{"count": 0, "series": {}, "reason": "Odd"}], ["Odd"], id="counts that say nothing"),
    ],
)
def test_events_are_folded_in_order(events: list[dict[str, Any]], said: list[str]) -> None:
    assert lines(*(event(**fields) for fields in events)) == said


def test_a_line_says_when_it_was_last_and_warnings_are_marked() -> None:
    (section,) = happenings(Answer((event(**BACK_OFF), event(**SCALED), event(**UNSCHEDULABLE))), NOW)
    assert section.title == "Events"
    assert [(line.at, line.health) for line in section.lines] == [
        (datetime(2026, 11, 23, 17, 0, 0, 1, tzinfo=UTC), Health.DEGRADED),
        (datetime(2026, 11, 23, 17, 30, tzinfo=UTC), None),
        (datetime(2026, 11, 23, 17, 42, 10, tzinfo=UTC), Health.DEGRADED),
    ]


def test_where_there_is_nothing_to_say_there_is_no_section() -> None:
    assert happenings(Answer(), NOW) == happenings(Answer(()), NOW) == ()


def only(found: tuple[Lines, ...]) -> list[str]:
    (section,) = found
    return [line.text for line in section.lines]


def test_what_may_not_be_seen_says_which_right_is_missing_and_what_is_old_that_it_is() -> None:
    denied = Denied("watch", "events", namespace="shop")
    assert only(happenings(Answer(trouble=denied), NOW)) == [
        "can't be seen: may not watch events in namespace shop"
    ]
    stale = Answer((event(**SCALED),), Unreachable("no answer"))
    assert only(happenings(stale, NOW)) == [
        "ScalingReplicaSet: Scaled up",
        "may be out of date: no answer",
    ]


def test_of_very_many_the_newest_are_shown_and_the_others_counted() -> None:
    times = [(NOW - timedelta(minutes=m)).isoformat() for m in range(130)]
    events = [event(reason=f"R{m}", lastTimestamp=at) for m, at in enumerate(times)]
    said = lines(*events)
    assert said[0] == "30 older ones are left out"
    assert (said[1], said[-1], len(said)) == ("R99", "R0", 101)


def test_the_events_of_one_object_are_chosen_by_the_server() -> None:
    kind = events_of("u-1")
    assert (kind.plural, kind.fields) == ("events", "involvedObject.uid=u-1")
