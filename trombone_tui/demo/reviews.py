"""Answers to what a user asks about itself: who am I, may I, what may I."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from aiohttp import web

from trombone_tui.demo.access import ALL, MASTERS, Attributes, Identity
from trombone_tui.demo.calls import Path, decode_body
from trombone_tui.demo.discovery import REVIEWS
from trombone_tui.demo.errors import bad_request, no_such_path
from trombone_tui.demo.records import Object


async def review(request: web.Request, identity: Identity, path: Path) -> Object:
    """Answer a SelfSubjectReview, SelfSubjectAccessReview or SelfSubjectRulesReview that was posted.

    Raises:
        ApiError: 404, it is none of these; 400, it can't be read.
    """
    asked = (path.group, path.version, path.plural)
    resource = next((one for one in REVIEWS if (one.group, one.version, one.plural) == asked), None)
    if resource is None:
        raise no_such_path()
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
    return about | ({"spec": spec} if spec else {}) | {"status": status}


def review_access(identity: Identity, review: Mapping[str, Any]) -> Object:
    """Answer a SelfSubjectAccessReview's ``spec``."""
    asked: Mapping[str, Any] = review.get("resourceAttributes") or {}
    if not asked:
        return {"allowed": bool(review.get("nonResourceAttributes"))}
    names = ("verb", "group", "version", "resource", "subresource", "namespace", "name")
    allowed = identity.may(Attributes(**{name: str(asked.get(name) or "") for name in names}))
    if not allowed:
        return {"allowed": False}
    return {"allowed": True, "reason": f'RBAC: allowed for User "{identity.name}"'}


def review_rules(identity: Identity, namespace: str) -> Object:
    """Answer a SelfSubjectRulesReview."""
    rules: list[Object] = []
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
