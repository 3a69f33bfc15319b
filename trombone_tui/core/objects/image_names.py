"""The parts of a container image's name."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self


@dataclass(frozen=True, slots=True)
class ImageName:
    """``registry/path:tag@digest`` taken apart; what is not written is an empty text."""

    repository: str
    """Registry and path as they are written, so without a registry when none is."""
    tag: str = ""
    digest: str = ""

    @classmethod
    def parse(cls, written: str) -> Self:
        """Take a name apart; anything has a repository, however odd."""
        name, _, digest = written.partition("@")
        head, colon, tag = name.rpartition(":")
        if not colon or "/" in tag:
            return cls(name, "", digest)
        return cls(head, tag, digest)

    @property
    def join(self) -> str:
        """What items of several stages share when they mean the same repository."""
        path = self.repository
        for prefix in ("docker.io/", "index.docker.io/", "library/"):
            path = path.removeprefix(prefix)
        return f"image/{path}"

    @property
    def version(self) -> str:
        """The tag, or the start of the digest when there is no tag."""
        return self.tag or self.digest.removeprefix("sha256:")[:12]

    @property
    def short(self) -> str:
        """Name and version without registry and folders: ``app:1.0.5``."""
        name = self.repository.rpartition("/")[2]
        return f"{name}:{self.version}" if self.version else name
