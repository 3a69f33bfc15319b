"""What proves that a push had its effect: a Workflow that one of the Sensors started after it."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Sequence

from trombone_tui.core.objects.argo_events import STARTED_BY, TRIGGERED_BY
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


def proof(starts: Sequence[Start], sha: str, delivery: str) -> Proof | None:
    """Watch for Workflows of these Sensors, in the namespace in which most are started; None without any."""
    able = [one for one in starts if _LABEL.fullmatch(one.sensor) and _LABEL.fullmatch(one.trigger)]
    if not able:
        return None
    namespace = Counter(one.namespace for one in able).most_common(1)[0][0]
    there = [one for one in able if one.namespace == namespace]
    sensors = sorted({one.sensor for one in there})
    triggers = sorted({one.trigger for one in there})
    selector = f"{STARTED_BY} in ({','.join(sensors)}),{TRIGGERED_BY} in ({','.join(triggers)})"
    who = f"Sensor {sensors[0]}" if len(sensors) == 1 else f"one of the Sensors {listed(sensors, _NAMED)}"
    return Proof(
        kind=WORKFLOW.narrowed(selector=selector),
        namespace=namespace,
        name="",
        any_name=True,
        waits_for=f"a Workflow in namespace {namespace} that {who} starts for {short_revision(sha)}",
        judge=_judge(sha, delivery, marked=all(one.marked for one in there)),
        within=_WITHIN,
    )


def _judge(sha: str, delivery: str, *, marked: bool) -> Judge:
    """Judge a Workflow that came after the push; where all are marked, one without is of another event."""

    def judge(whole: Whole | None) -> Sight:
        if whole is None:
            return Sight(Seen.NOT_YET)
        meta = mapping(whole, "metadata")
        held = json.dumps([meta, whole.get("spec")], ensure_ascii=False)
        who = f"{text(meta, 'namespace')}/{text(meta, 'name')}"
        by = f"by Sensor {text(meta, 'labels', STARTED_BY) or '?'}"
        if sha in held or delivery in held or (not marked and sha[:_SHORT] in held):
            return Sight(Seen.DONE, f"Workflow {who} was started {by} for {short_revision(sha)}")
        if marked:
            return Sight(Seen.NOT_YET, f"Workflow {who} was started for another event")
        return Sight(Seen.DONE, f"Workflow {who} was started {by}; for which event it does not say")

    return judge
