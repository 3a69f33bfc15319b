"""Pairs of Rollouts brought into one state: a verb is done to one, the official tool's word to its twin."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from rollout_states import PAUSED, update
from rollouts import ENDLESS, Made, analysis, blue_green, canary, metric, rollout, routed, template, weight
from staging import Act, Held, Scene, observed

STEPS = (weight(25), ENDLESS, weight(50), ENDLESS)
HEALTHY = ("Healthy", "", "")
AT_PAUSE = ("Paused", PAUSED, "")
THIRD = "shop/web:3"
RUNS_ON = "vector(1)"

Objects = Callable[[str], tuple[Mapping[str, Any], ...]]
Acts = Callable[[str], tuple[Act, ...]]
Stands = tuple[str, str, str]
"""A Rollout's phase, how its message begins, and its step; empty where it does not matter."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Twin:
    """A state that two Rollouts are brought into, what is done to one, and what to the other."""

    case: str
    """In words; the test's name."""
    name: str
    objects: Objects
    acts: Acts = lambda _: ()
    state: Stands
    """In which both stand before."""
    verb: str
    given: Mapping[str, Any] = field(default_factory=dict)
    official: str
    """The plugin's words, ``NAME`` for the Rollout; ``kubectl …`` where it has none."""
    settled: Callable[[Held], object]
    """Whether a Rollout stands where the verb was to bring it."""

    @property
    def ours(self) -> str:
        return f"{self.name}-ours"

    @property
    def theirs(self) -> str:
        return f"{self.name}-twin"

    def scenes(self) -> tuple[Scene, Scene]:
        """Return the way there of both."""
        return self._scene(self.ours), self._scene(self.theirs)

    def _scene(self, name: str) -> Scene:
        phase, message, step = self.state
        objects, acts = self.objects(name), self.acts(name)
        return Scene(state=self.case, objects=objects, acts=acts, phase=phase, message=message, step=step)


def one(*steps: Made, **more: Any) -> Objects:
    return lambda name: (rollout(name, canary(*(steps or STEPS)), **more),)


def updated(name: str) -> tuple[Act, ...]:
    return (update(name),)


def then(*words: str, after: str = "Paused", image: str = "shop/web:2") -> Acts:
    """Update it, and do something once it stands in a phase."""
    return lambda name: (
        update(name, image),
        Act(words=tuple(word.replace("NAME", name) for word in words), after=after),
    )


def measured(success: str, **more: Any) -> Objects:
    """Make canaries whose second step measures one; twins share the template, whose name is in a hash."""

    def made(name: str) -> tuple[Made, ...]:
        shared = name.rpartition("-")[0]
        steps = (weight(50), analysis(shared), ENDLESS)
        return rollout(name, canary(*steps)), template(shared, metric("one", RUNS_ON, success, **more))

    return made


endless = measured("result[0] >= 0", interval="1s", count=10000)


def at(phase: str, message: str = "", index: int | None = None) -> Callable[[Held], bool]:
    """Wait for a phase, a message and a step."""

    def reached(held: Held) -> bool:
        status = held.get("status", {})
        words = (status.get("phase"), status.get("message", "")[: len(message)])
        there = index is None or status.get("currentStepIndex") == index
        return words == (phase, message) and there and observed(held)

    return reached


def restarted(held: Held) -> bool:
    return at("Healthy")(held) and held["status"].get("restartedAt") == held["spec"]["restartAt"]


def fully(image: str) -> Callable[[Held], bool]:
    """Wait for an image to be the stable one, with nothing left to do."""

    def reached(held: Held) -> bool:
        status = held["status"]
        runs: bool = held["spec"]["template"]["spec"]["containers"][0]["image"] == image
        promoted: bool = status.get("stableRS") == status.get("currentPodHash")
        return runs and promoted and at("Healthy")(held)

    return reached


ABORTED = at("Degraded", "RolloutAborted")
DEGRADED = ("Degraded", "RolloutAborted", "")
UNDECIDED = ("Paused", "InconclusiveAnalysisRun", "1/3")
undecided = measured("result[0] > 2", failureCondition="result[0] < 0")

PROMOTIONS = (
    Twin(
        case="promote at a pause",
        name="at-pause",
        objects=one(),
        acts=updated,
        state=("Paused", PAUSED, "1/4"),
        verb="promote",
        official="promote NAME",
        settled=at("Paused", PAUSED, 3),
    ),
    Twin(
        case="promote skips an analysis that runs",
        name="past-run",
        objects=endless,
        acts=updated,
        state=("Progressing", "", "1/3"),
        verb="promote",
        official="promote NAME",
        settled=at("Paused", PAUSED, 2),
    ),
    Twin(
        case="promote --skip-current-step at an analysis that runs",
        name="skip-step",
        objects=endless,
        acts=updated,
        state=("Progressing", "", "1/3"),
        verb="promote",
        given={"skip-current-step": True},
        official="promote NAME --skip-current-step",
        settled=at("Paused", PAUSED, 2),
    ),
    Twin(
        case="promote --skip-all-steps",
        name="skip-all",
        objects=one(),
        acts=updated,
        state=AT_PAUSE,
        verb="promote",
        given={"skip-all-steps": True},
        official="promote NAME --skip-all-steps",
        settled=fully("shop/web:2"),
    ),
    Twin(
        case="promote out of an inconclusive analysis",
        name="undecided",
        objects=undecided,
        acts=updated,
        state=UNDECIDED,
        verb="promote",
        official="promote NAME",
        settled=at("Paused", PAUSED, 2),
    ),
    Twin(
        case="promote --full at a pause",
        name="full",
        objects=one(),
        acts=updated,
        state=AT_PAUSE,
        verb="promote",
        given={"full": True},
        official="promote NAME --full",
        settled=fully("shop/web:2"),
    ),
    Twin(
        case="promote --full out of an abort",
        name="full-abort",
        objects=one(),
        acts=then("abort", "NAME"),
        state=DEGRADED,
        verb="promote",
        given={"full": True},
        official="promote NAME --full",
        settled=fully("shop/web:2"),
    ),
    Twin(
        case="promote a blue-green Rollout",
        name="switch",
        objects=lambda name: blue_green(name, autoPromotionEnabled=False),
        acts=updated,
        state=("Paused", "BlueGreenPause", ""),
        verb="promote",
        official="promote NAME",
        settled=fully("shop/web:2"),
    ),
)

