"""Calls to a pod's port over real HTTP: what the pod hears, how often, and what each end of it means."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

import pytest
from aiohttp import web
from apiserver import TunnelProxy, write_kubeconfig
from certificates import Authority
from following import connected
from kubelet import PORT, Channels, Play, kubelet
from scripted import Answer, refusal, serving, status, text

from trombone_tui.adapters.forward import LONGEST
from trombone_tui.adapters.kubernetes import Access, KubernetesCluster
from trombone_tui.core.objects.pods import POD
from trombone_tui.core.ports import Denied, Missing, PortError, Refused, Unauthenticated, Unreachable
from trombone_tui.core.writes import Call, Reply, Write
from trombone_tui.demo.access import Persona, Rule
from trombone_tui.demo.clock import Clock
from trombone_tui.demo.faults import Fault
from trombone_tui.demo.server import ApiServer
from trombone_tui.demo.store import Store

PATH = "/api/v1/namespaces/ci/pods/source/portforward"
BODY = b'{"ref": "refs/heads/main"}\n'
CALL = Call(port=PORT, path="/push?dry=1", headers={"X-GitHub-Event": "push"}, body=BODY)


def calling(call: Call = CALL, *, pod: str = "source") -> Write:
    return Write(
        method="POST", kind=POD, namespace="ci", name=pod, subresource="portforward", body={}, call=call
    )


class Heard:
    """A pod's port, and what came to it."""

    def __init__(self) -> None:
        self.requests: list[tuple[str, str, dict[str, str], bytes]] = []
        self.status, self.body = 200, b"success"

    async def __call__(self, request: web.BaseRequest) -> web.StreamResponse:
        headers = {name.lower(): value for name, value in request.headers.items()}
        self.requests.append((request.method, request.raw_path, headers, await request.read()))
        return web.Response(status=self.status, body=self.body)


class Demo:
    def __init__(self, server: ApiServer, cluster: KubernetesCluster, heard: Heard) -> None:
        self.server, self.cluster, self.heard = server, cluster, heard

    @property
    def forwards(self) -> int:
        return len([one for one in self.server.requests if one.path.endswith("/portforward")])


@asynccontextmanager
async def demo(tmp_path: Path, *personas: Persona, token: str = "") -> AsyncIterator[Demo]:
    """Run the embedded cluster with a pod that listens, one that does not, and one without a node."""
    server = ApiServer(Store(Clock()), personas=personas)
    server.store.create("namespaces", {"metadata": {"name": "ci"}})
    for name, more in (("source", {"nodeName": "n"}), ("deaf", {"nodeName": "n"}), ("waiting", {})):
        meta = {"name": name, "namespace": "ci", "labels": {"app": name}}
        server.store.create("pods", {"metadata": meta, "spec": {"containers": [{"name": "main"}], **more}})
    heard = Heard()
    server.ports.listen("ci", {"app": "source"}, PORT, heard)
    await server.start()
    path = tmp_path / "config"
    path.write_text(server.kubeconfig("ci", token=token, context="here"))
    cluster = await KubernetesCluster.connect(Access(kubeconfig=str(path), request_timeout=5))
    try:
        yield Demo(server, cluster, heard)
    finally:
        await cluster.close()
        await server.stop()


async def test_the_pod_hears_the_request_as_it_is_and_its_answer_is_the_reply(tmp_path: Path) -> None:
    async with demo(tmp_path) as at:
        assert await at.cluster.send(calling()) == Reply(status=200, body={"text": "success"})
        ((method, path, headers, body),) = at.heard.requests
        assert (method, path, body) == ("POST", "/push?dry=1", BODY)
        assert (headers["x-github-event"], headers["host"]) == ("push", f"localhost:{PORT}")
        assert headers["user-agent"].startswith("trombone-tui/")
        assert "authorization" not in headers
        assert at.forwards == 1


async def test_a_large_body_and_other_methods_arrive_whole(tmp_path: Path) -> None:
    async with demo(tmp_path) as at:
        large = replace(CALL, method="PUT", body=b"x" * 900_000)
        assert (await at.cluster.send(calling(large))).status == 200
        assert (await at.cluster.send(calling(Call(port=PORT, path="/health", method="GET")))).status == 200
        assert [(one[0], one[1], len(one[3])) for one in at.heard.requests] == [
            ("PUT", "/push?dry=1", 900_000),
            ("GET", "/health", 0),
        ]


