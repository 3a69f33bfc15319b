"""What differs between a live object and what was applied: only what was asked for counts.

The API server adds defaults, controllers add status: what the applied object does not name is no
difference. Values that may be secrets are never said.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import msgspec

from trombone_tui.core.masking import LAST_APPLIED
from trombone_tui.core.objects.phrases import one_line, shortened
from trombone_tui.core.objects.raw import text

"""Where a client-side apply leaves what it applied; a server-side apply leaves nothing like it."""
_BOOKKEEPING = frozenset(
    {"creationTimestamp", "generation", "managedFields", "resourceVersion", "selfLink", "uid"}
)
_HIDDEN = re.compile(r"pass(word|wd)?\b|secret|token|credential|api[-_]?key|private[-_]?key", re.IGNORECASE)
_MASK = "(hidden)"
_ABSENT = object()
_DEEPEST = 40
_SIZE = 60
_QUANTITY = re.compile(r"([0-9]+(?:\.[0-9]*)?|\.[0-9]+)(m|k|M|G|T|P|Ki|Mi|Gi|Ti|Pi)?", re.ASCII)
_UNITS = {
    "m": 1e-3, "": 1.0, "k": 1e3, "M": 1e6, "G": 1e9, "T": 1e12, "P": 1e15,
    "Ki": 2.0**10, "Mi": 2.0**20, "Gi": 2.0**30, "Ti": 2.0**40, "Pi": 2.0**50,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Difference:
    """One place where both differ; None where one side has nothing there."""

    path: str
    live: str | None
    desired: str | None

    @property
    def words(self) -> str:
        """Say it in a line: ``spec.replicas: 3 live, 5 desired``."""
        live = "nothing live" if self.live is None else f"{self.live} live"
        desired = "nothing desired" if self.desired is None else f"{self.desired} desired"
        return f"{self.path}: {live}, {desired}"


def applied(live: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """Return what was last applied, where the object carries it."""
    written = text(live, "metadata", "annotations", LAST_APPLIED)
    if not written:
        return None
    try:
        found = msgspec.json.decode(written)
    except (msgspec.MsgspecError, RecursionError):
        return None
    return found if isinstance(found, dict) else None


def differences(live: Mapping[str, Any], desired: Mapping[str, Any]) -> tuple[Difference, ...]:
    """Compare a live object with what was applied."""
    secret = live.get("kind") == "Secret" or desired.get("kind") == "Secret"
    found: list[Difference] = []
    live, desired = _without_bookkeeping(live), _without_bookkeeping(desired)
    for key, wanted in desired.items():
        if key == "status" or (secret and key == "stringData"):
            continue
        found.extend(_compare(key, live.get(key, _ABSENT), wanted, secret and key == "data", _DEEPEST))
    return tuple(found)


def _without_bookkeeping(obj: Mapping[str, Any]) -> Mapping[str, Any]:
    metadata = obj.get("metadata")
    if not isinstance(metadata, Mapping):
        return obj
    kept = {key: value for key, value in metadata.items() if key not in _BOOKKEEPING}
    annotations = kept.get("annotations")
    if isinstance(annotations, Mapping):
        kept["annotations"] = {key: value for key, value in annotations.items() if key != LAST_APPLIED}
    return {**obj, "metadata": kept}


def _compare(path: str, live: Any, desired: Any, hidden: bool, deeper: int) -> Iterator[Difference]:
    if _equal(live, desired):
        return
    if isinstance(live, Mapping) and isinstance(desired, Mapping) and deeper:
        for key, wanted in desired.items():
            hide = hidden or bool(_HIDDEN.search(str(key)))
            yield from _compare(_below(path, str(key)), live.get(key, _ABSENT), wanted, hide, deeper - 1)
    elif _is_list(live) and _is_list(desired) and deeper:
        yield from _compare_lists(path, live, desired, hidden, deeper - 1)
    else:
        yield Difference(path, _written(live, hidden), _written(desired, hidden))


def _compare_lists(
    path: str, live: Sequence[Any], desired: Sequence[Any], hidden: bool, deeper: int
) -> Iterator[Difference]:
    here, there = _by_name(live), _by_name(desired)
    if here is None or there is None:
        here = {str(place): value for place, value in enumerate(live)}
        there = {str(place): value for place, value in enumerate(desired)}
    for name in dict.fromkeys((*there, *here)):
        hide = hidden or bool(_HIDDEN.search(name))
        at = f"{path}[{name}]"
        if name not in there:
            yield Difference(at, _written(here[name], hide), None)
        else:
            yield from _compare(at, here.get(name, _ABSENT), there[name], hide, deeper)


def _by_name(items: Sequence[Any]) -> dict[str, Any] | None:
    """Index entries by name, as containers and ports have one; None where that does not tell them apart."""
    named = {str(one["name"]): one for one in items if isinstance(one, Mapping) and one.get("name")}
    return named if len(named) == len(items) else None


def _is_list(value: Any) -> bool:
    return isinstance(value, Sequence) and not isinstance(value, str)


def _equal(live: Any, desired: Any) -> bool:
    """Whether both mean the same: an empty value is as good as none, ``1000m`` is ``1``."""
    if live is _ABSENT or live is None:
        return desired is None or desired in ("", 0, False) or desired == [] or desired == {}
    if live == desired:
        return True
    first, second = _quantity(live), _quantity(desired)
    return first is not None and first == second


def _quantity(value: Any) -> float | None:
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return None
    found = _QUANTITY.fullmatch(str(value)) if len(str(value)) < 30 else None
    return round(float(found[1]) * _UNITS[found[2] or ""], 6) if found else None


def _below(path: str, key: str) -> str:
    return f"{path}[{key}]" if "." in key or "/" in key else f"{path}.{key}"


def _written(value: Any, hidden: bool) -> str | None:
    if value is _ABSENT:
        return None
    if hidden:
        return _MASK
    value = _masked(value)
    text = value if isinstance(value, str) else _json(value)
    return shortened(one_line(text), _SIZE) or '""'


def _masked(value: Any, deeper: int = _DEEPEST) -> Any:
    """Hide what may be secret inside of a value."""
    if not deeper:
        return "…"
    if isinstance(value, Mapping):
        secret = bool(_HIDDEN.search(str(value.get("name", ""))))
        return {
            key: _MASK
            if _HIDDEN.search(str(key)) or (secret and key == "value")
            else _masked(one, deeper - 1)
            for key, one in value.items()
        }
    return [_masked(one, deeper - 1) for one in value] if _is_list(value) else value


def _json(value: Any) -> str:
    return msgspec.json.encode(value).decode()
