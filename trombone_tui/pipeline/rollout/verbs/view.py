"""A Rollout as its verbs look at it: typed, with where it stands in words."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from trombone_tui.core.objects.argo_rollouts import Canary, Rollout, RolloutSpec, Strategy, revision
from trombone_tui.core.objects.basics import Ref
from trombone_tui.core.objects.image_names import ImageName
from trombone_tui.core.objects.raw import mapping
from trombone_tui.core.objects.rollout_status import RolloutStatus
from trombone_tui.core.ports import Refused
from trombone_tui.core.verbs import Whole
from trombone_tui.core.wholes import planned
from trombone_tui.pipeline.rollout.phase import observed, promoted, standing, workload_observed
from trombone_tui.pipeline.rollout.steps import step_words

UNDECIDED = "InconclusiveAnalysisRun"


@dataclass(frozen=True)
class View:
    """What verbs ask of a Rollout."""

    ref: Ref
    rollout: Rollout
    whole: Whole = field(default_factory=dict)

    @cached_property
    def spec(self) -> RolloutSpec:
        """``spec``, empty where there is none."""
        return self.rollout.spec or RolloutSpec()

    @cached_property
    def status(self) -> RolloutStatus:
        """``status``, empty where there is none."""
        return self.rollout.status or RolloutStatus()

    @property
    def raw_status(self) -> dict[str, Any]:
        """``status`` as it is stored."""
        return mapping(self.whole, "status")

    @property
    def raw_template(self) -> dict[str, Any]:
        """``spec.template`` as it is stored; empty where there is none."""
        return mapping(self.whole, "spec", "template")

    @property
    def version(self) -> str:
        """The resourceVersion."""
        return self.rollout.metadata.resource_version

    @property
    def revision(self) -> int:
        """The revision; 0 where none is written."""
        return revision(self.rollout.metadata)

    @property
    def strategy(self) -> Strategy:
        """``spec.strategy``."""
        return self.spec.strategy or Strategy()

    @property
    def blue_green(self) -> bool:
        """Whether it is a blue-green Rollout."""
        return self.strategy.blue_green is not None

    @property
    def steps(self) -> list[dict[str, Any]]:
        """The steps of a canary."""
        return (self.strategy.canary or Canary()).steps or []

    @property
    def index(self) -> int:
        """How many steps are done; an absent index counts as 0."""
        return min(max(self.status.current_step_index or 0, 0), len(self.steps))

    @property
    def next(self) -> int:
        """The index after the running step, never more than there are steps."""
        return min(self.index + 1, len(self.steps))

    @property
    def by_hand(self) -> bool:
        """Whether ``spec.paused`` is set."""
        return bool(self.spec.paused)

    @property
    def pauses(self) -> list[str]:
        """The reasons of ``pauseConditions``."""
        return [one.reason or "a pause without a reason" for one in self.status.pause_conditions or ()]

    @property
    def releasing(self) -> bool:
        """Whether a pause was lifted already and the controller has not reacted."""
        return bool(self.status.controller_pause) and not self.pauses and not self.by_hand

    @cached_property
    def seen(self) -> bool:
        """Whether the controller has seen the newest spec."""
        return observed(self.rollout) and workload_observed(self.rollout)

    @property
    def promoted(self) -> bool:
        """Whether the newest template is the stable one, and nothing newer waits to be seen."""
        return self.seen and promoted(self.status)

    @property
    def phase(self) -> str:
        """The phase as the official tool derives it; empty where there is none."""
        return standing(self.rollout).phase or ""

    @property
    def message(self) -> str:
        """``status.message``."""
        return self.status.message or ""

    @property
    def undecided(self) -> bool:
        """Whether the running step's own analysis could not decide.

        After a promote that met the analysis' own end the pause of the step before is still there, with
        that step's run: one more index would skip a step too many.
        """
        run = self.status.canary.current_step_analysis_run_status if self.status.canary else None
        if run is None or run.status != "Inconclusive" or UNDECIDED not in self.pauses:
            return False
        step = (run.name or "").rpartition("-")[2].partition(".")[0]
        return not step.isdecimal() or step == str(self.index)

    @property
    def at_pause(self) -> bool:
        """Whether the running step is a pause."""
        return self.index < len(self.steps) and self.steps[self.index].get("pause") is not None

    def step(self, index: int) -> str:
        """Name a step: ``step 2 of 4 (pause 1h)``, or that all are done."""
        if index >= len(self.steps):
            return f"after all of its {len(self.steps)} steps"
        return f"step {index + 1} of {len(self.steps)} ({step_words(self.steps[index])})"

    @property
    def where(self) -> str:
        """Say how far it is: ``Paused in step 2 of 4 (pause 1h)``."""
        phase = self.phase or "without a phase"
        if self.rollout.status is None:
            return "not looked at by its controller yet"
        if self.promoted:
            return f"{phase}, fully promoted"
        held = ", paused by hand" if self.by_hand else ""
        if self.steps and not self.status.abort:
            place = self.step(self.index)
            return f"{phase} {place if place.startswith('after') else f'in {place}'}{held}"
        return f"{phase}: {self.message}{held}" if self.message else f"{phase}{held}"

    @property
    def image(self) -> str:
        """The images that are wanted, shortly."""
        return shortly(self.rollout.images)


def shortly(images: tuple[str, ...] | list[str]) -> str:
    """Write images shortly: ``app:1.0.5, proxy:2``."""
    return ", ".join(ImageName.parse(one).short for one in images) or "no image"


def view(ref: Ref, whole: Whole) -> View:
    """Look at a Rollout that a verb is planned for.

    Raises:
        Refused: it can't be read, or is being deleted.
    """
    found = View(ref, planned(ref, whole, Rollout), whole)
    if found.rollout.metadata.deletion_timestamp is not None:
        raise Refused(f"{ref} is being deleted", advice="wait until it is gone")
    return found
