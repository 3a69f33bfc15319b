"""What every API server does with a watch: where it begins, what it sends, how it ends."""

from __future__ import annotations

from typing import Any

import pytest
from contract import MERGE, NAMESPACE, Api, refused

from trombone_tui.demo.server import ApiServer

STREAMING = {
    "sendInitialEvents": "true",
    "resourceVersionMatch": "NotOlderThan",
    "allowWatchBookmarks": "true",
}
INITIAL_END = "k8s.io/initial-events-end"


def seen(event: dict[str, Any]) -> tuple[str, str]:
    return event["type"], event["object"]["metadata"].get("name", "")


async def test_watch_from_a_version_sends_what_came_after_it(api: Api) -> None:
    await api.create(api.plain, "old")
    version = (await api.get(api.plain.path)).version
    await api.create(api.plain, "new")
    async with api.watch(api.plain.path, resourceVersion=version) as events:
        assert seen(await events.next()) == ("ADDED", "new")
        changed = await api.patch(f"{api.plain.path}/old", {"spec": {"n": 2}})
        event = await events.next()
        assert seen(event) == ("MODIFIED", "old")
        assert event["object"] == changed.json
        await api.delete(f"{api.plain.path}/new")
        gone = await events.next()
        assert seen(gone) == ("DELETED", "new")
        assert int(gone["object"]["metadata"]["resourceVersion"]) > int(changed.version)


@pytest.mark.parametrize("truth", ["1", "true", "True"])
async def test_watch_without_a_version_sends_the_state_first(api: Api, truth: str) -> None:
    await api.create(api.plain, "a", "b")
    events = await api.first(2, api.plain.path, watch=truth)
    assert [seen(event) for event in events] == [("ADDED", "a"), ("ADDED", "b")]


async def test_streaming_list_marks_the_end_of_the_state_and_goes_on(api: Api) -> None:
    await api.create(api.plain, "a", "b")
    async with api.watch(api.plain.path, **STREAMING) as events:
        assert [seen(await events.next()) for _ in range(2)] == [("ADDED", "a"), ("ADDED", "b")]
        mark = await events.next()
        assert mark["type"] == "BOOKMARK"
        assert mark["object"]["kind"] == api.plain.kind
        metadata = mark["object"]["metadata"]
        assert metadata["annotations"] == {INITIAL_END: "true"}
        created = await api.create(api.plain, "c")
        assert int(created.version) > int(metadata["resourceVersion"])
        while (event := await events.next())["type"] == "BOOKMARK":
            assert "annotations" not in event["object"]["metadata"]
        assert seen(event) == ("ADDED", "c")


async def test_streaming_list_without_bookmarks_has_no_mark(api: Api) -> None:
    await api.create(api.plain, "a")
    async with api.watch(api.plain.path, **(STREAMING | {"allowWatchBookmarks": "false"})) as events:
        assert seen(await events.next()) == ("ADDED", "a")
        await api.create(api.plain, "b")
        assert seen(await events.next()) == ("ADDED", "b")


async def test_initial_events_can_be_left_out(api: Api) -> None:
    await api.create(api.plain, "a")
    params = STREAMING | {"sendInitialEvents": "false"}
    async with api.watch(api.plain.path, **params) as events:
        await api.create(api.plain, "b")
        while (event := await events.next())["type"] == "BOOKMARK":
            pass
        assert seen(event) == ("ADDED", "b")


@pytest.mark.parametrize(
    ("params", "message"),
    [
        ({"sendInitialEvents": "true"}, "sendInitialEvents requires setting resourceVersionMatch"),
        ({"resourceVersion": "5", "resourceVersionMatch": "NotOlderThan"}, "forbidden for watch unless"),
    ],
)
async def test_watch_parameters_that_make_no_sense_are_422(api: Api, params: dict, message: str) -> None:
    refused(await api.get(api.plain.path, watch=1, timeoutSeconds=1, **params), 422, "Invalid", message)


async def test_watch_from_no_version_at_all_is_an_error(api: Api) -> None:
    answer = await api.get(api.plain.path, watch=1, resourceVersion="x", timeoutSeconds=1)
    assert answer.status == 500
    assert 'parsing "x": invalid syntax' in answer.json["message"]


async def test_watch_from_a_forgotten_version_ends_with_410_in_the_stream(api: Api) -> None:
    async with api.watch(api.plain.path, resourceVersion="1") as events:
        event = await events.next()
        assert await events.ended()
    assert event["type"] == "ERROR"
    status = event["object"]
    assert (status["kind"], status["code"], status["reason"]) == ("Status", 410, "Expired")
    assert status["message"].startswith("too old resource version: 1 (")


async def test_running_watch_survives_that_old_versions_are_forgotten(api: Api) -> None:
    await api.create(api.plain, "a")
    version = (await api.get(api.plain.path)).version
    async with api.watch(api.plain.path, resourceVersion=version) as events:
        await api.forget()
        await api.create(api.plain, "b")
        assert seen(await events.next()) == ("ADDED", "b")


