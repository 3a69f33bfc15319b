"""The whole way of a push through real controllers, each hop as ``status`` shows it, in its time box."""

from __future__ import annotations

import json
import secrets
import subprocess
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import pytest
from asking import Kubectl, Status
from hops import (
    APPLICATION,
    ROLLOUT,
    SENSOR,
    UPDATER,
    Change,
    Row,
    canary,
    item,
    label_of,
    runs,
    sha_of,
    workflows,
)
from lab import hook
from lab.parts.demo import IMAGE
from lab.running import Lab
from patience import until
from watching import Follow

pytestmark = [
    pytest.mark.needs("events", "workflows", "images", "argocd", "rollouts", "prometheus", "demo"),
    pytest.mark.timeout(150),
]
STAGES = ("events", "workflows", "images", "sync", "rollout", "metrics")
REGISTRY = "127.0.0.1:5000"
ENDED = ("Healthy", "Degraded", "Paused")


@pytest.fixture
def start(status: Status) -> Iterator[Mapping[str, Any]]:
    """What is shown before a push, when the Rollout has come to rest; the canary is good again afterwards."""
    yield until(
        lambda: (seen := status()) and item(seen, ROLLOUT)["fields"]["phase"] in ENDED and seen,
        seconds=60,
        what="a Rollout at rest",
    )
    canary(bad=False)


def shown(
    status: Status,
    where: tuple[str, str, str, str],
    ready: Callable[[Mapping[str, Any]], object],
    *,
    seconds: float,
    what: str,
) -> Row:
    """Return a row as soon as its fields are as wanted."""

    def look() -> Row | None:
        row = item(status(), where)
        assert ready(row["fields"]), (row["health"], row["fields"])
        return row

    return until(look, seconds=seconds, what=what, step=0.2)


def built(change: Change, before: Mapping[str, Any], status: Status, kubectl: Kubectl) -> None:
    """Follow a push to its image."""
    assert change.push() == 200
    had = workflows(before)

    def started() -> Row | None:
        now = workflows(status())
        (name,) = now.keys() - had.keys() or ("",)
        assert name
        assert sha_of(kubectl, name) == change.sha
        return now[name]

    row = until(started, seconds=15, what="one new Workflow, of this push")
    where = ("workflows", "Workflow", "ci", row["name"])
    sensor = shown(
        status,
        SENSOR,
        lambda f: change.after_push(f["last_seen"]),
        seconds=5,
        what="the Sensor's last push",
    )
    assert sensor["fields"]["workflows"] == item(before, SENSOR)["fields"]["workflows"] + 1
    change.note("events", sensor, sha=change.sha)
    row = shown(status, where, lambda f: f["phase"] == "Succeeded", seconds=30, what="the build")
    assert (row["health"], row["fields"]["progress"], row["fields"]["tag"]) == (
        "Healthy",
        "3/3",
        change.tag,
    )
    change.note("workflows", row, sha=change.sha, tag=row["fields"]["tag"])
    change.publish()
    assert label_of(change.tag) == change.sha


def delivered(change: Change, status: Status) -> Row:
    """Follow an image to its canary; return the Rollout's row."""
    image = f"{REGISTRY}/{IMAGE}"
    row = shown(
        status, UPDATER, lambda f: f["last_version"] == change.tag, seconds=40, what="the updater's choice"
    )
    assert row["fields"]["image"] == image
    assert change.after_push(row["fields"]["last_update"])
    change.note("images", row, image=image, tag=change.tag)
    config = until(change.committed, seconds=5, what="the updater's commit")
    row = shown(
        status,
        APPLICATION,
        lambda f: f["revision"] == config and f["operation"] == "Succeeded",
        seconds=40,
        what="the sync",
    )
    assert (row["fields"]["sync"], row["fields"]["commit"]) == ("Synced", config[:7])
    assert change.after_push(row["fields"]["deployed_at"])
    change.note("sync", row, revision=config)
    row = shown(
        status,
        ROLLOUT,
        lambda f: f["canary_image"] == f"{image}:{change.tag}" and (f["actual_weight"] or f["aborted"]),
        seconds=40,
        what="traffic on the canary",
    )
    weights = (row["fields"]["set_weight"], row["fields"]["actual_weight"])
    assert weights == (20, 20) or row["fields"]["aborted"] or row["fields"]["step"] >= 3, row
    change.note("rollout", row, image=f"{image}:{change.tag}", revision=row["fields"]["revision"])
    return row


def judged(change: Change, status: Status, revision: int, phase: str) -> Row:
    """Return the metric of this push's analysis once it has ended as expected."""

    def ended() -> Row | None:
        found = runs(status(), revision)
        assert len(found) == 1
        row = found[0]
        assert row["fields"]["phase"] == phase, row["why"]
        return row

    row = until(ended, seconds=40, what=f"the analysis to be {phase}", step=0.2)
    change.note("metrics", row, revision=row["fields"]["revision"], owner=row["fields"]["owner"])
    return row


