"""What annotations of an Application say of its images; Image Updater read nothing else until 0.18.

From 1.0 on they count only where an ImageUpdater has ``useAnnotations`` set. Rules:
``argocd-image-updater@v1.3.0:pkg/argocd/annotations.go``; in case of trouble it leaves the Application out.
"""

from __future__ import annotations

from dataclasses import dataclass

from trombone_tui.core.objects.basics import Meta
from trombone_tui.core.objects.image_updater import (
    IMAGE_LIST,
    PREFIX,
    GitConfig,
    ManifestTargets,
    Target,
    TrackedImage,
    UpdateSettings,
    WriteBack,
)

_TRUE = frozenset(("1", "t", "T", "TRUE", "true", "True"))
_FALSE = frozenset(("0", "f", "F", "FALSE", "false", "False"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Annotated:
    """What the annotations say; with trouble nothing of it is used."""

    images: tuple[TrackedImage, ...] = ()
    settings: UpdateSettings | None = None
    """Of all images; an image's own count before them."""
    back: WriteBack | None = None
    trouble: str = ""


class _Unreadable(ValueError):
    """Something is written that Image Updater refuses."""


def read_annotations(meta: Meta) -> Annotated | None:
    """Read an Application's annotations; None when none lists an image."""
    if IMAGE_LIST not in (meta.annotations or {}):
        return None
    try:
        images = tuple(_images(meta))
        return Annotated(images=images, settings=_settings(meta, ""), back=_back(meta))
    except _Unreadable as problem:
        return Annotated(trouble=str(problem))


def annotations_of(meta: Meta) -> dict[str, str]:
    """Return the annotations that Image Updater reads."""
    return {key: value for key, value in (meta.annotations or {}).items() if key.startswith(PREFIX)}


def _images(meta: Meta) -> list[TrackedImage]:
    found = []
    for entry in (one.strip() for one in meta.annotation(IMAGE_LIST).split(",")):
        if not entry:
            continue
        before, equals, after = entry.partition("=")
        alias, name = (before.strip(), after.strip()) if equals else ("", entry)
        if not name:
            raise _Unreadable("an image in image-list has no name")
        settings = _settings(meta, f"{alias}.") if alias else None
        targets = _targets(meta, alias) if alias else None
        found.append(
            TrackedImage(
                alias=alias, image_name=name, common_update_settings=settings, manifest_targets=targets
            )
        )
    if not found:
        raise _Unreadable("image-list is empty")
    return found


def _settings(meta: Meta, of: str) -> UpdateSettings:
    """Read settings of an image (``alias.``), or of all."""
    ignored = (meta.annotations or {}).get(f"{PREFIX}{of}ignore-tags")
    platforms = [one.strip() for one in _value(meta, f"{of}platforms").split(",") if one.strip()]
    return UpdateSettings(
        update_strategy=_value(meta, f"{of}update-strategy") or None,
        force_update=_truth(meta, f"{of}force-update"),
        allow_tags=_value(meta, f"{of}allow-tags") or None,
        ignore_tags=None if ignored is None else [one.strip() for one in ignored.split(",")],
        pull_secret=_value(meta, f"{of}pull-secret") or None,
        platforms=platforms or None if of else None,
    )


def _targets(meta: Meta, alias: str) -> ManifestTargets | None:
    kustomize = _value(meta, f"{alias}.kustomize.image-name")
    name, tag, spec = (_value(meta, f"{alias}.helm.image-{part}") for part in ("name", "tag", "spec"))
    if kustomize and (name or tag or spec):
        raise _Unreadable(f"image {alias} is to be written by Helm and by Kustomize")
    if kustomize:
        return ManifestTargets(kustomize=Target(name=kustomize))
    helm = Target(name=name or None, tag=tag or None, spec=spec or None)
    return ManifestTargets(helm=helm) if name or tag or spec else None


def _back(meta: Meta) -> WriteBack | None:
    target, branch, repository = (
        _value(meta, name) or None for name in ("write-back-target", "git-branch", "git-repository")
    )
    git = GitConfig(repository=repository, branch=branch, write_back_target=target)
    method = _value(meta, "write-back-method") or None
    return WriteBack(method=method, git_config=git) if method or target or branch or repository else None


def _truth(meta: Meta, name: str) -> bool | None:
    if f"{PREFIX}{name}" not in (meta.annotations or {}):
        return None
    text = _value(meta, name)
    if text not in _TRUE | _FALSE:
        raise _Unreadable(f"{name} is neither true nor false")
    return text in _TRUE


def _value(meta: Meta, name: str) -> str:
    return meta.annotation(f"{PREFIX}{name}").strip()
