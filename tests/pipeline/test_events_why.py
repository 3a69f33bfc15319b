"""What holds an EventSource, Sensor or EventBus, told in one sentence: a situation each.

Pods are those of the lab; what a kubelet, scheduler or quota writes into them is theirs word for word:
``kubernetes@v1.36.3:pkg/kubelet/{kuberuntime,images}``, ``pkg/scheduler``, ``plugin/pkg/admission``.
"""

from __future__ import annotations

import pytest
from changing import changed
from stage_readers import decoded, read, reference, row, stored

from trombone_tui.core.objects.basics import Health
from trombone_tui.core.objects.event_pods import EVENT_POD
from trombone_tui.pipeline.events import STAGE

ENDED = {"exitCode": 1, "reason": "Error", "finishedAt": "2026-11-23T13:15:00Z"}
BACK_OFF = "back-off 5m0s restarting failed container=main pod=github-sensor_argo-events(ed1b72da)"
NO_NODE = "0/1 nodes are available: 1 node(s) didn't match Pod's node affinity/selector."
QUOTA = 'pods "github-sensor-4cvzx-bb6848947-k2n9x" is forbidden: exceeded quota: small, requested: pods=1'
LOCAL = {"jetstream": {"version": "2.10.29", "replicas": 3}}


def thing(name, **changes):
    return stored("events", name, **changes)


def pod(of="sensor", *, waiting=None, restarts=0, **changes):
    """Return a pod of the lab; one that waits is not ready and ended before."""
    made = thing(f"pod-{of}", **changes)
    status = made["status"]
    main = status["containerStatuses"][0]
    main["restartCount"] = restarts
    if restarts:
        main["lastState"] = {"terminated": ENDED}
    if waiting:
        main["state"], main["ready"] = {"waiting": waiting}, False
        ready = next(one for one in status["conditions"] if one["type"] == "Ready")
        ready |= {"status": "False", "reason": "ContainersNotReady"}
    return made


def unready(of="sensor", **changes):
    return thing(f"deployment-{of}", status__readyReplicas=None, status__availableReplicas=None, **changes)


def pending(of="sensor"):
    """Return a pod that no node takes."""
    condition = {"type": "PodScheduled", "status": "False", "reason": "Unschedulable", "message": NO_NODE}
    return pod(of, status={"phase": "Pending", "conditions": [condition], "containerStatuses": [{}]})


def bus_here(**changes):
    return thing("event-bus-exotic", **{"spec": LOCAL, "status__config": None, **changes})


def servers(ready, wanted=3):
    labels = {"controller": "eventbus-controller", "eventbus-name": "default", "owner-name": "default"}
    return {
        "kind": "StatefulSet",
        "metadata": {"name": "eventbus-default-js", "namespace": "argo-events", "labels": labels},
        "spec": {"replicas": wanted},
        "status": {"readyReplicas": ready, "updatedReplicas": wanted},
    }


def server_pod(**changes):
    labels = {"controller": "eventbus-controller", "eventbus-name": "default", "owner-name": "default"}
    return pod(metadata__name="eventbus-default-js-0", metadata__labels=labels, **changes)


def workflows(number):
    base = thing("workflow-of-sensor")
    return [
        changed(base, metadata__name=f"build-{place}", metadata__uid=str(place)) for place in range(number)
    ]


SOURCE, BUS, SENSOR = thing("event-source"), thing("event-bus-exotic"), thing("sensor")
RUNS = thing("deployment-sensor")
NONE_YET = "no Workflow that it started exists now."
WELL = f"Deployed; 1 of 1 pods ready; {NONE_YET}"

