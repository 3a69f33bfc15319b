"""The truth table of Rollouts: every state, the way into it by the official tools, and what they print."""

from __future__ import annotations

from typing import Any

from rollouts import (
    CANNOT_BE_PULLED,
    CRASHES,
    ENDLESS,
    GOOD,
    WANTED,
    Made,
    analysis,
    blue_green,
    canary,
    metric,
    pause,
    referring,
    rollout,
    routed,
    template,
    unevictable,
    weight,
)
from staging import Act, Scene

MORE = "more replicas need to be updated"
PAUSED = "CanaryPauseStep"
ABORTED = "RolloutAborted: Rollout aborted update to revision 2"
OLD_AND_NEW = {"stable": GOOD, "canary": WANTED}


def update(name: str, image: str = WANTED, after: str = "Healthy") -> Act:
    return Act(words=("set", "image", name, f"app={image}"), after=after)


def verb(*words: str, after: str = "Paused") -> Act:
    return Act(words=words, after=after)


def kubectl(*words: str, after: str) -> Act:
    return Act(words=words, after=after, tool="kubectl")


def _analysed(name: str, success: str, **more: Any) -> tuple[Made, ...]:
    """Make a canary whose second step measures one, and its template."""
    strategy = canary(weight(50), analysis(name), ENDLESS)
    return rollout(name, strategy), template(name, metric("one", "vector(1)", success, **more))


FIRST = (
    Scene(
        state="healthy after its first deployment",
        objects=(rollout("first"),),
        phase="Healthy",
        step="2/2",
        set="100",
        actual="100",
        images={"stable": GOOD},
        says="web:1 is fully promoted as revision 1; 2 of 2 pods ready",
    ),
    Scene(
        state="a first deployment that never comes up",
        objects=(rollout("never", image=CANNOT_BE_PULLED),),
        phase="Progressing",
        message="updated replicas are still becoming available",
        step="2/2",
        set="100",
        actual="100",
        images={"stable": CANNOT_BE_PULLED},
        says="0 of 2 pods available",
    ),
    Scene(
        state="invalid spec",
        objects=(rollout("invalid", canary(), selector={"matchLabels": {"app": "other"}}),),
        phase="Degraded",
        message="InvalidSpec: ",
        set="100",
        actual="100",
        says="The spec is refused: ",
    ),
    Scene(
        state="scaled to zero",
        objects=(rollout("zero", replicas=0),),
        phase="Healthy",
        step="2/2",
        set="100",
        actual="100",
    ),
    Scene(
        state="restarting, with pods that nobody may evict",
        objects=(rollout("restarting"), unevictable("restarting")),
        acts=(verb("restart", "restarting", after="Healthy"),),
        phase="Progressing",
        message="rollout is restarting",
        step="2/2",
        set="100",
        actual="100",
        images={"stable": GOOD},
        says="Restarting its pods; 2 of 2 pods ready",
    ),
)

