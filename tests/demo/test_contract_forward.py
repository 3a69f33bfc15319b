"""The way to a pod's ports: whom it is open to, what it refuses, and what goes over it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import aiohttp
import pytest
from aiohttp import web
from contract import NAMESPACE, Api, embedded, refused

from trombone_tui.demo.access import Persona, Rule

PODS = f"/api/v1/namespaces/{NAMESPACE}/pods"
NOBODY = {"Impersonate-User": "nobody"}
PROTOCOL = "v4.channel.k8s.io"
UPGRADE = {
    "Connection": "Upgrade",
    "Upgrade": "websocket",
    "Sec-WebSocket-Version": "13",
    "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
    "Sec-WebSocket-Protocol": PROTOCOL,
}
PORT = 8080
NAMED = PORT.to_bytes(2, "little")
ASKED = b"GET /x HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"


async def test_it_is_discovered(api: Api) -> None:
    core = {one["name"]: one for one in (await api.get("/api/v1")).json["resources"]}
    assert core["pods/portforward"]["kind"] == "PodPortForwardOptions"
    assert core["pods/portforward"]["verbs"] == ["create", "get"]


async def test_a_pod_that_is_not_there_is_not_found(api: Api) -> None:
    answer = await api.get(f"{PODS}/nobody/portforward", headers=UPGRADE, ports=PORT)
    details = refused(answer, 404, "NotFound", 'pods "nobody" not found')
    assert details == {"name": "nobody", "kind": "pods"}


async def test_a_pod_without_a_node_has_no_ports(api: Api) -> None:
    await api.create_pod("build", "main")
    answer = await api.get(f"{PODS}/build/portforward", headers=UPGRADE, ports=PORT)
    refused(answer, 400, "BadRequest", "pod build does not have a host assigned")


async def test_opening_a_websocket_takes_the_right_to_get(api: Api) -> None:
    answer = await api.get(f"{PODS}/build/portforward", headers=UPGRADE | NOBODY, ports=PORT)
    said = 'pods "build" is forbidden: User "nobody" cannot get resource "pods/portforward" in API group ""'
    refused(answer, 403, "Forbidden", said)


async def test_and_the_right_to_create_of_which_no_word_is_said(api: Api) -> None:
    await api.create_pod("build", "main")
    async with only_get(api) as as_reader:
        answer = await api.get(f"{PODS}/build/portforward", headers=UPGRADE | as_reader, ports=PORT)
    assert refused(answer, 403, "Forbidden") == {"name": "build", "kind": "pods"}
    assert answer.json["message"] == 'pods "build" is forbidden: '


@asynccontextmanager
async def only_get(api: Api) -> AsyncIterator[dict[str, str]]:
    """Yield headers that make somebody of one who may get ways to ports, and no more."""
    headers = {"Impersonate-User": "reader"}
    if api.server is not None:
        rule = Rule(verbs=["get"], groups=[""], resources=["pods/portforward"])
        api.server.access.add(Persona(name="reader", rules=[rule]))
        yield headers
        return
    rbac = f"/apis/rbac.authorization.k8s.io/v1/namespaces/{NAMESPACE}"
    rules = [{"apiGroups": [""], "resources": ["pods/portforward"], "verbs": ["get"]}]
    role = {"apiGroup": "rbac.authorization.k8s.io", "kind": "Role", "name": "reader"}
    user = {"apiGroup": "rbac.authorization.k8s.io", "kind": "User", "name": "reader"}
    await api.post(f"{rbac}/roles", {"metadata": {"name": "reader"}, "rules": rules})
    binding = {"metadata": {"name": "reader"}, "roleRef": role, "subjects": [user]}
    await api.post(f"{rbac}/rolebindings", binding)
    try:
        yield headers
    finally:
        for plural in ("rolebindings", "roles"):
            await api.delete(f"{rbac}/{plural}/reader")


class Port:
    """An embedded server with a pod that listens."""

    def __init__(self, api: Api) -> None:
        assert api.server is not None
        self.api, self.server, self.heard = api, api.server, 0

    async def answer(self, request: web.BaseRequest) -> web.StreamResponse:
        self.heard += 1
        return web.Response(text=f"{request.method} {request.path}")

    @asynccontextmanager
    async def opened(
        self, pod: str, *ports: int, protocol: str = PROTOCOL
    ) -> AsyncIterator[aiohttp.ClientWebSocketResponse]:
        query = [("ports", str(port)) for port in ports]
        url = f"{self.api.url}{PODS}/{pod}/portforward"
        async with self.api.session.ws_connect(
            url, params=query, protocols=[protocol], headers=self.api.headers
        ) as socket:
            yield socket


@pytest.fixture
async def port() -> AsyncIterator[Port]:
    async with embedded() as api:
        found = Port(api)
        for name in ("web", "deaf"):
            meta = {"name": name, "namespace": NAMESPACE, "labels": {"app": name}}
            spec = {"nodeName": "n", "containers": [{"name": "main"}]}
            found.server.store.create("pods", {"metadata": meta, "spec": spec})
        found.server.ports.listen(NAMESPACE, {"app": "web"}, PORT, found.answer)
        yield found


async def received(socket: aiohttp.ClientWebSocketResponse) -> dict[int, bytes]:
    """Return what comes on each channel until the other side closes."""
    found: dict[int, bytes] = {}
    async for message in socket:
        found[message.data[0]] = found.get(message.data[0], b"") + message.data[1:]
    return found


async def test_bytes_go_there_and_back_and_the_end_is_passed_on(port: Port) -> None:
    async with port.opened("web", PORT) as socket:
        assert socket.protocol == PROTOCOL
        await socket.send_bytes(b"\0" + ASKED[:9])
        await socket.send_bytes(b"\0" + ASKED[9:])
        found = await received(socket)
    assert found[1] == NAMED
    assert found[0].startswith(NAMED + b"HTTP/1.1 200 OK\r\n")
    assert found[0].endswith(b"\r\n\r\nGET /x")


async def test_each_port_has_two_channels(port: Port) -> None:
    async with port.opened("web", PORT, 9) as socket:
        found = await received(socket)
    assert (found[0], found[1], found[2]) == (NAMED, NAMED, b"\x09\0")
    assert b"error forwarding port 9 to pod" in found[3]
    assert b"connection refused" in found[3]


async def test_only_pods_that_carry_the_labels_listen(port: Port) -> None:
    async with port.opened("deaf", PORT) as socket:
        assert b"connection refused" in (await received(socket))[1]
    assert port.heard == 0


async def test_what_opens_no_websocket_is_refused(port: Port) -> None:
    path = f"{PODS}/web/portforward"
    refused(await port.api.get(path, ports=PORT), 400, "BadRequest", "Upgrade request required")
    refused(await port.api.get(path, headers=UPGRADE), 400, "BadRequest", '"port" is required')
    for wrong in ("x", "0", "65536", "-1"):
        refused(await port.api.get(path, headers=UPGRADE, ports=wrong), 400, "BadRequest", "as a port")
    other = UPGRADE | {"Sec-WebSocket-Protocol": "SPDY/3.1+portforward.k8s.io"}
    refused(await port.api.get(path, headers=other, ports=PORT), 400, "BadRequest", "not supported")
    picky = await port.api.get(path, headers=UPGRADE | {"Accept": "application/json"}, ports=PORT)
    assert (picky.status, picky.text) == (406, "406: Not Acceptable")