SITUATIONS = [
    pytest.param("Sensor", [SENSOR, SOURCE, BUS, RUNS, pod()], Health.HEALTHY, WELL, id="well"),
    pytest.param(
        "Sensor",
        [
            SENSOR,
            SOURCE,
            BUS,
            unready(),
            pod(waiting={"reason": "CrashLoopBackOff", "message": BACK_OFF}, restarts=14),
        ],
        Health.DEGRADED,
        f"Deployed; 0 of 1 pods ready: pod m2cjj: container main: CrashLoopBackOff: {BACK_OFF} "
        f"(started anew 14 times, last Error, exit code 1); {NONE_YET}",
        id="deployed, but its pod crashes again and again",
    ),
    pytest.param(
        "Sensor",
        [SENSOR, SOURCE, BUS, RUNS, pod(restarts=14)],
        Health.HEALTHY,
        "Deployed; 1 of 1 pods ready, started anew 14 times, last Error, exit code 1 on 23 Nov 13:15Z: "
        f"its log says why; {NONE_YET}",
        id="ready now, and crashed before",
    ),
    pytest.param(
        "EventSource",
        [
            SOURCE,
            BUS,
            unready("event-source"),
            pod("event-source", waiting={"reason": "ImagePullBackOff", "message": "Back-off pulling image"}),
        ],
        Health.DEGRADED,
        "Deployed; 0 of 1 pods ready: pod r69gl: container main: ImagePullBackOff: Back-off pulling image; "
        "should listen to github push.",
        id="its image can't be pulled",
    ),
    pytest.param(
        "EventSource",
        [SOURCE, BUS, unready("event-source"), pending("event-source")],
        Health.DEGRADED,
        f"Deployed; 0 of 1 pods ready: pod r69gl: Unschedulable: {NO_NODE[:-1]}; "
        "should listen to github push.",
        id="no node takes its pod",
    ),
    pytest.param(
        "Sensor",
        [
            SENSOR,
            SOURCE,
            BUS,
            unready(
                status__conditions=[
                    {"type": "ReplicaFailure", "status": "True", "reason": "FailedCreate", "message": QUOTA}
                ]
            ),
        ],
        Health.DEGRADED,
        f"Deployed; 0 of 1 pods ready: no pod is made: {QUOTA}; {NONE_YET}",
        id="a quota refuses its pod",
    ),
    pytest.param(
        "Sensor",
        [
            SENSOR,
            SOURCE,
            BUS,
            thing("deployment-sensor", metadata__generation=2, status__observedGeneration=1),
            pod(),
            pod(
                waiting={"reason": "ErrImagePull", "message": "not found"},
                metadata__name="github-sensor-4cvzx-5d6c7-new42",
                metadata__uid="new",
            ),
        ],
        Health.DEGRADED,
        "Deployed; 1 of 1 pods ready, being replaced by pods of a newer spec: pod new42: container main: "
        f"ErrImagePull: not found; {NONE_YET}",
        id="an old pod runs, the newer one can't",
    ),
    pytest.param(
        "Sensor",
        [SENSOR, SOURCE, BUS, thing("deployment-sensor", spec__replicas=0, status__readyReplicas=None)],
        Health.SUSPENDED,
        "Deployed; scaled to 0 pods: scale Deployment github-sensor-4cvzx to 1 to have it run; " + NONE_YET,
        id="scaled to nothing",
    ),
    pytest.param(
        "Sensor",
        [SENSOR, SOURCE, RUNS],
        Health.DEGRADED,
        "Deployed; 1 of 1 pods ready; there is no EventBus default in its namespace, "
        f"so no event goes through; {NONE_YET}",
        id="its bus is gone",
    ),
    pytest.param(
        "EventSource",
        [
            SOURCE,
            thing("deployment-event-source"),
            bus_here(),
            servers(0),
            server_pod(waiting={"reason": "CrashLoopBackOff"}, restarts=3),
        ],
        Health.DEGRADED,
        "Deployed; 1 of 1 pods ready; its EventBus default: 0 of 3 pods ready: pod 0: container main: "
        "CrashLoopBackOff (started anew 3 times, last Error, exit code 1); should listen to github push.",
        id="its bus does not run",
    ),
    pytest.param(
        "Sensor",
        [
            thing(
                "lab/sensor-dependenciesprovided-deployedunknown-triggersprovidedfalse",
                metadata__deletionTimestamp=None,
            )
        ],
        Health.DEGRADED,
        "Not deployed: trigger for template build is invalid, k8s trigger does not contain an absolute "
        "action (InvalidTriggers); it has no Deployment, so nothing runs; waits for event push of "
        f"EventSource listens, which does not exist; {NONE_YET}",
        id="a condition is not true and says why",
    ),
    pytest.param(
        "Sensor",
        [
            thing(
                "lab/sensor-dependenciesprovidedunknown-deployedfalse-triggersprovidedunknown",
                metadata__deletionTimestamp=None,
            ),
            thing(
                "event-source",
                metadata__name="listens",
                metadata__namespace="lab",
                spec={"webhook": {"push": {}}, "eventBusName": "none"},
            ),
        ],
        Health.DEGRADED,
        "Not deployed: EventBus not found (EventBusNotFound); it has no Deployment, so nothing runs; "
        + NONE_YET,
        id="never had a bus, which the condition says",
    ),
    pytest.param(
        "EventSource",
        [thing("lab/eventsource")],
        Health.DEGRADED,
        "No conditions yet: no controller has taken it up; it has no Deployment, so nothing runs; "
        "there is no EventBus default in its namespace, so no event goes through; "
        "its spec names no event, so nothing is listened to.",
        id="no controller is there",
    ),
    pytest.param(
        "Sensor",
        [SENSOR, thing("event-source", spec={"github": {"release": {}}}), bus_here(), servers(3), RUNS],
        Health.DEGRADED,
        "Deployed; 1 of 1 pods ready; waits for event push, which EventSource github does not have "
        f"(it has release); {NONE_YET}",
        id="waits for an event that its EventSource lacks",
    ),
    pytest.param(
        "Sensor",
        [SENSOR, thing("event-source", metadata__name="other"), BUS, RUNS],
        Health.UNKNOWN,
        "Deployed; 1 of 1 pods ready; waits for event push of EventSource github, which does not exist, "
        f"unless another namespace sends it over the same bus; {NONE_YET}",
        id="waits for an EventSource that is not here, over a bus that others may use",
    ),
    pytest.param(
        "Sensor",
        [SENSOR, thing("event-source", spec__eventBusName="fast"), bus_here(), servers(3), RUNS],
        Health.DEGRADED,
        "Deployed; 1 of 1 pods ready; waits for event push, which EventSource github sends to EventBus fast, "
        f"not to default; {NONE_YET}",
        id="waits on another bus than the one the event goes to",
    ),
    pytest.param(
        "Sensor",
        [thing("sensor", spec__dependencies=[{"name": "a"}, {"name": "b"}]), bus_here(), servers(3), RUNS],
        Health.DEGRADED,
        "Deployed; 1 of 1 pods ready; waits for a, which names no EventSource, and 1 more like it; "
        + NONE_YET,
        id="waits for what has no name",
    ),
    pytest.param(
        "Sensor",
        [SENSOR, SOURCE, BUS, RUNS, pod(), *workflows(300)],
        Health.HEALTHY,
        "Deployed; 1 of 1 pods ready; 300 Workflows it started exist, the last on 23 Nov 13:07Z.",
        id="started many",
    ),
    pytest.param(
        "EventBus",
        [
            bus_here(metadata__deletionTimestamp="2026-11-23T13:19:00Z"),
            SENSOR,
            SOURCE,
            servers(3),
        ],
        Health.PROGRESSING,
        "Being deleted; 3 of 3 pods ready; stays while it is used by 1 EventSource and 1 Sensor.",
        id="a bus that can't be deleted, as it is used",
    ),
    pytest.param(
        "EventBus",
        [
            bus_here(),
            servers(2),
            server_pod(waiting={"reason": "CreateContainerConfigError", "message": 'secret "x" not found'}),
        ],
        Health.DEGRADED,
        "Deployed; 2 of 3 pods ready: pod 0: container main: CreateContainerConfigError: "
        'secret "x" not found.',
        id="a bus of which one server can't start",
    ),
    pytest.param(
        "Sensor",
        [thing("sensor", spec__dependencies=[{"name": "push", "eventName": 7}])],
        Health.UNKNOWN,
        "Can't read $.spec.dependencies[0].eventName: Expected `str | null`, got `int`.",
        id="malformed",
    ),
]


