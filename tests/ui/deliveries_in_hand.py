"""A morning in which something can be done: verbs of Rollouts and Workflows, and what they would do."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from feeds import STAGES, Script, item, morning, ref

from trombone_tui.core.objects.basics import Health, Kind, Object
from trombone_tui.core.stage import Workings
from trombone_tui.core.verbs import Offer, Option, Outcome, Plan, Report, Sort, Verb
from trombone_tui.core.writes import Write


class Thing(Object):
    pass


ROLLOUT = Kind(group="argoproj.io", version="v1alpha1", plural="rollouts", name="Rollout", shape=Thing)
WORKFLOW = Kind(group="argoproj.io", version="v1alpha1", plural="workflows", name="Workflow", shape=Thing)


async def planned(_: Any) -> Plan:
    raise AssertionError("the screen plans nothing itself")


def verb(name: str, about: str, key: str = "", kind: Kind = ROLLOUT, **more: Any) -> Verb:
    return Verb(
        name=name, about=about, key=key, kind=kind, plan=planned, blocked=lambda *_: "", rights=(), **more
    )


FULL = Option(name="full", about="skip all that is left")
REVISION = Option(name="to-revision", about="the revision to go back to", sort=Sort.NUMBER)
IMAGE = Option(name="image", about="CONTAINER=IMAGE", sort=Sort.TEXT, required=True, several=True)

PROMOTE = verb("promote", "Go on from a pause.", "P", options=(FULL,))
ABORT = verb("abort", "Give an update up.", "A", dangerous=lambda _: True)
UNDO = verb("undo", "Go back to a revision.", "U", options=(REVISION,), dangerous=lambda _: True)
RETRY = verb("retry", "Start an aborted update again.")
SET = verb("set", "Write another image.", noun="image", options=(IMAGE,), bulk=False)
REFRESH = verb("refresh", "Look again.", harmless=True)
STOP = verb("stop", "Stop a run.", "S", kind=WORKFLOW)
AGAIN = verb("retry", "Run the failed steps again.", kind=WORKFLOW)

ROLLOUT_VERBS = (PROMOTE, ABORT, UNDO, RETRY, SET, REFRESH)
WORKFLOW_VERBS = (STOP, AGAIN)
ACTING_STAGES = tuple(
    replace(
        stage,
        workings=Workings(
            sources=stage.sources,
            fields=stage.fields,
            verbs={"rollout": ROLLOUT_VERBS, "workflows": WORKFLOW_VERBS}.get(stage.name, ()),
        ),
    )
    for stage in STAGES
)

API, WEB, PAY = (ref("Rollout", name) for name in ("shop-api", "shop-web", "pay-api"))
NOT_ABORTED = "is not aborted"


def patch(name: str = "shop-api", **body: Any) -> Write:
    return Write(
        method="PATCH",
        kind=ROLLOUT,
        namespace="shop",
        name=name,
        subresource="status",
        body=body or {"status": {"pauseConditions": None}},
        title="clear the pause",
    )


def plan(name: str = "shop-api", **changes: Any) -> Plan:
    told: dict[str, Any] = {
        "before": f"{name} is held at step 3 of 8",
        "after": f"{name} goes on with step 4 of 8",
        "writes": (patch(name),),
    }
    return Plan(**{**told, **changes})


def working(names: tuple[str, ...] = ("shop-api", "shop-web", "pay-api")) -> Script:
    """A morning with Rollouts that can be promoted, aborted and so on, and are not aborted."""
    script = morning()
    for name in names:
        target = ref("Rollout", name)
        if target not in script.items["rollout"]:
            script.put("rollout", item("Rollout", name, Health.PROGRESSING))
        script.offers[target] = tuple(
            Offer(verb=one, reason=NOT_ABORTED if one is RETRY else "") for one in ROLLOUT_VERBS
        )
        for one in ROLLOUT_VERBS:
            script.plans[target, one.name] = plan(name)
    for target in script.items["workflows"]:
        script.offers[target] = tuple(Offer(verb=one) for one in WORKFLOW_VERBS)
    return script


def reports(*outcomes: Outcome, text: str = "step 4 of 8") -> tuple[Report, ...]:
    return tuple(
        Report(outcome=outcome, text=text, seconds=1.2 * number) for number, outcome in enumerate(outcomes)
    )
