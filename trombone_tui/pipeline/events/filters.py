"""The filters of a Sensor's dependency in words.

What they do: ``argo-events@v1.9.11:pkg/sensors/dependencies/filter.go``.
"""

from __future__ import annotations

from trombone_tui.core.objects.argo_sensors import (
    ContextFilter,
    DataFilter,
    Dependency,
    ExprFilter,
    Filters,
    TimeFilter,
    Transform,
)
from trombone_tui.core.objects.phrases import counted, shortened
from trombone_tui.core.stage import Branch

_LONGEST = 120


def filter_branches(dependency: Dependency) -> tuple[Branch, ...]:
    """Tell each filter on a line; how they are joined is said first where there are several."""
    filters = dependency.filters or Filters()
    parts = [
        *_joined("data", [data_words(one) for one in filters.data or ()], filters.data_logical_operator),
        *_joined("expressions", [_expr(one) for one in filters.exprs or ()], filters.expr_logical_operator),
        *((_branch(_context(filters.context)),) if filters.context else ()),
        *((_branch(_time(filters.time)),) if filters.time else ()),
        *((_branch(f"a Lua script of {_lines(filters.script)} returns true"),) if filters.script else ()),
    ]
    changed = _transform(dependency.transform) if dependency.transform else ()
    if len(parts) < 2:
        return (*changed, *parts)
    return (*changed, _branch(_operator(dependency.filters_logical_operator)), *parts)


def _joined(what: str, told: list[str], operator: str | None) -> tuple[Branch, ...]:
    if len(told) < 2:
        return tuple(_branch(one) for one in told)
    head = f"{what}: {_operator(operator)}"
    return (Branch(text=head, branches=tuple(_branch(one) for one in told)),)


def _operator(operator: str | None) -> str:
    return "any one of these is enough" if operator == "or" else "all of these"


def _branch(text: str) -> Branch:
    return Branch(text=shortened(text, 2 * _LONGEST))


def data_words(one: DataFilter) -> str:
    """Say what a data filter compares; several values mean any of them."""
    path, values = one.path or "?", one.value or []
    if one.template:
        path = f"{shortened(one.template, _LONGEST)} over {path}"
    if not values:
        return f"{path}: names no value, so every event is thrown away"
    named = " or ".join(shortened(value, _LONGEST) for value in values)
    comparator = one.comparator or "="
    if one.type == "bool":
        ignored = f" (its comparator {comparator} is not looked at)" if comparator != "=" else ""
        return f"{path} is {named}{ignored}"
    if one.type == "number":
        return f"{path} {comparator} {named}"
    if one.type == "string":
        return _text(path, comparator, values, named)
    return f"{path}: its type {one.type or 'is missing'} is not known, so every event is thrown away"


def _text(path: str, comparator: str, values: list[str], named: str) -> str:
    """Say how a text is compared: as a regular expression that fits anywhere unless it is anchored."""
    if comparator not in ("=", "!="):
        return f"{path} {comparator} {named}: texts are not compared so, no event passes"
    loose = any(not (value.startswith("^") and value.endswith("$")) for value in values)
    note = " (anywhere in it: no ^…$ around the pattern)" if loose else ""
    return f"{path} {'matches' if comparator == '=' else 'does not match'} {named}{note}"


def _expr(one: ExprFilter) -> str:
    expr = shortened(one.expr or "?", _LONGEST)
    named = ", ".join(f"{field.name or '?'} = {field.path or '?'}" for field in one.fields or ())
    return f"{expr}, where {named}" if named else f"{expr}: names no field, so it is never looked at"


def _context(one: ContextFilter) -> str:
    wanted = {
        "type": one.type,
        "subject": one.subject,
        "source": one.source,
        "content type": one.datacontenttype,
    }
    named = ", ".join(f"{name} is {value}" for name, value in wanted.items() if value)
    return f"the event's {named}" if named else "the event's context: names nothing, so all pass"


def _time(one: TimeFilter) -> str:
    start, stop = one.start or "?", one.stop or "?"
    overnight = " of the next day" if start >= stop else ""
    return f"it came from {start} until before {stop}{overnight}, {one.timezone or 'UTC'}"


def _transform(one: Transform) -> tuple[Branch, ...]:
    told = (
        *((f"first changed by jq {shortened(one.jq, _LONGEST)}",) if one.jq else ()),
        *((f"first changed by a Lua script of {_lines(one.script)}",) if one.script else ()),
    )
    return tuple(_branch(text) for text in told)


def _lines(script: str) -> str:
    return counted(len(script.strip().splitlines()) or 1, "line")
