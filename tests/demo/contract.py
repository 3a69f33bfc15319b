"""A small HTTP client for contract tests, and the servers they run against.

The embedded server, and a real kube-apiserver when CONTRACT_KUBECONFIG names a kubeconfig of one, as
``make test-cluster`` does. There two CustomResourceDefinitions of our own stand in for the Argo kinds, so
that no controller interferes.
"""

from __future__ import annotations

import asyncio
import base64
import json
import os
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import aiohttp
import yaml

from trombone_tui.demo.access import Persona
from trombone_tui.demo.clock import Clock
from trombone_tui.demo.definitions import definition
from trombone_tui.demo.resources import Column, Resource
from trombone_tui.demo.server import ApiServer
from trombone_tui.demo.store import Store

NAMESPACE = "contract-demo"
MERGE = "application/merge-patch+json"
JSON_PATCH = "application/json-patch+json"
STRATEGIC = "application/strategic-merge-patch+json"
APPLY = "application/apply-patch+yaml"
CRDS = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions"
KUBECONFIG = os.environ.get("CONTRACT_KUBECONFIG", "")
CONFIG = Path(KUBECONFIG).read_text() if KUBECONFIG else ""
ETCD = "http://127.0.0.1:2379/v3/kv"
"""Where the lab's etcd answers in JSON."""


@dataclass(frozen=True)
class Answer:
    status: int
    text: str
    headers: dict[str, str]

    @property
    def json(self) -> Any:
        return json.loads(self.text)

    @property
    def version(self) -> str:
        return self.json["metadata"]["resourceVersion"]

    @property
    def names(self) -> list[str]:
        return [item["metadata"]["name"] for item in self.json["items"]]

    @property
    def events(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.text.splitlines()]


@dataclass(frozen=True)
class Kind:
    """A custom kind under test."""

    group: str
    version: str
    plural: str
    kind: str

    @property
    def everywhere(self) -> str:
        return f"/apis/{self.group}/{self.version}/{self.plural}"

    @property
    def path(self) -> str:
        return f"/apis/{self.group}/{self.version}/namespaces/{NAMESPACE}/{self.plural}"

    @property
    def name(self) -> str:
        return f"{self.plural}.{self.group}"

    def new(self, name: str, *, labels: dict[str, str] | None = None, **sections: Any) -> dict[str, Any]:
        metadata = {"name": name} | ({"labels": labels} if labels else {})
        about = {"apiVersion": f"{self.group}/{self.version}", "kind": self.kind, "metadata": metadata}
        return about | (sections or {"spec": {"n": 1}})


PLAIN = Resource(
    group="contract.demo",
    version="v1alpha1",
    plural="plains",
    singular="plain",
    kind="Plain",
    columns=(Column("Status", ".status.phase"), Column("Age", ".status.startedAt", "date")),
)
STAGED = Resource(
    group="contract.demo",
    version="v1alpha1",
    plural="staged",
    singular="staged",
    kind="Staged",
    status_subresource=True,
)


class Events:
    """The events of a running watch."""

    def __init__(self, response: aiohttp.ClientResponse) -> None:
        self.response = response

    async def next(self) -> dict[str, Any]:
        async with asyncio.timeout(5):
            line = await self.response.content.readline()
        if not line:
            raise EOFError("the watch ended")
        return json.loads(line)

    async def ended(self) -> bool:
        async with asyncio.timeout(5):
            return await self.response.content.readline() == b""


