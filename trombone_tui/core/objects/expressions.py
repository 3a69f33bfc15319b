r"""Regular expressions as Go reads them, for ``allowTags``: ``^v[0-9]+\.[0-9]+$``.

Syntax: ``go1.26:regexp/syntax``, without Unicode classes (``\pL``): a tag is ASCII. Python's own ``re``
allows what Go refuses (look-around, back references: then no tag is allowed) and can be made to search for
ever by an expression that somebody wrote into an object; here time grows with both lengths alone.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Self

from trombone_tui.core.objects.expression_nodes import Check, Node, Repeat, Set
from trombone_tui.core.objects.expression_syntax import Broken, parse

LARGEST = 5000
"""Steps of an expression that is tried."""
_WORD = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_")


@dataclass(frozen=True, slots=True)
class _Step:
    """One step: a character or a check, then where it goes on; without either a fork."""

    what: Set | Check | None
    to: tuple[int, ...]


class Expression:
    """An expression that texts are searched with."""

    def __init__(self, steps: Sequence[_Step], begin: int) -> None:
        self._steps, self._begin = steps, begin

    @classmethod
    def parse(cls, text: str) -> Self | None:
        """Read an expression; None when Go would refuse it, or when it is too large to be tried."""
        try:
            steps = [_Step(None, ())]
            return cls(steps, _built(parse(text), steps, 0))
        except Broken:
            return None

    def found_in(self, text: str) -> bool:
        """Say whether any part of a text fits."""
        states: set[int] = set()
        for at in range(len(text) + 1):
            states = self._reached({*states, self._begin}, text, at)
            if 0 in states:
                return True
            if at < len(text):
                states = {
                    to
                    for state in states
                    if isinstance(what := self._steps[state].what, Set) and what.fits(text[at])
                    for to in self._steps[state].to
                }
        return False

    def _reached(self, states: set[int], text: str, at: int) -> set[int]:
        """Follow what needs no character."""
        reached, open_ = set(states), list(states)
        while open_:
            step = self._steps[open_.pop()]
            if isinstance(step.what, Set) or (step.what is not None and not _CHECKS[step.what](text, at)):
                continue
            new = [to for to in step.to if to not in reached]
            reached.update(new)
            open_ += new
        return reached


def _built(node: Node, steps: list[_Step], then: int) -> int:
    """Put a node's steps before ``then``; return the first one. Step 0 is the end."""
    if len(steps) > LARGEST:
        raise Broken
    if isinstance(node, Set | Check):
        return _added(steps, _Step(node, (then,)))
    if isinstance(node, Repeat):
        return _repeated(node, steps, then)
    if node.either:
        return _added(steps, _Step(None, tuple(_built(one, steps, then) for one in node.nodes)))
    for one in reversed(node.nodes):
        then = _built(one, steps, then)
    return then


def _repeated(node: Repeat, steps: list[_Step], then: int) -> int:
    if node.most is None:
        loop = _added(steps, _Step(None, ()))
        steps[loop] = _Step(None, (_built(node.node, steps, loop), then))
        first = loop
    else:
        first = then
        for _ in range(node.most - node.least):
            first = _added(steps, _Step(None, (_built(node.node, steps, first), then)))
    for _ in range(node.least):
        first = _built(node.node, steps, first)
    return first


def _added(steps: list[_Step], step: _Step) -> int:
    steps.append(step)
    return len(steps) - 1


def _at_word(text: str, at: int) -> bool:
    before, after = at > 0 and text[at - 1] in _WORD, at < len(text) and text[at] in _WORD
    return before != after


_CHECKS: dict[Check, Callable[[str, int], bool]] = {
    Check.BEGIN: lambda _, at: at == 0,
    Check.END: lambda text, at: at == len(text),
    Check.LINE_BEGIN: lambda text, at: at == 0 or text[at - 1] == "\n",
    Check.LINE_END: lambda text, at: at == len(text) or text[at] == "\n",
    Check.WORD: _at_word,
    Check.NO_WORD: lambda text, at: not _at_word(text, at),
}
