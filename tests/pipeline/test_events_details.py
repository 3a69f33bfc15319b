"""The details of EventSource, Sensor and EventBus: everything configured in words, and what runs it."""

from __future__ import annotations

import pytest
from any_json import objects
from changing import changed
from hypothesis import given, settings
from stage_readers import answering, facts, read, row, stored

from trombone_tui.core.objects.argo_sensors import SENSOR as SENSORS
from trombone_tui.core.objects.basics import Health
from trombone_tui.core.objects.event_pods import EVENT_POD
from trombone_tui.core.ports import Denied
from trombone_tui.core.stage import Tree
from trombone_tui.pipeline.events import STAGE

SENSOR, SOURCE, BUS = (stored("events", name) for name in ("sensor", "event-source", "event-bus-exotic"))
RUNS = [stored("events", name) for name in ("deployment-sensor", "pod-sensor")]


def tree(reader, kind, title, ask=None):
    """Write a tree as lines, indented; what is said less loudly follows a bar."""
    found = next((one for one in reader.details(row(reader, kind).ref, ask) if one.title == title), None)
    return written(found.branches) if isinstance(found, Tree) else []


def written(branches, depth=0):
    lines = []
    for one in branches:
        lines.append("  " * depth + one.text + (f" | {one.note}" if one.note else ""))
        lines += written(one.branches, depth + 1)
    return lines


def waiting(filters, **more):
    """Return the lines under a dependency with these filters."""
    dependency = {
        "name": "push",
        "eventSourceName": "github",
        "eventName": "push",
        "filters": filters,
        **more,
    }
    reader = read(STAGE, stored("events", "sensor", spec__dependencies=[dependency]), SOURCE, BUS)
    return [line.strip() for line in tree(reader, "Sensor", "Waits for")[1:]]


def data(path="body.ref", of_type="string", value=("^main$",), **more):
    return {"data": [{"path": path, "type": of_type, "value": list(value), **more}]}


FILTERS = [
    pytest.param(data(), ["body.ref matches ^main$"], id="anchored"),
    pytest.param(
        data(value=["main", "^dev$"]),
        ["body.ref matches main or ^dev$ (anywhere in it: no ^…$ around the pattern)"],
        id="not anchored",
    ),
    pytest.param(data(comparator="!="), ["body.ref does not match ^main$"], id="not"),
    pytest.param(
        data(comparator=">="),
        ["body.ref >= ^main$: texts are not compared so, no event passes"],
        id="texts have no order",
    ),
    pytest.param(data("body.size", "number", ["3"], comparator=">="), ["body.size >= 3"], id="a number"),
    pytest.param(data("body.n", "number", ["3", "4"]), ["body.n = 3 or 4"], id="one of two numbers"),
    pytest.param(data("body.deleted", "bool", ["false"]), ["body.deleted is false"], id="a truth"),
    pytest.param(
        data("body.deleted", "bool", ["true"], comparator="!="),
        ["body.deleted is true (its comparator != is not looked at)"],
        id="a truth is only ever compared for being equal",
    ),
    pytest.param(data(value=()), ["body.ref: names no value, so every event is thrown away"], id="no value"),
    pytest.param(
        data(of_type="date"),
        ["body.ref: its type date is not known, so every event is thrown away"],
        id="an unknown type",
    ),
    pytest.param(
        data(template="{{ .Input | lower }}"),
        ["{{ .Input | lower }} over body.ref matches ^main$"],
        id="template",
    ),
    pytest.param(
        {"exprs": [{"expr": 'a == "x"', "fields": [{"name": "a", "path": "body.a"}]}]},
        ['a == "x", where a = body.a'],
        id="expression",
    ),
    pytest.param(
        {"exprs": [{"expr": "true"}]},
        ["true: names no field, so it is never looked at"],
        id="an expression without fields",
    ),
    pytest.param(
        {"context": {"type": "github", "source": "x"}},
        ["the event's type is github, source is x"],
        id="context",
    ),
    pytest.param({"context": {}}, ["the event's context: names nothing, so all pass"], id="empty context"),
    pytest.param(
        {"time": {"start": "08:00:00", "stop": "18:00:00", "timezone": "Europe/Berlin"}},
        ["it came from 08:00:00 until before 18:00:00, Europe/Berlin"],
        id="time",
    ),
    pytest.param(
        {"time": {"start": "22:00:00", "stop": "06:00:00"}},
        ["it came from 22:00:00 until before 06:00:00 of the next day, UTC"],
        id="night",
    ),
    pytest.param(
        {"script": "local a = 1\nreturn true\n"}, ["a Lua script of 2 lines returns true"], id="script"
    ),
    pytest.param(
        {"data": [*data()["data"], *data("body.n", "number", ["1"])["data"]], "dataLogicalOperator": "or"},
        ["data: any one of these is enough", "body.ref matches ^main$", "body.n = 1"],
        id="one of two data filters",
    ),
    pytest.param(
        {**data(), "script": "return true"},
        ["all of these", "body.ref matches ^main$", "a Lua script of 1 line returns true"],
        id="two parts, joined by and",
    ),
    pytest.param(None, [], id="none"),
]


