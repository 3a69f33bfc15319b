"""What an Application's own states say of a verb's effect: objects as Argo CD 3.2.6 wrote them, in order.

Recorded operations were begun by auto-sync; where they stand for one that was asked for here, only who began
them is changed. Terminations: twelve of fifteen ended, one was overwritten, one was left at Terminating.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest
from changing import changed
from lab_objects import lab_application as lab
from recordings import documents
from scenes import Staged, verb

from trombone_tui.core.verbs import Plan, Seen
from trombone_tui.pipeline.sync import STAGE

USER = "kubernetes-admin"
PROJECT: dict[str, Any] = {"kind": "AppProject", "metadata": {"name": "default", "namespace": "argocd"}}
NOT_YET, REQUESTED, DONE, FAILED = Seen.NOT_YET, Seen.REQUESTED, Seen.DONE, Seen.FAILED


def at(of: dict[str, Any], version: int, **changes: Any) -> dict[str, Any]:
    return changed(of, metadata__resourceVersion=str(version), **changes)


def ours(of: dict[str, Any]) -> dict[str, Any]:
    """Say that we began its operation, and give it the resourceVersion after ``14600``."""
    changes: dict[str, Any] = {"status__operationState__operation__initiatedBy": {"username": USER}}
    if "operation" in of:
        changes["operation__initiatedBy"] = {"username": USER}
    return at(of, 99999, **changes)


def recorded(name: str) -> list[dict[str, Any]]:
    """Return an Application's states along a recorded sync, the first from before."""
    found = [one["object"] for one in documents("sync", name)]
    states = [one for one in found if one["kind"] == "Application"]
    begun = next(place for place, one in enumerate(states) if "operation" in one)
    return [states[begun - 1], *(states[begun:])]


async def planned(name: str, of: dict[str, Any], user: str = USER, **given: Any) -> Plan:
    return await verb(STAGE, name).plan(Staged(STAGE, of, PROJECT, given=given, user=user))


def judged(plan: Plan, states: Sequence[dict[str, Any] | None]) -> list[tuple[Seen, str]]:
    assert plan.proof is not None
    return [(sight.seen, sight.text) for sight in map(plan.proof.judge, states)]


@pytest.mark.parametrize("journey", ["journey-good", "journey-bad"])
async def test_a_recorded_sync_is_asked_for_runs_and_is_done(journey: str):
    before, *states = recorded(journey)
    begun = [
        changed(one, status__operationState__operation__initiatedBy={"username": USER})
        if "operationState" in one["status"]
        else one
        for one in states
    ]
    told = judged(await planned("sync", before), [before, *begun])
    order = list(dict.fromkeys(seen for seen, _ in told))
    assert order == [NOT_YET, REQUESTED, DONE]
    assert told[0] == (NOT_YET, "")
    assert told[1] == (REQUESTED, "asked for, not begun")
    assert any(text.startswith("Running") for seen, text in told if seen is NOT_YET)
    done = next(text for seen, text in told if seen is DONE)
    assert done.startswith(f"synced to {states[-1]['status']['sync']['revision'][:7]}")