async def test_a_large_answer_is_kept_as_far_as_it_is_sane(tmp_path: Path) -> None:
    async with demo(tmp_path) as at:
        at.heard.body = b"y" * (LONGEST + 1)
        said = (await at.cluster.send(calling())).body["text"]
        assert said == "y" * LONGEST + "… (the rest is left out)"
        at.heard.body = b"y" * LONGEST
        assert (await at.cluster.send(calling())).body["text"] == "y" * LONGEST


@pytest.mark.parametrize("code", [302, 400, 403, 404, 500, 503])
async def test_what_the_pod_refuses_is_told_in_its_own_words_and_not_as_the_api_servers(
    tmp_path: Path, code: int
) -> None:
    async with demo(tmp_path) as at:
        at.heard.status, at.heard.body = code, b"payload signature check failed\n"
        with pytest.raises(Refused) as refused:
            await at.cluster.send(calling())
        assert str(refused.value) == f"pod source answers {code}: payload signature check failed"
        assert refused.value.code == code
        assert "not the API server" in refused.value.advice
        assert len(at.heard.requests) == 1


async def test_a_refusal_without_words_says_so(tmp_path: Path) -> None:
    async with demo(tmp_path) as at:
        at.heard.status, at.heard.body = 500, b""
        with pytest.raises(Refused, match="answers 500: without a word"):
            await at.cluster.send(calling())


async def test_where_nobody_listens_nothing_was_sent_and_the_kubelets_words_are_told(tmp_path: Path) -> None:
    async with demo(tmp_path) as at:
        for write in (calling(pod="deaf"), calling(replace(CALL, port=1))):
            with pytest.raises(Unreachable, match=r"can't be reached: error forwarding.*refused") as lost:
                await at.cluster.send(write)
            assert not lost.value.sent
            assert "listens" in lost.value.advice
        assert at.heard.requests == []


async def test_a_pod_that_is_not_there_or_has_no_node(tmp_path: Path) -> None:
    async with demo(tmp_path) as at:
        with pytest.raises(Missing, match='pods "gone" not found'):
            await at.cluster.send(calling(pod="gone"))
        with pytest.raises(Refused, match="pod waiting does not have a host assigned"):
            await at.cluster.send(calling(pod="waiting"))
        for name in ("", ".", ".."):
            with pytest.raises(Missing):
                await at.cluster.send(calling(pod=name))
        assert at.forwards == 2


@pytest.mark.parametrize(("allowed", "lacking"), [((), "get"), (("get",), "create"), (("create",), "get")])
async def test_the_right_that_lacks_is_named(tmp_path: Path, allowed: tuple[str, ...], lacking: str) -> None:
    rule = Rule(verbs=allowed, groups=[""], resources=["pods/portforward"])
    guest = Persona(name="guest", token="guest", rules=[rule])
    async with demo(tmp_path, guest, token="guest") as at:
        with pytest.raises(Denied) as denied:
            await at.cluster.send(calling())
        assert str(denied.value) == f"may not {lacking} pods/portforward in namespace ci"
        assert (denied.value.code, denied.value.verb) == (403, lacking)
        assert "forbidden" in denied.value.message
        assert at.heard.requests == []


async def test_get_and_create_suffice(tmp_path: Path) -> None:
    rule = Rule(verbs=["get", "create"], groups=[""], resources=["pods/portforward"], namespaces=["ci"])
    guest = Persona(name="guest", token="guest", rules=[rule])
    async with demo(tmp_path, guest, token="guest") as at:
        assert (await at.cluster.send(calling())).status == 200


async def test_in_read_only_a_call_does_not_leave(tmp_path: Path) -> None:
    async with demo(tmp_path) as at:
        at.cluster.read_only = "read-only: says the test"
        with pytest.raises(Refused, match="read-only: says the test"):
            await at.cluster.send(calling())
        for below in ("portforward", "exec", "attach", "proxy", "proxy/push", "portforw%61rd"):
            with pytest.raises(Refused, match="read-only"):
                async with at.cluster.request("GET", f"/api/v1/namespaces/ci/pods/source/{below}"):
                    pass
        assert not at.server.requests
        for name in ("proxy", "exec"):  # names of pods are no doors
            with pytest.raises(Missing):
                await at.cluster.whole(POD, "ci", name)


async def test_a_call_can_not_be_rehearsed(tmp_path: Path) -> None:
    async with demo(tmp_path) as at:
        with pytest.raises(Refused, match="a call to a pod can't be rehearsed"):
            await at.cluster.send(calling(), dry_run=True)
        assert at.forwards == 0


