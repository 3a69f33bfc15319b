"""Why a Rollout is Degraded: what aborted it, what refuses it, what makes no progress.

Messages: ``argo-rollouts@v1.9.1:rollout/sync.go`` and ``utils/conditions/conditions.go``.
"""

from __future__ import annotations

import re

from trombone_tui.core.objects.argo_rollouts import revision
from trombone_tui.core.objects.phrases import clauses, sentence
from trombone_tui.core.objects.rollout_status import BlueGreenStatus
from trombone_tui.pipeline.rollout.progress import Progress
from trombone_tui.pipeline.rollout.runs import deciding
from trombone_tui.pipeline.rollout.trouble import pod_trouble
from trombone_tui.pipeline.rollout.weights import share
from trombone_tui.pipeline.rollout.wording import canary_pods, named, pod_share, preview_pods

DEADLINE = 600
"""Seconds without progress before a Rollout counts as timed out, unless the spec says otherwise."""
ABORTED = re.compile(r"(?:RolloutAborted: )?Rollout aborted update to revision (\d+)(?:: (.*))?", re.DOTALL)
_FAILED = ("Failed", "Error")


def degraded(of: Progress) -> str:
    """Say why a Rollout is Degraded."""
    message = of.standing.message or ""
    if aborted := ABORTED.fullmatch(message):
        retried = "; a retry is asked for and not taken up yet" if of.status.abort is False else ""
        by = _by(of, aborted[2])
        return sentence(f"Aborted the update to revision {aborted[1]}{by}{_traffic(of)}{retried}")
    head, _, rest = message.partition(": ")
    if head == "ProgressDeadlineExceeded":
        seconds = of.spec.progress_deadline_seconds or DEADLINE
        no = "Aborted, no" if of.status.abort else "No"
        told = f"{no} progress for {seconds} s: {rest.rstrip('.')}; {_coming(of)}"
        trouble = pod_trouble(of, waiting=True)
        return f"{told}; {trouble}." if trouble else f"{told}."
    if head == "InvalidSpec":
        return _refused(of, rest)
    return clauses(message or "Degraded; the controller gives no reason", pod_trouble(of), longest=400)


def abort_reason(of: Progress) -> str | None:
    """Say why an update was aborted; empty when the controller gives no reason, None when it was not."""
    found = ABORTED.fullmatch(of.standing.message or "")
    return (found[2] or "") if found else None


def culprit(of: Progress) -> tuple[str, str] | None:
    """Name what failed and so aborted an update, and say with what value; None where it can't be told."""
    blue = of.status.blue_green or BlueGreenStatus()
    for word in (
        of.canary.current_step_analysis_run_status,
        of.canary.current_background_analysis_run_status,
        blue.post_promotion_analysis_run_status,
        blue.pre_promotion_analysis_run_status,
    ):
        if word is not None and word.status in _FAILED and (run := of.family.run(word.name)):
            return f"analysis {run.metadata.name}", deciding(run)
    return _experiment(of)


def _experiment(of: Progress) -> tuple[str, str] | None:
    """Look for a failed Experiment of the revision that was on its way."""
    at = revision(of.rollout.metadata)
    for one in of.family.experiments():
        status = one.status
        if status is None or status.phase not in _FAILED or revision(one.metadata) != at:
            continue
        runs = {run.metadata.name: run for run in of.family.runs(one)}
        failed = [runs[word.analysis_run] for word in status.analysis_runs or () if word.analysis_run in runs]
        words = [deciding(run) for run in failed if run.status and run.status.phase in _FAILED]
        return f"experiment {one.metadata.name}", words[0] if words else status.message or ""
    return None


def _by(of: Progress, reason: str | None) -> str:
    if not reason:
        return ", by hand it seems: no reason is given"
    found = culprit(of)
    return f" by {found[0]}: {found[1]}" if found and found[1] else f": {reason}"


def _refused(of: Progress, reason: str) -> str:
    workload = of.spec.workload_ref
    if workload is not None and reason.rstrip().endswith("not found"):
        what = f"{workload.kind or 'workload'} {workload.name or ''}".strip()
        return sentence(f"The template is to come from {what}, which is missing: {reason}")
    return sentence(f"The spec is refused: {reason}")


def _coming(of: Progress) -> str:
    """Count the pods that have to come up: those of the update, not the old ones that run beside them."""
    if preview := preview_pods(of):
        return preview
    if of.stable is not None and of.new is not None and of.new.available is not None:
        return canary_pods(of)
    return pod_share(of.status.available_replicas, of.desired, "available")


def _traffic(of: Progress) -> str:
    """Say who has the traffic after an abort, where a router's weights tell."""
    weights = of.canary.weights if of.routed else None
    if weights is None or weights.canary is None or of.weights is None:
        return ""
    left = weights.canary.weight or 0
    if left:
        return f"; the canary still gets {share(left, of.weights.top)}"
    return f"; {named(of.changed[0], 'the stable version')} has all traffic"
