"""Every object that the lab's controllers wrote, as ``make samples`` saved it, is read as they meant it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml
from stage_readers import DATA, decoded, kinds, read

from trombone_tui.core.objects.argo_cd_projects import APPLICATION_SET
from trombone_tui.core.objects.basics import Kind, Malformed, Object
from trombone_tui.core.objects.experiments import EXPERIMENT
from trombone_tui.core.objects.kubernetes_events import EVENT, Event
from trombone_tui.core.objects.pods import POD, Pod
from trombone_tui.core.objects.scaling import AUTOSCALER, DISRUPTION_BUDGET
from trombone_tui.core.stage import Item, Stage
from trombone_tui.pipeline import PIPELINE

STAGES = {stage.name: stage for stage in PIPELINE}
SAMPLES = sorted(DATA.glob("*/lab/*.yaml"))
ASKED = {kind.name: kind for kind in (APPLICATION_SET, AUTOSCALER, DISRUPTION_BUDGET, EVENT, EXPERIMENT, POD)}
"""Kinds that details ask for and no stage has rows of."""
Held = dict[str, Any]


def check_rollout(item: Item, status: Held) -> None:
    """Compare with what the controller wrote itself, by the code that the official tool uses."""
    if "phase" not in status:
        assert item.value("phase") == "Progressing"
        return
    assert (item.value("phase"), item.value("message")) == (status.get("phase"), status.get("message") or "")


def check_run(item: Item, status: Held) -> None:
    assert item.value("run_phase") == (status.get("phase") or None)
    phases = {one["name"]: one["phase"] for one in status.get("metricResults") or ()}
    if item.value("metric") in phases:
        assert item.value("phase") == phases[str(item.value("metric"))]
    else:
        assert item.value("value") is None


def check_workflow(item: Item, status: Held) -> None:
    assert (item.value("phase"), item.value("progress")) == (status.get("phase"), status.get("progress"))


def check_application(item: Item, status: Held) -> None:
    assert item.value("sync") == status.get("sync", {}).get("status")
    assert item.value("app_health") == status.get("health", {}).get("status")
    assert item.value("operation") == status.get("operationState", {}).get("phase")


CHECKS: dict[str, Callable[[Item, Held], None]] = {
    "Rollout": check_rollout,
    "AnalysisRun": check_run,
    "Workflow": check_workflow,
    "Application": check_application,
}


def check_pod(made: Object, status: Held) -> None:
    assert isinstance(made, Pod)
    if made.metadata.deletion_timestamp is not None:
        assert (made.word, made.why) == ("Terminating", "is being ended")
        return
    waits = [
        one["state"]["waiting"]["reason"]
        for one in status.get("containerStatuses") or ()
        if "waiting" in one["state"]
    ]
    if waits:
        assert made.word in waits
        assert waits[0] in made.why
    elif status.get("phase") in ("Running", "Succeeded"):
        assert made.word in ("Running", "Completed")
    elif status.get("phase") == "Failed":
        assert made.health == "Degraded"
        assert made.why


def check_event(made: Object, obj: Held) -> None:
    assert isinstance(made, Event)
    assert (made.reason, made.message, made.times) == (obj["reason"], obj["message"], obj.get("count") or 1)
    assert made.last is not None


def shows(stage: Stage, kind: str) -> bool:
    """Say whether a stage has rows of a kind."""
    return any(source.read for source in stage.sources if source.kind.name == kind)


@pytest.mark.parametrize("path", SAMPLES, ids=lambda path: f"{path.parts[-3]}-{path.stem}")
def test_an_object_that_a_controller_wrote_is_read_and_says_what_its_status_says(path: Path) -> None:
    obj = yaml.load(path.read_text(encoding="utf-8"), Loader=yaml.CSafeLoader)
    stage: Stage = STAGES[path.parts[-3]]
    kind: Kind = kinds(stage).get(obj["kind"]) or ASKED[obj["kind"]]
    made = decoded(kind, obj, whole=obj["kind"] == "Pod")
    assert not isinstance(made, Malformed), (made.path, made.problem)
    if not shows(stage, obj["kind"]):
        assert made.metadata.name == obj["metadata"]["name"]
        if obj["kind"] == "Pod":
            check_pod(made, obj.get("status") or {})
        elif obj["kind"] == "Event":
            check_event(made, obj)
        return
    items = list(read(stage, obj).items.values())
    assert items
    for item in items:
        assert item.why
        assert item.ref.name == obj["metadata"]["name"]
        if check := CHECKS.get(obj["kind"]):
            check(item, obj.get("status") or {})


def test_every_stage_has_samples_of_its_kinds() -> None:
    found = {(path.parts[-3], path.stem.partition("-")[0]) for path in SAMPLES}
    wanted = {
        (stage.name, source.kind.name.lower())
        for stage in PIPELINE
        for source in stage.sources
        if source.read and not source.partly
    }
    assert wanted <= found
