"""Calls to a pod's port through the real API server, beside ``kubectl port-forward`` to the same pod.

kwok is the kubelet: what it forwards to are an HTTP server of the test and the real event source.
"""

from __future__ import annotations

import json
import secrets
import subprocess
import threading
import urllib.error
import urllib.request
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from asking import Apply, Kubectl
from lab import hook
from lab.running import Lab
from patience import eventually, until

from trombone_tui.adapters.kubernetes import Access, KubernetesCluster
from trombone_tui.core.objects.pods import POD
from trombone_tui.core.ports import Denied, Missing, Refused, Unreachable
from trombone_tui.core.writes import Call, Reply, Write

pytestmark = [pytest.mark.needs("control-plane"), pytest.mark.timeout(90)]
OPEN, DEAD, UNKNOWN = 8080, 8081, 8082
"""Ports of the pod: behind the first the test listens, behind the second nobody; the kubelet has no third."""


@dataclass
class Listening:
    """The test's own server behind a pod's port."""

    namespace: str
    heard: list[tuple[str, str, bytes]] = field(default_factory=list)
    status: int = 200
    text: bytes = b"success"
    hangs_up: bool = False

    def call(self, body: bytes = b"{}", *, port: int = OPEN, pod: str = "web") -> Write:
        call = Call(port=port, path="/push?x=1", headers={"Content-Type": "application/json"}, body=body)
        return Write(
            method="POST", kind=POD, namespace=self.namespace, name=pod, subresource="portforward", call=call
        )


def server(about: Listening) -> ThreadingHTTPServer:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            about.heard.append((self.command, self.path, body))
            if about.hangs_up:
                self.close_connection = True
                return
            self.send_response(about.status)
            self.send_header("Content-Length", str(len(about.text)))
            self.end_headers()
            self.wfile.write(about.text)

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    return ThreadingHTTPServer(("127.0.0.1", 0), Handler)


@pytest.fixture
async def cluster(lab: Lab) -> AsyncIterator[KubernetesCluster]:
    async with _connected(lab, "admin") as found:
        yield found


async def known(cluster: KubernetesCluster, about: Listening) -> bool:
    """Say whether the kubelet has heard of the ports, by what it says of the one where nobody listens."""
    try:
        await cluster.send(about.call(port=DEAD))
    except Unreachable as error:
        return "connection refused" in str(error)
    return False


@pytest.fixture
async def listening(
    kubectl: Kubectl, apply: Apply, namespace: str, cluster: KubernetesCluster
) -> AsyncIterator[Listening]:
    about = Listening(namespace)
    with server(about) as serves:
        threading.Thread(target=serves.serve_forever, daemon=True).start()
        place = {"name": "web", "namespace": namespace}
        containers = [{"name": "main", "image": "shop/web:1"}]
        apply({"apiVersion": "v1", "kind": "Pod", "metadata": place, "spec": {"containers": containers}})
        targets = {OPEN: serves.server_address[1], DEAD: 1}
        forwards = [
            {"ports": [port], "target": {"address": "127.0.0.1", "port": to}} for port, to in targets.items()
        ]
        kind = {"apiVersion": "kwok.x-k8s.io/v1alpha1", "kind": "PortForward"}
        apply({**kind, "metadata": place, "spec": {"forwards": forwards}})
        kubectl("wait", "pod/web", "-n", namespace, "--for=condition=Ready", "--timeout=30s")
        await eventually(lambda: known(cluster, about), what="the kubelet knows of the ports")
        yield about
        serves.shutdown()


def _connected(lab: Lab, persona: str) -> _Connected:
    return _Connected(Access(kubeconfig=str(lab.kubeconfig(persona))))


class _Connected:
    def __init__(self, access: Access) -> None:
        self._access = access

    async def __aenter__(self) -> KubernetesCluster:
        self._cluster = await KubernetesCluster.connect(self._access)
        return self._cluster

    async def __aexit__(self, *_: object) -> None:
        await self._cluster.close()


