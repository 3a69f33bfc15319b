"""Fetching one object whole, and finding where a kind is served that is known by its name only."""

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
from scripted import GROUP, Answer, refusal, serving

from trombone_tui.adapters.kubernetes import Access, KubernetesCluster
from trombone_tui.core.objects.basics import Kind, Object
from trombone_tui.core.objects.pods import POD
from trombone_tui.core.ports import Denied, Missing, NotInstalled, Unreachable
from trombone_tui.demo.access import Persona, Rule
from trombone_tui.demo.clock import Clock
from trombone_tui.demo.server import ApiServer
from trombone_tui.demo.store import Store


@asynccontextmanager
async def demo(tmp_path: Path, *personas: Persona, token: str = "") -> AsyncIterator[Any]:
    server = ApiServer(Store(Clock()), personas=personas)
    server.store.create("namespaces", {"metadata": {"name": "ns"}})
    spec = {"containers": [{"name": "c", "unknown": [1, {"to": "us"}]}]}
    server.store.create("pods", {"metadata": {"name": "p", "namespace": "ns"}, "spec": spec})
    await server.start()
    path = tmp_path / "config"
    path.write_text(server.kubeconfig("ns", token=token))
    cluster = await KubernetesCluster.connect(Access(kubeconfig=str(path)))
    try:
        yield cluster
    finally:
        await cluster.close()
        await server.stop()


def answer(body: Any) -> Answer:
    return Answer(headers={"Content-Type": "application/json"}, chunks=(json.dumps(body).encode(),))


async def test_an_object_comes_with_everything_in_it(tmp_path: Path) -> None:
    async with demo(tmp_path) as cluster:
        found = await cluster.whole(POD, "ns", "p")
        assert found["spec"]["containers"][0]["unknown"] == [1, {"to": "us"}]
        kind = await cluster.find("", "Namespace")
        assert (await cluster.whole(kind, "", "ns"))["metadata"]["name"] == "ns"


async def test_what_can_not_be_fetched_says_why(tmp_path: Path) -> None:
    guest = Persona(name="guest", token="guest", rules=[Rule(verbs=["get"], groups=[""], resources=["pods"])])
    async with demo(tmp_path, guest, token="guest") as cluster:
        assert await cluster.whole(POD, "ns", "p")
        with pytest.raises(Missing, match="q"):
            await cluster.whole(POD, "ns", "q")
        secret = Kind(name="Secret", plural="secrets", group="", version="v1", shape=Object)
        with pytest.raises(Denied) as denied:
            await cluster.whole(secret, "ns", "s")
        assert str(denied.value) == "may not get secrets in namespace ns"
        with pytest.raises(NotInstalled, match="wonders is not installed"):
            await cluster.whole(replace(POD, plural="wonders"), "ns", "p")


async def test_an_answer_that_is_no_object_is_no_object() -> None:
    async with serving() as server, connected(server.url) as cluster:
        server.at(f"/apis/{GROUP}/v1/namespaces/ns/things/a", answer(["not", "an", "object"]))
        with pytest.raises(Unreachable, match="is not what an API server says"):
            await cluster.whole(THING, "ns", "a")


async def test_names_stay_within_their_place_in_the_path() -> None:
    async with serving() as server, connected(server.url) as cluster:
        with pytest.raises(NotInstalled):
            await cluster.whole(THING, "ns", "../../secrets/x?y")
        for name in ("", ".", ".."):
            with pytest.raises(Missing, match="no Thing is called"):
                await cluster.whole(THING, "ns", name)
        path = server.requests[-1].path
        assert path == f"/apis/{GROUP}/v1/namespaces/ns/things/..%2F..%2Fsecrets%2Fx%3Fy"


@pytest.mark.parametrize(
    ("group", "name", "found"),
    [
        ("", "Pod", ("pods", "v1", True)),
        ("", "Namespace", ("namespaces", "v1", False)),
        ("apps", "Deployment", ("deployments", "v1", True)),
        ("argoproj.io", "Rollout", ("rollouts", "v1alpha1", True)),
        ("argoproj.io", "ClusterAnalysisTemplate", ("clusteranalysistemplates", "v1alpha1", False)),
    ],
)
async def test_a_kind_is_found_by_its_name(
    tmp_path: Path, group: str, name: str, found: tuple[str, str, bool]
) -> None:
    async with demo(tmp_path) as cluster:
        kind = await cluster.find(group, name)
    assert (kind.group, kind.name) == (group, name)
    assert (kind.plural, kind.version, kind.namespaced) == found


async def test_a_kind_nobody_serves_is_named_as_it_was_asked_for(tmp_path: Path) -> None:
    async with demo(tmp_path) as cluster:
        with pytest.raises(NotInstalled, match=r"Wonder\.example\.org is not installed"):
            await cluster.find("example.org", "Wonder")
        with pytest.raises(NotInstalled, match=r"^Wonder is not installed"):
            await cluster.find("", "Wonder")
        with pytest.raises(NotInstalled):  # what ends on /scale has a kind of its own
            await cluster.find("autoscaling", "Scale")


async def test_without_aggregated_discovery_the_groups_versions_are_asked_the_favourite_first() -> None:
    async with serving() as server, connected(server.url) as cluster:
        versions = [{"version": "v1"}, {"version": "v2"}]
        group = {"name": GROUP, "versions": versions, "preferredVersion": {"version": "v2"}}
        server.at("/apis", answer({"kind": "APIGroupList", "groups": [group]}))
        things = {"name": "things", "kind": "Thing", "namespaced": True}
        wide = {"name": "wides", "kind": "Wide", "namespaced": False}
        server.at(
            f"/apis/{GROUP}/v2",
            answer({"resources": [{"name": "things/status", "kind": "Thing", "namespaced": True}, wide]}),
        )
        server.at(f"/apis/{GROUP}/v1", answer({"resources": [things, wide]}))
        found = await cluster.find(GROUP, "Wide")
        assert (found.version, found.namespaced) == ("v2", False)
        found = await cluster.find(GROUP, "Thing")
        assert (found.version, found.plural, found.namespaced) == ("v1", "things", True)
        assert len(server.requests) == 3


async def test_who_waits_for_a_look_that_was_refused_tries_the_usual_path_itself() -> None:
    async with serving() as server, connected(server.url) as cluster:
        server.at("/apis", refusal(403))
        server.at(f"/apis/{GROUP}/v1/namespaces/ns/things/a", answer({"spec": {}}))
        found, whole = await asyncio.gather(
            cluster.find(GROUP, "Thing"), cluster.whole(THING, "ns", "a"), return_exceptions=True
        )
        assert isinstance(found, Denied)
        assert whole == {"spec": {}}


async def test_where_discovery_is_closed_a_name_is_not_guessed_at() -> None:
    async with serving() as server, connected(server.url) as cluster:
        server.at("/apis", refusal(403))
        with pytest.raises(Denied, match="may not get /apis"):
            await cluster.find(GROUP, "Thing")
