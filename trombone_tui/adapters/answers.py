"""The shapes of what an API server answers besides objects: pages, and who we are and what we may."""

from __future__ import annotations

from typing import Any

import msgspec

from trombone_tui.core.objects.basics import Meta, Partial


class Named(Partial):
    """Any object, of which only the metadata matters."""

    metadata: Meta


class Continue(Partial):
    """``metadata`` of a page."""

    continue_: str | None = msgspec.field(name="continue", default=None)


class Names(Partial):
    """A page of objects of which only the names matter."""

    metadata: Continue
    items: list[Named] | None = None


class ReviewStatus(Partial):
    """What a SelfSubjectAccessReview found."""

    allowed: bool = False


class Review(Partial):
    """The answer to a SelfSubjectAccessReview."""

    status: ReviewStatus


class UserInfo(Partial):
    """Who somebody is."""

    username: str = ""


class IdentityStatus(Partial):
    """What a SelfSubjectReview found."""

    user_info: UserInfo = msgspec.field(default_factory=UserInfo)


class Identity(Partial):
    """The answer to a SelfSubjectReview."""

    status: IdentityStatus = msgspec.field(default_factory=IdentityStatus)


class Objects(Partial):
    """A page of objects with everything in them."""

    metadata: Continue
    items: list[dict[str, Any]] | None = None
