"""Whether a Sensor's filters let a push pass, as far as that can be told without running what only Argo can.

What they do: ``argo-events@v1.9.11:pkg/sensors/dependencies/filter.go``. Paths that are more than names with
dots between them, expressions, Lua, jq and templates are not worked out: then it stays open.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, time
from enum import Enum
from operator import eq, ge, gt, le, lt, ne
from typing import Any
from zoneinfo import ZoneInfo

from trombone_tui.core.objects.argo_sensors import (
    ContextFilter,
    DataFilter,
    Dependency,
    ExprFilter,
    Filters,
    TimeFilter,
)
from trombone_tui.core.objects.expressions import Expression
from trombone_tui.core.objects.phrases import shortened
from trombone_tui.pipeline.events.filters import data_words

_SIMPLE = re.compile(r"body(?:\.[\w-]+)+", re.ASCII)
_LONGEST = 60


class Passing(Enum):
    """What a filter says."""

    YES = "passes"
    NO = "is thrown away"
    BROKEN = "is thrown away, and it is logged as a warning"
    """The filter itself fails; where one of several would be enough, it takes the others with it."""
    OPEN = "can't be told"


_AWAY = (Passing.NO, Passing.BROKEN)


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether an event passes, and where it does not, why."""

    passing: Passing
    why: str = ""

    @property
    def away(self) -> bool:
        """Whether it is thrown away."""
        return self.passing in _AWAY


_YES, _NO, _OPEN = Verdict(Passing.YES), Verdict(Passing.NO), Verdict(Passing.OPEN)


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """An event as it will be published."""

    kind: str
    source: str
    subject: str
    """The event's name in its EventSource."""
    body: Mapping[str, Any]
    now: datetime

    def at(self, path: str | None) -> Any:
        """Return what stands under a path of the data; ``NOTHING`` or ``UNKNOWN``."""
        if path is None or not _SIMPLE.fullmatch(path):
            return UNKNOWN
        found: Any = self.body
        for key in path.split(".")[1:]:
            if isinstance(found, list) and key.isdecimal():
                found = found[int(key)] if int(key) < len(found) else NOTHING
            else:
                found = found.get(key, NOTHING) if isinstance(found, Mapping) else NOTHING
        return UNKNOWN if isinstance(found, dict | list) else found


UNKNOWN, NOTHING = object(), object()
"""What is under a path can't be told here; there is nothing."""


def verdict(dependency: Dependency, event: Event) -> Verdict:
    """Say whether an event passes the filters of what waits for it."""
    filters = dependency.filters
    if filters is None:
        return _YES
    if dependency.transform is not None:
        return _OPEN
    parts = [
        *((_exprs(filters, event),) if filters.exprs is not None else ()),
        *((_datas(filters, event),) if filters.data is not None else ()),
        *((_context(filters.context, event),) if filters.context is not None else ()),
        *((_time(filters.time, event),) if filters.time is not None else ()),
        *((_OPEN,) if filters.script else ()),
    ]
    return _any_unbroken(parts) if dependency.filters_logical_operator == "or" else _all(parts)


def _all(parts: Sequence[Verdict]) -> Verdict:
    away = next((one for one in parts if one.away), None)
    return away or (_OPEN if _OPEN in parts else _YES)


def _any(parts: Sequence[Verdict]) -> Verdict:
    for passing in (Passing.YES, Passing.OPEN, Passing.BROKEN, Passing.NO):
        found = next((one for one in parts if one.passing is passing), None)
        if found is not None:
            return found
    return _NO


def _any_unbroken(parts: Sequence[Verdict]) -> Verdict:
    """Join whole filters of which one is enough: one that fails takes the others with it."""
    broken = next((one for one in parts if one.passing is Passing.BROKEN), None)
    return broken or (_OPEN if _OPEN in parts else _any(parts))


def _datas(filters: Filters, event: Event) -> Verdict:
    parts = [_data(one, event) for one in filters.data or ()]
    if not parts:
        return _YES
    return _any(parts) if filters.data_logical_operator == "or" else _all(parts)


