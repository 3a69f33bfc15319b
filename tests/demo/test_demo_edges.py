"""Rarer requests to the embedded server, and limits of its own."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
from contract import CRDS, JSON_PATCH, NAMESPACE, Api, embedded, refused

from trombone_tui.demo import protobuf
from trombone_tui.demo.errors import ApiError
from trombone_tui.demo.server import ApiServer

REVIEW = "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews"


@pytest.fixture
async def api() -> AsyncIterator[Api]:
    async with embedded(history=2) as one:
        yield one


def field(number: int, value: bytes) -> bytes:
    return bytes([number << 3 | 2, len(value)]) + value


def message(kind: str, body: bytes) -> bytes:
    about = field(1, b"authorization.k8s.io/v1") + field(2, kind.encode())
    return b"k8s\x00" + field(1, about) + field(2, body)


async def test_review_in_protobuf_as_kubectl_sends_it(api: Api) -> None:
    attributes = field(1, NAMESPACE.encode()) + field(2, b"list") + field(5, b"pods")
    body = message("SelfSubjectAccessReview", b"\x08\x01" + field(2, field(1, attributes)))
    answer = await api.post(REVIEW, body, content_type=protobuf.CONTENT_TYPE)
    assert (answer.status, answer.json["status"]) == (201, {"allowed": True})
    expected = {"namespace": NAMESPACE, "verb": "list", "resource": "pods"}
    assert answer.json["spec"] == {"resourceAttributes": expected}


async def test_other_kinds_are_not_taken_as_protobuf(api: Api) -> None:
    path = f"/api/v1/namespaces/{NAMESPACE}/configmaps"
    answer = await api.post(path, message("ConfigMap", b""), content_type=protobuf.CONTENT_TYPE)
    refused(answer, 415, "UnsupportedMediaType", "kubectl apply -f")


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"json",
        b"k8s\x00",
        b"k8s\x00\x0a\xff",
        b"k8s\x00\x0d\x00",
        b"k8s\x00\x0a",
        message("X", b"")[:-3],
    ],
)
def test_protobuf_that_can_not_be_read_is_400(body: bytes) -> None:
    with pytest.raises(ApiError) as caught:
        protobuf.decode(body)
    assert caught.value.status == 400


async def test_reader_who_is_too_slow_is_let_go(api: Api, given: ApiServer) -> None:
    version = (await api.get(api.plain.path)).version
    async with api.watch(api.plain.path, resourceVersion=version) as events:
        for index in range(10):
            given.store.create("workflows.argoproj.io", api.plain.new(f"w{index}"))
        assert await events.ended()


async def test_states_being_paged_through_are_not_kept_for_ever(api: Api) -> None:
    await api.create(api.plain, "a", "b")
    token = (await api.get(api.plain.path, limit=1)).json["metadata"]["continue"]
    for index in range(40):
        await api.patch(f"{api.plain.path}/a", {"spec": {"n": index + 10}})
        await api.get(api.plain.path, limit=1)
    assert (await api.get(api.plain.path, limit=1, **{"continue": token})).status == 410


async def test_large_list_in_pieces_is_one_document(api: Api) -> None:
    await api.create(api.plain, *(f"big-{n}" for n in range(4)), spec={"text": "x" * 300_000})
    assert (await api.get(api.plain.path)).names == ["big-0", "big-1", "big-2", "big-3"]


async def test_scale(api: Api) -> None:
    await api.create(api.staged, "r", spec={"replicas": 2})
    path = f"{api.staged.path}/r/scale"
    scale = (await api.get(path)).json
    assert (scale["kind"], scale["spec"]) == ("Scale", {"replicas": 2})
    answer = await api.put(path, scale | {"spec": {"replicas": 3}})
    assert answer.json["spec"] == {"replicas": 3}
    stale = await api.put(path, scale | {"spec": {"replicas": 9}})
    refused(stale, 409, "Conflict", "the object has been modified")
    operation = {"op": "replace", "path": "/spec/replicas", "value": 4}
    assert (await api.patch(path, [operation], JSON_PATCH)).json["spec"] == {"replicas": 4}
    assert (await api.get(f"{api.staged.path}/r")).json["spec"] == {"replicas": 4}


async def test_paths_that_lead_nowhere(api: Api) -> None:
    for path in (f"{api.plain.everywhere}/x", "/openapi/v3/nothing", "/apis/argoproj.io/v1alpha1/a/b/c/d"):
        assert (await api.get(path)).status == 404
    assert (await api.get("/openapi/v3/api/v1")).json["paths"]
    refused(await api.get(f"/api/v1/namespaces/{NAMESPACE}/configmaps/x/scale"), 404, "NotFound")
    cluster = f"/api/v1/namespaces/{NAMESPACE}/nodes"
    assert (await api.get(cluster)).status == 404
    assert (await api.call("OPTIONS", api.plain.path)).status == 405


async def test_core_object_of_another_kind_is_400(api: Api) -> None:
    path = f"/api/v1/namespaces/{NAMESPACE}/configmaps"
    answer = await api.post(path, {"kind": "Secret", "metadata": {"name": "x"}})
    refused(answer, 400, "BadRequest", "cannot be handled as a ConfigMap")
    assert (await api.delete(f"{path}/x", "[]")).status == 400


async def test_namespace_has_a_status_of_its_own(api: Api) -> None:
    path = f"/api/v1/namespaces/{NAMESPACE}"
    answer = await api.patch(f"{path}/status", {"status": {"phase": "Terminating"}})
    assert answer.json["status"] == {"phase": "Terminating"}
    assert (await api.get(path)).json["status"] == {"phase": "Terminating"}


async def test_watch_parameters_that_are_no_numbers(api: Api) -> None:
    answer = await api.get(api.plain.path, watch=1, timeoutSeconds="x")
    refused(answer, 400, "BadRequest", "timeoutSeconds")
    anything = await api.get(api.plain.path, headers={"Accept": "text/html, */*"})
    assert anything.status == 200
    yaml = await api.get(api.plain.path, headers={"Accept": "application/yaml"})
    assert yaml.status == 200


async def test_definition_of_a_kind_that_is_served_already_changes_nothing(
    api: Api, given: ApiServer
) -> None:
    crd = (await api.get(f"{CRDS}/workflows.argoproj.io")).json
    assert crd["spec"]["names"]["shortNames"] == ["wf"]
    patched = await api.patch(f"{CRDS}/workflows.argoproj.io", {"metadata": {"labels": {"a": "b"}}})
    assert patched.status == 200
    assert (await api.get(api.plain.path)).status == 200


async def test_kubeconfig_names_the_server_and_the_namespace(given: ApiServer) -> None:
    text = given.kubeconfig("shop", context="mine")
    assert f"server: {given.url}/as/{given.token}" in text
    assert "current-context: mine" in text
    assert "namespace: shop" in text
    assert given.token not in given.kubeconfig(token="other")
