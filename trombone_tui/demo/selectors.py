"""Label and field selectors, in the syntax of the API server."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from trombone_tui.demo.errors import bad_request
from trombone_tui.demo.records import Record
from trombone_tui.demo.resources import Resource

_SET = re.compile(r"\s*(?P<key>[^\s!=,()<>]+)\s+(?P<op>in|notin)\s*\((?P<values>[^)]*)\)\s*")
_EQUAL = re.compile(r"\s*(?P<key>[^\s!=,()<>]+)\s*(?P<op>==|!=|=)\s*(?P<value>[^\s!=,()<>]*)\s*")
_ORDER = re.compile(r"\s*(?P<key>[^\s!=,()<>]+)\s*(?P<op>[<>])\s*(?P<value>-?\d+)\s*")
_EXISTS = re.compile(r"\s*(?P<not>!?)\s*(?P<key>[^\s!=,()<>]+)\s*")

_METADATA = frozenset({"metadata.name", "metadata.namespace"})
_FIELDS: Mapping[str, frozenset[str]] = {
    "pods": frozenset({"spec.nodeName", "status.phase", "status.podIP", "spec.restartPolicy"}),
    "namespaces": frozenset({"status.phase"}),
    "secrets": frozenset({"type"}),
    "jobs.batch": frozenset({"status.successful"}),
    "replicasets.apps": frozenset({"status.replicas"}),
    "events": frozenset(
        {
            *(f"involvedObject.{field}" for field in ("kind", "namespace", "name", "uid", "apiVersion")),
            *("involvedObject.resourceVersion", "involvedObject.fieldPath"),
            *("reason", "reportingComponent", "source", "type"),
        }
    ),
}

Test = Callable[[Record], bool]


@dataclass(frozen=True, slots=True)
class Selection:
    """What a list or watch is limited to."""

    tests: tuple[Test, ...] = ()
    name: str = ""
    """The one name asked for by ``metadata.name=``; access rules for names apply to it."""

    def __call__(self, record: Record) -> bool:
        """Say whether an object is meant."""
        return all(test(record) for test in self.tests)


def selection(resource: Resource, params: Mapping[str, str]) -> Selection:
    """Read ``labelSelector`` and ``fieldSelector``.

    Raises:
        ApiError: 400, a selector can't be read or names a field the kind has no index of.
    """
    labels, fields = params.get("labelSelector", ""), params.get("fieldSelector", "")
    requirements = [_requirement(resource, one) for one in fields.split(",") if one]
    tests = [*label_tests(labels), *(_field_test(*one) for one in requirements)]
    names = [value for field, value, wanted in requirements if wanted and field == "metadata.name"]
    return Selection(tuple(tests), names[0] if names else "")


def label_tests(text: str) -> list[Test]:
    """Read a label selector: ``a=b``, ``a!=b``, ``a in (b,c)``, ``a notin (b)``, ``a``, ``!a``."""
    tests: list[Test] = []
    at = 0
    while at < len(text):
        for pattern, make in _SYNTAX:
            found = pattern.match(text, at)
            if found and (found.end() == len(text) or text[found.end()] == ","):
                tests.append(make(found))
                at = found.end() + 1
                break
        else:
            raise bad_request(f'unable to parse requirement: found "{text[at:]}", expected: identifier')
    return tests


def _set_test(found: re.Match[str]) -> Test:
    key, wanted = found["key"], found["op"] == "in"
    values = {value.strip() for value in found["values"].split(",")}
    if wanted:
        return lambda record: record.labels.get(key) in values
    return lambda record: record.labels.get(key) not in values


def _equal_test(found: re.Match[str]) -> Test:
    key, value = found["key"], found["value"]
    if found["op"] == "!=":
        return lambda record: record.labels.get(key) != value
    return lambda record: record.labels.get(key) == value


def _exists_test(found: re.Match[str]) -> Test:
    key, wanted = found["key"], not found["not"]
    return lambda record: (key in record.labels) is wanted


def _order_test(found: re.Match[str]) -> Test:
    key, bound, above = found["key"], int(found["value"]), found["op"] == ">"

    def test(record: Record) -> bool:
        value = record.labels.get(key, "")
        number = int(value) if value.lstrip("-").isdigit() else None
        return number is not None and (number > bound if above else number < bound)

    return test


_SYNTAX = ((_SET, _set_test), (_EQUAL, _equal_test), (_ORDER, _order_test), (_EXISTS, _exists_test))


def _requirement(resource: Resource, text: str) -> tuple[str, str, bool]:
    field, operator, value = text.partition("!=" if "!=" in text else "==" if "==" in text else "=")
    if not operator:
        raise bad_request(f"invalid selector: '{text}'; can't understand '{text}'")
    if field not in _METADATA and field not in _FIELDS.get(resource.name, ()):
        raise bad_request(f"field label not supported: {field}")
    return field, value, operator != "!="


def _field_test(field: str, value: str, wanted: bool) -> Test:
    if field == "metadata.name":
        return lambda record: (record.name == value) is wanted
    if field == "metadata.namespace":
        return lambda record: (record.namespace == value) is wanted
    return lambda record: (_value(record, field) == value) is wanted


def _value(record: Record, field: str) -> str:
    first, *rest = field.split(".")
    value: Any = record.section(first)
    if field == "source":
        rest = ["component"]
    for part in rest:
        value = value.get(part) if isinstance(value, dict) else None
    return "" if value is None else str(value)