@pytest.mark.parametrize(("filters", "lines"), FILTERS)
def test_filters_are_told_in_words(filters, lines):
    assert waiting(filters) == lines


def test_the_operator_that_joins_all_filters_is_told():
    filters = {**data(), "script": "return true"}
    assert waiting(filters, filtersLogicalOperator="or")[0] == "any one of these is enough"


def test_what_changes_an_event_before_it_is_filtered_is_told_first():
    changes = {"jq": ".body.x = 1", "script": "return event"}
    assert waiting(data(), transform=changes) == [
        "first changed by jq .body.x = 1",
        "first changed by a Lua script of 1 line",
        "body.ref matches ^main$",
    ]


def test_a_dependency_says_whether_anybody_sends_it():
    reader = read(STAGE, SENSOR, BUS)
    assert tree(reader, "Sensor", "Waits for")[0] == (
        "push: event push of EventSource github | waits for event push of EventSource github, "
        "which does not exist"
    )
    plain = changed(
        SENSOR, spec__dependencies=[{"name": "p", "eventSourceName": "github", "eventName": "push"}]
    )
    assert tree(read(STAGE, plain, SOURCE, BUS), "Sensor", "Waits for") == [
        "p: event push of EventSource github | not filtered"
    ]


def triggers(*found, whole=True, **spec):
    """Return what is told of triggers, asked for whole or as rows keep them."""
    sensor = stored("events", "sensor", spec__triggers=list(found), **spec)
    reader = read(STAGE, sensor, SOURCE, BUS)
    return tree(reader, "Sensor", "Triggers", answering(Sensor=[sensor]) if whole else None)


def test_a_trigger_says_what_it_creates_and_with_what_of_the_event():
    assert triggers(*SENSOR["spec"]["triggers"]) == [
        "build: create Workflow demo-build-… in namespace ci | tried once: an event whose trigger fails "
        "is lost",
        "  when push comes",
        "  spec.arguments.parameters.0.value is body.after of push",
        "  as service account argo-events/default",
    ]


def test_until_a_trigger_is_there_in_full_it_says_so():
    assert triggers(*SENSOR["spec"]["triggers"], whole=False)[0] == (
        "build: k8s; what it does in full is being read | tried once: an event whose trigger fails is lost"
    )


def test_where_a_sensor_may_not_be_read_in_full_it_says_so():
    reader = read(STAGE, SENSOR, SOURCE, BUS)
    ask = answering(Sensor=Denied("list", "sensors.argoproj.io", namespace="argo-events"))
    assert tree(reader, "Sensor", "Triggers", ask)[-1] == (
        "in full they are not visible: may not list sensors.argoproj.io in namespace argo-events"
    )


def workflow(**spec):
    resource = {"kind": "Workflow", "metadata": {"generateName": "b-"}, "spec": spec}
    return {"operation": "create", "source": {"resource": resource}}


def head(template, **more):
    return triggers({"template": {"name": "t", **template}, **more})[0].partition(" | ")[0]


