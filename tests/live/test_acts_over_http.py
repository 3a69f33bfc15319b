"""Verbs all the way: planned, sent, proved and noted on the embedded API server over real HTTP."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from doing import HASTE, acted, all_of
from hand import Watched, eventually, running
from over_http import ROLLOUTS, SEE, api, connected, read

from trombone_tui.adapters.audit import AuditFile, read_audit
from trombone_tui.core.objects.argo_rollouts import ROLLOUT
from trombone_tui.core.ports import PortError, Refused
from trombone_tui.core.stage import Source
from trombone_tui.core.verbs import Act, Outcome, Plan, Proof, Report, Scene, Seen, Sight, Verb, Whole, Write
from trombone_tui.demo.access import Persona, Rule
from trombone_tui.demo.metadata import Writer
from trombone_tui.demo.patches import MERGE
from trombone_tui.demo.server import ApiServer
from trombone_tui.live import Caution, Live

CONTROLLER = Writer("rollouts-controller", "Update", False, False)
ARGOCD = Writer("argocd-controller", "Update", False, False)
VIEWER = Persona(name="viewer", token="viewer", rules=[SEE])
PAUSER = Persona(
    name="pauser", token="pauser",
    rules=[SEE, Rule(verbs=["patch"], groups=["argoproj.io"], resources=["rollouts"])],
)  # fmt: skip


def aborted(obj: Whole | None) -> Sight:
    status = (obj or {}).get("status") or {}
    if status.get("phase") == "Degraded":
        return Sight(Seen.DONE, "aborted")
    return Sight(Seen.REQUESTED if status.get("abort") else Seen.NOT_YET, str(status.get("phase")))


def paused(obj: Whole | None) -> Sight:
    held = ((obj or {}).get("spec") or {}).get("paused")
    return Sight(Seen.DONE if held else Seen.NOT_YET, f"paused: {held}")


def proof(scene: Scene, judge: Any, **more: Any) -> Proof:
    about = {"kind": ROLLOUT, "namespace": scene.ref.namespace, "name": scene.ref.name, "judge": judge}
    return Proof(**{"waits_for": "it", "within": 5.0, **about, **more})


async def abort(scene: Scene) -> Plan:
    write = Write(
        method="PATCH", kind=ROLLOUT, namespace=scene.ref.namespace, name=scene.ref.name,
        subresource="status", body={"status": {"abort": True}}, title="set abort",
    )  # fmt: skip
    return Plan(before="Paused", after="Degraded", writes=(write,), proof=proof(scene, aborted))


async def pause(scene: Scene) -> Plan:
    version = scene.whole["metadata"]["resourceVersion"]
    write = Write(
        method="PATCH", kind=ROLLOUT, namespace=scene.ref.namespace, name=scene.ref.name,
        body={"metadata": {"resourceVersion": version}, "spec": {"paused": True}},
    )  # fmt: skip
    return Plan(before="running", after="paused", writes=(write,), proof=proof(scene, paused, stays=5.0))


async def remove(scene: Scene) -> Plan:
    body = {"preconditions": {"uid": scene.whole["metadata"]["uid"]}}
    write = Write(
        method="DELETE", kind=ROLLOUT, namespace=scene.ref.namespace, name=scene.ref.name, body=body
    )
    gone = proof(scene, lambda obj: Sight(Seen.DONE if obj is None else Seen.NOT_YET, "gone"))
    return Plan(before="there", after="gone", writes=(write,), proof=gone)


def verb(name: str, plan: Any, *rights: tuple[str, str]) -> Verb:
    return Verb(name=name, kind=ROLLOUT, about=name, plan=plan, blocked=lambda *_: "", rights=rights)


ABORT = verb("abort", abort, ("patch", "status"))
PAUSE = verb("pause", pause, ("patch", ""))
DELETE = verb("delete", remove, ("delete", ""))
STAGE = acted(ABORT, PAUSE, DELETE, source=Source(kind=ROLLOUT, read=read))


class At:
    """The embedded cluster with a Rollout ``web``, and who does things to it."""

    def __init__(self, server: ApiServer, seen: Watched, log: Path) -> None:
        self.server, self.seen, self.log = server, seen, log
        self.acts = seen.live.acts
        (self.ref,) = seen.now.stages["one"].items
        self.reports: list[Report] = []

    @property
    def web(self) -> dict[str, Any]:
        return self.server.store.get(ROLLOUTS, "shop", "web")

    @property
    def outcomes(self) -> list[Outcome]:
        return [report.outcome for report in self.reports]

    @property
    def changes(self) -> list[tuple[str, str]]:
        """What was sent besides questions."""
        requests = [r for r in self.server.requests if r.method not in ("GET", "HEAD")]
        return [(r.method, r.path) for r in requests if "selfsubject" not in r.path]

    def control(self, body: dict[str, Any], by: Writer = CONTROLLER, subresource: str = "status") -> None:
        self.server.store.patch(
            ROLLOUTS, "shop", "web", body, content_type=MERGE, subresource=subresource or None, by=by
        )

    async def until_sent(self, count: int = 1) -> None:
        await eventually(lambda: len(self.changes) == count)

    async def done(self, verb: Verb, act: Act | None = None) -> Report:
        act = act or await self.acts.prepare(self.ref, verb, {})
        async for report in self.acts.perform(act):
            self.reports.append(report)
        return self.reports[-1]


@asynccontextmanager
async def at(folder: Path, *personas: Persona, token: str = "") -> AsyncIterator[At]:
    async with api(*personas, names=("shop",)) as server, connected(server, folder, token) as cluster:
        paused = {"status": {"phase": "Paused"}}
        server.store.patch(ROLLOUTS, "shop", "web", paused, content_type=MERGE, subresource="status")
        log = folder / "state" / "audit.jsonl"
        caution = Caution(audit=AuditFile(log), patience=replace(HASTE, taken_up=0.2))
        live = Live([cluster], [STAGE], clock=lambda: datetime.now(UTC), caution=caution)
        async with running(live) as seen:
            await seen.until(lambda s: s.names("one") == ["web"])
            yield At(server, seen, log)


async def test_an_abort_is_sent_seen_and_noted(tmp_path: Path) -> None:
    async with at(tmp_path) as here:
        doing = asyncio.create_task(here.done(ABORT))
        await here.until_sent()
        here.control({"status": {"phase": "Degraded"}})
        last = await doing
        assert (last.outcome, last.text, last.reply) == (Outcome.DONE, "aborted", 200)
        path = "/apis/argoproj.io/v1alpha1/namespaces/shop/rollouts/web/status"
        assert here.changes == [("PATCH", path)]
        entries, broken = read_audit(here.log)
        assert [entry.event for entry in entries] == ["intent", "reply", "outcome"]
        assert broken == 0
        assert {entry.path for entry in entries[:2]} == {path}
        assert (entries[0].user, entries[0].server) == ("demo-admin", here.server.url)
        assert here.server.token not in here.log.read_text()


async def test_a_request_that_was_swallowed_is_freed_by_a_touch(tmp_path: Path) -> None:
    async with at(tmp_path) as here:
        act = await here.acts.prepare(here.ref, ABORT, {})
        async for report in here.acts.perform(act):
            here.reports.append(report)
            if report.outcome is Outcome.REQUESTED:
                assert (await here.acts.touch(act)).outcome is Outcome.ACCEPTED
                assert "trombone.dev/touched" in here.web["metadata"]["annotations"]
                here.control({"status": {"phase": "Degraded"}})
        assert here.outcomes == [Outcome.SENDING, Outcome.ACCEPTED, Outcome.REQUESTED, Outcome.DONE]
        assert [path.rpartition("/")[2] for _, path in here.changes] == ["status", "web"]


async def test_what_is_put_back_names_who_did_it(tmp_path: Path) -> None:
    async with at(tmp_path) as here:
        doing = asyncio.create_task(here.done(PAUSE))
        await eventually(lambda: Outcome.ACCEPTED in here.outcomes)
        here.control({"spec": {"paused": None}}, ARGOCD, "")
        last = await doing
        assert last.outcome is Outcome.UNDONE
        assert last.text.startswith("undone again after ")
        assert last.text.endswith("s, by argocd-controller: paused: None")


async def test_another_state_than_was_looked_at_changes_nothing_and_says_what_differs(tmp_path: Path) -> None:
    async with at(tmp_path) as here:
        act = await here.acts.prepare(here.ref, PAUSE, {})
        here.control({"status": {"phase": "Progressing"}})
        last = await here.done(PAUSE, act)
        assert last.outcome is Outcome.CONFLICT
        assert "status.phase: Paused → Progressing, resourceVersion" in last.text
        assert "paused" not in here.web["spec"]


async def test_an_object_made_anew_under_the_name_is_left_alone(tmp_path: Path) -> None:
    async with at(tmp_path) as here:
        act = await here.acts.prepare(here.ref, DELETE, {})
        here.server.store.delete(ROLLOUTS, "shop", "web")
        here.server.store.create(ROLLOUTS, {"metadata": {"name": "web", "namespace": "shop"}, "spec": {}})
        last = await here.done(DELETE, act)
        assert last.outcome is Outcome.CONFLICT
        assert here.changes == []
        with pytest.raises(Refused, match="another object of that name has taken its place"):
            await here.acts.prepare(here.ref, DELETE, {})


async def test_what_is_deleted_is_seen_to_go(tmp_path: Path) -> None:
    async with at(tmp_path) as here:
        last = await here.done(DELETE)
        assert (last.outcome, last.text) == (Outcome.DONE, "gone")


async def test_a_rehearsal_changes_nothing(tmp_path: Path) -> None:
    async with at(tmp_path) as here:
        before = here.web
        lines = await here.acts.rehearse(await here.acts.prepare(here.ref, ABORT, {}))
        assert lines == ("status.abort: nothing → true",)
        assert here.web == before


async def test_who_may_only_look_sees_every_verb_with_the_right_it_takes(tmp_path: Path) -> None:
    async with at(tmp_path, VIEWER, token="viewer") as here:
        await here.seen.until(lambda _: all(offer.known for offer in here.acts.offers(here.ref)))
        assert {offer.verb.name: offer.reason for offer in here.acts.offers(here.ref)} == {
            "abort": "may not patch rollouts.argoproj.io/status in namespace shop",
            "pause": "may not patch rollouts.argoproj.io in namespace shop",
            "delete": "may not delete rollouts.argoproj.io in namespace shop",
        }
        act = await here.acts.prepare(here.ref, ABORT, {})
        assert [str(right) for right in act.missing] == [
            "patch rollouts.argoproj.io/status in namespace shop"
        ]
        assert (await here.done(ABORT, act)).outcome is Outcome.REFUSED
        assert here.changes == []
        forced = await here.done(ABORT, replace(act, missing=()))  # as if a right was taken away meanwhile
        assert forced.outcome is Outcome.REFUSED
        assert 'User "viewer" cannot patch' in forced.text


async def test_rights_are_those_of_the_subresource_alone(tmp_path: Path) -> None:
    async with at(tmp_path, PAUSER, token="pauser") as here:
        await here.seen.until(lambda _: all(offer.known for offer in here.acts.offers(here.ref)))
        free = [offer.verb.name for offer in here.acts.offers(here.ref) if not offer.reason]
        assert free == ["pause"]


async def test_in_read_only_no_change_leaves_whatever_is_called(tmp_path: Path) -> None:
    async with at(tmp_path) as here:
        acts = [await here.acts.prepare(here.ref, verb, {}) for verb in STAGE.verbs]
        here.acts.set_read_only(True)
        for verb_, act in zip(STAGE.verbs, acts, strict=True):
            here.acts.offers(here.ref)
            with pytest.raises(PortError):
                await here.acts.prepare(here.ref, verb_, {})
            with pytest.raises(PortError):
                await here.acts.rehearse(act)
            assert (await here.done(verb_, act)).outcome is Outcome.REFUSED
            assert (await here.acts.touch(act)).outcome is Outcome.REFUSED
        reports = await all_of(here.acts.perform_all(acts))
        assert {report.outcome for _, report in reports} == {Outcome.REFUSED, Outcome.NOT_SENT}
        await here.seen.live.whole(here.ref)
        assert here.changes == []
        here.acts.set_read_only(False)
        assert (await here.done(DELETE, acts[-1])).outcome is Outcome.DONE
        assert len(here.changes) == 1
