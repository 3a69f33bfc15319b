"""What each verb of Workflows, schedules and templates sends, byte for byte, and why one is greyed.

Bodies marked "tried" were sent to a running Argo Workflows 3.7.18 and seen to work; the others are what
``argo`` itself writes there: ``argo-workflows@v4.1.2:workflow/util/util.go``, ``workflow/common/convert.go``.
"""

from __future__ import annotations

import base64
import gzip
import json
from typing import Any

import msgspec
import pytest
from changing import changed
from scenes import Staged, blocked, sent, verb
from stage_readers import read, stored
from test_workflows_why import packed

from trombone_tui.core.objects.argo_workflows import WORKFLOW
from trombone_tui.core.ports import Denied, Refused
from trombone_tui.core.verbs import Plan
from trombone_tui.pipeline.workflows import STAGE

NOW = "2026-11-23T13:20:00Z"
WF = "argoproj.io/v1alpha1/lab/workflows"


def lab(name: str, **changes: Any) -> dict[str, Any]:
    return stored("workflows", f"lab/{name}", **changes)


def gate(**changes: Any) -> dict[str, Any]:
    """Load a Workflow that waits at a gate in the second of its steps."""
    return lab("workflow-running-steps-suspend", **changes)


GATE = next(key for key, node in gate()["status"]["nodes"].items() if node["type"] == "Suspend")


def asking(*parameters: dict[str, Any], **changes: Any) -> dict[str, Any]:
    """Have the gate want values (``suspend`` template with ``valueFrom.supplied`` outputs)."""
    made = changed(gate(), **changes)
    made["status"]["nodes"][GATE]["outputs"] = {"parameters": list(parameters)}
    return made


def supplied(name: str, **more: Any) -> dict[str, Any]:
    default = {"default": more.pop("default")} if "default" in more else {}
    return {"name": name, "valueFrom": {"supplied": {}, **default}, **more}


def pod(node: str, name: str, workflow: str = "runs", namespace: str = "lab") -> dict[str, Any]:
    """Make a pod as the controller labels it; ``pod-failed`` is a real one."""
    made = stored("workflows", "pod-failed")
    meta = made["metadata"]
    meta |= {"name": name, "namespace": namespace, "uid": f"uid-of-{name}"}
    meta["annotations"]["workflows.argoproj.io/node-id"] = node
    meta["labels"]["workflows.argoproj.io/workflow"] = workflow
    return made


async def planned(name: str, of: dict[str, Any], *others: dict[str, Any], **scene: Any) -> Plan:
    return await verb(STAGE, name, of["kind"]).plan(Staged(STAGE, of, *others, **scene))


RUNNING, SUSPENDED = lab("workflow-running-steps"), lab("workflow-running")
PASSED = '"phase":"Succeeded","finishedAt":"' + NOW + '","message":"Resumed by: kubernetes-admin"'
RV = '{"metadata":{"resourceVersion":"' + gate()["metadata"]["resourceVersion"] + '"}'
UNLABELLED = (
    '"labels":{"workflows.argoproj.io/completed":null,"workflows.argoproj.io/workflow-archiving-status":null}'
)
ANEW = '"phase":"","message":"","startedAt":"' + NOW + '","finishedAt":null'
RESET = '"phase":"Running","message":null,"finishedAt":null,"startedAt":"' + NOW + '"'
CONDITIONS = '"conditions":[{"status":"False","type":"PodRunning"},{"type":"Completed","status":"False"}]'


def patch(name: str, body: str, *, late: str = "", plural: str = "workflows") -> str:
    return f"{late}PATCH argoproj.io/v1alpha1/lab/{plural}/{name} merge-patch+json {body}"


def name_of(obj: dict[str, Any]) -> str:
    return str(obj["metadata"]["name"])