@pytest.mark.parametrize(
    ("template", "words"),
    [
        (
            {"k8s": workflow(workflowTemplateRef={"name": "build-and-push"})},
            "t: create Workflow b-… from WorkflowTemplate build-and-push in namespace argo-events",
        ),
        (
            {"k8s": workflow(workflowTemplateRef={"name": "x", "clusterScope": True})},
            "t: create Workflow b-… from ClusterWorkflowTemplate x in namespace argo-events",
        ),
        (
            {"argoWorkflow": {**workflow(), "operation": "submit"}},
            "t: argo submit Workflow b-… in namespace argo-events",
        ),
        (
            {"argoWorkflow": {"source": {"resource": {"kind": "Workflow", "metadata": {"name": "w"}}}}},
            "t: argo (no operation, which is refused) Workflow w in namespace argo-events",
        ),
        ({"k8s": {"source": {"git": {"url": "x"}}}}, "t: create what its git holds"),
        ({"k8s": {}}, "t: create nothing: it has no source"),
        (
            {"http": {"url": "https://me:secret@x.example/in?token=secret", "method": "PUT"}},
            "t: HTTP PUT to https://x.example/in?…",
        ),
        ({"kafka": {"topic": "orders", "url": "k:9092"}}, "t: kafka topic orders"),
        ({"log": {}}, "t: log"),
        ({}, "t: names nothing to do"),
    ],
)
def test_every_sort_of_trigger_says_what_it_does(template, words):
    assert head(template) == words


def under(template=None, **more):
    """Return what stands under a trigger, without when it runs and as whom."""
    made = triggers({"template": {"name": "t", "http": template or {}}, **more})
    return [line.strip() for line in made[2:]]


def parameter(dest="a", operation=None, **src):
    return {"src": {"dependencyName": "push", **src}, "dest": dest, "operation": operation}


@pytest.mark.parametrize(
    ("told", "words"),
    [
        (parameter(dataKey="body.after"), "a is body.after of push"),
        (parameter(dataKey="body.tag", value="1.0"), "a is body.tag of push, else '1.0'"),
        (parameter(contextKey="id"), "a is the context's id of push"),
        (parameter(dataTemplate="{{ .Input.x }}", dataKey="x"), "a is {{ .Input.x }} of push"),
        (parameter(operation="append", dataKey="x"), "a is appended x of push"),
        (parameter(operation="prepend", dataKey="x"), "a is put before x of push"),
        (parameter(), "a is the whole event of push"),
        (parameter(dest="", dataKey="body"), "all of it is body of push"),
        (parameter(value="x"), "a is 'x'"),
    ],
)
def test_a_parameter_says_what_of_the_event_goes_where(told, words):
    (line,) = under({"payload": [told, "odd", {"src": 7}]})
    assert " ".join(line.split()) == words


@pytest.mark.parametrize(
    ("more", "lines"),
    [
        ({"parameters": [parameter("http.url", dataKey="u")]}, ["the trigger's own http.url is u of push"]),
        (
            {"retryStrategy": {"steps": 5, "duration": "2s", "factor": 2}, "atLeastOnce": True},
            ["tried at most 5 times, 2 s apart, 2 times longer each time"],
        ),
        ({"retryStrategy": {"duration": 3_000_000_000}}, ["tried at most 5 times, 3 s apart"]),
        ({"retryStrategy": {"steps": 1}}, ["tried at most 1 time, 1 s apart"]),
        (
            {"rateLimit": {"unit": "Minute", "requestsPerUnit": 20}},
            ["at most 20 a minute; what is more waits"],
        ),
        ({"rateLimit": {"requestsPerUnit": 2}}, ["at most 2 a second; what is more waits"]),
        (
            {"policy": {"k8s": {"labels": {"a": "b"}, "errorOnBackoffTimeout": True}}},
            ["done when what was created has a=b; when that comes too late it fails"],
        ),
        (
            {"policy": {"k8s": {"labels": {"a": "b"}}}},
            ["done when what was created has a=b; when that comes too late it counts as done all the same"],
        ),
        ({"policy": {"status": {"allow": [200, 201]}}}, ["done when the answer is HTTP 200 or 201"]),
        (
            {"atLeastOnce": True, "dlqTrigger": {"template": {"name": "dead", "log": {}}}},
            ["when given up: dead does log"],
        ),
        (
            {"dlqTrigger": {"template": {"name": "dead", "log": {}}}},
            ["when given up: dead does log, never without atLeastOnce"],
        ),
    ],
)
def test_what_a_trigger_promises_is_told(more, lines):
    assert under(**more) == lines


