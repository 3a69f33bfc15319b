"""What every stage keeps to, whatever the cluster holds; a new stage is tested from its first day."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import msgspec
import pytest
from any_json import objects
from hypothesis import given, settings
from hypothesis import strategies as st
from stage_readers import decoded, kinds, read, reference

from trombone_tui.core.objects.basics import Health, Kind, Malformed, Ref
from trombone_tui.core.reader import StageReader
from trombone_tui.core.stage import Item, Stage
from trombone_tui.core.text import words
from trombone_tui.pipeline import PIPELINE

BOUNDED = settings(deadline=None, max_examples=50)
NOW = datetime(2026, 11, 23, 17, 42, tzinfo=UTC)
META = {"name": "a", "namespace": "n", "uid": "u"}

ROWS = [
    pytest.param(stage, source.kind, id=f"{stage.name}-{source.kind.name}")
    for stage in PIPELINE
    for source in stage.sources
    if source.read is not None and not source.partly
]
STAGES = [pytest.param(stage, id=stage.name) for stage in PIPELINE]


def put(reader: StageReader, kind: Kind, obj: Any) -> Ref:
    made = decoded(kind, obj)
    ref = reference(kind, made.metadata)
    reader.put(kind, ref, made)
    return ref


def check(stage: Stage, reader: StageReader) -> None:
    seen: set[Ref] = set()
    for ref, item in reader.items.items():
        assert item.ref == ref
        assert ref not in seen
        seen.add(ref)
        check_item(stage, item)
        for detail in reader.details(ref):
            facts = getattr(detail, "facts", ())
            assert all(isinstance(fact.value, str | int | float | datetime | None) for fact in facts)


def check_item(stage: Stage, item: Item) -> None:
    assert isinstance(item.health, Health)
    assert item.why.strip()
    assert "\n" not in item.why
    assert item.why.endswith((".", "!", "?", "…")), item.why
    assert len(item.brief) <= 20
    assert isinstance(item.fields, stage.fields)
    assert msgspec.json.decode(msgspec.json.encode(item.fields)) is not None
    for column in stage.columns:
        value = item.value(column.key)
        assert isinstance(value, str | int | float | datetime | None)
        assert words(column.key, value, NOW, column.width)


@pytest.mark.parametrize(("stage", "kind"), ROWS)
def test_any_object_becomes_rows_and_never_an_error(stage: Stage, kind: Kind) -> None:
    @BOUNDED
    @given(st.lists(objects(kind), min_size=1, max_size=2))
    def never_raises(found: list[Any]) -> None:
        reader = StageReader(stage, "lab", lambda: NOW)
        refs = {put(reader, kind, obj) for obj in found}
        reader.refresh()
        check(stage, reader)
        assert {msgspec.structs.replace(ref, part="") for ref in reader.items} == refs
        for ref in refs:
            reader.drop(kind, ref)
        reader.refresh()
        assert reader.items == {}

    never_raises()


@pytest.mark.parametrize("stage", STAGES)
def test_any_objects_beside_each_other_become_rows_and_never_an_error(stage: Stage) -> None:
    of = kinds(stage)
    one_each = st.fixed_dictionaries({name: objects(kind) for name, kind in of.items()})

    @settings(deadline=None, max_examples=25)
    @given(one_each, st.sets(st.sampled_from(sorted(of))))
    def never_raises(found: dict[str, Any], visible: set[str]) -> None:
        reader = StageReader(stage, "lab", lambda: NOW)
        for name, obj in found.items():
            reader.see(of[name], name in visible)
            put(reader, of[name], obj)
        reader.refresh()
        check(stage, reader)

    never_raises()


@pytest.mark.parametrize(("stage", "kind"), ROWS)
@pytest.mark.parametrize("rest", [{}, {"spec": {}, "status": {}}, {"spec": None, "status": None}])
def test_what_is_missing_never_reads_as_well(stage: Stage, kind: Kind, rest: dict[str, Any]) -> None:
    reader = read(stage, {"kind": kind.name, "metadata": META, **rest})
    assert [item.health for item in reader.items.values()] != []
    assert all(item.health is not Health.HEALTHY for item in reader.items.values())
    check(stage, reader)


ODD = [
    ("Workflow", {"status": {"phase": "Melted"}}),
    ("CronWorkflow", {"spec": {"schedules": ["@daily"]}, "status": {"phase": "Melted"}}),
    ("WorkflowTemplate", {"spec": {"entrypoint": "Melted", "templates": [{}]}}),
    ("ClusterWorkflowTemplate", {"spec": {"entrypoint": "Melted", "templates": []}}),
    ("AnalysisRun", {"status": {"phase": "Melted"}}),
    ("Experiment", {"status": {"phase": "Melted"}}),
    ("Rollout", {"status": {"phase": "Melted"}}),
    ("Application", {"status": {"sync": {"status": "Synced"}, "health": {"status": "Melted"}}}),
    (
        "EventSource",
        {
            "spec": {"webhook": {"a": {}}},
            "status": {"conditions": [{"type": "Deployed", "status": "Melted"}]},
        },
    ),
    ("Sensor", {"status": {"conditions": [{"type": "Deployed", "status": "Melted"}]}}),
    ("EventBus", {"status": {"conditions": [{"type": "Deployed", "status": "Melted"}]}}),
    (
        "ImageUpdater",
        {
            "status": {
                "lastCheckedAt": "2026-11-23T13:00:00Z",
                "conditions": [{"type": "Ready", "status": "Melted"}],
            }
        },
    ),
]


@pytest.mark.parametrize(("name", "obj"), ODD, ids=[name for name, _ in ODD])
def test_a_word_that_nobody_knows_stays_unknown(name: str, obj: dict[str, Any]) -> None:
    stage = next(p.values[0] for p in ROWS if p.values[1].name == name)
    assert isinstance(stage, Stage)
    everything = [kind for kind in kinds(stage) if kind != name]
    reader = read(stage, {"kind": name, "metadata": META, **obj}, hidden=everything)
    assert {item.health for item in reader.items.values()} == {Health.UNKNOWN}


DEFINITIONS = {"AnalysisTemplate", "ClusterAnalysisTemplate"}
"""Kinds that have no status, so no word that could be unknown."""


def test_every_kind_of_row_is_tried_with_a_word_that_nobody_knows() -> None:
    assert {param.values[1].name for param in ROWS} - DEFINITIONS == {name for name, _ in ODD}


@pytest.mark.parametrize(("stage", "kind"), ROWS)
def test_equal_names_in_two_namespaces_stay_apart(stage: Stage, kind: Kind) -> None:
    here, there = ({"kind": kind.name, "metadata": META | {"namespace": ns}} for ns in ("n", "m"))
    reader = read(stage, here, there)
    assert {ref.namespace for ref in reader.items} == {"n", "m"}
    reader.drop(kind, reference(kind, decoded(kind, here).metadata))
    reader.refresh()
    assert {ref.namespace for ref in reader.items} == {"m"}


@pytest.mark.parametrize(("stage", "kind"), ROWS)
def test_equal_names_in_two_clusters_stay_apart(stage: Stage, kind: Kind) -> None:
    found: dict[Ref, Item] = {}
    for cluster in ("one", "two"):
        reader = StageReader(stage, cluster, lambda: NOW)
        made = decoded(kind, {"metadata": META})
        reader.put(kind, reference(kind, made.metadata, cluster), made)
        reader.refresh()
        found |= reader.items
    assert {ref.cluster for ref in found} == {"one", "two"}


@pytest.mark.parametrize(("stage", "kind"), ROWS)
def test_an_object_that_does_not_fit_is_a_row_that_names_the_field(stage: Stage, kind: Kind) -> None:
    made = decoded(kind, {"metadata": META | {"generation": "one"}})
    assert isinstance(made, Malformed)
    reader = StageReader(stage, "lab", lambda: NOW)
    ref = reference(kind, made.metadata)
    reader.put(kind, ref, made)
    reader.refresh()
    assert "$.metadata.generation" in reader.items[ref].why
    assert reader.items[ref].needs_human
    check(stage, reader)


@pytest.mark.parametrize("stage", STAGES)
def test_columns_show_what_there_is_and_fit_80_cells(stage: Stage) -> None:
    known = {"health", "why", "since", "brief", "cluster", "kind", "namespace", "name"}
    known |= set(stage.fields.__struct_fields__)
    assert [column.key for column in stage.columns if column.key not in known] == []
    assert len({column.key for column in stage.columns}) == len(stage.columns)
    always = [column for column in stage.columns if column.rank == 0]
    assert always
    assert sum(column.width + 1 for column in always) <= 78


@pytest.mark.parametrize("stage", STAGES)
def test_every_field_may_be_unknown(stage: Stage) -> None:
    empty = stage.fields()
    assert set(msgspec.structs.asdict(empty).values()) == {None}


def test_stages_are_the_six_words_in_travel_order() -> None:
    names = [stage.name for stage in PIPELINE]
    assert names == ["events", "workflows", "images", "sync", "rollout", "metrics"]
    assert all(stage.title and stage.about.endswith(".") for stage in PIPELINE)


def in_contract() -> Iterator[tuple[str, set[str]]]:
    """Name the fields that ``status -o json`` promises."""
    yield "events", {"deployed", "running", "last_seen"}
    yield "workflows", {"phase", "progress", "failed_node", "message", "duration_seconds"}
    yield "images", {"image", "tag", "candidate", "constraint", "last_checked", "next_check"}
    yield "sync", {"sync", "revision", "operation", "message"}
    yield "metrics", {"phase", "metric", "value", "condition", "failures", "failure_limit"}
    yield (
        "rollout",
        {"phase", "message", "step", "steps", "set_weight", "actual_weight", "stable_image", "canary_image"},
    )


@pytest.mark.parametrize(("name", "promised"), list(in_contract()))
def test_the_fields_that_scripts_build_on_are_there(name: str, promised: set[str]) -> None:
    stage = next(stage for stage in PIPELINE if stage.name == name)
    assert promised <= set(stage.fields.__struct_fields__)