async def test_selected_objects_come_and_go_with_their_labels(api: Api) -> None:
    await api.create(api.plain, "a", labels={"x": "1"})
    await api.create(api.plain, "b")
    version = (await api.get(api.plain.path)).version
    async with api.watch(api.plain.path, resourceVersion=version, labelSelector="x=1") as events:
        for name, value in (("b", "1"), ("a", "2"), ("b", "1")):
            body = {"metadata": {"labels": {"x": value}}, "spec": {"for": f"{name}{value}"}}
            await api.patch(f"{api.plain.path}/{name}", body)
        await api.patch(f"{api.plain.path}/b", {"spec": {"n": 9}})
        assert seen(await events.next()) == ("ADDED", "b")
        left = await events.next()
        assert seen(left) == ("DELETED", "a")
        assert left["object"]["metadata"]["labels"] == {"x": "1"}
        assert seen(await events.next()) == ("MODIFIED", "b")


async def test_watch_of_one_name_and_of_one_namespace(api: Api) -> None:
    await api.create(api.plain, "a", "b")
    async with api.watch(api.plain.path, fieldSelector="metadata.name=b") as events:
        assert seen(await events.next()) == ("ADDED", "b")
        for name in ("a", "b"):
            await api.patch(f"{api.plain.path}/{name}", {"spec": {"n": 2}})
        assert seen(await events.next()) == ("MODIFIED", "b")
    other = api.plain.path.replace(NAMESPACE, "default")
    async with api.watch(other) as events:
        await api.patch(f"{api.plain.path}/a", {"spec": {"n": 3}})
        assert (await api.post(other, api.plain.new("elsewhere"))).status == 201
        assert seen(await events.next()) == ("ADDED", "elsewhere")
        await api.delete(f"{other}/elsewhere")


async def test_watch_ends_when_its_time_is_up(api: Api) -> None:
    async with api.watch(api.plain.path, timeoutSeconds=1) as events:
        assert await events.ended()


async def test_write_that_changes_nothing_is_no_event(api: Api) -> None:
    created = await api.create(api.plain, "a")
    async with api.watch(api.plain.path, resourceVersion=created.version) as events:
        await api.patch(f"{api.plain.path}/a", {"spec": {"n": 1}})
        await api.patch(f"{api.plain.path}/a", {"spec": {"n": 2}})
        assert (await events.next())["object"]["spec"] == {"n": 2}


async def test_table_watch_names_its_columns_once(api: Api) -> None:
    await api.create(api.plain, "a", "b", status={"phase": "Running"})
    accept = {"Accept": "application/json;as=Table;v=v1;g=meta.k8s.io"}
    events = await api.first(3, api.plain.path, headers=accept, **STREAMING)
    first, second, mark = [event["object"] for event in events]
    assert [column["name"] for column in first["columnDefinitions"]][:2] == ["Name", "Status"]
    assert first["rows"][0]["cells"][:2] == ["a", "Running"]
    assert (second["kind"], second["columnDefinitions"]) == ("Table", None)
    assert mark["rows"][0]["object"]["metadata"]["annotations"] == {INITIAL_END: "true"}


async def test_metadata_watch(api: Api) -> None:
    await api.create(api.plain, "a")
    accept = {"Accept": "application/json;as=PartialObjectMetadata;v=v1;g=meta.k8s.io"}
    events = await api.first(2, api.plain.path, headers=accept, **STREAMING)
    one, mark = [event["object"] for event in events]
    assert (one["kind"], mark["kind"]) == ("PartialObjectMetadata", "PartialObjectMetadata")
    assert "spec" not in one


async def test_core_kinds_are_watched_with_their_kind(api: Api) -> None:
    path = f"/api/v1/namespaces/{NAMESPACE}/configmaps"
    await api.post(path, {"metadata": {"name": "one"}})
    [event] = await api.first(1, path, fieldSelector="metadata.name=one")
    assert event["object"]["kind"] == "ConfigMap"


async def test_released_finalizer_is_a_deletion_in_the_watch(api: Api) -> None:
    body = api.staged.new("a")
    body["metadata"]["finalizers"] = ["example.com/hold"]
    created = await api.post(api.staged.path, body)
    async with api.watch(api.staged.path, resourceVersion=created.version) as events:
        await api.delete(f"{api.staged.path}/a")
        await api.patch(f"{api.staged.path}/a", {"metadata": {"finalizers": None}}, MERGE)
        assert [seen(await events.next()) for _ in range(2)] == [("MODIFIED", "a"), ("DELETED", "a")]


async def test_bookmarks_carry_the_newest_version(api: Api, given: ApiServer) -> None:
    created = await api.create(api.staged, "elsewhere")
    async with api.watch(api.plain.path, resourceVersion=created.version, allowWatchBookmarks=1) as events:
        await api.create(api.staged, "later")
        mark = await events.next()
        assert mark["type"] == "BOOKMARK"
        assert mark["object"]["metadata"] == {"resourceVersion": str(given.store.version)}
        assert (await events.next())["type"] == "BOOKMARK"


async def test_removed_kind_ends_its_watches_and_comes_back_empty(api: Api) -> None:
    await api.create(api.plain, "a")
    version = (await api.get(api.plain.path)).version
    async with api.watch(api.plain.path, resourceVersion=version) as events:
        await api.uninstall(api.plain)
        assert seen(await events.next()) == ("DELETED", "a")
        assert await events.ended()
    missing = await api.get(api.plain.path)
    assert (missing.status, missing.text) == (404, "404 page not found\n")
    await api.install(api.plain)
    assert (await api.get(api.plain.path)).names == []
    [stale] = await api.first(1, api.plain.path, resourceVersion=version)
    assert stale["object"]["code"] == 410
