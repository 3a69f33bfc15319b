"""EventSource, Sensor and EventBus: deployed, really running, and what was started."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from changing import changed
from stage_readers import NOW, decoded, facts, read, reference, row, stored

from trombone_tui.core.objects.apps import DEPLOYMENT
from trombone_tui.core.objects.argo_workflows import WORKFLOW
from trombone_tui.core.objects.basics import Health
from trombone_tui.pipeline.events import STAGE

STARTED = datetime(2026, 11, 23, 13, 7, 36, 111000, tzinfo=UTC)


def seen(*objects, **sight):
    """Read objects beside the bus and the EventSource that they use, unless these are given."""
    given = {obj["kind"] for obj in objects}
    beside = {"EventBus": "event-bus-exotic", "EventSource": "event-source"}
    added = [stored("events", name) for kind, name in beside.items() if kind not in given]
    return read(STAGE, *objects, *added, **sight)


def condition(of_type, status, reason=None, message=None):
    return {"type": of_type, "status": status, "reason": reason, "message": message}


def deployment(of="event-source", **changes):
    return stored("events", f"deployment-{of}", **changes)


def stateful_set(ready, wanted=3):
    return {
        "kind": "StatefulSet",
        "metadata": {
            "name": "eventbus-default-js",
            "namespace": "argo-events",
            "labels": {"controller": "eventbus-controller", "eventbus-name": "default"},
            "generation": 1,
        },
        "spec": {"replicas": wanted},
        "status": {"observedGeneration": 1, "readyReplicas": ready, "updatedReplicas": wanted},
    }


def workflow(name="one", sensor="github", at="1795439256111"):
    labels = {"events.argoproj.io/sensor": sensor, "events.argoproj.io/action-timestamp": at}
    meta = {"name": name, "namespace": "ci", "labels": labels}
    return {"kind": "Workflow", "metadata": meta}


REAL = [
    pytest.param(
        ["event-source", "deployment-event-source"],
        "EventSource",
        Health.HEALTHY,
        "Deployed; 1 of 1 pods ready; should listen to github push.",
        {"deployed": True, "running": True, "events": 1, "last_seen": None},
        id="an EventSource that listens",
    ),
    pytest.param(
        ["event-source-empty", "deployment-event-source-empty"],
        "EventSource",
        Health.DEGRADED,
        "Deployed; 1 of 1 pods ready; its spec names no event, so nothing is listened to.",
        {"deployed": True, "running": True, "events": 0},
        id="an EventSource without any event, which the controller calls deployed",
    ),
    pytest.param(
        ["sensor", "deployment-sensor", "workflow-of-sensor"],
        "Sensor",
        Health.HEALTHY,
        "Deployed; 1 of 1 pods ready; 1 Workflow it started exists, the last on 23 Nov 13:07Z.",
        {"deployed": True, "running": True, "workflows": 1, "last_seen": STARTED},
        id="a Sensor that started a Workflow",
    ),
    pytest.param(
        ["sensor-without-bus"],
        "Sensor",
        Health.DEGRADED,
        "Not deployed: EventBus not found (EventBusNotFound); it has no Deployment, so nothing runs; "
        "waits for event push of EventSource none, which does not exist; "
        "no Workflow that it started exists now.",
        {"deployed": False, "running": False, "workflows": 0, "last_seen": None},
        id="a Sensor without a bus, whose other conditions stay Unknown",
    ),
    pytest.param(
        ["event-bus-exotic"],
        "EventBus",
        Health.UNKNOWN,
        "Deployed; external JetStream at nats://nats.example:4222, so whether it is up is not visible here.",
        {"deployed": True, "running": None},
        id="a bus that somebody else runs",
    ),
]


@pytest.mark.parametrize(("names", "kind", "health", "why", "fields"), REAL)
def test_what_real_controllers_wrote_is_told_as_it_is(names, kind, health, why, fields):
    item = row(seen(*(stored("events", name) for name in names)), kind)
    assert (item.health, item.why) == (health, why)
    assert {key: getattr(item.fields, key) for key in fields} == fields


RUNNING = [
    pytest.param({"status__readyReplicas": None}, Health.DEGRADED, False, "0 of 1 pods ready", id="gone"),
    pytest.param(
        {
            "status__readyReplicas": None,
            "status__conditions": [condition("Progressing", "True", "ReplicaSetUpdated")],
        },
        Health.PROGRESSING,
        False,
        "0 of 1 pods ready",
        id="starting",
    ),
    pytest.param(
        {
            "status__readyReplicas": None,
            "status__conditions": [condition("Progressing", "False", "ProgressDeadlineExceeded")],
        },
        Health.DEGRADED,
        False,
        "0 of 1 pods ready, and its Deployment gave up waiting",
        id="given up",
    ),
    pytest.param({"spec__replicas": 2}, Health.PROGRESSING, True, "1 of 2 pods ready", id="one of two"),
    pytest.param(
        {"metadata__generation": 2},
        Health.PROGRESSING,
        True,
        "1 of 1 pods ready, being replaced by pods of a newer spec",
        id="not observed",
    ),
    pytest.param(
        {"status__updatedReplicas": 0},
        Health.PROGRESSING,
        True,
        "1 of 1 pods ready, being replaced by pods of a newer spec",
        id="old pods",
    ),
    pytest.param(
        {"spec__replicas": 0, "status__readyReplicas": None},
        Health.SUSPENDED,
        False,
        "scaled to 0 pods: scale Deployment github-eventsource-tkg2b to 1 to have it run",
        id="scaled to nothing",
    ),
    pytest.param({"spec": None}, Health.HEALTHY, True, "1 of 1 pods ready", id="no wish means one"),
    pytest.param({"status": None}, Health.PROGRESSING, False, "0 of 1 pods ready, being rep", id="no status"),
]


@pytest.mark.parametrize(("changes", "health", "running", "words"), RUNNING)
def test_deployed_is_not_running_the_deployment_decides(changes, health, running, words):
    item = row(seen(stored("events", "event-source"), deployment(**changes)), "EventSource")
    assert (item.health, item.fields.running, item.fields.deployed) == (health, running, True)
    assert f"Deployed; {words}" in item.why


def test_whether_it_runs_is_unknown_where_deployments_may_not_be_seen():
    item = row(seen(stored("events", "event-source"), hidden=["Deployment"]), "EventSource")
    assert (item.health, item.fields.running) == (Health.UNKNOWN, None)
    assert "whether it really runs is not visible (deployments)" in item.why


def test_a_deployed_event_source_without_deployment_is_missing():
    item = row(seen(stored("events", "event-source")), "EventSource")
    assert (item.health, item.fields.running) == (Health.MISSING, False)


@pytest.mark.parametrize(
    ("conditions", "health", "deployed", "words"),
    [
        ([], Health.UNKNOWN, None, "No conditions yet: no controller has taken it up"),
        (
            [condition("Deployed", "Unknown"), condition("SourcesProvided", "True")],
            Health.UNKNOWN,
            None,
            "The controller has not decided Deployed",
        ),
        (
            [condition("SourcesProvided", "False", "InvalidEventSource", "no endpoint")],
            Health.DEGRADED,
            False,
            "Not deployed: no endpoint (InvalidEventSource)",
        ),
        ([condition("Deployed", "False")], Health.DEGRADED, False, "Not deployed: Deployed is False"),
    ],
)
def test_conditions_are_told_in_words(conditions, health, deployed, words):
    obj = stored("events", "event-source", status={"conditions": conditions})
    item = row(seen(obj, deployment()), "EventSource")
    assert (item.health, item.fields.deployed) == (health, deployed)
    assert item.why.startswith(words)
    assert item.fields.running is True


def test_what_is_being_deleted_says_so():
    obj = stored("events", "event-source", metadata__deletionTimestamp="2026-11-23T13:19:00Z")
    item = row(seen(obj, deployment()), "EventSource")
    assert (item.health, item.fields.deployed) == (Health.PROGRESSING, None)
    assert item.why.startswith("Being deleted; ")


def test_many_events_are_counted_and_three_are_named():
    obj = stored("events", "event-source", spec={"webhook": {name: {} for name in "abcde"}, "replicas": 2})
    item = row(seen(obj, deployment()), "EventSource")
    assert item.fields.events == 5
    assert "should listen to webhook a, webhook b, webhook c and 2 more" in item.why


def test_an_event_source_goes_where_the_sensors_go_that_wait_for_it():
    reader = seen(stored("events", "event-source"), stored("events", "sensor"))
    assert row(reader, "EventSource").joins == ("Sensor/github",)


@pytest.mark.parametrize(
    ("ready", "health", "running"),
    [(3, Health.HEALTHY, True), (2, Health.PROGRESSING, True), (0, Health.DEGRADED, False)],
)
def test_a_bus_run_here_is_as_well_as_its_stateful_set(ready, health, running):
    bus = stored(
        "events", "event-bus-exotic", spec={"jetstream": {"version": "2.10.29"}}, status__config=None
    )
    item = row(seen(bus, stateful_set(ready)), "EventBus")
    assert (item.health, item.fields.running) == (health, running)
    assert f"{ready} of 3 pods ready" in item.why


def test_more_stream_copies_than_servers_are_pointed_out():
    bus = stored(
        "events",
        "event-bus-exotic",
        spec={"jetstream": {"version": "2.10.29", "replicas": 1}},
        status__config={"jetstream": {"streamConfig": "maxage: 168h\nreplicas: 3\n"}},
    )
    reader = seen(bus, stateful_set(1, wanted=1))
    told = facts(reader, row(reader, "EventBus"), "Event bus")
    words = "its stream asks for 3 copies on 1 server: NATS refuses to make a new stream"
    assert told["stream copies"] == words
    assert row(reader, "EventBus").why == f"Deployed; 1 of 1 pods ready; {words}."


@pytest.mark.parametrize(
    ("spec", "kind", "copies"),
    [
        ({"jetstream": {"replicas": 3}}, "JetStream, run here", None),
        ({"jetstreamExotic": {"url": "nats://n:4222"}}, "JetStream, run elsewhere", None),
        ({"kafka": {"url": "kafka:9092"}}, "Kafka, run elsewhere", None),
        ({"nats": {"native": {}}}, "NATS Streaming, run here, which is at its end of life", None),
        ({}, None, None),
        (None, None, None),
    ],
)
def test_the_sort_of_bus_is_named(spec, kind, copies):
    bus = stored("events", "event-bus-exotic", spec=spec, status__config=None)
    reader = seen(bus)
    told = facts(reader, row(reader, "EventBus"), "Event bus")
    assert (told["type"], told.get("stream copies")) == (kind, copies)


def test_enough_stream_copies_are_fine():
    bus = stored(
        "events",
        "event-bus-exotic",
        spec={"jetstream": {"replicas": 3}},
        status__config={"jetstream": {"streamConfig": "replicas: 3"}},
    )
    reader = seen(bus)
    assert facts(reader, row(reader, "EventBus"), "Event bus")["stream copies"] == 3


def test_credentials_in_a_bus_address_are_not_shown():
    bus = stored("events", "event-bus-exotic", spec={"jetstreamExotic": {"url": "nats://me:secret@n:4222"}})
    why = row(seen(bus), "EventBus").why
    assert "nats://n:4222" in why
    assert "secret" not in why


def test_a_sensor_counts_its_workflows_and_names_the_newest():
    older = workflow("older", at="1795439195395")
    odd = workflow("odd", at="soon")
    other = workflow("other", sensor="gitlab", at="1795439999999")
    reader = seen(stored("events", "sensor"), deployment("sensor"), odd, older, workflow(), other)
    item = row(reader, "Sensor")
    assert (item.fields.workflows, item.fields.last_seen) == (3, STARTED)
    assert item.brief == "13:07 11-23"


def test_where_not_all_namespaces_are_seen_a_sensor_counts_none_of_the_others():
    alone = row(seen(stored("events", "sensor"), narrowed=["Workflow"]), "Sensor")
    assert alone.fields.workflows is None
    assert alone.why.endswith("no Workflow that it started is in the namespaces seen.")
    some = row(seen(stored("events", "sensor"), workflow(), narrowed=["Workflow"]), "Sensor")
    assert (some.fields.workflows, some.fields.last_seen) == (None, STARTED)
    assert "1 Workflow it started in the namespaces seen, the last on" in some.why


def test_when_the_label_has_no_time_the_last_event_stays_unknown():
    item = row(seen(stored("events", "sensor"), workflow(at="")), "Sensor")
    assert (item.fields.workflows, item.fields.last_seen, item.brief) == (1, None, "")
    assert "when is not recorded" in item.why


def test_what_a_sensor_started_is_unknown_where_workflows_may_not_be_seen():
    item = row(seen(stored("events", "sensor"), hidden=["Workflow"]), "Sensor")
    assert (item.fields.workflows, item.fields.last_seen) == (None, None)
    assert "what it started is not visible (workflows)" in item.why


def test_two_sensors_of_one_name_claim_no_workflow():
    sensor = stored("events", "sensor")
    twin = changed(sensor, metadata__namespace="other", metadata__uid="other")
    reader = seen(sensor, twin, workflow())
    rows = [item for item in reader.items.values() if item.ref.kind == "Sensor"]
    assert [(item.fields.workflows, item.fields.last_seen) for item in rows] == [(None, None)] * 2
    assert all("1 Workflow carries its name, which 2 Sensors share" in item.why for item in rows)


def test_a_sensor_is_not_read_again_when_a_workflow_only_moves_on():
    reader = seen(stored("events", "sensor"), deployment("sensor"), workflow())
    before = row(reader, "Sensor")
    for phase in ("Running", "Succeeded"):
        made = decoded(WORKFLOW, changed(workflow(), status={"phase": phase}))
        reader.put(WORKFLOW, reference(WORKFLOW, made.metadata), made)
    reader.refresh()
    assert row(reader, "Sensor") is before


def test_a_deleted_workflow_is_no_longer_counted():
    reader = seen(stored("events", "sensor"), workflow())
    made = decoded(WORKFLOW, workflow())
    reader.drop(WORKFLOW, reference(WORKFLOW, made.metadata))
    reader.refresh()
    assert row(reader, "Sensor").fields.workflows == 0


def test_the_details_say_why_a_sensor_is_not_deployed():
    reader = seen(stored("events", "sensor-without-bus"))
    assert facts(reader, row(reader, "Sensor"), "Conditions") == {
        "DependenciesProvided": "not decided by the controller",
        "Deployed": "no: EventBus not found (EventBusNotFound)",
        "TriggersProvided": "not decided by the controller",
    }


def test_a_trigger_that_names_nothing_to_do_is_a_trouble_although_the_controller_deploys_it():
    sensor = stored("events", "sensor-trigger-without-type")
    labels = {"sensor-name": sensor["metadata"]["name"]}
    deployment = stored("events", "deployment-sensor", metadata__labels=labels)
    item = row(seen(sensor, deployment), "Sensor")
    assert (item.health, item.fields.deployed, item.fields.running) == (Health.DEGRADED, True, True)
    assert item.why == (
        "Deployed; 1 of 1 pods ready; trigger build names nothing to do; "
        "no Workflow that it started exists now."
    )


def test_what_triggers_create_is_not_kept_in_memory():
    reader = seen(stored("events", "sensor"))
    (sensor,) = reader.linked(STAGE.sources[1].kind, ("Sensor", "github"))
    assert [trigger.template for trigger in sensor.triggers] == [{"name": "build", "k8s": None}]


def test_the_clock_is_the_one_passed_in():
    assert seen().now == NOW


def test_a_deployment_of_the_same_name_elsewhere_runs_nothing_here():
    elsewhere = deployment(metadata__namespace="other")
    item = row(seen(stored("events", "event-source"), elsewhere), "EventSource")
    assert item.fields.running is False


def test_a_deployment_is_looked_at_again_when_its_readiness_changes_and_only_then():
    reader = seen(stored("events", "event-source"), deployment())
    before = row(reader, "EventSource")
    for obj, again in ((deployment(metadata__resourceVersion="9"), False), (deployment(status={}), True)):
        made = decoded(DEPLOYMENT, obj)
        reader.put(DEPLOYMENT, reference(DEPLOYMENT, made.metadata), made)
        reader.refresh()
        assert (row(reader, "EventSource") is not before) is again