async def test_a_header_that_would_be_two_is_refused(tmp_path: Path) -> None:
    async with demo(tmp_path) as at:
        with pytest.raises(Refused, match="line break"):
            await at.cluster.send(calling(replace(CALL, headers={"X-A": "b\r\nX-C: d"})))
        assert at.forwards == 0


@pytest.mark.parametrize(
    ("fault", "why"),
    [
        (Fault(resource="pods", verb="get", cut=9), "cut"),
        (Fault(resource="pods", verb="get", stall=9), "no answer within 0.3 s"),
    ],
    ids=["cut", "stall"],
)
async def test_an_answer_that_breaks_off_before_its_head_is_whole_may_have_had_an_effect(
    tmp_path: Path, fault: Fault, why: str
) -> None:
    async with demo(tmp_path) as at:
        at.server.faults.add(fault)
        at.cluster._session._request_timeout = 0.3
        with pytest.raises(Unreachable, match=why) as lost:
            await at.cluster.send(calling())
        assert lost.value.sent
        assert f"port {PORT} of pod source" in str(lost.value)
        assert len(at.heard.requests) == 1
        assert at.forwards == 1


async def test_what_has_a_status_was_answered_though_its_text_breaks_off(tmp_path: Path) -> None:
    async with demo(tmp_path) as at:
        at.heard.body = b"z" * 20_000
        at.server.faults.add(Fault(resource="pods", verb="get", cut=10_000))
        reply = await at.cluster.send(calling())
        assert reply.status == 200
        assert set(reply.body["text"]) == {"z"}
        assert len(reply.body["text"]) < 10_000


async def play_silence(channels: Channels) -> None:
    await channels.asked()
    await asyncio.Event().wait()


async def play_cut(channels: Channels) -> None:
    await channels.asked()
    channels.cut()


async def play_close(channels: Channels) -> None:
    await channels.asked()
    await channels.socket.close()


async def play_loss(channels: Channels) -> None:
    await channels.asked()
    await channels.say(b"error forwarding port 12000 to pod x, uid : read: connection reset by peer", 1)
    await asyncio.Event().wait()


async def play_noise(channels: Channels) -> None:
    await channels.asked()
    await channels.say(b"SSH-2.0-OpenSSH_9.2\r\n\r\n")
    await asyncio.Event().wait()


async def play_text(channels: Channels) -> None:
    await channels.asked()
    await channels.socket.send_str("what?")
    await asyncio.Event().wait()


@pytest.mark.parametrize(
    ("play", "why"),
    [
        (play_silence, "no answer within 0.3 s"),
        (play_cut, "the connection was cut"),
        (play_close, "the connection was cut"),
        (play_loss, "can't be reached: error forwarding port 12000 .* reset by peer"),
        (play_noise, "does not speak HTTP"),
        (play_text, "speaks another protocol"),
    ],
)
@pytest.mark.parametrize("method", ["POST", "PUT", "GET"])
async def test_whatever_goes_wrong_once_the_pod_may_have_heard_it_is_said_and_never_sent_again(
    play: Play, why: str, method: str
) -> None:
    async with kubelet(play) as far, connected(far.url) as cluster:
        cluster._session._request_timeout = 0.3
        with pytest.raises(Unreachable, match=why) as lost:
            await cluster.send(calling(replace(CALL, method=method)))
        assert lost.value.sent
        assert len(far.requests) == 1


async def test_an_answer_may_come_in_any_pieces() -> None:
    async def play(channels: Channels) -> None:
        await channels.asked()
        for byte in b"HTTP/1.1 202 Accepted\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nyes\r\n0\r\n\r\n":
            await channels.say(bytes((byte,)))
        await channels.socket.receive()

    async with kubelet(play) as far, connected(far.url) as cluster:
        assert await cluster.send(calling()) == Reply(status=202, body={"text": "yes"})
        (request,) = far.requests
        assert (request.path, request.query_string) == (PATH, f"ports={PORT}")
        assert request.headers["Sec-WebSocket-Protocol"] == "v4.channel.k8s.io"
        assert request.headers["Accept"] == "application/json, */*"


async def test_an_answer_without_length_ends_with_the_connection() -> None:
    async def play(channels: Channels) -> None:
        await channels.asked()
        await channels.say(b"HTTP/1.0 200 OK\r\n\r\nold")
        await channels.socket.close()

    async with kubelet(play) as far, connected(far.url) as cluster:
        assert await cluster.send(calling()) == Reply(status=200, body={"text": "old"})


