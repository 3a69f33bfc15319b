"""What registries answer: lists, manifests, indexes and image configs, as far as they are read."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from urllib.parse import urljoin

import msgspec

_INDEXES = (
    "application/vnd.oci.image.index.v1+json",
    "application/vnd.docker.distribution.manifest.list.v2+json",
)
_MANIFESTS = (
    "application/vnd.oci.image.manifest.v1+json",
    "application/vnd.docker.distribution.manifest.v2+json",
)
ACCEPT = ", ".join((*_INDEXES, *_MANIFESTS))


class TagList(msgspec.Struct):
    """A page of a repository's tags."""

    tags: list[str] | None = None


class Platform(msgspec.Struct):
    """What an image runs on."""

    architecture: str = ""
    os: str = ""


class Descriptor(msgspec.Struct):
    """A pointer to a manifest or a blob."""

    digest: str = ""
    platform: Platform | None = None
    annotations: dict[str, str] | None = None


class Manifest(msgspec.Struct):
    """A manifest or an index: the one has a config, the other manifests."""

    config: Descriptor | None = None
    manifests: list[Descriptor] | None = None
    annotations: dict[str, str] | None = None


class Labels(msgspec.Struct):
    """The part of an image config that has its labels."""

    labels: dict[str, str] | None = msgspec.field(default=None, name="Labels")


class Config(msgspec.Struct):
    """An image config, as far as it is read."""

    created: Any = None
    config: Labels | None = None


def chosen(index: Manifest) -> Descriptor | None:
    """Return the image of an index that is looked into: Linux on amd64, else the first that runs anywhere."""
    if index.config is not None or not index.manifests:
        return None
    images = [one for one in index.manifests if one.platform is None or one.platform.os != "unknown"]
    usual = (one for one in images if one.platform and (one.platform.os, one.platform.architecture) == _USUAL)
    return next(usual, (images or index.manifests)[0])


_USUAL = ("linux", "amd64")


def moment(written: object) -> datetime | None:
    """Read a time; None for what is none, and for the epoch that reproducible builds write."""
    if not isinstance(written, str):
        return None
    try:
        found = msgspec.convert(written, datetime)
    except msgspec.ValidationError:
        return None
    return found if found.tzinfo and found.year > 1970 else None


def next_page(url: str, link: str) -> str:
    """Return where a list goes on, by its ``Link`` header; an empty text at the end."""
    for part in link.split(","):
        target, _, rest = part.partition(">")
        if 'rel="next"' in rest.replace(" ", "") or "rel=next" in rest.replace(" ", ""):
            return urljoin(url, target.strip().removeprefix("<"))
    return ""