def _data(one: DataFilter, event: Event) -> Verdict:
    found, compare = event.at(one.path), _COMPARE.get(one.type or "")
    if found is NOTHING:
        return Verdict(Passing.BROKEN, f"{one.path} is not in this push")
    if compare is None or not one.value:
        return Verdict(Passing.BROKEN, data_words(one))
    if found is UNKNOWN or one.template:
        return _OPEN
    fits = [compare(found, one.comparator or "=", value) for value in one.value]
    if True in fits:
        return _YES
    if None in fits:
        return _OPEN
    is_ = shortened(_text(found), _LONGEST) or "empty"
    return Verdict(Passing.NO, f"{data_words(one)}, and it is {is_}")


def _bool(found: Any, _: str, wanted: str) -> bool | None:
    """Compare as Go does (``strconv.ParseBool``); no comparator is looked at."""
    is_ = _TRUTH.get(found.lower(), False) if isinstance(found, str) else bool(found)
    return is_ == _TRUTH[wanted] if wanted in _TRUTH else None


def _number(found: Any, comparator: str, wanted: str) -> bool | None:
    try:
        right = float(wanted)
        left = float(found or 0)
    except (ValueError, OverflowError):
        return None
    compare = _COMPARISONS.get(comparator)
    return compare(left, right) if compare else False


def _string(found: Any, comparator: str, wanted: str) -> bool | None:
    expression = Expression.parse(wanted)
    if expression is None:
        return None
    return comparator in ("=", "!=") and expression.found_in(_text(found)) is (comparator == "=")


_COMPARE: Mapping[str, Callable[[Any, str, str], bool | None]] = {
    "bool": _bool,
    "number": _number,
    "string": _string,
}
"""How each type compares with one of the wanted values; None where that can't be told."""
_TRUTH = dict.fromkeys(("1", "t", "T", "TRUE", "true", "True"), True) | dict.fromkeys(
    ("0", "f", "F", "FALSE", "false", "False"), False
)
_COMPARISONS: Mapping[str, Callable[[float, float], bool]] = {
    ">=": ge,
    ">": gt,
    "=": eq,
    "!=": ne,
    "<": lt,
    "<=": le,
}


def _text(found: Any) -> str:
    """Write a value as a filter compares it."""
    if isinstance(found, bool):
        return "true" if found else "false"
    return "" if found is None else str(found)


def _exprs(filters: Filters, event: Event) -> Verdict:
    parts = [_expr(one, event) for one in filters.exprs or ()]
    if filters.expr_logical_operator == "or":
        return _any([one for one in parts if one != _YES])
    return _all(parts)


def _expr(one: ExprFilter, event: Event) -> Verdict:
    """Say what is plain: without fields it is never looked at, and one whose field is missing fails."""
    fields = one.fields or ()
    missing = next((field.path for field in fields if event.at(field.path) is NOTHING), None)
    if missing is not None:
        return Verdict(Passing.BROKEN, f"{missing} is not in this push")
    return _OPEN if fields else _YES


def _context(one: ContextFilter, event: Event) -> Verdict:
    of = {
        "type": (one.type, event.kind),
        "subject": (one.subject, event.subject),
        "source": (one.source, event.source),
        "content type": (one.datacontenttype, "application/json"),
    }
    for name, (wanted, is_) in of.items():
        if wanted and wanted != is_:
            return Verdict(Passing.NO, f"the event's {name} is to be {wanted}, and it is {is_}")
    return _YES


def _time(one: TimeFilter, event: Event) -> Verdict:
    try:
        start, stop = time.fromisoformat(one.start or ""), time.fromisoformat(one.stop or "")
        now = event.now.astimezone(ZoneInfo(one.timezone or "UTC")).time()
    except (ValueError, OSError, LookupError):
        return _OPEN
    if (start <= now < stop) if start < stop else (now >= start or now < stop):
        return _YES
    return Verdict(Passing.NO, f"it passes from {one.start} until {one.stop} {one.timezone or 'UTC'} only")
