"""ImageUpdater of Argo CD Image Updater, which has a status since 1.2.

Fields: ``argocd-image-updater@v1.3.0:api/v1alpha1/imageupdater_types.go``; conditions:
``internal/controller/status.go`` there.
"""

from __future__ import annotations

from datetime import timedelta
from functools import lru_cache
from typing import Any

from trombone_tui.core.objects.basics import Condition, Kind, Meta, Object, Partial, Time
from trombone_tui.core.objects.globs import Glob

PREFIX = "argocd-image-updater.argoproj.io/"
"""What the annotations of an Application begin with that are for Image Updater."""
IMAGE_LIST = f"{PREFIX}image-list"
"""``[alias=]image[:constraint], …``."""
INTERVAL = timedelta(minutes=2)
"""How often Image Updater checks unless told otherwise; what it was told is not in the object."""


class UpdateSettings(Partial):
    """``commonUpdateSettings``; the API server fills in ``semver`` and ``false`` in every such block."""

    update_strategy: str | None = None
    force_update: bool | None = None
    allow_tags: str | None = None
    ignore_tags: list[str] | None = None
    pull_secret: str | None = None
    platforms: list[str] | None = None


class PullRequest(Partial):
    """Where a request is opened instead of pushing to the branch: exactly one of these is there."""

    github: dict[str, Any] | None = None
    gitlab: dict[str, Any] | None = None


class GitConfig(Partial):
    """Where commits go."""

    repository: str | None = None
    branch: str | None = None
    """``base`` or ``base:target``."""
    write_back_target: str | None = None
    pull_request: PullRequest | None = None


class WriteBack(Partial):
    """How a chosen tag is written: ``argocd`` (default), ``git`` or ``git:<credentials>``."""

    method: str | None = None
    git_config: GitConfig | None = None


class Requirement(Partial):
    """One expression of a label selector: In, NotIn, Exists or DoesNotExist."""

    key: str | None = None
    operator: str | None = None
    values: list[str] | None = None


class LabelSelector(Partial):
    """A label selector; all its parts must hold."""

    match_labels: dict[str, str] | None = None
    match_expressions: list[Requirement] | None = None

    @property
    def empty(self) -> bool:
        """Whether it asks for nothing."""
        return not self.match_labels and not self.match_expressions

    def matches(self, meta: Meta) -> bool:
        """Say whether an object's labels fit; an operator that is not known fits nothing."""
        labels = meta.labels or {}
        if any(labels.get(key) != value for key, value in (self.match_labels or {}).items()):
            return False
        return all(_holds(one, labels) for one in self.match_expressions or ())


def _holds(one: Requirement, labels: dict[str, str]) -> bool:
    key, values = one.key or "", one.values or ()
    if one.operator == "In":
        return labels.get(key) in values
    if one.operator == "NotIn":
        return labels.get(key) not in values
    if one.operator == "Exists":
        return key in labels
    return one.operator == "DoesNotExist" and key not in labels


class Target(Partial):
    """What is set to a chosen tag: a name in Kustomize, parameters of Helm, variables of a plugin."""

    name: str | None = None
    tag: str | None = None
    spec: str | None = None


class ManifestTargets(Partial):
    """Exactly one of these may be there."""

    helm: Target | None = None
    kustomize: Target | None = None
    plugin: Target | None = None


class CosignKey(Partial):
    """The public key, by the secret it is in."""

    secret_name: str | None = None
    key: str | None = None


class Verification(Partial):
    """``imagesVerification``: signatures are checked before a tag is written."""

    enabled: bool | None = None
    cosign_key: CosignKey | None = None


class TrackedImage(Partial):
    """An image to update; the tag of ``image_name`` is the constraint on versions."""

    alias: str | None = None
    image_name: str | None = None
    common_update_settings: UpdateSettings | None = None
    manifest_targets: ManifestTargets | None = None
    images_verification: Verification | None = None


class ApplicationRef(Partial):
    """Which Applications of the object's own namespace, by a glob of names and by labels."""

    name_pattern: str | None = None
    label_selectors: LabelSelector | None = None
    use_annotations: bool | None = None
    common_update_settings: UpdateSettings | None = None
    write_back_config: WriteBack | None = None
    images_verification: Verification | None = None
    images: list[TrackedImage] | None = None

    @property
    def annotated(self) -> bool:
        """Whether the images are listed in annotations of the Applications, and all else is read there."""
        return bool(self.use_annotations)

    def fits(self, meta: Meta) -> bool:
        """Say whether it is about an Application of its namespace; a pattern that is none fits nothing."""
        glob = _glob(self.name_pattern or "")
        if glob is None or not glob.fits(meta.name):
            return False
        return self.label_selectors is None or self.label_selectors.matches(meta)


@lru_cache(maxsize=4096)
def _glob(pattern: str) -> Glob | None:
    return Glob.parse(pattern)


class ImageUpdaterSpec(Partial):
    """``spec``; settings of an image count before those of its ApplicationRef and of the whole."""

    common_update_settings: UpdateSettings | None = None
    write_back_config: WriteBack | None = None
    images_verification: Verification | None = None
    application_refs: list[ApplicationRef] | None = None


class RecentUpdate(Partial):
    """An update of the last check that changed something; it names no Application."""

    alias: str | None = None
    image: str | None = None
    new_version: str | None = None
    message: str | None = None
    updated_at: Time | None = None
    applications_updated: int | None = None


class ImageUpdaterStatus(Partial):
    """``status``; conditions are Ready, Reconciling and Error."""

    observed_generation: int | None = None
    last_checked_at: Time | None = None
    last_updated_at: Time | None = None
    applications_matched: int | None = None
    images_managed: int | None = None
    recent_updates: list[RecentUpdate] | None = None
    conditions: list[Condition] | None = None


class ImageUpdater(Object):
    """Which images of which Applications are kept up to date, and how."""

    spec: ImageUpdaterSpec | None = None
    status: ImageUpdaterStatus | None = None

    @property
    def application_refs(self) -> tuple[ApplicationRef, ...]:
        """Which Applications it cares for."""
        return tuple(self.spec.application_refs or ()) if self.spec else ()


IMAGE_UPDATER = Kind(
    name="ImageUpdater",
    plural="imageupdaters",
    group="argocd-image-updater.argoproj.io",
    version="v1alpha1",
    shape=ImageUpdater,
)