UNDER_WAY = (
    Scene(
        state="progressing, just updated",
        objects=(rollout("updated"),),
        acts=(update("updated", CANNOT_BE_PULLED),),
        phase="Progressing",
        message=MORE,
        step="0/2",
        set="50",
        actual="0",
        images={"stable": GOOD, "canary": CANNOT_BE_PULLED},
        says="Going to 50 % with none of 2 steps done: 0 of 1 canary pod available",
    ),
    Scene(
        state="updated again in mid-update",
        objects=(rollout("again", replicas=4),),
        acts=(update("again"), update("again", CANNOT_BE_PULLED, after="Paused")),
        phase="Progressing",
        message=MORE,
        step="0/2",
        set="50",
        actual="0",
        images={"stable": GOOD, "canary": CANNOT_BE_PULLED},
        says="0 of 2 canary pods available",
    ),
    Scene(
        state="held by a running analysis",
        objects=_analysed("measuring", "result[0] > 0", count=2, interval="1h"),
        acts=(update("measuring"),),
        phase="Progressing",
        message=MORE,
        step="1/3",
        set="50",
        actual="50",
        images=OLD_AND_NEW,
        says="after step 1 of 3 by analysis measuring: measuring-",
    ),
    Scene(
        state="paused at a timed step",
        objects=(rollout("timed", canary(weight(20), pause("1h"), weight(50), ENDLESS), replicas=5),),
        acts=(update("timed"),),
        phase="Paused",
        message=PAUSED,
        step="1/4",
        set="20",
        actual="20",
        images=OLD_AND_NEW,
        says="Held at 20 % after step 1 of 4: a pause of 1 h, until ",
    ),
    Scene(
        state="paused at a step without end",
        objects=(rollout("endless"),),
        acts=(update("endless"),),
        phase="Paused",
        message=PAUSED,
        step="1/2",
        set="50",
        actual="50",
        images=OLD_AND_NEW,
        says="Held at 50 % after step 1 of 2: a pause without end, since ",
    ),
    Scene(
        state="promoted to its next pause",
        objects=(rollout("promoted", canary(weight(25), ENDLESS, weight(75), ENDLESS), replicas=4),),
        acts=(update("promoted"), verb("promote", "promoted")),
        phase="Paused",
        message=PAUSED,
        step="3/4",
        set="75",
        actual="75",
        images=OLD_AND_NEW,
    ),
    Scene(
        state="paused by hand at a step",
        objects=(rollout("byhand"),),
        acts=(update("byhand"), verb("pause", "byhand")),
        phase="Paused",
        message="manually paused",
        step="1/2",
        set="50",
        actual="50",
        images=OLD_AND_NEW,
        says="Paused by hand at 50 % after step 1 of 2",
    ),
    Scene(
        state="paused by hand before the update",
        objects=(rollout("before"),),
        acts=(verb("pause", "before", after="Healthy"), update("before", after="Paused")),
        phase="Paused",
        message="manually paused",
        step="0/2",
        set="50",
        actual="0",
        images={"stable": GOOD},
        says="Paused by hand at 50 % with none of 2 steps done",
    ),
    Scene(
        state="scaled to zero in mid-update",
        objects=(rollout("emptied"),),
        acts=(update("emptied"), kubectl("scale", "rollout/emptied", "--replicas=0", after="Paused")),
        phase="Paused",
        message=PAUSED,
        step="1/2",
        set="50",
        actual="0",
    ),
    Scene(
        state="inconclusive analysis",
        objects=_analysed("undecided", "result[0] > 2", failureCondition="result[0] < 0"),
        acts=(update("undecided"),),
        phase="Paused",
        message="InconclusiveAnalysisRun",
        step="1/3",
        set="50",
        actual="50",
        images=OLD_AND_NEW,
        says="Held at 50 % after step 1 of 3: inconclusive analysis (undecided-",
    ),
)

BROKEN = (
    Scene(
        state="degraded by its progress deadline: crash looping",
        objects=(rollout("crashing", progressDeadlineSeconds=3),),
        acts=(update("crashing", CRASHES),),
        phase="Degraded",
        message="ProgressDeadlineExceeded: ",
        step="0/2",
        set="50",
        actual="0",
        images={"stable": GOOD, "canary": CRASHES},
        says="has timed out progressing; 0 of 1 canary pod available",
    ),
    Scene(
        state="degraded by its progress deadline: an image that can't be pulled",
        objects=(rollout("unpullable", progressDeadlineSeconds=3),),
        acts=(update("unpullable", CANNOT_BE_PULLED),),
        phase="Degraded",
        message="ProgressDeadlineExceeded: ",
        step="0/2",
        set="50",
        actual="0",
        images={"stable": GOOD, "canary": CANNOT_BE_PULLED},
        says="has timed out progressing; 0 of 1 canary pod available",
    ),
    Scene(
        state="aborted by its progress deadline",
        objects=(rollout("late", progressDeadlineSeconds=3, progressDeadlineAbort=True),),
        acts=(update("late", CANNOT_BE_PULLED),),
        phase="Degraded",
        message=ABORTED,
        step="0/2",
        set="0",
        actual="0",
        images={"stable": GOOD},
        says="Aborted the update to revision 2",
    ),
    Scene(
        state="aborted by hand",
        objects=(rollout("aborted"),),
        acts=(update("aborted"), verb("abort", "aborted")),
        phase="Degraded",
        message=ABORTED,
        step="0/2",
        set="0",
        actual="0",
        images={"stable": GOOD},
        says="Aborted the update to revision 2",
    ),
    Scene(
        state="aborted by a bad analysis",
        objects=_analysed("judged", "result[0] > 1"),
        acts=(update("judged"),),
        phase="Degraded",
        message=f"{ABORTED}: Step-based analysis phase error/failed: Metric",
        step="0/3",
        set="0",
        actual="0",
        images={"stable": GOOD},
        says=", 1 failed, 0 allowed",
    ),
    Scene(
        state="retried after an abort",
        objects=(rollout("retried"),),
        acts=(
            update("retried"),
            verb("abort", "retried"),
            verb("retry", "rollout", "retried", after="Degraded"),
        ),
        phase="Paused",
        message=PAUSED,
        step="1/2",
        set="50",
        actual="50",
        images=OLD_AND_NEW,
    ),
)

