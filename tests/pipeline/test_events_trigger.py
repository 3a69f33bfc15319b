"""A push to an EventSource: the exact bytes and headers, what keeps it from being sent, and what proves it.

The fields of the body are those that ``go-github@v50.2.0:github/event_types.go`` reads; that a real event
source takes it is shown in ``tests/cluster/test_verbs_trigger.py``.
"""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import json
import re
import shlex
import subprocess
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from event_pushes import KEY, SHA, TRIGGER, call_of, event_source, pod, pushed, secret, sensor
from scenes import blocked, check_on_any_object
from stage_readers import stored

from trombone_tui.core.ports import Denied, Refused
from trombone_tui.core.verbs import Seen
from trombone_tui.pipeline.events import STAGE

POD = "github-eventsource-tkg2b-5559df89cc-r69gl"
WHO = {"name": "trombone-tui", "email": "trombone-tui@localhost"}
COMMIT = {
    "id": SHA,
    "distinct": True,
    "message": "Synthetic push of 3f2a9c1 by trombone-tui",
    "timestamp": "2026-11-23T13:20:00Z",
    "url": f"https://github.com/acme/demo/commit/{SHA}",
    "author": {**WHO, "username": "trombone-tui"},
    "committer": {**WHO, "username": "trombone-tui"},
    "added": [],
    "removed": [],
    "modified": [],
}
BODY = {
    "ref": "refs/heads/main",
    "before": "0" * 40,
    "after": SHA,
    "created": False,
    "deleted": False,
    "forced": False,
    "base_ref": None,
    "compare": f"https://github.com/acme/demo/commit/{SHA}",
    "commits": [COMMIT],
    "head_commit": COMMIT,
    "repository": {
        "name": "demo",
        "full_name": "acme/demo",
        "owner": {"login": "acme", "name": "acme"},
        "html_url": "https://github.com/acme/demo",
        "url": "https://github.com/acme/demo",
        "clone_url": "https://github.com/acme/demo.git",
        "git_url": "git://github.com/acme/demo.git",
        "ssh_url": "git@github.com:acme/demo.git",
    },
    "pusher": WHO,
    "sender": {"login": "trombone-tui", "type": "User"},
}
HOOK = {"a": {"endpoint": "/in", "port": "12001", "method": "POST"}}


def webhook(**more: Any) -> dict[str, Any]:
    """Return an EventSource that takes any POST."""
    made = event_source(spec__github=None)
    made["spec"]["webhook"] = {"a": {**HOOK["a"], **more}}
    return made


async def test_the_request_is_what_github_sends() -> None:
    plan = await pushed()
    (write,) = plan.writes
    assert write.where == (f"POST /api/v1/namespaces/argo-events/pods/{POD}/portforward → POST :12000/push")
    call = call_of(plan)
    assert call.body == json.dumps(BODY, separators=(",", ":")).encode()
    assert write.body == BODY
    assert list(call.headers) == [
        "Content-Type",
        "X-GitHub-Event",
        "X-GitHub-Delivery",
        "X-Hub-Signature-256",
    ]
    assert call.headers["Content-Type"] == "application/json"
    assert call.headers["X-GitHub-Event"] == "push"
    assert UUID(call.headers["X-GitHub-Delivery"]).version == 4
    assert (plan.before, plan.after) == (
        f"event push is listened to on port 12000, path /push, of pod {POD}",
        "a push of 3f2a9c1 to main of acme/demo has come in",
    )


@pytest.mark.parametrize("held", [KEY, KEY + b"\n"], ids=["bare", "with a line's end"])
async def test_its_signature_is_over_the_very_bytes_that_are_sent(held: bytes) -> None:
    call = call_of(await pushed(None, pod(), secret(held), sensor()))
    expected = hmac.new(KEY, call.body, hashlib.sha256).hexdigest()
    assert call.headers["X-Hub-Signature-256"] == f"sha256={expected}"


async def test_each_delivery_has_a_name_of_its_own() -> None:
    first, second = [call_of(await pushed()).headers["X-GitHub-Delivery"] for _ in range(2)]
    assert first != second


