"""A Workflow with all that its nodes say, for whoever looks at one; rows use ``argo_workflows`` instead.

Fields: ``argo-workflows@v4.1.2:pkg/apis/workflow/v1alpha1/workflow_types.go``.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import msgspec

from trombone_tui.core.objects.argo_workflows import Lock, TemplateRef
from trombone_tui.core.objects.basics import Condition, Kind, Object, Partial, Time
from trombone_tui.core.objects.workflow_compressed import Unreadable, unpacked
from trombone_tui.core.objects.workflow_nodes import FAILED, NodeFlag


class Supplied(Partial):
    """Where a value comes from, as far as a gate needs it: ``supplied`` means from a person."""

    supplied: dict[str, Any] | None = None
    default: Any = None


class Given(Partial):
    """A parameter of a node, a template or a Workflow."""

    name: str | None = None
    value: Any = None
    default: Any = None
    enum: list[Any] | None = None
    description: str | None = None
    value_from: Supplied | None = None


class Artifact(Partial):
    """An artifact, and where it lies."""

    name: str | None = None
    path: str | None = None
    deleted: bool | None = None
    s3: dict[str, Any] | None = None
    gcs: dict[str, Any] | None = None
    oss: dict[str, Any] | None = None
    azure: dict[str, Any] | None = None
    hdfs: dict[str, Any] | None = None
    http: dict[str, Any] | None = None
    artifactory: dict[str, Any] | None = None


class Gave(Partial):
    """Inputs or outputs of a node or of the whole."""

    parameters: list[Given] | None = None
    artifacts: list[Artifact] | None = None
    exit_code: str | None = None
    result: str | None = None


class NodeTemplateRef(Partial):
    """A template of a WorkflowTemplate that a node runs."""

    name: str | None = None
    template: str | None = None


class NodeWaits(Partial):
    """``synchronizationStatus`` of a node: the lock it waits for."""

    waiting: str | None = None


class Memoized(Partial):
    """``memoizationStatus`` of a node: whether its result was found instead of made."""

    hit: bool | None = None
    key: str | None = None
    cache_name: str | None = None


class TreeNode(Partial):
    """One entry of ``status.nodes`` in full."""

    id: str = ""
    name: str = ""
    display_name: str | None = None
    type: str | None = None
    template_name: str | None = None
    template_ref: NodeTemplateRef | None = None
    template_scope: str | None = None
    phase: str | None = None
    boundary_id: str | None = msgspec.field(default=None, name="boundaryID")
    message: str | None = None
    started_at: Time | None = None
    finished_at: Time | None = None
    progress: str | None = None
    daemoned: bool | None = None
    node_flag: NodeFlag | None = None
    inputs: Gave | None = None
    outputs: Gave | None = None
    children: list[str] | None = None
    host_node_name: str | None = None
    memoization_status: Memoized | None = None
    synchronization_status: NodeWaits | None = None

    @property
    def title(self) -> str:
        """What people call it."""
        return self.display_name or self.name or self.id or "?"

    @property
    def template(self) -> str:
        """The name of the template that it runs, its own or a WorkflowTemplate's."""
        ref = self.template_ref
        return (ref.template if ref else None) or self.template_name or ""

    @property
    def failed(self) -> bool:
        """Whether it failed or ended with an error."""
        return self.phase in FAILED

    @property
    def hooked(self) -> bool:
        """Whether a lifecycle hook or an exit handler started it."""
        return self.node_flag is not None and bool(self.node_flag.hooked)


class Suspend(Partial):
    """How long a gate waits by itself: seconds as text, or a duration."""

    duration: str | None = None


class RetryStrategy(Partial):
    """How often a step is tried again."""

    limit: Any = None


class TemplateMetadata(Partial):
    """Labels that a template gives its pods."""

    labels: dict[str, str] | None = None


class Template(Partial):
    """A template, as far as its nodes need it."""

    name: str | None = None
    metadata: TemplateMetadata | None = None
    suspend: Suspend | None = None
    retry_strategy: RetryStrategy | None = None
    daemon: bool | None = None
    inputs: Gave | None = None


