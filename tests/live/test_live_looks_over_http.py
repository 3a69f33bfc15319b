"""Looking at an item of the embedded cluster: questions, events and logs over real HTTP."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from hand import HURRY, Asker, Watched, eventually, running
from over_http import ROLLOUTS, SEE, api, connected, read

from trombone_tui.core.details import Lines
from trombone_tui.core.objects.argo_rollouts import ROLLOUT
from trombone_tui.core.objects.argo_workflows import WORKFLOW
from trombone_tui.core.objects.basics import Health, Ref
from trombone_tui.core.objects.pods import POD
from trombone_tui.core.questions import LogTail, Objects, Question, only
from trombone_tui.core.questions import Thing as AnyThing
from trombone_tui.core.snapshot import Look
from trombone_tui.core.stage import Detail
from trombone_tui.demo.access import Persona
from trombone_tui.demo.server import ApiServer
from trombone_tui.live import Live

WORKFLOWS = "workflows.argoproj.io"
PODS = Objects(kind=POD.narrowed(selector="app=web"), namespace="shop")
GUEST = Persona(name="guest", token="guest", rules=[SEE])


def asks(*questions: Question[Any]) -> Asker:
    """Ask on behalf of Rollouts."""
    return Asker(*questions, kind=ROLLOUT, read=read)


def pod(name: str, app: str = "web") -> dict[str, Any]:
    meta = {"name": name, "namespace": "shop", "labels": {"app": app}}
    return {"metadata": meta, "spec": {"containers": [{"name": "c"}]}}


class At:
    """The embedded cluster, and who looks at its only Rollout."""

    def __init__(self, server: ApiServer, seen: Watched, asker: Asker, ref: Ref) -> None:
        self.server, self.seen, self.asker, self.ref = server, seen, asker, ref
        self.look: Look = seen.live.look(ref)
        self.details: tuple[Detail, ...] = ()

    async def until(self, what: Any) -> None:
        def told(_: Watched) -> bool:
            self.details = self.look.details()
            return bool(what())

        await self.seen.until(told)

    def watches(self, plural: str) -> int:
        """Return how many watches of a kind were ever begun."""
        return len([one for one in self.server.requests if one.path.endswith(f"/{plural}")])


@asynccontextmanager
async def looking(tmp_path: Path, asker: Asker, *personas: Persona, token: str = "") -> AsyncIterator[At]:
    async with api(*personas, names=("shop",)) as server, connected(server, tmp_path, token) as cluster:
        server.store.create("namespaces", {"metadata": {"name": "pay"}})
        server.store.create("pods", pod("web-1"))
        live = Live([cluster], [asker.stage], clock=lambda: datetime.now(UTC), pauses=HURRY)
        async with running(live) as seen:
            await seen.until(lambda s: s.names("one") == ["web"])
            (ref,) = seen.now.stages["one"].items
            yield At(server, seen, asker, ref)


async def test_what_is_asked_for_is_followed_and_each_change_shows(tmp_path: Path) -> None:
    asker = asks(PODS)
    async with looking(tmp_path, asker) as at:
        await at.until(lambda: asker.of(PODS) == ["web-1"])
        at.server.store.create("pods", pod("web-2"))
        at.server.store.create("pods", pod("other-1", app="other"))
        await at.until(lambda: asker.of(PODS) == ["web-1", "web-2"])
        at.server.store.delete("pods", "shop", "web-1")
        await at.until(lambda: asker.of(PODS) == ["web-2"])
        assert at.watches("pods") == 1


async def test_one_object_is_asked_for_by_name_and_kept_whole(tmp_path: Path) -> None:
    whole = Objects.named(WORKFLOW, "shop", "build")
    asker = asks(whole)
    async with looking(tmp_path, asker) as at:
        nodes = {"build": {"id": "build", "name": "build", "type": "Pod", "phase": "Running"}}
        for name in ("build", "other"):
            meta = {"name": name, "namespace": "shop"}
            at.server.store.create(WORKFLOWS, {"metadata": meta, "spec": {}, "status": {"nodes": nodes}})
        await at.until(lambda: asker.of(whole) == ["build"])
        found = only(asker.answers[whole])
        assert found is not None
        assert found.status.nodes  # type: ignore[attr-defined]  # a Workflow; reduced ones have none


async def test_where_one_may_not_look_that_is_the_answer(tmp_path: Path) -> None:
    web = AnyThing(group="apps", kind="Deployment", namespace="pay", name="web")
    tail = LogTail(namespace="pay", pod="p", container="c")
    asker = asks(PODS, web, tail)
    async with looking(tmp_path, asker, GUEST, token="guest") as at:
        await at.until(lambda: all(asker.trouble(one) for one in asker.questions))
        assert asker.trouble(PODS) == "may not watch pods in namespace shop"
        assert asker.trouble(web) == "may not get deployments.apps in namespace pay"
        assert asker.trouble(tail) == "may not get pods/log in namespace pay"
        await at.until(lambda: len(at.details) == 2)
        assert isinstance(at.details[1], Lines)
        assert [line.text for line in at.details[1].lines] == [
            "can't be seen: may not watch events in namespace shop"
        ]


async def test_closing_ends_the_watches_at_the_server(tmp_path: Path) -> None:
    asker = asks(PODS, LogTail(namespace="shop", pod="web-1", container="c"))
    async with looking(tmp_path, asker) as at:
        await at.until(lambda: asker.of(PODS))
        await eventually(lambda: len(at.server._open) == 4)  # Rollouts, Pods, Events, the log
        at.look.close()
        await eventually(lambda: len(at.server._open) == 1)


async def test_two_looks_at_the_same_object_are_independent(tmp_path: Path) -> None:
    asker = asks(PODS)
    async with looking(tmp_path, asker) as at:
        await at.until(lambda: asker.of(PODS) == ["web-1"])
        second = at.seen.live.look(at.ref)
        second.details()
        assert asker.answers[PODS].waiting
        await at.seen.until(lambda _: second.details() and asker.of(PODS) == ["web-1"])
        assert at.watches("pods") == 2
        second.close()
        at.server.store.create("pods", pod("web-2"))
        await at.until(lambda: asker.of(PODS) == ["web-1", "web-2"])


async def test_of_an_item_that_disappears_nothing_is_followed(tmp_path: Path) -> None:
    asker = asks(PODS)
    async with looking(tmp_path, asker) as at:
        await at.until(lambda: asker.of(PODS))
        at.server.store.delete(ROLLOUTS, "shop", "web")
        await at.until(lambda: not at.details)
        await eventually(lambda: len(at.server._open) == 1)


async def test_the_events_of_just_this_object_are_shown_as_they_happen(tmp_path: Path) -> None:
    asker = asks()
    async with looking(tmp_path, asker) as at:

        def happened(uid: str, reason: str) -> None:
            involved = {"kind": "Rollout", "namespace": "shop", "name": "web", "uid": uid}
            meta = {"name": f"web.{reason.lower()}", "namespace": "shop"}
            said = {"type": "Warning", "reason": reason, "message": "said", "count": 2}
            at.server.store.create("events", {"metadata": meta, "involvedObject": involved, **said})

        happened("another", "Elsewhere")
        happened(at.ref.uid, "RolloutAborted")
        await at.until(lambda: len(at.details) == 2)
        assert isinstance(at.details[1], Lines)
        (line,) = at.details[1].lines
        assert line.text.startswith("RolloutAborted: said (×2")
        assert line.health is Health.DEGRADED


async def test_a_log_is_named_and_its_end_is_followed(tmp_path: Path) -> None:
    tail = LogTail(namespace="shop", pod="web-1", container="c", lines=2)
    asker = asks(tail)
    async with looking(tmp_path, asker) as at:
        at.server.logs.append("shop", "web-1", "c", "one")
        await at.until(lambda: asker.of(tail))
        at.server.logs.append("shop", "web-1", "c", "two")
        at.server.logs.append("shop", "web-1", "c", "three")
        await at.until(lambda: [line.text for line in asker.of(tail)] == ["two", "three"])
        (source,) = at.look.logs()
        assert (source.namespace, source.pod) == ("shop", "web")


async def test_a_thing_is_found_and_fetched_whole(tmp_path: Path) -> None:
    web = AnyThing(group="", kind="Pod", namespace="shop", name="web-1")
    asker = asks(web)
    async with looking(tmp_path, asker) as at:
        await at.until(lambda: asker.of(web))
        assert asker.of(web)["spec"]["containers"][0]["name"] == "c"
        found = await at.seen.live.whole(at.ref)
        assert found["metadata"]["uid"] == at.ref.uid
