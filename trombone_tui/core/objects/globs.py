"""Patterns of names as Go matches them (``go1.26:path/filepath/match.go``), which is not as a shell does.

``[^a]`` is any character but ``a``, ``[!a]`` is ``!`` or ``a``, and a pattern that is not well formed
matches nothing. No step is taken twice, so no pattern can make anybody wait.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Self

_SPECIAL = frozenset("*?[]")


class _Broken(ValueError):
    """The pattern is not well formed."""


@dataclass(frozen=True, slots=True)
class _One:
    """One character: of some ranges, or of none of them."""

    ranges: tuple[tuple[str, str], ...] = ()
    negated: bool = False

    def fits(self, char: str) -> bool:
        return any(low <= char <= high for low, high in self.ranges) != self.negated


_ANY = _One((("/", "/"),), negated=True)


@dataclass(frozen=True, slots=True)
class Glob:
    """A pattern; ``None`` among its parts is a ``*``."""

    parts: tuple[_One | None, ...]

    @classmethod
    def parse(cls, pattern: str) -> Self | None:
        """Read a pattern; None when it is not well formed."""
        try:
            return cls(tuple(_parts(pattern)))
        except _Broken:
            return None

    def fits(self, name: str) -> bool:
        """Say whether the whole of a name fits."""
        at = part = 0
        star, resume = -1, 0
        while at < len(name):
            now = self.parts[part] if part < len(self.parts) else _One()
            if now is None:
                star, resume, part = part, at, part + 1
            elif now.fits(name[at]):
                at, part = at + 1, part + 1
            elif star >= 0 and name[resume] != "/":
                resume += 1
                at, part = resume, star + 1
            else:
                return False
        return all(one is None for one in self.parts[part:])


def exact(pattern: str) -> bool:
    """Say whether a pattern can only be one name, as Argo CD Image Updater judges it."""
    return _SPECIAL.isdisjoint(pattern)


def literal(name: str) -> str:
    """Write a name as a pattern that only it fits."""
    return re.sub(r"[*?\[\\]", lambda found: f"\\{found[0]}", name)


def matched(patterns: Sequence[str], name: str) -> str | None:
    """Return the first pattern that a name fits."""
    for pattern in patterns:
        glob = Glob.parse(pattern)
        if glob is not None and glob.fits(name):
            return pattern
    return None


def _parts(pattern: str) -> Iterator[_One | None]:
    at = 0
    while at < len(pattern):
        char = pattern[at]
        if char == "*":
            yield None
        elif char == "?":
            yield _ANY
        elif char == "[":
            one, at = _set(pattern, at + 1)
            yield one
            continue
        else:
            if char == "\\":
                at += 1
            if at >= len(pattern):
                raise _Broken
            yield _One(((pattern[at], pattern[at]),))
        at += 1


def _set(pattern: str, at: int) -> tuple[_One, int]:
    """Read ``^a-c]`` behind a bracket; return it and where the pattern goes on."""
    negated = pattern.startswith("^", at)
    at += negated
    ranges: list[tuple[str, str]] = []
    while not (ranges and pattern.startswith("]", at)):
        low, at = _char(pattern, at)
        high = low
        if pattern.startswith("-", at):
            high, at = _char(pattern, at + 1)
        ranges.append((low, high))
    return _One(tuple(ranges), negated), at + 1


def _char(pattern: str, at: int) -> tuple[str, int]:
    """Read a character of a set, which never ends the pattern."""
    if pattern.startswith(("-", "]"), at):
        raise _Broken
    if pattern.startswith("\\", at):
        at += 1
    if at + 1 >= len(pattern):
        raise _Broken
    return pattern[at], at + 1
