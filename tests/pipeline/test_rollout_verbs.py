"""What each verb sends to a Rollout, byte for byte, and what it is refused for.

Requests: rows of verified.md (each run on controllers 1.9.1) and the plugin's own files, named by id.
"""

from __future__ import annotations

from functools import partial
from typing import Any

import pytest
from changing import changed
from lab_objects import AT_PAUSE, BLUE, BY_HAND, MEASURING, UNDECIDED, lab_rollout
from scenes import Staged, blocked, planned, sent, verb

from trombone_tui.core.ports import Denied, Missing, Refused
from trombone_tui.pipeline.rollout import STAGE

Held = dict[str, Any]
plan = partial(planned, STAGE)
MERGE = "merge-patch+json"
TOUCH = '{"metadata":{"annotations":{"trombone.dev/touched":"2026-11-23T13:20:00+00:00"}}}'


ABORTED = lab_rollout("canary-degraded-rolloutaborted-aborted")
HEALTHY = lab_rollout("canary-healthy")
BLUE_HEALTHY = lab_rollout("blue-green-healthy")
BY_HAND_MEASURING = changed(MEASURING, spec__paused=True, status__message="manually paused")
SWALLOWED = changed(AT_PAUSE, status__pauseConditions=None)
"""A promote that the controller has not taken up: verified.md, correction 1."""
STEPPED = changed(HEALTHY, spec__strategy=AT_PAUSE["spec"]["strategy"], status__currentStepIndex=4)
DEAD_RETRY = changed(ABORTED, status__abort=False)
LAST_STEP = changed(
    MEASURING,
    status__currentStepIndex=99,
    status__canary__currentStepAnalysisRunStatus=None,
    status__message="waiting for all steps to complete",
)


def at(obj: Held, body: str, sub: str = "", content: str = MERGE) -> str:
    meta = obj["metadata"]
    path = f"argoproj.io/v1alpha1/{meta['namespace']}/rollouts/{meta['name']}{sub}"
    return f"PATCH {path} {content} {body}"


def on_status(obj: Held, body: str, unified: str = "") -> list[str]:
    return [at(obj, body, "/status"), f"on 404: {at(obj, unified or body)}"]


def version(obj: Held) -> str:
    return f'"metadata":{{"resourceVersion":"{obj["metadata"]["resourceVersion"]}"}}'


UNPAUSE = '{"spec":{"paused":false}}'
CLEAR = '{"status":{"pauseConditions":null}}'
CLEAR_ALL = '{"spec":{"paused":false},"status":{"pauseConditions":null}}'


def skip(obj: Held, index: int) -> list[str]:
    status = f'"status":{{"pauseConditions":null,"currentStepIndex":{index}}}'
    return on_status(
        obj, f"{{{version(obj)},{status}}}", f'{{{version(obj)},"spec":{{"paused":false}},{status}}}'
    )


def leave(obj: Held, index: int) -> list[str]:
    body = f'"status":{{"pauseConditions":null,"controllerPause":false,"currentStepIndex":{index}}}'
    return on_status(
        obj, f"{{{version(obj)},{body}}}", f'{{{version(obj)},"spec":{{"paused":false}},{body}}}'
    )


def index_only(obj: Held, index: int) -> list[str]:
    return on_status(obj, f'{{{version(obj)},"status":{{"currentStepIndex":{index}}}}}')


def late(lines: list[str]) -> list[str]:
    return [f"after 0.4 s: {lines[0]}", lines[1]]


FULL = ('{"status":{"promoteFull":true}}', '{"spec":{"paused":false},"status":{"promoteFull":true}}')