PATCHES = {
    "stop (tried)": ("stop", RUNNING, {}, '{"spec":{"shutdown":"Stop"}}'),
    "terminate (tried)": ("terminate", RUNNING, {}, '{"spec":{"shutdown":"Terminate"}}'),
    "terminate after stop": (
        "terminate",
        changed(RUNNING, spec__shutdown="Stop"),
        {},
        '{"spec":{"shutdown":"Terminate"}}',
    ),
    "suspend (tried)": ("suspend", RUNNING, {}, '{"spec":{"suspend":true}}'),
    "resume, no gate waits (tried)": ("resume", SUSPENDED, {}, '{"spec":{"suspend":null}}'),
    "resume, suspended and offloaded": (
        "resume",
        changed(SUSPENDED, status__offloadNodeStatusVersion="fnv:1"),
        {},
        '{"spec":{"suspend":null}}',
    ),
    "resume a gate (tried)": (
        "resume",
        gate(),
        {},
        f'{RV},"status":{{"nodes":{{"{GATE}":{{{PASSED}}}}}}}}}',
    ),
    "resume the whole and its gate": (
        "resume",
        gate(spec__suspend=True),
        {},
        f'{RV},"spec":{{"suspend":null}},"status":{{"nodes":{{"{GATE}":{{{PASSED}}}}}}}}}',
    ),
    "resume one gate alone leaves the suspension": (
        "resume",
        gate(spec__suspend=True),
        {"node": "approve"},
        f'{RV},"status":{{"nodes":{{"{GATE}":{{{PASSED}}}}}}}}}',
    ),
    "resume with a value (tried)": (
        "resume",
        asking(supplied("decision")),
        {"set": ("decision=yes",)},
        f'{RV},"status":{{"nodes":{{"{GATE}":{{{PASSED},'
        '"outputs":{"parameters":[{"name":"decision","value":"yes"}]}}}}}',
    ),
    "resume with a default, what is not supplied stays": (
        "resume",
        asking({"name": "made", "value": "1"}, supplied("decision", default="no")),
        {},
        f'{RV},"status":{{"nodes":{{"{GATE}":{{{PASSED},"outputs":{{"parameters":'
        '[{"name":"made","value":"1"},{"name":"decision","value":"no"}]}}}}}',
    ),
    "resume with a value that has a global name (AddParamToGlobalScope)": (
        "resume",
        asking(
            supplied("decision", globalName="approval"),
            status__outputs={
                "parameters": [{"name": "approval", "value": "?"}, {"name": "tag", "value": "1"}]
            },
        ),
        {"node": "displayName=approve", "set": ("decision=a=b",)},
        f'{RV},"status":{{"nodes":{{"{GATE}":{{{PASSED},"outputs":{{"parameters":'
        '[{"name":"decision","globalName":"approval","value":"a=b"}]}}},'
        '"outputs":{"parameters":[{"name":"tag","value":"1"},{"name":"approval","value":"a=b"}]}}}',
    ),
    "decline a gate (tried)": (
        "stop",
        gate(),
        {"node": GATE},
        f'{RV},"status":{{"nodes":{{"{GATE}":{{"phase":"Failed","finishedAt":"{NOW}",'
        '"message":"Declined by: kubernetes-admin"}}}}',
    ),
    "decline a gate and say why": (
        "stop",
        gate(),
        {"node": "approve", "message": "not on a Friday"},
        f'{RV},"status":{{"nodes":{{"{GATE}":{{"phase":"Failed","finishedAt":"{NOW}",'
        '"message":"not on a Friday"}}}}',
    ),
}


@pytest.mark.parametrize("name", PATCHES)
async def test_a_running_workflow_is_changed_by_one_merge_patch(name):
    what, of, given, body = PATCHES[name]
    assert sent(await planned(what, of, given=given)) == [patch(name_of(of), body)]


async def test_a_gate_keeps_its_message_and_nobody_is_named_who_is_not_known():
    made = gate()
    made["status"]["nodes"][GATE]["message"] = "ask Ann"
    body = (await planned("resume", made)).writes[0].body
    assert body["status"]["nodes"][GATE]["message"] == "ask Ann; Resumed by: kubernetes-admin"
    body = (await planned("resume", gate(), user="")).writes[0].body
    assert body["status"]["nodes"][GATE] == {"phase": "Succeeded", "finishedAt": NOW}


async def test_several_gates_are_passed_at_once_or_one_of_them_by_any_of_its_names():
    made = gate()
    nodes = made["status"]["nodes"]
    nodes["second"] = {**nodes[GATE], "id": "second", "name": "x[1].sign", "displayName": "sign"}
    plan = await planned("resume", made)
    assert set(plan.writes[0].body["status"]["nodes"]) == {GATE, "second"}
    assert plan.warnings == ("2 gates are passed at once: approve, sign",)
    for named in ("sign", "second", "x[1].sign", "name=x[1].sign", "id=second", "displayName=sign"):
        one = await planned("resume", made, given={"node": named})
        assert set(one.writes[0].body["status"]["nodes"]) == {"second"}, named
    both = await planned("resume", made, given={"node": f"templateName={nodes[GATE]['templateName']}"})
    assert set(both.writes[0].body["status"]["nodes"]) == {GATE, "second"}


