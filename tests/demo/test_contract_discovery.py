"""How every API server says what it serves."""

from __future__ import annotations

from typing import Any

import pytest
from contract import CRDS, NAMESPACE, Api, refused

from trombone_tui.demo.server import ApiServer

AGGREGATED = "application/json;g=apidiscovery.k8s.io;v={};as=APIGroupDiscoveryList"


def served(answer: dict[str, Any], group: str) -> dict[str, dict[str, Any]]:
    found = next(item for item in answer["items"] if item["metadata"].get("name", "") == group)
    return {one["resource"]: one for one in found["versions"][0]["resources"]}


async def test_version(api: Api) -> None:
    answer = await api.get("/version")
    assert answer.json["gitVersion"].startswith("v1.")
    assert answer.json["major"] == "1"


async def test_groups_and_core_versions(api: Api) -> None:
    assert (await api.get("/api")).json["versions"] == ["v1"]
    groups = {group["name"]: group for group in (await api.get("/apis")).json["groups"]}
    assert {"apps", "authorization.k8s.io", api.plain.group} <= groups.keys()
    one = await api.get(f"/apis/{api.plain.group}")
    assert one.json["kind"] == "APIGroup"
    assert one.json["preferredVersion"]["version"] == api.plain.version


async def test_resources_of_a_group_with_their_subresources(api: Api) -> None:
    answer = await api.get(f"/apis/{api.plain.group}/{api.plain.version}")
    assert answer.json["kind"] == "APIResourceList"
    resources = {one["name"]: one for one in answer.json["resources"]}
    plain = resources[api.plain.plural]
    assert (plain["kind"], plain["namespaced"]) == (api.plain.kind, True)
    assert {"get", "list", "watch", "patch"} <= set(plain["verbs"])
    assert f"{api.staged.plural}/status" in resources
    assert f"{api.plain.plural}/status" not in resources
    core = {one["name"]: one for one in (await api.get("/api/v1")).json["resources"]}
    assert core["namespaces"]["namespaced"] is False
    assert core["pods"]["shortNames"] == ["po"]
    assert core["pods/log"]["kind"] == "Pod"


@pytest.mark.parametrize("version", ["v2", "v2beta1"])
async def test_aggregated_discovery(api: Api, version: str) -> None:
    accept = {"Accept": f"{AGGREGATED.format(version)},application/json"}
    answer = await api.get("/apis", headers=accept)
    if api.server is None and version == "v2beta1":
        pytest.skip("newer real servers serve v2 alone")
    assert answer.headers["Content-Type"] == AGGREGATED.format(version)
    assert answer.json["apiVersion"] == f"apidiscovery.k8s.io/{version}"
    custom = served(answer.json, api.staged.group)[api.staged.plural]
    kind = {"group": api.staged.group, "version": api.staged.version, "kind": api.staged.kind}
    assert custom["responseKind"] == kind
    assert custom["scope"] == "Namespaced"
    assert "status" in [one["subresource"] for one in custom["subresources"]]
    apps = served(answer.json, "apps")["deployments"]
    assert apps["responseKind"] == {"group": "", "version": "", "kind": "Deployment"}
    assert {"status", "scale"} <= {one["subresource"] for one in apps["subresources"]}
    core = await api.get("/api", headers=accept)
    assert "pods" in served(core.json, "")


async def test_what_is_not_served_is_404(api: Api) -> None:
    for path in (
        "/apis/nothing.io/v1/things",
        f"/apis/{api.plain.group}/{api.plain.version}/things",
        "/nothing",
    ):
        answer = await api.get(path)
        assert (answer.status, answer.text) == (404, "404 page not found\n") or path == "/nothing"
        assert answer.status == 404
    core = await api.get(f"/api/v1/namespaces/{NAMESPACE}/things")
    refused(core, 404, "NotFound", "the server could not find the requested resource")
    assert (await api.get("/apis/nothing.io")).status == 404
    assert (await api.get("/apis/nothing.io/v1")).status == 404


async def test_definition_that_is_created_serves_its_kind_until_it_is_deleted(
    api: Api, given: ApiServer
) -> None:
    names = {"plural": "trombones", "singular": "trombone", "kind": "Trombone", "shortNames": ["tb"]}
    column = {"name": "Slide", "type": "integer", "jsonPath": ".spec.slide"}
    version = {"name": "v1", "served": True, "storage": True, "additionalPrinterColumns": [column]}
    spec = {"group": "brass.io", "names": names, "scope": "Cluster", "versions": [version]}
    created = await api.post(CRDS, {"metadata": {"name": "trombones.brass.io"}, "spec": spec})
    assert created.status == 201
    conditions = (await api.get(f"{CRDS}/trombones.brass.io")).json["status"]["conditions"]
    assert {one["type"]: one["status"] for one in conditions}["Established"] == "True"
    path = "/apis/brass.io/v1/trombones"
    body = {"apiVersion": "brass.io/v1", "kind": "Trombone", "metadata": {"name": "t"}, "spec": {"slide": 7}}
    assert (await api.post(path, body)).status == 201
    table = await api.get(path, headers={"Accept": "application/json;as=Table;v=v1;g=meta.k8s.io"})
    assert table.json["rows"][0]["cells"] == ["t", 7]
    assert (await api.delete(f"{CRDS}/trombones.brass.io")).status == 200
    assert (await api.get(path)).status == 404


async def test_definition_that_describes_nothing_serves_nothing(api: Api, given: ApiServer) -> None:
    before = len(given.store.resources)
    assert (await api.post(CRDS, {"metadata": {"name": "empty.brass.io"}})).status == 201
    assert (await api.delete(f"{CRDS}/empty.brass.io")).status == 200
    assert len(given.store.resources) == before


async def test_every_argo_kind_has_its_definition(api: Api, given: ApiServer) -> None:
    names = (await api.get(CRDS)).names
    assert {"rollouts.argoproj.io", "workflows.argoproj.io", "eventbus.argoproj.io"} <= set(names)
    assert "imageupdaters.argocd-image-updater.argoproj.io" in names
    given.store.uninstall("rollouts.argoproj.io")
    assert "rollouts.argoproj.io" not in (await api.get(CRDS)).names
    resources = (await api.get("/apis/argoproj.io/v1alpha1")).json["resources"]
    assert "rollouts" not in [one["name"] for one in resources]


async def test_openapi_says_that_fields_are_validated_here(api: Api) -> None:
    index = (await api.get("/openapi/v3")).json["paths"]
    key = f"apis/{api.plain.group}/{api.plain.version}"
    url = index[key]["serverRelativeURL"]
    document = (await api.get(url.partition("?")[0])).json
    path = f"/apis/{api.plain.group}/{api.plain.version}/namespaces/{{namespace}}/{api.plain.plural}/{{name}}"
    parameters = [one["name"] for one in document["paths"][path]["patch"]["parameters"]]
    assert "fieldValidation" in parameters


async def test_health(api: Api) -> None:
    assert (await api.get("/readyz")).text == "ok"
