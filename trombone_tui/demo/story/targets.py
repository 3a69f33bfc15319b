"""What a service's config repository holds: the objects Argo CD applies, at one image tag."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from trombone_tui.demo.story import pods
from trombone_tui.demo.story.services import ServicePlan, Strategy
from trombone_tui.demo.story.world import owner

Object = dict[str, Any]

ROLLOUTS = "rollouts.argoproj.io"
INGRESSES = "ingresses.networking.k8s.io"
TEMPLATES = "analysistemplates.argoproj.io"
ADDRESS = "192.0.2.10"
"""Where the Ingress controller takes requests."""
LATENCY = "p95-latency"
"""The ClusterAnalysisTemplate that services share."""
APPLIED = "kubectl.kubernetes.io/last-applied-configuration"
_WRITTEN = {"services": ("ports", "selector", "sessionAffinity", "type")}
"""What people write of a spec; the rest of it is what the API server adds."""


def targets(plan: ServicePlan, tag: str, prometheus: str) -> list[tuple[str, Object]]:
    """Return the objects, with the names the store has for their kinds, in the order they are applied."""
    found: list[tuple[str, Object]] = [("services", _service(plan, name)) for name in service_names(plan)]
    if plan.strategy is Strategy.CANARY:
        found.append((INGRESSES, _ingress(plan)))
    found.append((ROLLOUTS, rollout(plan, tag)))
    if any("analysis" in step for step in plan.steps) and plan.strategy is not Strategy.BLUE_GREEN:
        found.append((TEMPLATES, _analysis_template(plan, prometheus)))
    return found


def manifest(resource: str, api_version: str, kind: str, target: Mapping[str, Any]) -> Object:
    """Return an object as it stands in git."""
    keys = _WRITTEN.get(resource, tuple(target["spec"]))
    spec = {key: value for key, value in target["spec"].items() if key in keys}
    return {"apiVersion": api_version, "kind": kind, "metadata": target["metadata"], "spec": spec}


def service_names(plan: ServicePlan) -> tuple[str, ...]:
    """Name the Services of a plan: the one for users first."""
    if plan.strategy is Strategy.BLUE_GREEN:
        return (f"{plan.name}-active", f"{plan.name}-preview")
    if plan.strategy is Strategy.CANARY:
        return (f"{plan.name}-stable", f"{plan.name}-canary")
    return (plan.name,)


def _metadata(plan: ServicePlan, name: str, group_kind: str) -> Object:
    return {
        "name": name,
        "namespace": plan.namespace,
        "labels": {"trombone.dev/app": plan.name, "app.kubernetes.io/part-of": plan.namespace},
        "annotations": {
            "argocd.argoproj.io/tracking-id": f"{plan.name}:{group_kind}:{plan.namespace}/{name}"
        },
    }


def rollout(plan: ServicePlan, tag: str) -> Object:
    """Return the Rollout."""
    labels = {"app": plan.name}
    container = pods.containers([("app", f"{plan.image}:{tag}")])[0]
    container = {key: container[key] for key in ("name", "image", "ports")}
    container["readinessProbe"] = {"httpGet": {"path": "/healthz", "port": 8080}, "periodSeconds": 2}
    return {
        "metadata": _metadata(plan, plan.name, "argoproj.io/Rollout"),
        "spec": {
            "replicas": plan.replicas,
            "revisionHistoryLimit": 5,
            "selector": {"matchLabels": labels},
            "strategy": _strategy(plan),
            "template": {
                "metadata": {"labels": {**labels, "trombone.dev/app": plan.name}},
                "spec": {"containers": [container]},
            },
        },
    }


def _strategy(plan: ServicePlan) -> Object:
    names = service_names(plan)
    if plan.strategy is Strategy.BLUE_GREEN:
        return {
            "blueGreen": {
                "activeService": names[0],
                "previewService": names[1],
                "autoPromotionEnabled": True,
                "autoPromotionSeconds": 40,
            }
        }
    canary: Object = {"steps": [_step(plan, step) for step in plan.steps]}
    if plan.strategy is Strategy.CANARY:
        canary |= {
            "stableService": names[0],
            "canaryService": names[1],
            "trafficRouting": {"nginx": {"stableIngress": plan.name}},
        }
    return {"canary": canary}


def _step(plan: ServicePlan, step: Mapping[str, Any]) -> Object:
    """Return a step; an analysis is that of the service's own template."""
    if "analysis" in step:
        templates: list[Object] = [{"templateName": _template_name(plan)}]
        if not plan.latency_checked:
            return {"analysis": {"templates": templates}}
        templates.append({"templateName": LATENCY, "clusterScope": True})
        return {"analysis": {"args": [{"name": "service", "value": plan.name}], "templates": templates}}
    return dict(step)


