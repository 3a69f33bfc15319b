"""What each verb of an Application sends, byte for byte, what it refuses, and why it is greyed.

The bodies are those that were sent to a running Argo CD 3.2.6 and seen to work; fields and conditions are
the API server's: ``argo-cd@v3.5.1:server/application/application.go``.
"""

from __future__ import annotations

from typing import Any

import pytest
from changing import changed
from lab_objects import lab_application as lab
from scenes import Staged, blocked, sent, verb

from trombone_tui.core.ports import Refused
from trombone_tui.core.verbs import Plan
from trombone_tui.pipeline.sync import STAGE

PROJECT: dict[str, Any] = {
    "kind": "AppProject",
    "metadata": {"name": "default", "namespace": "argocd"},
    "spec": {},
}
OLD, NEW = "2806a95bfe883aa1aa948b5be4139f5b1879966a", "5128756099e816d69e96ac9adcd57e168623d716"
SOURCE = '{"path":"overlays/prod","repoURL":"file:///srv/lab/git/demo.git","targetRevision":"main"}'
BY = '"operation":{"initiatedBy":{"username":"kubernetes-admin"},'
ENDED = ',"status":{"operationState":null}}'
COPIED = '"syncOptions":["CreateNamespace=true"]'


def demo(**changes: Any) -> dict[str, Any]:
    """Load an Application with auto-sync, self-heal, prune, a sync option and three syncs behind it."""
    return lab("synced-suspended-succeeded", **changes)


def by_hand(**changes: Any) -> dict[str, Any]:
    return demo(spec__syncPolicy__automated__enabled=False, **changes)


def several(of: dict[str, Any]) -> dict[str, Any]:
    """Give an Application two sources, in its history as well (types.go: RevisionHistory.Sources)."""
    sources = [of["spec"]["source"], {"repoURL": "https://git.example/values.git", "ref": "values"}]
    history = [
        {**{k: v for k, v in entry.items() if k not in ("source", "revision")}, "sources": sources}
        | {"revisions": [entry["revision"], "v" * 40]}
        for entry in of["status"]["history"]
    ]
    return changed(of, spec__source=None, spec__sources=sources, status__history=history)


async def planned(name: str, of: dict[str, Any], *others: dict[str, Any], **scene: Any) -> Plan:
    return await verb(STAGE, name).plan(Staged(STAGE, of, PROJECT, *others, **scene))