ENDINGS = (
    Twin(
        case="abort at a pause",
        name="abort",
        objects=one(),
        acts=updated,
        state=AT_PAUSE,
        verb="abort",
        official="abort NAME",
        settled=ABORTED,
    ),
    Twin(
        case="abort while a router splits the traffic",
        name="abort-routed",
        objects=lambda name: routed(name, *STEPS),
        acts=updated,
        state=AT_PAUSE,
        verb="abort",
        official="abort NAME",
        settled=ABORTED,
    ),
    Twin(
        case="abort a blue-green update",
        name="abort-switch",
        objects=lambda name: blue_green(name, autoPromotionEnabled=False),
        acts=updated,
        state=("Paused", "BlueGreenPause", ""),
        verb="abort",
        official="abort NAME",
        settled=ABORTED,
    ),
    Twin(
        case="abort while an analysis runs",
        name="abort-run",
        objects=endless,
        acts=updated,
        state=("Progressing", "", "1/3"),
        verb="abort",
        official="abort NAME",
        settled=ABORTED,
    ),
    Twin(
        case="retry",
        name="retry",
        objects=one(),
        acts=then("abort", "NAME"),
        state=DEGRADED,
        verb="retry",
        official="retry rollout NAME",
        settled=at("Paused", PAUSED, 1),
    ),
    Twin(
        case="undo to the revision before",
        name="undo",
        objects=one(weight(50)),
        acts=updated,
        state=("Healthy", "", "1/1"),
        verb="undo",
        official="undo NAME",
        settled=fully("shop/web:1"),
    ),
    Twin(
        case="undo --to-revision",
        name="undo-to",
        objects=one(weight(50)),
        acts=lambda name: (update(name), update(name, THIRD)),
        state=("Healthy", "", "1/1"),
        verb="undo",
        given={"to-revision": 1},
        official="undo NAME --to-revision=1",
        settled=fully("shop/web:1"),
    ),
    Twin(
        case="undo to the stable version in the middle of an update",
        name="undo-middle",
        objects=one(),
        acts=updated,
        state=AT_PAUSE,
        verb="undo",
        official="undo NAME",
        settled=fully("shop/web:1"),
    ),
)

HOLDING = (
    Twin(
        case="pause",
        name="pause",
        objects=one(),
        acts=updated,
        state=AT_PAUSE,
        verb="pause",
        official="pause NAME",
        settled=at("Paused", "manually paused", 1),
    ),
    Twin(
        case="resume, held by its step again",
        name="resume",
        objects=one(),
        acts=then("pause", "NAME"),
        state=("Paused", "manually paused", ""),
        verb="resume",
        official='kubectl patch rollout NAME --type=merge -p {"spec":{"paused":false}}',
        settled=at("Paused", PAUSED, 1),
    ),
    Twin(
        case="restart",
        name="restart",
        objects=one(),
        state=HEALTHY,
        verb="restart",
        official="restart NAME",
        settled=restarted,
    ),
    Twin(
        case="set image",
        name="image",
        objects=one(),
        state=HEALTHY,
        verb="set",
        given={"image": ("app=shop/web:2",)},
        official="set image NAME app=shop/web:2",
        settled=at("Paused", PAUSED, 1),
    ),
    Twin(
        case="set image in the middle of an update",
        name="image-again",
        objects=one(),
        acts=updated,
        state=AT_PAUSE,
        verb="set",
        given={"image": ("*=shop/web:3",)},
        official="set image NAME *=shop/web:3",
        settled=lambda held: (
            at("Paused", PAUSED, 1)(held)
            and held["spec"]["template"]["spec"]["containers"][0]["image"] == "shop/web:3"
        ),
    ),
    Twin(
        case="remeasure",
        name="remeasure",
        objects=undecided,
        acts=updated,
        state=UNDECIDED,
        verb="remeasure",
        official=(
            "kubectl patch rollout NAME --subresource=status --type=merge -p "
            '{"status":{"pauseConditions":null}}'
        ),
        settled=lambda held: (
            at("Paused", "InconclusiveAnalysisRun", 1)(held)
            and held["status"]["canary"]["currentStepAnalysisRunStatus"]["name"].endswith(".1")
        ),
    ),
)

TWINS = (*PROMOTIONS, *ENDINGS, *HOLDING)
