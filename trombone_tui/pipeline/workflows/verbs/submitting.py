"""Starting Workflows: of a template, of a CronWorkflow now, or a former one again.

What is copied: ``argo-workflows@v4.1.2:workflow/common/convert.go``, ``workflow/util/util.go``
(FormulateResubmitWorkflow).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import msgspec

from trombone_tui.core.objects.argo_workflows import (
    CLUSTER_TEMPLATE,
    COMMIT,
    CRON,
    RESUBMITTED_FROM,
    TEMPLATE,
    WORKFLOW,
    Workflow,
)
from trombone_tui.core.objects.basics import Meta, Ref
from trombone_tui.core.objects.cron_workflows import CRON_WORKFLOW, CronSpec, CronStatus, CronWorkflow
from trombone_tui.core.objects.durations import rfc3339
from trombone_tui.core.objects.phrases import counted, short_revision
from trombone_tui.core.objects.raw import listing, mapping, text
from trombone_tui.core.objects.workflow_templates import WorkflowTemplate
from trombone_tui.core.ports import Refused
from trombone_tui.core.stage import Around
from trombone_tui.core.verbs import Option, Plan, Scene, Sort, Write
from trombone_tui.core.wholes import typed
from trombone_tui.pipeline.workflows.origin import built, template_of
from trombone_tui.pipeline.workflows.verbs.effects import started
from trombone_tui.pipeline.workflows.verbs.run import command, pairs

PARAMETER = Option(
    name="parameter", about="NAME=VALUE that the run is given (argo's -p)", sort=Sort.TEXT, several=True
)
NAMESPACE = Option(name="namespace", about="where the Workflow is made", sort=Sort.TEXT, required=True)
_INSTANCE = "workflows.argoproj.io/controller-instanceid"
_EVENTS = "events.argoproj.io/"
_SCHEDULED = "workflows.argoproj.io/scheduled-time"
_NOT_COPIED = (
    "workflows.argoproj.io/creator",
    "workflows.argoproj.io/creator-email",
    "workflows.argoproj.io/creator-preferred-username",
    "workflows.argoproj.io/phase",
    "workflows.argoproj.io/completed",
    "workflows.argoproj.io/workflow-archiving-status",
)
_NO_ENTRYPOINT = "it has no entrypoint: it holds templates for others to use"
_NO_SPEC = "it has no workflowSpec"


def always(_: Any, __: Ref, ___: Around) -> str:
    """Hold nothing against it: what has ended can be run again, what runs can be run beside it."""
    return ""


def not_submitted(obj: WorkflowTemplate, _: Ref, __: Around) -> str:
    """Say why nothing can be made of a template."""
    return "" if obj.spec is not None and obj.spec.entrypoint else _NO_ENTRYPOINT


def not_run_now(obj: CronWorkflow, _: Ref, __: Around) -> str:
    """Say why a CronWorkflow can't be run."""
    return "" if obj.spec is not None and obj.spec.workflow_spec is not None else _NO_SPEC


async def resubmit(scene: Scene) -> Plan:
    """Make a new Workflow of a former one's spec, as written."""
    obj, whole = typed(scene.whole, Workflow), scene.whole
    meta, spec = whole["metadata"], dict(whole.get("spec") or {})
    if not spec:
        raise Refused("it has no spec")
    spec.pop("shutdown", None)
    if spec.get("activeDeadlineSeconds") == 0:
        del spec["activeDeadlineSeconds"]
    given = pairs(scene.given.get("parameter"))
    labels = {key: value for key, value in (obj.metadata.labels or {}).items() if key not in _NOT_COPIED}
    head = {
        "generateName": obj.metadata.generate_name or f"{obj.metadata.name}-",
        "labels": labels | {RESUBMITTED_FROM: obj.metadata.name},
        **{key: meta[key] for key in ("annotations", "ownerReferences") if meta.get(key)},
    }
    return Plan(
        before=f"{obj.metadata.name} {obj.status.phase or 'new' if obj.status else 'new'}",
        after=f"a new Workflow {head['generateName']}…",
        writes=(_post(scene.ref.namespace, head, _with(spec, given), "make it again"),),
        proof=started(scene.ref.namespace),
        warnings=tuple(_resubmitting(obj, spec)),
        command=command("resubmit", scene.ref, scene.ref.name, *_flags(given)),
    )


async def submit_template(scene: Scene) -> Plan:
    """Make a Workflow that refers to a template."""
    obj, ref = typed(scene.whole, WorkflowTemplate), scene.ref
    shared = not ref.namespace
    namespace = ref.namespace or str(scene.given.get("namespace") or "")
    if not namespace:
        raise Refused("a ClusterWorkflowTemplate has no namespace", advice="say in which one: --namespace")
    if obj.spec is None or not obj.spec.entrypoint:
        raise Refused(_NO_ENTRYPOINT)
    given = pairs(scene.given.get("parameter"))
    _check(obj, _sourced(scene), given)
    label = CLUSTER_TEMPLATE if shared else TEMPLATE
    head = {
        "generateName": f"{obj.metadata.name}-",
        "labels": {label: obj.metadata.name, **_instance(obj.metadata)},
    }
    refers = {"name": obj.metadata.name, **({"clusterScope": True} if shared else {})}
    kind = "clusterworkflowtemplate" if shared else "workflowtemplate"
    place = Ref(cluster=ref.cluster, kind=ref.kind, namespace=namespace, name=ref.name)
    return Plan(
        before=f"{ref.kind} {ref.name}",
        after=f"a new Workflow {head['generateName']}… in {namespace}",
        writes=(_post(namespace, head, _with({"workflowTemplateRef": refers}, given), "start it"),),
        proof=started(namespace),
        warnings=tuple(_submitting(obj, given)),
        command=command("submit", place, "--from", f"{kind}/{ref.name}", *_flags(given)),
    )


