"""The store as the story uses it: identities, versions, listeners, ownership, kinds that come and go."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from trombone_tui.demo.clock import Clock
from trombone_tui.demo.errors import ApiError
from trombone_tui.demo.records import Record
from trombone_tui.demo.resources import RESOURCES, Resource
from trombone_tui.demo.scale import scale_of, scaled
from trombone_tui.demo.store import Store, Writer

START = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
WORKFLOWS, ROLLOUTS = "workflows.argoproj.io", "rollouts.argoproj.io"


@pytest.fixture
def store() -> Store:
    return Store(Clock(start=START), seed=7)


def named(name: str, **more: Any) -> dict[str, Any]:
    return {"metadata": {"name": name, "namespace": "shop"} | more.pop("metadata", {}), **more}


def test_same_seed_gives_the_same_identities() -> None:
    def run(seed: int) -> list[str]:
        store = Store(Clock(start=START), seed=seed)
        made = [store.create(WORKFLOWS, {"metadata": {"generateName": "x-"}}) for _ in range(3)]
        return [one["metadata"][key] for one in made for key in ("uid", "name")]

    assert run(1) == run(1)
    assert run(1) != run(2)


def test_times_come_from_the_clock(store: Store) -> None:
    created = store.create(WORKFLOWS, named("a"))
    assert created["metadata"]["creationTimestamp"].startswith("2026-01-02T03:04:0")


def test_what_is_returned_is_a_copy(store: Store) -> None:
    store.create(WORKFLOWS, named("a", spec={"n": 1}))
    store.get(WORKFLOWS, "shop", "a")["spec"]["n"] = 2
    store.list(WORKFLOWS)[0]["spec"]["n"] = 3
    assert store.get(WORKFLOWS, "shop", "a")["spec"] == {"n": 1}


def test_listeners_hear_every_change_of_the_kinds_they_want(store: Store) -> None:
    heard: list[tuple[str, str, str, int]] = []
    store.on_change(lambda *it: heard.append((it[0], it[1].kind, it[2].name, it[2].version)), [ROLLOUTS])
    everything: list[str] = []
    store.on_change(lambda *it: everything.append(it[0]))
    store.create(WORKFLOWS, named("w"))
    store.create(ROLLOUTS, named("r", spec={"n": 1}))
    obj = store.get(ROLLOUTS, "shop", "r")
    store.update(ROLLOUTS, obj)
    obj["spec"]["n"] = 2
    store.update(ROLLOUTS, obj)
    store.delete(ROLLOUTS, "shop", "r")
    assert [one[:3] for one in heard] == [
        ("ADDED", "Rollout", "r"),
        ("MODIFIED", "Rollout", "r"),
        ("DELETED", "Rollout", "r"),
    ]
    assert heard[-1][3] == store.version
    assert everything == ["ADDED", "ADDED", "MODIFIED", "DELETED"]


def test_listener_may_write_in_turn(store: Store) -> None:
    def count(_: str, __: Resource, record: Record) -> None:
        obj = record.object()
        status = obj.get("status") or {"seen": 0}
        if status["seen"] < 3:
            store.update(ROLLOUTS, obj | {"status": {"seen": status["seen"] + 1}}, subresource="status")

    store.on_change(count, [ROLLOUTS])
    store.create(ROLLOUTS, named("r"))
    assert store.get(ROLLOUTS, "shop", "r")["status"] == {"seen": 3}


def test_put_stores_an_object_whole_and_keeps_its_identity(store: Store) -> None:
    recorded = named(
        "r",
        spec={"n": 1},
        status={"phase": "Healthy"},
        metadata={"uid": "u-1", "generation": 4, "labels": {"a": "b"}},
    )
    made = store.put(ROLLOUTS, recorded)
    assert (made["metadata"]["uid"], made["metadata"]["generation"]) == ("u-1", 4)
    assert made["status"] == {"phase": "Healthy"}
    assert store.put(ROLLOUTS, recorded) == made
    changed = store.put(ROLLOUTS, named("r", spec={"n": 1}, status={"phase": "Degraded"}))
    assert (changed["metadata"]["uid"], changed["status"]) == ("u-1", {"phase": "Degraded"})
    assert int(changed["metadata"]["resourceVersion"]) > int(made["metadata"]["resourceVersion"])


def test_managed_fields_name_each_writer_once(store: Store) -> None:
    store.create(ROLLOUTS, named("r", spec={"n": 1}), by=Writer("kubectl"))
    for phase in ("Progressing", "Healthy"):
        obj = store.get(ROLLOUTS, "shop", "r") | {"status": {"phase": phase}}
        store.update(ROLLOUTS, obj, subresource="status", by=Writer("rollouts-controller"))
    entries = store.get(ROLLOUTS, "shop", "r")["metadata"]["managedFields"]
    assert [(one["manager"], one.get("subresource")) for one in entries] == [
        ("kubectl", None),
        ("rollouts-controller", "status"),
    ]
    assert entries[1]["fieldsV1"] == {"f:status": {}}


def test_pods_and_namespaces_are_born_with_a_phase(store: Store) -> None:
    pod = store.create("pods", named("p", status={"phase": "Running"}))
    namespace = store.create("namespaces", {"metadata": {"name": "n", "namespace": "ignored"}})
    assert (pod["status"], namespace["status"]) == ({"phase": "Pending"}, {"phase": "Active"})
    assert "namespace" not in namespace["metadata"]
    assert store.create("pods", {"metadata": {"name": "q"}})["metadata"]["namespace"] == "default"


@pytest.mark.parametrize(
    ("propagation", "left"), [("Background", []), ("Foreground", []), ("Orphan", ["rs", "pod"])]
)
def test_owned_objects_go_with_their_owner_unless_orphaned(
    store: Store, propagation: str, left: list[str]
) -> None:
    owner = store.create(ROLLOUTS, named("r"))
    middle = store.create(
        "replicasets.apps", named("rs", metadata={"ownerReferences": [{"uid": owner["metadata"]["uid"]}]})
    )
    store.create("pods", named("pod", metadata={"ownerReferences": [{"uid": middle["metadata"]["uid"]}]}))
    store.delete(ROLLOUTS, "shop", "r", propagation=propagation)
    names = [one["metadata"]["name"] for kind in ("replicasets.apps", "pods") for one in store.list(kind)]
    assert names == left
    if left:
        assert "ownerReferences" not in store.get("replicasets.apps", "shop", "rs")["metadata"]


def test_owner_is_not_followed_when_the_reference_is_gone(store: Store) -> None:
    owner = store.create(ROLLOUTS, named("r"))
    store.create("pods", named("pod", metadata={"ownerReferences": [{"uid": owner["metadata"]["uid"]}]}))
    pod = store.get("pods", "shop", "pod")
    del pod["metadata"]["ownerReferences"]
    store.update("pods", pod)
    store.delete(ROLLOUTS, "shop", "r")
    assert len(store.list("pods")) == 1


def test_deleting_a_kind_whose_dependents_are_of_a_removed_kind(store: Store) -> None:
    owner = store.create(ROLLOUTS, named("r"))
    store.create(WORKFLOWS, named("w", metadata={"ownerReferences": [{"uid": owner["metadata"]["uid"]}]}))
    store.uninstall(WORKFLOWS)
    store.delete(ROLLOUTS, "shop", "r")
    assert store.list(ROLLOUTS) == []


def test_unknown_kind_is_404(store: Store) -> None:
    with pytest.raises(ApiError) as caught:
        store.list("trombones.brass.io")
    assert (caught.value.status, caught.value.reason) == (404, "NotFound")
    store.install(next(one for one in RESOURCES if one.name == WORKFLOWS))
    assert store.list(WORKFLOWS) == []


def test_history_forgets_what_is_old(store: Store) -> None:
    small = Store(Clock(start=START), history=2)
    start = small.version
    for index in range(6):
        small.create(WORKFLOWS, named(f"w{index}"))
    history = small.history(WORKFLOWS)
    assert history.position(start) is None
    assert history.since(0) is None
    position = history.position(small.version - 1)
    assert position is not None
    assert [change.record.name for change in history.since(position) or ()] == ["w5"]


def test_every_kind_of_the_catalogue_can_be_stored(store: Store) -> None:
    for resource in RESOURCES:
        created = store.create(resource.name, {"metadata": {"name": "x"}})
        assert (created["apiVersion"], created["kind"]) == (resource.api_version, resource.kind)
        assert ("namespace" in created["metadata"]) is resource.namespaced
        assert ("generation" in created["metadata"]) is resource.generations
        patch = {"spec": {"a": 1}}
        refused: int = 0
        try:
            store.patch(
                resource.name, "default", "x", patch, content_type="application/strategic-merge-patch+json"
            )
        except ApiError as error:
            refused = error.status
        assert refused == (0 if resource.strategic_merge else 415)


def test_status_subresources_are_those_of_the_real_definitions() -> None:
    argo = {one.kind: one.status_subresource for one in RESOURCES if "argoproj.io" in one.group}
    assert {kind for kind, has in argo.items() if has} == {
        "Rollout",
        "ApplicationSet",
        "ImageUpdater",
        "EventSource",
        "Sensor",
        "EventBus",
    }


def test_strategic_merge_takes_lists_apart_by_their_key(store: Store) -> None:
    containers = [{"name": "a", "image": "1"}, {"name": "b", "image": "1"}]
    store.create("pods", named("p", spec={"containers": containers, "args": ["x"], "old": 1}))
    patch = {
        "metadata": {"$retainKeys": []},
        "spec": {
            "$setElementOrder/containers": [],
            "containers": [{"name": "b", "image": "2"}, {"name": "c"}, {"name": "a", "$patch": "delete"}],
            "args": ["y"],
            "old": None,
            "$deleteFromPrimitiveList/tolerations": ["z"],
            "new": {"$patch": "replace", "k": 1},
        },
    }
    kind = "application/strategic-merge-patch+json"
    spec = store.patch("pods", "shop", "p", patch, content_type=kind)["spec"]
    assert spec == {
        "containers": [{"name": "b", "image": "2"}, {"name": "c"}],
        "args": ["y"],
        "tolerations": [],
        "new": {"k": 1},
    }


def test_json_patch_may_replace_the_whole_and_must_leave_an_object(store: Store) -> None:
    made = store.create(WORKFLOWS, named("a", spec={"n": 1}))
    kind = "application/json-patch+json"
    whole = made | {"spec": {"n": 2}}
    patched = store.patch(
        WORKFLOWS, "shop", "a", [{"op": "replace", "path": "", "value": whole}], content_type=kind
    )
    assert patched["spec"] == {"n": 2}
    for operation in ({"op": "add", "path": "", "value": 1}, {"op": "add", "path": "spec", "value": 1}):
        with pytest.raises(ApiError) as caught:
            store.patch(WORKFLOWS, "shop", "a", [operation], content_type=kind)
        assert caught.value.status == 422


def test_scale_reads_and_writes_replicas() -> None:
    obj = {
        "metadata": {"name": "r", "namespace": "shop", "labels": {"a": "b"}},
        "spec": {"replicas": 3, "selector": {"matchLabels": {"app": "r"}}},
        "status": {"replicas": 2},
    }
    scale = scale_of(obj)
    assert (scale["spec"], scale["status"]) == ({"replicas": 3}, {"replicas": 2, "selector": "app=r"})
    assert scaled(obj, {"spec": {"replicas": 5}})["spec"]["replicas"] == 5
    for wrong in ({"spec": {"replicas": -1}}, {"spec": 1}, []):
        with pytest.raises(ApiError):
            scaled(obj, wrong)


async def test_clock_runs_as_fast_as_it_is_told() -> None:
    clock = Clock(100.0, START)
    before = clock.now()
    await clock.sleep(2)
    assert timedelta(seconds=2) <= clock.now() - before < timedelta(seconds=60)
    assert clock.stamp().startswith("2026-01-02T03:0")
    await asyncio.wait_for(clock.sleep(-1), 1)


def test_clock_refuses_what_is_no_time() -> None:
    with pytest.raises(ValueError, match="aware"):
        Clock(start=datetime(2026, 1, 1))  # noqa: DTZ001 - what it must refuse
    with pytest.raises(ValueError, match="above 0"):
        Clock(0)
