"""What can be done to an AnalysisRun: end its measurements.

Body: ``argo-rollouts@v1.9.1:pkg/kubectl-argo-rollouts/cmd/terminate/terminate.go``. An AnalysisRun has no
status subresource.
"""

from __future__ import annotations

import shlex
from collections.abc import Mapping
from datetime import UTC

import msgspec

from trombone_tui.core.objects.argo_rollouts import ANALYSIS_RUN, AnalysisRun
from trombone_tui.core.objects.basics import Ref
from trombone_tui.core.ports import Refused
from trombone_tui.core.stage import Around
from trombone_tui.core.verbs import Plan, Proof, Scene, Seen, Sight, Verb, Whole, Write
from trombone_tui.pipeline.metrics.judgement import FINISHED

_PASSED = (
    "What is measured so far decides, and where nothing failed it counts as passed: the update goes on. "
    "To reject the version, abort the Rollout."
)
_AGAIN = "It was asked to end already: nothing is asked for anew, the controller only looks again."


def _typed(whole: Whole) -> AnalysisRun | None:
    try:
        return msgspec.convert(whole, AnalysisRun)
    except msgspec.ValidationError:
        return None


def _phase(run: AnalysisRun) -> str:
    return (run.status.phase if run.status else None) or ""


def _ended(run: AnalysisRun) -> str:
    """Say why it can't be ended; empty when it can."""
    return f"it has ended already: {_phase(run)}" if _phase(run) in FINISHED else ""


def _blocked(run: AnalysisRun, _ref: Ref, _around: Around) -> str:
    return _ended(run)


def judge(whole: Whole | None) -> Sight:
    """See a run end: its phase is a final one."""
    if whole is None:
        return Sight(Seen.FAILED, "the AnalysisRun was deleted")
    run = _typed(whole)
    if run is None:
        return Sight(Seen.NOT_YET, "the AnalysisRun can't be read")
    phase, message = _phase(run), (run.status.message if run.status else None) or ""
    if phase in FINISHED:
        return Sight(Seen.DONE, f"{phase}: {message}" if message else phase)
    if run.spec and run.spec.terminate:
        return Sight(Seen.REQUESTED, f"terminate is set, and it is still {phase or 'not started'}")
    return Sight(Seen.NOT_YET, phase or "not started")


async def terminate(scene: Scene) -> Plan:
    """Plan to end a run.

    Raises:
        Refused: it can't be read.
    """
    run, ref = _typed(scene.whole), scene.ref
    if run is None:
        raise Refused(
            f"{ref} holds what no AnalysisRun should, so nothing is planned for it",
            advice="look at its YAML; its row names the field",
        )
    before = _phase(run) or "not started"
    words = ("kubectl", "argo", "rollouts", "terminate", "analysisrun", ref.name, "-n", ref.namespace)
    if ended := _ended(run):
        return Plan(before=before, after=before, writes=(), noop=ended, command=shlex.join(words))
    ask = _patch(ref, {"spec": {"terminate": True}}, "end the measurements")
    touched = {"trombone.dev/touched": scene.now.astimezone(UTC).isoformat()}
    touch = _patch(
        ref, {"metadata": {"annotations": touched}}, "touch it, so that its controller looks again"
    )
    asked = bool(run.spec and run.spec.terminate)
    return Plan(
        before=before,
        after="ended, and judged by what it has measured",
        writes=(touch if asked else ask,),
        proof=Proof(
            kind=ANALYSIS_RUN,
            namespace=ref.namespace,
            name=ref.name,
            waits_for="a final phase",
            judge=judge,
            touch=touch,
        ),
        warnings=(_PASSED, _AGAIN) if asked else (_PASSED,),
        command=shlex.join(words),
    )


def _patch(ref: Ref, body: Mapping[str, object], title: str) -> Write:
    return Write(
        method="PATCH", kind=ANALYSIS_RUN, namespace=ref.namespace, name=ref.name, body=body, title=title
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
