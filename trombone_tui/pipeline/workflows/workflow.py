"""Workflow: its row, its details, and what it shares with other stages."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache

from trombone_tui.core.objects.argo_events import STARTED_BY, TRIGGERED_BY
from trombone_tui.core.objects.argo_workflows import (
    APP,
    APP_LABELS,
    CLUSTER_TEMPLATE,
    COMMIT,
    CRON,
    IMAGE,
    RESUBMITTED_FROM,
    TEMPLATE,
    WORKFLOW,
    Workflow,
    WorkflowStatus,
)
from trombone_tui.core.objects.basics import Health, Ref, same
from trombone_tui.core.objects.durations import spoken
from trombone_tui.core.objects.image_names import ImageName
from trombone_tui.core.objects.workflow_nodes import Leaf, Parameter, cannot_start
from trombone_tui.core.stage import Around, Detail, Fact, Facts, Item, Source
from trombone_tui.pipeline.workflows.fields import WorkflowsFields
from trombone_tui.pipeline.workflows.reading import Reading, reading

_REFERENCE = re.compile(r"[\w.\-]+(?::\d+)?(?:/[\w.\-]+)*(?::[\w.\-]+)?(?:@[\w.\-+:]+)?", re.ASCII)


def read_workflow(obj: Workflow, ref: Ref, _: Around) -> tuple[Item, ...]:
    """Make its row."""
    images, tag = _built(obj)
    found = reading(obj, tag)
    return (
        Item(
            ref=ref,
            health=found.health,
            why=found.why,
            fields=_fields(obj, found, images, tag),
            since=found.since,
            brief=found.brief,
            series=_series(obj),
            created=obj.metadata.creation_timestamp,
            joins=_joins(obj, images),
        ),
    )


def _fields(obj: Workflow, found: Reading, images: Sequence[ImageName], tag: str | None) -> WorkflowsFields:
    status = obj.status or WorkflowStatus()
    took = status.duration
    return WorkflowsFields(
        phase=status.phase or None,
        progress=status.progress or None,
        failed_node=found.failed_node,
        message=found.message or None,
        duration_seconds=None if took is None else int(took.total_seconds()),
        node=found.node,
        started=status.started_at,
        commit=obj.metadata.label(COMMIT) or None,
        image=images[0].repository if len({image.join for image in images}) == 1 else None,
        tag=tag,
    )


def _built(obj: Workflow) -> tuple[Sequence[ImageName], str | None]:
    """Name the images it gave out or was told to build, and the tag when it is exactly one.

    Only what says so itself counts: parameters, and the annotation made for it.
    """
    parameters, annotation = obj.image_parameters, obj.metadata.annotation(IMAGE)
    if not parameters and not annotation:
        return (), None
    written = [p.value for p in parameters if _names_image(p)] + [annotation]
    images = [ImageName.parse(text) for text in written if _REFERENCE.fullmatch(text)]
    tags = {p.value for p in parameters if p.name == "image-tag"} or {i.tag for i in images if i.tag}
    return images, str(tags.pop()) if len(tags) == 1 else None


def _names_image(parameter: Parameter) -> bool:
    """Say whether a parameter is a whole reference: named ``image``, or ``image-…`` with a path in it."""
    return parameter.name == "image" or "/" in str(parameter.value)


def _joins(obj: Workflow, images: Sequence[ImageName]) -> tuple[str, ...]:
    """Say what other stages' items share with it: its Sensor, the image, the app it is labelled with."""
    meta = obj.metadata
    sensor, app = meta.label(STARTED_BY), meta.label(APP)
    return _same_joins(
        *((f"Sensor/{sensor}",) if sensor else ()),
        *((f"app/{app}",) if app else ()),
        *dict.fromkeys(image.join for image in images),
    )


@lru_cache(maxsize=4096)
def _same_joins(*joins: str) -> tuple[str, ...]:
    """Let thousands of Workflows that share the same share the tuple too."""
    return joins


