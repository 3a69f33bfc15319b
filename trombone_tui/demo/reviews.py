"""Answers to what a user asks about itself: who am I, may I, what may I."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from aiohttp import web

from trombone_tui.demo.access import ALL, MASTERS, Attributes, Identity
from trombone_tui.demo.calls import Path, decode_body
from trombone_tui.demo.discovery import REVIEWS
from trombone_tui.demo.errors import bad_request, invalid, no_such_method
from trombone_tui.demo.records import Object


def is_review(path: Path) -> bool:
    """Say whether a path is that of a review."""
    asked = (path.group, path.version, path.plural)
    return any((one.group, one.version, one.plural) == asked for one in REVIEWS)


async def review(request: web.Request, identity: Identity, path: Path) -> Object:
    """Answer a SelfSubjectReview, SelfSubjectAccessReview or SelfSubjectRulesReview that was posted.

    Raises:
        ApiError: 405, it is not posted; 400, it can't be read; 422, it asks for nothing or for too much.
    """
    resource = next(one for one in REVIEWS if (one.group, one.plural) == (path.group, path.plural))
    if request.method != "POST" or path.name:
        raise no_such_method()
    content_type = request.headers.get("Content-Type", "application/json").partition(";")[0].strip()
    body = decode_body(await request.read(), content_type)
    spec = body.get("spec") or {} if isinstance(body, dict) else None
    if not isinstance(spec, dict):
        raise bad_request("a review must be an object with a spec")
    if resource.kind == "SelfSubjectReview":
        status: Object = {"userInfo": identity.info}
    elif resource.kind == "SelfSubjectRulesReview":
        status = review_rules(identity, str(spec.get("namespace", "")))
    else:
        status = review_access(identity, spec)
    about = {"kind": resource.kind, "apiVersion": resource.api_version, "metadata": {}}
    asks = resource.kind != "SelfSubjectReview"
    return about | ({"spec": spec} if asks else {}) | {"status": status}


def review_access(identity: Identity, review: Mapping[str, Any]) -> Object:
    """Answer a SelfSubjectAccessReview's ``spec``."""
    asked: Mapping[str, Any] = review.get("resourceAttributes") or {}
    other: Mapping[str, Any] = review.get("nonResourceAttributes") or {}
    if bool(asked) == bool(other):
        why = "exactly one of nonResourceAttributes or resourceAttributes must be specified"
        cause = ("FieldValueInvalid", "spec.resourceAttributes", f"Invalid value: null: {why}")
        raise invalid("", "authorization.k8s.io", "", [cause])
    if other:
        return {"allowed": identity.may_open(str(other.get("path", "")))}
    names = ("verb", "group", "version", "resource", "subresource", "namespace", "name")
    allowed = identity.may(Attributes(**{name: str(asked.get(name) or "") for name in names}))
    if not allowed or MASTERS in identity.groups:
        return {"allowed": allowed}
    return {"allowed": True, "reason": f'RBAC: allowed for User "{identity.name}"'}


def review_rules(identity: Identity, namespace: str) -> Object:
    """Answer a SelfSubjectRulesReview."""
    rules: list[Object] = [
        {"verbs": ["create"], "apiGroups": [one.group], "resources": [one.plural]} for one in REVIEWS
    ]
    if MASTERS in identity.groups:
        rules.append({"verbs": [ALL], "apiGroups": [ALL], "resources": [ALL]})
    for rule in identity.rules:
        if rule.namespaces is None or namespace in rule.namespaces:
            entry: Object = {
                "verbs": list(rule.verbs),
                "apiGroups": list(rule.groups),
                "resources": list(rule.resources),
            }
            rules.append(entry | ({"resourceNames": list(rule.names)} if rule.names else {}))
    urls: list[Object] = [
        {"verbs": ["get"], "nonResourceURLs": ["/api", "/api/*", "/apis", "/apis/*", "/version"]}
    ]
    return {"resourceRules": rules, "nonResourceRules": urls, "incomplete": False}