@pytest.mark.parametrize(
    ("more", "promise"),
    [
        ({}, "tried once: an event whose trigger fails is lost"),
        (
            {"retryStrategy": {"steps": 3}},
            "tried once: an event whose trigger fails is lost; its retryStrategy has no effect without "
            "atLeastOnce",
        ),
        ({"atLeastOnce": True, "retryStrategy": {"steps": 3}}, "at least once"),
    ],
)
def test_a_trigger_says_whether_an_event_can_get_lost(more, promise):
    assert triggers({"template": {"name": "t", "log": {}}, **more})[0] == f"t: log | {promise}"


def test_a_trigger_says_when_it_runs():
    two = [{"name": name, "eventSourceName": "github", "eventName": "push"} for name in "ab"]
    resets = [{"byTime": {"cron": "0 6 * * *"}}, {"byTime": {"cron": "0 7 * * *", "timezone": "Europe/Rome"}}]
    found = triggers(
        {"template": {"name": "one", "log": {}}},
        {"template": {"name": "two", "log": {}, "conditions": "a || b", "conditionsReset": resets}},
        spec__dependencies=two,
    )
    assert [line.strip() for line in found if line.startswith("  ")] == [
        "when a and b have all come",
        "when a || b",
        "what has come is forgotten at 0 6 * * * UTC",
        "what has come is forgotten at 0 7 * * * Europe/Rome",
    ]


def test_a_trigger_that_creates_says_as_whom():
    found = triggers(*SENSOR["spec"]["triggers"], spec__template={"serviceAccountName": "ci"})
    assert found[-1].strip() == "as service account argo-events/ci"


def test_the_details_of_a_sensor_say_what_runs_it():
    reader = read(STAGE, SENSOR, SOURCE, BUS, *RUNS)
    assert tree(reader, "Sensor", "Runs") == [
        "Deployment github-sensor-4cvzx | argo-events:v1.9.11",
        "  pod github-sensor-4cvzx-bb6848947-m2cjj | ready",
        "    main: runs since 23 Nov 13:03Z",
    ]
    about = facts(reader, row(reader, "Sensor"), "Sensor")
    assert (about["EventBus"], about["running"]) == ("argo-events/default", "1 of 1 pods ready")
    assert facts(reader, row(reader, "Sensor"), "Conditions")["Deployed"] == "yes"


def test_a_container_says_how_it_ended_before():
    status = {
        "name": "main",
        "state": {"waiting": {"reason": "CrashLoopBackOff"}},
        "lastState": {"terminated": {"exitCode": 137, "reason": "OOMKilled"}},
        "restartCount": 3,
    }
    ended = {"name": "reloader", "state": {"terminated": {"exitCode": 0, "reason": "Completed"}}}
    pod = changed(RUNS[1], status__containerStatuses=[status, ended, {}])
    found = tree(read(STAGE, SENSOR, SOURCE, BUS, RUNS[0], pod), "Sensor", "Runs")
    assert [line.strip() for line in found[2:]] == [
        "main: waits: CrashLoopBackOff, started anew 3 times, before: OOMKilled, exit code 137",
        "reloader: ended: Completed, exit code 0",
        "?: not known",
    ]


@pytest.mark.parametrize(
    ("hidden", "words"),
    [(["Pod"], "its pods are not visible: only the numbers above are known"), ([], "no pod")],
)
def test_where_no_pod_is_seen_it_says_whether_there_is_none(hidden, words):
    reader = read(STAGE, SENSOR, SOURCE, BUS, RUNS[0], hidden=hidden)
    assert tree(reader, "Sensor", "Runs")[1].strip() == words


def test_without_the_right_to_see_deployments_the_pods_are_shown():
    reader = read(STAGE, SENSOR, SOURCE, BUS, RUNS[1], hidden=["Deployment"])
    assert tree(reader, "Sensor", "Runs")[0] == "pod github-sensor-4cvzx-bb6848947-m2cjj | ready"


def listens(kind, event, **more):
    reader = read(STAGE, stored("events", "event-source", spec={kind: {"it": event}, **more}), BUS)
    return [line.strip() for line in tree(reader, "EventSource", "Events")]


