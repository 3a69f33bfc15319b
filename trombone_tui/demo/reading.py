"""Answers to GET: one object, lists, watches, a pod's log, a way to its ports."""

from __future__ import annotations

from dataclasses import replace

import msgspec
from aiohttp import web

from trombone_tui.demo.calls import Call
from trombone_tui.demo.errors import no_such_path, not_found
from trombone_tui.demo.formats import Form, Formatter, wanted_form
from trombone_tui.demo.forwarding import Ports, forward
from trombone_tui.demo.logs import Logs, choose_container, log_params, truth
from trombone_tui.demo.pages import Pages
from trombone_tui.demo.records import Record
from trombone_tui.demo.replies import JSON, Broken, Stream, status_error
from trombone_tui.demo.scale import scale_of
from trombone_tui.demo.selectors import selection
from trombone_tui.demo.store import Store
from trombone_tui.demo.watches import Watch, error_event, watch_params


class Reader:
    """Reads a store on behalf of clients."""

    def __init__(self, store: Store, logs: Logs, ports: Ports, *, bookmark_every: float) -> None:
        self._store = store
        self._logs = logs
        self._ports = ports
        self._pages = Pages(store)
        self._bookmark_every = bookmark_every

    async def get(self, call: Call) -> web.StreamResponse:
        """Answer with one object, its scale, a pod's log, or what a port of it says."""
        check_subresource(call)
        record = self._store.record(call.resource.name, call.namespace, call.path.name)
        if call.path.subresource == "log":
            return await self._log(call, record)
        if call.path.subresource == "portforward":
            return await forward(call, record, self._ports)
        if call.path.subresource == "scale":
            return await send(call, [msgspec.json.encode(scale_of(record.object()))])
        return await self.show(call, record)

    async def show(self, call: Call, record: Record, status: int = 200) -> web.StreamResponse:
        """Answer with a record in the form that was asked for."""
        return await send(call, [self._formatter(call).one(record) + b"\n"], status)

    async def list(self, call: Call) -> web.StreamResponse:
        """Answer with a list, or a page of one."""
        chosen = selection(call.resource, call.params)
        page = self._pages.list(
            call.resource.name, call.namespace, call.params, chosen if chosen.tests else None
        )
        formatter = self._formatter(call)
        spelt_out = formatter.form is Form.WHOLE and not call.resource.strategic_merge
        return await send(call, formatter.page(replace(page, spelt_out=spelt_out)))

    async def watch(self, call: Call) -> web.StreamResponse:
        """Answer with a watch."""
        watch = Watch(
            self._store,
            call.namespace,
            selection(call.resource, call.params),
            self._formatter(call),
            watch_params(call.params),
            self._bookmark_every,
        )
        stream = Stream(call.request, call.fault)
        await stream.open()
        try:
            if call.fault is not None and call.fault.error:
                await stream.write(error_event(status_error(call.fault.error)))
            else:
                await watch.run(stream)
        except Broken:
            return stream.response
        return await stream.close()

    async def _log(self, call: Call, pod: Record) -> web.StreamResponse:
        params = log_params(call.params)
        container = choose_container(pod, params.container)
        stream = Stream(call.request, call.fault)
        lines = self._logs.read(pod.namespace, pod.name, container, params)
        follow = self._logs.follow(pod.namespace, pod.name, container)
        await stream.open("text/plain")
        try:
            data = b"".join(line.write(timestamps=params.timestamps) for line in lines)
            await stream.write(data[: params.limit_bytes])
            if params.follow and not params.previous:
                async for line in follow:
                    await stream.write(line.write(timestamps=params.timestamps))
        except Broken:
            return stream.response
        return await stream.close()

    def _formatter(self, call: Call) -> Formatter:
        return Formatter(
            resource=call.resource,
            form=wanted_form(call.request.headers.get("Accept", "")),
            include=call.params.get("includeObject", "Metadata"),
            now=self._store.clock.now,
            pad=call.fault.pad if call.fault else 0,
        )


def check_subresource(call: Call) -> None:
    """Refuse a subresource the kind does not have (404)."""
    kind, sub = call.resource, call.path.subresource
    known = {
        "": True,
        "status": kind.status_subresource,
        "scale": kind.scale_subresource,
        "log": kind.name == "pods",
        "portforward": kind.name == "pods",
    }
    if known.get(sub, False):
        return
    raise no_such_path() if kind.strategic_merge else not_found(kind.plural, kind.group, call.path.name)


async def send(call: Call, pieces: list[bytes], status: int = 200) -> web.StreamResponse:
    """Answer with JSON: at once if it is small, else piece by piece; indented if ``pretty`` is asked for."""
    if truth(call.params.get("pretty", "")):
        pieces = [msgspec.json.format(b"".join(pieces), indent=2)]
    size = sum(map(len, pieces))
    if call.fault is None and size < 100_000:
        return web.Response(body=b"".join(pieces), status=status, content_type=JSON)
    stream = Stream(call.request, call.fault)
    stream.response.set_status(status)
    await stream.open(size=size)
    try:
        for piece in pieces:
            await stream.write(piece)
    except Broken:
        return stream.response
    return await stream.close()
