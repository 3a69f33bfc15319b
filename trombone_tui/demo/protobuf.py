"""Reads the few protobuf messages kubectl sends: reviews, as ``application/vnd.kubernetes.protobuf``.

Field numbers: ``k8s.io/api/authorization/v1/generated.proto``, ``apimachinery/pkg/runtime/generated.proto``.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from trombone_tui.demo.errors import bad_request, unsupported_media
from trombone_tui.demo.records import Object

CONTENT_TYPE = "application/vnd.kubernetes.protobuf"
_MAGIC = b"k8s\x00"

Shape = Mapping[int, tuple[str, "Shape | None"]]
"""Fields by number: a name, and the shape of a message; None for a text."""

_RESOURCE: Shape = {
    number: (name, None)
    for number, name in enumerate(
        ("namespace", "verb", "group", "version", "resource", "subresource", "name"), start=1
    )
}
_SHAPES: Mapping[str, Shape] = {
    "SelfSubjectAccessReview": {
        2: (
            "spec",
            {
                1: ("resourceAttributes", _RESOURCE),
                2: ("nonResourceAttributes", {1: ("path", None), 2: ("verb", None)}),
            },
        )
    },
    "SelfSubjectRulesReview": {2: ("spec", {1: ("namespace", None)})},
    "SelfSubjectReview": {},
}
_UNKNOWN: Shape = {1: ("typeMeta", {1: ("apiVersion", None), 2: ("kind", None)})}


def decode(body: bytes) -> Object:
    """Return a review as JSON has it.

    Raises:
        ApiError: 400, it is no protobuf; 415, it is no review.
    """
    try:
        if not body.startswith(_MAGIC):
            raise ValueError("no magic bytes")
        envelope = body[len(_MAGIC) :]
        about: Object = _message(envelope, _UNKNOWN)["typeMeta"]
        raw = next((value for number, value in _fields(envelope) if number == 2), b"")
        shape = _SHAPES.get(about["kind"])
        if shape is not None:
            return about | _message(raw, shape)
    except (ValueError, KeyError, IndexError) as error:
        raise bad_request(f"the body of the request can't be read as protobuf: {error}") from error
    raise unsupported_media(
        f"a {about['kind']} is taken as JSON or YAML only, not as protobuf: write it with kubectl apply -f"
    )


def _message(data: bytes, shape: Shape) -> dict[str, Any]:
    result: dict[str, Any] = {}
    for number, value in _fields(data):
        if number in shape:
            name, inner = shape[number]
            result[name] = value.decode() if inner is None else _message(value, inner)
    return result


def _fields(data: bytes) -> Iterator[tuple[int, bytes]]:
    """Yield the length-delimited fields of a message; numbers among them are passed over."""
    at = 0
    while at < len(data):
        tag, at = _varint(data, at)
        number, wire = tag >> 3, tag & 7
        if wire == 0:
            _, at = _varint(data, at)
        elif wire == 2:
            length, at = _varint(data, at)
            if at + length > len(data):
                raise ValueError("a field is cut off")
            yield number, data[at : at + length]
            at += length
        else:
            raise ValueError(f"wire type {wire} is not expected")


def _varint(data: bytes, at: int) -> tuple[int, int]:
    value = shift = 0
    while True:
        byte = data[at]
        value |= (byte & 0x7F) << shift
        shift, at = shift + 7, at + 1
        if byte < 0x80:
            return value, at
