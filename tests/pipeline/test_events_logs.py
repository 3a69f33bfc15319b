"""What the pods of Argo Events log: read line by line, counted as what it is, told in words.

The lines' shapes are those of ``argo-events@v1.9.11``; errors are those that API servers, the ``argo`` CLI,
NATS and GitHub's signature check give.
"""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from stage_readers import DATA, answering, facts, read, row, stored

from trombone_tui.core.objects.basics import Health
from trombone_tui.core.objects.event_logs import entry
from trombone_tui.core.ports import Denied, LogLine, Unreachable
from trombone_tui.core.questions import Answer, LogTail
from trombone_tui.core.stage import Lines
from trombone_tui.pipeline.events import STAGE
from trombone_tui.pipeline.events.causes import cause
from trombone_tui.pipeline.events.occurrences import What, occurrences

AT = datetime(2026, 11, 23, 13, 7, 36, tzinfo=UTC)
REFUSED = (
    'workflows.argoproj.io is forbidden: User "system:serviceaccount:argo-events:default" cannot create '
    'resource "workflows" in API group "argoproj.io" in the namespace "ci"'
)
RBAC = (
    "RBAC: service account argo-events/default may not create workflows.argoproj.io in namespace ci; "
    "a Role with verb create on workflows.argoproj.io, bound to it, would help"
)


def log(name):
    text = (DATA / "events" / f"log-{name}.txt").read_text(encoding="utf-8")
    return [LogLine(line) for line in text.splitlines()]


def line(msg, *, level="info", ts="2026-11-23T13:07:36Z", **fields):
    return LogLine(json.dumps({"level": level, "ts": ts, "msg": msg, **fields}))


def failed(error, *, ids=("e1",), **fields):
    fields = {"triggerName": "build", "triggeredBy": ["push"], **fields}
    return line(
        "Failed to execute a trigger", level="error", error=error, triggeredByEvents=list(ids), **fields
    )


def processed(**fields):
    fields = {"triggerName": "build", "triggeredBy": ["push"], "triggeredByEvents": ["e2"], **fields}
    return line("Successfully processed trigger 'build'", **fields)


def told(*lines):
    return [(one.what, one.text) for one in occurrences(lines)]


def test_an_event_source_publishes_and_refuses():
    assert told(*log("event-source")) == [
        (What.RUN, "started, listens"),
        (What.PUBLISHED, "push published, event 366182ca328…"),
        (
            What.REFUSED,
            "push refused a request: bad signature, so sender and webhookSecret differ "
            "(payload signature check failed)",
        ),
        (What.PUBLISHED, "push published, event 5b9f3f6de6a…"),
    ]


def test_a_sensor_filters_triggers_and_fails_and_a_line_that_repeats_is_told_once():
    assert told(*log("sensor")) == [
        (What.RUN, "started, waits for events"),
        (
            What.FILTERED,
            "push: an event did not pass the filter of trigger build, event 366182ca328…: "
            "data filter error (path 'body.ref' does not exist)",
        ),
        (What.FILTERED, "push did not pass the filter of trigger build"),
        (What.TRIGGERED, "build triggered by push, event 5b9f3f6de6a…"),
        (What.FAILED, f"build failed for push, event 0fa9a2a8a5a…: {RBAC}"),
    ]


def test_a_payload_that_a_filter_logs_is_not_shown():
    assert "shown to nobody" in "".join(one.text for one in log("sensor"))
    assert "shown to nobody" not in "".join(one.text + one.why for one in occurrences(log("sensor")))


def test_an_older_version_writes_seconds_and_small_letters():
    old = {"eventName": "example", "eventID": "kafka:example:0:7"}
    (one,) = occurrences([line("succeeded to publish an event", ts=1644017495.13, **old)])
    assert (one.what, one.events, one.text) == (
        What.PUBLISHED,
        ("example",),
        "example published, event kafka:examp…",
    )
    assert one.at == datetime(2022, 2, 4, 23, 31, 35, 130000, tzinfo=UTC)


@pytest.mark.parametrize("ts", [None, "yesterday", "2026-11-23T13:07:36", [], 1e300, "1e5"])
def test_where_a_line_has_no_time_the_nodes_counts(ts):
    text = json.dumps({"ts": ts, "msg": "Sensor started."})
    (one,) = occurrences([LogLine(text, AT)])
    assert one.at == AT


