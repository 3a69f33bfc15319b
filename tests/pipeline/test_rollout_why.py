"""What holds a Rollout and the verb that would help, for objects as the real controllers write them.

Shapes: files of ``tests/data/rollout`` (Argo Rollouts 1.9.1 in the lab) and small changes of them.
"""

from __future__ import annotations

from typing import Any

import pytest
from changing import changed
from recordings import documents
from stage_readers import read, row, stored

from trombone_tui.core.objects.basics import Health
from trombone_tui.pipeline.rollout import STAGE

RETRY = "retry starts it again, undo takes the change back."
GOES_ON = "promote goes on, abort goes back."
FAMILY = documents("rollout", "aborted-family")
Held = dict[str, Any]


def lab(name: str, *more: Held, **changes: Any) -> tuple[Held, ...]:
    return (stored("rollout/lab", f"rollout-{name}", **changes), *more)


def files(*names: str) -> tuple[Held, ...]:
    return tuple(one for name in names for one in documents("rollout", name))


def family(without: str = "", **changes: Any) -> tuple[Held, ...]:
    """The aborted Rollout of the lab's bad journey with all that belongs to it, the Rollout changed."""
    rollout = changed(FAMILY[0], **changes)
    return (rollout, *(one for one in FAMILY[1:] if one["kind"] != without))


def by_run(**changes: Any) -> tuple[Held, ...]:
    """The same, with the metric of the failed AnalysisRun changed."""
    made = [changed(one) for one in FAMILY]
    for one in made:
        if one["metadata"]["name"] == "demo-64cd7cc9bc-6-2":
            one["spec"]["metrics"][0] = changed(one["spec"]["metrics"][0], **changes.pop("metric", {}))
            result = one["status"]["metricResults"][0]
            one["status"]["metricResults"][0] = changed(result, **changes)
    return tuple(made)


def replica_set(rollout: Held, of_hash: str, available: int, wanted: int) -> Held:
    """A ReplicaSet as the controller makes it (``rollout/sync.go``, createDesiredReplicaSet)."""
    template = rollout["spec"]["template"]
    meta = rollout["metadata"]
    owner = {"kind": "Rollout", "name": meta["name"], "uid": meta["uid"], "controller": True}
    return {
        "kind": "ReplicaSet",
        "metadata": {
            "name": f"{meta['name']}-{of_hash}",
            "namespace": meta["namespace"],
            "uid": f"uid-{of_hash}",
            "labels": {"rollouts-pod-template-hash": of_hash},
            "annotations": {"rollout.argoproj.io/revision": "2"},
            "ownerReferences": [owner],
        },
        "spec": {"replicas": wanted, "template": template},
        "status": {"availableReplicas": available, "replicas": wanted},
    }


def pod_of(found: Held, name: str, **status: Any) -> Held:
    meta = found["metadata"]
    return {
        "kind": "Pod",
        "metadata": {
            "name": f"{meta['name']}-{name}",
            "namespace": meta["namespace"],
            "labels": meta["labels"],
            "ownerReferences": [{"kind": "ReplicaSet", "name": meta["name"], "uid": meta["uid"]}],
        },
        "spec": {"containers": [{"name": "app"}]},
        "status": {"phase": "Pending", **status},
    }


def timed_out() -> tuple[Held, ...]:
    """A canary past its deadline whose pod fits on no node, as kube-scheduler 1.36 says it."""
    (rollout,) = lab("canary-degraded-progressdeadlineexceeded")
    found = replica_set(rollout, rollout["status"]["currentPodHash"], 0, 1)
    told = "0/1 nodes are available: 1 Insufficient cpu."
    no = {"type": "PodScheduled", "status": "False", "reason": "Unschedulable", "message": told}
    return rollout, found, pod_of(found, "x2f8k", conditions=[no])


QUOTA = (
    'pods "demo-5957f674b8-x2f8k" is forbidden: exceeded quota: pods, requested: pods=1, used: pods=5, '
    "limited: pods=5"
)
DEADLINE = 'No progress for 3 s: ReplicaSet "late-8975c89f5" has timed out progressing; 0 of '


def undecided() -> tuple[Held, ...]:
    """The lab's inconclusive canary and, under the name of its run, what the lab's run measured."""
    (rollout,) = lab("canary-paused-inconclusiveanalysisrun")
    meta = rollout["metadata"]
    run = stored("metrics/lab", "analysisrun-step-inconclusive-inconclusive")
    owner = {"kind": "Rollout", "name": meta["name"], "uid": meta["uid"]}
    name = rollout["status"]["canary"]["currentStepAnalysisRunStatus"]["name"]
    place = {"namespace": meta["namespace"], "name": name, "ownerReferences": [owner]}
    return rollout, run | {"metadata": run["metadata"] | place}


def failed_experiment() -> tuple[Held, ...]:
    """The lab's Experiment as a step of the aborted canary, held as inconclusive (rollout/experiment.go)."""
    return (
        changed(
            FAMILY[0],
            status__abort=None,
            status__phase="Paused",
            status__message="InconclusiveExperiment",
            status__controllerPause=True,
            status__currentStepIndex=2,
            status__pauseConditions=[
                {"reason": "InconclusiveExperiment", "startTime": "2026-11-23T13:08:01Z"}
            ],
            status__canary__currentExperiment="demo-64cd7cc9bc-6-2",
        ),
    )


