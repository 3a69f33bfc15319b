"""Applications in every state that the lab can bring them into, and what is to be said of each."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

Held = Mapping[str, Any]
"""An object as the API server holds it, or as argocd prints it."""
BUILDER = "lab/migrate:1"
SHA, DATE = r"[0-9a-f]{7}", r"\d+ \w{3} \d\d:\d\dZ"


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """A row of the truth table. Its files lie in a folder of its name."""

    state: str
    """In words; the test's name."""
    name: str
    files: Mapping[str, str | Held] = field(default_factory=dict)
    ready: Callable[[Held], object]
    """Whether Argo CD has written the state into the object."""
    health: str
    why: str
    """A pattern for the whole sentence; ``{name}`` is the Application's."""
    fields: Mapping[str, Any] = field(default_factory=dict)
    """What is known beforehand beyond what argocd prints."""
    needs_human: bool
    auto: Held | None = None
    """``automated``; None leaves auto-sync off."""
    retry: Held | None = None
    source: Held = field(default_factory=dict)
    """What is not as usual about its source."""
    sources: tuple[str, ...] = ()
    """Folders, where it has several sources."""
    annotations: Mapping[str, str] = field(default_factory=dict)
    refused: bool = False
    """Whether argocd itself refuses to print it, so that only the object tells."""
    project: str = "default"
    """``own``: the test's own project, which allows another namespace only; ``closed``: one with a window."""
    namespace: str = ""
    moves: Mapping[str, str | Held | None] | None = None
    """Files of a second commit, None removes one; made once the first is synced."""


