"""Which images an ImageUpdater tracks, for which Applications, and what of them runs.

Rules: ``argocd-image-updater@v1.3.0:pkg/argocd/argocd.go`` (mergeCommonUpdateSettings, and which
ApplicationRef counts where several match) and ``pkg/argocd/update.go`` (the check that an image is live).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase

from trombone_tui.core.objects.argo_cd import APPLICATION, Application
from trombone_tui.core.objects.basics import Meta
from trombone_tui.core.objects.image_names import ImageName
from trombone_tui.core.objects.image_updater import (
    ApplicationRef,
    ImageUpdater,
    LabelSelector,
    TrackedImage,
    UpdateSettings,
)
from trombone_tui.core.stage import Around, Key

IMAGE_LIST = "argocd-image-updater.argoproj.io/image-list"
"""Annotation of an Application that ``useAnnotations`` reads: ``[alias=]image[:constraint], …``."""
SEMVER = "semver"
_GLOB = re.compile(r"[*?\[]")
_NUMBERS = re.compile(r"([0-9]+)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Tracked:
    """One image that an ImageUpdater keeps up to date."""

    part: str
    """What tells its row from the object's others: the alias, where that is not enough with the pattern."""
    alias: str
    image: ImageName
    """The repository; its tag is the constraint."""
    ref: int
    """Which of the ApplicationRefs."""
    strategy: str
    force: bool
    """Whether it is updated although no pod runs it."""
    allow_tags: str
    ignore_tags: tuple[str, ...]


def tracked(obj: ImageUpdater) -> list[Tracked]:
    """Name the images of all ApplicationRefs that do not read annotations instead."""
    found: list[Tracked] = []
    used: set[str] = set()
    outer = obj.spec.common_update_settings if obj.spec else None
    for index, ref in enumerate(obj.application_refs):
        for image in () if ref.use_annotations else ref.images or ():
            part = _unused(image.alias or "", ref.name_pattern or "", used)
            used.add(part)
            settings = (image.common_update_settings, ref.common_update_settings, outer)
            found.append(_tracked(part, index, image, [one for one in settings if one]))
    return found


def _unused(alias: str, pattern: str, used: set[str]) -> str:
    if alias and alias not in used:
        return alias
    part, number = f"{pattern}/{alias}", 2
    while part in used:
        part, number = f"{pattern}/{alias}#{number}", number + 1
    return part


def _tracked(part: str, index: int, image: TrackedImage, settings: Sequence[UpdateSettings]) -> Tracked:
    """Merge settings, the innermost that says something first."""
    force = next((s.force_update for s in settings if s.force_update is not None), False)
    return Tracked(
        part=part,
        alias=image.alias or "",
        image=ImageName.parse(image.image_name or ""),
        ref=index,
        strategy=next((s.update_strategy for s in settings if s.update_strategy), SEMVER),
        force=bool(force),
        allow_tags=next((s.allow_tags for s in settings if s.allow_tags), ""),
        ignore_tags=tuple(next((s.ignore_tags for s in settings if s.ignore_tags), ())),
    )


def assigned(obj: ImageUpdater, around: Around) -> Mapping[int, list[Application]]:
    """Give every Application of the object's namespace to the one ApplicationRef that counts for it."""
    refs = obj.application_refs
    exact: dict[str, list[int]] = {}
    globs = [index for index, ref in enumerate(refs) if _GLOB.search(ref.name_pattern or "")]
    for index, ref in enumerate(refs):
        exact.setdefault(ref.name_pattern or "", []).append(index)
    found: dict[int, list[Application]] = {}
    for app in _candidates(obj, around):
        fitting = [i for i in (*exact.get(app.metadata.name, ()), *globs) if _fits(refs[i], app.metadata)]
        if fitting:
            found.setdefault(max(fitting, key=lambda i: (_precision(refs[i]), -i)), []).append(app)
    return found


def _candidates(obj: ImageUpdater, around: Around) -> Iterable[Application]:
    named = {app.metadata.name: app for key in _wanted(obj) for app in around.linked(APPLICATION, key)}
    return [named[name] for name in sorted(named)]


def _fits(ref: ApplicationRef, meta: Meta) -> bool:
    selector = ref.label_selectors or LabelSelector()
    return selector.matches(meta) and fnmatchcase(meta.name, ref.name_pattern or "")


def _precision(ref: ApplicationRef) -> tuple[bool, bool, int]:
    """Rank a reference: a whole name before labels before the letters in a pattern."""
    pattern, selector = ref.name_pattern or "", ref.label_selectors or LabelSelector()
    return (not _GLOB.search(pattern), not selector.empty, len(_GLOB.sub("", pattern)))


def _wanted(obj: ImageUpdater) -> list[Key]:
    """Name the Applications it cares for: by name, or all of its namespace where a pattern is a glob."""
    namespace = obj.metadata.namespace
    keys: dict[Key, None] = {}
    for ref in obj.application_refs:
        pattern = ref.name_pattern or ""
        whole = bool(_GLOB.search(pattern))
        keys[("Applications", namespace) if whole else ("Application", namespace, pattern)] = None
    return list(keys)


def application_keys(app: Application) -> list[Key]:
    """Name an Application, and all of its namespace."""
    meta = app.metadata
    return [("Application", meta.namespace, meta.name), ("Applications", meta.namespace)]


def application_facts(app: Application) -> object:
    """Return what rows read of an Application."""
    return (app.metadata.labels, app.metadata.annotation(IMAGE_LIST), _summary(app))


def _summary(app: Application) -> list[str]:
    summary = app.status.summary if app.status else None
    return (summary.images or []) if summary else []


def live_versions(image: ImageName, apps: Iterable[Application]) -> tuple[str, ...]:
    """Name the tags of an image that run, lowest number first; several run at once during a canary."""
    names = (ImageName.parse(written) for app in apps for written in _summary(app))
    found = {name.version for name in names if name.join == image.join and name.version}
    return tuple(sorted(found, key=_by_number))


def _by_number(tag: str) -> list[tuple[int, str]]:
    """Order texts by the numbers in them: 1.0.9 before 1.0.10."""
    parts = _NUMBERS.split(tag)
    return [(len(part.lstrip("0")) if odd % 2 else 0, part) for odd, part in enumerate(parts)]


def annotated(apps: Iterable[Application]) -> Iterator[ImageName]:
    """Name the images that Applications list in their annotation."""
    for app in apps:
        for entry in app.metadata.annotation(IMAGE_LIST).split(","):
            if written := entry.partition("=")[2].strip() or entry.strip():
                yield ImageName.parse(written)