RETRY = {"limit": 2, "backoff": {"duration": "5s", "factor": 2, "maxDuration": "3m"}}
WRITES = [
    pytest.param(
        "refresh",
        demo(),
        {},
        'demo merge-patch+json {"metadata":{"annotations":{"argocd.argoproj.io/refresh":"normal"}}}',
        "argocd app get demo --refresh",
        id="refresh",
    ),
    pytest.param(
        "refresh",
        demo(),
        {"hard": True},
        'demo merge-patch+json {"metadata":{"annotations":{"argocd.argoproj.io/refresh":"hard"}}}',
        "argocd app get demo --hard-refresh",
        id="hard refresh",
    ),
    pytest.param(
        "sync",
        demo(),
        {},
        f'demo merge-patch+json {{"metadata":{{"resourceVersion":"4893"}},{BY}"sync":{{"prune":false,'
        f'"syncStrategy":{{"hook":{{}}}},{COPIED}}}}}{ENDED}',
        "argocd app sync demo",
        id="plain sync copies the sync options, not the revision",
    ),
    pytest.param(
        "sync",
        demo(spec__syncPolicy__retry=RETRY, spec__syncPolicy__syncOptions=None),
        {"prune": True},
        f'demo merge-patch+json {{"metadata":{{"resourceVersion":"4893"}},{BY}"retry":{{"limit":2,"backoff":'
        '{"duration":"5s","factor":2,"maxDuration":"3m"}},"sync":{"prune":true,"syncStrategy":{"hook":{}}}}'
        f"{ENDED}",
        "argocd app sync demo --prune",
        id="sync with prune copies the retry",
    ),
    pytest.param(
        "sync",
        demo(),
        {"revision": "v1", "dry-run": True},
        f'demo merge-patch+json {{"metadata":{{"resourceVersion":"4893"}},{BY}"sync":{{"revision":"v1",'
        f'"prune":false,"dryRun":true,"syncStrategy":{{"hook":{{}}}},{COPIED}}}}}{ENDED}',
        "argocd app sync demo --dry-run --revision v1",
        id="another revision may be tried under auto-sync",
    ),
    pytest.param(
        "sync",
        by_hand(),
        {"revision": "v1"},
        f'demo merge-patch+json {{"metadata":{{"resourceVersion":"4893"}},{BY}"sync":{{"revision":"v1",'
        f'"prune":false,"syncStrategy":{{"hook":{{}}}},{COPIED}}}}}{ENDED}',
        "argocd app sync demo --revision v1",
        id="another revision with auto-sync off",
    ),
    pytest.param(
        "sync",
        demo(),
        {"force": True, "resource": (":Service:shop/demo-stable", "argoproj.io:Rollout:demo")},
        f'demo merge-patch+json {{"metadata":{{"resourceVersion":"4893"}},{BY}"sync":{{"prune":false,'
        f'"syncStrategy":{{"hook":{{"force":true}}}},{COPIED},"resources":[{{"group":"","kind":"Service",'
        '"name":"demo-stable","namespace":"shop"},{"group":"argoproj.io","kind":"Rollout","name":"demo"}]}}'
        f"{ENDED}",
        "argocd app sync demo --force --resource :Service:shop/demo-stable --resource "
        "argoproj.io:Rollout:demo",
        id="some resources, by force",
    ),
    pytest.param(
        "sync",
        lab("outofsync-healthy-succeeded", metadata__namespace="team"),
        {},
        't-9f3a1e-unpruned merge-patch+json {"metadata":{"resourceVersion":"14612"},'
        f'{BY}"sync":{{"prune":false,"syncStrategy":{{"hook":{{}}}}}}}}{ENDED}',
        "argocd app sync t-9f3a1e-unpruned -N team",
        id="outside the controller's namespace, without options",
    ),
    pytest.param(
        "terminate-op",
        lab("synced-healthy-running"),
        {},
        't-9f3a1e-hook-runs merge-patch+json {"metadata":{"resourceVersion":"14489"},'
        '"status":{"operationState":{"phase":"Terminating"}}}',
        "argocd app terminate-op t-9f3a1e-hook-runs",
        id="terminate-op",
    ),
    pytest.param(
        "terminate-op",
        lab("synced-healthy-terminating"),
        {},
        't-9f3a1e-ended merge-patch+json {"metadata":{"resourceVersion":"14491"},'
        '"status":{"operationState":{"phase":"Terminating"}}}',
        "argocd app terminate-op t-9f3a1e-ended",
        id="terminate-op once more",
    ),
    pytest.param(
        "rollback",
        by_hand(),
        {"id": 1},
        f'demo merge-patch+json {{"metadata":{{"resourceVersion":"4893"}},{BY}"sync":{{"revision":"{OLD}",'
        f'"source":{SOURCE},{COPIED},"syncStrategy":{{"apply":{{}}}}}}}}{ENDED}',
        "argocd app rollback demo 1",
        id="rollback",
    ),
    pytest.param(
        "rollback",
        by_hand(spec__syncPolicy__retry=RETRY),
        {},
        f'demo merge-patch+json {{"metadata":{{"resourceVersion":"4893"}},{BY}"sync":{{"revision":"{OLD}",'
        f'"source":{SOURCE},{COPIED},"syncStrategy":{{"apply":{{}}}}}}}}{ENDED}',
        "argocd app rollback demo 1",
        id="rollback without a number goes before the newest, and is not retried",
    ),
    pytest.param(
        "rollback",
        several(by_hand()),
        {"id": 2, "prune": True},
        f'demo merge-patch+json {{"metadata":{{"resourceVersion":"4893"}},{BY}"sync":{{"revisions":["{NEW}",'
        f'"{"v" * 40}"],"sources":[{SOURCE},{{"repoURL":"https://git.example/values.git","ref":"values"}}],'
        f'"prune":true,{COPIED},"syncStrategy":{{"apply":{{}}}}}}}}{ENDED}',
        "argocd app rollback demo 2 --prune",
        id="rollback of several sources",
    ),
    pytest.param(
        "auto-sync-off",
        demo(),
        {},
        'demo merge-patch+json {"metadata":{"annotations":{"trombone.dev/auto-sync-off":'
        r'"{\"by\":\"kubernetes-admin\",\"at\":\"2026-11-23T13:20:00Z\"}"}},'
        '"spec":{"syncPolicy":{"automated":{"enabled":false}}}}',
        "argocd app set demo --sync-policy none  # this also forgets prune and self-heal",
        id="auto-sync off",
    ),
    pytest.param(
        "auto-sync-on",
        by_hand(),
        {},
        'demo merge-patch+json {"metadata":{"annotations":{"trombone.dev/auto-sync-off":null}},'
        '"spec":{"syncPolicy":{"automated":{"enabled":true}}}}',
        "argocd app set demo --sync-policy automated",
        id="auto-sync on",
    ),
]