@dataclass
class Api:
    """One server under test, seen by its administrator unless headers say otherwise."""

    url: str
    headers: dict[str, str]
    ssl: ssl.SSLContext | bool
    session: aiohttp.ClientSession
    plain: Kind
    staged: Kind
    server: ApiServer | None = None
    agent: str = "contract/1"
    mine: dict[str, str] = field(default_factory=dict)
    removed: dict[str, Resource] = field(default_factory=dict)
    """What the embedded server served in the beginning, by name."""

    async def call(
        self,
        method: str,
        path: str,
        body: Any = None,
        *,
        content_type: str = "application/json",
        headers: dict[str, str] | None = None,
        **params: Any,
    ) -> Answer:
        data = body if body is None or isinstance(body, str | bytes) else json.dumps(body)
        sent = {"User-Agent": self.agent, **self.headers, **(headers or {})}
        if data is not None:
            sent["Content-Type"] = content_type
        async with (
            asyncio.timeout(20),
            self.session.request(
                method,
                self.url + path,
                data=data,
                headers={key: value for key, value in sent.items() if value},
                params={key: str(value) for key, value in params.items()},
                ssl=self.ssl,
            ) as response,
        ):
            return Answer(response.status, await response.text(), dict(response.headers))

    async def get(self, path: str, **more: Any) -> Answer:
        return await self.call("GET", path, **more)

    async def post(self, path: str, body: Any, **more: Any) -> Answer:
        return await self.call("POST", path, body, **more)

    async def put(self, path: str, body: Any, **more: Any) -> Answer:
        return await self.call("PUT", path, body, **more)

    async def patch(self, path: str, body: Any, kind: str = MERGE, **more: Any) -> Answer:
        return await self.call("PATCH", path, body, content_type=kind, **more)

    async def delete(self, path: str, body: Any = None, **more: Any) -> Answer:
        return await self.call("DELETE", path, body, **more)

    async def create(self, kind: Kind, *names: str, **more: Any) -> Answer:
        """Create objects; return the answer about the last one."""
        answer = None
        for name in names:
            answer = await self.post(kind.path, kind.new(name, **more))
            assert answer.status == 201, answer
        assert answer is not None
        return answer

    async def create_pod(self, name: str, *containers: str, initial: tuple[str, ...] = ()) -> None:
        """Create a pod that no node takes."""
        spec: dict[str, Any] = {"schedulerName": "nobody"}
        for key, named in (("containers", containers), ("initContainers", initial)):
            spec |= {key: [{"name": one, "image": "shop/web:1"} for one in named]} if named else {}
        pod = {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": name}, "spec": spec}
        answer = await self.post(f"/api/v1/namespaces/{NAMESPACE}/pods", pod)
        assert answer.status == 201, answer

    async def outdated(self, token: str) -> str:
        """Return a ``continue`` whose version the server has forgotten; a real one keeps those of late."""
        await self.forget()
        if self.server is not None:
            return token
        place = json.loads(base64.urlsafe_b64decode(token + "=="))
        return base64.urlsafe_b64encode(json.dumps(place | {"rv": 1}).encode()).decode().rstrip("=")

    async def forget(self) -> None:
        """Forget all versions but the newest."""
        if self.server is not None:
            self.server.store.compact()
            return
        newest = (await self.create(self.staged, "newest")).version
        await self.delete(f"{self.staged.path}/newest")
        async with self.session.post(
            f"{ETCD}/compaction", json={"revision": newest, "physical": True}
        ) as done:
            assert done.status == 200, await done.text()

    async def uninstall(self, kind: Kind) -> None:
        """Remove a kind and all objects of it."""
        if self.server is not None:
            self.server.store.uninstall(kind.name)
        else:
            assert (await self.delete(f"{CRDS}/{kind.name}")).status == 200

    async def install(self, kind: Kind) -> None:
        """Serve a kind that was removed."""
        if self.server is not None:
            self.server.store.install(self.removed[kind.name])
        else:
            await self.define(next(one for one in (PLAIN, STAGED) if one.name == kind.name))
            await until(lambda: served(self, kind))

    async def define(self, resource: Resource) -> None:
        """Define a kind on a real server, unless it is."""
        about = {"apiVersion": "apiextensions.k8s.io/v1", "kind": "CustomResourceDefinition"}
        await self.post(CRDS, about | definition(resource))

    async def first(self, count: int, path: str, **more: Any) -> list[dict[str, Any]]:
        """Return the first events of a watch."""
        async with self.watch(path, **more) as events:
            return [await events.next() for _ in range(count)]

    @asynccontextmanager
    async def watch(
        self, path: str, *, headers: dict[str, str] | None = None, **params: Any
    ) -> AsyncIterator[Events]:
        query = {"watch": "1", **{key: str(value) for key, value in params.items()}}
        async with self.session.get(
            self.url + path, params=query, headers={**self.headers, **(headers or {})}, ssl=self.ssl
        ) as response:
            assert response.status == 200, await response.text()
            yield Events(response)


def refused(answer: Answer, status: int, reason: str, message: str = "") -> dict[str, Any]:
    """Check the exact shape of a Status; return its details."""
    body = answer.json
    assert answer.status == status, body
    assert {key: body[key] for key in ("kind", "apiVersion", "metadata", "status", "code")} == {
        "kind": "Status",
        "apiVersion": "v1",
        "metadata": {},
        "status": "Failure",
        "code": status,
    }
    assert body.get("reason", "") == reason
    assert message in body["message"]
    return body.get("details", {})


@asynccontextmanager
async def embedded(*personas: Persona, **options: Any) -> AsyncIterator[Api]:
    """Run the embedded server with a namespace to play in."""
    store = Store(Clock(), history=options.pop("history", 1_000))
    server = ApiServer(store, personas=personas, **options)
    for namespace in ("default", NAMESPACE):
        store.create("namespaces", {"metadata": {"name": namespace}})
    await server.start()
    async with aiohttp.ClientSession() as session:
        yield Api(
            url=server.url,
            headers={"Authorization": f"Bearer {server.token}"},
            ssl=False,
            session=session,
            plain=Kind("argoproj.io", "v1alpha1", "workflows", "Workflow"),
            staged=Kind("argoproj.io", "v1alpha1", "rollouts", "Rollout"),
            server=server,
            removed={one.name: one for one in store.resources},
        )
    await server.stop()


@asynccontextmanager
async def real() -> AsyncIterator[Api]:
    """Use a real kube-apiserver, with an empty namespace and two kinds of our own."""
    config = yaml.safe_load(CONFIG)
    cluster, user = config["clusters"][0]["cluster"], config["users"][0]["user"]
    context = ssl.create_default_context(cafile=cluster["certificate-authority"])
    if "client-certificate" in user:
        context.load_cert_chain(user["client-certificate"], user["client-key"])
    headers = {"Authorization": f"Bearer {user['token']}"} if "token" in user else {}
    kinds = [Kind(one.group, one.version, one.plural, one.kind) for one in (PLAIN, STAGED)]
    async with aiohttp.ClientSession() as session:
        api = Api(cluster["server"], headers, context, session, *kinds)
        for resource in (PLAIN, STAGED):
            await api.define(resource)
        await api.post("/api/v1/namespaces", {"metadata": {"name": NAMESPACE}})
        for kind in kinds:
            await until(lambda kind=kind: served(api, kind))
            for name in (await api.get(kind.path)).names:
                await api.patch(f"{kind.path}/{name}", {"metadata": {"finalizers": None}})
            await api.delete(kind.path)
        for plural in ("configmaps", "pods"):
            await api.delete(f"/api/v1/namespaces/{NAMESPACE}/{plural}", gracePeriodSeconds=0)
        yield api
    await asyncio.sleep(0.1)  # TLS connections of aborted watches close behind the session's back


async def served(api: Api, kind: Kind) -> bool:
    return (await api.get(kind.path)).status == 200


async def until(holds: Callable[[], Awaitable[bool]]) -> None:
    """Wait for a condition outside this process."""
    async with asyncio.timeout(20):
        while not await holds():  # noqa: ASYNC110 - nobody tells us when a server has caught up
            await asyncio.sleep(0.05)


async def leave_no_trace() -> None:
    """Remove from the real server what the tests made there."""
    async with real() as api:
        for resource in (PLAIN, STAGED):
            await api.delete(f"{CRDS}/{resource.name}")
        await api.delete(f"/api/v1/namespaces/{NAMESPACE}")
