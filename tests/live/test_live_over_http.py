"""All of it together: stages, watches and the adapter, against the embedded API server over real HTTP."""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from typing import Any

from hand import Watched, running, stage
from over_http import ROLLOUTS, api, read, rollout

from trombone_tui.adapters.kubernetes import Access, KubernetesCluster
from trombone_tui.adapters.pace import Pace
from trombone_tui.adapters.watch import Watcher
from trombone_tui.core.objects.argo_rollouts import ANALYSIS_RUN, ROLLOUT
from trombone_tui.core.objects.basics import Kind
from trombone_tui.core.ports import Change, State
from trombone_tui.core.stage import Source, Stage
from trombone_tui.demo.access import Persona, Rule
from trombone_tui.demo.server import ApiServer
from trombone_tui.live import Live

ASK = Rule(verbs=["create"], groups=["authorization.k8s.io"], resources=["selfsubjectaccessreviews"])


def one(name: str, *kinds: Any) -> Stage:
    return stage(name, *(Source(kind=kind, read=read) for kind in kinds))


class Hurried(KubernetesCluster):
    """A cluster where a kind that is missing is looked for each tenth of a second."""

    def follow(self, kind: Kind, namespace: str | None) -> AsyncGenerator[Change, None]:
        return self.hurried.follow(kind, namespace)

    @cached_property
    def hurried(self) -> Watcher:
        return Watcher(self, Pace(look_again=0.1, first_wait=0.1))


@asynccontextmanager
async def watched(
    folder: Path,
    stages: Sequence[Stage],
    *servers: tuple[str, ApiServer, str],
    namespaces: Sequence[str] = (),
) -> AsyncIterator[Watched]:
    """Follow servers, each under a name and with a persona's token."""
    async with AsyncExitStack() as stack:
        clusters = []
        for name, server, token in servers:
            path = folder / name
            path.write_text(server.kubeconfig("shop", token=token, context=name))
            clusters.append(await Hurried.connect(Access(kubeconfig=str(path))))
            stack.push_async_callback(clusters[-1].close)
        live = Live(clusters, stages, namespaces=namespaces, clock=lambda: datetime.now(UTC))
        yield await stack.enter_async_context(running(live))


def places(seen: Watched, of: str) -> list[str]:
    return sorted(f"{ref.cluster}/{ref.namespace}/{ref.name}" for ref in seen.now.stages[of].items)


async def test_one_watch_a_kind_however_many_stages_and_clusters_of_the_same_names_stay_apart(
    tmp_path: Path,
) -> None:
    stages = [one("first", ROLLOUT), one("second", ROLLOUT, ANALYSIS_RUN)]
    async with api(names=["shop"]) as east, api(names=["shop", "pay"]) as west:
        async with watched(tmp_path, stages, ("east", east, ""), ("west", west, "")) as seen:
            await seen.until(lambda s: s.now.settled)
            expected = ["east/shop/web", "west/pay/web", "west/shop/web"]
            assert places(seen, "first") == places(seen, "second") == expected
            west.store.create(ROLLOUTS, rollout("new", "pay"))
            await seen.until(lambda s: "west/pay/new" in places(s, "first"))
            west.store.delete(ROLLOUTS, "shop", "web")
            await seen.until(lambda s: "west/shop/web" not in places(s, "second"))
            assert "east/shop/web" in places(seen, "second")
        for server in (east, west):
            asked = [request.path for request in server.requests]
            assert sorted(path.rpartition("/")[2] for path in asked) == ["analysisruns", "apis", "rollouts"]
            assert all(request.params.get("watch") for request in server.requests if request.path != "/apis")


async def test_who_may_see_one_namespace_only_sees_its_rows_without_asking_for_it(tmp_path: Path) -> None:
    see = Rule(verbs=["list", "watch"], groups=["argoproj.io"], resources=["rollouts"], namespaces=["pay"])
    names = Rule(verbs=["list"], groups=[""], resources=["namespaces"])
    guest = Persona(name="guest", token="guest", rules=[see, names, ASK])
    async with (
        api(guest) as server,
        watched(tmp_path, [one("one", ROLLOUT), one("two", ANALYSIS_RUN)], ("here", server, "guest")) as seen,
    ):
        await seen.until(lambda s: s.now.settled)
        assert places(seen, "one") == ["here/pay/web"]
        assert seen.panel("one").state is State.LIVE
        assert seen.panel("two").state is State.DENIED
        assert "may not watch analysisruns.argoproj.io in all namespaces" in seen.panel("two").reason


async def test_a_kind_removed_while_it_runs_loses_its_rows_and_is_noticed_when_it_is_back(
    tmp_path: Path,
) -> None:
    async with (
        api(names=["shop"]) as server,
        watched(tmp_path, [one("one", ROLLOUT)], ("here", server, "")) as seen,
    ):
        await seen.until(lambda s: places(s, "one") == ["here/shop/web"])
        resource = next(found for found in server.store.resources if found.name == ROLLOUTS)
        server.store.uninstall(ROLLOUTS)
        await seen.until(lambda s: s.panel("one").state is State.NOT_INSTALLED)
        assert not places(seen, "one")
        server.store.install(resource)
        server.store.create(ROLLOUTS, rollout("again", "shop"))
        await seen.until(lambda s: s.panel("one").state is State.LIVE)
        assert places(seen, "one") == ["here/shop/again"]


async def test_an_api_server_that_goes_away_is_noticed_within_seconds_and_its_rows_stay(
    tmp_path: Path,
) -> None:
    async with (
        api(names=["shop"]) as server,
        watched(tmp_path, [one("one", ROLLOUT)], ("here", server, "")) as seen,
    ):
        await seen.until(lambda s: s.panel("one").state is State.LIVE)
        port = int(server.url.rpartition(":")[2])
        await server.stop()
        await seen.until(lambda s: s.panel("one").state is State.STALE, within=3)
        assert places(seen, "one") == ["here/shop/web"]
        await server.start(port)
        await seen.until(lambda s: s.panel("one").state is State.LIVE, within=8)
