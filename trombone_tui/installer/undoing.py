"""Takes back what a run did: deletes what it created, puts back what it changed, leaves what others did."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Iterator, Mapping, Sequence
from typing import Any

from trombone_tui.core.differences import Path, changed
from trombone_tui.core.installing import Came, Deed, Progress
from trombone_tui.core.ports import Conflict, Missing, PortError, Refused
from trombone_tui.core.writes import JSON_PATCH, Whole, Write
from trombone_tui.installer.sending import Sender, words

_NOTHING: Any = object()
_LEFT = "it is left: others may have put something into it; `kubectl delete namespace {name}` deletes it"


async def undo(service: str, deeds: Sequence[Deed], sender: Sender) -> AsyncGenerator[Progress, None]:
    """Yield how far it has come, the last deed first; the last is ``DONE`` or ``STOPPED``."""
    left: list[str] = []
    for number, deed in enumerate(reversed(deeds), 1):
        came, text = await _undone(deed, sender)
        if came in (Came.REFUSED, Came.KEPT):
            left.append(str(deed.ref))
        yield Progress(
            came=came, text=text, ref=deed.ref, number=number, of=len(deeds), seconds=sender.seconds
        )
    came = Came.STOPPED if left else Came.DONE
    text = f"not taken back: {', '.join(left)}" if left else "all of it is taken back"
    text = await sender.end(service, f"undo: {came.value}", text)
    yield Progress(came=came, text=text, seconds=sender.seconds)


async def _undone(deed: Deed, sender: Sender) -> tuple[Came, str]:
    if deed.created and deed.ref.kind == "Namespace":
        return Came.KEPT, _LEFT.format(name=deed.ref.name)
    write = deletion(deed) if deed.created else _restoring(deed)
    if write is None:
        return Came.KEPT, "how it was before is not known"
    try:
        await sender.send(deed.ref, write)
    except Missing:
        return (Came.DELETED, "it was gone already") if deed.created else (Came.KEPT, "it is gone")
    except Conflict:
        return Came.KEPT, "another object of that name has taken its place"
    except Refused as error:
        if deed.created or not error.code:
            return Came.REFUSED, words(error)
        return Came.KEPT, f"somebody else has changed it since: {words(error)}"
    except PortError as error:
        return Came.REFUSED, words(error)
    return (Came.DELETED, "") if deed.created else (Came.PUT_BACK, "")


def deletion(deed: Deed) -> Write:
    """Return the request that deletes exactly the object that was made."""
    return Write(
        method="DELETE",
        kind=deed.kind,
        namespace=deed.ref.namespace,
        name=deed.ref.name,
        body={"preconditions": {"uid": deed.ref.uid}, "propagationPolicy": "Background"},
        title=f"delete {deed.ref.kind} {deed.ref.name}",
    )


def _restoring(deed: Deed) -> Write | None:
    """Return the patch that puts fields back that still are as they were put; None without a before."""
    if not deed.before:
        return None
    steps: list[dict[str, Any]] = [{"op": "test", "path": "/metadata/uid", "value": deed.ref.uid}]
    for path in dict.fromkeys(_cut(path, deed) for path in changed(deed.before, deed.after)):
        if path[:1] == ("status",):
            continue
        steps += _back(path, _at(deed.before, path), _at(deed.after, path))
    return Write(
        method="PATCH",
        kind=deed.kind,
        namespace=deed.ref.namespace,
        name=deed.ref.name,
        content=JSON_PATCH,
        body=steps,
        title=f"put back {deed.ref.kind} {deed.ref.name}",
    )


def _back(path: Path, was: Any, is_: Any) -> Iterator[dict[str, Any]]:
    pointer = "/" + "/".join(step.replace("~", "~0").replace("/", "~1") for step in path)
    if is_ is not _NOTHING:
        yield {"op": "test", "path": pointer, "value": is_}
    if was is _NOTHING:
        yield {"op": "remove", "path": pointer}
    else:
        yield {"op": "add" if is_ is _NOTHING else "replace", "path": pointer, "value": was}


def _cut(path: Path, deed: Deed) -> Path:
    """Cut a path where one of the two states has nothing any more, so that the whole part is put back."""
    for end in range(1, len(path)):
        if _NOTHING in (_at(deed.before, path[:end]), _at(deed.after, path[:end])):
            return path[:end]
    return path


def _at(whole: Whole, path: Path) -> Any:
    value: Any = whole
    for step in path:
        if isinstance(value, Mapping):
            value = value.get(step, _NOTHING)
        elif isinstance(value, list) and step.isdigit() and int(step) < len(value):
            value = value[int(step)]
        else:
            return _NOTHING
    return value
