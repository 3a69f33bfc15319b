"""Rollouts and Applications of the lab by the state that they are in, and states that were not recorded."""

from __future__ import annotations

from typing import Any

from changing import changed
from stage_readers import stored


def lab_rollout(name: str, **changes: Any) -> dict[str, Any]:
    """Load a Rollout that Argo Rollouts 1.9.1 wrote, called after strategy, phase and reason."""
    return stored("rollout/lab", f"rollout-{name}", **changes)


def lab_application(name: str, **changes: Any) -> dict[str, Any]:
    """Load an Application that Argo CD 3.2.6 wrote, called after sync, health and operation."""
    return stored("sync", f"lab/application-{name}", **changes)


AT_PAUSE = lab_rollout("canary-paused-canarypausestep")
BY_HAND = lab_rollout("canary-paused-manually-paused")
BLUE = lab_rollout("blue-green-paused-bluegreenpause")
UNDECIDED = lab_rollout("canary-paused-inconclusiveanalysisrun")
MEASURING = changed(
    UNDECIDED,
    status__pauseConditions=None,
    status__controllerPause=None,
    status__phase="Progressing",
    status__message="more replicas need to be updated",
    status__canary__currentStepAnalysisRunStatus__status="Running",
)
"""A step's analysis that runs: the stored one before it could not decide."""