async def run_now(scene: Scene) -> Plan:
    """Make a CronWorkflow's Workflow now, beside its schedule."""
    obj, whole, ref = typed(scene.whole, CronWorkflow), scene.whole, scene.ref
    if obj.spec is None or obj.spec.workflow_spec is None:
        raise Refused(_NO_SPEC)
    more = mapping(whole, "spec", "workflowMetadata")
    given = pairs(scene.given.get("parameter"))
    head = {
        "generateName": f"{obj.metadata.name}-",
        "labels": {**_instance(obj.metadata), CRON: obj.metadata.name, **mapping(more, "labels")},
        "annotations": {_SCHEDULED: rfc3339(scene.now), **mapping(more, "annotations")},
        **({"finalizers": more["finalizers"]} if more.get("finalizers") else {}),
        "ownerReferences": [
            {
                "apiVersion": f"{CRON_WORKFLOW.group}/{CRON_WORKFLOW.version}",
                "kind": CRON_WORKFLOW.name,
                "name": obj.metadata.name,
                "uid": obj.metadata.uid,
                "controller": True,
                "blockOwnerDeletion": True,
            }
        ],
    }
    spec = _with(whole["spec"]["workflowSpec"], given)
    return Plan(
        before=f"{counted(_active(obj), 'run')} active",
        after=f"a new Workflow {head['generateName']}…",
        writes=(_post(ref.namespace, head, spec, "run it now"),),
        proof=started(ref.namespace),
        warnings=tuple(_running_now(obj)),
        command=command("submit", ref, "--from", f"cronwf/{ref.name}", *_flags(given)),
    )


def _post(namespace: str, head: Mapping[str, Any], spec: Mapping[str, Any], title: str) -> Write:
    body = {
        "apiVersion": f"{WORKFLOW.group}/{WORKFLOW.version}",
        "kind": WORKFLOW.name,
        "metadata": dict(head),
        "spec": dict(spec),
    }
    return Write(method="POST", kind=WORKFLOW, namespace=namespace, body=body, title=title)


def _with(spec: Mapping[str, Any], given: Mapping[str, str]) -> dict[str, Any]:
    """Put values into a spec: those that are given replace others of their names, and come first."""
    if not given:
        return dict(spec)
    there = listing(spec, "arguments", "parameters")
    others = [one for one in there if text(one, "name") not in given]
    parameters = [{"name": name, "value": value} for name, value in given.items()]
    return {**spec, "arguments": {**mapping(spec, "arguments"), "parameters": [*parameters, *others]}}


def _flags(given: Mapping[str, str]) -> list[str]:
    return [word for name, value in given.items() for word in ("-p", f"{name}={value}")]


def _instance(meta: Meta) -> dict[str, str]:
    """Keep the label that says which of several controllers it belongs to."""
    wanted = meta.label(_INSTANCE)
    return {_INSTANCE: wanted} if wanted else {}


def _sourced(scene: Scene) -> frozenset[str]:
    """Name the parameters whose value comes from elsewhere: ``valueFrom``."""
    parameters = ((scene.whole.get("spec") or {}).get("arguments") or {}).get("parameters") or ()
    return frozenset(str(one.get("name")) for one in parameters if one.get("valueFrom"))


def _check(obj: WorkflowTemplate, sourced: frozenset[str], given: Mapping[str, str]) -> None:
    known = sourced | given.keys()
    missing = [one for one in obj.parameters if one.value is None and one.name not in known]
    if missing:
        names = ", ".join(one.name or "?" for one in missing)
        raise Refused(
            f"it has to be given a value for {names}", advice=f"give it: --parameter {missing[0].name}=VALUE"
        )
    for one in obj.parameters:
        choices = [_text(value) for value in one.enum or ()]
        if choices and (value := given.get(one.name or "")) is not None and value not in choices:
            raise Refused(f"{one.name} can't be {value}", advice=f"one of {', '.join(choices)}")


def _text(value: object) -> str:
    return value if isinstance(value, str) else msgspec.json.encode(value).decode()


def _active(obj: CronWorkflow) -> int:
    return len((obj.status or CronStatus()).active or ())


def _resubmitting(obj: Workflow, spec: Mapping[str, Any]) -> Iterator[str]:
    images, tag = built(obj)
    if images or tag:
        named = images[0].repository if images else "its image"
        which = f" with tag {tag}" if tag else ""
        yield f"it pushes {named}{which}: a tag that is there already becomes another image"
    yield "all its steps run again, also those that push or deploy"
    commit = obj.metadata.label(COMMIT)
    kept = [f"commit {short_revision(commit)}"] if commit else []
    kept += ["the event"] if any(key.startswith(_EVENTS) for key in obj.metadata.labels or ()) else []
    if kept:
        yield f"it keeps the labels of {' and '.join(kept)}, and says that it is resubmitted"
    if template := template_of(obj) if spec.get("workflowTemplateRef") else "":
        yield f"it runs template {template} as it is now"
    if spec.get("suspend"):
        yield "it starts suspended: spec.suspend is copied"


def _submitting(obj: WorkflowTemplate, given: Mapping[str, str]) -> Iterator[str]:
    declared = {one.name for one in obj.parameters}
    unknown = [name for name in given if name not in declared]
    if unknown:
        yield f"the template declares no parameter {', '.join(unknown)}"


def _running_now(obj: CronWorkflow) -> Iterator[str]:
    spec = obj.spec or CronSpec()
    active, policy = _active(obj), spec.concurrency_policy or "Allow"
    if active and policy != "Allow":
        yield f"{counted(active, 'run')} active, and concurrencyPolicy {policy} does not count for this one"
    if spec.suspend:
        yield "the schedule stays suspended"