EVENTS = [
    pytest.param(
        "github",
        SOURCE["spec"]["github"]["push"],
        ["it: github | POST port 12000, path /push", "repositories acme/demo", "events push"],
        id="github",
    ),
    pytest.param(
        "github",
        {
            "owner": "acme",
            "repository": "api",
            "events": ["*"],
            "active": False,
            "webhook": {"endpoint": "/in", "port": "1", "url": "https://me:secret@hooks.example"},
            "filter": {"expression": "body.ref == 'x'"},
        },
        [
            "it: github | port 1, path /in",
            "repository acme/api",
            "registered as https://hooks.example",
            "events *",
            "filtered: only if body.ref == 'x'; what does not pass is not even logged",
            "active: no, as GitHub is told when the hook is registered",
            "no webhookSecret: who sent a request is not checked",
        ],
        id="github, the old form",
    ),
    pytest.param(
        "webhook",
        {"endpoint": "/in", "port": "9000", "method": "POST", "authSecret": {"name": "a", "key": "b"}},
        ["it: webhook | POST port 9000, path /in"],
        id="webhook",
    ),
    pytest.param(
        "webhook",
        {"endpoint": "/in", "port": "9000"},
        ["it: webhook | port 9000, path /in", "no authSecret: who sent a request is not checked"],
        id="open webhook",
    ),
    pytest.param(
        "calendar",
        {"schedule": "0 6 * * *", "timezone": "Europe/Rome", "exclusionDates": ["EXDATE:1", "EXDATE:2"]},
        ["it: calendar", "schedule 0 6 * * *", "timezone Europe/Rome", "exclusionDates EXDATE:1, EXDATE:2"],
        id="calendar",
    ),
    pytest.param(
        "kafka",
        {"url": "kafka:9092", "topic": "orders", "consumerGroup": {"groupName": "g", "oldest": False}},
        ["it: kafka", "url kafka:9092", "topic orders", "consumerGroup groupName g, oldest no"],
        id="kafka",
    ),
    pytest.param(
        "amqp",
        {"url": "amqp://me:secret@mq:5672", "exchangeName": "e", "routingKey": "k", "password": "secret"},
        ["it: amqp", "url amqp://mq:5672", "exchangeName e", "routingKey k"],
        id="amqp, without who logs in",
    ),
    pytest.param(
        "minio",
        {"endpoint": "minio:9000", "bucket": {"name": "in"}, "events": ["s3:ObjectCreated:Put"]},
        ["it: minio", "endpoint minio:9000", "bucket name in", "events s3:ObjectCreated:Put"],
        id="minio",
    ),
    pytest.param(
        "resource",
        {"group": "argoproj.io", "version": "v1alpha1", "resource": "workflows", "eventTypes": ["ADD"]},
        ["it: resource", "group argoproj.io", "version v1alpha1", "resource workflows", "eventTypes ADD"],
        id="resource",
    ),
    pytest.param("slack", "text", ["it: slack"], id="odd"),
]


@pytest.mark.parametrize(("kind", "event", "lines"), EVENTS)
def test_an_event_is_told_in_words(kind, event, lines):
    assert listens(kind, event) == lines


def test_the_details_of_an_event_source_say_who_waits_and_when_that_is_not_visible():
    told = facts(
        read(STAGE, SOURCE, SENSOR, BUS), row(read(STAGE, SOURCE, BUS), "EventSource"), "Event source"
    )
    assert (told["Sensors"], told["EventBus"]) == ("github", "argo-events/default")
    for hidden, words in (((), "none waits for its events"), (("Sensor",), None)):
        reader = read(STAGE, SOURCE, BUS, hidden=hidden)
        assert facts(reader, row(reader, "EventSource"), "Event source")["Sensors"] == words


def test_a_bus_that_is_not_well_is_told_where_it_is_used():
    reader = read(STAGE, SOURCE, SENSOR)
    for kind, title in (("EventSource", "Event source"), ("Sensor", "Sensor")):
        assert facts(reader, row(reader, kind), title)["EventBus"] == (
            "argo-events/default: there is no EventBus default in its namespace, so no event goes through"
        )


