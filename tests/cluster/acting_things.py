"""One object of every kind that something can be done to, in a namespace of a test's own."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from acting_hands import VERBS
from asking import Apply, Kubectl, own_namespace
from lab.running import Lab
from official_rollout import Plugin
from patience import until
from rollout_states import PAUSED
from rollouts import metric, pods, template
from staging import Scene, play
from twin_rollouts import endless, one, updated
from workflow_build import flow, pod, steps, task

API, UPDATING = "argoproj.io/v1alpha1", "argocd-image-updater.argoproj.io/v1alpha1"
GATE = flow(steps(task("wait", "gate")), {"name": "gate", "suspend": {}})
LISTED = {"argocd-image-updater.argoproj.io/image-list": "app=shop/app:1.x"}
HOOK = {"port": "12000", "endpoint": "/push", "method": "POST"}
READY = 'jsonpath={.items[*].status.conditions[?(@.type=="Ready")].status}'
GIVEN: Mapping[tuple[str, str], Mapping[str, Any]] = {
    ("Rollout", "set"): {"image": ("app=shop/web:9",)},
    ("ImageUpdater", "hold"): {"tag": "1.0.1"},
    ("Application", "hold"): {"tag": "1.0.1"},
    ("EventSource", "trigger"): {"sha": "3f2a9c1d4e5b6a7f8091a2b3c4d5e6f708192a3b"},
}
"""The options without which a verb can't be prepared."""


@dataclass(frozen=True, slots=True)
class Things:
    """The namespace, and what is in none."""

    namespace: str

    @property
    def wide(self) -> str:
        """The ClusterWorkflowTemplate."""
        return f"{self.namespace}-wide"

    def given(self, kind: str, verb: str) -> dict[str, Any]:
        """Return the options that a verb is given."""
        made = {"namespace": self.namespace} if kind == "ClusterWorkflowTemplate" else {}
        return {**made, **GIVEN.get((kind, verb), {})}


def _made(kind: str, name: str, spec: Any, api: str = API, **meta: Any) -> dict[str, Any]:
    return {"apiVersion": api, "kind": kind, "metadata": {"name": name, **meta}, "spec": spec}


def _experiment() -> dict[str, Any]:
    selector = {"matchLabels": {"app": "tried"}}
    tried = {"name": "new", "replicas": 1, "selector": selector, "template": pods("tried")}
    return _made("Experiment", "tried", {"templates": [tried]})


@contextmanager
def things(lab: Lab) -> Iterator[Things]:
    """Make them for a block: a paused canary, one that measures, and what else there is."""
    kubectl = Kubectl(lab)
    source = {"repoURL": "file:///nowhere.git", "path": ".", "targetRevision": "main"}
    app = {"project": "default", "source": source, "destination": {"name": "in-cluster"}}
    image = {"alias": "app", "imageName": "shop/app:1.x"}
    with own_namespace(kubectl, wide="clusterworkflowtemplate") as namespace:
        made = Things(namespace)
        apply = Apply(kubectl)
        apply(_made("ClusterWorkflowTemplate", made.wide, flow(pod())))
        apply(
            [
                _made("Application", "app", app, annotations=LISTED),
                _made(
                    "ImageUpdater",
                    "updater",
                    {"applicationRefs": [{"namePattern": "none", "images": [image]}]},
                    UPDATING,
                ),
                _made("Workflow", "gate", GATE),
                _made("CronWorkflow", "nightly", {"schedules": ["0 3 1 1 *"], "workflowSpec": GATE}),
                _made("WorkflowTemplate", "release", flow(pod())),
                template("never", metric("one", "vector(1)", "result[0] >= 0", interval="1s", count=10000)),
                _experiment(),
                _made(
                    "EventBus",
                    "default",
                    {"jetstreamExotic": {"url": "nats://127.0.0.1:4222", "streamConfig": ""}},
                ),
                _made("EventSource", "hook", {"webhook": {"push": HOOK}}),
            ],
            made.namespace,
        )
        pods_ready = ("pods", "-n", namespace, "-l", "eventsource-name=hook", "-o", READY)
        until(lambda: "True" in kubectl("get", *pods_ready), what="the event source's pod is ready")
        scenes = [
            Scene(state="a", objects=one()("paused"), acts=updated("paused"), phase="Paused", message=PAUSED),
            Scene(
                state="b",
                objects=endless("measured-0"),
                acts=updated("measured-0"),
                phase="Progressing",
                step="1/3",
            ),
        ]
        play(scenes, made.namespace, kubectl, Plugin(lab, made.namespace))
        yield made


KINDS = {kind for kind, _ in VERBS}
"""The kinds that something can be done to."""
