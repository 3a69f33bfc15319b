"""The row of one tracked image, whoever tracks it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from trombone_tui.core.objects.argo_cd import APPLICATION, Application
from trombone_tui.core.objects.basics import Health
from trombone_tui.core.objects.durations import stamp
from trombone_tui.core.objects.image_names import ImageName
from trombone_tui.core.objects.image_updater import RecentUpdate
from trombone_tui.core.objects.phrases import listed, shortened
from trombone_tui.core.objects.tag_choice import Strategy
from trombone_tui.core.stage import Around
from trombone_tui.pipeline.images.checking import Check
from trombone_tui.pipeline.images.rivals import Rivals
from trombone_tui.pipeline.images.running import live_images, refused, versions
from trombone_tui.pipeline.images.tracking import Tracked
from trombone_tui.pipeline.images.writing import left_alone, write_trouble


@dataclass(frozen=True, slots=True, kw_only=True)
class Sight:
    """What is known of one tracked image."""

    image: Tracked
    namespace: str
    """Of the Applications and of whatever tracks it."""
    pattern: str
    """Which Applications it is tracked for, as it is written."""
    apps: Sequence[Application]
    live: tuple[ImageName, ...]
    rivals: Rivals
    update: RecentUpdate | None = None

    @property
    def versions(self) -> tuple[str, ...]:
        """The tags that run."""
        return versions(self.live)


def sight(
    image: Tracked,
    namespace: str,
    pattern: str,
    apps: Sequence[Application],
    found: Rivals,
    update: RecentUpdate | None = None,
) -> Sight:
    """Look at what runs of an image."""
    live = live_images(image.image, apps)
    return Sight(
        image=image, namespace=namespace, pattern=pattern, apps=apps, live=live, rivals=found, update=update
    )


def trouble(of: Sight) -> str:
    """Say what keeps the image from ever being updated, or from staying as it is."""
    return of.rivals.words or write_trouble(of.image, of.namespace)


def running(of: Sight, around: Around) -> Check:
    """Say which versions run; where none does, whether that keeps it from ever being updated."""
    one = of.image
    if not one.image.repository:
        return Check(health=Health.UNKNOWN, words=f"image {one.alias or '?'} has no name")
    if not of.apps:
        if not around.visible(APPLICATION):
            return Check(health=Health.UNKNOWN, words="which version runs is not visible (applications)")
        words = f"no Application in {of.namespace} fits {of.pattern or 'its empty pattern'}"
        return Check(health=Health.MISSING, words=words)
    alone = left_alone(one, of.apps)
    if len(alone) == len(of.apps):
        words = f"{_names(alone)} is neither Helm, Kustomize nor a plugin, so Image Updater leaves it alone"
        return Check(health=Health.MISSING, words=words)
    if of.versions:
        words = f"runs {', '.join(of.versions)}"
        return Check(
            health=Health.HEALTHY, words="; ".join(filter(None, (words, refused(one.rule, of.live))))
        )
    where = _names(of.apps)
    if one.force:
        return Check(health=Health.UNKNOWN, words=f"no pod of {where} is seen to run it")
    words = f"no pod of {where} runs it, so it is not updated (forceUpdate is off)"
    return Check(health=Health.MISSING, words=words)


def _names(apps: Sequence[Application]) -> str:
    return shortened(", ".join(app.metadata.name for app in apps), 60)


def rule_words(one: Tracked) -> str:
    """Say which version it looks for; only semver and digest look at the constraint."""
    tag, rule = one.constraint, one.rule
    if rule.unknown:
        what = f"{tag} by semver" if tag else "any release by semver"
        return f"follows {what}, for nobody knows the strategy {shortened(rule.written, 40)}"
    if rule.strategy is Strategy.SEMVER:
        return f"follows {tag} by semver" if tag else "follows any release by semver"
    if rule.strategy is Strategy.DIGEST:
        return f"follows the digest of {tag}" if tag else "follows no tag, which digest can't do"
    ignored = f", constraint {tag} does not count" if tag else ""
    return f"follows {rule.strategy}{ignored}"


def held_words(one: Tracked) -> str:
    """Say which tags are held back."""
    held = one.rule.held
    return f"holds back {listed(held, 3)} (release lets go)" if held else ""


def update_words(of: Sight) -> str:
    """Say to which tag the last update went, and whether that tag runs."""
    update = of.update
    if update is None or not update.new_version:
        return ""
    when = f" on {stamp(update.updated_at)}" if update.updated_at else ""
    gone = of.versions and update.new_version not in of.versions
    held = update.new_version in of.image.rule.held
    hint = "" if held else " (hold keeps it from being written again)"
    return f"last update to {update.new_version}{when}{f', which does not run now{hint}' if gone else ''}"