SENT = [
    pytest.param("promote", AT_PAUSE, {}, on_status(AT_PAUSE, CLEAR, CLEAR_ALL), id="row promote at a pause"),
    pytest.param("promote", BLUE, {}, on_status(BLUE, CLEAR, CLEAR_ALL), id="promote.go blue-green pause"),
    pytest.param(
        "promote",
        BY_HAND,
        {},
        [at(BY_HAND, UNPAUSE), *late(on_status(BY_HAND, CLEAR, CLEAR_ALL))],
        id="row promote when also paused by hand",
    ),
    pytest.param("promote", UNDECIDED, {}, leave(UNDECIDED, 2), id="row promote out of inconclusive"),
    pytest.param(
        "promote",
        changed(UNDECIDED, status__currentStepIndex=2),
        {},
        on_status(UNDECIDED, CLEAR, CLEAR_ALL),
        id="surprise 2 inconclusive run of the step before",
    ),
    pytest.param("promote", MEASURING, {}, skip(MEASURING, 2), id="promote.go running step"),
    pytest.param(
        "promote",
        BY_HAND_MEASURING,
        {},
        [*skip(BY_HAND_MEASURING, 2), at(BY_HAND_MEASURING, UNPAUSE)],
        id="promote.go by hand during an analysis",
    ),
    pytest.param(
        "promote",
        changed(HEALTHY, spec__paused=True),
        {},
        [at(HEALTHY, UNPAUSE)],
        id="promote.go promoted and paused by hand",
    ),
    pytest.param("promote", SWALLOWED, {}, [at(SWALLOWED, TOUCH)], id="correction 1 promote swallowed"),
    pytest.param("promote", AT_PAUSE, {"full": True}, on_status(AT_PAUSE, *FULL), id="row promote fully"),
    pytest.param(
        "promote", ABORTED, {"full": True}, on_status(ABORTED, *FULL), id="claim full out of an abort"
    ),
    pytest.param(
        "promote",
        BY_HAND,
        {"full": True},
        [*on_status(BY_HAND, *FULL), at(BY_HAND, UNPAUSE)],
        id="promote.go full by hand",
    ),
    pytest.param(
        "promote",
        AT_PAUSE,
        {"skip_current_step": True},
        on_status(
            AT_PAUSE, f'{{{version(AT_PAUSE)},"status":{{"pauseConditions":null,"currentStepIndex":2}}}}'
        ),
        id="row skip step",
    ),
    pytest.param(
        "promote", AT_PAUSE, {"skip_all_steps": True}, index_only(AT_PAUSE, 4), id="promote.go skip all"
    ),
    pytest.param("abort", AT_PAUSE, {}, on_status(AT_PAUSE, '{"status":{"abort":true}}'), id="row abort"),
    pytest.param("abort", BLUE, {}, on_status(BLUE, '{"status":{"abort":true}}'), id="row abort blue-green"),
    pytest.param(
        "abort",
        lab_rollout("canary-paused-canarypausestep-aborted"),
        {},
        [at(lab_rollout("canary-paused-canarypausestep-aborted"), TOUCH)],
        id="correction 1 abort swallowed",
    ),
    pytest.param("retry", ABORTED, {}, on_status(ABORTED, '{"status":{"abort":false}}'), id="row retry"),
    pytest.param("retry", DEAD_RETRY, {}, [at(DEAD_RETRY, TOUCH)], id="correction 1 retry swallowed"),
    pytest.param("pause", AT_PAUSE, {}, [at(AT_PAUSE, '{"spec":{"paused":true}}')], id="row pause"),
    pytest.param("resume", BY_HAND, {}, [at(BY_HAND, UNPAUSE)], id="row unpause"),
    pytest.param("resume", AT_PAUSE, {}, on_status(AT_PAUSE, CLEAR, CLEAR_ALL), id="resume.lua at a pause"),
    pytest.param(
        "remeasure",
        UNDECIDED,
        {},
        on_status(UNDECIDED, f'{{{version(UNDECIDED)},"status":{{"pauseConditions":null}}}}'),
        id="row measure again",
    ),
    pytest.param(
        "resume",
        UNDECIDED,
        {},
        on_status(UNDECIDED, f'{{{version(UNDECIDED)},"status":{{"pauseConditions":null}}}}'),
        id="resume.lua inconclusive measures again",
    ),
    pytest.param(
        "restart",
        HEALTHY,
        {},
        [at(HEALTHY, '{"spec":{"restartAt":"2026-11-23T13:20:00Z"}}')],
        id="row restart",
    ),
    pytest.param(
        "set",
        AT_PAUSE,
        {"image": ("app=shop/web:3",)},
        [
            at(
                AT_PAUSE,
                '[{"op":"test","path":"/spec/template/spec/containers/0/image","value":"shop/web:2"},'
                '{"op":"replace","path":"/spec/template/spec/containers/0/image","value":"shop/web:3"}]',
                content="json-patch+json",
            )
        ],
        id="row set image",
    ),
]


