"""Who may do what: tokens, rules, impersonation, and asking beforehand."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest
from contract import MERGE, NAMESPACE, Api, embedded, refused

from trombone_tui.demo.access import Persona, Rule

READ = ("get", "list", "watch")
REVIEW = "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews"
RULES = "/apis/authorization.k8s.io/v1/selfsubjectrulesreviews"
WHO = "/apis/authentication.k8s.io/v1/selfsubjectreviews"
NOBODY = {"Impersonate-User": "nobody"}


def review(kind: str, **spec: Any) -> dict[str, Any]:
    return {"apiVersion": "authorization.k8s.io/v1", "kind": kind, "spec": spec}


async def may(api: Api, headers: dict[str, str] | None = None, **attributes: str) -> bool:
    body = review("SelfSubjectAccessReview", resourceAttributes=attributes)
    answer = await api.post(REVIEW, body, headers=headers)
    assert answer.status == 201
    return answer.json["status"]["allowed"]


async def test_without_a_known_token_it_is_401(api: Api) -> None:
    answer = await api.get("/api/v1/pods", headers={"Authorization": "Bearer wrong"})
    refused(answer, 401, "Unauthorized", "Unauthorized")


@pytest.mark.parametrize(
    ("path", "message"),
    [
        (
            "/api/v1/nodes",
            'nodes is forbidden: User "nobody" cannot list resource "nodes" in API group "" at',
        ),
        (f"/api/v1/namespaces/{NAMESPACE}/pods/p/log", 'cannot get resource "pods/log" in API group ""'),
        ("/api/v1/namespaces/x", 'namespaces "x" is forbidden: User "nobody" cannot get resource'),
        (
            "/apis/nope.io/v1/things",
            'cannot list resource "things" in API group "nope.io" at the cluster scope',
        ),
    ],
)
async def test_forbidden_says_who_may_not_do_what_where(api: Api, path: str, message: str) -> None:
    refused(await api.get(path, headers=NOBODY), 403, "Forbidden", message)


async def test_forbidden_names_verb_group_and_namespace(api: Api) -> None:
    kind = api.staged
    answer = await api.get(kind.everywhere, headers=NOBODY)
    details = refused(answer, 403, "Forbidden")
    assert answer.json["message"] == (
        f'{kind.name} is forbidden: User "nobody" cannot list resource "{kind.plural}" '
        f'in API group "{kind.group}" at the cluster scope'
    )
    assert details == {"group": kind.group, "kind": kind.plural}
    where = f'in API group "{kind.group}" in the namespace "{NAMESPACE}"'
    watch = await api.get(kind.path, watch=1, headers=NOBODY)
    refused(watch, 403, "Forbidden", f'cannot watch resource "{kind.plural}" {where}')
    one = await api.call("PATCH", f"{kind.path}/a/status", {}, content_type=MERGE, headers=NOBODY)
    details = refused(one, 403, "Forbidden", f'cannot patch resource "{kind.plural}/status" {where}')
    assert details == {"name": "a", "group": kind.group, "kind": kind.plural}
    removal = await api.delete(kind.path, headers=NOBODY)
    refused(removal, 403, "Forbidden", "cannot deletecollection resource")


async def test_paths_that_are_no_resource(api: Api) -> None:
    assert (await api.get("/version", headers=NOBODY)).status == 200
    assert (await api.get("/apis", headers=NOBODY)).status == 200
    refused(await api.get("/metrics", headers=NOBODY), 403, "Forbidden", 'cannot get path "/metrics"')


async def test_impersonation_shows_in_the_review_of_oneself(api: Api) -> None:
    headers = {"Impersonate-User": "somebody", "Impersonate-Group": "team"}
    body = {"apiVersion": "authentication.k8s.io/v1", "kind": "SelfSubjectReview"}
    answer = await api.post(WHO, body, headers=headers)
    assert answer.status == 201
    info = answer.json["status"]["userInfo"]
    assert (info["username"], info["groups"]) == ("somebody", ["team", "system:authenticated"])
    assert (await api.get(api.plain.path, headers={"Impersonate-Group": "team"})).status == 400
    mighty = {"Impersonate-User": "somebody", "Impersonate-Group": "system:masters"}
    assert (await api.get(api.plain.path, headers=mighty)).status == 200


async def test_access_review_answers_for_whoever_asks(api: Api) -> None:
    asked = {"verb": "list", "resource": api.staged.plural, "group": api.staged.group}
    assert await may(api, **asked)
    assert not await may(api, NOBODY, **asked)
    body = review("SelfSubjectAccessReview", nonResourceAttributes={"verb": "get", "path": "/version"})
    assert (await api.post(REVIEW, body, headers=NOBODY)).json["status"]["allowed"]
    empty = await api.post(REVIEW, review("SelfSubjectAccessReview"))
    refused(empty, 422, "Invalid", "exactly one of nonResourceAttributes or resourceAttributes")
    refused(await api.get(REVIEW), 405, "MethodNotAllowed")
    assert (await api.post(REVIEW, "[]")).status == 400


async def test_rules_review_lists_what_one_may(api: Api) -> None:
    body = review("SelfSubjectRulesReview", namespace=NAMESPACE)
    rules = (await api.post(RULES, body)).json["status"]["resourceRules"]
    assert {"verbs": ["*"], "apiGroups": ["*"], "resources": ["*"]} in rules
    nobody = (await api.post(RULES, body, headers=NOBODY)).json["status"]
    assert all(rule["verbs"] == ["create"] for rule in nobody["resourceRules"])
    assert "/version" in [url for rule in nobody["nonResourceRules"] for url in rule["nonResourceURLs"]]


VIEWER = Persona(
    name="viewer",
    token="view",
    rules=(
        Rule(verbs=READ, groups=["argoproj.io"], resources=["rollouts"]),
        Rule(verbs=READ, groups=[""], resources=["pods", "pods/log"], namespaces=[NAMESPACE]),
        Rule(verbs=["get"], groups=["argoproj.io"], resources=["workflows"], names=["mine"]),
        Rule(verbs=["patch"], groups=["*"], resources=["*/status"], namespaces=[NAMESPACE]),
    ),
)


@pytest.fixture
async def few_rights() -> AsyncIterator[Api]:
    async with embedded(VIEWER) as api:
        api.headers = {"Authorization": "Bearer view"}
        yield api


async def test_persona_may_what_its_rules_say_and_no_more(few_rights: Api) -> None:
    api = few_rights
    statuses = {
        path: (await api.get(path)).status
        for path in (
            api.staged.everywhere,
            api.staged.path,
            f"/api/v1/namespaces/{NAMESPACE}/pods",
            "/api/v1/namespaces/default/pods",
            "/api/v1/pods",
            f"{api.plain.path}/mine",
            f"{api.plain.path}/other",
            api.plain.path,
        )
    }
    assert list(statuses.values()) == [200, 200, 200, 403, 403, 404, 403, 403]
    assert (await api.patch(f"{api.staged.path}/a", {})).status == 403
    assert (await api.patch(f"{api.staged.path}/a/status", {})).status == 404
    apply = await api.patch(
        f"{api.staged.path}/a", api.staged.new("a"), "application/apply-patch+yaml", fieldManager="x"
    )
    assert apply.status == 403


async def test_rule_for_a_name_covers_lists_limited_to_it(few_rights: Api) -> None:
    rule = Rule(verbs=["list"], groups=["argoproj.io"], resources=["workflows"], names=["mine"])
    assert few_rights.server is not None
    few_rights.server.access.add(Persona(name="viewer", token="view", rules=[rule]))
    assert (await few_rights.get(few_rights.plain.path, fieldSelector="metadata.name=mine")).status == 200
    assert (await few_rights.get(few_rights.plain.path)).status == 403


async def test_persona_may_not_act_as_another(few_rights: Api) -> None:
    answer = await few_rights.get(few_rights.staged.path, headers=NOBODY)
    message = 'users "nobody" is forbidden: User "viewer" cannot impersonate resource "users" in API group ""'
    refused(answer, 403, "Forbidden", message)


async def test_reviews_agree_with_the_rules(few_rights: Api) -> None:
    assert await may(few_rights, verb="list", resource="pods", namespace=NAMESPACE)
    assert not await may(few_rights, verb="list", resource="pods")
    body = review("SelfSubjectRulesReview", namespace=NAMESPACE)
    rules = (await few_rights.post(RULES, body)).json["status"]["resourceRules"]
    assert {
        "verbs": ["get"],
        "apiGroups": ["argoproj.io"],
        "resources": ["workflows"],
        "resourceNames": ["mine"],
    } in rules
    elsewhere = review("SelfSubjectRulesReview", namespace="default")
    resources = [
        rule["resources"]
        for rule in (await few_rights.post(RULES, elsewhere)).json["status"]["resourceRules"]
    ]
    assert ["pods", "pods/log"] not in resources
    odd = {"apiVersion": "authorization.k8s.io/v1", "kind": "SelfSubjectRulesReview", "spec": []}
    assert (await few_rights.post(RULES, odd)).status in (201, 400)


async def test_nobody_is_anonymous_here(few_rights: Api) -> None:
    for headers in ({"Authorization": ""}, {"Authorization": "Basic abc"}):
        refused(await few_rights.get("/api/v1/pods", headers=headers), 401, "Unauthorized", "Unauthorized")


async def test_token_in_the_path_works_like_one_in_a_header(few_rights: Api) -> None:
    few_rights.headers = {}
    assert (await few_rights.get("/as/view/version")).status == 200
    assert (await few_rights.get(f"/as/view{few_rights.staged.path}")).status == 200
    assert (await few_rights.get("/as/wrong/version")).status == 401
    assert (await few_rights.get("/version")).status == 401


async def test_revoked_token_is_401(few_rights: Api) -> None:
    assert few_rights.server is not None
    few_rights.server.access.revoke("viewer")
    assert (await few_rights.get(few_rights.staged.path)).status == 401
