"""What a service's repository in the registry holds: older releases, a candidate, tags that move.

Labels are those of ``opencontainers/image-spec@v1.1:annotations.md``.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from random import Random

from trombone_tui.demo.clock import stamp
from trombone_tui.demo.story.hashes import sha
from trombone_tui.demo.story.images import Image, ImageStock
from trombone_tui.demo.story.services import ServicePlan

MOVING = ("latest", "main")
"""Tags that every build of the main branch moves."""
_OLDER = ((64.0, 0), (41.0, 1), (23.0, 2), (9.0, 3))
"""Days ago and patch number of the releases before the first that the story deploys."""


def built(plan: ServicePlan, tag: str, commit: str, created: datetime) -> Image:
    """Return an image as the pipeline builds it: it says itself of which commit it is."""
    labels = {
        "org.opencontainers.image.revision": commit,
        "org.opencontainers.image.source": plan.repository_url,
        "org.opencontainers.image.version": tag,
        "org.opencontainers.image.created": stamp(created),
    }
    return Image(repository=plan.image_path, tag=tag, created=created, labels=labels)


def release(images: ImageStock, image: Image) -> None:
    """Push an image of the main branch, which moves the tags that move."""
    images.push(image)
    for tag in MOVING:
        images.point(tag, image)


def stock(images: ImageStock, plan: ServicePlan, random: Random, now: datetime) -> None:
    """Fill a repository with what was released before the story begins."""
    major, minor = plan.version
    before = f"v{major}.{minor - 1}" if minor else f"v{major - 1}.9"
    for days, patch in _OLDER:
        commit = sha(random)
        tag = f"{before}.{patch}-sha{commit[:7]}"
        images.push(built(plan, tag, commit, now - timedelta(days=days, seconds=random.uniform(0, 9e3))))
    candidate = f"v{major}.{minor}.0-rc.1"
    images.push(built(plan, candidate, sha(random), now - timedelta(days=2, seconds=random.uniform(0, 9e3))))
    branch = built(plan, "feature-checkout", sha(random), now - timedelta(days=1))
    images.push(branch)
