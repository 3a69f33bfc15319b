"""What can be done to an Experiment: end it, run it again.

Bodies: ``argo-rollouts@v1.9.1:pkg/kubectl-argo-rollouts/cmd/terminate/terminate.go`` and
``retry/retry.go``. An Experiment has no status subresource. What becomes of it: ``experiments/experiment.go``
(calculateStatus), ``utils/experiment/experiment.go`` (IsTerminating), ``rollout/experiment.go``.
"""

from __future__ import annotations

import shlex
from collections.abc import Callable, Iterator

from trombone_tui.core.objects.analysis_phases import FINISHED
from trombone_tui.core.objects.argo_rollouts import ROLLOUT
from trombone_tui.core.objects.basics import Ref
from trombone_tui.core.objects.experiments import EXPERIMENT, Experiment
from trombone_tui.core.objects.phrases import counted, listed
from trombone_tui.core.stage import Around
from trombone_tui.core.verbs import Plan, Proof, Scene, Seen, Sight, Verb, Whole
from trombone_tui.core.wholes import judging, patch, planned, touch
from trombone_tui.pipeline.metrics.ending import AGAIN, ending, phase, told
from trombone_tui.pipeline.metrics.experiment.trial import refusal

_SCRATCH = (
    "It begins from scratch: its status is cleared, its templates are scaled up again and its analyses are "
    "measured anew. AnalysisRuns from before stay."
)
_STAYS_TOLD = (
    "It was told to end, and that stays in its spec: it ends again at once without measuring, which counts "
    "as passed. To measure again make a new one."
)


def _not_ended(of: Experiment) -> str:
    """Say why it can't be ended; empty when it can."""
    if phase(of) in FINISHED:
        return f"it has ended already: {phase(of)}"
    return _refused(of)


def _not_retried(of: Experiment) -> str:
    """Say why it can't be run again; empty when it can."""
    if phase(of) in FINISHED:
        return _refused(of)
    return f"it has not ended: {phase(of) or 'not started'}"


def _refused(of: Experiment) -> str:
    why = refusal(of)
    return f"the controller refuses its spec and does nothing: {why}" if why else ""


def _ending(of: Experiment, _ref: Ref, _around: Around) -> str:
    return _not_ended(of)


def _retrying(of: Experiment, _ref: Ref, _around: Around) -> str:
    return _not_retried(of)


def _look_for_retry(before: Whole) -> Callable[[Experiment, Whole], Sight]:
    """See an Experiment run again, that was ``before`` when it was looked at."""

    def look(of: Experiment, whole: Whole) -> Sight:
        now = phase(of)
        if not now:
            return Sight(Seen.REQUESTED, "its status is cleared, and it has not begun again")
        if now not in FINISHED:
            ends = told(of) and now != "Running"
            return Sight(Seen.NOT_YET, f"{now}, and told to end") if ends else Sight(Seen.DONE, now)
        if whole.get("status") == before.get("status"):
            return Sight(Seen.NOT_YET, f"still {now}")
        if told(of):
            return Sight(Seen.FAILED, f"it ended again at once, for it is told to end: {now}")
        return Sight(Seen.DONE, f"it ran again, and is {now} already")

    return look


async def terminate(scene: Scene) -> Plan:
    """Plan to end an Experiment.

    Raises:
        Refused: it can't be read.
    """
    of = planned(scene.ref, scene.whole, Experiment)
    before, command = phase(of) or "not started", _command("terminate", scene.ref)
    if reason := _not_ended(of):
        return Plan(before=before, after=before, writes=(), noop=reason, command=command)
    asked = told(of)
    ask = patch(EXPERIMENT, scene.ref, {"spec": {"terminate": True}}, "end the Experiment")
    return Plan(
        before=before,
        after="ended, its pods and analyses with it",
        writes=(touch(EXPERIMENT, scene.ref, scene.now) if asked else ask,),
        proof=_proof(scene, "a final phase", ending),
        warnings=(*_ends(of), *((AGAIN,) if asked else ())),
        command=command,
    )


def _ends(of: Experiment) -> Iterator[str]:
    """Say what an Experiment counts as that is told to end."""
    rollout = _rollout(of)
    phases = {one.name: one.phase for one in (of.status.analysis_runs if of.status else None) or ()}
    required = [
        one.name or "?"
        for one in (of.spec.analyses if of.spec else None) or ()
        if one.required_for_completion and phases.get(one.name) != "Successful"
    ]
    if required:
        yield (
            f"{listed(required, 3)} had to pass first: it is ended too, but no result counts after that "
            f"(Argo Rollouts 1.9.1), so the Experiment may stay {phase(of) or 'as it is'}."
        )
    else:
        goes_on = f", and Rollout {rollout} goes on" if rollout else ""
        yield f"What is not measured yet does not count: where nothing failed it counts as passed{goes_on}."
    if rollout:
        yield "To reject the version, abort the Rollout."


async def retry(scene: Scene) -> Plan:
    """Plan to run an Experiment again.

    Raises:
        Refused: it can't be read.
    """
    of = planned(scene.ref, scene.whole, Experiment)
    before, command = phase(of) or "not started", _command("retry", scene.ref)
    if reason := _not_retried(of):
        return Plan(before=before, after=before, writes=(), noop=reason, command=command)
    templates = counted(len((of.spec.templates if of.spec else None) or ()), "template")
    return Plan(
        before=before,
        after=f"run again from scratch with {templates}",
        writes=(patch(EXPERIMENT, scene.ref, {"status": None}, "clear its status"),),
        proof=_proof(scene, "Running", _look_for_retry(scene.whole)),
        warnings=tuple(_begins(of, scene)),
        command=command,
    )


def _begins(of: Experiment, scene: Scene) -> Iterator[str]:
    yield _SCRATCH
    if told(of):
        yield _STAYS_TOLD
    rollout = _rollout(of)
    if not rollout:
        return
    states = [
        one.status for one in scene.linked(ROLLOUT, ("Rollout", of.metadata.namespace, rollout)) if one.status
    ]
    name = of.metadata.name
    current = any(one.canary and one.canary.current_experiment == name and not one.abort for one in states)
    if not current:
        yield (
            f"Rollout {rollout} is not at this Experiment now, and ends what is not its current one: "
            "this may end again at once. To try the version again, retry the Rollout."
        )


def _rollout(of: Experiment) -> str:
    return next((name for *_, name in of.metadata.owner_keys("Rollout")), "")


def _command(verb: str, ref: Ref) -> str:
    return shlex.join(("kubectl", "argo", "rollouts", verb, "experiment", ref.name, "-n", ref.namespace))


def _proof(scene: Scene, waits_for: str, look: Callable[[Experiment, Whole], Sight]) -> Proof:
    ref = scene.ref
    return Proof(
        kind=EXPERIMENT,
        namespace=ref.namespace,
        name=ref.name,
        waits_for=waits_for,
        judge=judging(EXPERIMENT, Experiment, look),
        touch=touch(EXPERIMENT, ref, scene.now),
    )


EXPERIMENT_VERBS = (
    Verb(
        name="terminate",
        noun="experiment",
        kind=EXPERIMENT,
        about="End an Experiment now; where nothing failed it counts as passed.",
        plan=terminate,
        blocked=_ending,
        rights=(("patch", ""),),
        dangerous=lambda _: True,
    ),
    Verb(
        name="retry",
        noun="experiment",
        kind=EXPERIMENT,
        about="Run an Experiment that has ended again, from scratch.",
        plan=retry,
        blocked=_retrying,
        rights=(("patch", ""),),
    ),
)
"""In the order of the action menu."""