def _series(obj: Workflow) -> str:
    """Name what it is one run of; a template that serves several apps is a series for each.

    A Workflow with a name of its own that nobody started from a template is no run of anything.
    """
    meta = obj.metadata
    if cron := meta.label(CRON):
        return same(f"cron/{meta.namespace}/{cron}")
    template = _template(obj) or meta.generate_name or ""
    if not template:
        return ""
    told = (obj.spec.arguments.parameters if obj.spec and obj.spec.arguments else None) or ()
    image = next((ImageName.parse(p.value).join for p in told if _is_image(p)), "")
    labels = (meta.label(key) for key in (STARTED_BY, TRIGGERED_BY, *APP_LABELS))
    return same("/".join(("run", meta.namespace, template, *labels, image)))


def _is_image(parameter: Parameter) -> bool:
    return parameter.name == "image" and isinstance(parameter.value, str)


def _template(obj: Workflow) -> str:
    ref = obj.spec.workflow_template_ref if obj.spec else None
    named = ref.name if ref else None
    return named or obj.metadata.label(TEMPLATE) or obj.metadata.label(CLUSTER_TEMPLATE)


def explain_workflow(obj: Workflow, _: Ref, __: Around) -> tuple[Detail, ...]:
    """Tell what is known of it."""
    status = obj.status or WorkflowStatus()
    built, tag = _built(obj)
    found = reading(obj, tag)
    fields = _fields(obj, found, built, tag)
    about = (
        Fact("phase", fields.phase, found.health),
        Fact("message", fields.message),
        Fact("progress", fields.progress),
        Fact("started", fields.started),
        Fact("finished", status.finished_at),
        Fact("duration", spoken(status.duration) if status.duration is not None else None),
    )
    images = ", ".join(dict.fromkeys(image.repository for image in built))
    origin = (
        ("template", _template(obj)),
        ("CronWorkflow", obj.metadata.label(CRON)),
        ("Sensor", obj.metadata.label(STARTED_BY)),
        ("trigger", obj.metadata.label(TRIGGERED_BY)),
        ("triggered", obj.triggered),
        ("resubmitted from", obj.metadata.label(RESUBMITTED_FROM)),
        ("commit", fields.commit),
        ("image", images),
        ("tag", fields.tag),
    )
    known = tuple(Fact(name, value) for name, value in origin if value)
    return (
        Facts("Workflow", about),
        *_steps(obj),
        *((Facts("From and to", known),) if known else ()),
        *_conditions(status),
    )


def _steps(obj: Workflow) -> tuple[Detail, ...]:
    digest = obj.digest
    broken = digest.stuck is not None and cannot_start(digest.stuck.message)
    leaves = (
        ("failed first", digest.failed, Health.DEGRADED),
        ("can't start" if broken else "waits", digest.stuck, _STUCK[broken]),
        ("waits to be resumed", digest.gate, Health.SUSPENDED),
        ("runs", digest.running, Health.PROGRESSING),
    )
    facts = tuple(Fact(name, _in_words(leaf), health) for name, leaf, health in leaves if leaf)
    return (Facts("Steps", facts),) if facts else ()


_STUCK = {True: Health.DEGRADED, False: Health.PROGRESSING}


def _in_words(leaf: Leaf) -> str:
    tries = f", {leaf.attempts} attempts" if leaf.attempts > 1 else ""
    return f"{leaf.name}{tries}: {leaf.message}" if leaf.message else f"{leaf.name}{tries}"


def _conditions(status: WorkflowStatus) -> tuple[Detail, ...]:
    """Show SpecWarning, SpecError, MetricsError and ArtifactGCError, which all say what went wrong."""
    facts = tuple(
        Fact(c.type or "?", c.message or "no message", Health.DEGRADED)
        for c in status.conditions or ()
        if c.status == "True" and c.type not in ("Completed", "PodRunning")
    )
    return (Facts("Conditions", facts),) if facts else ()


WORKFLOWS = Source(kind=WORKFLOW, read=read_workflow, explain=explain_workflow)
