"""Semantic versions, read as leniently as Argo CD Image Updater reads tags.

Rules: ``semver@v3.4.0:version.go`` of Masterminds (coerceNewVersion, Compare, comparePrerelease) and
``argocd-image-updater@v1.3.0:registry-scanner/pkg/tag/semver.go`` (equal versions are ordered by their text).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Self

_LARGEST = 2**64 - 1
IDENTIFIERS = r"[0-9A-Za-z-]+(?:\.[0-9A-Za-z-]+)*"
_VERSION = re.compile(
    rf"v?(?P<major>[0-9]+)(?:\.(?P<minor>[0-9]+))?(?:\.(?P<patch>[0-9]+))?"
    rf"(?:-(?P<pre>{IDENTIFIERS}))?(?:\+{IDENTIFIERS})?"
)
_PADDED = re.compile(r"0[0-9]+")
_DIGITS = re.compile(r"[0-9]+")

Order = tuple[int, int, int, bool, tuple[tuple[bool, int, str], ...]]
"""Compares as versions do: numbers, then releases after their prereleases, then part by part."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Version:
    """A version: ``1.4``, ``v1.4.2-rc1``; what is not written of its numbers is 0."""

    major: int
    minor: int
    patch: int
    prerelease: str = ""
    """``rc.1`` of ``1.4.2-rc.1``; empty for a release."""

    @classmethod
    def parse(cls, text: str) -> Self | None:
        """Read a version; None when the text is none, as for ``latest`` or ``1.2.3.4``."""
        found = _VERSION.fullmatch(text)
        if found is None:
            return None
        major, minor, patch = (int(found[part] or 0) for part in ("major", "minor", "patch"))
        pre = found["pre"] or ""
        if max(major, minor, patch) > _LARGEST or any(map(_PADDED.fullmatch, pre.split("."))):
            return None
        return cls(major=major, minor=minor, patch=patch, prerelease=pre)

    @property
    def order(self) -> Order:
        """What versions are compared by; those that differ in build metadata only are equal."""
        parts = self.prerelease.split(".") if self.prerelease else ()
        return (self.major, self.minor, self.patch, not self.prerelease, tuple(map(_part, parts)))


def _part(text: str) -> tuple[bool, int, str]:
    """Order a part of a prerelease: numbers by their value and before words."""
    if _DIGITS.fullmatch(text) and len(text) <= 20 and int(text) <= _LARGEST:
        return (False, int(text), "")
    return (True, 0, text)