READ = lab("synced-healthy-succeeded", metadata__resourceVersion="14000")
OPERATIONS = [
    pytest.param(READ, NOT_YET, "", id="the state that was read"),
    pytest.param(at(READ, 999), NOT_YET, "", id="an older state"),
    pytest.param(at(READ, 14001), NOT_YET, "another operation by now, by auto-sync", id="somebody else's"),
    pytest.param(
        ours(lab("outofsync-healthy")) | {"status": {}},
        REQUESTED,
        "asked for, not begun",
        id="asked",
    ),
    pytest.param(
        at(
            lab("outofsync-healthy", metadata__annotations={"argocd.argoproj.io/skip-reconcile": "true"}),
            14001,
        ),
        REQUESTED,
        "asked for, not begun; it waits until the annotation skip-reconcile is gone",
        id="asked for, not reconciled",
    ),
    pytest.param(
        ours(lab("synced-healthy-running")),
        NOT_YET,
        "Running: waiting for completion of hook batch/Job/hook-runs",
        id="a hook runs",
    ),
    pytest.param(
        ours(lab("outofsync-healthy-running")),
        NOT_YET,
        "a sync window holds it: it goes on when that lets it through, terminate-op gives it up",
        id="held by a sync window",
    ),
    pytest.param(
        ours(
            lab(
                "outofsync-missing-running",
                status__operationState__finishedAt="2026-11-26T02:41:00Z",
                status__operationState__message="no room. Retrying attempt #1 at 2:41AM.",
            )
        ),
        NOT_YET,
        "failed and tried again about 26 Nov 02:41Z: no room. Retrying attempt #1 at 2:41AM",
        id="waits for a retry",
    ),
    pytest.param(
        ours(lab("synced-healthy-terminating")),
        NOT_YET,
        "Terminating: waiting for completion of hook batch/Job/ended",
        id="being terminated",
    ),
    pytest.param(ours(lab("outofsync-healthy-failed")), FAILED, "Failed: ", id="failed"),
    pytest.param(
        ours(lab("outofsync-healthy-failed", status__operationState__phase="Error")),
        FAILED,
        "Error: ",
        id="an error",
    ),
    pytest.param(ours(READ), DONE, "synced to ", id="succeeded"),
    pytest.param(
        ours(lab("synced-suspended-succeeded")),
        DONE,
        "synced to 5128756; it is Suspended, which is not waited for",
        id="succeeded, and a Rollout waits",
    ),
    pytest.param(
        ours(changed(READ, status__operationState__operation__sync__dryRun=True)),
        DONE,
        "the dry run with ",
        id="a dry run",
    ),
    pytest.param(None, FAILED, "the Application is gone", id="gone"),
    pytest.param({"metadata": [], "spec": 1}, NOT_YET, "it can't be read: ", id="not readable"),
    pytest.param(at({**READ, "status": {}}, 14001), NOT_YET, "", id="neither asked for nor begun"),
]


@pytest.mark.parametrize(("state", "seen", "text"), OPERATIONS)
async def test_an_operation_is_judged_by_its_own_state(state: Any, seen: Seen, text: str):
    ((found, told),) = judged(await planned("sync", READ), [state])
    assert found is seen
    assert text in told
    assert bool(text) == bool(told)


async def test_a_failed_operation_names_what_failed():
    job = {"kind": "Job", "name": "migrate", "status": "SyncFailed", "message": "no room"}
    of = ours(
        changed(
            READ,
            status__operationState__phase="Failed",
            status__operationState__message="one or more tasks are not valid (retried 2 times).",
            status__operationState__syncResult__resources=[job],
        )
    )
    (told,) = judged(await planned("sync", READ), [of])
    assert told == (
        FAILED,
        "Failed: one or more tasks are not valid (retried 2 times); Job migrate: no room",
    )


async def test_an_operation_without_a_name_is_known_as_ours_when_we_have_none():
    of = at(READ, 14001, status__operationState__operation__initiatedBy={})
    ((seen, _),) = judged(await planned("sync", READ, user=""), [of])
    assert seen is DONE


HOOK = lab("synced-healthy-running")
ENDING = {"status__operationState__phase": "Terminating"}
OVER = {"status__operationState__phase": "Failed", "status__operationState__message": "Operation terminated"}
TERMINATIONS = [
    pytest.param(
        [HOOK, at(HOOK, 14490, **ENDING), at(HOOK, 14491, operation=None, **OVER)],
        [(NOT_YET, ""), (REQUESTED, "asked for, not ended yet"), (DONE, "Failed: Operation terminated")],
        id="it ends",
    ),
    pytest.param(
        [at(HOOK, 14490, **ENDING), at(HOOK, 14491)],
        [
            (REQUESTED, "asked for, not ended yet"),
            (FAILED, "Argo CD wrote its own state over the request and goes on: send terminate-op again"),
        ],
        id="the controller overwrites it",
    ),
    pytest.param(
        [at(HOOK, 14490, operation=None, **ENDING)],
        [(DONE, "the operation is gone; Terminating is shown until the next one")],
        id="it is left at Terminating",
    ),
    pytest.param(
        [at(HOOK, 14490, operation=None, status__operationState__phase="Succeeded")],
        [
            (
                FAILED,
                "it came to its own end before it could be ended: Succeeded: waiting for completion of "
                "hook batch/Job/hook-runs",
            )
        ],
        id="it came to its own end",
    ),
    pytest.param(
        [at(HOOK, 14490, status__operationState__startedAt="2026-11-26T02:41:51Z"), at(HOOK, 3)],
        [(DONE, "it is over; another operation was asked for since"), (NOT_YET, "")],
        id="another has begun since",
    ),
    pytest.param(
        [at(HOOK, 14400, status__operationState=None)], [(NOT_YET, "")], id="a state from before it began"
    ),
]


