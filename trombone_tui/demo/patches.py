"""Applies patches: RFC 7386 merge, RFC 6902 JSON patch, and simple forms of strategic merge and apply."""

from __future__ import annotations

import copy
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from trombone_tui.core.objects.raw import merged
from trombone_tui.demo.errors import ApiError, bad_request, unsupported_media
from trombone_tui.demo.records import Object

MERGE = "application/merge-patch+json"
JSON = "application/json-patch+json"
STRATEGIC = "application/strategic-merge-patch+json"
APPLY = "application/apply-patch+yaml"

_KEYS = ("name", "type", "uid", "ip", "containerPort", "port", "mountPath", "key", "topologyKey")
"""What strategic merge tells list elements apart by, in the order it is looked for."""


def check_type(content_type: str, *, strategic: bool) -> None:
    """Refuse a content type that is no patch, or not one this kind takes (415)."""
    accepted = [JSON, MERGE, *([STRATEGIC] if strategic else []), APPLY]
    if content_type not in accepted:
        raise unsupported_media(
            "the body of the request was in an unknown format - accepted media types include: "
            + ", ".join(accepted)
        )


def apply_patch(content_type: str, obj: Object, patch: Any) -> Object:
    """Return the object with the patch applied; the given one stays as it is.

    Raises:
        ApiError: 400 for a patch that is no patch, 422 for one that does not fit the object.
    """
    new = _patched(content_type, obj, patch)
    if not isinstance(new, dict):
        raise _unfit()
    return new


def _patched(content_type: str, obj: Object, patch: Any) -> Any:
    if content_type == JSON:
        if not isinstance(patch, list):
            raise bad_request("error decoding patch: json: cannot unmarshal object into a list of operations")
        return json_patch(copy.deepcopy(obj), patch)
    if not isinstance(patch, dict):
        raise bad_request(
            "error decoding patch: json: cannot unmarshal into Go value of type map[string]interface {}"
        )
    if content_type == STRATEGIC:
        return _strategic(obj, patch)
    return merged(obj, patch)


def _strategic(target: Any, patch: Any) -> Any:
    """Merge as core kinds do: lists of objects element by element, by their merge key."""
    if not isinstance(patch, dict):
        return patch
    if patch.get("$patch") == "replace":
        return {key: value for key, value in patch.items() if key != "$patch"}
    result = dict(target) if isinstance(target, dict) else {}
    for key, value in patch.items():
        if key.startswith(("$setElementOrder/", "$retainKeys")):
            continue
        if key.startswith("$deleteFromPrimitiveList/"):
            field = key.partition("/")[2]
            result[field] = [one for one in result.get(field) or () if one not in value]
        elif value is None:
            result.pop(key, None)
        elif isinstance(value, list):
            result[key] = _strategic_list(result.get(key) or [], value)
        else:
            result[key] = _strategic(result.get(key), value)
    return result


def _strategic_list(target: Sequence[Any], patch: Sequence[Any]) -> list[Any]:
    elements = [one for one in [*target, *patch] if isinstance(one, dict)]
    key = next((k for k in _KEYS if elements and all(k in one for one in elements)), None)
    if key is None:
        return list(patch)
    result = {one[key]: one for one in target}
    for one in patch:
        if one.get("$patch") == "delete":
            result.pop(one[key], None)
        else:
            result[one[key]] = _strategic(result.get(one[key], {}), one)
    return list(result.values())


def json_patch(document: Any, operations: Sequence[Any]) -> Any:
    """Apply a JSON patch to a document that may be changed.

    Raises:
        ApiError: 422, an operation does not fit, a ``test`` among them, or is none.
    """
    for operation in operations:
        if not isinstance(operation, dict) or operation.get("op") not in _OPERATIONS:
            raise _unfit()
        try:
            document = _OPERATIONS[operation["op"]](document, operation)
        except (KeyError, IndexError, ValueError, TypeError) as error:
            raise _unfit() from error
    return document


def _unfit() -> ApiError:
    return ApiError(422, "Invalid", "the server rejected our request due to an error in our request", {})


def _pointer(text: str) -> list[str]:
    if text == "":
        return []
    if not text.startswith("/"):
        raise ValueError(text)
    return [part.replace("~1", "/").replace("~0", "~") for part in text[1:].split("/")]


def _find(document: Any, path: Sequence[str]) -> Any:
    for part in path:
        document = document[_index(part, document)] if isinstance(document, list) else document[part]
    return document


def _index(part: str, sequence: Sequence[Any]) -> int:
    if not part.isdigit() or int(part) >= len(sequence):
        raise IndexError(part)
    return int(part)


def _add(document: Any, operation: Mapping[str, Any]) -> Any:
    return _put(document, _pointer(operation["path"]), copy.deepcopy(operation["value"]))


def _put(document: Any, path: Sequence[str], value: Any) -> Any:
    if not path:
        return value
    parent = _find(document, path[:-1])
    if not isinstance(parent, list):
        parent[path[-1]] = value
    elif path[-1] == "-":
        parent.append(value)
    else:
        parent.insert(len(parent) if int(path[-1]) == len(parent) else _index(path[-1], parent), value)
    return document


def _remove(document: Any, operation: Mapping[str, Any]) -> Any:
    path = _pointer(operation["path"])
    parent = _find(document, path[:-1])
    del parent[_index(path[-1], parent) if isinstance(parent, list) else path[-1]]
    return document


def _replace(document: Any, operation: Mapping[str, Any]) -> Any:
    path = _pointer(operation["path"])
    value = copy.deepcopy(operation["value"])
    if not path:
        return value
    parent = _find(document, path[:-1])
    _find(parent, path[-1:])
    parent[_index(path[-1], parent) if isinstance(parent, list) else path[-1]] = value
    return document


def _move(document: Any, operation: Mapping[str, Any]) -> Any:
    value = _find(document, _pointer(operation["from"]))
    document = _remove(document, {"path": operation["from"]})
    return _put(document, _pointer(operation["path"]), value)


def _copy(document: Any, operation: Mapping[str, Any]) -> Any:
    value = copy.deepcopy(_find(document, _pointer(operation["from"])))
    return _put(document, _pointer(operation["path"]), value)


def _test(document: Any, operation: Mapping[str, Any]) -> Any:
    if _find(document, _pointer(operation["path"])) != operation["value"]:
        raise ValueError(operation["path"])
    return document


_OPERATIONS: dict[str, Callable[[Any, Mapping[str, Any]], Any]] = {
    "add": _add,
    "remove": _remove,
    "replace": _replace,
    "move": _move,
    "copy": _copy,
    "test": _test,
}
