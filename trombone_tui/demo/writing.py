"""Answers what writes: create, update, patch, delete, deletecollection."""

from __future__ import annotations

from typing import Any

from aiohttp import web

from trombone_tui.demo.calls import Call
from trombone_tui.demo.errors import bad_request, invalid, no_such_method, not_found
from trombone_tui.demo.patches import APPLY, apply_patch, check_type
from trombone_tui.demo.reading import Reader, check_subresource
from trombone_tui.demo.records import Object, Record, encode, record, split
from trombone_tui.demo.replies import whole
from trombone_tui.demo.scale import scale_of, scaled
from trombone_tui.demo.selectors import selection
from trombone_tui.demo.store import Store


class Author:
    """Writes to a store on behalf of clients."""

    def __init__(self, store: Store, reader: Reader) -> None:
        self._store = store
        self._reader = reader

    async def create(self, call: Call) -> web.StreamResponse:
        """Create an object (201)."""
        obj = await self._object(call)
        self._check_namespace(call)
        new = self._store.create(call.resource.name, obj, by=call.writer)
        return await self._reader.show(call, _record(new), 201)

    async def update(self, call: Call) -> web.StreamResponse:
        """Replace an object, its status or its scale."""
        sub = _subresource(call)
        if sub == "scale":
            return await self._rescale(call, await call.body())
        if not call.path.name:
            raise bad_request("name must be provided")
        obj = await self._object(call)
        metadata = obj["metadata"]
        if metadata.get("name") != call.path.name:
            raise bad_request(
                f"the name of the object ({metadata.get('name', '')}) does not match "
                f"the name on the URL ({call.path.name})"
            )
        self._store.record(call.resource.name, call.namespace, call.path.name)
        if not call.resource.strategic_merge and not metadata.get("resourceVersion"):
            cause = (
                "FieldValueInvalid",
                "metadata.resourceVersion",
                "Invalid value: 0: must be specified for an update",
            )
            raise invalid(call.resource.plural, call.resource.group, call.path.name, [cause])
        new = self._store.update(call.resource.name, obj, subresource=sub or None, by=call.writer)
        return await self._reader.show(call, _record(new))

    async def patch(self, call: Call) -> web.StreamResponse:
        """Change an object, its status or its scale; apply creates an object that is not there (201)."""
        sub = _subresource(call)
        check_type(call.content_type, strategic=call.resource.strategic_merge)
        body = await call.body()
        if sub == "scale":
            old = self._store.get(call.resource.name, call.namespace, call.path.name)
            return await self._rescale(call, apply_patch(call.content_type, scale_of(old), body))
        there = any(
            one.name == call.path.name for one in self._store.records(call.resource.name, call.namespace)
        )
        creates = call.content_type == APPLY and not there and not sub
        if creates:
            call.identity.check(call.attributes("create"))
            self._check_namespace(call)
        new = self._store.patch(
            call.resource.name,
            call.namespace,
            call.path.name,
            body,
            content_type=call.content_type,
            subresource=sub or None,
            by=call.writer,
        )
        return await self._reader.show(call, _record(new), 201 if creates else 200)

    async def delete(self, call: Call) -> web.StreamResponse:
        """Delete an object: answers ``Success``, or the object if finalizers hold it, or if it is a pod."""
        options = await _options(call)
        precondition = options.get("preconditions") or {}
        old = self._store.delete(
            call.resource.name,
            call.namespace,
            call.path.name,
            uid=precondition.get("uid"),
            version=precondition.get("resourceVersion"),
            propagation=_propagation(call, options),
            dry_run=_dry(call, options),
        )
        if old["metadata"].get("finalizers") or call.resource.name in ("pods", "namespaces"):
            return await self._reader.show(call, _record(old))
        details = {"name": call.path.name, "group": call.path.group, "kind": call.path.plural}
        details["uid"] = old["metadata"]["uid"]
        body = {
            "kind": "Status",
            "apiVersion": "v1",
            "metadata": {},
            "status": "Success",
            "details": {key: value for key, value in details.items() if value},
        }
        return whole(body)

    async def delete_all(self, call: Call) -> web.StreamResponse:
        """Delete what is selected; answers with the list of it."""
        options = await _options(call)
        chosen = selection(call.resource, call.params)
        meant = [one for one in self._store.records(call.resource.name, call.namespace) if chosen(one)]
        for one in meant:
            self._store.delete(
                call.resource.name,
                one.namespace,
                one.name,
                propagation=_propagation(call, options),
                dry_run=_dry(call, options),
            )
        body = {
            "kind": f"{call.resource.kind}List",
            "apiVersion": call.resource.api_version,
            "metadata": ({} if call.resource.strategic_merge else {"continue": ""})
            | {"resourceVersion": str(self._store.version)},
            "items": [one.object() for one in meant],
        }
        return whole(body)

    async def _object(self, call: Call) -> Object:
        obj = await call.body()
        unrecognized = f"the object provided is unrecognized (must be of type {call.resource.kind})"
        if not isinstance(obj, dict) or not isinstance(obj.get("metadata", {}), dict):
            raise bad_request(f"{unrecognized}: couldn't get version/kind; json parse error: it is no object")
        if not call.resource.strategic_merge and not obj.get("kind"):
            raise bad_request(f"{unrecognized}: Object 'Kind' is missing in '{encode(obj).decode()}'")
        metadata = dict(obj.get("metadata") or {})
        namespace = metadata.get("namespace") or call.path.namespace
        if call.path.namespace and namespace != call.path.namespace:
            raise bad_request(
                "the namespace of the provided object does not match the namespace sent on the request"
            )
        return obj | {"metadata": metadata | ({"namespace": namespace} if namespace else {})}

    def _check_namespace(self, call: Call) -> None:
        if call.namespace and not any(
            one.name == call.namespace for one in self._store.records("namespaces")
        ):
            raise not_found("namespaces", "", call.namespace)

    async def _rescale(self, call: Call, scale: Any) -> web.StreamResponse:
        old = self._store.get(call.resource.name, call.namespace, call.path.name)
        version = (scale.get("metadata") or {}).get("resourceVersion") if isinstance(scale, dict) else None
        obj = scaled(old, scale)
        obj["metadata"] = obj["metadata"] | ({"resourceVersion": version} if version else {})
        return whole(scale_of(self._store.update(call.resource.name, obj, by=call.writer)))


def _subresource(call: Call) -> str:
    if call.path.subresource == "log":
        raise no_such_method()
    check_subresource(call)
    return call.path.subresource


def _record(obj: Object) -> Record:
    return record(obj["metadata"], split(obj))


async def _options(call: Call) -> Object:
    """Read ``DeleteOptions``, which may be missing."""
    if not await call.request.read():
        return {}
    options = await call.body()
    if not isinstance(options, dict):
        raise bad_request("DeleteOptions must be an object")
    return options


def _propagation(call: Call, options: Object) -> str:
    policy = str(options.get("propagationPolicy") or call.params.get("propagationPolicy") or "Background")
    if policy not in ("Background", "Foreground", "Orphan"):
        why = f'Unsupported value: "{policy}": supported values: "Foreground", "Background", "Orphan", "nil"'
        cause = ("FieldValueNotSupported", "propagationPolicy", why)
        raise invalid("DeleteOptions", "meta.k8s.io", "", [cause])
    return policy


def _dry(call: Call, options: Object) -> bool:
    return bool(options.get("dryRun")) or call.writer.dry_run
