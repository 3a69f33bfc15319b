"""Pods as kubelets write them: word, health, why, restarts, the last end."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from trombone_tui.core.objects.basics import Health
from trombone_tui.core.objects.pods import Pod, RolloutPod

AT = "2026-11-23T13:11:11Z"
RUNNING = {"running": {"startedAt": AT}}
ENDED = {"terminated": {"exitCode": 0, "reason": "Completed", "startedAt": AT, "finishedAt": AT}}
CRASHED = {"terminated": {"exitCode": 1, "reason": "Error", "startedAt": AT, "finishedAt": AT}}


def waits(reason: str, message: str | None = None) -> dict[str, Any]:
    return {"waiting": {"reason": reason} | ({"message": message} if message else {})}


def status(name: str, state: Any, last: Any = None, **more: Any) -> dict[str, Any]:
    ready = "running" in state
    return {"name": name, "state": state, "lastState": last or {}, "ready": ready, "restartCount": 0, **more}


def pod(phase: str | None, *of: Any, init: tuple[Any, ...] = (), lasting: bool = False, **more: Any) -> Pod:
    shown = {"phase": phase, "containerStatuses": list(of), "initContainerStatuses": list(init)}
    obj = {
        "metadata": {"name": "web-1", "namespace": "shop", "deletionTimestamp": more.pop("ending", None)},
        "spec": {
            "containers": [{"name": one["name"]} for one in of],
            "initContainers": [
                {"name": one["name"], "restartPolicy": "Always" if lasting else None} for one in init
            ],
        },
        "status": None if phase is None else shown | more,
    }
    return msgspec.json.decode(msgspec.json.encode(obj), type=Pod)


def ready(told: str = "True", **more: Any) -> list[dict[str, Any]]:
    return [{"type": "Ready", "status": told, **more}, {"type": "PodScheduled", "status": "True"}]


UNREADY = ready("False", reason="ContainersNotReady")
TABLE = [
    # of the lab: kwok's kubelet, Kubernetes 1.36 (states.jsonl.gz)
    (pod("Running", status("app", RUNNING), conditions=ready()), "Running", Health.HEALTHY, ""),
    (
        pod(
            "Running",
            status(
                "app",
                waits("CrashLoopBackOff", "back-off restarting failed container"),
                CRASHED,
                restartCount=18,
            ),
            conditions=UNREADY,
        ),
        "CrashLoopBackOff",
        Health.DEGRADED,
        "container app: CrashLoopBackOff: back-off restarting failed container "
        "(started anew 18 times, last Error, exit code 1)",
    ),
    (
        pod("Pending", status("app", waits("ImagePullBackOff", "Back-off pulling image"))),
        "ImagePullBackOff",
        Health.DEGRADED,
        "container app: ImagePullBackOff: Back-off pulling image",
    ),
    (
        pod("Succeeded", status("main", ENDED), init=(status("init", ENDED),)),
        "Completed",
        Health.HEALTHY,
        "",
    ),
    (
        pod("Failed", status("wait", ENDED), status("main", CRASHED), init=(status("init", ENDED),)),
        "Error",
        Health.DEGRADED,
        "Error, exit code 1",
    ),
    (pod("Pending"), "Pending", Health.PROGRESSING, "is not started yet"),
    (
        pod("Running", status("app", RUNNING), ending=AT, conditions=ready()),
        "Terminating",
        Health.PROGRESSING,
        "is being ended",
    ),
    # as real kubelets and schedulers write them
    (
        pod(
            "Pending",
            conditions=[
                {
                    "type": "PodScheduled",
                    "status": "False",
                    "reason": "Unschedulable",
                    "message": "0/3 nodes are available: 3 Insufficient cpu.",
                }
            ],
        ),
        "Pending",
        Health.PROGRESSING,
        "Unschedulable: 0/3 nodes are available: 3 Insufficient cpu.",
    ),
    (
        pod("Pending", status("app", waits("PodInitializing")), init=(status("migrate", RUNNING),)),
        "Init",
        Health.PROGRESSING,
        "container migrate has to end before the others start",
    ),
    (
        pod(
            "Pending",
            status("app", waits("PodInitializing")),
            init=(status("migrate", waits("CrashLoopBackOff"), CRASHED, restartCount=1),),
        ),
        "Init:CrashLoopBackOff",
        Health.DEGRADED,
        "container migrate: CrashLoopBackOff (started anew 1 time, last Error, exit code 1)",
    ),
    (
        pod("Running", status("app", RUNNING), init=(status("proxy", RUNNING),), lasting=True),
        "Running",
        Health.PROGRESSING,
        "not ready",
    ),
    (
        pod("Running", status("app", RUNNING, ready=False), conditions=UNREADY),
        "Running",
        Health.PROGRESSING,
        "not ready: ContainersNotReady",
    ),
    (
        pod("Running", status("app", RUNNING, CRASHED, restartCount=2), conditions=UNREADY),
        "Running",
        Health.DEGRADED,
        "not ready: ContainersNotReady",
    ),
    (
        pod("Failed", reason="Evicted", message="The node was low on resource: memory."),
        "Evicted",
        Health.DEGRADED,
        "Evicted: The node was low on resource: memory.",
    ),
    (
        pod("Running", status("app", {"terminated": {"exitCode": 137, "signal": 9}}), conditions=UNREADY),
        "Signal:9",
        Health.PROGRESSING,
        "not ready: ContainersNotReady",
    ),
    (
        pod("Pending", status("app", waits("CreateContainerConfigError", 'secret "db" not found'))),
        "CreateContainerConfigError",
        Health.DEGRADED,
        'container app: CreateContainerConfigError: secret "db" not found',
    ),
    (pod("Unknown", reason="NodeLost"), "NodeLost", Health.UNKNOWN, ""),
    (pod(None), "Unknown", Health.UNKNOWN, ""),
]


@pytest.mark.parametrize(
    ("of", "word", "health", "why"), TABLE, ids=[f"{n}-{t[1]}" for n, t in enumerate(TABLE)]
)
def test_a_pod_is_read_as_its_node_means_it(of: Pod, word: str, health: Health, why: str) -> None:
    assert (of.word, of.health, of.why) == (word, health, why)


def test_restarts_are_of_all_containers_and_the_last_end_is_the_latest_by_the_clock() -> None:
    early = {
        "terminated": {"reason": "OOMKilled", "exitCode": 137, "finishedAt": "2026-11-23T14:11:11+01:00"}
    }
    late = {"terminated": {"reason": "Error", "exitCode": 2, "finishedAt": "2026-11-23T13:11:11.5Z"}}
    of = pod(
        "Running",
        status("a", RUNNING, late, restartCount=1),
        status("b", RUNNING, early, restartCount=2),
        init=(status("proxy", RUNNING, restartCount=3),),
    )
    assert (of.restarts, of.ready_count) == (6, "2/2")
    assert of.last_ended is not None
    name, how = of.last_ended
    assert (name, how.words) == ("a", "Error, exit code 2")


def test_without_a_last_end_there_is_none() -> None:
    assert pod("Running", status("app", RUNNING)).last_ended is None
    assert pod(None).ready_count == "0/0"


def test_a_pod_that_is_kept_for_its_state_alone_says_the_same() -> None:
    for of, word, health, why in TABLE:
        kept = msgspec.json.decode(msgspec.json.encode(of), type=RolloutPod).reduced()
        assert (kept.word, kept.health, kept.why) == (word, health, why)
        assert kept.containers == of.containers
        assert kept.metadata.labels is None
