"""``undo``: write the template of a former revision.

Rules: ``argo-rollouts@v1.9.1:pkg/kubectl-argo-rollouts/cmd/undo/undo.go``. What the controller injected
into the former template is left out, which the official tool writes back.
"""

from __future__ import annotations

from collections.abc import Sequence

from trombone_tui.core.objects.raw import at, listing
from trombone_tui.core.ports import Refused
from trombone_tui.core.verbs import Plan, Scene
from trombone_tui.pipeline.rollout.verbs import requests
from trombone_tui.pipeline.rollout.verbs.effects import proof, renewed
from trombone_tui.pipeline.rollout.verbs.injected import clean
from trombone_tui.pipeline.rollout.verbs.managers import managers
from trombone_tui.pipeline.rollout.verbs.revisions import Revision, last_healthy, revisions
from trombone_tui.pipeline.rollout.verbs.templates import WITHOUT_PODS, place
from trombone_tui.pipeline.rollout.verbs.view import View, view

REVISION = "to-revision"


async def undo(scene: Scene) -> Plan:
    """Plan to go back to a former revision: the one before, or the one that is named."""
    of = view(scene.ref, scene.whole)
    where = place(of)
    found = await revisions(scene, of)
    number = _number(scene)
    target = _target(found, number)
    flag = ("--to-revision", str(number)) if number else ()
    command = requests.plugin(of.ref, "undo", *flag)
    if of.seen and target.hash and target.hash == of.status.current_pod_hash:
        why = f"its template is that of {target} already"
        return Plan(before=of.where, after=of.where, writes=(), noop=why, command=command)
    cleaned = clean(target.whole)
    if cleaned is None:
        raise Refused(f"{target} has no pod template", advice="name another revision with --to-revision")
    template, taken = cleaned
    above = await managers(scene, of)
    to_stable = bool(target.hash) and target.hash == of.status.stable_rs
    at_once = to_stable and not of.by_hand
    sent = _images(template) if where.own else None
    step = {"op": "replace", "path": where.path, "value": template}
    return Plan(
        before=f"revision {of.revision} ({of.image})" if where.own else f"revision {of.revision}",
        after=f"the template of {target}, as revision {of.revision + 1}",
        writes=(where.patch([step], f"write the template of {target}"),),
        proof=proof(
            of,
            scene.now,
            "Healthy on the stable version" if at_once else f"revision {of.revision + 1}",
            renewed(of, sent, to_stable=at_once),
            stays=above.stays,
        ),
        warnings=(
            *_fate(of, found, target),
            *_way(of, to_stable=to_stable),
            *((f"It is written into {where}, where the template comes from.",) if not where.own else ()),
            *((f"Left out, as the controller put it there: {', '.join(taken)}.",) if taken else ()),
            *above.warnings,
        ),
        command="" if taken else command,
        dangerous=True,
    )


def _number(scene: Scene) -> int:
    given = scene.given.get(REVISION)
    if given is None:
        return 0
    if isinstance(given, bool) or not isinstance(given, int) or given < 0:
        raise Refused(f"--{REVISION} {given} is no revision", advice="give a number such as 3")
    return given


def _target(found: Sequence[Revision], number: int) -> Revision:
    """Choose as the official tool does: the one of that number, or the second highest."""
    if number:
        for one in found:
            if one.number == number:
                return one
        has = ", ".join(str(one.number) for one in found) or "none"
        raise Refused(f"there is no revision {number} in its history", advice=f"there are: {has}")
    if len(found) < 2:
        raise Refused("there is no revision before this one in its history", advice="set image may help")
    return found[1]


def _images(template: dict[str, object]) -> tuple[str, ...]:
    told = (at(one, "image") for one in listing(template, "spec", "containers"))
    return tuple(image for image in told if isinstance(image, str))


def _fate(of: View, found: Sequence[Revision], target: Revision) -> tuple[str, ...]:
    """Say what became of the revision; where it came to no good, name one that did better."""
    told = f"{str(target).capitalize()} {target.fate}."
    if target.good:
        return (told,)
    hashes = [target.hash, of.status.current_pod_hash or ""]
    better = last_healthy(found, hashes)
    if better is None or (target.good is None and not better.good):
        return (told,)
    last = "the last one that was healthy" if better.good else "one that may have been healthy"
    return (f"{told.removesuffix('.')}; {last} is {better}: undo --to-revision {better.number}.",)


def _way(of: View, *, to_stable: bool) -> tuple[str, ...]:
    if of.by_hand:
        return (WITHOUT_PODS,)
    if to_stable:
        return ("It is the stable version, so steps and analyses are skipped.",)
    window = of.spec.rollback_window
    if window is not None and window.revisions:
        return (f"Within the last {window.revisions} revisions (rollbackWindow) steps are skipped.",)
    if of.blue_green:
        return ("It is an update like any other: it is promoted as the Rollout says.",)
    return ("It is an update like any other: all steps and analyses run again.",) if of.steps else ()