@pytest.mark.parametrize(("name", "of", "given", "line", "command"), WRITES)
async def test_one_request_is_sent_and_it_is_exactly_this(
    name: str, of: dict[str, Any], given: dict[str, Any], line: str, command: str
):
    plan = await planned(name, of, given=given)
    (written,) = sent(plan)
    assert written == f"PATCH argoproj.io/v1alpha1/{of['metadata']['namespace']}/applications/{line}"
    assert (plan.command, plan.noop) == (command, "")
    assert plan.proof is not None
    assert plan.proof.name == of["metadata"]["name"]
    (right,) = {str(write.right) for write in plan.writes}
    assert right == f"patch applications.argoproj.io in namespace {of['metadata']['namespace']}"


async def test_who_is_not_known_is_not_named():
    (line,) = sent(await planned("sync", demo(), user=""))
    assert '"operation":{"initiatedBy":{},"sync":' in line


DELETED = {"metadata__deletionTimestamp": "2026-11-23T13:00:00Z"}
BUSY = "another operation is already in progress, begun 26 Nov 02:40Z by auto-sync: terminate-op or wait"
REFUSALS = [
    pytest.param("sync", demo(**DELETED), {}, "it is being deleted since 23 Nov 13:00Z", id="sync, deleted"),
    pytest.param("sync", lab("synced-healthy-running"), {}, BUSY, id="sync, operation"),
    pytest.param(
        "sync",
        lab("outofsync-healthy"),
        {},
        "another operation is already in progress, asked for by auto-sync and not begun yet: wait",
        id="sync, operation that is only asked for",
    ),
    pytest.param(
        "sync",
        demo(),
        {"revision": "v1"},
        "auto-sync is on and set to main, so it can't be synced to v1: auto-sync-off first",
        id="sync, another revision under auto-sync",
    ),
    pytest.param(
        "sync",
        demo(spec__source__targetRevision=None),
        {"revision": "main"},
        "auto-sync is on and set to HEAD, so it can't be synced to main: auto-sync-off first",
        id="sync, no revision in the spec is HEAD",
    ),
    pytest.param(
        "sync",
        several(by_hand()),
        {"revision": "v1"},
        "it has 2 sources, and one revision can't be meant for all of them",
        id="sync, one revision for several sources",
    ),
    pytest.param(
        "sync",
        demo(),
        {"resource": (":Service:demo",)},
        "it has no resource :Service:demo; it has Service demo-canary, Service demo-stable, "
        "AnalysisTemplate success-rate, Rollout demo, Ingress demo",
        id="sync, unknown resource",
    ),
    pytest.param(
        "sync",
        demo(),
        {"resource": (":Service:elsewhere/demo-stable",)},
        "it has no resource :Service:demo-stable; it has",
        id="sync, resource of another namespace",
    ),
    *(
        pytest.param("sync", demo(), {"resource": (text,)}, f"{text!r} names no resource", id=f"sync, {text}")
        for text in ("demo", "a:b", ":Service:", "::demo", ":Service:/demo", "a:b:c:d")
    ),
    pytest.param(
        "sync",
        demo(metadata__resourceVersion=None),
        {},
        "it has no resourceVersion, so nothing can be written safely",
        id="sync, unguarded",
    ),
    pytest.param("terminate-op", demo(), {}, "no operation is in progress", id="terminate-op, none"),
    pytest.param(
        "terminate-op",
        demo(status__operationState__phase="Terminating"),
        {},
        "no operation is in progress; Terminating is what is left of one that is over",
        id="terminate-op, left over",
    ),
    pytest.param(
        "terminate-op",
        lab("outofsync-healthy"),
        {},
        "the operation has been asked for and has not begun: there is nothing to end yet",
        id="terminate-op, not begun",
    ),
    pytest.param(
        "rollback",
        demo(),
        {"id": 1},
        "auto-sync is on, and Argo CD does not roll back then, it would go forward again at once: "
        "auto-sync-off first",
        id="rollback, auto-sync",
    ),
    pytest.param(
        "rollback",
        demo(**DELETED),
        {"id": 1},
        "it is being deleted since 23 Nov 13:00Z",
        id="rollback, deleted",
    ),
    pytest.param(
        "rollback",
        by_hand(),
        {"id": 7},
        "its history has no 7; it has 2 (5128756 of 26 Nov 02:38Z), 1 (2806a95 of 26 Nov 02:37Z), "
        "0 (ef7cb38 of 26 Nov 02:34Z)",
        id="rollback, no such number",
    ),
    pytest.param(
        "rollback",
        lab("outofsync-healthy-running", operation=None),
        {},
        "its history is empty: there is nothing to go back to",
        id="rollback, no history",
    ),
    pytest.param(
        "rollback",
        lab("outofsync-healthy-succeeded", spec__syncPolicy=None),
        {},
        "nothing was deployed before 0 (398f6ce of 26 Nov 02:40Z)",
        id="rollback, only one sync",
    ),
    pytest.param(
        "rollback",
        lab("synced-healthy", spec__syncPolicy=None),
        {"id": 0},
        "another operation is already in progress, asked for by auto-sync and not begun yet: wait",
        id="rollback, operation",
    ),
    pytest.param(
        "rollback",
        lab(
            "outofsync-healthy-succeeded", spec__syncPolicy=None, status__history=[{"id": 4, "revision": NEW}]
        ),
        {"id": 4},
        "that entry keeps no source: sync to its revision instead",
        id="rollback, written by Argo CD before 0.12",
    ),
    pytest.param(
        "rollback",
        lab(
            "outofsync-healthy-succeeded",
            spec__syncPolicy=None,
            status__history=[{"id": 4, "source": {"repoURL": "https://git.example"}}],
        ),
        {"id": 4},
        "that entry keeps no revision, so nobody knows what it deployed",
        id="rollback, no revision",
    ),
]


