"""What a measurement says: the text that a provider left, and the number in it if there is one.

A Prometheus vector is written ``[0.97]``, a scalar ``0.97``, nothing ``[]``; other providers leave any
JSON (``argo-rollouts@v1.9.1:metricproviders/prometheus/prometheus.go``).
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass

from trombone_tui.core.objects.phrases import one_line, shortened

_NUMBER = re.compile(r"[+-]?(?:(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?|inf|nan)", re.ASCII | re.IGNORECASE)
TEXT = 60
DIGITS = 9
"""Decimals that are tried; a number that needs more is written in full."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """A measurement's value."""

    numbers: tuple[float, ...] | None
    """The numbers in it, none for an empty result; None when it is no number at all."""
    text: str
    """As the provider left it."""

    @property
    def value(self) -> float | str | None:
        """One finite number, else a text; None for an empty result."""
        if self.numbers is None:
            return shortened(one_line(self.text), TEXT)
        if not self.numbers:
            return None
        if len(self.numbers) == 1 and math.isfinite(self.numbers[0]):
            return self.numbers[0]
        return shortened(", ".join(digits(number) for number in self.numbers), TEXT)

    def at(self, index: int) -> float | None:
        """Return one of the numbers; None if it is not there or can't be compared."""
        if self.numbers is None or index >= len(self.numbers) or math.isnan(self.numbers[index]):
            return None
        return self.numbers[index]


def reading(text: str | None) -> Reading | None:
    """Read a measurement's value; None when there is none."""
    if not text or not text.strip():
        return None
    inner = text.strip()
    if not (inner.startswith("[") and inner.endswith("]")):
        return Reading(numbers=_numbers([inner]), text=text)
    parts = [part.strip() for part in inner[1:-1].split(",")]
    return Reading(numbers=() if parts == [""] else _numbers(parts), text=text)


def _numbers(parts: list[str]) -> tuple[float, ...] | None:
    if all(len(part) < 60 and _NUMBER.fullmatch(part) for part in parts):
        return tuple(float(part) for part in parts)
    return None


def digits(number: float, against: float | None = None) -> str:
    """Write a number with as few digits as keep it true beside the one it is compared with.

    0.79999 is ``0.80``, but beside 0.8 it is ``0.79999``; a number is never rounded to a whole one.
    """
    if not math.isfinite(number):
        return "NaN" if math.isnan(number) else ("+Inf" if number > 0 else "-Inf")
    if number == int(number) and abs(number) < 1e15 and (against is None or against == int(against)):
        return str(int(number))
    size = abs(number)
    if size >= 1e15 or 0 < size < 1e-6:
        return f"{number:.3g}"
    least = 0 if size >= 100 else 1 if size >= 10 else 2
    for places in range(least, DIGITS):
        rounded = round(number, places)
        whole = rounded == int(rounded) and rounded != number and size < 100
        if not whole and (against is None or _order(rounded, against) == _order(number, against)):
            return f"{number:.{places}f}"
    return repr(number)


def _order(one: float, other: float) -> int:
    return (one > other) - (one < other)