def test_of_keys_that_come_twice_the_last_counts():
    found = entry('{"msg":"a","triggerName":"x","triggerName":"y"}')
    assert found.trigger_name == "y"


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        pytest.param([failed("x", ids=()), failed("x")], 2, id="events told"),
        pytest.param(
            [line("Failed to execute a trigger", level="error", error="x", triggerName="build")],
            0,
            id="the second line of one failure",
        ),
        pytest.param(
            [
                line("Failed to publish an event", level="error", error="nats: timeout", eventName="push"),
                line("failed to send event", level="error", error="nats: timeout"),
                line("failed to dispatch the request to the event bus", level="error", error="x"),
            ],
            1,
            id="an event that was not published, and what follows from it",
        ),
    ],
)
def test_a_failure_is_counted_once(lines, expected):
    assert [one.what for one in occurrences(lines)] == [What.FAILED] * expected


@pytest.mark.parametrize(
    ("one", "what", "text", "health"),
    [
        pytest.param(
            line("NATS connection lost, reconnecting..."),
            What.BUS,
            "lost the connection to the bus",
            Health.DEGRADED,
            id="bus lost",
        ),
        pytest.param(
            line("reconnected to eventbus successfully"),
            What.BUS,
            "connected to the bus again",
            None,
            id="bus back",
        ),
        pytest.param(
            line(
                "Failed to create Stream",
                level="error",
                error="failed after retries: Failed to add Jetstream stream 'default'for connection &{}: "
                "err=nats: no suitable peers for placement",
            ),
            What.BUS,
            "has no connection to the bus: the bus has fewer servers than its stream asks for copies: "
            "set replicas in its streamConfig",
            Health.DEGRADED,
            id="stream refused",
        ),
        pytest.param(
            line("failed to connect to event bus", level="fatal", error="nats: no servers available"),
            What.BUS,
            "has no connection to the bus: no connection: nats: no servers available",
            Health.DEGRADED,
            id="no bus",
        ),
        pytest.param(
            line("Erroring out, no active event server running", level="error"),
            What.RUN,
            "ends: it listens to nothing any more",
            Health.DEGRADED,
            id="ends",
        ),
        pytest.param(
            line("failed to start", level="fatal", error="x509: bad"),
            What.RUN,
            "failed to start: x509: bad",
            Health.DEGRADED,
            id="fatal",
        ),
        pytest.param(
            LogLine("panic: runtime error: invalid memory address or nil pointer dereference", AT),
            What.RUN,
            "panic: runtime error: invalid memory address or nil pointer dereference",
            Health.DEGRADED,
            id="panic",
        ),
        pytest.param(
            line("Validation failed", level="error", error="must have a schedule", eventName="nightly"),
            What.ERROR,
            "nightly is not listened to: must have a schedule",
            Health.DEGRADED,
            id="event refused",
        ),
        pytest.param(
            line("failed to get dependency expression", level="error", error="bad", triggerName="build"),
            What.ERROR,
            "failed to get dependency expression: bad",
            Health.DEGRADED,
            id="any other error",
        ),
        pytest.param(
            line(
                f"failed to trigger actions, failed after retries: {REFUSED}", level="warn", triggerName="b"
            ),
            What.LOST,
            f"b: it was given up after its retries: {RBAC}",
            Health.DEGRADED,
            id="given up",
        ),
        pytest.param(
            line("failed to trigger dlqTrigger, EOF", level="error", triggerName="b"),
            What.LOST,
            "b: its dlqTrigger was given up after its retries: no connection: EOF",
            Health.DEGRADED,
            id="given up for good",
        ),
    ],
)
def test_a_line_is_told_in_words(one, what, text, health):
    (found,) = occurrences([one])
    assert (found.what, found.text, found.health) == (what, text, health)


def test_an_event_that_a_filter_throws_away_is_told_also_where_no_line_follows():
    discarded = [
        line(
            f"Event [ID '{event}', Source 'a', Time 't', Data '{{}}'] discarded due to filtering error: odd",
            level="warn",
            triggerName="build",
        )
        for event in ("one", "two")
    ]
    assert [one.text for one in occurrences(discarded)] == [
        f"an event did not pass the filter of trigger build, event {event}: odd" for event in ("one", "two")
    ]