@pytest.mark.parametrize(("name", "of", "given", "reason"), REFUSALS)
async def test_what_the_server_would_refuse_is_refused_with_the_reason(
    name: str, of: dict[str, Any], given: dict[str, Any], reason: str
):
    with pytest.raises(Refused) as refused:
        await planned(name, of, given=given)
    assert str(refused.value).startswith(reason)


NOTHING_TO_DO = [
    ("auto-sync-off", by_hand(), "auto-sync is off already"),
    ("auto-sync-off", demo(spec__syncPolicy=None), "auto-sync is off already"),
    ("auto-sync-on", demo(), "auto-sync is on already"),
    ("auto-sync-on", lab("synced-healthy-succeeded"), "auto-sync is on already"),
    (
        "refresh",
        demo(metadata__annotations={"argocd.argoproj.io/refresh": "normal"}),
        "it is asked for already, and Argo CD has not taken it up",
    ),
]


@pytest.mark.parametrize(("name", "of", "noop"), NOTHING_TO_DO)
async def test_what_holds_already_is_not_sent(name: str, of: dict[str, Any], noop: str):
    plan = await planned(name, of)
    assert (plan.noop, plan.writes, plan.proof) == (noop, (), None)


async def test_a_hard_refresh_is_sent_beside_a_plain_one():
    waiting = demo(metadata__annotations={"argocd.argoproj.io/refresh": "normal"})
    assert len((await planned("refresh", waiting, given={"hard": True})).writes) == 1


GREYED = [
    ("refresh", demo(**DELETED), ""),
    ("sync", demo(), ""),
    ("sync", demo(**DELETED), "it is being deleted since 23 Nov 13:00Z"),
    ("sync", lab("synced-healthy-running"), BUSY),
    ("terminate-op", lab("synced-healthy-running"), ""),
    ("terminate-op", demo(), "no operation is in progress"),
    ("rollback", by_hand(), ""),
    (
        "rollback",
        demo(),
        "auto-sync is on, and Argo CD does not roll back then, it would go forward again at once: "
        "auto-sync-off first",
    ),
    ("rollback", lab("new"), "its history is empty: there is nothing to go back to"),
    ("auto-sync-off", demo(), ""),
    ("auto-sync-off", by_hand(), "auto-sync is off already"),
    ("auto-sync-on", by_hand(), ""),
    ("auto-sync-on", demo(), "auto-sync is on already"),
]


