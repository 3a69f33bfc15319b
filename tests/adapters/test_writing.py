"""Changes over real HTTP: what leaves, that it leaves once, and what each answer means."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from following import THING, connected
from scripted import GROUP, Answer, Script, page, refusal, serving, text

from trombone_tui.adapters.kubernetes import Access, KubernetesCluster
from trombone_tui.core.objects.argo_rollouts import ROLLOUT
from trombone_tui.core.ports import (
    Conflict,
    Denied,
    Missing,
    NotInstalled,
    PortError,
    Refused,
    Unauthenticated,
    Unreachable,
)
from trombone_tui.core.writes import APPLY, JSON_PATCH, Write
from trombone_tui.demo.access import Persona, Rule
from trombone_tui.demo.clock import Clock
from trombone_tui.demo.metadata import Writer
from trombone_tui.demo.server import ApiServer
from trombone_tui.demo.store import Store

ROLLOUTS = "rollouts.argoproj.io"
PATH = f"/apis/{GROUP}/v1/namespaces/ns/things/a"
PATCH = Write(method="PATCH", kind=THING, namespace="ns", name="a", body={"spec": {"x": 1}})
DELETE = Write(method="DELETE", kind=THING, namespace="ns", name="a", body={"preconditions": {"uid": "u"}})
SEE = Rule(verbs=["get", "list", "watch"], groups=["argoproj.io"], resources=["rollouts"])


class Demo:
    """The embedded cluster with one Rollout, and who writes to it."""

    def __init__(self, server: ApiServer, cluster: KubernetesCluster) -> None:
        self.server, self.cluster = server, cluster

    @property
    def web(self) -> dict[str, Any]:
        return self.server.store.get(ROLLOUTS, "shop", "web")

    def patch(self, body: Any, **more: Any) -> Write:
        return Write(method="PATCH", kind=ROLLOUT, namespace="shop", name="web", body=body, **more)

    @property
    def changes(self) -> list[tuple[str, str]]:
        return [(r.method, r.path) for r in self.server.requests if r.method not in ("GET", "HEAD")]


@asynccontextmanager
async def demo(tmp_path: Path, *personas: Persona, token: str = "") -> AsyncIterator[Demo]:
    server = ApiServer(Store(Clock()), personas=personas)
    server.store.create("namespaces", {"metadata": {"name": "shop"}})
    for name in ("web", "api", "old"):
        meta = {"name": name, "namespace": "shop", "labels": {"app": name}}
        server.store.create(ROLLOUTS, {"metadata": meta, "spec": {"replicas": 1, "paused": True}})
    await server.start()
    path = tmp_path / "config"
    path.write_text(server.kubeconfig("shop", token=token, context="here"))
    cluster = await KubernetesCluster.connect(Access(kubeconfig=str(path)))
    try:
        yield Demo(server, cluster)
    finally:
        await cluster.close()
        await server.stop()


async def test_a_merge_patch_changes_the_object_and_the_answer_is_the_new_one(tmp_path: Path) -> None:
    async with demo(tmp_path) as at:
        reply = await at.cluster.send(at.patch({"spec": {"paused": None}}))
        assert reply.status == 200
        assert reply.body["spec"] == at.web["spec"] == {"replicas": 1}
        (request,) = [r for r in at.server.requests if r.method == "PATCH"]
        assert request.params == {"fieldManager": "trombone-tui"}


async def test_a_subresource_is_written_alone(tmp_path: Path) -> None:
    async with demo(tmp_path) as at:
        body = {"spec": {"replicas": 9}, "status": {"abort": True}}
        await at.cluster.send(at.patch(body, subresource="status"))
        assert at.web["spec"]["replicas"] == 1
        assert at.web["status"]["abort"] is True
        assert at.changes == [
            ("PATCH", "/apis/argoproj.io/v1alpha1/namespaces/shop/rollouts/web/status"),
        ]


async def test_a_json_patch_is_sent_as_one(tmp_path: Path) -> None:
    async with demo(tmp_path) as at:
        steps = [
            {"op": "test", "path": "/spec/replicas", "value": 1},
            {"op": "replace", "path": "/spec/replicas", "value": 2},
        ]
        await at.cluster.send(at.patch(steps, content=JSON_PATCH))
        assert at.web["spec"]["replicas"] == 2
        with pytest.raises(Refused) as refused:
            await at.cluster.send(at.patch(steps, content=JSON_PATCH))
        assert refused.value.code == 422
        assert at.web["spec"]["replicas"] == 2


async def test_an_apply_names_who_holds_a_field_and_takes_it_when_told_to(tmp_path: Path) -> None:
    def body(replicas: int) -> dict[str, Any]:
        return {
            "apiVersion": "argoproj.io/v1alpha1",
            "kind": "Rollout",
            "metadata": {"name": "web", "namespace": "shop"},
            "spec": {"replicas": replicas},
        }

    async with demo(tmp_path) as at:
        theirs = Writer("argocd-controller", "Apply", False, True)
        at.server.store.patch(ROLLOUTS, "shop", "web", body(3), content_type=APPLY, by=theirs)
        with pytest.raises(Conflict) as conflict:
            await at.cluster.send(at.patch(body(4), content=APPLY))
        assert conflict.value.held == (("argocd-controller", ".spec.replicas"),)
        assert at.web["spec"]["replicas"] == 3
        reply = await at.cluster.send(at.patch(body(4), content=APPLY, force=True))
        assert reply.body["spec"]["replicas"] == 4
        request = at.server.requests[-1]
        assert request.params == {"fieldManager": "trombone-tui", "force": "true"}


async def test_a_dry_run_says_what_would_be_and_changes_nothing(tmp_path: Path) -> None:
    async with demo(tmp_path) as at:
        before = at.web
        reply = await at.cluster.send(at.patch({"spec": {"replicas": 5}}), dry_run=True)
        assert reply.body["spec"]["replicas"] == 5
        assert at.web == before


async def test_objects_are_made_and_deleted(tmp_path: Path) -> None:
    async with demo(tmp_path) as at:
        body = {
            "apiVersion": "argoproj.io/v1alpha1",
            "kind": "Rollout",
            "metadata": {"generateName": "new-"},
            "spec": {},
        }
        made = await at.cluster.send(Write(method="POST", kind=ROLLOUT, namespace="shop", body=body))
        name = made.body["metadata"]["name"]
        assert made.status == 201
        assert name.startswith("new-")
        wrong = {"preconditions": {"uid": "another"}, "propagationPolicy": "Background"}
        delete = Write(method="DELETE", kind=ROLLOUT, namespace="shop", name=name, body=wrong)
        with pytest.raises(Conflict):
            await at.cluster.send(delete)
        right = {"preconditions": {"uid": made.body["metadata"]["uid"]}}
        assert (await at.cluster.send(replace(delete, body=right))).status == 200
        with pytest.raises(Missing):
            await at.cluster.send(replace(delete, body=right))


async def test_another_state_than_was_looked_at_is_a_conflict(tmp_path: Path) -> None:
    async with demo(tmp_path) as at:
        with pytest.raises(Conflict) as conflict:
            await at.cluster.send(at.patch({"metadata": {"resourceVersion": "1"}, "spec": {"replicas": 3}}))
        assert conflict.value.code == 409
        assert at.web["spec"]["replicas"] == 1


async def test_what_is_not_allowed_names_the_right_and_keeps_the_servers_words(tmp_path: Path) -> None:
    guest = Persona(name="guest", token="guest", rules=[SEE])
    async with demo(tmp_path, guest, token="guest") as at:
        with pytest.raises(Denied) as denied:
            await at.cluster.send(at.patch({"status": {"abort": True}}, subresource="status"))
        assert str(denied.value) == "may not patch rollouts.argoproj.io/status in namespace shop"
        assert 'User "guest" cannot patch' in denied.value.message
        assert str(at.patch({}, subresource="status").right) in str(denied.value)


async def test_who_we_are_is_asked_once(tmp_path: Path) -> None:
    guest = Persona(name="guest", token="guest", rules=[SEE])
    async with demo(tmp_path, guest, token="guest") as at:
        assert [await at.cluster.whoami(), await at.cluster.whoami()] == ["guest", "guest"]
        assert len(at.changes) == 1


async def test_a_server_that_can_not_say_who_we_are_leaves_it_open() -> None:
    async with serving() as server, connected(server.url) as cluster:
        assert await cluster.whoami() == ""


async def test_all_objects_come_in_pages_and_selected(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("trombone_tui.adapters.kubernetes._PAGE", "2")
    async with demo(tmp_path) as at:
        found = await at.cluster.objects(ROLLOUT, "shop")
        assert [one["metadata"]["name"] for one in found] == ["api", "old", "web"]
        assert all(one["spec"]["replicas"] == 1 for one in found)
        assert len([r for r in at.server.requests if r.path.endswith("/rollouts")]) == 2
        labelled = await at.cluster.objects(ROLLOUT.narrowed(selector="app in (api,web)"), None)
        assert [one["metadata"]["name"] for one in labelled] == ["api", "web"]
        named = await at.cluster.objects(ROLLOUT.narrowed(fields="metadata.name=old"), "shop")
        assert [one["metadata"]["name"] for one in named] == ["old"]


async def test_what_was_answered_was_taken_though_the_answer_breaks_off() -> None:
    async with serving() as server, connected(server.url) as cluster:
        server.at(PATH, Answer(chunks=(b'{"kind":',), end="cut", status=200))
        reply = await cluster.send(PATCH)
        assert (reply.status, reply.body) == (200, {})
        assert len(server.asked("/a")) == 1


async def test_where_a_kind_is_not_found_for_want_of_an_answer_nothing_was_sent() -> None:
    async with serving() as server, connected(server.url) as cluster:
        server.at("/apis", refusal(500))
        with pytest.raises(Unreachable) as lost:
            await cluster.send(PATCH)
        assert not lost.value.sent
        assert server.asked("/a") == []


@pytest.mark.parametrize(
    "write", [PATCH, DELETE, replace(DELETE, method="PUT")], ids=["PATCH", "DELETE", "PUT"]
)
async def test_a_connection_that_ends_without_a_word_is_not_tried_again(write: Write) -> None:
    async with _hanging_up() as (url, asked), connected(url) as cluster:
        with pytest.raises(Unreachable) as cut:
            await cluster.send(write)
        assert cut.value.sent
        assert asked == [write.method]


@asynccontextmanager
async def _hanging_up() -> AsyncIterator[tuple[str, list[str]]]:
    """Serve discovery, and hang up on every change after it was read."""
    asked: list[str] = []
    found = Script().answers["/apis"][0]
    said = "".join(f"{name}: {value}\r\n" for name, value in found.headers.items())
    top = f"HTTP/1.1 200 X\r\n{said}Content-Length: {len(found.chunks[0])}\r\n\r\n".encode()

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while method := (await reader.readuntil(b"\r\n\r\n")).split(b" ")[0].decode():
                if method != "GET":
                    asked.append(method)
                    break
                writer.write(top + found.chunks[0])
        except asyncio.IncompleteReadError:
            pass
        writer.close()

    server = await asyncio.start_server(handle, "127.0.0.1", 0)
    try:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}", asked
    finally:
        server.close()


async def test_an_answer_that_does_not_come_may_have_had_an_effect() -> None:
    async with serving() as server, connected(server.url) as cluster:
        server.things(page(), namespace="ns")
        await cluster.objects(THING, "ns")  # so that it is known where things are
        server.thawed.clear()
        cluster._session._request_timeout = 0.1
        with pytest.raises(Unreachable, match="no answer within") as silent:
            await cluster.send(PATCH)
        assert silent.value.sent
        assert len(server.asked("/a")) == 1


async def test_a_server_that_is_not_there_has_heard_nothing() -> None:
    async with serving() as server:
        url = server.url
    async with connected(url) as cluster:
        with pytest.raises(Unreachable) as refused:
            await cluster.send(PATCH)
        assert not refused.value.sent


@pytest.mark.parametrize(
    ("answer", "error", "sent"),
    [
        (refusal(429, "busy", Retry_After="2"), Unreachable, False),
        (refusal(500, "etcdserver: request timed out"), Unreachable, True),
        (text(504, "upstream"), Unreachable, True),
        (refusal(400, "bad"), Refused, None),
        (refusal(415, "unsupported"), Refused, None),
        (refusal(422, "invalid"), Refused, None),
        (refusal(403, "admission webhook denied the request"), Denied, None),
        (refusal(409, "changed"), Conflict, None),
        (refusal(404, "the server could not find the requested resource"), NotInstalled, None),
        (refusal(401, "who"), Unauthenticated, None),
    ],
    ids=lambda value: str(getattr(value, "status", value)),
)
async def test_each_answer_has_its_error_with_the_servers_words(
    answer: Answer, error: type[PortError], sent: bool | None
) -> None:
    async with serving() as server, connected(server.url) as cluster:
        server.at(PATH, answer)
        with pytest.raises(error) as caught:
            await cluster.send(PATCH)
        if answer.status != 401:  # said by us, after the credentials were renewed
            assert caught.value.code == answer.status
        if isinstance(caught.value, Unreachable):
            assert caught.value.sent is sent
        if error is Refused:
            assert json.loads(answer.chunks[0])["message"] in str(caught.value)
        assert len(server.asked("/a")) == 1


async def test_an_answer_of_what_was_taken_that_can_not_be_read_is_none() -> None:
    async with serving() as server, connected(server.url) as cluster:
        server.at(PATH, text(200, "fine"))
        assert (await cluster.send(PATCH)).body == {}


async def test_bytes_are_the_json_of_the_body_and_their_type_is_said() -> None:
    async with serving() as server, connected(server.url) as cluster:
        server.at(PATH, text(200, "fine"))
        for write in (PATCH, DELETE, replace(PATCH, body=[], content=JSON_PATCH)):
            await cluster.send(write)
        said = [(r.headers["content-type"], r.body, r.query) for r in server.asked("/a")]
        manager = {"fieldManager": "trombone-tui"}
        assert said == [
            ("application/merge-patch+json", b'{"spec":{"x":1}}', manager),
            ("application/json", b'{"preconditions":{"uid":"u"}}', {}),
            ("application/json-patch+json", b"[]", manager),
        ]


async def test_names_stay_within_their_place_in_the_path_of_a_change() -> None:
    async with serving() as server, connected(server.url) as cluster:
        for name in ("..", "", "."):
            with pytest.raises(Missing):
                await cluster.send(replace(DELETE, name=name))
        with pytest.raises(NotInstalled):
            await cluster.send(replace(DELETE, name="../../things/a"))
        assert server.requests[-1].path.endswith("/things/..%2F..%2Fthings%2Fa")


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE", "CONNECT", "get", "patch", "OPTIONS"])
async def test_in_read_only_nothing_but_questions_leaves(tmp_path: Path, method: str) -> None:
    async with demo(tmp_path) as at:
        at.cluster.read_only = "read-only: says the test"
        paths = [
            "/apis/argoproj.io/v1alpha1/namespaces/shop/rollouts/web",
            "/apis/authorization.k8s.io/v1/subjectaccessreviews",
            "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews/x",
            "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews?x",
        ]
        for path in paths:
            with pytest.raises(Refused, match="read-only: says the test"):
                async with at.cluster.request(method, path, body=b"{}"):
                    pass
        assert not at.server.requests


async def test_in_read_only_changes_are_refused_dry_ones_too_and_questions_are_asked(tmp_path: Path) -> None:
    async with demo(tmp_path) as at:
        await at.cluster.objects(ROLLOUT, "shop")
        at.cluster.read_only = "read-only: says the test"
        for dry in (True, False):
            with pytest.raises(Refused, match="read-only") as refused:
                await at.cluster.send(at.patch({"spec": {"replicas": 2}}), dry_run=dry)
            assert refused.value.code is None
        assert at.changes == []
        assert await at.cluster.may("patch", ROLLOUT, "shop")
        assert await at.cluster.whoami()
        assert await at.cluster.whole(ROLLOUT, "shop", "web")
        assert [path.rpartition("/")[2] for _, path in at.changes] == [
            "selfsubjectaccessreviews",
            "selfsubjectreviews",
        ]
        at.cluster.read_only = ""
        assert (await at.cluster.send(at.patch({"spec": {"replicas": 2}}))).status == 200
