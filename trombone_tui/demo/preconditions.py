"""Refuses writes that were meant for another object, or for another state of it."""

from __future__ import annotations

from trombone_tui.demo.errors import bad_request, conflict, invalid
from trombone_tui.demo.records import Object, Record
from trombone_tui.demo.resources import Resource


def check_same(kind: Resource, old: Record, patched: Object) -> None:
    """Refuse a patch that would make another object of this one (400, 422)."""
    metadata = patched.get("metadata") or {}
    name, uid = metadata.get("name", ""), metadata.get("uid", "")
    if name != old.name:
        raise bad_request(f"the name of the object ({name}) does not match the name on the URL ({old.name})")
    if metadata.get("namespace", "") != old.namespace:
        raise bad_request(
            "the namespace of the provided object does not match the namespace sent on the request"
        )
    if uid != old.uid:
        cause = ("FieldValueInvalid", "metadata.uid", f'Invalid value: "{uid}": field is immutable')
        raise invalid(kind.kind, kind.group, name, [cause])


def check_state(kind: Resource, old: Record, uid: str | None, version: str | None) -> None:
    """Refuse to touch another object, or another state, than the one that was meant (409)."""
    if uid and uid != old.uid:
        why = f"Precondition failed: UID in precondition: {uid}, UID in object meta: {old.uid}"
        raise conflict(kind.plural, kind.group, old.name, why)
    if version and version != str(old.version):
        raise conflict(kind.plural, kind.group, old.name)


def check_meant(kind: Resource, old: Record, uid: str | None, version: str | None) -> None:
    """Refuse to delete another object, or another state, than the one that was meant (409)."""
    why = ""
    if uid and uid != old.uid:
        why = (
            f"the UID in the precondition ({uid}) does not match the UID in record ({old.uid}). "
            "The object might have been deleted and then recreated"
        )
    elif version and version != str(old.version):
        why = (
            f"the ResourceVersion in the precondition ({version}) does not match the ResourceVersion in "
            f"record ({old.version}). The object might have been modified"
        )
    if why:
        raise conflict(kind.kind, kind.group, old.name, why)