SITUATIONS = [
    pytest.param(
        files("background"),
        "Held at 25 % after step 1 of 2: a pause without end, since 23 Nov 13:09Z; " + GOES_ON,
        id="paused at a step without end (states.jsonl)",
    ),
    pytest.param(
        files("timed"),
        "Held at 20 % after step 1 of 4: a pause of 1 h, until 23 Nov 14:09Z.",
        id="paused at a step for an hour needs nobody (states.jsonl)",
    ),
    pytest.param(
        lab("canary-paused-manually-paused"),
        "Paused by hand at 50 % after step 1 of 2, since 26 Nov 02:39Z; only 0 of 2 pods ready; "
        "resume lets it go on.",
        id="paused by hand (lab)",
    ),
    pytest.param(
        lab("canary-paused-inconclusiveanalysisrun"),
        "Held at 50 % after step 1 of 3: inconclusive analysis (undecided-867949995c-2-1), "
        f"since 26 Nov 02:40Z; only 0 of 2 pods ready; {GOES_ON}",
        id="an analysis that could not decide (lab)",
    ),
    pytest.param(
        undecided(),
        "Held at 50 % after step 1 of 3: inconclusive analysis (undecided-867949995c-2-1): one 1 is neither "
        "result[0] > 2 nor result[0] < 0, 1 inconclusive, 0 allowed (the default), since 26 Nov 02:40Z; "
        f"only 0 of 2 pods ready; {GOES_ON}",
        id="an analysis that could not decide, with what it measured (lab)",
    ),
    pytest.param(
        failed_experiment(),
        "Held at 20 % after step 2 of 5: inconclusive experiment (demo-64cd7cc9bc-6-2), since 23 Nov "
        f"13:08Z; {GOES_ON}",
        id="an experiment that could not decide (rollout/experiment.go)",
    ),
    pytest.param(
        family(),
        "Aborted the update to revision 6 by analysis demo-64cd7cc9bc-6-2: success-rate 0.8 against "
        "result[0] >= 0.95, 1 failed, 0 allowed; app:1.0.4 has all traffic; " + RETRY,
        id="aborted by an analysis (journey-bad)",
    ),
    pytest.param(
        by_run(metric={"failureLimit": None}, failed=2, count=3),
        "Aborted the update to revision 6 by analysis demo-64cd7cc9bc-6-2: success-rate 0.8 against "
        "result[0] >= 0.95, 2 failed, 0 allowed (the default); app:1.0.4 has all "
        f"traffic; {RETRY}",
        id="aborted with the default limit (journey-bad, failureLimit not written)",
    ),
    pytest.param(
        by_run(
            phase="Error",
            failed=None,
            consecutiveError=5,
            error=5,
            measurements=[{"phase": "Error", "message": "reflect: slice index out of range"}],
        ),
        "Aborted the update to revision 6 by analysis demo-64cd7cc9bc-6-2: success-rate 5 errors in a row, "
        "4 allowed (the default): reflect: slice index out of range; app:1.0.4 has all traffic; " + RETRY,
        id="aborted by errors (verified.md, surprise 11)",
    ),
    pytest.param(
        family(without="AnalysisRun"),
        "Aborted the update to revision 6: Step-based analysis phase error/failed: Metric "
        '"success-rate" assessed Failed due to failed (1) > failureLimit (0); app:1.0.4 has all traffic; '
        + RETRY,
        id="aborted by an analysis that can't be seen (journey-bad)",
    ),
    pytest.param(
        family(
            status__message="RolloutAborted: Rollout aborted update to revision 6",
            status__canary__currentStepAnalysisRunStatus=None,
        ),
        "Aborted the update to revision 6, by hand it seems: no reason is given; app:1.0.4 has all traffic; "
        + RETRY,
        id="aborted by somebody (rollout/sync.go: no message)",
    ),
    pytest.param(
        lab("canary-degraded-progressdeadlineexceeded-aborted"),
        'Aborted, no progress for 3 s: ReplicaSet "late-8975c89f5" has timed out progressing; '
        f"2 of 2 pods available; {RETRY}",
        id="aborted by the deadline (lab)",
    ),
    pytest.param(
        timed_out(),
        'No progress for 3 s: ReplicaSet "unpullable-75659f5d7" has timed out progressing; 0 of 1 canary pod '
        "available; canary pod x2f8k: Unschedulable: 0/1 nodes are available: 1 Insufficient cpu; "
        "abort goes back to the stable version.",
        id="past the deadline: no node takes the pod (lab, kube-scheduler)",
    ),
    pytest.param(
        files("crashing", "crashing-pods"),
        "Held at 34 % after step 1 of 2: a pause without end, since 23 Nov 13:09Z; only 1 of 3 pods ready; "
        "stable pod rvmn8 and 1 more: container app: CrashLoopBackOff, 18 restarts, last ended with "
        f"Error, exit code 1; {GOES_ON}",
        id="pods in a crash loop (states.jsonl)",
    ),
    pytest.param(
        files("unpullable", "unpullable-pods"),
        "Updated replicas are still becoming available: 0 of 2 pods available; pod 9jcxr and 1 more: "
        "container app: ImagePullBackOff: Back-off pulling image.",
        id="an image that can't be pulled, at first (states.jsonl)",
    ),
    pytest.param(
        tuple(
            changed(one, metadata__annotations={"rollout.argoproj.io/revision": "2"})
            for one in files("unpullable", "unpullable-pods")
        ),
        "Updated replicas are still becoming available: 0 of 2 pods available; pod 9jcxr and 1 more: "
        "container app: ImagePullBackOff: Back-off pulling image; undo goes back to the revision before.",
        id="an image that can't be pulled, later (states.jsonl)",
    ),
    pytest.param(
        family(
            status__phase="Progressing",
            status__message="more replicas need to be updated",
            status__abort=None,
            status__conditions=[{"type": "ReplicaFailure", "status": "True", "message": QUOTA}],
        ),
        f"Pods can't be created: {QUOTA}; abort goes back to app:1.0.4.",
        id="a quota (kube-controller-manager: ReplicaFailure)",
    ),
    pytest.param(
        lab(
            "canary-healthy",
            status__phase="Progressing",
            status__message="more replicas need to be updated",
            status__conditions=[{"type": "ReplicaFailure", "status": "True", "message": QUOTA}],
        ),
        f"Pods can't be created: {QUOTA}.",
        id="a quota that no other version would help (kube-controller-manager: ReplicaFailure)",
    ),
    pytest.param(
        files("invalid"),
        'The spec is refused: The Rollout "invalid" is invalid: spec.template.metadata.labels: '
        'Invalid value: {"app":"other"}: `selector` does not match template `labels`.',
        id="a spec that is refused (states.jsonl)",
    ),
    pytest.param(
        lab(
            "canary-degraded-invalidspec",
            spec__template=None,
            spec__workloadRef={"apiVersion": "apps/v1", "kind": "Deployment", "name": "web"},
            status__message='InvalidSpec: The Rollout "web" is invalid: deployments.apps "web" not found',
        ),
        'The template is to come from Deployment web, which is missing: The Rollout "web" is invalid: '
        'deployments.apps "web" not found.',
        id="a workload that is missing (rollout/controller.go, templateref.go)",
    ),
    pytest.param(
        lab("canary-new", status=None),
        "It has no status: no controller has taken it up yet.",
        id="not taken up (lab, without status)",
    ),
    pytest.param(
        lab("canary-healthy", metadata__generation=9),
        "Waits for the controller: it has seen generation 2 of the spec, which is at 9.",
        id="a spec that was not seen (lab, generation)",
    ),
    pytest.param(
        lab("canary-healthy", spec__replicas=0, status__readyReplicas=None),
        "web:1 is fully promoted as revision 1; scaled to 0, no pod is wanted.",
        id="scaled to 0 (lab, replicas)",
    ),
    pytest.param(
        files("bluegreen"),
        "Held before the switch from web:1 to web:2: a pause without end, since 23 Nov 13:09Z; "
        "promote switches, abort gives it up.",
        id="blue-green waits for a promotion (states.jsonl)",
    ),
    pytest.param(
        lab("blue-green-progressing-waiting-for-analysis-to-complete"),
        "Waiting for analysis to complete: post-promotion analysis post-8558b55d74-2-post is not started.",
        id="blue-green is measured after the switch (lab)",
    ),
    pytest.param(
        lab("canary-progressing-old-replicas-are-pending-termination"),
        "Old replicas are pending termination: 1 old pod left.",
        id="old pods are ending (lab)",
    ),
    pytest.param(
        lab("canary-progressing-rollout-is-restarting"),
        "Restarting its pods; 2 of 2 pods ready.",
        id="restarting (lab)",
    ),
    pytest.param(
        lab("canary-degraded-rolloutaborted"),
        "Aborted the update to revision 2, by hand it seems: no reason is given; a retry is asked for and "
        "not taken up yet.",
        id="a retry that was not taken up (lab)",
    ),
]


@pytest.mark.parametrize(("objects", "why"), SITUATIONS)
def test_a_situation_is_said_in_a_sentence_with_its_numbers_and_the_verb_that_helps(
    objects: tuple[Held, ...], why: str
) -> None:
    assert row(read(STAGE, *objects), "Rollout").why == why


def test_pods_that_cannot_start_call_for_somebody_although_the_rollout_only_progresses() -> None:
    item = row(read(STAGE, *files("unpullable", "unpullable-pods")), "Rollout")
    assert (item.health, item.needs_human) == (Health.PROGRESSING, True)


def test_without_sight_of_pods_the_numbers_of_the_rollout_are_all_there_is() -> None:
    item = row(read(STAGE, *files("unpullable"), hidden=["Pod"]), "Rollout")
    assert item.why == "Updated replicas are still becoming available: 0 of 2 pods available."
    assert item.needs_human is False