CAUSES = [
    pytest.param(f"failed to execute trigger, failed after retries: {REFUSED}", RBAC, id="RBAC"),
    pytest.param(
        'nodes is forbidden: User "jane" cannot list resource "nodes" in API group "" at the cluster scope',
        "RBAC: user jane may not list nodes in the whole cluster; a Role with verb list on nodes, "
        "bound to it, would help",
        id="RBAC, in the whole cluster",
    ),
    pytest.param(
        'failed to execute trigger, workflowtemplates.argoproj.io "build" not found',
        "template missing: WorkflowTemplate build does not exist",
        id="template",
    ),
    pytest.param(
        'clusterworkflowtemplates.argoproj.io "build" not found',
        "template missing: ClusterWorkflowTemplate build does not exist",
        id="cluster template",
    ),
    pytest.param(
        'failed to execute trigger, workflows.argoproj.io "hello-world-tmpl" not found',
        "Workflow hello-world-tmpl does not exist; a trigger with submit-from says so although it started "
        "one",
        id="submit-from, issue 3033",
    ),
    pytest.param('namespaces "ci" not found', "namespaces ci does not exist", id="namespace"),
    pytest.param(
        'failed to execute trigger, workflows.argoproj.io "build-1a2b3c" already exists',
        "already there: workflows.argoproj.io build-1a2b3c exists, so nothing was created again",
        id="already exists",
    ),
    pytest.param(
        'workflows.argoproj.io "b" is forbidden: exceeded quota: few, requested: count/workflows=1, used: 5',
        "quota: few of the namespace is used up (requested: count/workflows=1, used: 5)",
        id="quota",
    ),
    pytest.param(
        'admission webhook "policy.example" denied the request: no label team',
        "admission webhook policy.example denies it: no label team",
        id="admission",
    ),
    pytest.param(
        'failed to execute trigger, Workflow.argoproj.io "b-1" is invalid: metadata.labels: Invalid value: '
        '"refs/heads/main": a valid label must be an empty string',
        'the API server refuses b-1: metadata.labels: Invalid value: "refs/heads/main": a valid label must '
        "be an empty string; a label can't hold such a value, an annotation can",
        id="a ref as label",
    ),
    pytest.param(
        'Workflow.argoproj.io "b-1" is invalid: spec: Required value',
        "the API server refuses b-1: spec: Required value",
        id="invalid",
    ),
    pytest.param(
        "failed to execute trigger, failed after retries: the server could not find the requested resource",
        "the API server serves no such kind: check apiVersion and kind in the trigger, "
        "and that the CRD is installed",
        id="no such kind",
    ),
    pytest.param(
        "failed to execute trigger, client rate limiter Wait returned an error: context deadline exceeded",
        "rate limit: asked to come back later (client rate limiter Wait returned an error: context deadline "
        "exceeded)",
        id="rate limit",
    ),
    pytest.param(
        "policy application resulted in failure. http response status 502 is not allowed",
        "answered with HTTP 502, which its policy does not allow",
        id="HTTP status",
    ),
    pytest.param(
        "failed to determine status of the triggered resource. setting trigger state as failed",
        "what was created did not get the labels that its policy waits for",
        id="policy",
    ),
    pytest.param(
        'failed to execute trigger, Post "http://x": dial tcp 10.0.0.1:80: connect: connection refused',
        'no connection: Post "http://x": dial tcp 10.0.0.1:80: connect: connection refused',
        id="no connection",
    ),
    pytest.param("", "the error is empty", id="empty"),
    pytest.param("something new", "something new", id="unknown"),
]


@pytest.mark.parametrize(("error", "words"), CAUSES)
def test_a_trigger_that_failed_says_why(error, words):
    (one,) = occurrences([failed(error)])
    assert one.why == words
    assert one.text == f"build failed for push, event e1: {words}"


@pytest.mark.parametrize(
    ("plain", "error", "words"),
    [
        pytest.param(
            'time="2026-11-23T13:07:36Z" level=fatal msg="Failed to submit workflow: rpc error: '
            'workflowtemplates.argoproj.io \\"build\\" not found"',
            "failed to execute trigger, failed to execute submit command for workflow , exit status 1",
            "argo submit ended with exit status 1; before it: template missing: WorkflowTemplate build "
            "does not exist",
            id="the argo CLI",
        ),
        pytest.param(
            "failed to get value by key: key body.after does not exist to in the event payload",
            "unable to resolve 'push' parameter value. err: <nil>",
            "a parameter has no value: event push lacks what it names, and it has no default; before it: "
            "failed to get value by key: key body.after does not exist to in the event payload",
            id="a parameter",
        ),
    ],
)
def test_what_plain_text_said_before_an_error_is_told_with_it(plain, error, words):
    (one,) = occurrences([LogLine(plain), failed(error)])
    assert one.why == words