class Ttl(Partial):
    """When a Workflow that has ended is deleted, in seconds."""

    seconds_after_completion: int | None = None
    seconds_after_success: int | None = None
    seconds_after_failure: int | None = None


class PodGC(Partial):
    """When its pods are deleted, and their logs with them."""

    strategy: str | None = None
    delete_delay_duration: str | None = None


class RunSpec(Partial):
    """``spec``, or what was stored of the template it runs."""

    arguments: Gave | None = None
    entrypoint: str | None = None
    on_exit: str | None = None
    service_account_name: str | None = None
    templates: list[Template] | None = None
    workflow_template_ref: TemplateRef | None = None
    ttl_strategy: Ttl | None = None
    pod_gc: PodGC | None = msgspec.field(default=None, name="podGC")
    archive_logs: bool | None = None
    active_deadline_seconds: Any = None
    parallelism: int | None = None
    priority: int | None = None
    suspend: bool | None = None
    shutdown: str | None = None


class HeldLocks(Partial):
    """Locks of one sort that it waits for and that it holds."""

    waiting: list[Lock] | None = None
    holding: list[Lock] | None = None


class RunLocks(Partial):
    """``status.synchronization``."""

    mutex: HeldLocks | None = None
    semaphore: HeldLocks | None = None


class Repository(Partial):
    """``status.artifactRepositoryRef``: where its artifacts go."""

    artifact_repository: dict[str, Any] | None = None


class RunStatus(Partial):
    """``status`` in full."""

    phase: str | None = None
    started_at: Time | None = None
    finished_at: Time | None = None
    estimated_duration: int | None = None
    message: str | None = None
    nodes: dict[str, TreeNode] | None = None
    compressed_nodes: str | None = None
    offload_node_status_version: str | None = None
    outputs: Gave | None = None
    conditions: list[Condition] | None = None
    synchronization: RunLocks | None = None
    stored_templates: dict[str, Template] | None = None
    stored_workflow_template_spec: RunSpec | None = None
    artifact_repository_ref: Repository | None = None
    resources_duration: dict[str, Any] | None = None


class WholeWorkflow(Object):
    """One run with all its nodes."""

    spec: RunSpec | None = None
    status: RunStatus | None = None

    @property
    def ran(self) -> RunSpec:
        """The spec that is run: the stored one where a template is referred to, else its own."""
        stored = self.status.stored_workflow_template_spec if self.status else None
        return stored or self.spec or RunSpec()

    @property
    def nodes(self) -> dict[str, TreeNode]:
        """Return its nodes, unpacked where they are packed.

        Raises:
            Unreadable: they are in a database, or can't be unpacked.
        """
        status = self.status or RunStatus()
        if status.offload_node_status_version:
            raise Unreadable("they are offloaded to the controller's database, which only argo-server reads")
        if status.compressed_nodes and not status.nodes:
            return _unpacked(status.compressed_nodes)
        return status.nodes or {}

    def template(self, node: TreeNode) -> Template:
        """Return the template that a node runs, empty if it is not written down."""
        ref = node.template_ref
        stored = (self.status.stored_templates if self.status else None) or {}
        if ref is not None:
            ending = f"/{ref.name}/{ref.template}"
            return next((one for key, one in stored.items() if key.endswith(ending)), Template())
        if (found := stored.get(f"{node.template_scope}/{node.template_name}")) is not None:
            return found
        return next((one for one in self.ran.templates or () if one.name == node.template_name), Template())


@lru_cache(maxsize=2)
def _unpacked(packed: str) -> dict[str, TreeNode]:
    """Unpack once what is looked at many times."""
    return unpacked(packed, TreeNode)


WHOLE_WORKFLOW = Kind(
    name="Workflow", plural="workflows", group="argoproj.io", version="v1alpha1", shape=WholeWorkflow
)
"""A Workflow with all its nodes; only ever asked for by name."""