async def test_no_secret_is_shown_of_it() -> None:
    plan = await pushed(
        event_source(spec__github__push__webhook__authSecret={"name": "github-hook", "key": "secret"})
    )
    call, key = call_of(plan), KEY.decode()
    assert call.headers["Authorization"] == f"Bearer {key}"
    shown = call.shown("****")
    assert (shown["Authorization"], shown["X-Hub-Signature-256"]) == ("****", "****")
    assert key not in repr(plan)
    assert call.headers["X-Hub-Signature-256"] not in repr(plan)


async def test_what_is_given_goes_into_the_body() -> None:
    plan = await pushed(
        branch="release/1.2", message="Rebuild it", repository="acme/other",
        payload='{"repository": {"default_branch": "main"}, "forced": true, "base_ref": null}',
    )  # fmt: skip
    body = json.loads(call_of(plan).body)
    assert body["ref"] == "refs/heads/release/1.2"
    assert body["head_commit"]["message"] == "Rebuild it"
    assert (body["repository"]["full_name"], body["repository"]["default_branch"]) == ("acme/other", "main")
    assert body["forced"] is True
    assert "base_ref" not in body
    assert "acme/other is none of the repositories that the event names" in plan.warnings


async def test_of_several_repositories_the_first_is_pushed_to_and_that_is_said() -> None:
    several = [{"owner": "acme", "names": ["web", "api"]}, {"owner": "other", "names": ["x"]}]
    source = event_source(spec__github__push__repositories=several)
    said = "the event names 3 repositories; this is the first of them, --repository says another"
    plan = await pushed(source)
    assert json.loads(call_of(plan).body)["repository"]["full_name"] == "acme/web"
    assert said in plan.warnings
    assert said not in (await pushed(source, repository="acme/api")).warnings


async def test_a_tag_is_pushed_by_its_whole_name() -> None:
    assert json.loads(call_of(await pushed(branch="refs/tags/v1")).body)["ref"] == "refs/tags/v1"


async def test_an_enterprises_own_github_is_where_its_addresses_lead() -> None:
    plan = await pushed(event_source(spec__github__push__githubBaseURL="https://git.example/api/v3/"))
    repository = json.loads(call_of(plan).body)["repository"]
    assert repository["clone_url"] == "https://git.example/acme/demo.git"
    assert repository["ssh_url"] == "git@git.example:acme/demo.git"


@pytest.mark.parametrize(
    ("source", "others"),
    [
        (event_source(spec__github__push__webhookSecret=None), (pod(), sensor())),
        (event_source(), (pod(), secret(b""), sensor())),
    ],
    ids=["none named", "empty"],
)
async def test_an_event_that_checks_no_signature_is_pushed_to_without_one_and_that_is_said(
    source: dict[str, Any], others: tuple[dict[str, Any], ...]
) -> None:
    plan = await pushed(source, *others)
    assert "X-Hub-Signature-256" not in call_of(plan).headers
    assert plan.after.endswith("has come in, unsigned")
    assert any(one.startswith("it is not signed:") for one in plan.warnings)


async def test_a_plain_webhook_gets_the_token_it_wants_and_no_word_of_github() -> None:
    source = webhook(authSecret={"name": "hook", "key": "token"})
    plan = await pushed(source, pod(), secret(b"t0ken\n", name="hook", key="token"), sensor())
    call = call_of(plan)
    assert (call.port, call.path) == (12001, "/in")
    assert call.headers == {"Content-Type": "application/json", "Authorization": "Bearer t0ken"}
    assert "repository" not in json.loads(call.body)
    assert "t0ken" not in repr(plan)


async def test_a_plain_webhook_without_a_token_says_so() -> None:
    plan = await pushed(webhook(), pod(), sensor())
    assert call_of(plan).headers == {"Content-Type": "application/json"}
    assert any(one.startswith("it shows no token:") for one in plan.warnings)


async def test_the_newest_ready_pod_is_asked() -> None:
    old = pod(metadata__name="old", metadata__creationTimestamp="2026-11-23T13:00:00Z")
    going = pod(metadata__name="zz", metadata__deletionTimestamp="2026-11-23T13:19:59Z")
    others = pod(
        metadata__name="zzz",
        metadata__labels={"controller": "eventsource-controller", "eventsource-name": "x"},
    )
    plan = await pushed(None, old, going, others, pod(), secret(), sensor())
    assert plan.writes[0].name == POD


