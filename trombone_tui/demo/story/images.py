"""What was pushed to the registry: repositories, tags, and the manifests and configs behind them."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

MANIFEST = "application/vnd.oci.image.manifest.v1+json"
CONFIG = "application/vnd.oci.image.config.v1+json"
LAYER = "application/vnd.oci.image.layer.v1.tar+gzip"


@dataclass(frozen=True, slots=True, kw_only=True)
class Image:
    """One pushed image: its tag, when it was built, and the labels of its config."""

    repository: str
    tag: str
    created: datetime
    labels: Mapping[str, str] = field(default_factory=dict)
    built: str = ""
    """The tag it was built for, if it is another: what ``latest`` points to."""

    @property
    def config(self) -> bytes:
        """The image config, which says when it was built and of what."""
        layer = self._layer
        return _json(
            {
                "architecture": "amd64",
                "os": "linux",
                "created": self.created.isoformat(timespec="microseconds").replace("+00:00", "Z"),
                "config": {"Labels": dict(self.labels), "Entrypoint": ["/app"]},
                "rootfs": {"type": "layers", "diff_ids": [digest(layer)]},
                "history": [],
            }
        )

    @property
    def manifest(self) -> bytes:
        """The image manifest; its digest is the image's."""
        return _json(
            {
                "schemaVersion": 2,
                "mediaType": MANIFEST,
                "config": _descriptor(CONFIG, self.config),
                "layers": [_descriptor(LAYER, self._layer)],
            }
        )

    @property
    def digest(self) -> str:
        """The manifest's digest."""
        return digest(self.manifest)

    @property
    def _layer(self) -> bytes:
        return f"{self.repository}:{self.built or self.tag}".encode()


class ImageStock:
    """All images, by repository and tag, in the order they were pushed."""

    def __init__(self) -> None:
        self._images: dict[str, dict[str, Image]] = {}
        self.pushes = 0
        """How often something was pushed."""

    def push(self, image: Image) -> None:
        """Add an image; a tag that is there already moves."""
        self.pushes += 1
        self._images.setdefault(image.repository, {})[image.tag] = image

    def point(self, tag: str, image: Image) -> None:
        """Have a tag point to an image that is there."""
        moved = replace(image, tag=tag, built=image.built or image.tag)
        self._images.setdefault(image.repository, {})[tag] = moved

    def keep(self, repository: str, count: int) -> None:
        """Drop a repository's oldest images, by when they were built, as retention rules do."""
        found = self._images[repository]
        for image in sorted(found.values(), key=lambda one: one.created)[:-count]:
            del found[image.tag]

    def repositories(self) -> list[str]:
        """Name the repositories, sorted."""
        return sorted(self._images)

    def images(self, repository: str) -> list[Image]:
        """Return a repository's images, oldest push first."""
        return list(self._images.get(repository, {}).values())


def digest(content: bytes) -> str:
    """Return a digest as registries write it."""
    return "sha256:" + hashlib.sha256(content).hexdigest()


def _descriptor(media_type: str, content: bytes) -> dict[str, Any]:
    return {"mediaType": media_type, "digest": digest(content), "size": len(content)}


def _json(value: Any) -> bytes:
    return json.dumps(value, separators=(",", ":"), sort_keys=True).encode()