def unpacked(body: dict[str, Any]) -> dict[str, Any]:
    """Read packed nodes back as the controller does: base64 of gzip."""
    made: dict[str, Any] = json.loads(gzip.decompress(base64.b64decode(body["status"]["compressedNodes"])))
    return made


async def test_packed_nodes_are_packed_again_with_the_gate_passed():
    body = (await planned("resume", packed(gate()))).writes[0].body
    assert list(body["status"]) == ["compressedNodes"]
    before = gate()["status"]["nodes"]
    now = {"phase": "Succeeded", "finishedAt": NOW, "message": "Resumed by: kubernetes-admin"}
    assert unpacked(body) == {**before, GATE: {**before[GATE], **now}}


async def test_packed_nodes_are_packed_again_without_those_that_a_retry_takes_away():
    body = (await planned("retry", packed(lab("workflow-failed-steps")))).writes[-1].body
    nodes = unpacked(body)
    assert set(nodes) == {"runs", "runs-1845511354", "runs-2239166599", "runs-2852021399"}
    assert (nodes["runs"]["phase"], nodes["runs"].get("finishedAt")) == ("Running", None)
    assert nodes["runs-1845511354"]["children"] == []


RETRIES = {
    "Steps (tried)": (
        lab("workflow-failed-steps"),
        '"nodes":{"runs-543633180":null,"runs":{' + RESET + ',"outboundNodes":[]},'
        '"runs-1845511354":{' + RESET + ',"children":[]}}',
    ),
    "DAG, one of its steps succeeded (tried)": (
        lab("workflow-failed-dag-podfailed"),
        '"nodes":{"side-by-side-124715058":null,"side-by-side-3028702501":null,'
        '"side-by-side":{' + RESET + ',"children":["side-by-side-1447775702"],'
        '"outboundNodes":["side-by-side-1447775702"]}}',
    ),
    "retryStrategy, all attempts and the follower (tried)": (
        lab("workflow-failed-dag-retry-skipped-podfailed"),
        '"nodes":{"retries-267464825":null,"retries-334281111":null,"retries-3358151903":null,'
        '"retries-871606204":null,"retries":{' + RESET + ',"outboundNodes":[]},'
        '"retries-1593440002":{' + RESET + ',"children":[]}}',
    ),
}


@pytest.mark.parametrize("name", RETRIES)
async def test_a_retry_without_pods_is_one_guarded_patch(name):
    of, nodes = RETRIES[name]
    version = of["metadata"]["resourceVersion"]
    head = '{"metadata":{"resourceVersion":"' + version + '",' + UNLABELLED + "}"
    body = head + ',"spec":{"shutdown":null},"status":{' + f"{ANEW},{CONDITIONS},{nodes}" + "}}"
    assert sent(await planned("retry", of)) == [patch(name_of(of), body)]


async def test_a_retry_first_deletes_the_pods_of_what_goes_and_no_other():
    pods = (
        pod("runs-543633180", "runs-build-543633180"),
        pod("runs-2239166599", "runs-checkout-2239166599"),
        pod("runs-543633180", "of-another", workflow="other"),
        pod("runs-543633180", "elsewhere", namespace="ci"),
    )
    plan = await planned("retry", lab("workflow-failed-steps"), *pods)
    first, second = sent(plan)
    assert first == (
        "DELETE v1/lab/pods/runs-build-543633180 merge-patch+json "
        '{"preconditions":{"uid":"uid-of-runs-build-543633180"}} (404 is done)'
    )
    assert second.startswith("after 1.0 s: PATCH argoproj.io/v1alpha1/lab/workflows/runs ")
    assert plan.warnings == (
        "build really runs again: what was half done, a push too, is done again",
        "the logs of 1 pod are gone with them",
    )
    assert (plan.before, plan.after) == (
        "Failed: child 'runs-543633180' failed",
        "runs again: build; 1 step that succeeded stays",
    )


async def test_a_retry_deletes_the_pod_of_the_exit_handler_too():
    handler = pod("exit-fails-1158278116", "exit-fails-bye", workflow="exit-fails", namespace="ci")
    plan = await planned("retry", stored("workflows", "exit-handler-failed"), handler)
    assert [one.name for one in plan.writes] == ["exit-fails-bye", "exit-fails"]
    assert plan.after == "the exit handler runs again; 1 step that succeeded stays"


