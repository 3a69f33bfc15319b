"""Workflow of Argo Workflows; it has no status subresource.

Fields: ``argo-workflows@v4.1.2:pkg/apis/workflow/v1alpha1/workflow_types.go``; labels:
``workflow/common/common.go`` there.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from sys import intern
from typing import Any, Self

import msgspec

from trombone_tui.core.objects.argo_events import STARTED_BY, TRIGGERED_AT, TRIGGERED_BY
from trombone_tui.core.objects.basics import Condition, Kind, Meta, Object, Partial, Time
from trombone_tui.core.objects.durations import between, go_duration, later
from trombone_tui.core.objects.phrases import shortened
from trombone_tui.core.objects.workflow_compressed import Unreadable, unpacked
from trombone_tui.core.objects.workflow_nodes import (
    LONGEST_MESSAGE,
    NOTHING,
    Digest,
    Node,
    Outputs,
    Parameter,
    digest,
    speaking_of_images,
)

CRON = "workflows.argoproj.io/cron-workflow"
TEMPLATE = "workflows.argoproj.io/workflow-template"
CLUSTER_TEMPLATE = "workflows.argoproj.io/cluster-workflow-template"
RESUBMITTED_FROM = "workflows.argoproj.io/resubmitted-from-workflow"
"""Labels that say where a Workflow comes from."""
APP, COMMIT, REPO = "trombone.dev/app", "trombone.dev/commit", "trombone.dev/repo"
"""Labels that a Sensor may set for this program."""
IMAGE = "trombone.dev/image"
"""Annotation that names the image a Workflow builds."""
APP_LABELS = (APP, REPO, "app.kubernetes.io/name", "app")
"""Labels that tell apart what a shared template is run for."""

_READ = (STARTED_BY, TRIGGERED_BY, TRIGGERED_AT, CRON, TEMPLATE, CLUSTER_TEMPLATE, RESUBMITTED_FROM, COMMIT)
_LABELS = {key: key for key in (*_READ, *APP_LABELS)}
"""Labels that are kept, each with the one text object that all Workflows share."""
_PLAIN = ("PodRunning", "Completed")
"""Conditions that say no more than the phase does."""
_DIGITS = 13
"""Of a count of milliseconds from 2001 to 2286, so that texts sort as the moments they mean."""


class Arguments(Partial):
    """What a Workflow was started with."""

    parameters: list[Parameter] | None = None


class TemplateRef(Partial):
    """A WorkflowTemplate that is run."""

    name: str | None = None
    cluster_scope: bool | None = None


class Wait(Partial):
    """How long a gate waits by itself; empty means until it is resumed."""

    duration: Any = None


class Gated(Partial):
    """A template, as far as it may be a gate."""

    name: str | None = None
    suspend: Wait | None = None


class StoredSpec(Partial):
    """What was stored of the template that a Workflow runs."""

    templates: list[Gated] | None = None


class WorkflowSpec(Partial):
    """``spec``; of the templates only which of them are gates."""

    arguments: Arguments | None = None
    templates: list[Gated] | None = None
    suspend: bool | None = None
    shutdown: str | None = None
    workflow_template_ref: TemplateRef | None = None


class Lock(Partial):
    """A mutex or semaphore that is held or waited for: ``ns/Mutex/name``, and by whom it is held."""

    mutex: str | None = None
    semaphore: str | None = None
    holder: str | None = None
    holders: list[str] | None = None

    @property
    def name(self) -> str:
        """The lock's name as the controller writes it."""
        return self.mutex or self.semaphore or ""

    @property
    def held_by(self) -> tuple[str, ...]:
        """Who holds it: ``ns/workflow``, with ``/node`` where it is one template's lock."""
        return (self.holder,) if self.holder else tuple(self.holders or ())


class Locks(Partial):
    """Locks of one sort."""

    waiting: list[Lock] | None = None


class Synchronization(Partial):
    """``status.synchronization``."""

    mutex: Locks | None = None
    semaphore: Locks | None = None


class WorkflowStatus(Partial):
    """``status``; nodes are plain, compressed, or in a database: ``offload_node_status_version``."""

    phase: str | None = None
    started_at: Time | None = None
    finished_at: Time | None = None
    progress: str | None = None
    message: str | None = None
    nodes: dict[str, Node] | None = None
    compressed_nodes: str | None = None
    offload_node_status_version: str | None = None
    outputs: Outputs | None = None
    conditions: list[Condition] | None = None
    synchronization: Synchronization | None = None
    stored_workflow_template_spec: StoredSpec | None = None
    digest: Digest | None = msgspec.field(default=None, name="trombone.dev/digest")
    """What ``reduced`` kept of the nodes; the controller writes no field of this name."""
    unread: str | None = msgspec.field(default=None, name="trombone.dev/unread")
    """Why ``compressed_nodes`` could not be unpacked; likewise ours."""

    @property
    def duration(self) -> timedelta | None:
        """From start to end; None before the end, or when the two are out of order."""
        return between(self.started_at, self.finished_at)


