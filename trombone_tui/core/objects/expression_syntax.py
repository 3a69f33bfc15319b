"""The syntax of Go's regular expressions (``go1.26:regexp/syntax/parse.go``), without Unicode classes."""

from __future__ import annotations

import re

from trombone_tui.core.objects.expression_nodes import Check, Node, Ranges, Repeat, Set, Several

LONGEST = 1000
"""Characters of an expression that is read."""
DEEPEST = 50
"""Groups inside groups."""
_MOST = 1000
"""How often something may be repeated, repetitions of repetitions multiplied."""
_LAST = 0x10FFFF
_DIGIT: Ranges = ((48, 57),)
_WORD: Ranges = ((48, 57), (65, 90), (95, 95), (97, 122))
_SPACE: Ranges = ((9, 10), (12, 13), (32, 32))
_PERL = {"d": _DIGIT, "w": _WORD, "s": _SPACE}
_NAMED: dict[str, Ranges] = {
    "alnum": ((48, 57), (65, 90), (97, 122)),
    "alpha": ((65, 90), (97, 122)),
    "ascii": ((0, 127),),
    "blank": ((9, 9), (32, 32)),
    "cntrl": ((0, 31), (127, 127)),
    "digit": _DIGIT,
    "graph": ((33, 126),),
    "lower": ((97, 122),),
    "print": ((32, 126),),
    "punct": ((33, 47), (58, 64), (91, 96), (123, 126)),
    "space": ((9, 13), (32, 32)),
    "upper": ((65, 90),),
    "word": _WORD,
    "xdigit": ((48, 57), (65, 70), (97, 102)),
}
_ESCAPES = {"a": 7, "f": 12, "n": 10, "r": 13, "t": 9, "v": 11}
_COUNT = re.compile(r"\{(0|[1-9][0-9]*)(,(0|[1-9][0-9]*)?)?\}")
_CLASS = re.compile(r"\[:(\^?)([^:\]]*):\]")
_GROUP = re.compile(r"\?P?<([A-Za-z0-9_]+)>")
_FLAGS = re.compile(r"\?([imsU]*)(-[imsU]+)?([:)])")
_HEX = re.compile(r"x(?:\{([0-9A-Fa-f]+)\}|([0-9A-Fa-f]{2}))")
_OCTAL = re.compile(r"0[0-7]{0,2}|[1-7][0-7]{1,2}")


class Broken(ValueError):
    """Go refuses the expression, or it is beyond what is tried here."""


def parse(text: str) -> Node:
    """Read an expression.

    Raises:
        Broken: Go refuses it, or it is beyond what is tried here.
    """
    if len(text) > LONGEST:
        raise Broken
    parser = _Parser(text)
    node = parser.either(0)
    if parser.at < len(text):
        raise Broken
    return node