async def test_a_pod_that_is_not_ready_is_not_asked() -> None:
    unready = pod(status__conditions=[{"type": "Ready", "status": "False", "message": "probe fails"}])
    with pytest.raises(Refused, match="no pod of it is ready: not ready: probe fails"):
        await pushed(None, unready, secret(), sensor())


def two() -> dict[str, Any]:
    made = event_source()
    made["spec"]["github"]["other"] = {"webhook": {"endpoint": "/other", "port": "12002"}}
    made["spec"]["calendar"] = {"nightly": {"schedule": "@daily"}}
    return made


async def test_of_several_events_one_has_to_be_said() -> None:
    with pytest.raises(Refused, match="it has several events: push, other"):
        await pushed(two())
    plan = await pushed(two(), event="other", repository="acme/demo")
    assert call_of(plan).path == "/other"


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"webhook__port": None}, "names no port"),
        ({"webhook__port": "70000"}, "names no port"),
        ({"webhook__endpoint": "push me"}, "no plain path in its endpoint, but push me"),
        ({"webhook__endpoint": "/{any}"}, "no plain path"),
        (
            {"webhook__serverCertSecret": {"name": "a"}, "webhook__serverKeySecret": {"name": "a"}},
            "speaks HTTPS",
        ),
        ({"repositories": None}, "the event names no repository"),
        ({"webhookSecret": {"name": "github-hook"}}, "webhookSecret names no Secret and key"),
        ({"webhookSecret": {"name": "other", "key": "a"}}, "Secret argo-events/other, which webhookSecret"),
        ({"webhookSecret": {"name": "github-hook", "key": "a"}}, "github-hook has no a, which webhookSecret"),
    ],
)
async def test_an_event_that_no_request_can_be_sent_to_says_why(changes: dict[str, Any], said: str) -> None:
    at = {f"spec__github__push__{path}": value for path, value in changes.items()}
    with pytest.raises(Refused, match=re.escape(said)):
        await pushed(event_source(**at))


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"sha": "3f2a9c1"}, "--sha is all 40 digits of a commit, and 3f2a9c1 is not"),
        ({"sha": "main"}, "--sha is all 40 digits of a commit, and main is not"),
        ({"branch": "a b"}, "--branch can't be a b"),
        ({"repository": "demo"}, "--repository is OWNER/NAME, and demo is not"),
        ({"payload": "[1]"}, "--payload is a JSON object"),
        ({"payload": "{"}, "--payload is a JSON object"),
        ({"payload": '{"a": NaN}'}, "--payload is a JSON object"),
        ({"event": "pull"}, "it has no event pull"),
    ],
)
async def test_what_is_given_wrongly_is_refused(given: dict[str, str], said: str) -> None:
    with pytest.raises(Refused, match=re.escape(said)):
        await pushed(**given)


async def test_an_event_of_another_type_is_refused() -> None:
    with pytest.raises(
        Refused, match="event nightly is of type calendar, and only github and webhook take a push"
    ):
        await pushed(two(), event="nightly")
    with pytest.raises(Refused, match="event a takes PUT, and a push is a POST"):
        await pushed(webhook(method="PUT"))


async def test_without_the_right_to_read_the_secret_the_right_is_named() -> None:
    denied = Denied("get", "secrets", namespace="argo-events")
    with pytest.raises(Refused, match="may not get secrets in namespace argo-events") as refused:
        await pushed(troubles={"Secret": denied})
    assert "ask for the right to get secrets" in refused.value.advice


async def test_a_key_that_no_header_can_carry_is_refused_and_not_shown() -> None:
    source = webhook(authSecret={"name": "hook", "key": "token"})
    with pytest.raises(Refused, match="what authSecret names can't be written into a header") as refused:
        await pushed(source, pod(), secret(b"a\r\nHost: b", name="hook", key="token"))
    assert "Host" not in str(refused.value)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({}, ""),
        ({"metadata__deletionTimestamp": "2026-11-23T13:19:59Z"}, "it is being deleted"),
        (
            {"spec": {"calendar": {"a": {}}, "kafka": {"b": {}}}},
            "it listens to calendar, kafka; only events of type github and webhook take a push",
        ),
        ({"spec": {}}, "it listens to nothing; only events of type github and webhook take a push"),
    ],
)
def test_it_is_grey_where_no_push_can_come_in(changes: dict[str, Any], said: str) -> None:
    deployment = stored("events", "deployment-event-source")
    assert blocked(STAGE, TRIGGER, event_source(**changes), deployment) == said


