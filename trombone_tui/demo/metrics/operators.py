"""What PromQL's operators and functions do with vectors: each is made of what it is applied to.

A ``Node`` is a part of a query, ready to be asked for its value at a moment.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping

from trombone_tui.demo.metrics.series import counters
from trombone_tui.demo.metrics.traffic import Traffic

Labels = dict[str, str]
Vector = list[tuple[Labels, float]]
Value = float | Vector
Node = Callable[[Traffic, float], Value]
Matcher = Callable[[Mapping[str, str]], bool]

AGGREGATES: dict[str, Callable[[list[float]], float]] = {
    "sum": math.fsum,
    "avg": lambda values: math.fsum(values) / len(values),
    "min": min,
    "max": max,
    "count": lambda values: float(len(values)),
}
COMPARISONS: dict[str, Callable[[float, float], bool]] = {
    "==": lambda a, b: a == b,
    "!=": lambda a, b: a != b,
    ">": lambda a, b: a > b,
    "<": lambda a, b: a < b,
    ">=": lambda a, b: a >= b,
    "<=": lambda a, b: a <= b,
}


class PromqlError(ValueError):
    """A query that can't be read or is not supported; the message says where."""


def matcher(label: str, sign: str, text: str) -> Matcher:
    """Return the test of one matcher: ``=``, ``!=``, ``=~``, ``!~``."""
    if sign in ("=", "!="):
        return lambda labels: (labels.get(label, "") == text) is (sign == "=")
    try:
        pattern = re.compile(text)
    except re.error as error:
        raise PromqlError(f"bad regular expression {text!r}: {error}") from error
    return lambda labels: (pattern.fullmatch(labels.get(label, "")) is not None) is (sign == "=~")


def number(value: float) -> Node:
    """Return a number as a part of a query."""
    return lambda _, __: value


def divide(left: float, right: float) -> float:
    """Divide as floating point does in Go: by zero too."""
    if right:
        return left / right
    return math.nan if not left or math.isnan(left) else math.copysign(math.inf, left)


def total(metric: str, matchers: list[Matcher]) -> Node:
    """Return counters as they stand; those that never counted anything have no value."""

    def read(traffic: Traffic, second: float) -> Vector:
        return [
            (dict(one.labels), value)
            for one in counters(traffic, metric)
            if all(match(one.labels) for match in matchers) and (value := one.increase(one.began, second)) > 0
        ]

    return read


def ranged(metric: str, matchers: list[Matcher], window: float, name: str) -> Node:
    """Return how fast counters grew in a window, or by how much (``increase``); idle ones have no value."""
    window = window or 1.0

    def read(traffic: Traffic, second: float) -> Vector:
        found: Vector = []
        for one in counters(traffic, metric):
            if not all(match(one.labels) for match in matchers):
                continue
            grown = one.increase(second - window, second)
            if grown > 0:
                labels = {key: value for key, value in one.labels.items() if key != "__name__"}
                found.append((labels, grown if name == "increase" else grown / window))
        return found

    return read


def aggregated(
    inner: Node, combine: Callable[[list[float]], float], grouping: tuple[bool, tuple[str, ...]]
) -> Node:
    """Combine a vector by labels: ``grouping`` is whether they are kept (``by``), and which."""
    by, names = grouping

    def read(traffic: Traffic, second: float) -> Value:
        value = inner(traffic, second)
        if isinstance(value, float):
            raise PromqlError("expected an instant vector in an aggregation, got a number")
        groups: dict[tuple[tuple[str, str], ...], list[float]] = {}
        for labels, number in value:
            kept = {k: v for k, v in labels.items() if (k in names) is by and k != "__name__"}
            groups.setdefault(tuple(sorted(kept.items())), []).append(number)
        return [(dict(labels), combine(numbers)) for labels, numbers in groups.items()]

    return read


def combined(left: Node, right: Node, operator: Callable[[float, float], float]) -> Node:
    """Apply an arithmetic operator, between vectors to what has the same labels."""

    def read(traffic: Traffic, second: float) -> Value:
        a, b = left(traffic, second), right(traffic, second)
        if isinstance(a, float):
            if isinstance(b, float):
                return operator(a, b)
            return [(_bare(labels), operator(a, value)) for labels, value in b]
        if isinstance(b, float):
            return [(_bare(labels), operator(value, b)) for labels, value in a]
        others = {tuple(sorted(_bare(labels).items())): value for labels, value in b}
        return [
            (bare, operator(value, others[key]))
            for labels, value in a
            if (key := tuple(sorted((bare := _bare(labels)).items()))) in others
        ]

    return read


def filtered(left: Node, right: Node, holds: Callable[[float, float], bool]) -> Node:
    """Keep what of a vector compares well with a number."""

    def read(traffic: Traffic, second: float) -> Value:
        a, b = left(traffic, second), right(traffic, second)
        if isinstance(a, float) or not isinstance(b, float):
            raise PromqlError("only a vector can be compared, and only with a number")
        return [(labels, value) for labels, value in a if holds(value, b)]

    return read


def _bare(labels: Labels) -> Labels:
    return {key: value for key, value in labels.items() if key != "__name__"}


def quantiles(quantile: Node, inner: Node) -> Node:
    """Return the quantile of each histogram in a vector of buckets."""

    def read(traffic: Traffic, second: float) -> Value:
        q, buckets = quantile(traffic, second), inner(traffic, second)
        if not isinstance(q, float) or isinstance(buckets, float):
            raise PromqlError("histogram_quantile wants a number and buckets")
        groups: dict[tuple[tuple[str, str], ...], list[tuple[float, float]]] = {}
        for labels, value in buckets:
            rest = tuple(sorted((k, v) for k, v in labels.items() if k not in ("le", "__name__")))
            groups.setdefault(rest, []).append((float(labels.get("le", "nan")), value))
        return [(dict(labels), _quantile(q, sorted(found))) for labels, found in groups.items()]

    return read


def _quantile(q: float, buckets: list[tuple[float, float]]) -> float:
    """Interpolate linearly inside the bucket that the rank falls into, as Prometheus does."""
    rank, lower, below = q * buckets[-1][1], 0.0, 0.0
    for limit, count in buckets:
        if count >= rank:
            if math.isinf(limit):
                return lower
            return lower + (limit - lower) * ((rank - below) / (count - below) if count > below else 0.0)
        lower, below = limit, count
    return math.nan