def _template_name(plan: ServicePlan) -> str:
    return f"{plan.name}-success-rate"


def _service(plan: ServicePlan, name: str) -> Object:
    number = sum(name.encode()) % 250 + 1
    return {
        "metadata": _metadata(plan, name, "/Service"),
        "spec": {
            "ports": [{"protocol": "TCP", "port": 80, "targetPort": 8080}],
            "selector": {"app": plan.name},
            "clusterIP": f"10.96.0.{number}",
            "clusterIPs": [f"10.96.0.{number}"],
            "type": "ClusterIP",
            "sessionAffinity": "None",
            "ipFamilies": ["IPv4"],
            "ipFamilyPolicy": "SingleStack",
            "internalTrafficPolicy": "Cluster",
        },
        "status": {"loadBalancer": {}},
    }


def _ingress(plan: ServicePlan) -> Object:
    return {
        "metadata": _metadata(plan, plan.name, "networking.k8s.io/Ingress"),
        "spec": _ingress_spec(f"{plan.name}.example", f"{plan.name}-stable"),
        "status": {"loadBalancer": {"ingress": [{"ip": ADDRESS}]}},
    }


def canary_ingress(parent: Mapping[str, Any], name: str, weight: int) -> Object:
    """Return the Ingress that the Rollouts controller adds for the canary's share."""
    service = parent["spec"]["strategy"]["canary"]["canaryService"]
    return {
        "metadata": {
            "name": name,
            "namespace": parent["metadata"]["namespace"],
            "annotations": {
                "nginx.ingress.kubernetes.io/canary": "true",
                "nginx.ingress.kubernetes.io/canary-weight": str(weight),
            },
            "ownerReferences": [owner(parent)],
        },
        "spec": _ingress_spec(f"{parent['metadata']['name']}.example", service),
        "status": {"loadBalancer": {"ingress": [{"ip": ADDRESS}]}},
    }


def _ingress_spec(host: str, service: str) -> Object:
    backend = {"service": {"name": service, "port": {"number": 80}}}
    path = {"path": "/", "pathType": "Prefix", "backend": backend}
    return {"ingressClassName": "nginx", "rules": [{"host": host, "http": {"paths": [path]}}]}


def _analysis_template(plan: ServicePlan, prometheus: str) -> Object:
    labels = f'service="{plan.name}",track="canary"'
    query = (
        f'sum(rate(http_requests_total{{{labels},code!~"5.."}}[30s]))\n'
        f"/ sum(rate(http_requests_total{{{labels}}}[30s]))\n"
    )
    return {
        "metadata": _metadata(plan, _template_name(plan), "argoproj.io/AnalysisTemplate"),
        "spec": {
            "metrics": [
                {
                    "name": "success-rate",
                    "interval": "5s",
                    "count": 5,
                    "failureLimit": 1,
                    "successCondition": "len(result) > 0 && result[0] >= 0.95",
                    "provider": {"prometheus": {"address": prometheus, "query": query}},
                }
            ]
        },
    }
