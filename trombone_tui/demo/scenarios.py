"""The scenarios that the embedded cluster can play, by name."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, replace
from typing import Any

from trombone_tui.demo.access import Persona, Rule
from trombone_tui.demo.bulk import fill
from trombone_tui.demo.faults import Fault, storm
from trombone_tui.demo.story.play import Story
from trombone_tui.demo.story.services import HELD, Outcome, ServicePlan, Strategy

Fill = Callable[[Story, float | None], Coroutine[Any, Any, None]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Scenario:
    """What is told, to whom, and what goes wrong."""

    plans: tuple[ServicePlan, ...]
    personas: tuple[Persona, ...] = ()
    """The user of the kubeconfig, if it is not one who may do everything."""
    faults: tuple[Fault, ...] = ()
    missing: tuple[str, ...] = ()
    """Kinds that are not installed."""
    namespace: str = "shop"
    """The kubeconfig's namespace."""
    fill: Fill | None = None
    """Adds many objects at once; returns what keeps them moving at a rate of changes a second."""


_NEVER = 1_000_000.0

DAY = (
    ServicePlan(name="shop-api", namespace="shop", opening=-118.0, rest=40.0, scaled=True),
    ServicePlan(
        name="shop-cart",
        namespace="shop",
        steps=HELD,
        requests=22.0,
        latency=0.06,
        version=(2, 0),
        opening=-620.0,
    ),
    ServicePlan(
        name="shop-docs",
        namespace="shop",
        strategy=Strategy.PODS,
        steps=({"setWeight": 50}, {"pause": {"duration": "15s"}}),
        replicas=2,
        auto_sync=False,
        requests=3.0,
        version=(0, 9),
        past=(),
        opening=-400.0,
        rest=900.0,
        touched=-1700.0,
    ),
    ServicePlan(
        name="shop-mail",
        namespace="shop",
        strategy=Strategy.PODS,
        steps=({"setWeight": 50}, {"pause": {"duration": "15s"}}),
        replicas=2,
        requests=1.0,
        version=(0, 3),
        past=(-1900.0,),
        opening=_NEVER,
        annotated=True,
    ),
    ServicePlan(
        name="shop-search",
        namespace="shop",
        requests=60.0,
        latency=0.12,
        latency_checked=True,
        version=(3, 1),
        opening=-75.0,
        deliveries=(Outcome.TEST_FAILS, Outcome.GOOD),
        rest=120.0,
    ),
    ServicePlan(
        name="shop-web",
        namespace="shop",
        requests=90.0,
        latency=0.05,
        version=(5, 2),
        opening=-14.0,
        rest=50.0,
    ),
    ServicePlan(name="pay-api", namespace="pay", version=(1, 9), opening=-60.0, rest=55.0),
    ServicePlan(
        name="pay-fraud",
        namespace="pay",
        strategy=Strategy.PODS,
        steps=(
            {"setWeight": 20},
            {"pause": {"duration": "30s"}},
            {"setWeight": 60},
            {"pause": {"duration": "30s"}},
        ),
        requests=12.0,
        latency=0.2,
        version=(0, 4),
        opening=-112.0,
        rest=70.0,
    ),
    ServicePlan(
        name="pay-ledger",
        namespace="pay",
        strategy=Strategy.BLUE_GREEN,
        replicas=3,
        requests=15.0,
        version=(7, 0),
        opening=-82.0,
        rest=90.0,
    ),
)

_BY_NAME = {plan.name: plan for plan in DAY}

BAD_CANARY = (
    replace(_BY_NAME["shop-api"], opening=-88.0, deliveries=(Outcome.CANARY_FAILS,), rest=_NEVER),
    replace(_BY_NAME["pay-api"], opening=-80.0, rest=60.0),
    _BY_NAME["pay-ledger"],
    replace(_BY_NAME["shop-web"], opening=-30.0),
    replace(_BY_NAME["shop-cart"], opening=-230.0, deliveries=(Outcome.CANARY_CRASHES,), rest=_NEVER),
)
BROKEN_BUILD = (
    replace(_BY_NAME["shop-web"], opening=-8.0, deliveries=(Outcome.TEST_FAILS,), rest=_NEVER),
    replace(_BY_NAME["pay-fraud"], opening=-90.0, deliveries=(Outcome.PUSH_FAILS,), rest=_NEVER),
    replace(_BY_NAME["shop-api"], opening=-100.0, rest=40.0),
    _BY_NAME["pay-ledger"],
    replace(_BY_NAME["pay-api"], opening=-40.0),
    ServicePlan(
        name="pay-refunds",
        namespace="pay",
        strategy=Strategy.PODS,
        steps=({"setWeight": 50}, {"pause": {"duration": "15s"}}),
        replicas=2,
        requests=2.0,
        version=(1, 1),
        past=(),
        opening=-25.0,
        deliveries=(Outcome.TRIGGER_FAILS,),
        rest=_NEVER,
    ),
)
EVENTS_KINDS = ("eventsources.argoproj.io", "sensors.argoproj.io", "eventbus.argoproj.io")
IMAGE_KINDS = ("imageupdaters.argocd-image-updater.argoproj.io",)


RUNS = (
    "analysisruns", "cronworkflows", "events", "experiments", "pods", "pods/log", "replicasets", "rollouts",
    "services", "workflows",
)  # fmt: skip
"""What somebody with few rights may see."""


def _only(namespace: str) -> Persona:
    """Return a user who may see what runs in one namespace, and nothing of what brings it there."""
    see = Rule(
        verbs=("get", "list", "watch"),
        groups=("", "apps", "argoproj.io"),
        resources=RUNS,
        namespaces=(namespace,),
    )
    ask = Rule(
        verbs=("create",),
        groups=("authorization.k8s.io",),
        resources=("selfsubjectaccessreviews", "selfsubjectrulesreviews"),
    )
    return Persona(name="guest", token=secrets.token_urlsafe(24), rules=(see, ask))


def scenario_named(name: str) -> Scenario:
    """Return a scenario.

    Raises:
        KeyError: there is none of that name; the message lists all.
    """
    made = SCENARIOS.get(name)
    if made is None:
        raise KeyError(f"there is no scenario {name!r}; there are {', '.join(SCENARIOS)}")
    return made()


SCENARIOS: dict[str, Callable[[], Scenario]] = {
    "day": lambda: Scenario(plans=DAY),
    "bad-canary": lambda: Scenario(plans=BAD_CANARY),
    "broken-build": lambda: Scenario(plans=BROKEN_BUILD),
    "few-rights": lambda: Scenario(plans=DAY, personas=(_only("shop"),)),
    "not-installed": lambda: Scenario(plans=DAY, missing=(*EVENTS_KINDS, *IMAGE_KINDS)),
    "big": lambda: Scenario(plans=BAD_CANARY[1:2], fill=fill),
    "stormy": lambda: Scenario(plans=DAY, faults=storm()),
}
"""Every scenario by name, made anew each time: tokens are never the same."""
