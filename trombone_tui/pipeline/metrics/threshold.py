"""The number that a condition compares a measurement with, where the condition is that simple.

Conditions are expressions of a small language (``argo-rollouts@v1.9.1:utils/evaluate/evaluate.go``).
One plain comparison is understood, also beside guards such as ``len(result) > 0 &&``; of anything else
no threshold is claimed.
"""

from __future__ import annotations

import math
import operator
import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

from trombone_tui.pipeline.metrics.value import Reading, digits

_RESULT = r"(?:asFloat\(\s*)?result(?:\[(?P<index>\d{1,3})\])?\s*\)?"
_OPERATOR = r"(?P<op><=|>=|==|!=|<|>)"
_NUMBER = r"(?P<number>-?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d{1,3})?)"
_PLAIN = re.compile(rf"{_RESULT}\s*{_OPERATOR}\s*{_NUMBER}", re.ASCII)
_TURNED = re.compile(rf"{_NUMBER}\s*{_OPERATOR}\s*{_RESULT}", re.ASCII)
_GUARD = re.compile(
    r"len\(\s*result\s*\)\s*(?:>|>=|==|!=)\s*\d+|(?:!|not\s+)isNaN\(\s*result(?:\[\d+\])?\s*\)"
    r"|result\s*!=\s*nil|(?:!|not\s+)isNil\(\s*result\s*\)",
    re.ASCII,
)
_AND = re.compile(r"&&|\band\b")
_MIRROR = {"<": ">", ">": "<", "<=": ">=", ">=": "<=", "==": "==", "!=": "!="}
_OPPOSITE = {"<": ">=", ">": "<=", "<=": ">", ">=": "<", "==": "!=", "!=": "=="}
_HOLDS: dict[str, Callable[[float, float], bool]] = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
    "==": operator.eq,
    "!=": operator.ne,
}


@dataclass(frozen=True, slots=True)
class Threshold:
    """``result[index] op number``."""

    index: int
    op: str
    number: float

    def against(self, measured: Reading) -> str | None:
        """Write how a measurement stands: ``0.80 < 0.95``; None if it can't be compared."""
        number = measured.at(self.index)
        if number is None:
            return None
        op = self.op if _HOLDS[self.op](number, self.number) else _OPPOSITE[self.op]
        return f"{digits(number, self.number)} {op} {self.number:g}"


@lru_cache(maxsize=512)
def threshold(condition: str | None) -> Threshold | None:
    """Find the threshold of a condition; None unless it is one plain comparison.

    Remembered, because every run of a template has the same few conditions.
    """
    if not condition or len(condition) > 500:
        return None
    parts = [part.strip() for part in _AND.split(condition)]
    rest = [part for part in parts if not _GUARD.fullmatch(part)]
    if len(rest) != 1:
        return None
    bare = rest[0]
    if bare.startswith("(") and bare.endswith(")") and "(" not in bare[1:]:
        bare = bare[1:-1].strip()
    for pattern, turned in ((_PLAIN, False), (_TURNED, True)):
        found = pattern.fullmatch(bare)
        if found is not None:
            number = float(found["number"])
            op = _MIRROR[found["op"]] if turned else found["op"]
            return Threshold(int(found["index"] or 0), op, number) if math.isfinite(number) else None
    return None
