"""Which images are kept up to date, by which rule, and where a chosen tag is written.

Rules: ``argocd-image-updater@v1.3.0:pkg/argocd/argocd.go`` (mergeCommonUpdateSettings, mergeWBCSettings):
what an image says counts before its ApplicationRef, and that before the whole, field by field.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from trombone_tui.core.objects.image_names import ImageName
from trombone_tui.core.objects.image_updater import (
    GitConfig,
    ImageUpdater,
    ManifestTargets,
    TrackedImage,
    UpdateSettings,
    Verification,
    WriteBack,
)
from trombone_tui.core.objects.tag_choice import Rule
from trombone_tui.pipeline.images.annotations import Annotated


@dataclass(frozen=True, slots=True, kw_only=True)
class Tracked:
    """One image that is kept up to date."""

    part: str
    """What tells its row from the object's others: the alias, where that is not enough with the pattern."""
    alias: str
    image: ImageName
    """The repository; its tag is the constraint."""
    ref: int = -1
    """Which of the ApplicationRefs."""
    application: str = ""
    """The Application whose annotations name it; empty where an ImageUpdater does."""
    rule: Rule
    replaced: str = ""
    """A strategy written further out that semver counts instead of: the API server writes ``semver`` into
    every inner block, whatever else it is for."""
    force: bool
    """Whether it is updated although no pod runs it."""
    pull_secret: str
    back: WriteBack
    targets: ManifestTargets
    verification: Verification | None = None

    @property
    def constraint(self) -> str:
        """What is asked of a version."""
        return self.rule.constraint


def tracked(obj: ImageUpdater) -> list[Tracked]:
    """Name the images of all ApplicationRefs that do not read annotations instead."""
    found: list[Tracked] = []
    used: set[str] = set()
    spec = obj.spec
    outer, back = (spec.common_update_settings, spec.write_back_config) if spec else (None, None)
    verification = spec.images_verification if spec else None
    for index, ref in enumerate(obj.application_refs):
        for image in () if ref.annotated else ref.images or ():
            checks = (image.images_verification, ref.images_verification, verification)
            found.append(
                _tracked(
                    image,
                    (image.common_update_settings, ref.common_update_settings, outer),
                    part=_unused(image.alias or "", f"{ref.name_pattern or ''}/{image.alias or ''}", used),
                    ref=index,
                    back=merged_back((ref.write_back_config, back)),
                    verification=_merged_check(checks),
                )
            )
    return found


def tracked_by(
    annotated: Annotated, application: str, *, ref: int = -1, used: set[str] | None = None
) -> list[Tracked]:
    """Name the images that an Application's annotations list.

    Args:
        annotated: What they say.
        application: The Application's name.
        ref: The ApplicationRef that reads them, if one does.
        used: The parts that other rows of the object have.
    """
    taken = set[str]() if used is None else used
    return [
        _tracked(
            image,
            (image.common_update_settings, annotated.settings),
            part=_unused("", f"{application}/{_label(image)}" if ref >= 0 else _label(image), taken),
            ref=ref,
            application=application,
            back=annotated.back or WriteBack(),
        )
        for image in annotated.images
    ]


def _label(image: TrackedImage) -> str:
    return image.alias or ImageName.parse(image.image_name or "").repository or "?"


def _unused(wanted: str, other: str, used: set[str]) -> str:
    """Make a part that no other row of the object has, and note it."""
    part, number = wanted if wanted and wanted not in used else other, 2
    while part in used:
        part, number = f"{other}#{number}", number + 1
    used.add(part)
    return part


def _tracked(
    image: TrackedImage,
    settings: Iterable[UpdateSettings | None],
    *,
    part: str,
    ref: int,
    back: WriteBack,
    application: str = "",
    verification: Verification | None = None,
) -> Tracked:
    """Merge settings, the innermost that says something first."""
    given = [one for one in settings if one is not None]
    name = ImageName.parse(image.image_name or "")
    strategies = [one.update_strategy for one in given if one.update_strategy is not None]
    return Tracked(
        part=part,
        alias=image.alias or "",
        image=name,
        ref=ref,
        application=application,
        rule=Rule(
            written=next(iter(strategies), ""),
            constraint=name.tag,
            allow=next((s.allow_tags for s in given if s.allow_tags is not None), ""),
            ignore=tuple(next((s.ignore_tags for s in given if s.ignore_tags is not None), ())),
            platforms=tuple(next((s.platforms for s in given if s.platforms is not None), ())),
        ),
        replaced=next((one for one in strategies if one != "semver"), "")
        if strategies[:1] == ["semver"]
        else "",
        force=next((s.force_update for s in given if s.force_update is not None), False),
        pull_secret=next((s.pull_secret for s in given if s.pull_secret is not None), ""),
        back=back,
        targets=image.manifest_targets or ManifestTargets(),
        verification=verification,
    )


def merged_back(backs: Iterable[WriteBack | None]) -> WriteBack:
    """Merge ways of writing, the innermost that says something first."""
    given = [one for one in backs if one is not None]
    gits = [one.git_config for one in given if one.git_config is not None]
    git = GitConfig(
        repository=next((g.repository for g in gits if g.repository is not None), None),
        branch=next((g.branch for g in gits if g.branch is not None), None),
        write_back_target=next((g.write_back_target for g in gits if g.write_back_target is not None), None),
        pull_request=next((g.pull_request for g in gits if g.pull_request is not None), None),
    )
    return WriteBack(
        method=next((one.method for one in given if one.method is not None), None),
        git_config=git if gits else None,
    )


def _merged_check(checks: Iterable[Verification | None]) -> Verification | None:
    given = [one for one in checks if one is not None]
    if not given:
        return None
    return Verification(
        enabled=next((one.enabled for one in given if one.enabled is not None), None),
        cosign_key=next((one.cosign_key for one in given if one.cosign_key is not None), None),
    )
