"""What a scenario tells: the services that are delivered, how, and how each of their deliveries ends."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

REGISTRY = "registry.example"
"""The host in image names; ``registries.conf`` of the updater says where it really is."""
CI = "ci"
ARGO_CD = "argocd"
SERVER = "https://kubernetes.default.svc"
"""The cluster itself, as a destination."""

Steps = tuple[Mapping[str, Any], ...]


class Outcome(StrEnum):
    """How a delivery ends."""

    GOOD = "good"
    TEST_FAILS = "test-fails"
    PUSH_FAILS = "push-fails"
    CANARY_FAILS = "canary-fails"
    CANARY_CRASHES = "canary-crashes"
    """Its pods end at once, over and over."""
    TRIGGER_FAILS = "trigger-fails"
    """The Sensor may not create the Workflow."""


class Strategy(StrEnum):
    """How a service is rolled out."""

    CANARY = "canary"
    """With traffic routing by ingress-nginx: weights are exact."""
    PODS = "pods"
    """A canary without traffic routing: the share of pods is the weight."""
    BLUE_GREEN = "blue-green"


ANALYSED: Steps = (
    {"setWeight": 20},
    {"pause": {"duration": "20s"}},
    {"analysis": {}},
    {"setWeight": 60},
    {"pause": {"duration": "20s"}},
)
"""20 → 60 → 100 with an analysis by the service's own template, on its own."""
HELD: Steps = (*ANALYSED[:4], {"pause": {}})
"""The same, but a human lets it go on from 60 %."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ServicePlan:
    """One service and its story. Times are seconds of story time."""

    name: str
    namespace: str
    strategy: Strategy = Strategy.CANARY
    steps: Steps = ANALYSED
    replicas: int = 5
    auto_sync: bool = True
    requests: float = 40.0
    """Requests a second."""
    latency: float = 0.08
    """Median seconds of an answer."""
    latency_checked: bool = False
    """Whether its analysis also takes the template for latency that all clusters' services share."""
    scaled: bool = False
    """Whether it has an autoscaler and a disruption budget."""
    annotated: bool = False
    """Whether only annotations of its Application name its image, as Image Updater read them before 1.0."""
    touched: float | None = None
    """When somebody changed its Service by hand."""
    version: tuple[int, int] = (1, 4)
    past: tuple[float, ...] = (-5400.0,)
    """When it was pushed to before, from the curtain on; all of these ended well."""
    opening: float | None = None
    """When the delivery begins that the curtain rises on; None: nothing comes until ``rest`` is over."""
    deliveries: tuple[Outcome, ...] = (Outcome.GOOD,)
    """How deliveries end, beginning with the opening one, over and over."""
    rest: float = 60.0
    """Between the end of a delivery and the next push."""

    @property
    def repository(self) -> str:
        """The source repository: ``acme/shop-api``."""
        return f"acme/{self.name}"

    @property
    def repository_url(self) -> str:
        """Where the source is."""
        return f"https://github.com/{self.repository}.git"

    @property
    def image(self) -> str:
        """The image's name without tag: ``registry.example/shop/api``."""
        return f"{REGISTRY}/{self.image_path}"

    @property
    def image_path(self) -> str:
        """The image's repository in the registry: ``shop/api``."""
        return f"{self.namespace}/{self.name.removeprefix(self.namespace + '-')}"