class Workflow(Object):
    """One run of a graph of pods."""

    spec: WorkflowSpec | None = None
    status: WorkflowStatus | None = None

    @property
    def digest(self) -> Digest:
        """What the nodes say, from the nodes or from what was kept of them."""
        if self.status is None:
            return NOTHING
        if self.status.nodes:
            return self._timed(digest(self.status.nodes))
        return self.status.digest or NOTHING

    def reduced(self) -> Self:
        """Keep labels and parameters that are read, and of the nodes what they say: 1 to 2 KB."""
        _shrink_metadata(self.metadata)
        if self.spec is not None and self.spec.arguments is not None:
            kept = speaking_of_images(self.spec.arguments.parameters)
            self.spec.arguments = Arguments(parameters=kept) if kept else None
        if (status := self.status) is not None:
            if status.compressed_nodes:
                _unpack(status, status.compressed_nodes)
            status.digest = self._timed(digest(status.nodes)) if status.nodes else status.digest or NOTHING
            status.nodes = status.stored_workflow_template_spec = None
            _shrink_status(status)
        if self.spec is not None:
            self.spec.templates = None
        return self

    def _timed(self, found: Digest) -> Digest:
        """Note until when the one gate waits that goes on by itself."""
        gate = found.gate
        if gate is None or found.gates != 1 or not gate.template:
            return found
        stored = self.status.stored_workflow_template_spec if self.status else None
        templates = (
            (stored.templates if stored else None) or (self.spec.templates if self.spec else None) or ()
        )
        wait = next((one.suspend for one in templates if one.name == gate.template), None)
        until = later(gate.since, go_duration(wait.duration)) if wait is not None else None
        return msgspec.structs.replace(found, gate=msgspec.structs.replace(gate, until=until))

    @property
    def triggered(self) -> datetime | None:
        """When a Sensor created it, by the Sensor's own label."""
        return newest_moment((self.metadata.label(TRIGGERED_AT),))

    @property
    def lock(self) -> Lock | None:
        """The lock it waits for."""
        known = self.status.synchronization if self.status else None
        if known is None:
            return None
        waiting = [lock for locks in (known.mutex, known.semaphore) if locks for lock in locks.waiting or ()]
        return next((lock for lock in waiting if lock.name), None)

    @property
    def image_parameters(self) -> tuple[Parameter, ...]:
        """Outputs and arguments that speak of images, outputs first."""
        outputs = self.status.outputs.parameters if self.status and self.status.outputs else None
        arguments = self.spec.arguments.parameters if self.spec and self.spec.arguments else None
        everywhere = (*(outputs or ()), *self.digest.outputs, *(arguments or ()))
        return tuple(speaking_of_images(everywhere))


def newest_moment(labels: Iterable[str]) -> datetime | None:
    """Return the latest of moments that are written as Sensors do: Unix milliseconds as text."""
    written = max((text for text in labels if len(text) == _DIGITS and text.isdigit()), default="")
    return datetime.fromtimestamp(int(written) / 1000, UTC) if written.isascii() and written else None


def _shrink_metadata(meta: Meta) -> None:
    if meta.labels:
        labels: dict[str, str] = {}
        for key, value in meta.labels.items():
            if key in _LABELS:
                labels[_LABELS[key]] = intern(value)
        meta.labels = labels or None
    if meta.annotations:
        meta.annotations = {IMAGE: image} if (image := meta.annotations.get(IMAGE)) else None
    if meta.owner_references:
        meta.owner_references = None
    meta.namespace = intern(meta.namespace)
    if meta.generate_name:
        meta.generate_name = intern(meta.generate_name)


def _unpack(status: WorkflowStatus, packed: str) -> None:
    """Put the nodes where they would be if they were fewer, or say why they can't be read."""
    status.compressed_nodes = None
    if not status.nodes:
        try:
            status.nodes = unpacked(packed, Node)
        except Unreadable as problem:
            status.unread = str(problem)


def _shrink_status(status: WorkflowStatus) -> None:
    if status.phase:
        status.phase = intern(status.phase)
    if status.progress:
        status.progress = intern(status.progress)
    if status.message:
        status.message = shortened(status.message, LONGEST_MESSAGE)
    if status.outputs is not None:
        found = speaking_of_images(status.outputs.parameters)
        status.outputs = Outputs(parameters=found) if found else None
    if status.conditions:
        status.conditions = [c for c in status.conditions if c.type not in _PLAIN] or None


WORKFLOW = Kind(name="Workflow", plural="workflows", group="argoproj.io", version="v1alpha1", shape=Workflow)