def test_plain_text_does_not_belong_to_a_later_error():
    (_, one) = occurrences([LogLine("old text"), processed(), failed("exit status 1")])
    assert one.why == "exit status 1"


@settings(deadline=None, max_examples=100)
@given(
    st.lists(
        st.text(max_size=40)
        | st.fixed_dictionaries(
            {},
            optional={
                key: st.none()
                | st.integers()
                | st.text(max_size=9)
                | st.lists(st.text(max_size=3), max_size=2)
                for key in ("level", "ts", "msg", "error", "eventName", "triggerName", "triggeredByEvents")
            },
        ).map(json.dumps)
        | st.sampled_from(["{" * 3000, '{"a":' * 3000, '{"msg":"\ud800"}', "{}", "[1]"]),
        max_size=4,
    )
)
def test_any_line_is_read_without_an_error(texts):
    for one in occurrences(map(LogLine, texts)):
        assert one.text


@given(st.text(max_size=80), st.text(max_size=80))
def test_any_error_has_words(error, before):
    assert cause(error, before)


BESIDE = ["event-source", "sensor", "event-bus-exotic", "deployment-event-source", "deployment-sensor"]


def known(*more, pods=("pod-event-source", "pod-sensor"), hidden=()):
    return read(STAGE, *(stored("events", name) for name in (*BESIDE, *pods)), *more, hidden=hidden)


def reading(found):
    return answering(LogTail=found if isinstance(found, Exception) else lambda _: tuple(found))


def test_the_first_fact_says_why_a_trigger_failed():
    reader = known()
    first = next(iter(reader.details(row(reader, "Sensor").ref, reading(log("sensor")))[0].facts))
    assert (first.name, first.health) == ("failed", Health.DEGRADED)
    assert first.value == f"build failed for push, event 0fa9a2a8a5a…: {RBAC} (23 Nov 13:12Z)"


def test_a_failure_after_which_it_went_well_is_no_alarm():
    reader, lines = known(), [failed("EOF"), processed(), processed()]
    first = next(iter(reader.details(row(reader, "Sensor").ref, reading(lines))[0].facts))
    assert (first.name, first.health) == ("failed before", None)
    assert first.value == (
        "build failed for push, event e1: no connection: EOF (23 Nov 13:07Z); went well 2 times since"
    )


def test_that_another_trigger_went_well_does_not_end_an_alarm():
    reader, lines = known(), [failed("EOF"), processed(triggerName="other")]
    first = next(iter(reader.details(row(reader, "Sensor").ref, reading(lines))[0].facts))
    assert first.name == "failed"


@pytest.mark.parametrize(("back", "broken"), [(False, True), (True, False)])
def test_a_lost_bus_is_told_until_it_is_back(back, broken):
    lines = [line("EventBus connection lost, reconnecting...")]
    lines += [line("reconnected to EventBus.")] * back
    reader = known()
    told = facts(reader, row(reader, "Sensor"), "Sensor", reading(lines))
    assert ("broken off" in told) is broken


def test_events_and_triggers_are_counted_in_a_window_that_is_named():
    reader = known()
    counted = facts(reader, row(reader, "Sensor"), "In the log", reading(log("sensor")))
    assert counted["read"] == (
        "the last 11 log lines since 23 Nov 13:03Z of 1 pod; what came before is not counted"
    )
    assert counted["event push"] == (
        f"1 triggered, 1 failed, 2 did not pass the filter, last seen 23 Nov 13:12Z; the newest error: {RBAC}"
    )
    assert counted["trigger build"] == counted["event push"]


def test_an_event_source_counts_by_event_and_says_when_it_last_saw_one():
    reader = known(stored("events", "workflow-of-sensor"))
    item, ask = row(reader, "EventSource"), reading(log("event-source"))
    assert facts(reader, item, "In the log", ask)["push"] == (
        "2 published, 1 refused, last seen 23 Nov 13:07Z; the newest error: bad signature, so sender and "
        "webhookSecret differ (payload signature check failed)"
    )
    about = facts(reader, item, "Event source", ask)
    assert about["last seen"] == datetime(2026, 11, 23, 13, 7, 36, 99812, tzinfo=UTC)
    assert facts(reader, item, "Started by its Sensors", ask) == {
        "github": "1 Workflow it started exists, the last on 23 Nov 13:07Z"
    }