async def test_a_retry_takes_back_what_ended_the_workflow_and_only_that():
    of = lab(
        "workflow-failed-steps",
        spec__shutdown="Terminate",
        spec__activeDeadlineSeconds=0,
        status__storedWorkflowTemplateSpec={"shutdown": "Terminate", "templates": []},
        status__persistentVolumeClaims=[{"name": "work"}],
    )
    body = (await planned("retry", of)).writes[0].body
    assert body["spec"] == {"shutdown": None, "activeDeadlineSeconds": None}
    assert body["status"]["storedWorkflowTemplateSpec"] == {"shutdown": None}
    assert body["status"]["persistentVolumeClaims"] == []
    plain = (await planned("retry", lab("workflow-failed-steps", spec__activeDeadlineSeconds=600))).writes[0]
    assert plain.body["spec"] == {"shutdown": None}
    assert not {"storedWorkflowTemplateSpec", "persistentVolumeClaims"} & plain.body["status"].keys()


async def test_pods_that_may_not_be_listed_stop_a_retry():
    denied = Denied("list", "pods", namespace="lab")
    with pytest.raises(Denied, match="may not list pods in namespace lab"):
        await planned("retry", lab("workflow-failed-steps"), troubles={"Pod": denied})


async def test_delete_takes_this_very_object_with_its_pods():
    of = lab("workflow-succeeded")
    meta = of["metadata"]
    assert sent(await planned("delete", of)) == [
        f"DELETE {WF}/{meta['name']} merge-patch+json "
        f'{{"propagationPolicy":"Background","preconditions":{{"uid":"{meta["uid"]}"}}}}'
    ]


