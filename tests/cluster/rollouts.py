"""Builds Rollouts, what they refer to, and analyses for a real control plane."""

from __future__ import annotations

from typing import Any

API = "argoproj.io/v1alpha1"
GOOD, WANTED = "shop/web:1", "shop/web:2"
CRASHES, CANNOT_BE_PULLED = "shop/crash:2", "shop/pullfail:2"
"""Images by whose names the simulated kubelet knows what to do."""
NOBODY_LISTENS = "http://127.0.0.1:1"
ENDLESS: dict[str, Any] = {"pause": {}}

Made = dict[str, Any]


def weight(percent: int) -> Made:
    return {"setWeight": percent}


def pause(duration: str) -> Made:
    return {"pause": {"duration": duration}}


def analysis(*templates: str) -> Made:
    return {"analysis": {"templates": [{"templateName": name} for name in templates]}}


def canary(*steps: Made, **more: Any) -> Made:
    return {"canary": {**({"steps": list(steps)} if steps else {}), **more}}


def rollout(
    name: str, strategy: Made | None = None, *, image: str = GOOD, replicas: int = 2, **spec: Any
) -> Made:
    """Make a Rollout; without a strategy a canary that waits at half of the pods for ever."""
    return {
        "apiVersion": API,
        "kind": "Rollout",
        "metadata": {"name": name, "labels": {"app": name}},
        "spec": {
            "replicas": replicas,
            "selector": {"matchLabels": {"app": name}},
            "template": pods(name, image),
            "strategy": strategy or canary(weight(50), ENDLESS),
            **spec,
        },
    }


def pods(name: str, image: str = GOOD) -> Made:
    """Make a template of pods."""
    return {"metadata": {"labels": {"app": name}}, "spec": {"containers": [{"name": "app", "image": image}]}}


def referring(name: str) -> tuple[Made, Made]:
    """Make a Deployment without pods and a Rollout that takes its template."""
    made = rollout(name)
    del made["spec"]["template"]
    made["spec"]["workloadRef"] = {"apiVersion": "apps/v1", "kind": "Deployment", "name": name}
    selector = {"matchLabels": {"app": name}}
    return made, {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": name},
        "spec": {"replicas": 0, "selector": selector, "template": pods(name)},
    }


def routed(name: str, *steps: Made, routing: Made | None = None) -> tuple[Made, ...]:
    """Make a canary whose traffic an Ingress of nginx splits; aborted, its pods stay for ten minutes."""
    stable, new = f"{name}-stable", f"{name}-canary"
    traffic = {"nginx": {"stableIngress": name}, **(routing or {})}
    services = {"canaryService": new, "stableService": stable}
    strategy = canary(*steps, **services, trafficRouting=traffic, abortScaleDownDelaySeconds=600)
    backend = {"service": {"name": stable, "port": {"number": 80}}}
    ingress = {
        "apiVersion": "networking.k8s.io/v1",
        "kind": "Ingress",
        "metadata": {"name": name},
        "spec": {
            "ingressClassName": "nginx",
            "rules": [{"http": {"paths": [{"path": "/", "pathType": "Prefix", "backend": backend}]}}],
        },
    }
    return rollout(name, strategy), service(stable, name), service(new, name), ingress


def blue_green(name: str, **more: Any) -> tuple[Made, ...]:
    """Make a Rollout with an active and a preview Service; old pods stay for ten minutes."""
    active, preview = f"{name}-active", f"{name}-preview"
    strategy = {
        "blueGreen": {
            "activeService": active,
            "previewService": preview,
            "scaleDownDelaySeconds": 600,
            "abortScaleDownDelaySeconds": 600,
            **more,
        }
    }
    return rollout(name, strategy), service(active, name), service(preview, name)


def service(name: str, app: str) -> Made:
    return {
        "apiVersion": "v1",
        "kind": "Service",
        "metadata": {"name": name},
        "spec": {"selector": {"app": app}, "ports": [{"port": 80}]},
    }


def unevictable(name: str) -> Made:
    """Make a budget that lets nobody evict the pods of an app, so that a restart never ends."""
    return {
        "apiVersion": "policy/v1",
        "kind": "PodDisruptionBudget",
        "metadata": {"name": name},
        "spec": {"maxUnavailable": 0, "selector": {"matchLabels": {"app": name}}},
    }


def autoscaler(name: str) -> Made:
    """Make an autoscaler of a Rollout by a figure that nobody measures in the lab."""
    cpu = {"name": "cpu", "target": {"type": "Utilization", "averageUtilization": 60}}
    return {
        "apiVersion": "autoscaling/v2",
        "kind": "HorizontalPodAutoscaler",
        "metadata": {"name": name},
        "spec": {
            "scaleTargetRef": {"apiVersion": API, "kind": "Rollout", "name": name},
            "minReplicas": 2,
            "maxReplicas": 6,
            "metrics": [{"type": "Resource", "resource": cpu}],
        },
    }


def experiment(*templates: str) -> Made:
    """Make a step that runs both versions beside each other while they are measured."""
    analyses = [{"name": name, "templateName": name, "requiredForCompletion": True} for name in templates]
    both = [{"name": "old", "specRef": "stable"}, {"name": "new", "specRef": "canary"}]
    return {"experiment": {"templates": both, "analyses": analyses}}


def template(name: str, *metrics: Made, only_watched: tuple[str, ...] = ()) -> Made:
    """Make an AnalysisTemplate; metrics that are only watched never decide."""
    dry = {"dryRun": [{"metricName": metric} for metric in only_watched]} if only_watched else {}
    return {
        "apiVersion": API,
        "kind": "AnalysisTemplate",
        "metadata": {"name": name},
        "spec": {"metrics": list(metrics), **dry},
    }


def metric(name: str, query: str, success: str | None = None, *, address: str = "", **more: Any) -> Made:
    """Make a metric that asks Prometheus; without an address the one that the controller is set to."""
    prometheus = {"query": query, **({"address": address} if address else {})}
    condition = {"successCondition": success} if success else {}
    return {"name": name, "provider": {"prometheus": prometheus}, **condition, **more}