BUSES = [
    pytest.param(
        {"jetstream": {"version": "2.10.29", "replicas": 1, "persistence": {"volumeSize": "10Gi"}}},
        {"version": "2.10.29", "servers": 1, "messages": "kept on volumes of 10Gi"},
        id="on volumes",
    ),
    pytest.param(
        {"jetstream": {"version": "latest"}},
        {"servers": 3, "messages": "kept in the pods only: gone when they go"},
        id="in the pods",
    ),
    pytest.param(
        {"nats": {"native": {"replicas": 3}}},
        {"servers": 3, "type": "NATS Streaming, run here, which is at its end of life"},
        id="the old one",
    ),
    pytest.param(
        {"nats": {"exotic": {"url": "nats://x"}}},
        {"type": "NATS Streaming, run elsewhere, which is at its end of life"},
        id="the old one, elsewhere",
    ),
]


@pytest.mark.parametrize(("spec", "told"), BUSES)
def test_a_bus_says_what_it_is_and_where_messages_are(spec, told):
    reader = read(STAGE, changed(BUS, spec=spec))
    found = facts(reader, row(reader, "EventBus"), "Event bus")
    assert {key: found[key] for key in told} == told


@pytest.mark.parametrize(
    ("beside", "hidden", "users"),
    [([SENSOR, SOURCE], (), "1 EventSource and 1 Sensor"), ([], (), "nobody"), ([], ("Sensor",), None)],
)
def test_a_bus_says_who_uses_it_and_how_long_it_keeps_messages(beside, hidden, users):
    reader = read(STAGE, BUS, *beside, hidden=hidden)
    found = facts(reader, row(reader, "EventBus"), "Event bus")
    assert (found["used by"], found["stream"]) == (users, "maxAge 24h, duplicates 300s")


def logs(reader, kind):
    return [(one.label, one.failed, one.restarts, one.gone) for one in reader.logs(row(reader, kind).ref)]


def test_the_log_of_a_pod_in_trouble_comes_first():
    waits = {"name": "main", "state": {"waiting": {"reason": "CrashLoopBackOff"}}, "restartCount": 4}
    broken = changed(
        RUNS[1],
        metadata__name="github-sensor-4cvzx-bb6848947-first",
        metadata__creationTimestamp="2026-11-23T13:00:00Z",
        status__containerStatuses=[waits],
    )
    reader = read(STAGE, SENSOR, SOURCE, BUS, *RUNS, broken)
    assert logs(reader, "Sensor") == [("sensor first", True, 4, ""), ("sensor m2cjj", False, 0, "")]
    (source, _) = reader.logs(row(reader, "Sensor").ref)
    assert (source.namespace, source.pod, source.container) == (
        "argo-events",
        "github-sensor-4cvzx-bb6848947-first",
        "main",
    )


def test_a_bus_has_logs_where_it_is_run_here():
    labels = {"controller": "eventbus-controller", "eventbus-name": "default"}
    pod = changed(RUNS[1], metadata__name="eventbus-default-js-0", metadata__labels=labels)
    here = changed(BUS, spec={"jetstream": {}})
    assert logs(read(STAGE, here, pod), "EventBus") == [("eventbus 0", False, 0, "")]
    assert logs(read(STAGE, BUS, pod), "EventBus") == []


def test_logs_that_can_not_be_found_say_which_right_is_missing():
    reader = read(STAGE, SOURCE, SENSOR, BUS, hidden=["Pod"])
    gone = "its pods are not visible; ask for the right to list pods in namespace argo-events"
    assert logs(reader, "Sensor") == [("sensor", False, 0, gone)]
    assert logs(reader, "EventSource") == [("eventsource", False, 0, gone)]
    assert logs(read(STAGE, SENSOR), "Sensor") == []


def test_a_missing_secret_is_marked():
    reader = read(STAGE, stored("events", "event-source", spec={"webhook": {"it": {"endpoint": "/"}}}), BUS)
    (events,) = [one for one in reader.details(row(reader, "EventSource").ref) if one.title == "Events"]
    assert [one.health for one in events.branches[0].branches] == [Health.UNKNOWN]


@settings(deadline=None, max_examples=150)
@given(objects(SENSORS), objects(EVENT_POD))
def test_any_sensor_is_told_in_full_without_an_error(sensor, pod):
    pod["metadata"] = {
        "name": "p",
        "namespace": "n",
        "labels": {"controller": "sensor-controller", "sensor-name": "a"},
    }
    reader = read(STAGE, {"kind": "Sensor", **sensor}, {"kind": "Pod", **pod})
    for ref in reader.items:
        for one in reader.details(ref, answering(Sensor=[sensor])):
            assert one.title
        reader.logs(ref)
