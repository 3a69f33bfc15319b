"""The table cells of core kinds that the API server computes (``pkg/printers/internalversion``)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

Cell = Callable[[Mapping[str, Any], datetime], Any]


def age(text: str, now: datetime) -> str:
    """Write how long ago a moment was, as kubectl does: ``95s``, ``4m12s``, ``3h``, ``12d``."""
    try:
        moment = datetime.fromisoformat(text.replace("Z", "+00:00"))
        seconds = int((now - moment).total_seconds())
    except (TypeError, ValueError):
        return "<unknown>"
    return "<invalid>" if seconds < -1 else span(max(0, seconds))


def span(seconds: int) -> str:
    """Write a duration with at most two units."""
    minutes, hours, days, years = seconds // 60, seconds // 3600, seconds // 86400, seconds // (86400 * 365)
    scale = (
        (seconds < 120, f"{seconds}s"),
        (minutes < 10, _two(minutes, "m", seconds % 60, "s")),
        (minutes < 180, f"{minutes}m"),
        (hours < 8, _two(hours, "h", minutes % 60, "m")),
        (hours < 48, f"{hours}h"),
        (days < 8, _two(days, "d", hours % 24, "h")),
        (years < 2, f"{days}d"),
        (years < 8, _two(years, "y", days % 365, "d")),
    )
    return next((text for fits, text in scale if fits), f"{years}y")


def _two(large: int, unit: str, small: int, lesser: str) -> str:
    return f"{large}{unit}{small}{lesser}" if small else f"{large}{unit}"


def _get(obj: Any, *path: str) -> Any:
    for key in path:
        obj = obj.get(key) if isinstance(obj, dict) else None
    return obj


def _pod_ready(pod: Mapping[str, Any], _: datetime) -> str:
    statuses = _get(pod, "status", "containerStatuses") or []
    ready = sum(1 for one in statuses if one.get("ready"))
    return f"{ready}/{len(_get(pod, 'spec', 'containers') or statuses)}"


def _pod_status(pod: Mapping[str, Any], _: datetime) -> str:
    text = _get(pod, "status", "reason") or _get(pod, "status", "phase") or "Unknown"
    for one in _get(pod, "status", "containerStatuses") or []:
        waiting, ended = _get(one, "state", "waiting", "reason"), _get(one, "state", "terminated")
        if waiting:
            text = waiting
        elif ended:
            text = ended.get("reason") or f"ExitCode:{ended.get('exitCode', 0)}"
    return "Terminating" if _get(pod, "metadata", "deletionTimestamp") else text


def _pod_restarts(pod: Mapping[str, Any], now: datetime) -> str:
    statuses = _get(pod, "status", "containerStatuses") or []
    count = sum(one.get("restartCount", 0) for one in statuses)
    ends = [_get(one, "lastState", "terminated", "finishedAt") for one in statuses]
    last = max((one for one in ends if one), default=None)
    return f"{count} ({age(last, now)} ago)" if count and last else str(count)


def _ports(service: Mapping[str, Any], _: datetime) -> str:
    ports = _get(service, "spec", "ports") or []
    texts = [
        f"{p.get('port')}{':' + str(p['nodePort']) if p.get('nodePort') else ''}/{p.get('protocol', 'TCP')}"
        for p in ports
    ]
    return ",".join(texts) or "<none>"


def _pairs(*path: str) -> Cell:
    def cell(obj: Mapping[str, Any], _: datetime) -> str:
        return ",".join(f"{key}={value}" for key, value in (_get(obj, *path) or {}).items()) or "<none>"

    return cell


def _count(key: str) -> Cell:
    return lambda obj, _: len(obj.get(key) or ())


def _none(_: Mapping[str, Any], __: datetime) -> str:
    return "<none>"


def _event_seen(*keys: str) -> Cell:
    def cell(event: Mapping[str, Any], now: datetime) -> str:
        when = next((event[key] for key in keys if event.get(key)), None)
        return age(when or "", now)

    return cell


def _event_object(event: Mapping[str, Any], _: datetime) -> str:
    about = event.get("involvedObject") or {}
    return f"{str(about.get('kind', '')).lower()}/{about.get('name', '')}"


def _node_status(node: Mapping[str, Any], _: datetime) -> str:
    conditions = _get(node, "status", "conditions") or []
    ready = any(one.get("type") == "Ready" and one.get("status") == "True" for one in conditions)
    return "Ready" if ready else "NotReady"


def _pods_ready(workload: Mapping[str, Any], _: datetime) -> str:
    wanted = _get(workload, "spec", "replicas")
    return f"{_get(workload, 'status', 'readyReplicas') or 0}/{1 if wanted is None else wanted}"


def _number(*path: str) -> Cell:
    return lambda obj, _: _get(obj, *path) or 0


def _job_status(job: Mapping[str, Any], _: datetime) -> str:
    for one in _get(job, "status", "conditions") or []:
        if one.get("status") == "True" and one.get("type") in ("Complete", "Failed", "Suspended"):
            return str(one["type"])
    return "Running"


def _job_completions(job: Mapping[str, Any], _: datetime) -> str:
    return f"{_get(job, 'status', 'succeeded') or 0}/{_get(job, 'spec', 'completions') or 1}"


def _job_duration(job: Mapping[str, Any], now: datetime) -> str | None:
    began, ended = _get(job, "status", "startTime"), _get(job, "status", "completionTime")
    if not began:
        return None
    return age(began, datetime.fromisoformat(ended.replace("Z", "+00:00")) if ended else now)


def _hosts(ingress: Mapping[str, Any], _: datetime) -> str:
    hosts = [rule.get("host") for rule in _get(ingress, "spec", "rules") or [] if rule.get("host")]
    return ",".join(hosts) or "*"


def _addresses(ingress: Mapping[str, Any], _: datetime) -> str:
    points = _get(ingress, "status", "loadBalancer", "ingress") or []
    return ",".join(str(one.get("ip") or one.get("hostname")) for one in points)


def _ingress_ports(ingress: Mapping[str, Any], _: datetime) -> str:
    return "80, 443" if _get(ingress, "spec", "tls") else "80"


def _age(obj: Mapping[str, Any], now: datetime) -> str:
    return age(_get(obj, "metadata", "creationTimestamp") or "", now)


def _containers(key: str) -> Cell:
    def cell(obj: Mapping[str, Any], _: datetime) -> str:
        containers = _get(obj, "spec", "template", "spec", "containers") or []
        return ",".join(str(one.get(key, "")) for one in containers)

    return cell


def _scale_target(autoscaler: Mapping[str, Any], _: datetime) -> str:
    target = (autoscaler.get("spec") or {}).get("scaleTargetRef") or {}
    return f"{target.get('kind', '')}/{target.get('name', '')}"


def _role(binding: Mapping[str, Any], _: datetime) -> str:
    role = binding.get("roleRef") or {}
    return f"{role.get('kind', '')}/{role.get('name', '')}"


CELLS: Mapping[tuple[str, str], Cell] = {
    ("", "Age"): _age,
    ("", "Containers"): _containers("name"),
    ("", "Images"): _containers("image"),
    ("", "Selector"): _pairs("spec", "selector", "matchLabels"),
    ("", "Created At"): lambda obj, _: obj["metadata"]["creationTimestamp"],
    ("pods", "Ready"): _pod_ready,
    ("pods", "Status"): _pod_status,
    ("pods", "Restarts"): _pod_restarts,
    ("pods", "Readiness Gates"): _none,
    ("services", "External-IP"): _none,
    ("services", "Port(s)"): _ports,
    ("services", "Selector"): _pairs("spec", "selector"),
    ("events", "Last Seen"): _event_seen("lastTimestamp", "eventTime", "firstTimestamp"),
    ("events", "First Seen"): _event_seen("firstTimestamp", "eventTime"),
    ("events", "Object"): _event_object,
    ("configmaps", "Data"): _count("data"),
    ("secrets", "Data"): _count("data"),
    ("rolebindings.rbac.authorization.k8s.io", "Role"): _role,
    ("nodes", "Status"): _node_status,
    ("nodes", "Roles"): _none,
    ("deployments.apps", "Ready"): _pods_ready,
    ("statefulsets.apps", "Ready"): _pods_ready,
    ("deployments.apps", "Up-to-date"): _number("status", "updatedReplicas"),
    ("deployments.apps", "Available"): _number("status", "availableReplicas"),
    ("replicasets.apps", "Current"): _number("status", "replicas"),
    ("replicasets.apps", "Ready"): _number("status", "readyReplicas"),
    ("jobs.batch", "Status"): _job_status,
    ("jobs.batch", "Completions"): _job_completions,
    ("jobs.batch", "Duration"): _job_duration,
    ("horizontalpodautoscalers.autoscaling", "Reference"): _scale_target,
    ("ingresses.networking.k8s.io", "Hosts"): _hosts,
    ("ingresses.networking.k8s.io", "Address"): _addresses,
    ("ingresses.networking.k8s.io", "Ports"): _ingress_ports,
}
"""By resource and column name; those without a resource are the same for all core kinds."""
