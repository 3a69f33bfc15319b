"""The parts of the lab, in the order in which they are built and started."""

from __future__ import annotations

from collections.abc import Iterable

from lab.part import Part
from lab.parts.argocd import ARGOCD
from lab.parts.control_plane import CONTROL_PLANE
from lab.parts.demo import DEMO
from lab.parts.events import EVENTS
from lab.parts.images import IMAGES
from lab.parts.prometheus import PROMETHEUS
from lab.parts.rollouts import ROLLOUTS
from lab.parts.workflows import WORKFLOWS

PARTS = {
    part.name: part for part in (CONTROL_PLANE, ROLLOUTS, PROMETHEUS, WORKFLOWS, ARGOCD, IMAGES, EVENTS, DEMO)
}


def with_needs(names: Iterable[str]) -> list[Part]:
    """Return the parts of these names and all that they need, in order; all parts for no names.

    Raises:
        KeyError: there is no such part.
    """
    wanted, waiting = set(), list(names) or list(PARTS)
    while waiting:
        part = PARTS[waiting.pop()]
        wanted.add(part.name)
        waiting += part.needs
    return [part for part in PARTS.values() if part.name in wanted]