@pytest.mark.parametrize(("name", "obj", "given", "lines"), SENT)
async def test_a_verb_sends_exactly_what_was_run_against_real_controllers(
    name: str, obj: Held, given: dict[str, Any], lines: list[str]
) -> None:
    made = await plan(name, obj, **given)
    assert sent(made) == lines
    assert not made.noop
    assert made.before
    assert made.after
    assert all(write.title for write in made.writes)
    assert made.proof is not None
    assert made.proof.touch is not None
    assert made.proof.name == obj["metadata"]["name"]
    assert all(text.endswith(".") for text in made.warnings)


NOTHING = [
    ("promote", HEALTHY, {}, "app is fully promoted already"),
    ("promote", HEALTHY, {"full": True}, "app is fully promoted already"),
    ("promote", BLUE_HEALTHY, {}, "fully promoted already"),
    ("promote", LAST_STEP, {}, "nothing is paused and no step runs"),
    (
        "promote",
        changed(BLUE, status__pauseConditions=None, status__controllerPause=None),
        {},
        "no step runs",
    ),
    ("promote", LAST_STEP, {"skip_current_step": True}, "no step is left to skip"),
    ("promote", STEPPED, {"skip_all_steps": True}, "no step is left to skip"),
    ("abort", HEALTHY, {}, "it is fully promoted: abort would change nothing, undo takes the version back"),
    ("abort", ABORTED, {}, "it is aborted already"),
    ("abort", lab_rollout("canary-degraded-progressdeadlineexceeded-aborted"), {}, "it is aborted already"),
    ("retry", AT_PAUSE, {}, "it is not aborted"),
    ("retry", changed(AT_PAUSE, status__abort=False), {}, "it is not aborted"),
    ("retry", changed(HEALTHY, status__abort=True), {}, "fully promoted: there is nothing to retry"),
    ("pause", BY_HAND, {}, "it is paused by hand already"),
    ("resume", MEASURING, {}, "nothing is paused"),
    ("set", AT_PAUSE, {"image": ("app=shop/web:2",)}, "have that image already"),
]


@pytest.mark.parametrize(("name", "obj", "given", "why"), NOTHING)
async def test_where_nothing_has_to_be_done_nothing_is_sent(
    name: str, obj: Held, given: dict[str, Any], why: str
) -> None:
    made = await plan(name, obj, **given)
    assert why.removeprefix("app ") in made.noop
    assert made.writes == ()
    assert made.proof is None


UNSEEN = changed(AT_PAUSE, metadata__generation=9)
REFUSED = [
    (
        "promote",
        AT_PAUSE,
        {"full": True, "skip_all_steps": True},
        "--full and --skip-all-steps can't be given",
    ),
    ("promote", AT_PAUSE, {"skip_current_step": True, "skip_all_steps": True}, "can't be given together"),
    ("promote", BLUE, {"skip_current_step": True}, "a blue-green Rollout has no steps"),
    (
        "promote",
        changed(AT_PAUSE, spec__strategy={"canary": {}}),
        {"skip_all_steps": True},
        "has no steps for",
    ),
    ("promote", ABORTED, {}, "its update is aborted, and promote would change nothing"),
    ("promote", UNSEEN, {}, "has not seen the newest spec yet"),
    ("promote", changed(AT_PAUSE, status=None), {}, "it has no status yet"),
    ("abort", UNSEEN, {}, "would drop an abort with it"),
    ("abort", changed(AT_PAUSE, status=None), {}, "it has no status yet"),
    ("remeasure", AT_PAUSE, {}, "no inconclusive analysis holds its running step"),
    ("remeasure", changed(UNDECIDED, spec__paused=True), {}, "it is paused by hand, and measures nothing"),
    ("set", AT_PAUSE, {}, "no image is given"),
    ("set", AT_PAUSE, {"image": ("app",)}, "'app' is not CONTAINER=IMAGE"),
    ("set", AT_PAUSE, {"image": ("=a:1",)}, "is not CONTAINER=IMAGE"),
    ("set", AT_PAUSE, {"image": ("app=a:1", "web=a:1")}, "has no container web"),
    ("set", changed(AT_PAUSE, spec__template=None), {"image": ("app=a:1",)}, "has no pod template"),
    ("pause", changed(AT_PAUSE, metadata__deletionTimestamp="2026-11-23T13:00:00Z"), {}, "is being deleted"),
    ("pause", changed(AT_PAUSE, spec__paused="yes"), {}, "holds what no Rollout should"),
    ("undo", AT_PAUSE, {"to_revision": -1}, "--to-revision -1 is no revision"),
    ("undo", AT_PAUSE, {"to_revision": 7}, "there is no revision 7 in its history"),
    ("undo", AT_PAUSE, {}, "there is no revision before this one"),
    (
        "undo",
        changed(AT_PAUSE, spec__workloadRef={"kind": "StatefulSet", "name": "web"}),
        {},
        "its template comes from StatefulSet web",
    ),
]


