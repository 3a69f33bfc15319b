"""A canary's traffic: what was set, what is actual, which router splits it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from trombone_tui.core.objects.argo_rollouts import Canary, Strategy
from trombone_tui.core.objects.basics import Health
from trombone_tui.core.objects.rollout_status import Weights
from trombone_tui.core.stage import Fact
from trombone_tui.pipeline.rollout.progress import Progress
from trombone_tui.pipeline.rollout.weights import share

HIDDEN = "not visible to you"
_NO_ROUTERS = ("managedRoutes", "maxTrafficWeight")
"""Keys of ``trafficRouting`` that name no router."""
_OBJECTS = {
    "alb": "Ingress",
    "ambassador": "Mapping",
    "apisix": "ApisixRoute",
    "appMesh": "App Mesh",
    "istio": "Istio",
    "nginx": "Ingress",
    "smi": "TrafficSplit",
    "traefik": "TraefikService",
}
"""What each router changes."""
_NAMING = (
    "destinationRule",
    "ingress",
    "ingresses",
    "mappings",
    "name",
    "route",
    "rootService",
    "stableIngress",
    "stableIngresses",
    "trafficSplitName",
    "virtualService",
    "virtualServices",
    "weightedTraefikServiceName",
)
"""Keys under which a router's objects are named."""


def traffic(of: Progress) -> Iterator[Fact]:
    """Tell where a canary's traffic goes."""
    weights = of.weights
    assert weights is not None  # asked for canaries only
    canary = (of.spec.strategy or Strategy()).canary or Canary()
    if weights.index is not None and weights.steps:
        yield Fact("Steps done", f"{weights.index} of {weights.steps}")
    yield Fact("Weight set", None if weights.set is None else weights.share)
    hidden = f"unknown: the ReplicaSets are {HIDDEN}"
    source = "told to the router, not measured" if of.routed else "share of available pods"
    actual = hidden if weights.actual is None else f"{share(weights.actual, weights.top)} ({source})"
    yield Fact("Weight actual", actual)
    routing = canary.traffic_routing or {}
    yield Fact("Router", ", ".join(_routers(routing)) or "none: traffic follows the number of pods")
    for key, value in sorted(routing.items()):
        if names := ", ".join(_names(value)) if key in _OBJECTS else "":
            yield Fact(_OBJECTS[key], names)
    if of.canary.weights is not None and of.canary.weights.verified is not None:
        verified = of.canary.weights.verified
        yield Fact("Weight verified", verified, Health.HEALTHY if verified else Health.PROGRESSING)
    yield Fact("Canary service", canary.canary_service)
    yield Fact("Stable service", canary.stable_service)
    if canary.ping_pong is not None:
        services = {"ping": canary.ping_pong.ping_service, "pong": canary.ping_pong.pong_service}
        stable = of.canary.stable_ping_pong or "unknown"
        yield Fact("Stable of ping and pong", f"{stable}: {services.get(stable) or '?'}")
    split = of.canary.weights or Weights()
    for pair, target in (("stable", split.stable), ("canary", split.canary)):
        if target is not None and target.weight is not None:
            side = f" to {target.service_name}" if target.service_name else ""
            yield Fact(f"Router's {pair} weight", f"{share(target.weight, weights.top)}{side}")


def _routers(routing: dict[str, Any]) -> Iterator[str]:
    """Name the traffic routers; those that are plugins by their own names."""
    for key in sorted(routing):
        if key == "plugins" and isinstance(routing[key], dict) and routing[key]:
            yield from sorted(f"plugin {name}" for name in routing[key])
        elif key not in _NO_ROUTERS:
            yield key


def _names(value: object) -> Iterator[str]:
    """Name the objects that a router changes, wherever they are written."""
    if isinstance(value, list):
        for one in value:
            yield from [one] if isinstance(one, str) else _names(one)
    elif isinstance(value, dict):
        for key in sorted(key for key in value if key in _NAMING):
            found = value[key]
            yield from [found] if isinstance(found, str) else _names(found)
