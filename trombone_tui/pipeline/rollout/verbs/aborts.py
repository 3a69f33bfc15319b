"""``abort`` and ``retry``: give an update up, and start it again.

Bodies: ``argo-rollouts@v1.9.1:pkg/kubectl-argo-rollouts/cmd/abort/abort.go`` and ``retry/retry.go``.
"""

from __future__ import annotations

from trombone_tui.core.objects.argo_rollouts import ROLLOUT
from trombone_tui.core.ports import Refused
from trombone_tui.core.verbs import Plan, Scene
from trombone_tui.core.wholes import touch
from trombone_tui.pipeline.rollout.verbs import requests
from trombone_tui.pipeline.rollout.verbs.effects import ABORTED, aborted, patience, proof, retried
from trombone_tui.pipeline.rollout.verbs.view import View, view

FIRST = "it is its first version: there is none to go back to"
DONE = "it is fully promoted: abort would change nothing, undo takes the version back"


async def abort(scene: Scene) -> Plan:
    """Plan to give an update up."""
    of = view(scene.ref, scene.whole)
    command = requests.plugin(of.ref, "abort")
    if of.rollout.status is None:
        raise Refused("it has no status yet: its controller has not looked at it", advice="wait for it")
    if not of.seen:
        raise Refused(
            "its controller has not seen the newest spec yet, and would drop an abort with it",
            advice="look again in a moment",
        )
    if of.promoted:
        return Plan(before=of.where, after=of.where, writes=(), noop=DONE, command=command)
    if of.status.abort and of.phase == "Degraded":
        return Plan(before=of.where, after=of.where, writes=(), noop="it is aborted already", command=command)
    ask = requests.status(of.ref, {"abort": True}, "abort the update")
    within = patience(of) if _slowly(of) else 30.0
    waits = "Degraded with RolloutAborted, and the stable version serving"
    return Plan(
        before=of.where,
        after="aborted: all traffic on the stable version",
        writes=(touch(ROLLOUT, of.ref, scene.now) if of.status.abort else ask,),
        proof=proof(of, scene.now, waits, aborted(of), within=within),
        warnings=tuple(_warnings(of)),
        command=command,
        dangerous=True,
    )


def _slowly(of: View) -> bool:
    """Whether the weight falls only as the stable pods come back."""
    return bool(of.strategy.canary and of.strategy.canary.dynamic_stable_scale)


def _warnings(of: View) -> list[str]:
    told = [
        f"It stays Degraded, and {of.image} stays wanted, until the template changes or it is retried; "
        "take the version back in git, or the next commit starts from there."
    ]
    if not of.status.stable_rs:
        told.append(f"Mind that {FIRST}.")
    if of.blue_green and _active(of) == of.status.current_pod_hash:
        told.append("The active service already selects the new version: it goes back to the stable one.")
    if of.status.abort:
        told.append("It was asked to abort already: nothing is asked for anew, the controller looks again.")
    return told


def _active(of: View) -> str | None:
    return of.status.blue_green.active_selector if of.status.blue_green else None


async def retry(scene: Scene) -> Plan:
    """Plan to start an aborted update again."""
    of = view(scene.ref, scene.whole)
    command = requests.plugin(of.ref, "retry rollout")
    swallowed = of.status.abort is False and of.message.startswith(ABORTED)
    if not of.status.abort and not swallowed:
        return Plan(before=of.where, after=of.where, writes=(), noop="it is not aborted", command=command)
    if of.promoted:
        why = "it is fully promoted: there is nothing to retry"
        return Plan(before=of.where, after=of.where, writes=(), noop=why, command=command)
    ask = requests.status(of.ref, {"abort": False}, "take the abort back")
    again = "A retry was asked for already: nothing is asked for anew, the controller looks again."
    first = of.step(0) if of.steps else "its update"
    return Plan(
        before=of.where,
        after=f"{of.image} tried again from {first}",
        writes=(touch(ROLLOUT, of.ref, scene.now) if swallowed else ask,),
        proof=proof(of, scene.now, "no longer Degraded", retried(of)),
        warnings=(again,) if swallowed else (),
        command=command,
    )
