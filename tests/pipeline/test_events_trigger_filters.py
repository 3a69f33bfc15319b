"""What Sensors' filters make of a push, told before it is sent: it passes, is thrown away, or stays open.

What the filters do: ``argo-events@v1.9.11:pkg/sensors/dependencies/filter.go``.
"""

from __future__ import annotations

from typing import Any

import pytest
from event_pushes import event_source, pod, pushed, secret, sensor

MAIN = {"path": "body.ref", "type": "string", "value": ["^refs/heads/main$"]}
OTHER = {"path": "body.ref", "type": "string", "value": ["^refs/heads/dev$"]}
NOWHERE = {"path": "body.pull_request.id", "type": "number", "value": ["1"]}
DOES = "build: create Workflow demo-build-… in namespace ci"
TAKES = f"Sensor github takes it; {DOES}"


def waiting(filters: dict[str, Any] | None, **more: Any) -> dict[str, Any]:
    dependency = {"name": "push", "eventSourceName": "github", "eventName": "push", **more}
    return sensor(
        spec__dependencies=[{**dependency, **({"filters": filters} if filters is not None else {})}]
    )


def data(*entries: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"data": list(entries), **more}


def entry(path: str, kind: str, *values: str, **more: Any) -> dict[str, Any]:
    return {"path": path, "type": kind, "value": list(values), **more}


async def told(listening: dict[str, Any], **given: str) -> str:
    """Return what is said of one Sensor."""
    plan = await pushed(None, pod(), secret(), listening, **given)
    (said,) = (one for one in plan.warnings if "Sensor github" in one)
    return said


@pytest.mark.parametrize(
    "filters",
    [
        None,
        {},
        data(MAIN),
        data(entry("body.X-GitHub-Event", "string", "^push$")),
        data(entry("body.ref", "string", "refs/heads/dev", comparator="!=")),
        data(entry("body.deleted", "bool", "true", "false")),
        data(entry("body.commits.0.distinct", "bool", "1")),
        data(entry("body.base_ref", "string", "^$")),
        data(entry("body.base_ref", "number", "1", comparator="<")),
        data(entry("body.head_commit.message", "string", "3f2a9c1 by")),
        data(OTHER, MAIN, dataLogicalOperator="or"),
        data(NOWHERE, MAIN, dataLogicalOperator="or"),
        {"context": {"type": "github", "subject": "push", "source": "github"}},
        {"time": {"start": "13:00:00", "stop": "14:00:00"}},
        {"time": {"start": "22:00:00", "stop": "14:30:00", "timezone": "Europe/Berlin"}},
        {"exprs": [{"expr": "false", "fields": []}]},
    ],
)  # fmt: skip
async def test_a_push_that_passes_is_said_to_be_taken_and_for_what(filters: dict[str, Any] | None) -> None:
    assert await told(waiting(filters)) == TAKES


@pytest.mark.parametrize(
    ("filters", "why"),
    [
        (data(OTHER), "body.ref matches ^refs/heads/dev$, and it is refs/heads/main"),
        (data(MAIN, OTHER), "body.ref matches ^refs/heads/dev$, and it is refs/heads/main"),
        (data(entry("body.deleted", "bool", "true")), "body.deleted is true, and it is false"),
        (data(entry("body.base_ref", "number", "1", comparator=">")), "body.base_ref > 1, and it is empty"),
        (data(NOWHERE), "body.pull_request.id is not in this push"),
        (data(entry("body.ref", "string")), "body.ref: names no value, so every event is thrown away"),
        (
            data(entry("body.ref", "text", "a")),
            "body.ref: its type text is not known, so every event is thrown away",
        ),
        (
            data(entry("body.ref", "string", "m", comparator=">")),
            "body.ref > m: texts are not compared so, no event passes, and it is refs/heads/main",
        ),
        (data(OTHER, NOWHERE, dataLogicalOperator="or"), "body.pull_request.id is not in this push"),
        ({"context": {"subject": "pull"}}, "the event's subject is to be pull, and it is push"),
        (
            {"time": {"start": "22:00:00", "stop": "04:00:00"}},
            "it passes from 22:00:00 until 04:00:00 UTC only",
        ),
        (
            {"exprs": [{"expr": "a > 1", "fields": [{"name": "a", "path": "body.size"}]}]},
            "body.size is not in this push",
        ),
        (
            {**data(NOWHERE), "context": {"type": "github"}},
            "body.pull_request.id is not in this push",
        ),
    ],
)
async def test_a_push_that_is_thrown_away_says_why_and_nothing_is_waited_for(
    filters: dict[str, Any], why: str
) -> None:
    plan = await pushed(None, pod(), secret(), waiting(filters))
    assert f"Sensor github throws it away: {why}" in plan.warnings
    assert "no Sensor's filter lets this push pass, as far as that can be told here" in plan.warnings
    assert plan.proof is None
    assert plan.unproved == "no Sensor's filter lets it pass, so nothing is waited for"


