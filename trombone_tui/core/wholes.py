"""What every stage's verbs do with an object as the API server has it: read it, change it, judge it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import UTC, datetime
from typing import Any, TypeVar

import msgspec

from trombone_tui.core.objects.basics import Kind, Meta, Object, Ref
from trombone_tui.core.objects.marks import TOUCHED
from trombone_tui.core.ports import Refused
from trombone_tui.core.writes import Judge, Seen, Sight, Whole, Write

ObjectT = TypeVar("ObjectT", bound=Object)


def typed(
    whole: Whole, shape: type[ObjectT], *, what: str = "it", advice: str = "look at it as YAML"
) -> ObjectT:
    """Read plain JSON as an object.

    Raises:
        Refused: it does not fit; the message names the field.
    """
    try:
        return msgspec.convert(whole, type=shape)
    except (msgspec.ValidationError, RecursionError) as error:
        raise Refused(f"{what} can't be read: {error}", advice=advice) from error


def if_typed(whole: Whole, shape: type[ObjectT]) -> ObjectT | None:
    """Read plain JSON as an object; None where it does not fit."""
    try:
        return typed(whole, shape)
    except Refused:
        return None


def all_typed(wholes: Iterable[Whole], shape: type[ObjectT]) -> Iterator[ObjectT]:
    """Read plain JSON as objects; those that do not fit are left out."""
    for whole in wholes:
        found = if_typed(whole, shape)
        if found is not None:
            yield found


def planned(ref: Ref, whole: Whole, shape: type[ObjectT]) -> ObjectT:
    """Read the object that something is to be planned for, whose row has named the field that does not fit.

    Raises:
        Refused: it does not fit.
    """
    found = if_typed(whole, shape)
    if found is None:
        raise Refused(
            f"{ref} holds what no {ref.kind} should, so nothing is planned for it",
            advice="look at its YAML; its row names the field",
        )
    return found


def patch(
    kind: Kind,
    of: Ref | Meta,
    body: Mapping[str, Any],
    title: str,
    *,
    subresource: str = "",
    instead: Write | None = None,
    after: float = 0.0,
) -> Write:
    """Change an object by a merge patch: applying would drop whatever it leaves out."""
    return Write(
        method="PATCH",
        kind=kind,
        namespace=of.namespace,
        name=of.name,
        subresource=subresource,
        body=dict(body),
        title=title,
        instead=instead,
        after=after,
    )


def touch(kind: Kind, of: Ref | Meta, now: datetime) -> Write:
    """Change an annotation that nobody reads: the controller drops its stale copy and looks again."""
    body = {"metadata": {"annotations": {TOUCHED: now.astimezone(UTC).isoformat()}}}
    return patch(kind, of, body, "touch it, so that its controller looks again")


def judging(kind: Kind, shape: type[ObjectT], look: Callable[[ObjectT, Whole], Sight]) -> Judge:
    """Have raw objects looked at, typed and as they are: one that is gone or can't be read proves nothing."""

    def judge(whole: Whole | None) -> Sight:
        if whole is None:
            return Sight(Seen.FAILED, f"the {kind.name} was deleted")
        found = if_typed(whole, shape)
        if found is None:
            return Sight(Seen.NOT_YET, f"the {kind.name} can't be read")
        return look(found, whole)

    return judge
