"""What proves that a push had its effect: a Workflow that one of the Sensors started after it."""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Collection, Sequence

from trombone_tui.core.objects.argo_events import SENSOR_OF, STARTED_BY, TRIGGERED_BY
from trombone_tui.core.objects.argo_workflows import WORKFLOW
from trombone_tui.core.objects.phrases import listed, short_revision
from trombone_tui.core.objects.raw import mapping, text
from trombone_tui.core.verbs import Judge, Proof, Seen, Sight, Whole
from trombone_tui.pipeline.events.verbs.listeners import Start

_LABEL = re.compile(r"[A-Za-z0-9](?:[-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?")
_SHORT = 7
_NAMED = 3
_WITHIN = 60.0
"""Seconds: a Sensor may be held back by its rate limit, or try again after a failure."""


def proof(starts: Sequence[Start], sha: str, delivery: str, own: str) -> Proof | None:
    """Watch for Workflows of these Sensors, in all namespaces in which they start some; None without any.

    ``own`` is the namespace of the Sensors.
    """
    able = [one for one in starts if _LABEL.fullmatch(one.sensor) and _LABEL.fullmatch(one.trigger)]
    if not able:
        return None
    namespaces = sorted({one.namespace for one in able})
    sensors = sorted({one.sensor for one in able})
    triggers = sorted({one.trigger for one in able})
    selector = f"{STARTED_BY} in ({','.join(sensors)}),{TRIGGERED_BY} in ({','.join(triggers)})"
    one_of = "" if len(sensors) == 1 else "one of the Sensors "
    who = f"{one_of or 'Sensor '}{listed(sensors, _NAMED)}"
    where = f"namespace{'s' * (len(namespaces) > 1)} {listed(namespaces, _NAMED)}"
    return Proof(
        kind=WORKFLOW.narrowed(selector=selector),
        namespace=namespaces[0],
        name="",
        any_name=True,
        elsewhere=tuple(namespaces[1:]),
        waits_for=f"a Workflow in {where} that {who} starts for {short_revision(sha)}",
        judge=_judge(sha, delivery, unmarked={_from(one) for one in able if not one.marked}),
        within=_WITHIN,
        hint=_hint(who, sensors, own),
    )


def _hint(who: str, sensors: Sequence[str], namespace: str) -> str:
    """Say where a Sensor tells why it started nothing: in the log of its pods."""
    pods = f"{SENSOR_OF}={sensors[0]}" if len(sensors) == 1 else f"{SENSOR_OF} in ({','.join(sensors)})"
    words = ("kubectl", "logs", "-n", namespace, "-l", pods, "--tail=100")
    return f"why, the log of {who} may say: {shlex.join(words)}"


def _from(one: Start) -> tuple[str, str, str]:
    return one.namespace, one.sensor, one.trigger


def _judge(sha: str, delivery: str, *, unmarked: Collection[tuple[str, str, str]]) -> Judge:
    """Judge a Workflow that came after the push.

    What ``unmarked`` Sensors and triggers start need not say what it is for; else one that does not is of
    another event.
    """

    def judge(whole: Whole | None) -> Sight:
        if whole is None:
            return Sight(Seen.NOT_YET)
        meta = mapping(whole, "metadata")
        held = json.dumps([meta, whole.get("spec")], ensure_ascii=False)
        who = f"{text(meta, 'namespace')}/{text(meta, 'name')}"
        sensor, trigger = (text(meta, "labels", one) for one in (STARTED_BY, TRIGGERED_BY))
        marked = (text(meta, "namespace"), sensor, trigger) not in unmarked
        by = f"by Sensor {sensor or '?'}"
        if sha in held or delivery in held or (not marked and sha[:_SHORT] in held):
            return Sight(Seen.DONE, f"Workflow {who} was started {by} for {short_revision(sha)}")
        if marked:
            return Sight(Seen.NOT_YET, f"Workflow {who} was started for another event")
        return Sight(Seen.DONE, f"Workflow {who} was started {by}; for which event it does not say")

    return judge
