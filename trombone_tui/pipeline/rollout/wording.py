"""The parts that a Rollout's sentences share: places, numbers of pods, names.

``step 3 of 8`` in a sentence is the same 3 that the official tool prints as ``3/8``: three steps are
done. So a sentence says *after* step 3, and the step that runs by what it does.
"""

from __future__ import annotations

from trombone_tui.core.objects.image_names import ImageName
from trombone_tui.core.objects.phrases import counted
from trombone_tui.core.objects.rollout_status import BlueGreenStatus
from trombone_tui.pipeline.rollout.phase import DONE
from trombone_tui.pipeline.rollout.progress import Progress
from trombone_tui.pipeline.rollout.weights import CanaryWeights


def place(of: Progress) -> str:
    """Say where in its steps an update is: ``at 20 % after step 3 of 8``."""
    if of.weights is None:
        return "before the switch"
    return f"at {of.weights.share} {after(of.weights)}".rstrip()


def after(weights: CanaryWeights) -> str:
    """Say how many steps are done; nothing where there are none."""
    index, steps = weights.index, weights.steps
    if steps is None or index is None:
        return ""
    if index == 0:
        return f"with none of {counted(steps, 'step')} done"
    return f"after all {counted(steps, 'step')}" if index >= steps else f"after step {index} of {steps}"


def ready(of: Progress) -> str:
    """Count the ready pods."""
    return pod_share(of.status.ready_replicas, of.desired, "ready")


def pod_share(count: int | None, desired: int, word: str) -> str:
    """Count pods; there are more than wanted while old ones still run."""
    if (count or 0) > desired:
        return f"{counted(count or 0, 'pod')} {word}, {desired} wanted"
    return f"{count or 0} of {counted(desired, 'pod')} {word}"


def named(image: ImageName | None, otherwise: str) -> str:
    """Name an image shortly: ``app:1.0.5``."""
    return otherwise if image is None else image.short


def canary_pods(of: Progress) -> str:
    """Count the canary's available pods, or where they can't be seen the updated ones."""
    new = of.new
    if new is None or new.available is None or new.wanted is None:
        return pod_share(of.status.updated_replicas, of.desired, "updated")
    return f"{new.available} of {counted(new.wanted, 'canary pod')} available"


def preview_pods(of: Progress) -> str:
    """Count the pods of what waits for the switch; empty where there is nothing or it can't be seen."""
    if of.preview is None or of.preview.available is None:
        return ""
    wanted = of.desired if of.preview.wanted is None else of.preview.wanted
    return f"{of.preview.available} of {counted(wanted, 'preview pod')} available"


def promotion_analysis(of: Progress) -> str:
    """Name the analysis before or after a blue-green switch that is not through; empty without one."""
    blue = of.status.blue_green or BlueGreenStatus()
    for word, place_of in (
        (blue.post_promotion_analysis_run_status, "post"),
        (blue.pre_promotion_analysis_run_status, "pre"),
    ):
        if word is not None and word.name and word.status not in DONE:
            return f"{place_of}-promotion analysis {word.name} is {word.status or 'not started'}"
    return ""


def plugin_state(of: Progress) -> str:
    """Say how far the plugin of the current step is, in its own words."""
    index = of.weights.index if of.weights else None
    at = [one for one in of.canary.step_plugin_statuses or () if one.index == index]
    return ": ".join(part for part in (at[-1].phase, at[-1].message) if part) if at else ""