@pytest.mark.parametrize(("name", "obj", "given", "why"), REFUSED)
async def test_what_can_not_be_done_is_refused_with_a_reason_and_advice(
    name: str, obj: Held, given: dict[str, Any], why: str
) -> None:
    with pytest.raises(Refused) as refused:
        await plan(name, obj, **given)
    assert why in str(refused.value)
    assert refused.value.advice


BLOCKED = [
    ("promote", HEALTHY, "already fully promoted"),
    ("promote", changed(HEALTHY, spec__paused=True), ""),
    ("promote", changed(HEALTHY, metadata__generation=99), ""),
    ("promote", AT_PAUSE, ""),
    ("promote", ABORTED, ""),
    ("promote", LAST_STEP, ""),
    ("promote", changed(AT_PAUSE, status=None), "its controller has not looked at it yet"),
    (
        "promote",
        changed(MEASURING, status__stableRS=None),
        "nothing is paused and no step runs: it is its first version",
    ),
    ("abort", HEALTHY, "already fully promoted"),
    ("abort", changed(HEALTHY, metadata__generation=99), ""),
    ("abort", ABORTED, "already aborted"),
    ("abort", lab_rollout("canary-paused-canarypausestep-aborted"), ""),
    ("abort", AT_PAUSE, ""),
    ("abort", changed(AT_PAUSE, status=None), "its controller has not looked at it yet"),
    ("retry", ABORTED, ""),
    ("retry", DEAD_RETRY, ""),
    ("retry", AT_PAUSE, "not aborted"),
    ("retry", lab_rollout("canary-degraded-progressdeadlineexceeded"), "not aborted"),
    ("pause", BY_HAND, "already paused by hand"),
    ("pause", HEALTHY, ""),
    ("resume", BY_HAND, ""),
    ("resume", AT_PAUSE, ""),
    ("resume", MEASURING, "nothing is paused"),
    ("undo", changed(HEALTHY, metadata__annotations=None), ""),
    ("undo", HEALTHY, "there is no revision before this one"),
    ("undo", AT_PAUSE, ""),
    ("remeasure", UNDECIDED, ""),
    ("remeasure", AT_PAUSE, "no inconclusive analysis holds it"),
    ("remeasure", changed(UNDECIDED, spec__paused=True), "paused by hand: resume it first"),
    ("restart", HEALTHY, ""),
    ("set", HEALTHY, ""),
]


@pytest.mark.parametrize(("name", "obj", "why"), BLOCKED)
def test_a_verb_is_greyed_only_where_it_certainly_has_no_effect(name: str, obj: Held, why: str) -> None:
    assert blocked(STAGE, verb(STAGE, name), obj) == why


DANGEROUS = [
    ("promote", AT_PAUSE, {}, False),
    ("promote", BY_HAND, {}, False),
    ("promote", BLUE, {}, False),
    ("promote", MEASURING, {}, True),
    ("promote", BY_HAND_MEASURING, {}, True),
    ("promote", UNDECIDED, {}, True),
    ("promote", AT_PAUSE, {"full": True}, True),
    ("promote", AT_PAUSE, {"skip_all_steps": True}, True),
    ("promote", AT_PAUSE, {"skip_current_step": True}, True),
    ("abort", AT_PAUSE, {}, True),
    ("set", AT_PAUSE, {"image": ("app=shop/web:3",)}, True),
    ("retry", ABORTED, {}, False),
    ("pause", AT_PAUSE, {}, False),
    ("resume", BY_HAND, {}, False),
    ("remeasure", UNDECIDED, {}, False),
    ("restart", HEALTHY, {}, False),
]


@pytest.mark.parametrize(("name", "obj", "given", "dangerous"), DANGEROUS)
async def test_no_is_the_answer_where_something_is_given_up_or_skipped(
    name: str, obj: Held, given: dict[str, Any], dangerous: bool
) -> None:
    made = await plan(name, obj, **given)
    options = {key.replace("_", "-"): value for key, value in given.items()}
    assert (made.dangerous or verb(STAGE, name).dangerous(options)) is dangerous