HEAD = '{"apiVersion":"argoproj.io/v1alpha1","kind":"Workflow","metadata":'
CRON_OWNER = (
    '"ownerReferences":[{"apiVersion":"argoproj.io/v1alpha1","kind":"CronWorkflow","name":"asleep",'
    '"uid":"fee44f1e-afbd-42db-843c-66e6f650ce1f","controller":true,"blockOwnerDeletion":true}]'
)
CRON_SPEC = (
    '"spec":{"entrypoint":"main","templates":[{"container":{"command":["/bin/build"],'
    '"image":"127.0.0.1:5000/ci/builder:1"},"name":"main"}]'
)
TEMPLATE, SHARED = lab("workflowtemplate"), lab("clusterworkflowtemplate")
PARAMETERS = [
    {"name": "sha"},
    {"name": "target", "value": "prod", "enum": ["prod", "test"]},
    {"name": "from-map", "valueFrom": {"configMapKeyRef": {"name": "m", "key": "k"}}},
]
ASKING = changed(TEMPLATE, spec__arguments={"parameters": PARAMETERS})
POSTS = {
    "submit a template (tried)": (
        "submit",
        TEMPLATE,
        {},
        "ci",
        '{"generateName":"nightly-","labels":{"workflows.argoproj.io/workflow-template":"nightly"}},'
        '"spec":{"workflowTemplateRef":{"name":"nightly"}}}',
    ),
    "submit a template with parameters (tried)": (
        "submit",
        ASKING,
        {"parameter": ("sha=abc", "target=test")},
        "ci",
        '{"generateName":"nightly-","labels":{"workflows.argoproj.io/workflow-template":"nightly"}},'
        '"spec":{"workflowTemplateRef":{"name":"nightly"},"arguments":{"parameters":'
        '[{"name":"sha","value":"abc"},{"name":"target","value":"test"}]}}}',
    ),
    "submit a template of one of several controllers": (
        "submit",
        changed(TEMPLATE, metadata__labels={"workflows.argoproj.io/controller-instanceid": "two", "a": "b"}),
        {},
        "ci",
        '{"generateName":"nightly-","labels":{"workflows.argoproj.io/workflow-template":"nightly",'
        '"workflows.argoproj.io/controller-instanceid":"two"}},'
        '"spec":{"workflowTemplateRef":{"name":"nightly"}}}',
    ),
    "submit a cluster template (NewWorkflowFromWorkflowTemplate)": (
        "submit",
        SHARED,
        {"namespace": "build"},
        "build",
        '{"generateName":"nightly-","labels":{"workflows.argoproj.io/cluster-workflow-template":"nightly"}},'
        '"spec":{"workflowTemplateRef":{"name":"nightly","clusterScope":true}}}',
    ),
    "run a schedule now (ConvertCronWorkflowToWorkflow)": (
        "submit",
        lab("cronworkflow-suspended"),
        {},
        "lab",
        '{"generateName":"asleep-","labels":{"workflows.argoproj.io/cron-workflow":"asleep"},'
        '"annotations":{"workflows.argoproj.io/scheduled-time":"' + NOW + '"},' + CRON_OWNER + "},"
        f"{CRON_SPEC}}}}}",
    ),
    "run a schedule now with its own metadata and a parameter": (
        "submit",
        lab(
            "cronworkflow-suspended",
            spec__workflowMetadata={"labels": {"app": "web"}, "annotations": {"a": "b"}, "finalizers": ["f"]},
        ),
        {"parameter": ("sha=abc",)},
        "lab",
        '{"generateName":"asleep-","labels":{"workflows.argoproj.io/cron-workflow":"asleep","app":"web"},'
        '"annotations":{"workflows.argoproj.io/scheduled-time":"' + NOW + '","a":"b"},"finalizers":["f"],'
        f"{CRON_OWNER}}},{CRON_SPEC},"
        '"arguments":{"parameters":[{"name":"sha","value":"abc"}]}}}',
    ),
    "resubmit (tried), of a schedule: owner and annotations are copied": (
        "resubmit",
        stored("workflows", "succeeded-cron"),
        {},
        "ci",
        '{"generateName":"minutely-1795439400-","labels":{"workflows.argoproj.io/cron-workflow":"minutely",'
        '"workflows.argoproj.io/resubmitted-from-workflow":"minutely-1795439400"},'
        '"annotations":{"workflows.argoproj.io/pod-name-format":"v2",'
        '"workflows.argoproj.io/scheduled-time":"2026-11-23T13:10:00Z"},'
        '"ownerReferences":[{"apiVersion":"argoproj.io/v1alpha1","blockOwnerDeletion":true,'
        '"controller":true,"kind":"CronWorkflow","name":"minutely",'
        '"uid":"04cfca20-cec1-4036-a928-ff4e1740316e"}]},'
        '"spec":{"arguments":{},"workflowTemplateRef":{"name":"nightly"}}}',
    ),
    "resubmit one that was terminated, with another parameter (FormulateResubmitWorkflow)": (
        "resubmit",
        stored(
            "workflows",
            "succeeded-cron",
            metadata__ownerReferences=None,
            metadata__annotations=None,
            metadata__generateName="minutely-",
            metadata__labels={
                "events.argoproj.io/sensor": "github",
                "trombone.dev/commit": "abc",
                "workflows.argoproj.io/resubmitted-from-workflow": "older",
                "workflows.argoproj.io/completed": "true",
                "workflows.argoproj.io/phase": "Failed",
                "workflows.argoproj.io/workflow-archiving-status": "Archived",
                "workflows.argoproj.io/creator": "ann",
                "workflows.argoproj.io/creator-email": "ann.at.example",
                "workflows.argoproj.io/creator-preferred-username": "ann",
                "workflows.argoproj.io/actor": "ben",
            },
            spec__shutdown="Terminate",
            spec__activeDeadlineSeconds=0,
            spec__arguments={"parameters": [{"name": "a", "value": "1"}, {"name": "sha", "value": "old"}]},
        ),
        {"parameter": ("sha=new",)},
        "ci",
        '{"generateName":"minutely-","labels":{"events.argoproj.io/sensor":"github",'
        '"trombone.dev/commit":"abc",'
        '"workflows.argoproj.io/resubmitted-from-workflow":"minutely-1795439400",'
        '"workflows.argoproj.io/actor":"ben"}},"spec":{"arguments":{"parameters":'
        '[{"name":"sha","value":"new"},{"name":"a","value":"1"}]},"workflowTemplateRef":{"name":"nightly"}}}',
    ),
}


@pytest.mark.parametrize("name", POSTS)
async def test_a_new_workflow_is_made_of_exactly_what_argo_makes_it_of(name):
    what, of, given, namespace, body = POSTS[name]
    line = f"POST argoproj.io/v1alpha1/{namespace}/workflows merge-patch+json {HEAD}{body}"
    assert sent(await planned(what, of, given=given)) == [line]


