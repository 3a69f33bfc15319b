"""The embedded cluster's memory: every object, its resourceVersion, and who wants to know of changes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from trombone_tui.demo.changes import History
from trombone_tui.demo.clock import Clock
from trombone_tui.demo.errors import ApiError, already_exists
from trombone_tui.demo.isolation import isolated, moved_on, newborn, whole
from trombone_tui.demo.ledger import Ledger, Listener
from trombone_tui.demo.metadata import (
    Identities,
    Writer,
    check_metadata,
    check_shape,
    managed,
    new_metadata,
    theirs,
)
from trombone_tui.demo.owners import orphaned
from trombone_tui.demo.ownership import applied
from trombone_tui.demo.patches import APPLY, apply_patch, check_type
from trombone_tui.demo.preconditions import check_meant, check_same, check_state
from trombone_tui.demo.records import Object, Record, others, record
from trombone_tui.demo.resources import RESOURCES, Resource
from trombone_tui.demo.shelf import Shelf

__all__ = ["ApiError", "Listener", "Store", "Writer"]

STORY = Writer()
"""Who writes when nobody is named."""
COLLECTOR = Writer("kube-controller-manager")
Objects = list[Object]


class Store:
    """Objects by kind, namespace and name, with the API server's rules for writing them.

    Kinds are named as RBAC does: ``workflows.argoproj.io``, ``pods``. What is returned is a copy. A
    namespaced object without a namespace is in ``default``. Refusals are raised as ``ApiError``.
    """

    def __init__(
        self,
        clock: Clock,
        *,
        history: int = 10_000,
        seed: int = 0,
    ) -> None:
        self.clock = clock
        self._ids = Identities(seed)
        self._ledger = Ledger(RESOURCES, history)

    @property
    def version(self) -> int:
        """The newest resourceVersion given out."""
        return self._ledger.version

    @property
    def compacted(self) -> int:
        """The resourceVersion up to which old states are forgotten everywhere."""
        return self._ledger.compacted

    @property
    def resources(self) -> Sequence[Resource]:
        """The kinds that are installed."""
        return self._ledger.resources

    def on_change(self, listener: Listener, resources: Iterable[str] = ()) -> None:
        """Call the listener at every change, or at those of some kinds; it may write in turn."""
        self._ledger.listen(listener, resources)

    def create(
        self,
        resource: str,
        obj: Mapping[str, Any],
        *,
        by: Writer = STORY,
    ) -> Object:
        """Store a new object; ``status`` is dropped where it is a subresource, as the real server does."""
        shelf = self._ledger.shelf(resource)
        kind = shelf.resource
        check_shape(kind, obj)
        given = dict(obj.get("metadata") or {})
        if given.get("resourceVersion"):
            raise ApiError(500, "", "resourceVersion should not be set on objects to be created")
        if not given.get("name") and given.get("generateName"):
            given["name"] = given["generateName"] + self._ids.suffix()
        check_metadata(kind, given)
        metadata = new_metadata(kind, given, self._ids, self.clock)
        if shelf.find(metadata.get("namespace", ""), given["name"]):
            raise already_exists(kind.plural, kind.group, given["name"])
        sections = newborn(kind, dict(obj))
        entry = {"time": self.clock.stamp()}
        metadata["managedFields"] = (
            given["managedFields"] if by.operation == "Apply" else managed(kind, (), sections, by, entry)
        )
        return self._commit(shelf, metadata, sections, by).object()

    def put(self, resource: str, obj: Mapping[str, Any]) -> Object:
        """Store an object whole, ``status`` and all, whether it is there or not.

        For what plays the cluster's part: identity and times that the object brings along are kept.
        """
        shelf = self._ledger.shelf(resource)
        kind = shelf.resource
        given = obj["metadata"]
        metadata = new_metadata(kind, given, self._ids, self.clock)
        old = shelf.find(metadata.get("namespace", ""), given["name"])
        was: Object = old.section("metadata") if old else {}
        for key in ("uid", "creationTimestamp", "generation", "deletionTimestamp", "managedFields"):
            if value := given.get(key, was.get(key)):
                metadata[key] = value
        sections = whole(kind, obj)
        if old is not None and sections == others(old) and metadata == _unversioned(was):
            return old.object()
        return self._ledger.commit(shelf, metadata, sections).object()

    def place(self, resource: str, metadata: Object, sections: Mapping[str, bytes]) -> None:
        """Store a complete object whose other parts are JSON already, and tell no listener.

        For very many objects at once; ``metadata`` gets a resourceVersion.
        """
        shelf = self._ledger.shelf(resource)
        self._ledger.place(shelf, metadata, sections)

    def get(self, resource: str, namespace: str | None, name: str) -> Object:
        """Return an object."""
        return self.record(resource, namespace, name).object()

    def list(self, resource: str, namespace: str | None = None) -> Objects:
        """Return the objects of a namespace or of all, ordered by namespace and name."""
        return [one.object() for one in self.records(resource, namespace)]

    def record(self, resource: str, namespace: str | None, name: str) -> Record:
        """Return an object as it is kept: serialised."""
        return self._ledger.shelf(resource).get(namespace or "", name)

    def records(self, resource: str, namespace: str | None = None) -> Sequence[Record]:
        """Return objects as they are kept: serialised."""
        return self._ledger.shelf(resource).list(namespace)

    def history(self, resource: str) -> History:
        """Return the changes of a kind."""
        return self._ledger.shelf(resource).history

    def update(
        self,
        resource: str,
        obj: Mapping[str, Any],
        *,
        subresource: str | None = None,
        by: Writer = STORY,
    ) -> Object:
        """Replace an object, or its ``status`` alone; what changes nothing is not stored.

        ``metadata.uid`` and ``metadata.resourceVersion`` are preconditions where they are given.
        """
        return self.write(resource, obj, subresource=subresource, by=by).object()

    def write(
        self,
        resource: str,
        obj: Mapping[str, Any],
        *,
        subresource: str | None = None,
        by: Writer = STORY,
    ) -> Record:
        """Do what ``update`` does, and return the object as it is kept."""
        shelf = self._ledger.shelf(resource)
        kind = shelf.resource
        check_shape(kind, obj)
        given = obj.get("metadata") or {}
        old = shelf.get(given.get("namespace") or "default", given.get("name", ""))
        check_state(kind, old, given.get("uid"), given.get("resourceVersion"))
        was = old.section("metadata")
        users = theirs(was)
        metadata = {key: value for key, value in was.items() if key not in users}
        metadata |= users if subresource else theirs(given)
        if not subresource:
            check_metadata(kind, metadata)
        sections = isolated(kind, old, obj, subresource)
        applies = by.operation == "Apply"
        if applies:
            metadata["managedFields"] = given["managedFields"]
        if metadata == was and sections == others(old):
            return old
        if "generation" in metadata and moved_on(kind, old, sections):
            metadata["generation"] += 1
        entry = {"time": self.clock.stamp()} | ({"subresource": subresource} if subresource else {})
        fields = [subresource] if subresource else sections
        if not applies:
            metadata["managedFields"] = managed(kind, was.get("managedFields") or (), fields, by, entry)
        if metadata.get("deletionTimestamp") and not metadata.get("finalizers") and not by.dry_run:
            self._remove(shelf, old)
            return record(metadata, sections)
        return self._commit(shelf, metadata, sections, by)

    def patch(
        self,
        resource: str,
        namespace: str | None,
        name: str,
        patch: Any,
        *,
        content_type: str,
        subresource: str | None = None,
        by: Writer = STORY,
    ) -> Object:
        """Change an object by a patch of one of the types in ``patches.py``; apply creates it if need be."""
        shelf = self._ledger.shelf(resource)
        check_type(content_type, strategic=shelf.resource.strategic_merge)
        old = shelf.find(namespace or "", name)
        if content_type == APPLY:
            live = old.object() if old else None
            new = applied(shelf.resource, live, patch, by, self.clock.stamp(), subresource)
            if live is None and not subresource:
                about = {"namespace": namespace, "name": name}
                return self.create(resource, new | {"metadata": new["metadata"] | about}, by=by)
        else:
            new = apply_patch(content_type, shelf.get(namespace or "", name).object(), patch)
        old = shelf.get(namespace or "", name)
        check_same(shelf.resource, old, new)
        return self.update(resource, new, subresource=subresource, by=by)

    def delete(
        self,
        resource: str,
        namespace: str | None,
        name: str,
        *,
        uid: str | None = None,
        version: str | None = None,
        propagation: str = "Background",
        dry_run: bool = False,
    ) -> Object:
        """Delete an object and, unless ``propagation`` is Orphan, what it owns.

        With finalizers it stays, with a ``deletionTimestamp``, until they are gone. Returns the object
        as it was last.
        """
        shelf = self._ledger.shelf(resource)
        kind = shelf.resource
        old = shelf.get(namespace or "", name)
        check_meant(kind, old, uid, version)
        metadata = old.section("metadata")
        if dry_run:
            return old.object()
        if metadata.get("finalizers"):
            if metadata.get("deletionTimestamp"):
                return old.object()
            metadata |= {"deletionTimestamp": self.clock.stamp(), "deletionGracePeriodSeconds": 0}
            if "generation" in metadata:
                metadata["generation"] += 1
            return self._ledger.commit(shelf, metadata, others(old)).object()
        self._remove(shelf, old, orphan=propagation == "Orphan")
        return old.object()

    def uninstall(self, resource: str) -> None:
        """Remove a kind with all its objects: watches end, its paths answer 404, discovery lacks it."""
        shelf = self._ledger.shelf(resource)
        for one in shelf.list():
            if shelf.find(*one.key):
                self._remove(shelf, one)
        self._ledger.take_out(resource)
        definitions = self._ledger.find("customresourcedefinitions.apiextensions.k8s.io")
        definition = definitions.find("", resource) if definitions else None
        if definitions and definition:
            self._remove(definitions, definition)

    def install(self, resource: Resource) -> None:
        """Serve a kind, empty; nothing happens if it is served already."""
        self._ledger.put_in(resource)

    def compact(self) -> None:
        """Forget all older states: watches and continued lists from them get 410."""
        self._ledger.compact()

    def _remove(self, shelf: Shelf, old: Record, *, orphan: bool = False) -> None:
        """Remove an object, and do the garbage collector's work: what it owned goes, or forgets it."""
        for owned in self._ledger.remove(shelf, old):
            home = self._ledger.find(owned.resource)
            child = home.find(owned.namespace, owned.name) if home else None
            if child is None:
                continue
            if orphan:
                self.update(owned.resource, orphaned(child.object(), old.uid), by=COLLECTOR)
            else:
                self.delete(owned.resource, owned.namespace, owned.name)

    def _commit(self, shelf: Shelf, metadata: Object, sections: Mapping[str, bytes], by: Writer) -> Record:
        return record(metadata, sections) if by.dry_run else self._ledger.commit(shelf, metadata, sections)


def _unversioned(metadata: Mapping[str, Any]) -> Object:
    return {key: value for key, value in metadata.items() if key != "resourceVersion"}