class _Parser:
    """Reads from left to right; flags hold to the end of their group."""

    def __init__(self, text: str) -> None:
        self.text, self.at = text, 0
        self.flags: frozenset[str] = frozenset()

    def either(self, depth: int) -> Node:
        if depth > DEEPEST:
            raise Broken
        found = [self.sequence(depth)]
        while self.took("|"):
            found.append(self.sequence(depth))
        return found[0] if len(found) == 1 else Several(tuple(found), either=True)

    def sequence(self, depth: int) -> Node:
        nodes: list[Node] = []
        repeated = False
        while self.at < len(self.text) and self.text[self.at] not in "|)":
            counts = self.counts()
            if counts is None:
                nodes += self.atom(depth)
            elif repeated or not nodes:
                raise Broken
            else:
                nodes[-1] = Repeat(nodes[-1], *counts)
                if not _few(nodes[-1], _MOST):
                    raise Broken
            repeated = counts is not None
        return nodes[0] if len(nodes) == 1 else Several(tuple(nodes))

    def counts(self) -> tuple[int, int | None] | None:
        """Read ``*``, ``+``, ``?`` or ``{2,3}``, and a ``?`` behind it that only says what to prefer."""
        char = self.text[self.at]
        if char in "*+?":
            self.at += 1
            counts: tuple[int, int | None] = (int(char == "+"), 1 if char == "?" else None)
        else:
            found = _COUNT.match(self.text, self.at)
            if found is None:
                return None
            self.at = found.end()
            least = _number(found[1])
            most = least if found[2] is None else _number(found[3]) if found[3] else None
            if most is not None and least > most:
                raise Broken
            counts = (least, most)
        self.took("?")
        return counts

    def atom(self, depth: int) -> list[Node]:
        char = self.text[self.at]
        self.at += 1
        if char == "(":
            return self.group(depth)
        if char == "[":
            return [self.set()]
        if char == "\\":
            return self.escape()
        if char == ".":
            return [Set(() if "s" in self.flags else ((10, 10),), negated=True)]
        lines = "m" in self.flags
        if char == "^":
            return [Check.LINE_BEGIN if lines else Check.BEGIN]
        if char == "$":
            return [Check.LINE_END if lines else Check.END]
        return [self.one(ord(char))]

    def group(self, depth: int) -> list[Node]:
        outer = self.flags
        if named := _GROUP.match(self.text, self.at):
            self.at = named.end()
        elif self.text.startswith("?", self.at):
            found = _FLAGS.match(self.text, self.at)
            if found is None:
                raise Broken
            self.at = found.end()
            self.flags = (self.flags | set(found[1])) - set(found[2] or "")
            if found[3] == ")":
                return []
        node = self.either(depth + 1)
        if not self.took(")"):
            raise Broken
        self.flags = outer
        return [node]

    def escape(self) -> list[Node]:
        char = self.text[self.at : self.at + 1]
        checks = {"A": Check.BEGIN, "z": Check.END, "b": Check.WORD, "B": Check.NO_WORD}
        if char in checks:
            self.at += 1
            return [checks[char]]
        if char == "Q":
            quoted, end, _ = self.text[self.at + 1 :].partition("\\E")
            self.at += 1 + len(quoted) + len(end)
            return [self.one(ord(one)) for one in quoted]
        if (perl := self.perl()) is not None:
            return [Set(perl)]
        return [self.one(self.code())]

    def one(self, code: int) -> Set:
        return Set(((code, code),), folded="i" in self.flags)

    def perl(self) -> Ranges | None:
        """Read what ``d`` or ``D`` behind a backslash means."""
        char = self.text[self.at : self.at + 1]
        ranges = _PERL.get(char.lower())
        if ranges is None:
            return None
        self.at += 1
        return ranges if char.islower() else _others(ranges)

    def code(self) -> int:
        """Read the character behind a backslash."""
        char = self.text[self.at : self.at + 1]
        found = _HEX.match(self.text, self.at)
        octal = _OCTAL.match(self.text, self.at)
        if found is not None:
            code = int(found[1] or found[2], 16)
        elif octal is not None:
            found, code = octal, int(octal[0], 8)
        elif char in _ESCAPES:
            code = _ESCAPES[char]
        elif char.isascii() and char.isprintable() and char and not char.isalnum():
            code = ord(char)
        else:
            raise Broken
        if code > _LAST:
            raise Broken
        self.at = found.end() if found else self.at + 1
        return code

    def set(self) -> Set:
        negated = self.took("^")
        ranges: list[tuple[int, int]] = []
        first = True
        while first or not self.text.startswith("]", self.at):
            first = False
            ranges += self.members()
        self.at += 1
        return Set(tuple(ranges), negated, folded="i" in self.flags)

    def members(self) -> Ranges:
        if found := _CLASS.match(self.text, self.at):
            self.at = found.end()
            named = _NAMED.get(found[2])
            if named is None:
                raise Broken
            return _others(named) if found[1] else named
        if self.text.startswith("\\", self.at):
            self.at += 1
            if (perl := self.perl()) is not None:
                return perl
            self.at -= 1
        low = self.member()
        ahead = self.text[self.at : self.at + 2]
        if len(ahead) < 2 or ahead[0] != "-" or ahead[1] == "]":
            return ((low, low),)
        self.at += 1
        high = self.member()
        if high < low:
            raise Broken
        return ((low, high),)

    def member(self) -> int:
        if self.took("\\"):
            return self.code()
        if self.at >= len(self.text):
            raise Broken
        self.at += 1
        return ord(self.text[self.at - 1])

    def took(self, char: str) -> bool:
        """Go on behind a character if it is there."""
        there = self.text.startswith(char, self.at)
        self.at += there
        return there


def _number(digits: str) -> int:
    if len(digits) > 4 or int(digits) > _MOST:
        raise Broken
    return int(digits)


def _few(node: Node, most: int) -> bool:
    """Say whether nothing is repeated more often than ``most`` times in all."""
    if isinstance(node, Repeat):
        times = node.least if node.most is None else node.most
        if times > most:
            return False
        return _few(node.node, most // times if times else most)
    return not isinstance(node, Several) or all(_few(one, most) for one in node.nodes)


def _others(ranges: Ranges) -> Ranges:
    """Return the ranges between these, which are in order."""
    begins = (0, *(high + 1 for _, high in ranges))
    ends = (*(low - 1 for low, _ in ranges), _LAST)
    return tuple((low, high) for low, high in zip(begins, ends, strict=True) if low <= high)
