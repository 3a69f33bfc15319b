"""``promote``: go on from a pause, skip what runs, or go all the way.

Rules: ``argo-rollouts@v1.9.1:pkg/kubectl-argo-rollouts/cmd/promote/promote.go``. Two differ, both seen on
running controllers: a Rollout paused by hand at a pause step never leaves it by the official requests,
so the pause by hand is lifted first and the step released after a moment; and every index that is worked
out here is sent with the resourceVersion it was worked out from.
"""

from __future__ import annotations

from typing import Any

from trombone_tui.core.objects.argo_rollouts import ROLLOUT
from trombone_tui.core.ports import Refused
from trombone_tui.core.verbs import Plan, Scene, Write
from trombone_tui.core.wholes import touch
from trombone_tui.pipeline.rollout.phase import promoted
from trombone_tui.pipeline.rollout.verbs import requests
from trombone_tui.pipeline.rollout.verbs.effects import (
    asked,
    past,
    patience,
    promoted_fully,
    proof,
    released,
    switched,
    unpaused,
)
from trombone_tui.pipeline.rollout.verbs.view import View, view

FULL, SKIP, SKIP_ALL = "full", "skip-current-step", "skip-all-steps"
_CLEAR: dict[str, Any] = {"pauseConditions": None}
_STAYS = "It stays paused by hand: resume lets it go on."


async def promote(scene: Scene) -> Plan:
    """Plan a promotion."""
    of = view(scene.ref, scene.whole)
    chosen = [name for name in (FULL, SKIP, SKIP_ALL) if scene.given.get(name)]
    if len(chosen) > 1:
        raise Refused(f"--{chosen[0]} and --{chosen[1]} can't be given together", advice="give one of them")
    if of.rollout.status is None:
        raise Refused("it has no status yet: its controller has not looked at it", advice="wait for it")
    if chosen == [FULL]:
        return _fully(scene, of)
    if not of.seen:
        raise Refused(
            "its controller has not seen the newest spec yet, so the step may change",
            advice="look again in a moment",
        )
    if of.status.abort:
        raise Refused(
            "its update is aborted, and promote would change nothing",
            advice="retry starts the update again, promote --full goes all the way",
        )
    return _skipping(scene, of, chosen[0]) if chosen else _onwards(scene, of)


def _fully(scene: Scene, of: View) -> Plan:
    command = requests.plugin(of.ref, "promote", "--full")
    if promoted(of.status):
        if of.by_hand:
            return _unpausing(scene, of, command)
        return _nothing(of, f"{of.image} is fully promoted already", command)
    body = {"promoteFull": True}
    writes = [requests.status(of.ref, body, "ask for a full promotion", unpause=True)]
    if of.by_hand:
        writes.append(requests.unpause(of.ref))
    left = len(of.steps) - of.index
    skipped = (
        f"the {left} steps that are left" if left > 1 else "the step that is left" if left else "nothing"
    )
    warnings = [f"It skips {skipped}, with every pause and analysis: nothing measures {of.image} any more."]
    if of.status.abort:
        warnings.append("Its update was aborted; this promotes the version that was given up.")
    waits = f"{of.image} fully promoted and Healthy"
    seen = promoted_fully(of, asked(of, body))
    return Plan(
        before=of.where,
        after=f"{of.image} fully promoted as soon as its pods are available",
        writes=tuple(writes),
        proof=proof(of, scene.now, waits, seen, within=patience(of)),
        warnings=tuple(warnings),
        command=command,
        dangerous=True,
    )


def _skipping(scene: Scene, of: View, flag: str) -> Plan:
    """Plan one of the official tool's older flags."""
    if of.blue_green:
        raise Refused(f"a blue-green Rollout has no steps for --{flag}", advice="promote without it")
    if not of.steps:
        raise Refused(f"it has no steps for --{flag}", advice="promote without it")
    command = requests.plugin(of.ref, "promote", f"--{flag}")
    if of.promoted or of.index >= len(of.steps):
        return _nothing(of, "no step is left to skip", command)
    if flag == SKIP_ALL:
        target, body = len(of.steps), {"currentStepIndex": len(of.steps)}
        title, told = "skip all steps", f"It skips all steps from {of.step(of.index)} on."
    else:
        target, body = of.next, {**_CLEAR, "currentStepIndex": of.next}
        title, told = "skip the running step", f"It skips {of.step(of.index)}."
    expected = None if of.by_hand else asked(of, body)
    return Plan(
        before=of.where,
        after=of.step(target),
        writes=(requests.status(of.ref, body, title, version=of.version),),
        proof=proof(of, scene.now, of.step(target), past(of, target, expected)),
        warnings=(told, _STAYS) if of.by_hand else (told,),
        command=command,
        dangerous=True,
    )