ENDED = (
    Scene(
        state="undone in mid-update",
        objects=(rollout("undone"),),
        acts=(update("undone"), verb("undo", "undone")),
        phase="Healthy",
        step="2/2",
        set="100",
        actual="100",
        images={"stable": GOOD},
        says="web:1 is fully promoted as revision 3",
    ),
    Scene(
        state="undone after its promotion: a canary of the old version",
        objects=(rollout("back"),),
        acts=(
            update("back"),
            verb("promote", "back", "--full"),
            verb("undo", "back", "--to-revision=1", after="Healthy"),
        ),
        phase="Paused",
        message=PAUSED,
        step="1/2",
        set="50",
        actual="50",
        images={"stable": WANTED, "canary": GOOD},
    ),
    Scene(
        state="fully promoted with --full",
        objects=(rollout("full", canary(weight(25), ENDLESS, weight(50), ENDLESS), replicas=4),),
        acts=(update("full"), verb("promote", "full", "--full")),
        phase="Healthy",
        step="4/4",
        set="100",
        actual="100",
        images={"stable": WANTED},
        says="web:2 is fully promoted as revision 2",
    ),
    Scene(
        state="no steps",
        objects=(rollout("nosteps", canary()),),
        acts=(update("nosteps"),),
        phase="Healthy",
        set="100",
        actual="100",
        images={"stable": WANTED},
    ),
    Scene(
        state="a template from a Deployment",
        objects=referring("referring"),
        acts=(kubectl("set", "image", "deployment/referring", f"app={WANTED}", after="Healthy"),),
        phase="Paused",
        message=PAUSED,
        step="1/2",
        set="50",
        actual="50",
        images=OLD_AND_NEW,
    ),
)

ROUTED = (
    Scene(
        state="routed by nginx with weights",
        objects=routed("routed", {"setCanaryScale": {"replicas": 1}}, weight(30), ENDLESS),
        acts=(update("routed"),),
        phase="Paused",
        message=PAUSED,
        step="2/3",
        set="30",
        actual="30",
        images=OLD_AND_NEW,
    ),
    Scene(
        state="routed by nginx, all traffic is 1000",
        objects=routed("fine", weight(5), ENDLESS, routing={"maxTrafficWeight": 1000}),
        acts=(update("fine"),),
        phase="Paused",
        message=PAUSED,
        step="1/2",
        set="5",
        actual="5",
        images=OLD_AND_NEW,
        says="Held at 5 of 1000 after step 1 of 2",
    ),
    Scene(
        state="routed by nginx and aborted",
        objects=routed("refused", weight(30), ENDLESS),
        acts=(update("refused"), verb("abort", "refused")),
        phase="Degraded",
        message=ABORTED,
        step="0/2",
        set="0",
        actual="0",
        images=OLD_AND_NEW,
        says="web:1 has all traffic",
    ),
)

BLUE_GREEN = (
    Scene(
        state="blue-green before its promotion",
        objects=blue_green("bluegreen", autoPromotionEnabled=False),
        acts=(update("bluegreen"),),
        phase="Paused",
        message="BlueGreenPause",
        images={"stable": GOOD, "active": GOOD, "preview": WANTED},
        says="Held before the switch from web:1 to web:2: a pause without end, since ",
    ),
    Scene(
        state="blue-green that promotes by itself in an hour",
        objects=blue_green("soon", autoPromotionSeconds=3600),
        acts=(update("soon"),),
        phase="Paused",
        message="BlueGreenPause",
        images={"stable": GOOD, "active": GOOD, "preview": WANTED},
        says="Held before the switch from web:1 to web:2: a pause of 1 h, until ",
    ),
    Scene(
        state="blue-green whose preview does not come up",
        objects=blue_green("dark"),
        acts=(update("dark", CANNOT_BE_PULLED),),
        phase="Progressing",
        images={"stable": GOOD, "active": GOOD, "preview": CANNOT_BE_PULLED},
        says="0 of 2 preview pods available",
    ),
    Scene(
        state="blue-green after its promotion",
        objects=blue_green("switched", autoPromotionEnabled=False),
        acts=(update("switched"), verb("promote", "switched")),
        phase="Healthy",
        images={"stable": WANTED, "active": WANTED},
        says="web:2 is fully promoted as revision 2",
    ),
    Scene(
        state="blue-green aborted by hand",
        objects=blue_green("dropped", autoPromotionEnabled=False),
        acts=(update("dropped"), verb("abort", "dropped")),
        phase="Degraded",
        message=ABORTED,
        images={"stable": GOOD, "active": GOOD, "preview": WANTED},
        says="Aborted the update to revision 2",
    ),
)

STATES = (*FIRST, *UNDER_WAY, *BROKEN, *ENDED, *ROUTED, *BLUE_GREEN)
