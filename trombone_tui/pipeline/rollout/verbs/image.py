"""``set image``: write another image into the template.

Rules: ``argo-rollouts@v1.9.1:pkg/kubectl-argo-rollouts/cmd/set/set_image.go``, which replaces the whole
object; a patch that tests the former image changes nothing else, and is refused when it is another.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from trombone_tui.core.objects.raw import listing, text
from trombone_tui.core.ports import Refused
from trombone_tui.core.verbs import Plan, Scene
from trombone_tui.pipeline.rollout.verbs import requests
from trombone_tui.pipeline.rollout.verbs.effects import proof, renewed
from trombone_tui.pipeline.rollout.verbs.managers import managers
from trombone_tui.pipeline.rollout.verbs.templates import WITHOUT_PODS, place, template
from trombone_tui.pipeline.rollout.verbs.view import View, view

IMAGE = "image"
_PARTS = ("containers", "initContainers", "ephemeralContainers")


async def set_image(scene: Scene) -> Plan:
    """Plan to change images."""
    of = view(scene.ref, scene.whole)
    wanted = _wanted(scene)
    where = place(of)
    found = await template(scene, of, where)
    changes = list(_changes(found, wanted))
    matched = {name for name, *_ in changes}
    for name in wanted:
        if name not in matched and (name != "*" or not matched):
            raise Refused(f"{where} has no container {name}", advice=f"it has: {_names(found)}")
    command = requests.plugin(of.ref, "set image", *(f"{name}={image}" for name, image in wanted.items()))
    changes = [one for one in changes if one[2] != one[3]]
    before = ", ".join(f"{name}={old or 'none'}" for name, _, old, _ in changes)
    if not changes:
        why = "its containers have that image already"
        return Plan(before=of.where, after=of.where, writes=(), noop=why, command=command)
    above = await managers(scene, of)
    steps = [step for _, path, old, new in changes for step in _steps(where.path + path, old, new)]
    sent = _after(found, changes) if where.own else None
    return Plan(
        before=before,
        after=", ".join(f"{name}={new}" for name, _, _, new in changes),
        writes=(where.patch(steps, "write the image"),),
        proof=proof(of, scene.now, "a new revision", renewed(of, sent), stays=above.stays),
        warnings=(
            *_running(of),
            *((f"It is written into {where}, where the template comes from.",) if not where.own else ()),
            *above.warnings,
        ),
        command=command,
        dangerous=True,
    )


def _wanted(scene: Scene) -> dict[str, str]:
    given = scene.given.get(IMAGE) or ()
    wanted: dict[str, str] = {}
    for one in (given,) if isinstance(given, str) else given:
        name, equals, image = str(one).partition("=")
        if not equals or not name.strip() or not image.strip():
            raise Refused(f"{one!r} is not CONTAINER=IMAGE", advice="such as app=shop/web:2, or *=shop/web:2")
        wanted[name.strip()] = image.strip()
    if not wanted:
        raise Refused("no image is given", advice="give CONTAINER=IMAGE")
    return wanted


Change = tuple[str, str, str, str]
"""A container's name, where its image is, the image it has and the one it gets."""


def _changes(found: dict[str, Any], wanted: dict[str, str]) -> Iterator[Change]:
    for part, index, one in _containers(found):
        name = one.get("name")
        if not isinstance(name, str):
            continue
        new = wanted.get(name) or wanted.get("*")
        if new:
            yield name, f"/spec/{part}/{index}/image", text(one, "image"), new


def _containers(found: dict[str, Any]) -> Iterator[tuple[str, int, dict[str, Any]]]:
    for part in _PARTS:
        for index, one in enumerate(listing(found, "spec", part)):
            if isinstance(one, dict):
                yield part, index, one


def _steps(path: str, old: str, new: str) -> Iterator[dict[str, Any]]:
    if not old:
        yield {"op": "add", "path": path, "value": new}
        return
    yield {"op": "test", "path": path, "value": old}
    yield {"op": "replace", "path": path, "value": new}


def _after(found: dict[str, Any], changes: list[Change]) -> tuple[str, ...]:
    """Return the images of the containers as they will be."""
    new = {path: image for _, path, _, image in changes}
    told = (
        new.get(f"/spec/{part}/{index}/image") or one.get("image")
        for part, index, one in _containers(found)
        if part == "containers"
    )
    return tuple(image for image in told if isinstance(image, str) and image)


def _names(found: dict[str, Any]) -> str:
    names = [str(one["name"]) for _, _, one in _containers(found) if one.get("name")]
    return ", ".join(names) or "none"


def _running(of: View) -> tuple[str, ...]:
    if of.by_hand:
        return (WITHOUT_PODS,)
    if of.seen and not of.promoted and of.status.current_pod_hash and not of.status.abort:
        return (
            f"An update is under way ({of.where}): it is dropped, and the new one starts at its first step.",
        )
    return ()
