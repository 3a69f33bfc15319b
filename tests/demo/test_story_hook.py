"""What is posted to the event source of the story, and what its Sensors make of it."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from typing import Any

import pytest
from theatre import WORKFLOWS, Object, Theatre, plan

from trombone_tui.demo.story.services import Outcome

COMMIT = "3f2a9c1" + "0" * 33
PUSH: Object = {
    "ref": "refs/heads/main",
    "before": "1" * 40,
    "after": COMMIT,
    "deleted": False,
    "repository": {"full_name": "acme/shop-api"},
    "head_commit": {"id": COMMIT, "message": "Fix rounding\n\nAt last.", "author": {"name": "Ada"}},
}
AS_JSON = "application/json"


def key(theatre: Theatre) -> bytes:
    """Return the key as the EventSource says where it is."""
    selector = theatre.get("eventsources.argoproj.io", "ci", "github")["spec"]["github"]["push"][
        "webhookSecret"
    ]
    secret = theatre.get("secrets", "ci", selector["name"])
    return base64.b64decode(secret["data"][selector["key"]])


def posted(theatre: Theatre, body: Any = None, *, event: str = "push", **headers: str) -> tuple[int, str]:
    """Post as GitHub does; a header that is given empty is left out."""
    sent = body if isinstance(body, bytes) else json.dumps(PUSH if body is None else body).encode()
    usual = {
        "Content-Type": AS_JSON,
        "X-GitHub-Event": event,
        "X-GitHub-Delivery": "d-1",
        "X-Hub-Signature-256": f"sha256={hmac.new(key(theatre), sent, hashlib.sha256).hexdigest()}",
    }
    given = {name.replace("_", "-"): value for name, value in headers.items()}
    return theatre.story.receive({name: value for name, value in (usual | given).items() if value}, sent)


@pytest.fixture
def theatre() -> Theatre:
    return Theatre(plan())


def builds(theatre: Theatre) -> list[Object]:
    return [
        one for one in theatre.store.list(WORKFLOWS) if "trombone.dev/commit" in one["metadata"]["labels"]
    ]


def source_log(theatre: Theatre) -> list[Object]:
    (pod,) = [one for one in theatre.store.records("pods", "ci") if "eventsource-name" in one.labels]
    lines = theatre.story.world.logs._log("ci", pod.name, "main").lines
    return [json.loads(line.text) for line in lines]


def test_a_signed_push_starts_a_build_of_its_commit_and_is_delivered(theatre: Theatre) -> None:
    assert posted(theatre) == (200, "success")
    theatre.run_until(lambda: builds(theatre))
    (build,) = builds(theatre)
    labels, notes = build["metadata"]["labels"], build["metadata"]["annotations"]
    assert (labels["trombone.dev/commit"], labels["trombone.dev/delivery"]) == (COMMIT, "d-1")
    assert labels["trombone.dev/app"] == labels["events.argoproj.io/sensor"] == "shop-api"
    assert notes["trombone.dev/commit-title"] == "Fix rounding"
    assert notes["trombone.dev/author"] == "Ada"
    assert (notes["trombone.dev/ref"], notes["trombone.dev/before"]) == ("refs/heads/main", "1" * 40)
    parameters = {one["name"]: one["value"] for one in build["spec"]["arguments"]["parameters"]}
    assert (parameters["revision"], parameters["branch"]) == (COMMIT, "main")
    assert parameters["version"].endswith("-sha3f2a9c1")
    event = labels["trombone.dev/event-id"]
    assert [one for one in source_log(theatre) if one.get("eventID") == event]
    image = f"registry.example/shop/api:{parameters['version']}"

    def serves() -> bool:
        rollout = theatre.rollout()
        container = rollout["spec"]["template"]["spec"]["containers"][0]
        return container["image"] == image and rollout["status"]["phase"] == "Healthy"

    theatre.run_until(serves)


@pytest.mark.parametrize(
    ("headers", "text"),
    [
        ({"X_Hub_Signature_256": f"sha256={'0' * 64}"}, "payload signature check failed"),
        ({"X_Hub_Signature_256": ""}, "missing signature"),
        ({"Content_Type": "text/plain"}, 'webhook request has unsupported Content-Type "text/plain"'),
    ],
)
def test_what_is_not_rightly_signed_is_refused_and_the_log_says_why(
    theatre: Theatre, headers: dict[str, str], text: str
) -> None:
    assert posted(theatre, **headers) == (400, text)
    theatre.run(30)
    assert builds(theatre) == []
    last = source_log(theatre)[-1]
    assert (last["level"], last["error"]) == ("error", text)
    assert last["msg"] == "request is not valid event notification, discarding it"


@pytest.mark.parametrize("body", [b"{", b"[]", b"\xff"])
def test_a_body_that_is_no_object_is_refused(theatre: Theatre, body: bytes) -> None:
    assert posted(theatre, body)[0] == 400


@pytest.mark.parametrize(
    ("body", "event"),
    [
        (PUSH, "ping"),
        (PUSH | {"ref": "refs/heads/other"}, "push"),
        (PUSH | {"deleted": True}, "push"),
        (PUSH | {"repository": {"full_name": "acme/other"}}, "push"),
        (PUSH | {"repository": None, "head_commit": 1}, "push"),
        (PUSH | {"after": "no commit"}, "push"),
        ({}, "push"),
    ],
)
def test_what_no_sensor_lets_pass_is_taken_and_starts_nothing(
    theatre: Theatre, body: Object, event: str
) -> None:
    assert posted(theatre, body, event=event) == (200, "success")
    theatre.run(30)
    assert builds(theatre) == []
    assert source_log(theatre)[-1]["msg"] == "successfully dispatched the request to the event bus"


def test_where_the_sensor_may_not_create_it_fails_as_ever() -> None:
    theatre = Theatre(plan(deliveries=(Outcome.TRIGGER_FAILS,)))
    assert posted(theatre) == (200, "success")
    theatre.run(30)
    assert builds(theatre) == []
