"""WorkflowTemplate and ClusterWorkflowTemplate: what Workflows are made of; neither has a status.

Fields: ``argo-workflows@v4.1.2:pkg/apis/workflow/v1alpha1/workflow_template_types.go``.
"""

from __future__ import annotations

from typing import Any, Self

from trombone_tui.core.objects.basics import Kind, Object, Partial
from trombone_tui.core.objects.phrases import shortened
from trombone_tui.core.objects.workflow_nodes import LONGEST_MESSAGE


class TemplateParameter(Partial):
    """What a run is given, and what it is when nothing is given."""

    name: str | None = None
    value: Any = None
    enum: list[Any] | None = None
    description: str | None = None


class TemplateArguments(Partial):
    """``spec.arguments``."""

    parameters: list[TemplateParameter] | None = None


class NamedTemplate(Partial):
    """One template, by its name alone."""

    name: str | None = None


class TemplateSpec(Partial):
    """``spec``, without what the templates do."""

    entrypoint: str | None = None
    on_exit: str | None = None
    service_account_name: str | None = None
    arguments: TemplateArguments | None = None
    templates: list[NamedTemplate] | None = None


class WorkflowTemplate(Object):
    """What a Workflow can be made of."""

    spec: TemplateSpec | None = None

    def reduced(self) -> Self:
        """Leave out what was written for other tools: annotations may hold the whole object again."""
        self.metadata.annotations = None
        for one in self.parameters:
            if isinstance(one.value, str):
                one.value = shortened(one.value, LONGEST_MESSAGE)
        return self

    @property
    def parameters(self) -> tuple[TemplateParameter, ...]:
        """What a run is given."""
        arguments = self.spec.arguments if self.spec else None
        return tuple((arguments.parameters if arguments else None) or ())

    @property
    def names(self) -> tuple[str, ...]:
        """The names of its templates."""
        return tuple(one.name for one in (self.spec.templates if self.spec else None) or () if one.name)


class ClusterWorkflowTemplate(WorkflowTemplate):
    """One that every namespace may use."""


def _kind(name: str, plural: str, shape: type[WorkflowTemplate], *, namespaced: bool) -> Kind:
    return Kind(
        name=name, plural=plural, group="argoproj.io", version="v1alpha1", shape=shape, namespaced=namespaced
    )


WORKFLOW_TEMPLATE = _kind("WorkflowTemplate", "workflowtemplates", WorkflowTemplate, namespaced=True)
CLUSTER_WORKFLOW_TEMPLATE = _kind(
    "ClusterWorkflowTemplate", "clusterworkflowtemplates", ClusterWorkflowTemplate, namespaced=False
)
