"""The part of PromQL that dashboards and AnalysisTemplates ask canaries with.

Selectors with matchers, ``rate``, ``increase``, ``irate``, ``sum|avg|min|max|count`` with ``by`` and
``without``, ``histogram_quantile``, arithmetic and filtering comparisons. Anything else is refused by name.
"""

from __future__ import annotations

import re
from functools import lru_cache
from operator import add, mul, sub

from trombone_tui.demo.metrics.operators import (
    AGGREGATES,
    COMPARISONS,
    Matcher,
    Node,
    PromqlError,
    Value,
    aggregated,
    combined,
    divide,
    filtered,
    matcher,
    number,
    quantiles,
    ranged,
    total,
)
from trombone_tui.demo.metrics.traffic import Traffic

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
_RANGES = ("rate", "increase", "irate")


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
        while (sign := self._peek()) in COMPARISONS:
            self._next()
            left = filtered(left, self._sum(), COMPARISONS[sign])
        return left

    def _sum(self) -> Node:
        left = self._product()
        while (sign := self._peek()) in ("+", "-"):
            self._next()
            left = combined(left, self._product(), add if sign == "+" else sub)
        return left

    def _product(self) -> Node:
        left = self._unary()
        while (sign := self._peek()) in ("*", "/"):
            self._next()
            left = combined(left, self._unary(), mul if sign == "*" else divide)
        return left

    def _unary(self) -> Node:
        if self._peek() == "-":
            self._next()
            return combined(number(0.0), self._unary(), sub)
        return self._primary()

    def _primary(self) -> Node:
        kind, text = self._next()
        if kind == "number":
            return number(float(text))
        if text == "(":
            inner = self.comparison()
            self._expect(")")
            return inner
        if text == "{":
            self._place -= 1
            return self._selector("")
        if kind != "name":
            raise PromqlError(f"unexpected {text!r} in {self._query!r}")
        if text in AGGREGATES:
            return self._aggregate(text)
        if self._peek() == "(":
            return self._call(text)
        return self._selector(text)

    def _aggregate(self, name: str) -> Node:
        grouping = self._grouping()
        self._expect("(")
        inner = self.comparison()
        self._expect(")")
        return aggregated(inner, AGGREGATES[name], grouping or self._grouping() or (True, ()))

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
            return ranged(metric, matchers, window, name)
        if name == "histogram_quantile":
            quantile = self.comparison()
            self._expect(",")
            inner = self.comparison()
            self._expect(")")
            return quantiles(quantile, inner)
        raise PromqlError(f"unknown function with name {name!r}")

    def _selector(self, metric: str) -> Node:
        return total(metric, self._matchers())

    def _matchers(self) -> list[Matcher]:
        found: list[Matcher] = []
        if self._peek() != "{":
            return found
        self._next()
        while self._peek() != "}":
            label, sign, text = self._next()[1], self._next()[1], self._next()
            if text[0] != "string" or sign not in ("=", "!=", "=~", "!~"):
                raise PromqlError(f"unexpected {text[1]!r} after {label}{sign} in {self._query!r}")
            found.append(matcher(label, sign, re.sub(r"\\(.)", r"\1", text[1][1:-1])))
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


def duration(text: str) -> float:
    """Read a duration: ``30s``, ``5m``.

    Raises:
        PromqlError: it is none.
    """
    match = re.fullmatch(r"(\d+)(ms|s|m|h|d)", text)
    if match is None:
        raise PromqlError(f"not a duration: {text!r}")
    return int(match[1]) * _UNITS[match[2]]
