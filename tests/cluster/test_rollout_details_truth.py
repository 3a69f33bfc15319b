"""A Rollout's details and logs, against what the official tool draws and what kubectl holds."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import pytest_asyncio
from asking import Apply, Kubectl, own_namespace
from lab.running import Lab
from official_rollout import Node, Plugin
from patience import eventually
from rollout_states import STATES, update
from rollouts import (
    ENDLESS,
    GOOD,
    autoscaler,
    canary,
    experiment,
    metric,
    referring,
    rollout,
    template,
    unevictable,
    weight,
)
from staging import Scene, play
from telling import Told, sources, told
from watching import Follow, Seen

from trombone_tui.core.details import Branch
from trombone_tui.core.objects.basics import Health
from trombone_tui.core.ports import LogOptions
from trombone_tui.core.stage import Item

pytestmark = [
    pytest.mark.needs("rollouts", "prometheus"),
    pytest.mark.asyncio(loop_scope="module"),
    pytest.mark.timeout(180),
]

HEALTH = {
    "✔": Health.HEALTHY,
    "✖": Health.DEGRADED,
    "⚠": Health.DEGRADED,
    "◌": Health.PROGRESSING,
    "?": Health.SUSPENDED,
    "•": None,
}
"""What the official tool's marks are in our words; a ReplicaSet without pods is neither well nor ill."""
LOGS = {"logsFile": "service", "previousLogsFile": "service-previous"}
KNOWN = {scene.name: scene for scene in STATES}
SCENES = (
    *(KNOWN[name] for name in ("timed", "measuring", "judged", "undecided", "crashing", "unpullable")),
    *(KNOWN[name] for name in ("referring", "routed", "refused", "bluegreen", "soon", "dark", "switched")),
    *(KNOWN[name] for name in ("endless", "byhand", "restarting", "back", "late")),
    Scene(
        state="held by an Experiment that is measured",
        objects=(
            rollout("tried", canary(weight(25), experiment("tried"), ENDLESS), replicas=4),
            template("tried", metric("one", "vector(1)", "result[0] > 0", count=2, interval="1h")),
        ),
        acts=(update("tried"),),
        phase="Progressing",
        step="1/3",
    ),
    Scene(
        state="whose template is to come from a Deployment that is missing",
        objects=(referring("lost")[0],),
        phase="Degraded",
    ),
    Scene(
        state="that an autoscaler and a disruption budget bound",
        objects=(rollout("bounded"), autoscaler("bounded"), unevictable("bounded")),
        acts=(update("bounded"),),
        phase="Paused",
        step="1/2",
    ),
)
DRAWN = [scene for scene in SCENES if scene.name != "lost"]
"""All that the official tool can draw: it ends with an error where the Deployment is missing."""


@dataclass(frozen=True, slots=True)
class Stage:
    """All of them, brought into their states, and what is shown of them."""

    namespace: str
    kubectl: Kubectl
    plugin: Plugin
    seen: Seen

    def item(self, name: str) -> Item:
        found = self.seen.item("rollout", "Rollout", self.namespace, name)
        assert found is not None, f"{name} is not shown"
        return found

    def get(self, *words: str) -> dict[str, Any]:
        return self.kubectl.get(*words, "-n", self.namespace)

    def pods(self, name: str, of_hash: str) -> dict[str, dict[str, Any]]:
        """Return the pods of one version, by name."""
        found = self.get("pods", "-l", f"app={name},rollouts-pod-template-hash={of_hash}")["items"]
        return {one["metadata"]["name"]: one for one in found}


@pytest.fixture(scope="module")
def staged(lab: Lab) -> Iterator[str]:
    kubectl = Kubectl(lab)
    with own_namespace(kubectl) as namespace:
        play(SCENES, namespace, kubectl, Plugin(lab, namespace), seconds=60)
        yield namespace


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def stage(lab: Lab, staged: str) -> AsyncIterator[Stage]:
    async with Follow(lab)(namespaces=(staged,)) as seen:
        yield Stage(staged, Kubectl(lab), Plugin(lab, staged), seen)


@pytest.mark.parametrize("scene", DRAWN, ids=[scene.state for scene in DRAWN])
async def test_the_revisions_are_drawn_as_the_official_tool_draws_them(scene: Scene, stage: Stage) -> None:
    def right(details: Told) -> None:
        assert _ours(details) == _official(stage.plugin.shows(scene.name).tree)

    await told(stage.seen, stage.item(scene.name), right)


