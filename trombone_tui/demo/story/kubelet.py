"""What the scheduler and the kubelet say of a pod: given a node, image there, container made and begun.

Source: ``kubernetes@v1.36:pkg/kubelet/events/event.go``.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from trombone_tui.demo.story.pods import NODE
from trombone_tui.demo.story.recorder import Saying
from trombone_tui.demo.story.world import World

COMPONENT = "kubelet"


def scheduled(world: World, pod: Mapping[str, Any] | None) -> None:
    """Tell that a pod has a node."""
    if pod is not None:
        world.recorder.scheduled(pod, NODE, world.now)


def started(world: World, pod: Mapping[str, Any], container: str) -> None:
    """Tell that a container began."""
    image = next(one["image"] for one in pod["spec"]["containers"] if one["name"] == container)
    for reason, message in (
        ("Pulled", f'Container image "{image}" already present on machine and can be accessed by the pod'),
        ("Created", "Container created"),
        ("Started", "Container started"),
    ):
        tell(world, pod, container, Saying(reason=reason, message=message))


def backs_off(world: World, pod: Mapping[str, Any], container: str) -> None:
    """Tell that a container that ended is not begun anew at once."""
    of = pod["metadata"]
    message = (
        f"Back-off restarting failed container {container} in pod {of['name']}_{of['namespace']}({of['uid']})"
    )
    tell(world, pod, container, Saying(reason="BackOff", message=message, warning=True))


def tell(world: World, pod: Mapping[str, Any], container: str, saying: Saying) -> None:
    """Tell something of a pod's container."""
    said = Saying(
        reason=saying.reason,
        message=saying.message,
        warning=saying.warning,
        field=f"spec.containers{{{container}}}",
    )
    world.recorder.say(pod, said, world.now, component=COMPONENT, host=NODE)
