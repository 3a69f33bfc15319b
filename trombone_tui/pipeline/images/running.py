"""Which versions of an image run, and what the rule says of them."""

from __future__ import annotations

from collections.abc import Iterable

from trombone_tui.core.objects.argo_cd import Application
from trombone_tui.core.objects.image_names import ImageName
from trombone_tui.core.objects.tag_choice import Rule, by_number, refusal

_MOST = 2
"""Running tags that are told to be refused."""


def live_images(image: ImageName, apps: Iterable[Application]) -> tuple[ImageName, ...]:
    """Name what runs of an image, lowest number first; several run at once during a canary."""
    names = (ImageName.parse(written) for app in apps for written in _summary(app))
    found = {name for name in names if name.join == image.join and name.version}
    return tuple(sorted(found, key=lambda name: (by_number(name.version), name.digest)))


def versions(images: Iterable[ImageName]) -> tuple[str, ...]:
    """Name the tags, or the start of the digest where there is no tag."""
    return tuple(dict.fromkeys(name.version for name in images))


def refused(rule: Rule, images: Iterable[ImageName]) -> str:
    """Say which running tags the rule would not pick; Image Updater replaces also a higher one."""
    if rule.broken:
        return ""
    tags = dict.fromkeys(name.tag for name in images if name.tag)
    words = [f"the rule refuses {tag} ({why})" for tag in tags if (why := refusal(rule, tag))]
    if not words:
        return ""
    return f"{' and '.join(words[:_MOST])}, so the next check may replace it"


def _summary(app: Application) -> list[str]:
    summary = app.status.summary if app.status else None
    return (summary.images or []) if summary else []