async def test_it_goes_through_the_proxy_with_tls_credentials_and_whom_to_impersonate(
    tmp_path: Path, pki: Authority
) -> None:
    async def play(channels: Channels) -> None:
        await channels.asked()
        await channels.say(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
        await channels.socket.receive()

    tls = pki.server_context("named", "DNS:cluster.example")
    async with kubelet(play, tls) as far, TunnelProxy() as proxy:
        cluster_entry = {
            "proxy-url": f"http://127.0.0.1:{proxy.port}",
            "certificate-authority": str(pki.path),
            "tls-server-name": "cluster.example",
        }
        user = {"token": "SECRET", "as": "robot"}
        path = write_kubeconfig(tmp_path / "c", far.url, user=user, cluster=cluster_entry)
        cluster = await KubernetesCluster.connect(Access(kubeconfig=path, request_timeout=5))
        try:
            assert (await cluster.send(calling())).status == 200
        finally:
            await cluster.close()
        (request,) = far.requests
        assert request.headers["Authorization"] == "Bearer SECRET"
        assert request.headers["Impersonate-User"] == "robot"
        assert proxy.heads[0].startswith(f"CONNECT {far.url.removeprefix('https://')} ")


async def test_a_token_that_is_no_longer_taken_is_read_anew(tmp_path: Path) -> None:
    token = tmp_path / "token"
    token.write_text("old")
    rule = Rule(verbs=["*"], groups=["*"], resources=["*"])
    async with demo(tmp_path, Persona(name="guest", token="old", rules=[rule])) as at:
        path = write_kubeconfig(tmp_path / "c", at.server.url, user={"tokenFile": str(token)})
        cluster = await KubernetesCluster.connect(Access(kubeconfig=path, request_timeout=5))
        try:
            assert (await cluster.send(calling())).status == 200
            token.write_text("new")
            at.server.access.add(Persona(name="guest", token="new", rules=[rule]))
            assert (await cluster.send(calling())).status == 200
        finally:
            await cluster.close()
        assert len(at.heard.requests) == 2
        assert at.forwards == 3


NOT_HERE = status(404, 'pods "source" not found', name="source", kind="pods")


@pytest.mark.parametrize(
    ("answer", "error", "words"),
    [
        (refusal(401, "who"), Unauthenticated, "does not accept"),
        (refusal(403, 'User "x" cannot get resource "pods/portforward"'), Denied, "may not get"),
        (refusal(403, 'pods "source" is forbidden: '), Denied, "may not create"),
        (Answer(status=404, chunks=(json.dumps(NOT_HERE).encode(),)), Missing, 'pods "source" not found'),
        (text(404, "404 page not found\n"), Missing, "there is no pod source in namespace ci"),
        (text(400, "unable to upgrade"), Refused, "unable to upgrade"),
        (
            refusal(500, "error dialing backend: dial tcp 10.0.0.7:10250"),
            Unreachable,
            "error dialing backend",
        ),
        (text(502, "bad gateway"), Unreachable, "502"),
        (text(200, "hello"), Unreachable, "answers 200 where a websocket was asked for"),
        (text(302, "moved", Location="https://login.example/"), Unreachable, "redirect"),
        (Answer(status=101, headers={"Upgrade": "h2c"}), Unreachable, "does not speak HTTP"),
    ],
    ids=lambda value: str(getattr(value, "status", value)),
)
async def test_what_is_answered_instead_of_a_websocket_has_its_error_and_nothing_was_sent(
    answer: Answer, error: type[PortError], words: str
) -> None:
    async with serving() as server, connected(server.url) as cluster:
        server.at(PATH, answer)
        with pytest.raises(error, match=words) as caught:
            await cluster.send(calling())
        if isinstance(caught.value, Unreachable):
            assert not caught.value.sent
        assert len(server.asked("/portforward")) == 1


async def test_a_server_that_does_not_answer_or_is_not_there_has_handed_nothing_on() -> None:
    async with serving() as server, connected(server.url) as cluster:
        server.thawed.clear()
        cluster._session._request_timeout = 0.1
        with pytest.raises(Unreachable, match=r"no answer within 0\.1 s") as silent:
            await cluster.send(calling())
        assert not silent.value.sent
    async with connected(server.url) as cluster:
        with pytest.raises(Unreachable, match="refused") as refused:
            await cluster.send(calling())
        assert not refused.value.sent
