"""What every API server does with many objects: lists, pages, selectors, tables, metadata only."""

from __future__ import annotations

import gzip

import pytest
from contract import NAMESPACE, Api, refused

TABLE = {"Accept": "application/json;as=Table;v=v1;g=meta.k8s.io,application/json"}
PARTIAL = {"Accept": "application/json;as=PartialObjectMetadataList;v=v1;g=meta.k8s.io"}


async def test_list_has_kind_version_and_items_in_order(api: Api) -> None:
    last = [await api.create(api.plain, name) for name in ("b", "c", "a")][-1]
    answer = await api.get(api.plain.path)
    assert answer.json["kind"] == f"{api.plain.kind}List"
    assert answer.json["apiVersion"] == f"{api.plain.group}/{api.plain.version}"
    assert int(answer.version) >= int(last.version)
    assert answer.names == ["a", "b", "c"]
    assert answer.json["items"][0] == last.json


async def test_list_of_all_namespaces_holds_each(api: Api) -> None:
    await api.create(api.plain, "a")
    here = [
        (i["metadata"]["namespace"], i["metadata"]["name"])
        for i in (await api.get(api.plain.everywhere)).json["items"]
    ]
    assert (NAMESPACE, "a") in here
    assert (await api.get(api.plain.path.replace(NAMESPACE, "nowhere"))).names == []


async def test_items_of_core_lists_carry_no_kind(api: Api) -> None:
    path = f"/api/v1/namespaces/{NAMESPACE}/configmaps"
    await api.post(path, {"metadata": {"name": "one"}})
    answer = await api.get(path, fieldSelector="metadata.name=one")
    assert answer.json["kind"] == "ConfigMapList"
    assert "kind" not in answer.json["items"][0]
    assert (await api.get(f"{path}/one")).json["kind"] == "ConfigMap"


async def test_pages_show_the_state_of_the_first_one(api: Api) -> None:
    await api.create(api.plain, "a", "b", "c", "d", "e")
    first = await api.get(api.plain.path, limit=2)
    assert first.names == ["a", "b"]
    assert first.json["metadata"]["remainingItemCount"] == 3
    await api.delete(f"{api.plain.path}/d")
    await api.create(api.plain, "cc")
    more = {"limit": 2, "continue": first.json["metadata"]["continue"]}
    second = await api.get(api.plain.path, **more)
    assert second.names == ["c", "d"]
    assert second.version == first.version
    last = await api.get(api.plain.path, **(more | {"continue": second.json["metadata"]["continue"]}))
    assert last.names == ["e"]
    assert last.json["metadata"]["continue"] == ""


async def test_pages_of_a_selection_count_no_remainder(api: Api) -> None:
    await api.create(api.plain, "a", "b", "c", labels={"x": "1"})
    first = await api.get(api.plain.path, limit=2, labelSelector="x=1")
    assert first.json["metadata"]["continue"]
    assert "remainingItemCount" not in first.json["metadata"]


async def test_page_of_a_forgotten_state_is_410_and_offers_to_go_on(api: Api) -> None:
    await api.create(api.plain, "a", "b", "c")
    token = (await api.get(api.plain.path, limit=1)).json["metadata"]["continue"]
    await api.create(api.plain, "d")
    token = await api.outdated(token)
    answer = await api.get(api.plain.path, limit=1, **{"continue": token})
    assert (answer.status, answer.json["reason"]) == (410, "Expired")
    assert "continue parameter is too old" in answer.json["message"]
    rest = await api.get(api.plain.path, **{"continue": answer.json["metadata"]["continue"]})
    assert rest.names == ["b", "c", "d"]


@pytest.mark.parametrize(
    ("selector", "names"),
    [
        ("x=1", ["a"]),
        ("x==1", ["a"]),
        ("x!=1", ["b", "c", "d"]),
        ("x in (1,2)", ["a", "b"]),
        ("x notin (1, 2)", ["c", "d"]),
        ("x", ["a", "b", "c"]),
        ("!x", ["d"]),
        ("x,y=2", ["b"]),
        ("x in (1),y=2", []),
        ("x>1", ["b", "c"]),
        ("x<2", ["a"]),
    ],
)
async def test_label_selectors(api: Api, selector: str, names: list[str]) -> None:
    await api.create(api.plain, "a", labels={"x": "1"})
    await api.create(api.plain, "b", labels={"x": "2", "y": "2"})
    await api.create(api.plain, "c", labels={"x": "3"})
    await api.create(api.plain, "d")
    assert (await api.get(api.plain.path, labelSelector=selector)).names == names


@pytest.mark.parametrize(
    ("selector", "names"),
    [
        ("metadata.name=a", ["a"]),
        ("metadata.name!=a", ["b"]),
        (f"metadata.namespace={NAMESPACE}", ["a", "b"]),
        ("metadata.namespace!=x,metadata.name==b", ["b"]),
    ],
)
async def test_field_selectors(api: Api, selector: str, names: list[str]) -> None:
    await api.create(api.plain, "a", "b")
    assert (await api.get(api.plain.path, fieldSelector=selector)).names == names


async def test_selectors_that_make_no_sense_are_400(api: Api) -> None:
    for params in ({"labelSelector": "=="}, {"labelSelector": "a in b"}, {"fieldSelector": "nope"}):
        refused(await api.get(api.plain.path, **params), 400, "BadRequest")
    answer = await api.get(api.plain.path, fieldSelector="spec.n=1")
    refused(answer, 400, "BadRequest", "field label not supported: spec.n")