@pytest.mark.parametrize(("states", "told"), TERMINATIONS)
async def test_a_termination_is_seen_and_one_that_was_overwritten_is_said(states: Any, told: Any):
    assert judged(await planned("terminate-op", HOOK), states) == told


async def test_a_termination_is_one_request_and_the_touch_is_harmless():
    plan = await planned("terminate-op", HOOK)
    assert len(plan.writes) == 1
    assert plan.proof is not None
    assert plan.proof.touch is not None
    assert plan.proof.touch.body == {"metadata": {"annotations": {"argocd.argoproj.io/refresh": "normal"}}}


COMPARED = lab("synced-healthy-succeeded")
ASKED = {"argocd.argoproj.io/refresh": "normal"}
SKIPPED = {**ASKED, "argocd.argoproj.io/skip-reconcile": "true"}


async def test_a_refresh_is_done_when_the_annotation_is_gone_and_the_comparison_newer():
    later = changed(COMPARED, status__reconciledAt="2026-11-26T09:00:00Z")
    states = [
        COMPARED,
        changed(COMPARED, metadata__annotations=ASKED),
        changed(COMPARED, metadata__annotations=SKIPPED),
        changed(later, metadata__annotations=ASKED),
        COMPARED,
        changed(COMPARED, status__reconciledAt=None),
        later,
    ]
    waits = "asked for, not compared yet"
    assert judged(await planned("refresh", COMPARED), states) == [
        (NOT_YET, ""),
        (REQUESTED, waits),
        (REQUESTED, f"{waits}; it waits until the annotation skip-reconcile is gone"),
        (REQUESTED, waits),
        (NOT_YET, ""),
        (NOT_YET, ""),
        (DONE, "compared 26 Nov 09:00Z: Synced"),
    ]


async def test_the_first_comparison_of_all_counts():
    new = lab("new", metadata__annotations=None)
    ((seen, _),) = judged(await planned("refresh", new), [COMPARED])
    assert seen is DONE


async def test_a_rollback_is_done_with_a_new_entry_of_that_revision():
    before = lab("synced-suspended-succeeded", spec__syncPolicy__automated__enabled=False)
    history = before["status"]["history"]
    over = ours(before)
    again = {**history[0], "id": 3, "deployedAt": "2026-11-26T09:00:00Z"}
    other = {**history[1], "id": 3}
    states = [
        over,
        changed(over, status__history=[*history, other]),
        changed(over, status__history=[*history, again]),
        changed(over, status__history=[*history, again], status__operationState__phase="Failed"),
    ]
    missing = "the operation succeeded, the history has no entry of it yet"
    told = judged(await planned("rollback", before, id=0), states)
    assert told[:3] == [
        (NOT_YET, missing),
        (NOT_YET, missing),
        (DONE, "sync 3 (ef7cb38 of 26 Nov 09:00Z) is deployed, and OutOfSync until git follows"),
    ]
    assert told[3][0] is FAILED


async def test_auto_sync_is_as_its_field_says():
    on = lab("synced-suspended-succeeded")
    off = changed(on, spec__syncPolicy__automated__enabled=False)
    none = changed(on, spec__syncPolicy=None)
    back = changed(on, spec__syncPolicy__automated__enabled=True)
    assert judged(await planned("auto-sync-off", on), [on, off, back, none]) == [
        (
            NOT_YET,
            "auto-sync is still on; the field enabled is not kept, so this Argo CD may be too old for it",
        ),
        (DONE, "auto-sync is off"),
        (NOT_YET, "auto-sync is on"),
        (DONE, "auto-sync is off"),
    ]
    assert judged(await planned("auto-sync-on", off), [off, back, none]) == [
        (NOT_YET, "auto-sync is off"),
        (DONE, "auto-sync is on"),
        (NOT_YET, ""),
    ]