def _official(tree: tuple[Node, ...]) -> set[tuple[Any, ...]]:
    """Say of each line of the official tree what ours has to say."""
    said: set[tuple[Any, ...]] = set()
    ill = [node.name for node in tree if node.kind == "Pod" and HEALTH[node.icon] is Health.DEGRADED]
    for node in tree[1:]:
        health = HEALTH[node.icon]
        told = [one for one in node.info if not one.startswith("delay:")]
        if node.kind == "Pod":
            told.append(node.status)
        elif node.kind == "ReplicaSet" and any(name.startswith(f"{node.name}-") for name in ill):
            health = Health.DEGRADED  # the official tool leaves that to the pods' own lines
        said.add((node.revision, node.kind, node.name, health, frozenset(told), _delayed(node.info)))
    return said


def _delayed(info: tuple[str, ...]) -> bool:
    return any(one.startswith("delay:") for one in info)


def _ours(details: Told) -> set[tuple[Any, ...]]:
    """Say the same of our tree."""
    said: set[tuple[Any, ...]] = set()
    revision = 0
    for branch in details.tree("Revisions"):
        if found := re.fullmatch(r"revision (\d+)", branch.text):
            revision = int(found[1])
        elif match := re.fullmatch(r"(ReplicaSet|pod|AnalysisRun|Experiment) (\S+)", branch.text):
            kind = match[1].capitalize() if match[1] == "pod" else match[1]
            delayed = "scaled down in" in branch.note
            said.add((revision, kind, match[2], branch.health, frozenset(_words(kind, branch)), delayed))
    return said


def _words(kind: str, branch: Branch) -> Iterator[str]:
    """Pick from a line what the official tool says, too, in its words."""
    parts = branch.note.split(", ")
    if kind == "Pod":
        yield parts[0]
        yield f"ready:{parts[1].removesuffix(' ready')}"
        yield from (f"restarts:{one.split()[0]}" for one in parts if re.fullmatch(r"\d+ restarts?", one))
    elif kind == "ReplicaSet":
        yield from (one for one in parts if one in ("stable", "canary", "active", "preview"))
    elif kind == "AnalysisRun":
        yield from (one for one in parts if one[0] in "✔✖?⚠")


@pytest.mark.parametrize(("name", "path"), [("timed", ("canary",)), ("soon", ("blueGreen",))])
async def test_the_time_left_in_a_pause_is_what_remains_of_it(
    name: str, path: tuple[str, ...], stage: Stage
) -> None:
    (pause,) = stage.get("rollout", name)["status"]["pauseConditions"]
    ends = datetime.fromisoformat(pause["startTime"]) + timedelta(hours=1)

    def right(details: Told) -> None:
        left = ends - datetime.now(UTC)
        assert details.fact("Rollout", "Held until") == ends
        assert _seconds(str(details.fact("Rollout", "Time left"))) == pytest.approx(
            left.total_seconds(), abs=3
        )

    await told(stage.seen, stage.item(name), right)


def _seconds(words: str) -> int:
    """Read ``59 min 44 s left of 1 h, until …``."""
    found = re.match(r"(\d+) min (?:(\d+) s )?left of 1 h, until ", words)
    assert found, words
    return int(found[1]) * 60 + int(found[2] or 0)


async def test_the_current_step_is_marked_and_says_what_it_waits_for(stage: Stage) -> None:
    expected = {
        "timed": ("pause 1 h", r"\d+ min \d+ s left of 1 h, until .*"),
        "endless": ("pause until promoted", r"held for .*"),
        "measuring": ("analysis measuring", r"measuring-\w+-2-1: Running, ✔ 1"),
        "tried": ("experiment old, new", r"tried-\w+-2-1"),
        "crashing": ("set weight 50 %", "0 of 1 canary pod available"),
    }
    for name, (text, note) in expected.items():

        def right(details: Told, name: str = name, text: str = text, note: str = note) -> None:
            steps = details.steps("Steps")
            index = stage.get("rollout", name)["status"]["currentStepIndex"]
            assert [one.done for one in steps] == [place < index for place in range(len(steps))]
            (current,) = (one for one in steps if one.current)
            assert steps.index(current) == index
            assert current.text == text
            assert re.fullmatch(note, current.note), current.note

        await told(stage.seen, stage.item(name), right)


