"""``pause``, ``resume`` and ``remeasure``: hold an update by hand, let it go on, measure once more.

``resume`` is Argo CD's word (``argo-cd@v3.5.1:resource_customizations/argoproj.io/Rollout/actions``).
"""

from __future__ import annotations

from trombone_tui.core.ports import Refused
from trombone_tui.core.verbs import Plan, Scene
from trombone_tui.pipeline.rollout.verbs import requests
from trombone_tui.pipeline.rollout.verbs.effects import (
    measured_again,
    past,
    paused,
    proof,
    released,
    switched,
    unpaused,
)
from trombone_tui.pipeline.rollout.verbs.view import View, view


async def pause(scene: Scene) -> Plan:
    """Plan a pause by hand."""
    of = view(scene.ref, scene.whole)
    command = requests.plugin(of.ref, "pause")
    if of.by_hand:
        return Plan(
            before=of.where, after=of.where, writes=(), noop="it is paused by hand already", command=command
        )
    warnings = []
    if any(step.get("analysis") is not None for step in of.steps[of.index : of.index + 1]):
        warnings.append("An analysis that runs goes on measuring while it is paused.")
    if of.promoted:
        warnings.append("Nothing is on its way: a new version gets a ReplicaSet without pods until resume.")
    return Plan(
        before=of.where,
        after="paused by hand",
        writes=(requests.main(of.ref, {"spec": {"paused": True}}, "pause by hand"),),
        proof=proof(of, scene.now, "the controller to say manually paused", paused),
        warnings=tuple(warnings),
        command=command,
    )


async def resume(scene: Scene) -> Plan:
    """Plan to let it go on: the pause by hand ends, else the controller's own."""
    of = view(scene.ref, scene.whole)
    if of.by_hand:
        return _by_hand(scene, of)
    if not of.pauses:
        return Plan(before=of.where, after=of.where, writes=(), noop="nothing is paused")
    if of.undecided:
        return await remeasure(scene)
    clear = requests.status(of.ref, {"pauseConditions": None}, "clear the pause", unpause=True)
    if of.blue_green:
        after, seen = "the active service on the new version", switched(of)
    elif of.at_pause:
        after, seen = of.step(of.next), past(of, of.next, None)
    else:
        after, seen = "goes on", released(of)
    return Plan(
        before=of.where,
        after=after,
        writes=(clear,),
        proof=proof(of, scene.now, after, seen),
        command=requests.plugin(of.ref, "promote"),
    )


def _by_hand(scene: Scene, of: View) -> Plan:
    write = requests.unpause(of.ref)
    held = f"It stays held by {', '.join(of.pauses)}: promote goes on from there."
    return Plan(
        before=of.where,
        after="held as before the pause by hand" if of.pauses else "goes on",
        writes=(write,),
        proof=proof(of, scene.now, "the pause by hand gone", unpaused),
        warnings=(held,) if of.pauses else (),
        command=requests.kubectl(write),
    )


async def remeasure(scene: Scene) -> Plan:
    """Plan to have an undecided step measured again.

    Without a new index the step's analysis runs once more, under its name with ``.1`` behind it.
    """
    of = view(scene.ref, scene.whole)
    if not of.undecided:
        raise Refused(
            "no inconclusive analysis holds its running step", advice="promote goes on from a pause"
        )
    if of.by_hand:
        raise Refused("it is paused by hand, and measures nothing", advice="resume it first")
    write = requests.status(of.ref, {"pauseConditions": None}, "clear the pause", version=of.version)
    return Plan(
        before=of.where,
        after=f"{of.step(of.index)} measures again",
        writes=(write,),
        proof=proof(of, scene.now, "a new AnalysisRun", measured_again(of)),
        warnings=("If it can't decide again, the Rollout is held again.",),
        command=requests.kubectl(write),
    )