def _onwards(scene: Scene, of: View) -> Plan:
    command = requests.plugin(of.ref, "promote")
    if of.undecided:
        return _undecided(scene, of, command)
    if of.pauses:
        return _release(scene, of, command)
    if of.releasing:
        return _again(scene, of)
    if of.steps and of.index < len(of.steps) and not of.promoted:
        return _skip_running(scene, of, command)
    if of.by_hand:
        return _unpausing(scene, of, command)
    if of.promoted:
        return _nothing(of, f"{of.image} is fully promoted already", command)
    full = "promote --full skips what it still waits for"
    return _nothing(of, f"nothing is paused and no step runs; {full}", command)


def _undecided(scene: Scene, of: View, command: str) -> Plan:
    """Go on although the step's analysis could not decide; else it would only be measured again."""
    body = {**_CLEAR, "controllerPause": False, "currentStepIndex": of.next}
    write = requests.status(of.ref, body, "leave the undecided step", version=of.version, unpause=True)
    return Plan(
        before=of.where,
        after=of.step(of.next),
        writes=(write, *((requests.unpause(of.ref),) if of.by_hand else ())),
        proof=proof(of, scene.now, of.step(of.next), past(of, of.next, asked(of, body))),
        warnings=(
            f"The analysis of {of.step(of.index)} could not decide, and counts as passed; "
            "remeasure asks once more.",
        ),
        command=command,
        dangerous=True,
    )


def _release(scene: Scene, of: View, command: str) -> Plan:
    """Clear the pause; paused by hand as well, that is lifted first, or the step would hold it anew."""
    clear = _clear(of)
    stands = of.pauses == ["CanaryPauseStep"] and of.at_pause
    if of.blue_green:
        after, seen = "the active service on the new version", switched(of)
    elif stands:
        after, seen = of.step(of.next), past(of, of.next, None)
    else:
        after, seen = f"goes on {of.where.partition(' ')[2]}", released(of)
    return Plan(
        before=of.where,
        after=after,
        writes=clear,
        proof=proof(of, scene.now, after, seen),
        warnings=_leftover(of),
        command="" if of.by_hand else command,
    )


def _clear(of: View) -> tuple[Write, ...]:
    after = requests.BETWEEN if of.by_hand else 0.0
    clear = requests.status(of.ref, _CLEAR, "clear the pause", after=after, unpause=True)
    return (requests.unpause(of.ref), clear) if of.by_hand else (clear,)


def _leftover(of: View) -> tuple[str, ...]:
    """Say of a pause that no longer belongs to the running step that no step is skipped for it."""
    if of.blue_green or not of.steps or of.at_pause or of.undecided:
        return ()
    return (f"Only the pause ({', '.join(of.pauses)}) is lifted: {of.step(of.index)} still runs.",)


def _again(scene: Scene, of: View) -> Plan:
    """Free a promotion that was asked for and swallowed: another one might skip a step too many."""
    return Plan(
        before="the pause is lifted, and the controller has not reacted",
        after="goes on",
        writes=(touch(ROLLOUT, of.ref, scene.now),),
        proof=proof(of, scene.now, "the controller to go on", released(of)),
        warnings=("It was promoted already: nothing is asked for anew, the controller only looks again.",),
    )


def _skip_running(scene: Scene, of: View, command: str) -> Plan:
    body = {**_CLEAR, "currentStepIndex": of.next}
    write = requests.status(of.ref, body, "skip the running step", version=of.version, unpause=True)
    warnings = [f"Nothing is paused: this skips {of.step(of.index)}, which is running."]
    if of.by_hand:
        warnings = [
            f"It is paused by hand only: this lets it go on and skips {of.step(of.index)} as well; "
            "resume lets it go on without skipping."
        ]
    return Plan(
        before=of.where,
        after=of.step(of.next),
        writes=(write, *((requests.unpause(of.ref),) if of.by_hand else ())),
        proof=proof(of, scene.now, of.step(of.next), past(of, of.next, asked(of, body))),
        warnings=tuple(warnings),
        command=command,
        dangerous=True,
    )


def _unpausing(scene: Scene, of: View, command: str) -> Plan:
    return Plan(
        before=of.where,
        after="no longer paused by hand",
        writes=(requests.unpause(of.ref),),
        proof=proof(of, scene.now, "the pause by hand gone", unpaused),
        command=command,
    )


def _nothing(of: View, why: str, command: str) -> Plan:
    return Plan(before=of.where, after=of.where, writes=(), noop=why, command=command)