@pytest.mark.parametrize(
    ("name", "reason", "side"),
    [("crashing", "CrashLoopBackOff", "canary"), ("unpullable", "ImagePullBackOff", "canary"),
     ("dark", "ImagePullBackOff", "preview")],
)  # fmt: skip
async def test_pods_that_do_not_start_are_named_with_their_reason_and_their_logs_come_first(
    name: str, reason: str, side: str, stage: Stage
) -> None:
    held = stage.get("rollout", name)
    pods = stage.pods(name, held["status"]["currentPodHash"])

    why = stage.item(name).why
    named = re.search(rf"{side} pod (\w+)(?: and (\d+) more)?: container app: {reason}", why)
    assert named, why
    assert any(pod.endswith(f"-{named[1]}") for pod in pods)
    assert int(named[2] or 0) == len(pods) - 1
    found = await sources(stage.seen, stage.item(name), lambda those: len(those) == len(pods) + 2)
    assert {one.pod for one in found[: len(pods)]} == set(pods)
    assert all(one.failed and one.label.startswith(f"{side} ") for one in found[: len(pods)])
    assert not any(one.failed for one in found[len(pods) :])
    if name == "crashing":
        assert found[0].restarts > 0


async def test_the_log_before_a_restart_is_the_one_that_kubectl_prints(stage: Stage, lab: Lab) -> None:
    """Containers do not run in the lab, so kwok is told what the crashing pod wrote."""
    found = await sources(stage.seen, stage.item("crashing"), lambda those: bool(those and those[0].restarts))
    files = {key: str(lab.run / "cri" / f"{name}.log") for key, name in LOGS.items()}
    Apply(stage.kubectl)(
        {
            "apiVersion": "kwok.x-k8s.io/v1alpha1",
            "kind": "Logs",
            "metadata": {"name": found[0].pod, "namespace": stage.namespace},
            "spec": {"logs": [files]},
        }
    )
    words = ("logs", found[0].pod, "-n", stage.namespace)
    printed = await eventually(
        lambda: stage.kubectl(*words, "--previous", check=False).splitlines(), what="kubectl logs --previous"
    )
    assert printed != stage.kubectl(*words).splitlines()
    options = LogOptions(follow=False, previous=True)
    cluster = stage.item("crashing").ref.cluster
    ours = [line.text async for batch in stage.seen.live.log(cluster, found[0], options) for line in batch]
    assert ours == printed


async def test_the_progress_deadline_is_told_with_what_happens_when_it_passes(stage: Stage) -> None:
    for name, passes in (("crashing", "it is only said (no abort)"), ("late", "the update is aborted")):

        def right(details: Told, passes: str = passes) -> None:
            assert str(details.fact("Limits", "Progress deadline")).startswith("3 s, ")
            assert details.fact("Limits", "When it passes") == passes

        await told(stage.seen, stage.item(name), right)


async def test_a_template_from_a_deployment_is_told_and_a_missing_one_is_why(stage: Stage) -> None:
    def there(details: Told) -> None:
        assert details.fact("Versions", "Template from") == "Deployment referring"
        assert not details.named("Versions", "Deployment referring")

    def missing(details: Told) -> None:
        assert "not found" in str(details.fact("Versions", "Deployment lost"))

    await told(stage.seen, stage.item("referring"), there)
    await told(stage.seen, stage.item("lost"), missing)
    assert stage.item("lost").why.startswith("The template is to come from Deployment lost, which is missing")


async def test_an_autoscaler_and_a_disruption_budget_are_told_as_kubectl_has_them(stage: Stage) -> None:
    def right(details: Told) -> None:
        scaler = stage.get("hpa", "bounded")
        status, spec = scaler["status"], scaler["spec"]
        assert details.fact("Limits", "Autoscaler") == (
            f"bounded: {spec['minReplicas']} to {spec['maxReplicas']} pods,"
            f" has {status['currentReplicas']}, wants {status['desiredReplicas']}"
        )
        (active,) = (one for one in status["conditions"] if one["type"] == "ScalingActive")
        assert (active["status"], details.fact("Limits", "Autoscaler ScalingActive")) == (
            "False",
            active["message"],
        )
        counted = stage.get("pdb", "bounded")["status"]
        assert details.fact("Limits", "Disruption budget") == (
            f"bounded: at most 0 missing; {counted['disruptionsAllowed']} may be evicted now,"
            f" {counted['currentHealthy']} of {counted['expectedPods']} healthy,"
            f" {counted['desiredHealthy']} needed"
        )

    await told(stage.seen, stage.item("bounded"), right, seconds=45)


