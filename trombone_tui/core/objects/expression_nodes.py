"""What a regular expression is made of, once it is read."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

Ranges = tuple[tuple[int, int], ...]
"""Codes of characters, from the first to the last of each range."""


class Check(StrEnum):
    """What holds between two characters."""

    BEGIN = "begin"
    END = "end"
    LINE_BEGIN = "line-begin"
    LINE_END = "line-end"
    WORD = "word"
    NO_WORD = "no-word"


@dataclass(frozen=True, slots=True)
class Set:
    """One character of these."""

    ranges: Ranges
    negated: bool = False
    folded: bool = False
    """Whether upper and lower case are the same."""

    def fits(self, char: str) -> bool:
        """Say whether a character is one of them."""
        codes = {ord(char), *(ord(one) for one in char.swapcase()[:1] if self.folded)}
        return any(low <= code <= high for code in codes for low, high in self.ranges) != self.negated


@dataclass(frozen=True, slots=True)
class Repeat:
    """Something ``least`` to ``most`` times; None is without end."""

    node: Node
    least: int
    most: int | None


@dataclass(frozen=True, slots=True)
class Several:
    """One after the other, or one of them."""

    nodes: tuple[Node, ...]
    either: bool = False


Node = Set | Check | Repeat | Several
