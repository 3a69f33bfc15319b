"""What can be done to an AnalysisRun: end its measurements.

Body: ``argo-rollouts@v1.9.1:pkg/kubectl-argo-rollouts/cmd/terminate/terminate.go``. An AnalysisRun has no
status subresource.
"""

from __future__ import annotations

import shlex

from trombone_tui.core.objects.analysis_phases import FINISHED
from trombone_tui.core.objects.argo_rollouts import ANALYSIS_RUN, AnalysisRun
from trombone_tui.core.objects.basics import Ref
from trombone_tui.core.stage import Around
from trombone_tui.core.verbs import Plan, Proof, Scene, Verb
from trombone_tui.core.wholes import judging, patch, planned, touch
from trombone_tui.pipeline.metrics.ending import AGAIN, ending, phase, told

_PASSED = (
    "What is measured so far decides, and where nothing failed it counts as passed: the update goes on. "
    "To reject the version, abort the Rollout."
)


def _ended(run: AnalysisRun) -> str:
    """Say why it can't be ended; empty when it can."""
    return f"it has ended already: {phase(run)}" if phase(run) in FINISHED else ""


def _blocked(run: AnalysisRun, _ref: Ref, _around: Around) -> str:
    return _ended(run)


async def terminate(scene: Scene) -> Plan:
    """Plan to end a run.

    Raises:
        Refused: it can't be read.
    """
    run, ref = planned(scene.ref, scene.whole, AnalysisRun), scene.ref
    before = phase(run) or "not started"
    words = ("kubectl", "argo", "rollouts", "terminate", "analysisrun", ref.name, "-n", ref.namespace)
    if ended := _ended(run):
        return Plan(before=before, after=before, writes=(), noop=ended, command=shlex.join(words))
    ask = patch(ANALYSIS_RUN, ref, {"spec": {"terminate": True}}, "end the measurements")
    look_again = touch(ANALYSIS_RUN, ref, scene.now)
    asked = told(run)
    return Plan(
        before=before,
        after="ended, and judged by what it has measured",
        writes=(look_again if asked else ask,),
        proof=Proof(
            kind=ANALYSIS_RUN,
            namespace=ref.namespace,
            name=ref.name,
            waits_for="a final phase",
            judge=judging(ANALYSIS_RUN, AnalysisRun, ending),
            touch=look_again,
        ),
        warnings=(_PASSED, AGAIN) if asked else (_PASSED,),
        command=shlex.join(words),
    )


METRIC_VERBS = (
    Verb(
        name="terminate",
        noun="analysisrun",
        kind=ANALYSIS_RUN,
        about="End an analysis now; where nothing failed it counts as passed.",
        plan=terminate,
        blocked=_blocked,
        rights=(("patch", ""),),
        dangerous=lambda _: True,
    ),
)
"""In the order of the action menu."""
