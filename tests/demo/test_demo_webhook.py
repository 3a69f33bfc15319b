"""Pushes to the embedded cluster as a process, sent as the program itself does: through a pod's port."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import hmac
import io
import json
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager

import aiohttp
import pytest
from aiohttp import web

from trombone_tui.adapters.kubernetes import Access, KubernetesCluster
from trombone_tui.core.objects.argo_events import EVENT_SOURCE
from trombone_tui.core.objects.argo_workflows import WORKFLOW
from trombone_tui.core.objects.pods import POD
from trombone_tui.core.objects.secrets import SECRET
from trombone_tui.core.ports import Denied, Refused
from trombone_tui.core.writes import Call, Write
from trombone_tui.demo.child import start_demo
from trombone_tui.demo.webhook import Receive, webhook

COMMIT = "5ca1ab1e" * 5
BODY = json.dumps(
    {
        "ref": "refs/heads/main",
        "after": COMMIT,
        "deleted": False,
        "repository": {"full_name": "acme/pay-api"},
        "head_commit": {"id": COMMIT, "message": "Round half to even"},
    }
).encode()


@asynccontextmanager
async def cluster(scenario: str) -> AsyncIterator[KubernetesCluster]:
    async with start_demo(scenario) as child:
        found = await KubernetesCluster.connect(Access(kubeconfig=str(child.kubeconfig)))
        try:
            yield found
        finally:
            await found.close()


def push(pod: str, key: bytes) -> Write:
    signature = f"sha256={hmac.new(key, BODY, hashlib.sha256).hexdigest()}"
    headers = {
        "Content-Type": "application/json",
        "X-GitHub-Event": "push",
        "X-GitHub-Delivery": "0a1b2c3d",
        "X-Hub-Signature-256": signature,
    }
    call = Call(port=12000, path="/push", headers=headers, body=BODY)
    return Write(method="POST", kind=POD, namespace="ci", name=pod, subresource="portforward", call=call)


async def test_a_push_signed_with_the_secret_that_the_event_source_names_starts_a_workflow() -> None:
    async with cluster("day") as demo:
        source = await demo.whole(EVENT_SOURCE, "ci", "github")
        selector = source["spec"]["github"]["push"]["webhookSecret"]
        secret = await demo.whole(SECRET, "ci", selector["name"])
        key = base64.b64decode(secret["data"][selector["key"]])
        (pod,) = await demo.objects(POD.narrowed(selector="eventsource-name=github"), "ci")
        name = pod["metadata"]["name"]
        with pytest.raises(Refused, match=f"pod {name} answers 400: payload signature check failed"):
            await demo.send(push(name, b"wrong"))
        reply = await demo.send(push(name, key))
        assert (reply.status, reply.body) == (200, {"text": "success"})
        of_commit = WORKFLOW.narrowed(selector=f"trombone.dev/commit={COMMIT}")
        async with asyncio.timeout(20):
            while not (found := await demo.objects(of_commit, "ci")):  # noqa: ASYNC110 - another process
                await asyncio.sleep(0.05)
        (workflow,) = found
        assert workflow["metadata"]["labels"]["trombone.dev/app"] == "pay-api"
        assert workflow["metadata"]["annotations"]["trombone.dev/commit-title"] == "Round half to even"


async def test_who_has_few_rights_may_not() -> None:
    async with cluster("few-rights") as demo:
        with pytest.raises(Denied, match="may not get pods/portforward in namespace ci"):
            await demo.send(push("any", b""))


@asynccontextmanager
async def answering(receive: Receive) -> AsyncIterator[str]:
    """Serve the event source's port as such; yield its address."""
    runner = web.ServerRunner(web.Server(webhook("/push", receive)), shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    try:
        yield f"http://127.0.0.1:{runner.addresses[0][1]}"
    finally:
        await runner.cleanup()


@pytest.mark.parametrize(
    ("path", "size", "status", "text"),
    [
        ("/push", 3, 200, "heard 3 bytes of json"),
        ("/push", 1_100_000, 400, "http: request body too large"),
        ("/health", 0, 200, "OK"),
        ("/other", 3, 404, "404 page not found\n"),
    ],
)
async def test_the_port_answers_as_an_event_source_does(path: str, size: int, status: int, text: str) -> None:
    def receive(headers: Mapping[str, str], body: bytes) -> tuple[int, str]:
        return 200, f"heard {len(body)} bytes of {headers['content-type'].partition('/')[2]}"

    about = {"Content-Type": "application/json"}
    async with (
        answering(receive) as url,
        aiohttp.ClientSession() as session,
        session.post(url + path, data=io.BytesIO(b"x" * size), headers=about) as answer,
    ):
        assert (answer.status, await answer.text()) == (status, text)