def test_the_keys_and_the_words_are_those_of_the_official_tools() -> None:
    keys = {one.key: one.name for one in STAGE.verbs if one.key}
    assert keys == {"P": "promote", "A": "abort", "U": "undo"}
    assert verb(STAGE, "set").noun == "image"
    assert verb(STAGE, "undo").dangerous({})
    options = {option.name for option in verb(STAGE, "promote").options}
    assert options == {"full", "skip-current-step", "skip-all-steps"}


COMMANDS = [
    ("promote", AT_PAUSE, {}, "kubectl argo rollouts promote timed -n lab"),
    ("promote", AT_PAUSE, {"full": True}, "kubectl argo rollouts promote timed --full -n lab"),
    ("promote", BY_HAND, {}, ""),
    ("abort", AT_PAUSE, {}, "kubectl argo rollouts abort timed -n lab"),
    ("retry", ABORTED, {}, "kubectl argo rollouts retry rollout demo -n shop"),
    ("set", AT_PAUSE, {"image": ("app=a:3",)}, "kubectl argo rollouts set image timed app=a:3 -n lab"),
    (
        "resume",
        BY_HAND,
        {},
        'kubectl patch rollouts.argoproj.io byhand -n lab --type=merge -p \'{"spec":{"paused":false}}\'',
    ),
]


@pytest.mark.parametrize(("name", "obj", "given", "command"), COMMANDS)
async def test_the_official_command_is_told_where_it_does_the_same(
    name: str, obj: Held, given: dict[str, Any], command: str
) -> None:
    assert (await plan(name, obj, **given)).command == command


PODS = {
    "containers": [{"name": "app", "image": "shop/web:2"}, {"name": "proxy", "image": "proxy:1"}],
    "initContainers": [{"name": "init", "image": "shop/web:2"}],
}


async def test_a_star_sets_every_container_and_only_what_changes_is_sent() -> None:
    made = await plan("set", changed(AT_PAUSE, spec__template__spec=PODS), image=("*=proxy:1",))
    body = made.writes[0].body
    paths = [step["path"] for step in body if step["op"] == "replace"]
    assert paths == ["/spec/template/spec/containers/0/image", "/spec/template/spec/initContainers/0/image"]
    assert made.before == "app=shop/web:2, init=shop/web:2"
    assert made.after == "app=proxy:1, init=proxy:1"


async def test_a_container_without_an_image_gets_one() -> None:
    pods = {"containers": [{"name": "app"}], "initContainers": [{"name": 5}, "odd"]}
    made = await plan("set", changed(AT_PAUSE, spec__template__spec=pods), image="app=a:1")
    assert made.writes[0].body == [
        {"op": "add", "path": "/spec/template/spec/containers/0/image", "value": "a:1"}
    ]
    assert made.before == "app=none"


async def test_resume_of_a_blue_green_pause_waits_for_the_switch() -> None:
    made = await plan("resume", BLUE)
    assert made.after == "the active service on the new version"
    stale = changed(AT_PAUSE, status__currentStepIndex=2)
    assert (await plan("resume", stale)).after == "goes on"


DEPLOYMENT = {
    "kind": "Deployment",
    "metadata": {"name": "web", "namespace": "lab"},
    "spec": {"template": {"spec": {"containers": [{"name": "app", "image": "shop/web:2"}]}}},
}
BY_REF = changed(AT_PAUSE, spec__template=None, spec__workloadRef={"kind": "Deployment", "name": "web"})


async def test_the_template_of_a_referenced_deployment_is_changed_there() -> None:
    made = await plan("set", BY_REF, DEPLOYMENT, image=("app=shop/web:3",))
    (line,) = sent(made)
    assert line.startswith("PATCH apps/v1/lab/deployments/web json-patch+json [")
    assert "It is written into Deployment web, where the template comes from." in made.warnings
    assert made.proof is not None
    assert (made.proof.kind.name, made.proof.name) == ("Rollout", "timed")


@pytest.mark.parametrize(
    ("trouble", "why"),
    [
        (Denied("get", "deployments.apps", namespace="lab"), "may not get deployments"),
        (Missing("gone"), "gone"),
    ],
)
async def test_a_workload_that_can_not_be_read_is_a_refusal_that_says_why(
    trouble: Denied | Missing, why: str
) -> None:
    scene = Staged(STAGE, BY_REF, given={"image": ("app=a:1",)}, troubles={"Deployment": trouble})
    with pytest.raises(Refused, match=why) as refused:
        await verb(STAGE, "set").plan(scene)
    assert refused.value.advice == trouble.advice