def test_a_push_with_a_wrong_signature_is_refused_and_shown_as_nothing(
    status: Status, kubectl: Kubectl
) -> None:
    before, sha = status(), f"bad{secrets.token_hex(20)}"[:40]
    assert hook.push(sha, secret=b"wrong") == 400
    after = status()
    others = workflows(after).keys() - workflows(before).keys()
    assert sha not in {sha_of(kubectl, name) for name in others}
    assert sha[:7] not in json.dumps(after)
    seen = [item(document, SENSOR)["fields"] for document in (before, after)]
    assert seen[1]["workflows"] - seen[0]["workflows"] <= len(others)


def test_a_signed_push_is_built_tagged_synced_tried_measured_and_promoted(
    start: Mapping[str, Any], lab: Lab, status: Status, kubectl: Kubectl
) -> None:
    change = Change()
    canary(bad=False)
    assert hook.push("0" * 40, secret=b"wrong") == 400
    built(change, start, status, kubectl)
    row = delivered(change, status)
    revision = row["fields"]["revision"]
    metric = judged(change, status, revision, "Successful")
    assert (metric["health"], metric["fields"]["measured"], metric["fields"]["failures"]) == ("Healthy", 3, 0)
    held = shown(
        status,
        ROLLOUT,
        lambda f: f["actual_weight"] == 60 and f["phase"] == "Paused",
        seconds=30,
        what="60 %",
    )
    assert (held["health"], held["fields"]["message"], held["fields"]["step"]) == (
        "Suspended", "CanaryPauseStep", 4,
    )  # fmt: skip
    plugin = (
        lab.bin("kubectl-argo-rollouts"),
        f"--kubeconfig={lab.kubeconfig()}",
        "promote",
        "demo",
        "-n",
        "shop",
    )
    subprocess.run(plugin, check=True, capture_output=True, timeout=20)
    image = f"{REGISTRY}/{IMAGE}:{change.tag}"
    ready = shown(status, ROLLOUT, lambda f: f["phase"] == "Healthy", seconds=40, what="the promotion")
    assert (ready["fields"]["stable_image"], ready["fields"]["canary_image"]) == (image, None)
    assert ready["fields"]["revision"] == revision
    change.note("rollout", ready, image=image, revision=revision)
    shown(status, UPDATER, lambda f: change.tag in f["tag"].split(", "), seconds=20, what="its tag running")
    shown(
        status, APPLICATION, lambda f: f["app_health"] == "Healthy", seconds=20, what="a healthy Application"
    )
    assert list(change.hops) == list(STAGES)
    change.keep(lab)


def test_a_push_whose_canary_fails_its_analysis_is_aborted_and_the_stable_version_stays(
    start: Mapping[str, Any], lab: Lab, status: Status, kubectl: Kubectl
) -> None:
    change = Change()
    stable = item(start, ROLLOUT)["fields"]["stable_image"]
    canary(bad=True)
    built(change, start, status, kubectl)
    row = delivered(change, status)
    metric = judged(change, status, row["fields"]["revision"], "Failed")
    assert metric["health"] == "Degraded"
    assert 0.7 < metric["fields"]["value"] < 0.95
    assert metric["why"].startswith("success-rate failed at 0.")
    ended = shown(status, ROLLOUT, lambda f: f["aborted"] is True, seconds=20, what="the abort")
    assert (ended["health"], ended["fields"]["phase"]) == ("Degraded", "Degraded")
    assert ended["why"].startswith(f"Aborted the update to revision {row['fields']['revision']}")
    assert (ended["fields"]["stable_image"], ended["fields"]["analysis_phase"]) == (stable, "Failed")
    change.note("rollout", ended, image=stable, revision=row["fields"]["revision"])
    synced = shown(
        status,
        APPLICATION,
        lambda f: f["app_health"] == "Degraded",
        seconds=20,
        what="a degraded Application",
    )
    assert (synced["fields"]["sync"], synced["fields"]["revision"]) == ("Synced", change.config)
    assert "through Rollout demo" in synced["why"]
    updater = item(status(), UPDATER)["fields"]
    assert (updater["last_version"], updater["tag"]) != (updater["tag"], change.tag)
    change.keep(lab)


async def test_the_updater_application_rollout_and_analyses_of_a_delivery_are_one_service(
    follow: Follow, kubectl: Kubectl
) -> None:
    async with follow() as seen:
        (service,) = (one for one in seen.snapshot.services.values() if one.name == "demo")
    parts = {stage: {ref.uid for ref in hop.refs} for stage, hop in service.hops.items()}
    one = "jsonpath={.metadata.uid}"
    assert parts["images"] == {kubectl("get", "imageupdater", "demo", "-n", "argocd", "-o", one)}
    assert parts["sync"] == {kubectl("get", "application", "demo", "-n", "argocd", "-o", one)}
    assert parts["rollout"] == {kubectl("get", "rollout", "demo", "-n", "shop", "-o", one)}
    latest = kubectl.get("rollout", "demo", "-n", "shop")["status"]["currentPodHash"]
    runs = kubectl.get("analysisruns", "-n", "shop", "-l", f"rollouts-pod-template-hash={latest}")["items"]
    assert parts["metrics"] == {run["metadata"]["uid"] for run in runs} != set()