async def test_events_are_selected_by_what_they_are_about(api: Api) -> None:
    path = f"/api/v1/namespaces/{NAMESPACE}/events"
    for name, kind in (("about-one", "Rollout"), ("about-other", "Pod")):
        about = {"kind": kind, "name": "x", "namespace": NAMESPACE, "uid": name}
        event = {"metadata": {"name": name}, "involvedObject": about, "reason": "R", "type": "Normal"}
        assert (await api.post(path, event | {"source": {"component": "test"}})).status in (201, 409)
    assert (await api.get(path, fieldSelector="involvedObject.kind=Rollout,reason=R")).names == ["about-one"]
    assert (await api.get(path, fieldSelector="source=test,involvedObject.kind!=Rollout")).names == [
        "about-other"
    ]


async def test_pods_are_selected_by_phase(api: Api) -> None:
    pods = f"/api/v1/namespaces/{NAMESPACE}/pods"
    for name, phase in (("a", "Running"), ("b", "Failed")):
        await api.create_pod(name, "main")
        assert (await api.patch(f"{pods}/{name}/status", {"status": {"phase": phase}})).status == 200
    assert (await api.get(pods, fieldSelector="status.phase=Failed")).names == ["b"]
    assert (await api.get(pods, fieldSelector="status.phase!=Failed,spec.nodeName=")).names == ["a"]


@pytest.mark.parametrize(
    ("params", "status"),
    [
        ({"resourceVersion": "0"}, 200),
        ({"resourceVersion": "1", "resourceVersionMatch": "NotOlderThan"}, 200),
        ({"resourceVersion": "99999999999"}, 504),
        ({"resourceVersion": "x"}, 400),
        ({"limit": "x"}, 400),
        ({"continue": "x"}, 400),
        ({"resourceVersionMatch": "Exact"}, 422),
        ({"resourceVersion": "5", "resourceVersionMatch": "Foo"}, 422),
        ({"resourceVersion": "0", "resourceVersionMatch": "Exact"}, 422),
        ({"sendInitialEvents": "true"}, 422),
    ],
)
async def test_versions_and_limits_that_can_be_asked_for(api: Api, params: dict, status: int) -> None:
    answer = await api.get(api.plain.path, **params)
    assert answer.status == status
    if status == 504:
        assert answer.headers["Retry-After"] == "1"
        assert "Too large resource version: 99999999999" in answer.json["message"]


async def test_exact_version_is_the_newest_one(api: Api) -> None:
    await api.create(api.plain, "a")
    version = (await api.get(api.plain.path)).version
    answer = await api.get(api.plain.path, resourceVersion=version, resourceVersionMatch="Exact")
    assert (answer.names, answer.version) == (["a"], version)


async def test_continue_and_resource_version_exclude_each_other(api: Api) -> None:
    await api.create(api.plain, "a", "b")
    token = (await api.get(api.plain.path, limit=1)).json["metadata"]["continue"]
    answer = await api.get(api.plain.path, resourceVersion="5", **{"continue": token})
    refused(answer, 400, "BadRequest", "specifying resource version is not allowed when using continue")


async def test_table_has_printer_columns_and_partial_objects(api: Api) -> None:
    await api.create(api.plain, "a", labels={"x": "1"}, status={"phase": "Running"})
    answer = await api.get(api.plain.path, headers=TABLE)
    assert (answer.json["kind"], answer.json["apiVersion"]) == ("Table", "meta.k8s.io/v1")
    columns = [(one["name"], one["type"], one["format"]) for one in answer.json["columnDefinitions"]]
    assert columns[:2] == [("Name", "string", "name"), ("Status", "string", "")]
    row = answer.json["rows"][0]
    assert row["cells"][:2] == ["a", "Running"]
    assert row["cells"][2] is None
    assert row["object"]["kind"] == "PartialObjectMetadata"
    assert row["object"]["metadata"]["labels"] == {"x": "1"}
    one = await api.get(f"{api.plain.path}/a", headers=TABLE)
    assert [one["cells"][0] for one in one.json["rows"]] == ["a"]


async def test_table_with_whole_objects_or_none(api: Api) -> None:
    created = await api.create(api.plain, "a")
    whole = await api.get(api.plain.path, headers=TABLE, includeObject="Object")
    assert whole.json["rows"][0]["object"] == created.json
    none = await api.get(api.plain.path, headers=TABLE, includeObject="None")
    assert none.json["rows"][0]["object"] is None


async def test_metadata_only(api: Api) -> None:
    created = await api.create(api.plain, "a")
    answer = await api.get(api.plain.path, headers=PARTIAL)
    assert answer.json["kind"] == "PartialObjectMetadataList"
    assert answer.json["items"] == [
        {
            "kind": "PartialObjectMetadata",
            "apiVersion": "meta.k8s.io/v1",
            "metadata": created.json["metadata"],
        }
    ]
    one = {"Accept": "application/json;as=PartialObjectMetadata;v=v1;g=meta.k8s.io"}
    assert "spec" not in (await api.get(f"{api.plain.path}/a", headers=one)).json


async def test_form_nobody_knows_is_406(api: Api) -> None:
    await api.create(api.plain, "a")
    answer = await api.get(f"{api.plain.path}/a", headers={"Accept": "application/xml"})
    refused(answer, 406, "NotAcceptable", "only the following media types are accepted")


async def test_large_list_is_compressed_for_those_who_take_it(api: Api) -> None:
    await api.create(api.plain, *(f"big-{n}" for n in range(4)), spec={"text": "x" * 50_000})
    async with api.session.get(
        api.url + api.plain.path,
        headers={**api.headers, "Accept-Encoding": "gzip"},
        ssl=api.ssl,
    ) as response:
        assert response.headers["Content-Encoding"] == "gzip"
        assert len((await response.json())["items"]) == 4
    plain = await api.get(api.plain.path, headers={"Accept-Encoding": "identity"})
    assert "Content-Encoding" not in plain.headers
    assert len(gzip.compress(plain.text.encode())) < 50_000 < len(plain.text)
