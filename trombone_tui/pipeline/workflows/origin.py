"""Where a Workflow comes from and what it built: labels, template, image and tag."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from trombone_tui.core.objects.argo_events import STARTED_BY, TRIGGERED_BY
from trombone_tui.core.objects.argo_workflows import (
    APP,
    CLUSTER_TEMPLATE,
    COMMIT,
    CRON,
    IMAGE,
    REPO,
    RESUBMITTED_FROM,
    TEMPLATE,
    Workflow,
)
from trombone_tui.core.objects.image_names import ImageName
from trombone_tui.core.objects.workflow_nodes import Parameter
from trombone_tui.core.stage import Value

_REFERENCE = re.compile(r"[\w.\-]+(?::\d+)?(?:/[\w.\-]+)*(?::[\w.\-]+)?(?:@[\w.\-+:]+)?", re.ASCII)


def template_of(obj: Workflow) -> str:
    """Name the template that it runs, empty if none is named."""
    ref = obj.spec.workflow_template_ref if obj.spec else None
    named = ref.name if ref else None
    return named or obj.metadata.label(TEMPLATE) or obj.metadata.label(CLUSTER_TEMPLATE)


def built(obj: Workflow) -> tuple[Sequence[ImageName], str | None]:
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


def origin(obj: Workflow) -> Iterator[tuple[str, Value]]:
    """Yield the names and values that join it to other stages, those that are not known as empty."""
    meta = obj.metadata
    images, tag = built(obj)
    digests = dict.fromkeys(
        [image.digest for image in images if image.digest]
        + [str(one.value) for one in obj.image_parameters if one.name == "image-digest"]
    )
    yield "template", template_of(obj)
    yield "CronWorkflow", meta.label(CRON)
    yield "Sensor", meta.label(STARTED_BY)
    yield "trigger", meta.label(TRIGGERED_BY)
    yield "triggered", obj.triggered
    yield "resubmitted from", meta.label(RESUBMITTED_FROM)
    yield "app", meta.label(APP)
    yield "repository", meta.label(REPO)
    yield "commit", meta.label(COMMIT)
    yield "image", ", ".join(dict.fromkeys(image.repository for image in images))
    yield "tag", tag
    yield "digest", ", ".join(digests)