async def test_a_resubmitted_workflow_keeps_its_spec_as_written():
    of = lab("workflow-failed-steps", spec__suspend=True)
    assert (await planned("resubmit", of)).writes[0].body["spec"] == of["spec"]


SCHEDULES = [
    ("suspend", "cronworkflow-active", '{"spec":{"suspend":true}}'),
    ("resume", "cronworkflow-suspended", '{"spec":{"suspend":false}}'),
]


@pytest.mark.parametrize(("what", "name", "body"), SCHEDULES, ids=["suspend (tried)", "resume (tried)"])
async def test_a_schedule_is_held_by_one_field(what, name, body):
    of = lab(name)
    assert sent(await planned(what, of)) == [patch(name_of(of), body, plural="cronworkflows")]


NOTHING_TO_DO = [
    ("suspend", SUSPENDED, "it is suspended already"),
    ("resume", RUNNING, "not suspended, no gate waits"),
    ("stop", changed(RUNNING, spec__shutdown="Stop"), "it is being ended already: spec.shutdown is Stop"),
    ("stop", changed(RUNNING, spec__shutdown="Terminate"), "it is being ended already: spec.shutdown is Te"),
    ("terminate", changed(RUNNING, spec__shutdown="Terminate"), "it is being ended already"),
    ("suspend", lab("cronworkflow-suspended"), "it is suspended already"),
    ("resume", lab("cronworkflow-active"), "it is not suspended"),
]


@pytest.mark.parametrize(("what", "of", "why"), NOTHING_TO_DO)
async def test_what_is_so_already_is_not_sent(what, of, why):
    plan = await planned(what, of)
    assert plan.writes == ()
    assert plan.noop.startswith(why)
    assert blocked(STAGE, verb(STAGE, what, of["kind"]), of) == plan.noop


FAILED, SUCCEEDED = lab("workflow-failed-steps"), lab("workflow-succeeded")
OFFLOADED = {"status__nodes": None, "status__offloadNodeStatusVersion": "fnv:12"}
DELETING = {"metadata__deletionTimestamp": "2026-11-23T13:19:00Z"}
BLOCKED = [
    ("retry", FAILED, ""),
    ("retry", SUCCEEDED, "it has ended: Succeeded"),
    ("retry", RUNNING, "it has not ended: Running"),
    ("retry", lab("workflow-new"), "it has not ended: new"),
    (
        "retry",
        changed(FAILED, **OFFLOADED),
        "its nodes are offloaded to a database: only argo-server can retry it",
    ),
    ("retry", changed(FAILED, **DELETING), "it is being deleted already"),
    ("stop", gate(), ""),
    ("stop", FAILED, "it has ended: Failed"),
    ("stop", changed(RUNNING, **DELETING), "it is being deleted already"),
    ("resume", changed(SUSPENDED, **DELETING), "it is being deleted already"),
    ("terminate", changed(gate(), spec__shutdown="Stop"), ""),
    ("terminate", lab("workflow-error"), "it has ended: Error"),
    ("suspend", RUNNING, ""),
    ("suspend", SUCCEEDED, "it has ended: Succeeded"),
    ("resume", gate(), ""),
    ("resume", SUSPENDED, ""),
    ("resume", changed(SUSPENDED, **OFFLOADED), ""),
    ("resume", FAILED, "it has ended: Failed"),
    (
        "resume",
        changed(RUNNING, **OFFLOADED),
        "its nodes are offloaded to a database: only argo-server can resume a gate",
    ),
    (
        "resume",
        changed(RUNNING, status__nodes=None, status__compressedNodes="?"),
        "",
    ),  # what can't be seen blocks nothing
    ("resume", packed(gate()), ""),
    ("delete", RUNNING, ""),
    ("delete", changed(RUNNING, **DELETING), "it is being deleted already"),
    ("resubmit", RUNNING, ""),
    ("resubmit", changed(FAILED, **OFFLOADED), ""),
    ("submit", TEMPLATE, ""),
    (
        "submit",
        changed(TEMPLATE, spec__entrypoint=None),
        "it has no entrypoint: it holds templates for others to use",
    ),
    ("submit", SHARED, ""),
    ("submit", lab("cronworkflow-stopped"), ""),
    ("submit", lab("cronworkflow-active", spec__workflowSpec=None), "it has no workflowSpec"),
]