async def test_what_is_live_is_the_stable_replicasets_image_whatever_is_on_its_way(stage: Stage) -> None:
    for name in ("timed", "judged", "refused", "late", "bluegreen", "dark", "switched", "back"):
        held = stage.get("rollout", name)
        of_blue = held["status"].get("blueGreen", {}).get("activeSelector")
        live = of_blue or held["status"]["stableRS"]
        (owned,) = stage.get("replicasets", "-l", f"app={name},rollouts-pod-template-hash={live}")["items"]
        image = owned["spec"]["template"]["spec"]["containers"][0]["image"]

        def right(details: Told, image: str = image) -> None:
            assert details.fact("Live", "Live image") == image
            assert details.fact("Live", "Argo CD says") == "no Application manages it"

        await told(stage.seen, stage.item(name), right)


async def test_the_traffic_router_is_named_with_what_it_was_told(stage: Stage) -> None:
    for name, split in (("routed", (70, 30)), ("refused", (100, 0))):
        ingress = stage.get("ingress", f"{name}-{name}-canary")
        told_to = ingress["metadata"]["annotations"]["nginx.ingress.kubernetes.io/canary-weight"]
        assert told_to == str(split[1])

        def right(details: Told, name: str = name, split: tuple[int, int] = split) -> None:
            assert details.fact("Traffic", "Router") == "nginx"
            assert details.fact("Traffic", "Ingress") == name
            assert details.fact("Traffic", "Router's stable weight") == f"{split[0]} % to {name}-stable"
            assert details.fact("Traffic", "Router's canary weight") == f"{split[1]} % to {name}-canary"

        await told(stage.seen, stage.item(name), right)


async def test_a_blue_green_rollout_tells_its_services_and_how_it_is_promoted(stage: Stage) -> None:
    promoted = {
        "bluegreen": r"no: it waits for promote",
        "soon": r"yes \(the default\), 3600 s after it is ready",
        "dark": r"yes \(the default\), as soon as it is ready",
    }
    for name, how in promoted.items():
        services = {one["metadata"]["name"]: one for one in stage.get("services")["items"]}
        preview = services[f"{name}-preview"]["spec"]["selector"]["rollouts-pod-template-hash"]

        def right(details: Told, name: str = name, how: str = how, preview: str = preview) -> None:
            assert details.fact("Promotion", "Preview service") == f"{name}-preview"
            assert details.fact("Versions", "Preview hash") == preview
            assert re.fullmatch(how, str(details.fact("Promotion", "Promoted by itself")))
            assert details.fact("Versions", "Active image") == GOOD

        await told(stage.seen, stage.item(name), right)


async def test_an_abort_is_told_with_when_why_and_by_which_metric(stage: Stage) -> None:
    held = stage.get("rollout", "judged")
    at = datetime.fromisoformat(held["status"]["abortedAt"])
    message = held["status"]["message"]

    def right(details: Told) -> None:
        assert details.fact("Rollout", "Aborted") == at
        assert message.endswith(str(details.fact("Rollout", "Abort reason")))
        assert re.fullmatch(
            r"analysis judged-\w+-2-1: one 1 against result\[0\] > 1, 1 failed, 0 allowed \(the default\)",
            str(details.fact("Rollout", "Aborted by")),
        )

    await told(stage.seen, stage.item("judged"), right)


async def test_kubernetes_events_stand_at_the_end_and_repeated_ones_are_one_line(stage: Stage) -> None:
    """The pods of this one may not be evicted, so the controller says so again and again."""
    uid = stage.get("rollout", "restarting")["metadata"]["uid"]

    def right(details: Told) -> None:
        held = stage.get("events", "--field-selector", f"involvedObject.uid={uid}")["items"]
        assert details.titles[-1] == "Events"
        said = {(one["reason"], " ".join(one["message"].split())) for one in held}
        lines = [re.sub(r" \(×\d+.*\)$", "", line.text) for line in details.lines("Events")]
        assert sorted(lines) == sorted(f"{reason}: {message}" for reason, message in said)
        assert [line.at for line in details.lines("Events")] == sorted(
            line.at for line in details.lines("Events") if line.at
        )

    await told(stage.seen, stage.item("restarting"), right)


async def test_the_whole_object_is_the_one_that_kubectl_prints(stage: Stage) -> None:
    whole: dict[str, Any] = dict(await stage.seen.live.whole(stage.item("byhand").ref))
    held = stage.get("rollout", "byhand", "--show-managed-fields=true")
    assert whole == held