@pytest.mark.parametrize(("kind", "objects", "health", "why"), SITUATIONS)
def test_a_situation_is_told_in_one_sentence(kind, objects, health, why):
    item = row(read(STAGE, *objects), kind)
    assert (item.health, item.why) == (health, why)


FEW_RIGHTS = [
    pytest.param(
        ["Pod"],
        [unready()],
        Health.DEGRADED,
        "0 of 1 pods ready, why is not visible (pods)",
        id="pods may not be seen",
    ),
    pytest.param(
        ["Deployment"],
        [pod(waiting={"reason": "CrashLoopBackOff"}, restarts=3)],
        Health.DEGRADED,
        "0 of 1 pods seen ready: pod m2cjj: container main: CrashLoopBackOff (started anew 3 times, "
        "last Error, exit code 1), how many should be is not visible (deployments)",
        id="deployments may not be seen, a pod that does not run",
    ),
    pytest.param(
        ["Deployment"],
        [pod()],
        Health.HEALTHY,
        "1 of 1 pods seen ready, how many should be is not visible (deployments)",
        id="deployments may not be seen, a pod that runs",
    ),
    pytest.param(
        ["Deployment", "Pod"],
        [],
        Health.UNKNOWN,
        "whether it really runs is not visible (deployments)",
        id="neither may be seen",
    ),
    pytest.param(
        ["EventSource", "EventBus"],
        [RUNS],
        Health.HEALTHY,
        "1 of 1 pods ready",
        id="only Sensors may be seen",
    ),
]