@pytest.mark.parametrize(("name", "of", "reason"), GREYED)
def test_a_verb_is_greyed_only_with_what_the_watched_object_says(name: str, of: dict[str, Any], reason: str):
    assert blocked(STAGE, verb(STAGE, name), of) == reason


DANGERS = [
    ("refresh", {"hard": True}, False),
    ("sync", {}, False),
    ("sync", {"prune": True}, True),
    ("sync", {"force": True}, True),
    ("sync", {"prune": True, "dry-run": True}, False),
    ("terminate-op", {}, True),
    ("rollback", {}, True),
    ("auto-sync-off", {}, False),
]


@pytest.mark.parametrize(("name", "given", "dangerous"), DANGERS)
def test_no_is_the_answer_to_what_deletes_or_goes_back(name: str, given: dict[str, Any], dangerous: bool):
    assert verb(STAGE, name).dangerous(given) is dangerous


@pytest.mark.parametrize(
    ("of", "dangerous"),
    [
        (by_hand(), False),
        (by_hand(status__sync__status="OutOfSync"), True),
        (by_hand(status__sync=None), True),
    ],
)
async def test_auto_sync_on_is_dangerous_unless_it_is_known_to_change_nothing(
    of: dict[str, Any], dangerous: bool
):
    assert (await planned("auto-sync-on", of)).dangerous is dangerous


def test_only_a_refresh_needs_no_confirmation_and_only_a_rollback_is_for_one_at_a_time():
    assert [one.name for one in STAGE.verbs if one.harmless] == ["refresh"]
    assert [one.name for one in STAGE.verbs if not one.bulk] == ["rollback"]
    assert {one.name: one.key for one in STAGE.verbs if one.key} == {"sync": "s"}


MOVES = [
    ({"metadata__resourceVersion": "9", "metadata__generation": 9, "metadata__managedFields": []}, True),
    ({"metadata__annotations": {"argocd.argoproj.io/refresh": "normal"}}, True),
    (
        {
            "status__health__status": "Progressing",
            "status__health__lastTransitionTime": "2026-11-26T09:00:00Z",
        },
        True,
    ),
    ({"status__reconciledAt": "2026-11-26T09:00:00Z", "status__summary": {"images": ["a:2"]}}, True),
    ({"metadata__uid": "another"}, False),
    ({"metadata__deletionTimestamp": "2026-11-26T09:00:00Z"}, False),
    ({"metadata__annotations": {"argocd.argoproj.io/skip-reconcile": "true"}}, False),
    ({"spec__source__targetRevision": "v2"}, False),
    ({"spec__syncPolicy": None}, False),
    ({"operation": {"sync": {}}}, False),
    ({"status__operationState__startedAt": "2026-11-26T09:00:00Z"}, False),
    ({"status__sync__revision": OLD}, False),
    ({"status__conditions": [{"type": "ComparisonError", "message": "no"}]}, False),
]


@pytest.mark.parametrize(("changes", "same"), MOVES)
@pytest.mark.parametrize(("name", "of"), [("sync", demo()), ("rollback", by_hand())])
async def test_what_is_asked_for_hangs_on_all_but_health_and_the_time_of_the_comparison(
    name: str, of: dict[str, Any], changes: dict[str, Any], same: bool
):
    (write,) = (await planned(name, of)).writes
    assert write.hangs_on is not None
    assert (write.hangs_on(of) == write.hangs_on(changed(of, **changes))) is same


async def test_of_its_resources_only_the_health_may_move():
    (write,) = (await planned("sync", demo())).writes
    ill = [one | {"health": {"status": "Degraded"}} for one in demo()["status"]["resources"]]
    out = [one | {"status": "OutOfSync"} for one in demo()["status"]["resources"]]
    assert write.hangs_on is not None
    assert write.hangs_on(demo()) == write.hangs_on(demo(status__resources=ill))
    assert write.hangs_on(demo()) != write.hangs_on(demo(status__resources=out))
    assert write.hangs_on(demo()) != write.hangs_on(demo(status__resources=out[1:]))