def test_it_is_grey_while_no_pod_is_ready() -> None:
    deployment = stored("events", "deployment-event-source", spec__replicas=0, status__readyReplicas=0)
    said = blocked(STAGE, TRIGGER, event_source(), deployment)
    assert said.startswith("no pod of it is ready: scaled to 0 pods")


def test_it_asks_before_it_does_anything_and_no_is_the_answer() -> None:
    assert TRIGGER.dangerous({})
    assert not TRIGGER.harmless
    assert TRIGGER.options[0].name == "sha"
    assert TRIGGER.options[0].required


def test_it_plans_or_refuses_whatever_an_event_source_holds() -> None:
    check_on_any_object(STAGE, TRIGGER)


def test_the_command_signs_the_same_bytes_the_same_way(tmp_path: Path) -> None:
    plan = asyncio.run(pushed())
    assert f"kubectl port-forward -n argo-events pod/{POD} 12000 &" in plan.command
    assert KEY.decode() not in plan.command
    call = call_of(plan)
    (tmp_path / "push.json").write_bytes(call.body)
    curl = tmp_path / "curl"
    curl.write_text('#!/bin/sh\nfor one in "$@"; do printf "%s\\n" "$one"; done\n', encoding="utf-8")
    curl.chmod(0o755)
    script = "kubectl() { :; }\n" + plan.command
    env = {"PATH": f"{tmp_path}:/usr/local/bin:/usr/bin:/bin", "WEBHOOK_SECRET": KEY.decode()}
    said = subprocess.run(
        ["bash", "-c", script], cwd=tmp_path, env=env, text=True, capture_output=True, check=True, timeout=30
    ).stdout.splitlines()
    for name, value in call.headers.items():
        assert f"{name}: {value}" in said
    assert said[-1] == "http://127.0.0.1:12000/push"
    assert shlex.split(plan.command, comments=True)[-1] == said[-1]


def workflow(name: str = "demo-build-x2f8k", **spec: Any) -> dict[str, Any]:
    labels = {"events.argoproj.io/sensor": "github", "events.argoproj.io/trigger": "build"}
    return {"metadata": {"name": name, "namespace": "ci", "labels": labels}, "spec": spec}


async def test_its_effect_is_a_workflow_of_the_sensor_for_that_commit() -> None:
    proof = (await pushed()).proof
    assert proof is not None
    assert (proof.kind.name, proof.namespace, proof.name, proof.any_name) == ("Workflow", "ci", "", True)
    assert proof.kind.selector == (
        "events.argoproj.io/sensor in (github),events.argoproj.io/trigger in (build)"
    )
    assert proof.waits_for == "a Workflow in namespace ci that Sensor github starts for 3f2a9c1"
    ours = workflow(arguments={"parameters": [{"name": "sha", "value": SHA}]})
    theirs = workflow("demo-build-zzzzz", arguments={"parameters": [{"name": "sha", "value": "f" * 40}]})
    assert proof.judge(ours).seen is Seen.DONE
    assert proof.judge(ours).text == "Workflow ci/demo-build-x2f8k was started by Sensor github for 3f2a9c1"
    assert proof.judge(theirs).seen is Seen.NOT_YET
    assert proof.judge(theirs).text == "Workflow ci/demo-build-zzzzz was started for another event"
    assert proof.judge(None).seen is Seen.NOT_YET
    assert proof.hint == (
        "why, the log of Sensor github may say: kubectl logs -n argo-events -l sensor-name=github --tail=100"
    )


async def test_a_workflow_that_need_not_name_its_commit_proves_what_it_can() -> None:
    bare = sensor()
    bare["spec"]["triggers"][0]["template"]["k8s"]["parameters"] = []
    proof = (await pushed(None, pod(), secret(), bare)).proof
    assert proof is not None
    assert proof.judge(workflow()).seen is Seen.DONE
    assert proof.judge(workflow()).text.endswith("by Sensor github; for which event it does not say")
    assert proof.judge(workflow(tag="v1-3f2a9c1")).text.endswith("for 3f2a9c1")


def doing(**trigger: Any) -> dict[str, Any]:
    """Return the Sensor with another trigger."""
    return sensor(spec__triggers=[{"template": {"name": "build", **trigger}}])