@pytest.mark.parametrize(
    ("more", "filters", "wants"),
    [
        ({}, {"script": "return true"}, "a Lua script of 1 line returns true"),
        (
            {},
            data(entry("body.commits.#.id", "string", "a")),
            "body.commits.#.id matches a (anywhere in it: no ^…$ around the pattern)",
        ),
        (
            {},
            data(entry("headers.X-Github-Event.0", "string", "^push$")),
            "headers.X-Github-Event.0 matches ^push$",
        ),
        (
            {},
            data(entry("body.ref", "string", "^a$", template="{{ .Input }}")),
            "{{ .Input }} over body.ref matches ^a$",
        ),
        ({}, data(entry("body.repository", "string", "^a$")), "body.repository matches ^a$"),
        (
            {},
            {"exprs": [{"expr": "a == 1", "fields": [{"name": "a", "path": "body.ref"}]}]},
            "a == 1, where a = body.ref",
        ),
        ({"transform": {"jq": "."}}, data(MAIN), "first changed by jq ., body.ref matches ^refs/heads/main$"),
        (
            {"filtersLogicalOperator": "or"},
            {**data(OTHER), "script": "return true"},
            "any one of these is enough, body.ref matches ^refs/heads/dev$, "
            "a Lua script of 1 line returns true",
        ),
    ],
)
async def test_what_only_argo_can_work_out_stays_open_and_is_told_in_words(
    more: dict[str, Any], filters: dict[str, Any], wants: str
) -> None:
    said = await told(waiting(filters, **more))
    assert said == (
        f"whether Sensor github lets it pass can't be told here (it wants: {wants}); if so, {DOES}"
    )


async def test_where_one_filter_of_several_is_enough_one_that_fails_takes_the_others_with_it() -> None:
    either = {"context": {"type": "github"}, **data(OTHER)}
    assert await told(waiting(either, filtersLogicalOperator="or")) == TAKES
    broken = {"context": {"type": "github"}, **data(NOWHERE)}
    said = await told(waiting(broken, filtersLogicalOperator="or"))
    assert said == "Sensor github throws it away: body.pull_request.id is not in this push"


async def test_what_is_given_decides_which_sensor_takes_it() -> None:
    assert (await told(waiting(data(OTHER)), branch="dev")) == TAKES
    nowhere = waiting(data(NOWHERE))
    assert (await told(nowhere, payload='{"pull_request": {"id": 1}}')) == TAKES


async def test_a_trigger_that_waits_for_other_events_too_says_so() -> None:
    both = waiting(None)
    both["spec"]["dependencies"].append({"name": "nightly", "eventSourceName": "cron", "eventName": "a"})
    assert await told(both) == f"{TAKES}, when push and nightly have all come"
    both["spec"]["triggers"][0]["template"]["conditions"] = "push || nightly"
    assert await told(both) == f"{TAKES}, when push || nightly"
    both["spec"]["triggers"][0]["template"]["conditions"] = "nightly"
    assert await told(both) == "Sensor github takes it; none of its triggers waits for it"


async def test_many_sensors_that_throw_it_away_are_told_shortly() -> None:
    others = []
    for name in "abcdefgh":
        others.append(waiting(data(OTHER)))
        others[-1]["metadata"]["name"] = name
    plan = await pushed(None, pod(), secret(), *others)
    away = [one for one in plan.warnings if "throws it away" in one or one.startswith("so do")]
    assert [one.partition(" throws")[0] for one in away[:3]] == ["Sensor a", "Sensor b", "Sensor c"]
    assert away[3:] == ["so do 5 more Sensors: d, e, f and 2 more"]
    beside = await pushed(None, pod(), secret(), sensor(), *others)
    assert [one for one in beside.warnings if "Sensor" in one] == [
        TAKES,
        "8 other Sensors throw it away: a, b, c and 5 more",
    ]


async def test_a_filter_of_the_event_source_itself_is_named() -> None:
    source = event_source(spec__github__push__filter={"expression": 'body.ref == "a"'})
    plan = await pushed(source)
    assert (
        "the event has a filter of its own; whether it lets this push pass can't be told here"
        in plan.warnings
    )
