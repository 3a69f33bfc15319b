"""The part of PromQL that dashboards and AnalysisTemplates ask canaries with.

Selectors with matchers, ``rate``, ``increase``, ``irate``, ``sum|avg|min|max|count`` with ``by`` and
``without``, ``histogram_quantile``, arithmetic and filtering comparisons. Anything else is refused by name.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping
from functools import lru_cache
from operator import add, mul, sub

from trombone_tui.demo.metrics.series import counters
from trombone_tui.demo.metrics.traffic import Traffic

Labels = dict[str, str]
Vector = list[tuple[Labels, float]]
Value = float | Vector
Node = Callable[[Traffic, float], Value]
Matcher = Callable[[Mapping[str, str]], bool]

_TOKEN = re.compile(
    r"""\s*(?:
    (?P<duration>\d+(?:ms|s|m|h|d)(?![\w]))
    |(?P<number>\d+(?:\.\d+)?(?:e[+-]?\d+)?)
    |(?P<name>[A-Za-z_:][\w:]*)
    |(?P<string>"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')
    |(?P<sign>=~|!~|!=|==|>=|<=|[-+*/(){}\[\],=<>])
    )""",
    re.VERBOSE,
)
_UNITS = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0}
_AGGREGATES: dict[str, Callable[[list[float]], float]] = {
    "sum": math.fsum,
    "avg": lambda values: math.fsum(values) / len(values),
    "min": min,
    "max": max,
    "count": lambda values: float(len(values)),
}
_RANGES = ("rate", "increase", "irate")
_COMPARE: dict[str, Callable[[float, float], bool]] = {
    "==": lambda a, b: a == b,
    "!=": lambda a, b: a != b,
    ">": lambda a, b: a > b,
    "<": lambda a, b: a < b,
    ">=": lambda a, b: a >= b,
    "<=": lambda a, b: a <= b,
}


class PromqlError(ValueError):
    """A query that can't be read or is not supported; the message says where."""


class Engine:
    """Answers queries from the story's traffic."""

    def __init__(self, traffic: Traffic) -> None:
        self._traffic = traffic

    def instant(self, query: str, second: float) -> Value:
        """Return a query's value at a moment (seconds since 1970): a number, or labels with numbers.

        Raises:
            PromqlError: the query can't be read.
        """
        return _parsed(query)(self._traffic, second)


@lru_cache(maxsize=256)
def _parsed(query: str) -> Node:
    parser = _Parser(query)
    node = parser.comparison()
    parser.end()
    return node


class _Parser:
    """A recursive descent over one query."""

    def __init__(self, query: str) -> None:
        self._query = query
        self._tokens: list[tuple[str, str]] = []
        place = 0
        while place < len(query.rstrip()):
            match = _TOKEN.match(query, place)
            if match is None:
                raise PromqlError(f"unexpected character at {place}: {query[place : place + 10]!r}")
            kind = match.lastgroup or ""
            self._tokens.append((kind, match[kind]))
            place = match.end()
        self._place = 0

    def end(self) -> None:
        """Refuse what follows a complete query."""
        if self._place < len(self._tokens):
            raise PromqlError(f"unexpected {self._peek()!r} in {self._query!r}")

    def comparison(self) -> Node:
        """Read ``a > b``: keeps what holds."""
        left = self._sum()
        while (sign := self._peek()) in _COMPARE:
            self._next()
            left = _filtered(left, self._sum(), _COMPARE[sign])
        return left

    def _sum(self) -> Node:
        left = self._product()
        while (sign := self._peek()) in ("+", "-"):
            self._next()
            left = _combined(left, self._product(), add if sign == "+" else sub)
        return left

    def _product(self) -> Node:
        left = self._unary()
        while (sign := self._peek()) in ("*", "/"):
            self._next()
            left = _combined(left, self._unary(), mul if sign == "*" else _divide)
        return left

    def _unary(self) -> Node:
        if self._peek() == "-":
            self._next()
            return _combined(_number(0.0), self._unary(), sub)
        return self._primary()

    def _primary(self) -> Node:
        kind, text = self._next()
        if kind == "number":
            return _number(float(text))
        if text == "(":
            inner = self.comparison()
            self._expect(")")
            return inner
        if text == "{":
            self._place -= 1
            return self._selector("")
        if kind != "name":
            raise PromqlError(f"unexpected {text!r} in {self._query!r}")
        if text in _AGGREGATES:
            return self._aggregate(text)
        if self._peek() == "(":
            return self._call(text)
        return self._selector(text)

    def _aggregate(self, name: str) -> Node:
        grouping = self._grouping()
        self._expect("(")
        inner = self.comparison()
        self._expect(")")
        return _aggregated(inner, _AGGREGATES[name], grouping or self._grouping() or (True, ()))

    def _grouping(self) -> tuple[bool, tuple[str, ...]] | None:
        if (word := self._peek()) not in ("by", "without"):
            return None
        self._next()
        self._expect("(")
        names = []
        while self._peek() != ")":
            names.append(self._next()[1])
            if self._peek() == ",":
                self._next()
        self._expect(")")
        return word == "by", tuple(names)

    def _call(self, name: str) -> Node:
        self._expect("(")
        if name in _RANGES:
            metric = self._next()[1]
            matchers = self._matchers()
            self._expect("[")
            window = duration(self._next()[1])
            self._expect("]")
            self._expect(")")
            return _ranged(metric, matchers, window, name)
        if name == "histogram_quantile":
            quantile = self.comparison()
            self._expect(",")
            inner = self.comparison()
            self._expect(")")
            return _quantiles(quantile, inner)
        raise PromqlError(f"unknown function with name {name!r}")

    def _selector(self, metric: str) -> Node:
        matchers = self._matchers()

        def read(traffic: Traffic, second: float) -> Vector:
            return [
                (dict(one.labels), value)
                for one in counters(traffic, metric)
                if all(match(one.labels) for match in matchers)
                and (value := one.increase(one.began, second)) > 0
            ]

        return read

    def _matchers(self) -> list[Matcher]:
        found: list[Matcher] = []
        if self._peek() != "{":
            return found
        self._next()
        while self._peek() != "}":
            label, sign, text = self._next()[1], self._next()[1], self._next()
            if text[0] != "string" or sign not in ("=", "!=", "=~", "!~"):
                raise PromqlError(f"unexpected {text[1]!r} after {label}{sign} in {self._query!r}")
            found.append(_matcher(label, sign, re.sub(r"\\(.)", r"\1", text[1][1:-1])))
            if self._peek() == ",":
                self._next()
        self._expect("}")
        return found

    def _peek(self) -> str:
        return self._tokens[self._place][1] if self._place < len(self._tokens) else ""

    def _next(self) -> tuple[str, str]:
        if self._place >= len(self._tokens):
            raise PromqlError(f"unexpected end of {self._query!r}")
        self._place += 1
        return self._tokens[self._place - 1]

    def _expect(self, sign: str) -> None:
        if self._next()[1] != sign:
            raise PromqlError(f"expected {sign!r} in {self._query!r}")


def _matcher(label: str, sign: str, text: str) -> Matcher:
    if sign in ("=", "!="):
        return lambda labels: (labels.get(label, "") == text) is (sign == "=")
    try:
        pattern = re.compile(text)
    except re.error as error:
        raise PromqlError(f"bad regular expression {text!r}: {error}") from error
    return lambda labels: (pattern.fullmatch(labels.get(label, "")) is not None) is (sign == "=~")


def duration(text: str) -> float:
    """Read a duration: ``30s``, ``5m``.

    Raises:
        PromqlError: it is none.
    """
    match = re.fullmatch(r"(\d+)(ms|s|m|h|d)", text)
    if match is None:
        raise PromqlError(f"not a duration: {text!r}")
    return int(match[1]) * _UNITS[match[2]]


def _number(value: float) -> Node:
    return lambda _, __: value


def _divide(left: float, right: float) -> float:
    if right:
        return left / right
    return math.nan if not left or math.isnan(left) else math.copysign(math.inf, left)


def _ranged(metric: str, matchers: list[Matcher], window: float, name: str) -> Node:
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


def _aggregated(
    inner: Node, combine: Callable[[list[float]], float], grouping: tuple[bool, tuple[str, ...]]
) -> Node:
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


def _combined(left: Node, right: Node, operator: Callable[[float, float], float]) -> Node:
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


def _filtered(left: Node, right: Node, holds: Callable[[float, float], bool]) -> Node:
    def read(traffic: Traffic, second: float) -> Value:
        a, b = left(traffic, second), right(traffic, second)
        if isinstance(a, float) or not isinstance(b, float):
            raise PromqlError("only a vector can be compared, and only with a number")
        return [(labels, value) for labels, value in a if holds(value, b)]

    return read


def _bare(labels: Labels) -> Labels:
    return {key: value for key, value in labels.items() if key != "__name__"}


def _quantiles(quantile: Node, inner: Node) -> Node:
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