@pytest.mark.parametrize(("what", "of", "why"), BLOCKED)
def test_a_verb_is_greyed_for_what_is_certain_alone(what, of, why):
    assert blocked(STAGE, verb(STAGE, what, of["kind"]), of) == why


def test_packed_gates_block_nothing_in_an_object_that_was_read_whole_either():
    whole = msgspec.convert(packed(gate()), WORKFLOW.shape)
    made = read(STAGE)
    assert verb(STAGE, "resume", "Workflow").blocked(whole, Staged(STAGE, gate()).ref, made) == ""


REFUSED = [
    ("retry", SUCCEEDED, {}, "it has ended: Succeeded"),
    ("retry", RUNNING, {}, "it has not ended: Running"),
    ("retry", changed(FAILED, **OFFLOADED), {}, "offloaded to a database: only argo-server can"),
    ("retry", changed(FAILED, status__nodes=None, status__compressedNodes="?"), {}, "it is no base64"),
    (
        "retry",
        lab("workflow-failed-steps-suspend"),
        {},
        "gate gate was declined or stopped, and a retry asks",
    ),
    ("retry", lab("workflow-error"), {}, "no step of it failed that could run again"),
    ("retry", lab("workflow-failed"), {}, "no step of it failed that could run again"),
    ("stop", FAILED, {}, "it has ended: Failed"),
    ("stop", FAILED, {"node": "approve"}, "it has ended: Failed"),
    ("stop", gate(), {"node": "sign"}, "no gate sign waits"),
    ("stop", changed(gate(), **OFFLOADED), {"node": "approve"}, "only argo-server can"),
    ("terminate", SUCCEEDED, {}, "it has ended: Succeeded"),
    ("suspend", SUCCEEDED, {}, "it has ended: Succeeded"),
    ("resume", SUCCEEDED, {}, "it has ended: Succeeded"),
    ("resume", gate(), {"node": "sign"}, "no gate sign waits"),
    ("resume", gate(), {"set": ("decision=yes",)}, "no gate wants a value for decision"),
    ("resume", gate(), {"set": ("decision",)}, "'decision' is not of the form NAME=VALUE"),
    ("resume", asking(supplied("decision")), {}, "gate approve wants a value for decision, which has no def"),
    ("resume", asking(supplied("a"), supplied("b")), {"set": ("a=1",)}, "gate approve wants a value for b"),
    ("resume", changed(gate(), **OFFLOADED), {}, "only argo-server can"),
    ("resume", changed(SUSPENDED, **OFFLOADED), {"node": "approve"}, "only argo-server can"),
    ("delete", changed(RUNNING, **DELETING), {}, "it is being deleted already"),
    ("resubmit", lab("workflow-failed", spec=None), {}, "it has no spec"),
    ("resubmit", RUNNING, {"parameter": ("=x",)}, "'=x' is not of the form NAME=VALUE"),
    ("submit", ASKING, {}, "it has to be given a value for sha"),
    ("submit", ASKING, {"parameter": ("sha=1", "target=moon")}, "target can't be moon"),
    ("submit", SHARED, {}, "a ClusterWorkflowTemplate has no namespace"),
    ("submit", changed(TEMPLATE, spec__entrypoint=None), {}, "it has no entrypoint"),
    ("submit", lab("cronworkflow-active", spec__workflowSpec=None), {}, "it has no workflowSpec"),
    (
        "retry",
        packed(changed(FAILED, status__nodes={"runs": {"phase": 7}})),
        {},
        "a node can't be read: Expec",
    ),
    ("stop", changed(RUNNING, status__phase=7), {}, r"can't be read: Expected `str \| null`, got `int`"),
]


@pytest.mark.parametrize(("what", "of", "given", "why"), REFUSED)
async def test_what_can_not_be_done_is_refused_and_says_why(what, of, given, why):
    with pytest.raises(Refused, match=why):
        await planned(what, of, given=given)


async def test_a_value_that_two_gates_want_has_to_name_one():
    made = asking(supplied("decision"))
    nodes = made["status"]["nodes"]
    nodes["second"] = {**nodes[GATE], "id": "second", "displayName": "sign"}
    with pytest.raises(Refused, match="several gates want decision: approve, sign"):
        await planned("resume", made, given={"set": ("decision=yes",)})
    plan = await planned("resume", made, given={"set": ("decision=yes",), "node": "sign"})
    assert set(plan.writes[0].body["status"]["nodes"]) == {"second"}
