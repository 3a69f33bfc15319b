"""What every API server does with one object: create, get, update, patch, delete."""

from __future__ import annotations

import re
from datetime import UTC, datetime

import pytest
from contract import JSON_PATCH, MERGE, NAMESPACE, STRATEGIC, Api, refused


async def test_created_object_gets_identity_from_the_server(api: Api) -> None:
    answer = await api.post(api.plain.path, api.plain.new("one", spec={"n": 1}, status={"phase": "Running"}))
    assert answer.status == 201
    metadata = answer.json["metadata"]
    assert re.fullmatch(
        r"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}", metadata["uid"]
    )
    assert metadata["namespace"] == NAMESPACE
    assert metadata["generation"] == 1
    assert int(metadata["resourceVersion"]) > 0
    created = datetime.strptime(metadata["creationTimestamp"], "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC)
    assert abs((datetime.now(UTC) - created).total_seconds()) < 60
    entry = metadata["managedFields"][0]
    assert (entry["manager"], entry["operation"]) == ("contract", "Update")
    assert answer.json["status"] == {"phase": "Running"}
    assert (await api.get(f"{api.plain.path}/one")).json == answer.json


async def test_status_is_dropped_on_create_where_it_is_a_subresource(api: Api) -> None:
    answer = await api.create(api.staged, "one", spec={"n": 1}, status={"phase": "Healthy"})
    assert "status" not in answer.json


async def test_generate_name_makes_unique_names(api: Api) -> None:
    body = api.plain.new("x") | {"metadata": {"generateName": "run-"}}
    names = {(await api.post(api.plain.path, body)).json["metadata"]["name"] for _ in range(3)}
    assert len(names) == 3
    assert all(re.fullmatch(r"run-[a-z0-9]{5}", name) for name in names)


async def test_taken_name_is_409_already_exists(api: Api) -> None:
    await api.create(api.plain, "one")
    answer = await api.post(api.plain.path, api.plain.new("one"))
    details = refused(answer, 409, "AlreadyExists", f'{api.plain.name} "one" already exists')
    assert details == {"name": "one", "group": api.plain.group, "kind": api.plain.plural}


async def test_missing_object_is_404_with_its_name(api: Api) -> None:
    answer = await api.get(f"{api.plain.path}/nobody")
    details = refused(answer, 404, "NotFound", f'{api.plain.name} "nobody" not found')
    assert details == {"name": "nobody", "group": api.plain.group, "kind": api.plain.plural}


async def test_create_in_a_missing_namespace_is_404(api: Api) -> None:
    path = api.plain.path.replace(NAMESPACE, "nowhere")
    refused(await api.post(path, api.plain.new("one")), 404, "NotFound", 'namespaces "nowhere" not found')


@pytest.mark.parametrize(
    ("metadata", "field"),
    [
        ({"name": "Upper_case"}, "metadata.name"),
        ({}, "metadata.name"),
        ({"name": "one", "labels": {"ref": "refs/heads/main"}}, "metadata.labels"),
        ({"name": "one", "labels": {"ref": "x" * 64}}, "metadata.labels"),
    ],
)
async def test_names_and_labels_that_are_not_allowed_are_422(api: Api, metadata: dict, field: str) -> None:
    answer = await api.post(api.plain.path, api.plain.new("x") | {"metadata": metadata})
    details = refused(answer, 422, "Invalid", f"is invalid: {field}: ")
    assert details["kind"] == api.plain.kind
    assert {cause["field"] for cause in details["causes"]} == {field}


async def test_object_of_another_kind_or_version_is_refused(api: Api) -> None:
    other = api.plain.new("one") | {"kind": "Other"}
    refused(await api.post(api.plain.path, other), 422, "Invalid", f"must be {api.plain.kind}")
    older = api.plain.new("one") | {"apiVersion": f"{api.plain.group}/v0"}
    refused(
        await api.post(api.plain.path, older), 400, "BadRequest", "does not match the expected API version"
    )
    nameless = {"metadata": {"name": "one"}}
    refused(await api.post(api.plain.path, nameless), 400, "BadRequest", "Object 'Kind' is missing")


async def test_body_that_is_no_object_is_400(api: Api) -> None:
    for body in ("{nope", "[]"):
        refused(await api.post(api.plain.path, body), 400, "BadRequest")
    answer = await api.post(api.plain.path, "x", content_type="text/plain")
    refused(answer, 415, "UnsupportedMediaType", "application/json")


async def test_object_may_not_name_another_namespace_or_a_resource_version(api: Api) -> None:
    elsewhere = api.plain.new("one")
    elsewhere["metadata"]["namespace"] = "default"
    refused(await api.post(api.plain.path, elsewhere), 400, "BadRequest", "does not match the namespace")
    versioned = api.plain.new("one")
    versioned["metadata"]["resourceVersion"] = "5"
    answer = await api.post(api.plain.path, versioned)
    assert answer.status == 500
    assert answer.json["message"] == "resourceVersion should not be set on objects to be created"


async def test_dry_run_answers_but_stores_nothing(api: Api) -> None:
    assert (await api.post(api.plain.path, api.plain.new("one"), dryRun="All")).status == 201
    assert (await api.get(f"{api.plain.path}/one")).status == 404
    before = await api.create(api.plain, "one")
    changed = await api.patch(f"{api.plain.path}/one", {"spec": {"n": 2}}, dryRun="All")
    assert changed.json["spec"] == {"n": 2}
    assert (await api.delete(f"{api.plain.path}/one", dryRun="All")).status == 200
    assert (await api.get(f"{api.plain.path}/one")).json == before.json
    details = refused(await api.post(api.plain.path, api.plain.new("two"), dryRun="Some"), 422, "Invalid")
    assert details["kind"] == "CreateOptions"


async def test_field_manager_is_named_or_taken_from_the_user_agent(api: Api) -> None:
    answer = await api.post(api.plain.path, api.plain.new("one"), fieldManager="somebody")
    assert [entry["manager"] for entry in answer.json["metadata"]["managedFields"]] == ["somebody"]
    answer = await api.patch(f"{api.plain.path}/one", {"spec": {"m": 1}}, headers={"User-Agent": "tool/2.0"})
    assert "tool" in [entry["manager"] for entry in answer.json["metadata"]["managedFields"]]


async def test_merge_patch_merges_and_null_removes(api: Api) -> None:
    await api.create(api.plain, "one", spec={"a": {"b": 1, "c": 2}, "d": [1, 2]})
    answer = await api.patch(f"{api.plain.path}/one", {"spec": {"a": {"b": None, "e": 3}, "d": [3]}})
    assert answer.status == 200
    assert answer.json["spec"] == {"a": {"c": 2, "e": 3}, "d": [3]}


async def test_generation_counts_spec_and_status_where_status_is_no_subresource(api: Api) -> None:
    await api.create(api.plain, "one")
    path = f"{api.plain.path}/one"
    assert (await api.patch(path, {"spec": {"n": 2}})).json["metadata"]["generation"] == 2
    assert (await api.patch(path, {"status": {"phase": "Running"}})).json["metadata"]["generation"] == 3
    labelled = await api.patch(path, {"metadata": {"labels": {"a": "b"}}})
    assert labelled.json["metadata"]["generation"] == 3


async def test_patch_that_changes_nothing_makes_no_new_version(api: Api) -> None:
    before = await api.create(api.plain, "one")
    answer = await api.patch(f"{api.plain.path}/one", {"spec": {"n": 1}})
    assert answer.json == before.json


async def test_main_path_ignores_status_and_status_path_ignores_the_rest(api: Api) -> None:
    before = await api.create(api.staged, "one")
    path = f"{api.staged.path}/one"
    ignored = await api.patch(path, {"status": {"phase": "Healthy"}})
    assert ignored.status == 200
    assert ignored.json == before.json
    body = {"status": {"phase": "Healthy"}, "spec": {"n": 7}, "metadata": {"labels": {"a": "b"}}}
    answer = await api.patch(f"{path}/status", body)
    assert answer.json["status"] == {"phase": "Healthy"}
    assert answer.json["spec"] == {"n": 1}
    assert "labels" not in answer.json["metadata"]
    assert answer.json["metadata"]["generation"] == 1
    spec = await api.patch(path, {"spec": {"n": 2}})
    assert spec.json["status"] == {"phase": "Healthy"}
    assert spec.json["metadata"]["generation"] == 2
    assert (await api.get(f"{path}/status")).json == spec.json


async def test_put_and_json_patch_reach_the_status_too(api: Api) -> None:
    created = await api.create(api.staged, "one")
    path = f"{api.staged.path}/one/status"
    answer = await api.put(path, created.json | {"status": {"phase": "Paused"}, "spec": {"n": 9}})
    assert (answer.json["status"], answer.json["spec"]) == ({"phase": "Paused"}, {"n": 1})
    operation = {"op": "replace", "path": "/status/phase", "value": "Healthy"}
    assert (await api.patch(path, [operation], JSON_PATCH)).json["status"] == {"phase": "Healthy"}


async def test_kind_without_status_subresource_answers_404_there(api: Api) -> None:
    await api.create(api.plain, "one")
    path = f"{api.plain.path}/one/status"
    for answer in (await api.get(path), await api.patch(path, {"status": {}})):
        refused(answer, 404, "NotFound", f'{api.plain.name} "one" not found')


@pytest.mark.parametrize("below", ["", "/status"])
async def test_stale_resource_version_is_409_and_changes_nothing(api: Api, below: str) -> None:
    created = await api.create(api.staged, "one")
    await api.patch(f"{api.staged.path}/one", {"spec": {"n": 2}})
    stale = {"metadata": {"resourceVersion": created.version}, "spec": {"n": 3}, "status": {"a": 1}}
    answer = await api.patch(f"{api.staged.path}/one{below}", stale)
    details = refused(answer, 409, "Conflict", "the object has been modified; please apply your changes")
    assert details == {"name": "one", "group": api.staged.group, "kind": api.staged.plural}
    now = (await api.get(f"{api.staged.path}/one")).json
    assert (now["spec"], now.get("status")) == ({"n": 2}, None)


async def test_patch_of_another_uid_name_or_namespace_is_refused(api: Api) -> None:
    await api.create(api.plain, "one")
    path = f"{api.plain.path}/one"
    refused(await api.patch(path, {"metadata": {"uid": "other"}}), 422, "Invalid", "field is immutable")
    refused(await api.patch(path, {"metadata": {"name": "two"}}), 400, "BadRequest", "(two) does not match")
    refused(await api.patch(path, {"metadata": {"namespace": "x"}}), 400, "BadRequest", "the namespace of")
    refused(await api.patch(path, {"metadata": {"labels": {"a": "b/c"}}}), 422, "Invalid", "metadata.labels")
    refused(await api.patch(f"{api.plain.path}/none", {"spec": {}}), 404, "NotFound")


async def test_json_patch_operations(api: Api) -> None:
    await api.create(api.plain, "one", spec={"a": 1, "list": [1, 3], "gone": 0, "k/e~y": 1})
    operations = [
        {"op": "test", "path": "/spec/a", "value": 1},
        {"op": "replace", "path": "/spec/a", "value": {"x": 1}},
        {"op": "add", "path": "/spec/list/1", "value": 2},
        {"op": "add", "path": "/spec/list/-", "value": 4},
        {"op": "remove", "path": "/spec/gone"},
        {"op": "copy", "from": "/spec/a", "path": "/spec/b"},
        {"op": "move", "from": "/spec/k~1e~0y", "path": "/spec/c"},
        {"op": "remove", "path": "/spec/list/0"},
        {"op": "replace", "path": "/spec/list/0", "value": 20},
    ]
    answer = await api.patch(f"{api.plain.path}/one", operations, JSON_PATCH)
    assert answer.json["spec"] == {"a": {"x": 1}, "b": {"x": 1}, "c": 1, "list": [20, 3, 4]}


@pytest.mark.parametrize(
    "operation",
    [
        {"op": "test", "path": "/spec/n", "value": 7},
        {"op": "replace", "path": "/spec/x/y", "value": 7},
        {"op": "remove", "path": "/spec/x"},
        {"op": "remove", "path": "/spec/list/7"},
        {"op": "frobnicate", "path": "/spec"},
    ],
)
async def test_json_patch_that_does_not_fit_is_422(api: Api, operation: dict) -> None:
    before = await api.create(api.plain, "one", spec={"n": 1, "list": []})
    both = [{"op": "add", "path": "/spec/new", "value": 1}, operation]
    answer = await api.patch(f"{api.plain.path}/one", both, JSON_PATCH)
    refused(answer, 422, "Invalid", "the server rejected our request due to an error in our request")
    assert (await api.get(f"{api.plain.path}/one")).json == before.json


async def test_patch_that_is_no_patch_is_400(api: Api) -> None:
    await api.create(api.plain, "one")
    for body, kind in (("{nope", MERGE), ("[]", MERGE), ("{}", JSON_PATCH)):
        refused(await api.patch(f"{api.plain.path}/one", body, kind), 400, "BadRequest")


async def test_strategic_merge_is_415_for_custom_resources(api: Api) -> None:
    await api.create(api.plain, "one")
    for kind in (STRATEGIC, "application/json"):
        answer = await api.patch(f"{api.plain.path}/one", {"spec": {}}, kind)
        refused(answer, 415, "UnsupportedMediaType", "application/merge-patch+json")


async def test_strategic_merge_is_done_for_core_kinds(api: Api) -> None:
    path = f"/api/v1/namespaces/{NAMESPACE}/configmaps"
    assert (await api.post(path, {"metadata": {"name": "one"}, "data": {"a": "1", "b": "2"}})).status == 201
    answer = await api.patch(f"{path}/one", {"data": {"a": None, "c": "3"}}, STRATEGIC)
    assert answer.json["data"] == {"b": "2", "c": "3"}


async def test_put_replaces_and_needs_the_version_it_replaces(api: Api) -> None:
    created = await api.create(api.plain, "one", spec={"a": 1, "b": 2})
    path = f"{api.plain.path}/one"
    answer = await api.put(path, created.json | {"spec": {"a": 3}})
    assert (answer.status, answer.json["spec"]) == (200, {"a": 3})
    refused(await api.put(path, created.json | {"spec": {}}), 409, "Conflict", "has been modified")
    bare = api.plain.new("one")
    refused(await api.put(path, bare), 422, "Invalid", "metadata.resourceVersion: Invalid value: 0")
    refused(await api.put(f"{api.plain.path}/two", bare), 400, "BadRequest", "(one) does not match")
    gone = api.plain.new("two")
    gone["metadata"]["resourceVersion"] = "1"
    refused(await api.put(f"{api.plain.path}/two", gone), 404, "NotFound")


async def test_put_of_another_uid_is_409(api: Api) -> None:
    created = await api.create(api.plain, "one")
    body = created.json
    body["metadata"]["uid"] = "11111111-2222-4333-8444-555555555555"
    refused(await api.put(f"{api.plain.path}/one", body), 409, "Conflict", "UID in precondition")


async def test_delete_answers_success_with_the_uid(api: Api) -> None:
    created = await api.create(api.plain, "one")
    answer = await api.delete(f"{api.plain.path}/one", {"propagationPolicy": "Background"})
    assert (answer.status, answer.json["status"]) == (200, "Success")
    assert answer.json["details"] == {
        "name": "one",
        "group": api.plain.group,
        "kind": api.plain.plural,
        "uid": created.json["metadata"]["uid"],
    }
    refused(await api.delete(f"{api.plain.path}/one"), 404, "NotFound")


async def test_delete_preconditions(api: Api) -> None:
    created = await api.create(api.plain, "one")
    path = f"{api.plain.path}/one"
    other = {"preconditions": {"uid": "other"}}
    refused(await api.delete(path, other), 409, "Conflict", "the UID in the precondition (other)")
    older = {"preconditions": {"resourceVersion": "1"}}
    refused(await api.delete(path, older), 409, "Conflict", "the ResourceVersion in the precondition (1)")
    unknown = await api.delete(path, propagationPolicy="Foo")
    refused(unknown, 422, "Invalid", 'Unsupported value: "Foo"')
    meant = {"uid": created.json["metadata"]["uid"], "resourceVersion": created.version}
    assert (await api.delete(path, {"preconditions": meant})).status == 200


async def test_finalizers_hold_a_deleted_object(api: Api) -> None:
    body = api.staged.new("one")
    body["metadata"]["finalizers"] = ["example.com/hold"]
    await api.post(api.staged.path, body)
    path = f"{api.staged.path}/one"
    held = await api.delete(path)
    assert held.status == 200
    assert held.json["metadata"]["deletionTimestamp"]
    assert held.json["metadata"]["generation"] == 2
    again = await api.delete(path)
    assert again.json["metadata"]["resourceVersion"] == held.version
    released = await api.patch(path, {"metadata": {"finalizers": None}})
    assert (released.status, "finalizers" in released.json["metadata"]) == (200, False)
    assert (await api.get(path)).status == 404


async def test_delete_collection_takes_what_is_selected(api: Api) -> None:
    await api.create(api.plain, "one", "two", labels={"a": "b"})
    await api.create(api.plain, "three")
    answer = await api.delete(api.plain.path, labelSelector="a=b")
    assert (answer.status, answer.names) == (200, ["one", "two"])
    assert (await api.get(api.plain.path)).names == ["three"]


async def test_method_that_is_not_served(api: Api) -> None:
    refused(await api.put(api.plain.path, {}), 400, "BadRequest", "name must be provided")
    path = f"/api/v1/namespaces/{NAMESPACE}/pods/x/log"
    assert (await api.put(path, {})).status == 405


async def test_pretty_is_indented(api: Api) -> None:
    await api.create(api.plain, "one")
    assert '\n  "kind"' in (await api.get(f"{api.plain.path}/one", pretty="true")).text
    assert '\n  "kind"' not in (await api.get(f"{api.plain.path}/one")).text