@pytest.mark.parametrize(("hidden", "objects", "health", "words"), FEW_RIGHTS)
def test_with_few_rights_it_says_what_it_does_not_see(hidden, objects, health, words):
    beside = [one for one in (SOURCE, BUS) if one["kind"] not in hidden]
    item = row(read(STAGE, SENSOR, *beside, *objects, hidden=hidden), "Sensor")
    assert (item.health, item.why) == (health, f"Deployed; {words}; {NONE_YET}")


def test_a_pod_that_goes_is_not_what_holds_it():
    going = pod(metadata__deletionTimestamp="2026-11-23T13:19:00Z")
    item = row(read(STAGE, SENSOR, SOURCE, BUS, unready(), going), "Sensor")
    assert item.why == f"Deployed; 0 of 1 pods ready; {NONE_YET}"


def test_a_sensor_is_read_again_when_its_pod_changes_and_only_then():
    reader = read(STAGE, SENSOR, SOURCE, BUS, RUNS, pod())
    before = row(reader, "Sensor")
    for obj, again in ((pod(metadata__resourceVersion="9"), False), (pod(restarts=1), True)):
        made = decoded(EVENT_POD, obj)
        reader.put(EVENT_POD, reference(EVENT_POD, made.metadata), made)
        reader.refresh()
        assert (row(reader, "Sensor") is not before) is again


def test_of_pods_only_what_is_read_is_kept():
    kept = decoded(EVENT_POD, pod("event-source"))
    assert kept.spec is None
    assert kept.metadata.owner_references is None
    assert kept.metadata.labels == {"controller": "eventsource-controller", "eventsource-name": "github"}
    assert [one.type for one in kept.status.conditions] == ["Ready", "PodScheduled"]
    assert decoded(EVENT_POD, pod("event-source"), whole=True).containers == ("main",)


def test_a_pod_that_says_no_name_runs_nothing():
    odd = pod(metadata__labels={"controller": "sensor-controller"})
    assert decoded(EVENT_POD, odd).runs is None
    assert row(read(STAGE, SENSOR, SOURCE, BUS, RUNS, odd), "Sensor").why == WELL