def test_an_event_that_nothing_is_logged_of_is_not_called_zero():
    reader = known()
    assert facts(reader, row(reader, "EventSource"), "In the log", reading([]))["push"] == (
        "nothing in these lines"
    )
    assert facts(reader, row(reader, "EventSource"), "In the log")["push"] is None


def newest(reader, kind, ask):
    details = {one.title: one for one in reader.details(row(reader, kind).ref, ask)}
    return details.get("What happened")


def test_the_newest_fifty_are_told_line_by_line_the_newest_last():
    lines = [line("Succeeded to publish an event", eventName="push", eventID=f"{n:04}") for n in range(60)]
    shown = newest(known(), "EventSource", reading(lines))
    assert isinstance(shown, Lines)
    assert [one.text for one in shown.lines] == [f"push published, event {n:04}" for n in range(10, 60)]
    assert shown.lines[-1].at == AT


def test_logs_of_several_pods_are_put_in_order_of_time():
    second = stored("events", "pod-sensor", metadata__name="second-x", metadata__uid="2")

    def tail(question):
        late = question.pod == "second-x"
        return (processed(ts=f"2026-11-23T13:07:{30 if late else 10}Z", triggerName=question.pod[:6]),)

    reader = known(second)
    shown = newest(reader, "Sensor", answering(LogTail=tail))
    assert [one.text.split()[0] for one in shown.lines] == ["github", "second"]
    window = facts(reader, row(reader, "Sensor"), "In the log", answering(LogTail=tail))["read"]
    assert window.startswith("the last 2 log lines since 23 Nov 13:07Z of 2 pods;")


def test_where_the_log_of_one_pod_is_denied_the_others_are_told():
    def tail(question):
        return (processed(),) if question.pod == "second-x" else None

    second = stored("events", "pod-sensor", metadata__name="second-x", metadata__uid="2")
    known_of, reader = answering(LogTail=tail), known(second)

    def ask(question):
        found = known_of(question)
        mine = isinstance(question, LogTail) and question.pod != "second-x"
        return Answer(trouble=Denied("get", "pods/log", namespace="argo-events")) if mine else found

    told = facts(reader, row(reader, "Sensor"), "In the log", ask)
    assert told["read"] == (
        "the last log line since 23 Nov 13:07Z of 1 pod of 2; what came before is not counted; "
        "not all: may not get pods/log in namespace argo-events"
    )
    assert told["trigger build"] == "1 triggered, last seen 23 Nov 13:07Z"


NO_LOG = [
    pytest.param(
        ("pod-sensor",),
        (),
        Denied("get", "pods/log", namespace="argo-events"),
        "no log: may not get pods/log in namespace argo-events; what is known comes from the labels of "
        "Workflows alone",
        id="denied",
    ),
    pytest.param(
        ("pod-sensor",),
        (),
        Unreachable("no answer"),
        "no log: no answer; what is known comes from the labels of Workflows alone",
        id="no answer",
    ),
    pytest.param((), (), [], "no pod of this Sensor has ever begun to run, so there is no log", id="no pod"),
    pytest.param(
        (),
        ("Pod",),
        [],
        "its pods are not visible: may not list pods in namespace argo-events, or not yet known",
        id="pods not visible",
    ),
]


@pytest.mark.parametrize(("pods", "hidden", "found", "words"), NO_LOG)
def test_without_a_log_it_says_why_and_workflows_are_told_all_the_same(pods, hidden, found, words):
    reader = known(stored("events", "workflow-of-sensor"), pods=pods, hidden=hidden)
    item, ask = row(reader, "Sensor"), reading(found)
    counted = facts(reader, item, "In the log", ask)
    assert (counted["read"], counted["event push"]) == (words, None)
    details = {one.title: one for one in reader.details(item.ref, ask)}
    (line,) = details["Workflows started"].lines
    assert (line.text, line.health) == ("ci/demo-build-hftdz by trigger build: Succeeded", Health.HEALTHY)
    assert facts(reader, item, "Sensor", ask)["last seen"] == datetime(
        2026, 11, 23, 13, 7, 36, 111000, tzinfo=UTC
    )


def test_while_a_log_is_not_there_yet_it_says_so():
    reader = known()
    told = facts(reader, row(reader, "Sensor"), "In the log")
    assert told["read"] == "the log is being read"