def config_map(name: str, value: str = "1") -> Held:
    return {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": name}, "data": {"level": value}}


def job(name: str, lab: Mapping[str, str]) -> Held:
    """Return a Job that is a Sync hook."""
    return {
        "apiVersion": "batch/v1",
        "kind": "Job",
        "metadata": {"name": name, "annotations": {"argocd.argoproj.io/hook": "Sync"}},
        "spec": {
            "backoffLimit": 0,
            "template": {
                "metadata": {"annotations": {f"lab/{key}": value for key, value in lab.items()}},
                "spec": {"restartPolicy": "Never", "containers": [{"name": "main", "image": BUILDER}]},
            },
        },
    }


def deployment(name: str, seconds: int) -> Held:
    """Return a Deployment whose pods can't be pulled, given up after that time."""
    labels = {"app": name}
    return {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": name},
        "spec": {
            "progressDeadlineSeconds": seconds,
            "selector": {"matchLabels": labels},
            "template": {
                "metadata": {"labels": labels},
                "spec": {"containers": [{"name": "app", "image": "shop/pullfail:1"}]},
            },
        },
    }


def invalid_rollout(name: str) -> Held:
    return {
        "apiVersion": "argoproj.io/v1alpha1",
        "kind": "Rollout",
        "metadata": {"name": name},
        "spec": {
            "selector": {"matchLabels": {"app": name}},
            "template": {
                "metadata": {"labels": {"app": "other"}},
                "spec": {"containers": [{"name": "app", "image": "shop/web:1"}]},
            },
            "strategy": {"canary": {}},
        },
    }


def stands(
    sync: str, *, health: str = "", phase: str | None = "", condition: str = ""
) -> Callable[[Held], bool]:
    """Wait for sync and health, a phase of the operation (None: there was none), a condition."""

    def reached(held: Held) -> bool:
        status = held.get("status", {})
        kinds = {one["type"] for one in status.get("conditions") or ()}
        return (
            status.get("sync", {}).get("status") == sync
            and health in ("", status.get("health", {}).get("status"))
            and phase in ("", status.get("operationState", {}).get("phase"))
            and (not condition or condition in kinds)
        )

    return reached


def retried(held: Held) -> bool:
    """Wait for an operation that waits for its next attempt."""
    operation = held.get("status", {}).get("operationState", {})
    return operation.get("phase") == "Running" and "finishedAt" in operation


def says(text: str) -> Callable[[Held], bool]:
    """Wait for the operation's message to hold a text."""
    return lambda held: text in held.get("status", {}).get("operationState", {}).get("message", "")


def both(*conditions: Callable[[Held], object]) -> Callable[[Held], bool]:
    return lambda held: all(condition(held) for condition in conditions)


AUTO: Held = {}
NO_RETRY: Held = {"limit": 0}


def settings(name: str) -> dict[str, str | Held]:
    """Return the files of one ConfigMap of that name."""
    return {"settings.yaml": config_map(name)}


DELIVERIES = [
    Delivery(
        state="Synced",
        name="synced",
        files=settings("synced"),
        auto=AUTO,
        ready=stands("Synced", phase="Succeeded"),
        health="Healthy",
        why=rf"Synced to {SHA}, deployed {DATE}; Healthy\.",
        fields={"auto_sync": True, "self_heal": False, "condition": None, "out_of_sync": 0},
        needs_human=False,
    ),
    Delivery(
        state="Synced, from two sources",
        name="two-sources",
        files={"one/settings.yaml": config_map("source-one"), "two/settings.yaml": config_map("source-two")},
        sources=("one", "two"),
        auto=AUTO,
        ready=stands("Synced", phase="Succeeded"),
        health="Healthy",
        why=rf"Synced to {SHA}, {SHA}, deployed {DATE}; Healthy\.",
        needs_human=False,
    ),
    Delivery(
        state="Synced to a newer commit",
        name="moved",
        files=settings("moved"),
        moves={"settings.yaml": config_map("moved", "2")},
        auto=AUTO,
        ready=stands("Synced", phase="Succeeded"),
        health="Healthy",
        why=rf"Synced to {SHA}, deployed {DATE}; Healthy\.",
        needs_human=False,
    ),
    Delivery(
        state="Synced, with nothing in its source",
        name="nothing",
        files={"README.md": "nothing here\n"},
        auto=AUTO,
        ready=stands("Synced", health="Healthy"),
        health="Healthy",
        why=rf"Synced to {SHA}; Healthy, but its source holds no resources\.",
        needs_human=False,
    ),
    Delivery(
        state="Synced, a Deployment still progressing",
        name="progressing",
        files={"app.yaml": deployment("progressing", 600)},
        auto=AUTO,
        ready=stands("Synced", health="Progressing", phase="Succeeded"),
        health="Progressing",
        why=rf"Synced to {SHA}, deployed {DATE}, but Argo CD calls it Progressing\.",
        needs_human=False,
    ),
    Delivery(
        state="Synced, a Deployment degraded",
        name="degraded",
        files={"app.yaml": deployment("degraded", 2)},
        auto=AUTO,
        ready=stands("Synced", health="Degraded", phase="Succeeded"),
        health="Degraded",
        why=rf"Synced to {SHA}, deployed {DATE}, but Argo CD calls it Degraded\.",
        needs_human=True,
    ),
    Delivery(
        state="Synced, degraded by a Rollout, which has its own stage",
        name="by-rollout",
        files={"rollout.yaml": invalid_rollout("by-rollout")},
        auto=AUTO,
        ready=stands("Synced", health="Degraded", phase="Succeeded"),
        health="Healthy",
        why=rf"Synced to {SHA}, deployed {DATE}; Degraded through Rollout by-rollout\.",
        needs_human=False,
    ),
    Delivery(
        state="OutOfSync, without auto-sync",
        name="manual",
        files=settings("manual"),
        ready=stands("OutOfSync", phase=None),
        health="Suspended",
        why=rf"1 of 1 resource differs from {SHA}; auto-sync is off, so somebody has to sync it\.",
        fields={"auto_sync": False, "operation": None, "out_of_sync": 1, "deployed_at": None},
        needs_human=True,
    ),
    Delivery(
        state="OutOfSync with auto-sync, which does not prune",
        name="unpruned",
        files={"settings.yaml": config_map("unpruned"), "extra.yaml": config_map("unpruned-extra")},
        moves={"extra.yaml": None},
        auto=AUTO,
        ready=stands("OutOfSync", phase="Succeeded"),
        health="Suspended",
        why=rf"1 of 2 resources differs from {SHA}: 1 resource to delete, but auto-sync does not prune\.",
        fields={"auto_sync": True, "prune": False, "out_of_sync": 1},
        needs_human=True,
    ),
    Delivery(
        state="OutOfSync by a change in the cluster, without self-heal",
        name="drifted",
        files=settings("drifted"),
        auto=AUTO,
        ready=stands("OutOfSync", phase="Succeeded"),
        health="Suspended",
        why=rf"1 of 1 resource differs from {SHA}, which was synced before; self-heal is off, so .*\.",
        fields={"auto_sync": True, "self_heal": False},
        needs_human=True,
    ),
    Delivery(
        state="Synced again after a change in the cluster, with self-heal",
        name="healed",
        files=settings("healed"),
        auto={"selfHeal": True},
        ready=both(
            stands("Synced", phase="Succeeded"),
            lambda held: held["status"]["operationState"]["operation"]["sync"].get("autoHealAttemptsCount"),
        ),
        health="Healthy",
        why=rf"Synced to {SHA}, deployed {DATE}; Healthy\.",
        fields={"self_heal": True},
        needs_human=False,
    ),
    Delivery(
        state="Unknown, its repository can't be read",
        name="no-repository",
        source={"repoURL": "file:///nowhere/none.git"},
        auto=AUTO,
        ready=stands("Unknown", condition="ComparisonError"),
        health="Degraded",
        why=r"Can't be compared with its source: .*repository not found; Argo CD still calls it Healthy\.",
        fields={"condition": "ComparisonError", "app_health": "Healthy", "out_of_sync": None},
        needs_human=True,
    ),
    Delivery(
        state="Unknown, its path is not there",
        name="no-path",
        auto=AUTO,
        ready=stands("Unknown", condition="ComparisonError"),
        health="Degraded",
        why=r"Can't be compared with its source: no-path: app path does not exist; Argo CD .* Healthy\.",
        fields={"condition": "ComparisonError", "app_health": "Healthy"},
        needs_human=True,
    ),
    Delivery(
        state="Unknown, its branch is not there",
        name="no-branch",
        files=settings("no-branch"),
        source={"targetRevision": "nowhere"},
        auto=AUTO,
        ready=stands("Unknown", condition="ComparisonError"),
        health="Degraded",
        why=r"Can't be compared with its source: .*nowhere.*; Argo CD still calls it Healthy\.",
        fields={"condition": "ComparisonError", "target": "nowhere"},
        needs_human=True,
    ),
    Delivery(
        state="Unknown, a manifest is broken",
        name="broken",
        files={"settings.yaml": "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: [\n"},
        auto=AUTO,
        ready=stands("Unknown", condition="ComparisonError"),
        health="Degraded",
        why=r"Can't be compared with its source: .*settings\.yaml.*; Argo CD still calls it Healthy\.",
        fields={"condition": "ComparisonError"},
        needs_human=True,
    ),
    Delivery(
        state="Unknown, not allowed by its project",
        name="not-allowed",
        files=settings("not-allowed"),
        project="own",
        ready=stands("Unknown", condition="InvalidSpecError"),
        health="Degraded",
        why=r"The spec is refused: application destination .* do not match any of the allowed .*",
        fields={"condition": "InvalidSpecError", "app_health": "Unknown"},
        needs_human=True,
    ),
    Delivery(
        state="Unknown, its project is not there",
        name="no-project",
        files=settings("no-project"),
        project="none",
        refused=True,
        ready=stands("Unknown", condition="InvalidSpecError"),
        health="Degraded",
        why=r"The spec is refused: Application referencing project none which does not exist\.",
        fields={"condition": "InvalidSpecError"},
        needs_human=True,
    ),
    Delivery(
        state="not looked at, by its annotation",
        name="skipped",
        files=settings("skipped"),
        annotations={"argocd.argoproj.io/skip-reconcile": "true"},
        ready=lambda held: not held.get("status", {}).get("reconciledAt"),
        health="Suspended",
        why=r"Argo CD leaves it alone: its annotation skip-reconcile is true\.",
        fields={"sync": None, "revision": None, "operation": None, "app_health": None},
        needs_human=True,
    ),
    Delivery(
        state="an operation in progress",
        name="hook-runs",
        files={"settings.yaml": config_map("hook-runs"), "job.yaml": job("hook-runs", {"takes": "1h"})},
        auto=AUTO,
        ready=both(stands("Synced", phase="Running"), says("waiting for completion of hook")),
        health="Progressing",
        why=rf"Syncing to {SHA} since {DATE}: waiting for completion of hook batch/Job/hook-runs\.",
        fields={"operation": "Running"},
        needs_human=False,
    ),
    Delivery(
        state="an operation that waits for its next attempt",
        name="retrying",
        files=settings("retrying"),
        namespace="not-there",
        auto=AUTO,
        retry={"limit": 5, "backoff": {"duration": "10m"}},
        ready=both(stands("OutOfSync"), retried),
        health="Progressing",
        why=rf"The sync to {SHA} failed and is tried again: .*not found\. Retrying attempt #1 at .*\.",
        fields={"operation": "Running", "condition": None},
        needs_human=False,
    ),
    Delivery(
        state="an operation held by a sync window",
        name="window",
        files=settings("window"),
        project="closed",
        ready=both(stands("OutOfSync", phase="Running"), says("blocked by sync window")),
        health="Suspended",
        why=rf"A sync since {DATE} is held by a sync window of project t-\w+-closed\.",
        needs_human=False,
    ),
    Delivery(
        state="an operation that somebody ended",
        name="ended",
        files={"settings.yaml": config_map("ended"), "job.yaml": job("ended", {"takes": "1h"})},
        auto=AUTO,
        retry=NO_RETRY,
        ready=stands("Synced", phase="Failed"),
        health="Degraded",
        why=rf"The sync to {SHA} failed.*: Operation terminated\.",
        fields={"operation": "Failed"},
        needs_human=True,
    ),
    Delivery(
        state="a sync that failed, its namespace is missing",
        name="no-namespace",
        files=settings("no-namespace"),
        namespace="not-there",
        auto=AUTO,
        retry={"limit": 1, "backoff": {"duration": "1s"}},
        ready=stands("OutOfSync", phase="Failed", condition="SyncError"),
        health="Degraded",
        why=rf"The sync to {SHA} failed \(1 resource\): namespaces \"{{missing}}\" not found .*\.",
        fields={"condition": "SyncError", "retries": 1, "retry_limit": 1},
        needs_human=True,
    ),
    Delivery(
        state="a sync that failed, the API server refused an object",
        name="refused",
        files={
            "service.yaml": {
                "apiVersion": "v1",
                "kind": "Service",
                "metadata": {"name": "refused"},
                "spec": {"ports": [{"port": 99999}]},
            }
        },
        auto=AUTO,
        retry=NO_RETRY,
        ready=stands("OutOfSync", health="Missing", phase="Failed", condition="SyncError"),
        health="Degraded",
        why=rf"The sync to {SHA} failed \(1 resource\): Service \"refused\" is invalid: .*",
        fields={"condition": "SyncError", "app_health": "Missing"},
        needs_human=True,
    ),
    Delivery(
        state="a sync that failed, a hook failed",
        name="hook-fails",
        files={"settings.yaml": config_map("hook-fails"), "job.yaml": job("hook-fails", {"exit-code": "1"})},
        auto=AUTO,
        retry=NO_RETRY,
        ready=stands("Synced", phase="Failed"),
        health="Degraded",
        why=rf"The sync to {SHA} failed \(1 resource\): Sync hook Job hook-fails: Job has reached .* limit\.",
        needs_human=True,
    ),
]