@contextmanager
def kubectl_forward(lab: Lab, namespace: str, pod: str, port: int) -> Iterator[str]:
    """Run ``kubectl port-forward``; yield the address that leads to the pod."""
    words = ("port-forward", f"pod/{pod}", f":{port}", "-n", namespace)
    process = subprocess.Popen(
        [lab.bin("kubectl"), f"--kubeconfig={lab.kubeconfig()}", *words],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    try:
        assert process.stdout is not None
        line = process.stdout.readline()
        assert line.startswith("Forwarding from 127.0.0.1:"), line
        yield f"http://{line.split()[2]}"
    finally:
        process.kill()
        process.communicate()


def posted(url: str, body: bytes, headers: dict[str, str]) -> tuple[int, str]:
    request = urllib.request.Request(url, body, headers)
    try:
        with urllib.request.urlopen(request, timeout=10) as reply:
            return reply.status, reply.read().decode()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.read().decode()


async def test_the_pod_hears_from_us_what_it_hears_through_kubectl(
    lab: Lab, cluster: KubernetesCluster, listening: Listening
) -> None:
    body = json.dumps({"after": "x" * 300_000}).encode()
    assert await cluster.send(listening.call(body)) == Reply(status=200, body={"text": "success"})
    with kubectl_forward(lab, listening.namespace, "web", OPEN) as address:
        assert posted(f"{address}/push?x=1", body, {"Content-Type": "application/json"}) == (200, "success")
    assert listening.heard == [("POST", "/push?x=1", body)] * 2


async def test_what_the_pod_refuses_is_told_as_the_pods(
    cluster: KubernetesCluster, listening: Listening
) -> None:
    listening.status, listening.text = 403, b"not you"
    with pytest.raises(Refused, match="pod web answers 403: not you") as refused:
        await cluster.send(listening.call())
    assert refused.value.code == 403


async def test_a_pod_that_hangs_up_may_have_heard_it_and_is_not_asked_again(
    lab: Lab, listening: Listening
) -> None:
    listening.hangs_up = True  # which kwok does not pass on
    async with _Connected(Access(kubeconfig=str(lab.kubeconfig()), request_timeout=2)) as hasty:
        with pytest.raises(Unreachable, match="no answer within 2 s") as lost:
            await hasty.send(listening.call())
    assert lost.value.sent
    assert len(listening.heard) == 1


@pytest.mark.parametrize(
    ("port", "said"), [(DEAD, "connection refused"), (UNKNOWN, f"forward not found for port {UNKNOWN}")]
)
async def test_where_nobody_listens_the_kubelet_says_so_and_nothing_was_sent(
    cluster: KubernetesCluster, listening: Listening, port: int, said: str
) -> None:
    with pytest.raises(Unreachable, match=f"port {port} of pod web can't be reached: .*{said}") as lost:
        await cluster.send(listening.call(port=port))
    assert not lost.value.sent


async def test_a_pod_that_is_not_there(cluster: KubernetesCluster, namespace: str) -> None:
    with pytest.raises(Missing, match='pods "web" not found'):
        await cluster.send(Listening(namespace).call())


async def test_it_takes_the_right_to_get_and_then_the_right_to_create(
    lab: Lab, kubectl: Kubectl, listening: Listening
) -> None:
    where = ("-n", listening.namespace)
    write = listening.call()
    async with _connected(lab, "dev") as dev:
        for verb in ("get", "create"):
            (right,) = [one for one in write.rights if one.verb == verb]
            assert not await dev.may(verb, right.about, listening.namespace)
            with pytest.raises(Denied, match=f"may not {verb} pods/portforward in namespace") as denied:
                await dev.send(write)
            assert denied.value.code == 403
            kubectl("create", "role", verb, f"--verb={verb}", "--resource=pods/portforward", *where)
            kubectl("create", "rolebinding", verb, f"--role={verb}", "--group=lab-devs", *where)

            asked = ("auth", "can-i", verb, "pods", "--subresource=portforward", *where)

            def allowed(asked: tuple[str, ...] = asked) -> bool:
                return kubectl(*asked, persona="dev", check=False) == "yes\n"

            await eventually(allowed, what=f"the right to {verb}")
        assert (await dev.send(write)).status == 200
    assert len(listening.heard) == 1


@pytest.mark.needs("events")
async def test_the_real_event_source_takes_a_signed_push_through_its_pods_port_and_no_other(
    lab: Lab, kubectl: Kubectl, cluster: KubernetesCluster
) -> None:
    selector = ("-n", "argo-events", "-l", "eventsource-name=github")
    (pod,) = kubectl.get("pods", *selector)["items"]
    name = pod["metadata"]["name"]

    def push(sha: str, secret: bytes | None = None) -> Write:
        body, headers = hook.signed(sha, ref="refs/heads/nobodys", secret=secret)
        call = Call(port=12000, path="/push", headers=headers, body=body)
        return Write(
            method="POST", kind=POD, namespace="argo-events", name=name, subresource="portforward", call=call
        )

    sha = secrets.token_hex(20)
    assert await cluster.send(push(sha)) == Reply(status=200, body={"text": "success"})
    with pytest.raises(Refused) as refused:
        await cluster.send(push(sha, b"wrong"))
    assert str(refused.value) == f"pod {name} answers 400: payload signature check failed"
    assert refused.value.code == 400
    with kubectl_forward(lab, "argo-events", name, 12000) as address:
        for secret, expected in (
            (None, (200, "success")),
            (b"wrong", (400, "payload signature check failed")),
        ):
            body, headers = hook.signed(sha, ref="refs/heads/nobodys", secret=secret)
            assert posted(f"{address}/push", body, headers) == expected

    def published() -> bool:
        lines = kubectl("logs", name, "-n", "argo-events").splitlines()
        return sum("request is not valid event notification" in line for line in lines) >= 2

    until(published, what="both wrong signatures in the event source's log")