RESOURCE = {"kind": "Workflow", "metadata": {"generateName": "a-"}}
MOVED = {"src": {"dependencyName": "push", "dataKey": "body.ref"}, "dest": "metadata.namespace"}


@pytest.mark.parametrize(
    "listening",
    [
        doing(http={"url": "http://ci.example/hook"}),
        doing(k8s={"operation": "patch", "source": {"resource": RESOURCE}}),
        doing(k8s={"source": {"resource": {"kind": "Job"}}}),
        doing(k8s={"source": {"resource": RESOURCE}, "parameters": [MOVED]}),
        doing(
            argoWorkflow={"operation": "submit-from", "source": {"resource": {"kind": "WorkflowTemplate"}}}
        ),
        doing(k8s={"source": {"s3": {"key": "a"}}}),
    ],
    ids=["http", "patch", "job", "namespace of the event", "submit from", "s3"],
)
async def test_what_leaves_no_workflow_with_labels_is_said_to_be_beyond_proof(listening: Any) -> None:
    plan = await pushed(None, pod(), secret(), listening)
    assert plan.proof is None
    assert (
        plan.unproved == "what Sensor github does with it leaves no Workflow that could be told by its labels"
    )


async def test_what_argo_submits_is_looked_for_in_the_sensors_own_namespace() -> None:
    listening = doing(argoWorkflow={"operation": "submit", "source": {"resource": RESOURCE}})
    proof = (await pushed(None, pod(), secret(), listening)).proof
    assert proof is not None
    assert proof.namespace == "argo-events"


async def test_all_namespaces_in_which_one_is_started_are_looked_at() -> None:
    elsewhere = sensor("one")
    template = elsewhere["spec"]["triggers"][0]["template"]["k8s"]
    template["source"]["resource"]["metadata"]["namespace"] = "dev"
    template["parameters"] = []
    proof = (await pushed(None, pod(), secret(), elsewhere, sensor("two"), sensor("three"))).proof
    assert proof is not None
    assert (proof.namespace, proof.elsewhere) == ("ci", ("dev",))
    assert proof.waits_for == (
        "a Workflow in namespaces ci, dev that one of the Sensors one, three, two starts for 3f2a9c1"
    )
    started = workflow()
    started["metadata"]["labels"]["events.argoproj.io/sensor"] = "one"
    assert proof.judge(started).seen is Seen.NOT_YET
    started["metadata"]["namespace"] = "dev"
    assert proof.judge(started).text.endswith("by Sensor one; for which event it does not say")
    assert shlex.split(proof.hint.partition(": ")[2])[-3:] == [
        "-l",
        "sensor-name in (one,three,two)",
        "--tail=100",
    ]


async def test_without_a_sensor_nothing_comes_of_it_and_that_is_said_before() -> None:
    plan = await pushed(None, pod(), secret())
    assert plan.proof is None
    assert plan.unproved == "no Sensor listens, so nothing comes of it"
    assert "no Sensor listens to event push: it is taken, and nothing comes of it" in plan.warnings


async def test_who_may_not_see_sensors_is_told_that_nothing_can_be_proved() -> None:
    plan = await pushed(troubles={"Sensor": Denied("list", "sensors.argoproj.io", namespace="argo-events")})
    assert plan.proof is None
    assert plan.unproved == "may not list sensors.argoproj.io in namespace argo-events"
    assert f"who listens is not known: {plan.unproved}" in plan.warnings


async def test_a_bus_that_is_run_elsewhere_may_have_other_listeners() -> None:
    bus = stored("events", "event-bus-exotic", metadata__name="default", metadata__namespace="argo-events")
    plan = await pushed(None, pod(), secret(), sensor(), bus)
    assert (
        "EventBus default is run elsewhere: Sensors of other namespaces may listen as well" in plan.warnings
    )


async def test_sensors_of_another_bus_event_or_source_do_not_count() -> None:
    others = (
        sensor("a", spec__eventBusName="other"),
        sensor("b", spec__dependencies=[{"eventSourceName": "github", "eventName": "pull"}]),
        sensor("c", spec__dependencies=[{"eventSourceName": "gitlab", "eventName": "push"}]),
    )
    plan = await pushed(None, pod(), secret(), *others)
    assert plan.unproved == "no Sensor listens, so nothing comes of it"
