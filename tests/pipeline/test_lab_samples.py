"""Every object that the lab's controllers wrote, as ``make samples`` saved it, is read as they meant it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml
from stage_readers import DATA, decoded, kinds, read

from trombone_tui.core.objects.basics import Malformed
from trombone_tui.core.stage import Item, Stage
from trombone_tui.pipeline import PIPELINE

STAGES = {stage.name: stage for stage in PIPELINE}
SAMPLES = sorted(DATA.glob("*/lab/*.yaml"))
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


def check_experiment(item: Item, status: Held) -> None:
    assert (item.value("phase"), item.value("message")) == (
        status.get("phase"),
        status.get("message") or None,
    )


def check_workflow(item: Item, status: Held) -> None:
    assert (item.value("phase"), item.value("progress")) == (status.get("phase"), status.get("progress"))


def check_application(item: Item, status: Held) -> None:
    assert item.value("sync") == status.get("sync", {}).get("status")
    assert item.value("app_health") == status.get("health", {}).get("status")
    assert item.value("operation") == status.get("operationState", {}).get("phase")


CHECKS: dict[str, Callable[[Item, Held], None]] = {
    "Rollout": check_rollout,
    "AnalysisRun": check_run,
    "Experiment": check_experiment,
    "Workflow": check_workflow,
    "Application": check_application,
}


@pytest.mark.parametrize("path", SAMPLES, ids=lambda path: f"{path.parts[-3]}-{path.stem}")
def test_an_object_that_a_controller_wrote_is_read_and_says_what_its_status_says(path: Path) -> None:
    obj = yaml.load(path.read_text(encoding="utf-8"), Loader=yaml.CSafeLoader)
    stage: Stage = STAGES[path.parts[-3]]
    made = decoded(kinds(stage)[obj["kind"]], obj)
    assert not isinstance(made, Malformed), (made.path, made.problem)
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
