"""kubernetes_asyncio, the library the product itself uses, against the embedded server."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
import yaml
from contract import NAMESPACE, Api, embedded
from kubernetes_asyncio import client, config, watch

from trombone_tui.demo.server import ApiServer

ARGO = ("argoproj.io", "v1alpha1", NAMESPACE)


@pytest.fixture
async def api() -> AsyncIterator[Api]:
    async with embedded() as one:
        yield one


@pytest.fixture
async def library(api: Api) -> AsyncIterator[client.ApiClient]:
    assert api.server is not None
    settings = client.Configuration()
    await config.load_kube_config_from_dict(
        yaml.safe_load(api.server.kubeconfig(NAMESPACE)), client_configuration=settings
    )
    async with client.ApiClient(settings) as one:
        yield one


async def test_custom_objects(library: client.ApiClient) -> None:
    objects = client.CustomObjectsApi(library)
    body = {
        "apiVersion": "argoproj.io/v1alpha1",
        "kind": "Rollout",
        "metadata": {"name": "r"},
        "spec": {"n": 1},
    }
    created = await objects.create_namespaced_custom_object(*ARGO, "rollouts", body)
    assert created["metadata"]["generation"] == 1
    patched = await objects.patch_namespaced_custom_object(
        *ARGO, "rollouts", "r", {"spec": {"n": 2}}, _content_type="application/merge-patch+json"
    )
    assert patched["spec"] == {"n": 2}
    status = await objects.patch_namespaced_custom_object_status(
        *ARGO, "rollouts", "r", {"status": {"a": 1}}, _content_type="application/merge-patch+json"
    )
    assert status["status"] == {"a": 1}
    listed = await objects.list_cluster_custom_object("argoproj.io", "v1alpha1", "rollouts", limit=10)
    assert [one["metadata"]["name"] for one in listed["items"]] == ["r"]
    deleted = await objects.delete_namespaced_custom_object(*ARGO, "rollouts", "r")
    assert deleted["status"] == "Success"
    with pytest.raises(client.ApiException) as caught:
        await objects.get_namespaced_custom_object(*ARGO, "rollouts", "r")
    assert caught.value.status == 404


async def test_core_kinds_are_decoded_into_the_library_s_models(
    library: client.ApiClient, given: ApiServer
) -> None:
    core = client.CoreV1Api(library)
    pod = {"metadata": {"name": "p"}, "spec": {"containers": [{"name": "main", "image": "x"}]}}
    created = await core.create_namespaced_pod(NAMESPACE, pod)
    assert created.status.phase == "Pending"
    given.logs.append(NAMESPACE, "p", "main", "hello")
    assert await core.read_namespaced_pod_log("p", NAMESPACE) == "hello\n"
    pods = await core.list_namespaced_pod(NAMESPACE, field_selector="status.phase=Pending")
    assert [one.metadata.name for one in pods.items] == ["p"]
    labelled = await core.patch_namespaced_pod("p", NAMESPACE, {"metadata": {"labels": {"a": "b"}}})
    assert labelled.metadata.labels == {"a": "b"}
    assert (await core.list_namespace()).items[0].metadata.name == NAMESPACE
    assert (await core.delete_namespaced_pod("p", NAMESPACE)).metadata.name == "p"


async def test_watch_and_reviews(library: client.ApiClient, given: ApiServer) -> None:
    for name in ("a", "b"):
        given.store.create("workflows.argoproj.io", {"metadata": {"name": name, "namespace": NAMESPACE}})
    seen = []
    async with watch.Watch() as events:
        objects = client.CustomObjectsApi(library)
        async for event in events.stream(objects.list_namespaced_custom_object, *ARGO, "workflows"):
            seen.append((event["type"], event["object"]["metadata"]["name"]))
            if len(seen) == 2:
                break
    assert seen == [("ADDED", "a"), ("ADDED", "b")]
    review = {"spec": {"resourceAttributes": {"verb": "list", "resource": "pods"}}}
    answer = await client.AuthorizationV1Api(library).create_self_subject_access_review(review)
    assert answer.status.allowed
    assert (await client.VersionApi(library).get_code()).major == "1"
    groups = await client.ApisApi(library).get_api_versions()
    assert "argoproj.io" in [group.name for group in groups.groups]
