"""The embedded API server: HTTP on loopback, tokens, rules, and the way from a request to its answer."""

from __future__ import annotations

import asyncio
import secrets
from collections import deque
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import yaml
from aiohttp import web

from trombone_tui.demo import definitions, documents
from trombone_tui.demo.access import TOKEN_PATH, Access, Identity, Persona, admin, split_token
from trombone_tui.demo.calls import Call, Path, attributes_of, read_path, verb_of
from trombone_tui.demo.errors import ApiError, no_such_method, no_such_path
from trombone_tui.demo.faults import Faults
from trombone_tui.demo.forwarding import Ports
from trombone_tui.demo.logs import Logs
from trombone_tui.demo.reading import Reader
from trombone_tui.demo.replies import instead, refusal, whole
from trombone_tui.demo.resources import Resource
from trombone_tui.demo.reviews import is_review, review
from trombone_tui.demo.store import Store
from trombone_tui.demo.writing import Author

Answer = Callable[[Call], Awaitable[web.StreamResponse]]
_KEPT_REQUESTS = 2_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """A request that was made."""

    method: str
    path: str
    params: Mapping[str, str]
    agent: str
    user: str = ""


class ApiServer:
    """Serves a store as a Kubernetes API on 127.0.0.1, to those who have a token.

    Without personas there is one, who may do everything. ``requests`` are the last ones made, ``faults``
    what goes wrong, ``logs`` what containers have written, ``ports`` what listens in pods; all may be used
    while it runs.
    """

    def __init__(
        self,
        store: Store,
        *,
        token: str = "",
        personas: Iterable[Persona] = (),
        faults: Faults | None = None,
        bookmark_every: float = 60.0,
    ) -> None:
        self.token = token or secrets.token_urlsafe(24)
        self.store = store
        self.access = Access([admin(self.token), *personas])
        self.faults = faults or Faults()
        self.logs = Logs(store.clock)
        self.ports = Ports()
        self.requests: deque[Seen] = deque(maxlen=_KEPT_REQUESTS)
        self.url = ""
        definitions.keep(store)
        reader = Reader(store, self.logs, self.ports, bookmark_every=bookmark_every)
        author = Author(store, reader)
        self._answers: dict[str, Answer] = {
            "get": reader.get,
            "list": reader.list,
            "watch": reader.watch,
            "create": author.create,
            "update": author.update,
            "patch": author.patch,
            "delete": author.delete,
            "deletecollection": author.delete_all,
        }
        self._runner: web.AppRunner | None = None
        self._open: set[asyncio.Task[Any]] = set()

    async def start(self, port: int = 0) -> str:
        """Listen on loopback, on a free port unless one is named; return the URL."""
        app = web.Application(client_max_size=64 * 1024 * 1024)
        app.router.add_route("*", "/{path:.*}", self._serve)
        self._runner = web.AppRunner(app, access_log=None, handler_cancellation=True, shutdown_timeout=1.0)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", port)
        await site.start()
        host, bound = self._runner.addresses[0][:2]
        self.url = f"http://{host}:{bound}"
        return self.url

    async def stop(self) -> None:
        """Stop listening; whatever is open is closed."""
        for task in self._open:
            task.cancel()
        if self._runner is not None:
            await self._runner.cleanup()
            self._runner = None

    def kubeconfig(self, namespace: str = "default", *, token: str = "", context: str = "demo") -> str:
        """Return a kubeconfig for the running server as YAML; for another persona with its token.

        The token is in the server's path as well, because kubectl sends none in a header without TLS
        (client-go: ``tools/clientcmd/client_config.go``).
        """
        user = {"token": token or self.token}
        cluster = {"server": f"{self.url}{TOKEN_PATH}{user['token']}"}
        about = {"cluster": context, "user": context, "namespace": namespace}
        config = {
            "apiVersion": "v1",
            "kind": "Config",
            "current-context": context,
            "clusters": [{"name": context, "cluster": cluster}],
            "users": [{"name": context, "user": user}],
            "contexts": [{"name": context, "context": about}],
        }
        return yaml.safe_dump(config, sort_keys=False)

    async def _serve(self, request: web.Request) -> web.StreamResponse:
        task = asyncio.current_task()
        if task is not None:
            self._open.add(task)
            task.add_done_callback(self._open.discard)
        text, token = split_token(request.path)
        seen = Seen(
            method=request.method,
            path=text,
            params=dict(request.query),
            agent=request.headers.get("User-Agent", ""),
        )
        self.requests.append(seen)
        try:
            identity = self.access.identify(
                request.headers, request.headers.getall("Impersonate-Group", []), token
            )
            path = read_path(text)
            if path is None:
                return self._around(request, identity, text.rstrip("/"))
            if is_review(path):
                return whole(await review(request, identity, path), 201)
            return await self._answer(request, identity, path)
        except ApiError as error:
            return refusal(error)

    async def _answer(self, request: web.Request, identity: Identity, path: Path) -> web.StreamResponse:
        params = dict(request.query)
        verb = verb_of(request.method, path, params)
        resource = self._resource(path)
        if resource is None:
            identity.check(attributes_of(path, verb))
            if path.group:
                return _nothing_here()
            raise no_such_path()
        fault = self.faults.meet(resource.name, verb)
        if fault is not None and fault.delay:
            await asyncio.sleep(fault.delay)
        response = instead(request, fault)
        if response is not None:
            return response
        call = Call(
            request=request,
            params=params,
            identity=identity,
            resource=resource,
            path=path,
            verb=verb,
            fault=fault,
        )
        identity.check(call.attributes(name=_named(call)))
        if resource.namespaced and path.name and not path.namespace:
            raise no_such_path()
        if verb not in self._answers:
            raise no_such_method()
        return await self._answers[verb](call)

    def _resource(self, path: Path) -> Resource | None:
        for one in self.store.resources:
            if (one.group, one.version, one.plural) == (path.group, path.version, path.plural):
                return one if one.namespaced or not path.namespace else None
        return None

    def _around(self, request: web.Request, identity: Identity, text: str) -> web.StreamResponse:
        """Answer what is about no resource: health, version, discovery."""
        identity.check_path(text)
        if text in ("/healthz", "/livez", "/readyz"):
            return web.Response(text="ok")
        body = documents.document(self.store.resources, text, request.headers.get("Accept", ""))
        if body is None:
            return _nothing_here()
        response = whole(body)
        if body.get("kind") == "APIGroupDiscoveryList":
            version = body["apiVersion"].rpartition("/")[2]
            media = f"application/json;g=apidiscovery.k8s.io;v={version};as=APIGroupDiscoveryList"
            response.headers["Content-Type"] = media
        return response


def _nothing_here() -> web.Response:
    return web.Response(text="404 page not found\n", status=404)


def _named(call: Call) -> str:
    """Return the one name a list or watch is limited to: rules for names apply to it."""
    for part in call.params.get("fieldSelector", "").split(","):
        if part.startswith("metadata.name="):
            return part.partition("=")[2].lstrip("=")
    return ""
