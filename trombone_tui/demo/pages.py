"""Lists in pages: a page is of the state the first one was of, or 410 when that is forgotten."""

from __future__ import annotations

import base64
import binascii
from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import msgspec

from trombone_tui.demo.errors import ApiError, bad_request, invalid
from trombone_tui.demo.records import Record
from trombone_tui.demo.store import Store

_KEPT = 32
"""States kept for pages to come; a page of an older one gets 410."""
_MATCH = "resourceVersionMatch"
_TOO_OLD = (
    "The provided continue parameter is too old to display a consistent list result. You can start a new "
    "list without the continue parameter, or use the continue token in this response to retrieve the "
    "remainder of the results. Continuing with the provided token results in an inconsistent list - "
    "objects that were created, modified, or deleted between the time the first chunk was returned and "
    "now may show up in the list."
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """Objects and the ``metadata`` of the list they are in."""

    records: Sequence[Record]
    version: int
    token: str = ""
    remaining: int | None = None
    spelt_out: bool = False
    """Whether an empty ``continue`` is written, as lists of custom resources do."""

    @property
    def metadata(self) -> dict[str, Any]:
        """The list's ``metadata``."""
        metadata: dict[str, Any] = {"resourceVersion": str(self.version)}
        if self.token or self.spelt_out:
            metadata["continue"] = self.token
        if self.remaining:
            metadata["remainingItemCount"] = self.remaining
        return metadata


class Pages:
    """Lists the objects of a store, and remembers the states that are being paged through."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._states: OrderedDict[tuple[str, int], Sequence[Record]] = OrderedDict()

    def list(
        self,
        resource: str,
        namespace: str | None,
        params: Mapping[str, str],
        chosen: Callable[[Record], bool] | None,
    ) -> Page:
        """Return a page, or all; ``chosen`` None means every object.

        Raises:
            ApiError: 410, the state the page is of is forgotten; 400 and 422, parameters that make no
                sense; 504, a resourceVersion that does not exist yet.
        """
        limit = _number("limit", params.get("limit", ""))
        if token := params.get("continue", ""):
            if params.get("resourceVersion", "0") != "0":
                raise bad_request("specifying resource version is not allowed when using continue")
            version, start = _read(token)
            if version > 0:
                records = self._state(resource, version, start)
            else:
                version, records = self._store.version, self._store.records(resource)
        else:
            start = ("", "")
            version = self._version(params)
            records = self._state(resource, version, start)
        meant = [
            one
            for one in records
            if one.key > start
            and (namespace is None or one.namespace == namespace)
            and (not chosen or chosen(one))
        ]
        if not limit or len(meant) <= limit:
            return Page(records=meant, version=version)
        self._keep(resource, version, records)
        return Page(
            records=meant[:limit],
            version=version,
            token=_write(version, meant[limit - 1].key),
            remaining=None if chosen else len(meant) - limit,
        )

    def _version(self, params: Mapping[str, str]) -> int:
        check_match(params, watch=False)
        asked = _number("resourceVersion", params.get("resourceVersion", ""))
        now = self._store.version
        if asked > now:
            raise too_large(asked, now)
        return asked if asked and params.get("resourceVersionMatch") == "Exact" else now

    def _state(self, resource: str, version: int, start: tuple[str, str]) -> Sequence[Record]:
        if version == self._store.version:
            return self._store.records(resource)
        kept = self._states.get((resource, version))
        if kept is None or version <= self._store.compacted:
            error = ApiError(410, "Expired", _TOO_OLD)
            error.metadata = {"continue": _write(-1, start)}
            raise error
        return kept

    def _keep(self, resource: str, version: int, records: Sequence[Record]) -> None:
        self._states[resource, version] = records
        self._states.move_to_end((resource, version))
        while len(self._states) > _KEPT:
            self._states.popitem(last=False)


def check_match(params: Mapping[str, str], *, watch: bool) -> None:
    """Refuse combinations of ``resourceVersionMatch`` that the API server refuses (422)."""
    match, version = params.get("resourceVersionMatch", ""), params.get("resourceVersion", "")
    initial = params.get("sendInitialEvents", "")
    causes = []
    if initial and watch and match != "NotOlderThan":
        causes.append(
            _forbidden(_MATCH, "sendInitialEvents requires setting resourceVersionMatch to NotOlderThan")
        )
    elif match and watch and not initial:
        why = "resourceVersionMatch is forbidden for watch unless sendInitialEvents is provided"
        causes.append(_forbidden(_MATCH, why))
    elif match and not watch and not version:
        causes.append(
            _forbidden(_MATCH, "resourceVersionMatch is forbidden unless resourceVersion is provided")
        )
    elif match == "Exact" and version == "0":
        why = 'resourceVersionMatch "exact" is forbidden for resourceVersion "0"'
        causes.append(_forbidden(_MATCH, why))
    elif match and match not in ("Exact", "NotOlderThan"):
        why = f'Unsupported value: "{match}": supported values: "Exact", "NotOlderThan", ""'
        causes.append(("FieldValueNotSupported", _MATCH, why))
    if initial and not watch:
        causes.append(_forbidden("sendInitialEvents", "sendInitialEvents is forbidden for list"))
    if causes:
        raise invalid("ListOptions", "meta.k8s.io", "", causes)


def _forbidden(field: str, why: str) -> tuple[str, str, str]:
    return ("FieldValueForbidden", field, f"Forbidden: {why}")


def too_large(asked: int, now: int) -> ApiError:
    """Say that a resourceVersion does not exist yet (504)."""
    details = {
        "causes": [{"reason": "ResourceVersionTooLarge", "message": "Too large resource version"}],
        "retryAfterSeconds": 1,
    }
    return ApiError(504, "Timeout", f"Timeout: Too large resource version: {asked}, current: {now}", details)


def _number(name: str, text: str) -> int:
    if text and not text.isdigit():
        raise bad_request(f'{name}: Invalid value: "{text}": strconv.ParseUint: invalid syntax')
    return int(text or 0)


class _Token(msgspec.Struct):
    rv: int
    namespace: str
    name: str


def _write(version: int, key: tuple[str, str]) -> str:
    return base64.urlsafe_b64encode(msgspec.json.encode(_Token(version, *key))).decode().rstrip("=")


def _read(text: str) -> tuple[int, tuple[str, str]]:
    try:
        token = msgspec.json.decode(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)), type=_Token)
    except (binascii.Error, msgspec.DecodeError, ValueError) as error:
        raise bad_request(f"invalid continue token: continue key is not valid: {error}") from error
    return token.rv, (token.namespace, token.name)
