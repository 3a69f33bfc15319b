"""Which Applications an ImageUpdater cares for, and which of its ApplicationRefs counts for each.

Rules: ``argocd-image-updater@v1.3.0:pkg/argocd/argocd.go`` (calculateSpecificity,
FilterApplicationsForUpdate).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping

from trombone_tui.core.around import Linked
from trombone_tui.core.objects.argo_cd import APPLICATION, Application
from trombone_tui.core.objects.basics import Meta
from trombone_tui.core.objects.globs import exact
from trombone_tui.core.objects.image_updater import IMAGE_UPDATER, ApplicationRef, ImageUpdater
from trombone_tui.core.stage import Around, Key
from trombone_tui.pipeline.images.annotations import annotations_of, read_annotations
from trombone_tui.pipeline.images.tracking import Tracked, tracked, tracked_by

_SETS = re.compile(r"\[.*?\]")


def assigned(obj: ImageUpdater, around: Around) -> Mapping[int, list[Application]]:
    """Give every Application of the object's namespace to the one ApplicationRef that counts for it."""
    refs = obj.application_refs
    named: dict[str, list[int]] = {}
    globs: list[int] = []
    for index, ref in enumerate(refs):
        pattern = ref.name_pattern or ""
        (named.setdefault(pattern, []) if exact(pattern) else globs).append(index)
    found: dict[int, list[Application]] = {}
    for app in _linked(obj, around):
        counting = _counting(refs, (*named.get(app.metadata.name, ()), *globs), app)
        if counting is not None:
            found.setdefault(counting, []).append(app)
    return found


def claimed(obj: ImageUpdater, app: Application) -> list[Tracked] | None:
    """Name the images of an Application that an ImageUpdater of its namespace tracks; None: not its own."""
    refs = obj.application_refs
    counting = _counting(refs, range(len(refs)), app)
    if counting is None:
        return None
    if refs[counting].annotated:
        annotated = read_annotations(app.metadata)
        return tracked_by(annotated, app.metadata.name, ref=counting) if annotated else []
    return [one for one in tracked(obj) if one.ref == counting]


def fitting(obj: ImageUpdater, around: Around) -> list[Application]:
    """Name the Applications of ApplicationRefs that read annotations, whether they have any or not."""
    refs = [ref for ref in obj.application_refs if ref.annotated]
    return [app for app in _linked(obj, around) if any(ref.fits(app.metadata) for ref in refs)]


def would_read(obj: ImageUpdater, app: Application) -> bool:
    """Say whether an ImageUpdater reads an Application's annotations, if it can make sense of them."""
    return any(ref.annotated and ref.fits(app.metadata) for ref in obj.application_refs)


def _counting(refs: tuple[ApplicationRef, ...], of: Iterable[int], app: Application) -> int | None:
    """Choose the most specific; one that reads annotations is passed over where none can be read."""
    best = sorted(of, key=lambda index: (-specificity(refs[index]), index))
    for index in best:
        if not refs[index].fits(app.metadata):
            continue
        if refs[index].annotated:
            annotated = read_annotations(app.metadata)
            if annotated is None or annotated.trouble:
                continue
        return index
    return None


def _linked(obj: ImageUpdater, around: Around) -> list[Application]:
    found = {app.metadata.name: app for key in _wanted(obj) for app in around.linked(APPLICATION, key)}
    return [found[name] for name in sorted(found)]


def specificity(ref: ApplicationRef) -> int:
    """Rank a reference: a whole name before labels before the letters in a pattern."""
    pattern, selector = ref.name_pattern or "", ref.label_selectors
    score = len(_SETS.sub("", pattern).replace("*", "").replace("?", "").encode())
    if exact(pattern):
        score += 1_000_000
    if selector is not None:
        score += 10_000 + 100 * (len(selector.match_labels or {}) + len(selector.match_expressions or ()))
    return score


def _wanted(obj: ImageUpdater) -> list[Key]:
    """Name the Applications it cares for: by name, or all of its namespace where a pattern is a glob."""
    namespace = obj.metadata.namespace
    keys: dict[Key, None] = {}
    for ref in obj.application_refs:
        pattern = ref.name_pattern or ""
        keys[("Application", namespace, pattern) if exact(pattern) else ("Applications", namespace)] = None
    return list(keys)


def application_keys(app: Application) -> list[Key]:
    """Name an Application, and all of its namespace."""
    meta = app.metadata
    return [("Application", meta.namespace, meta.name), ("Applications", meta.namespace)]


def application_facts(app: Application) -> object:
    """Return what rows read of an Application."""
    status, meta = app.status, app.metadata
    images = status.summary.images if status and status.summary else None
    types = (status.source_type, status.source_types) if status else None
    return (meta.labels, annotations_of(meta), images, types, bool(app.spec and app.spec.sources))


def updater_keys(obj: ImageUpdater) -> Iterator[Key]:
    """Name the Applications an ImageUpdater may care for; ``*`` where only a look can tell."""
    for ref in obj.application_refs:
        pattern = ref.name_pattern or ""
        yield ("Updating", obj.metadata.namespace, pattern if exact(pattern) else "*")


def updater_facts(obj: ImageUpdater) -> object:
    """Return what rows of others read of an ImageUpdater."""
    return obj.spec


def updaters_of(app: Meta, around: Linked) -> list[ImageUpdater]:
    """Return the ImageUpdaters that may care for an Application, by name."""
    keys: list[Key] = [("Updating", app.namespace, app.name), ("Updating", app.namespace, "*")]
    found = {one.metadata.name: one for key in keys for one in around.linked(IMAGE_UPDATER, key)}
    return [found[name] for name in sorted(found)]
