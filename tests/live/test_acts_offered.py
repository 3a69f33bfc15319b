"""What can be done to an item, why not, what it would do, and how several are done with one confirmation."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import Any

import pytest
from doing import ABORT, TAKEN, At, all_of, doing, plan, planned, proof, verb, whole
from hand import HELP, ROW, eventually, listed, thing

from trombone_tui.core.objects.basics import Ref
from trombone_tui.core.ports import Batch, Conflict, Denied, Missing, Refused, Unreachable
from trombone_tui.core.verbs import Given, Option, Outcome, Plan, Scene
from trombone_tui.core.writes import Reply, Right, Write
from trombone_tui.live.acting import switched


def reasons(at: At) -> dict[str, tuple[str, bool]]:
    return {o.verb.name: (o.reason, o.known) for o in at.acts.offers(at.ref)}


async def test_a_verb_is_offered_once_it_is_known_to_be_allowed_and_the_screen_is_woken() -> None:
    async with doing(plan(ABORT)) as at:
        assert reasons(at) == {"abort": ("", False)}
        await at.seen.until(lambda _: reasons(at) == {"abort": ("", True)})
        assert ("patch", "rows/status", "ns") in at.cluster.asked
        before = len(at.cluster.asked)
        for _ in range(10):
            at.acts.offers(at.ref)
        await asyncio.sleep(0)
        assert len(at.cluster.asked) == before


async def test_what_the_user_may_not_do_names_the_right() -> None:
    async with doing(plan(ABORT)) as at:
        at.cluster.allowed = lambda verb, *_: verb != "patch"
        denied = "may not patch rows.example.org/status in namespace ns"
        await at.seen.until(lambda _: reasons(at) == {"abort": (denied, True)})


async def test_a_verb_that_makes_an_object_of_another_kind_needs_the_right_to_that() -> None:
    async with doing(verb(planned(plan(ABORT)), rights=(), others=(("create", HELP, ""),))) as at:
        at.cluster.allowed = lambda verb, *_: verb != "create"
        denied = "may not create helps.example.org in namespace ns"
        await at.seen.until(lambda _: reasons(at) == {"abort": (denied, True)})


async def test_a_server_that_does_not_say_what_is_allowed_leaves_it_open() -> None:
    async with doing(plan(ABORT)) as at:
        at.cluster.broken = Unreachable("cut")
        at.acts.offers(at.ref)
        await eventually(lambda: ("patch", "rows/status", "ns") in at.cluster.asked)
        assert reasons(at) == {"abort": ("", False)}


async def test_what_the_object_forbids_is_said_before_rights_are_known() -> None:
    async with doing(plan(ABORT)) as at:
        at.cluster.say(ROW, Batch(put=(thing("a", "Done"),)))
        await at.seen.until(lambda s: s.field("one", "a", "phase") == "Done")
        assert reasons(at)["abort"][0] == "it is done"


async def test_verbs_of_other_kinds_are_not_offered_and_of_what_is_gone_none_are() -> None:
    other = verb(planned(plan()), name="help", kind=HELP)
    async with doing(plan(ABORT), other) as at:
        assert list(reasons(at)) == ["abort"]
        at.cluster.say(ROW, *listed())
        await at.seen.until(lambda s: not s.names("one"))
        assert reasons(at) == {}
        assert at.acts.offers(Ref("nowhere", "Row", "ns", "a")) == ()


async def test_a_plan_is_made_from_the_object_as_it_is_now() -> None:
    scenes: list[Scene] = []

    async def look(scene: Scene) -> Plan:
        scenes.append(scene)
        found = await scene.fetch(HELP, "ns", "h")
        names = [one["metadata"]["name"] for one in await scene.list(HELP, "ns")]
        return plan(ABORT, command=f"{found['phase']} {names} {len(scene.linked(HELP, ('x',)))}")

    async with doing(verb(look)) as at:
        at.cluster.wholes[("Row", "ns", "a")] = whole("Paused", 8)
        at.cluster.wholes[("Help", "ns", "h")] = {"phase": "fetched"}
        at.cluster.lists["Help"] = [{"metadata": {"name": "h", "namespace": "ns"}}]
        act = await at.prepared({"full": True})
        (scene,) = scenes
        assert scene.whole == act.whole == whole("Paused", 8)
        assert (scene.ref, scene.given, scene.user) == (at.ref, {"full": True}, "ann")
        assert scene.now == at.seen.clock()
        assert act.plan.command == "fetched ['h'] 0"
        assert (act.missing, act.protected) == ((), False)
        assert at.cluster.sent == []


@pytest.mark.parametrize(
    ("now", "error", "text"),
    [
        (whole("Running", 6, uid="new"), Refused, "another object of that name has taken its place"),
        (whole("Done", 6), Refused, "it is done"),
        (Missing("rows a: gone"), Missing, "gone"),
        (Denied("get", "rows", namespace="ns"), Denied, "may not get rows"),
    ],
    ids=["another", "blocked", "gone", "denied"],
)
async def test_what_can_not_be_done_is_refused_before_it_is_planned(
    now: Any, error: type[Exception], text: str
) -> None:
    async with doing(plan(ABORT)) as at:
        at.cluster.wholes[("Row", "ns", "a")] = now
        with pytest.raises(error, match=text):
            await at.prepared()


@pytest.mark.parametrize(
    ("given", "text"),
    [
        ({"fulll": True}, "abort has no option --fulll"),
        ({}, "abort needs --image: What."),
        ({"image": ""}, "needs"),
    ],
)
async def test_options_have_to_fit(given: Given, text: str) -> None:
    picky = verb(planned(plan()), options=(Option(name="image", about="What.", required=True),))
    async with doing(picky) as at:
        with pytest.raises(Refused, match=text):
            await at.prepared(given)


async def test_rights_that_the_writes_take_are_listed_and_without_them_nothing_is_sent() -> None:
    other = Write(method="DELETE", kind=HELP, namespace="ns", name="h")
    async with doing(plan(ABORT, other, other)) as at:
        at.cluster.allowed = lambda verb, *_: verb != "delete"
        act = await at.prepared()
        assert act.missing == (Right(verb="delete", kind=HELP, namespace="ns"),)
        last = await at.done(act)
        assert last.outcome is Outcome.REFUSED
        assert last.text == "may not delete helps.example.org in namespace ns; nothing was sent"
        assert at.cluster.sent == []
        assert at.notes.entries == []


async def test_in_a_protected_cluster_everything_is_dangerous() -> None:
    async with doing(plan(ABORT), protected=("here",)) as at:
        act = await at.prepared()
        assert act.protected
        assert act.dangerous


async def test_a_rehearsal_says_what_would_change_and_changes_nothing() -> None:
    make = Write(
        method="POST", kind=HELP, namespace="ns", body={"metadata": {"generateName": "h-"}}
    )  # fmt: skip
    delete = Write(method="DELETE", kind=HELP, namespace="ns", name="h")
    fails = replace(ABORT, instead=replace(ABORT, subresource="", name="a"))
    async with doing(plan(ABORT, make, delete, replace(delete, gone_is_done=True, name="g"), fails)) as at:
        answers: list[Any] = [
            Reply(status=200, body=whole("Running", 5, abort=True)),
            Reply(status=201),
            Reply(status=200),
            Missing("no g"),
            Missing("no status"),
            Reply(status=200, body=whole("Running", 5)),
        ]
        at.cluster.answer = lambda _: answers.pop(0)
        assert await at.acts.rehearse(await at.prepared()) == (
            "status.abort: nothing → true",
            "Help ns/h-… would be created",
            "Help ns/h would be deleted",
            "Help ns/g is gone already",
            "Row ns/a would stay as it is",
        )
        assert all(dry for _, dry in at.cluster.sent)
        assert at.sent == []
        at.cluster.answer = lambda _: Denied("patch", "rows", namespace="ns")
        with pytest.raises(Denied):
            await at.acts.rehearse(await at.prepared())


async def test_the_switch_keeps_everything_in_and_says_so_beside_each_verb() -> None:
    async with doing(plan(ABORT)) as at:
        act = await at.prepared()
        count = at.seen.count
        at.acts.set_read_only(True)
        await at.seen.until(lambda s: s.count > count)
        assert at.acts.read_only("here") == at.cluster.read_only == switched()
        assert reasons(at)["abort"][0] == switched()
        with pytest.raises(Refused, match="read-only"):
            await at.prepared()
        assert (await at.done(act)).outcome is Outcome.REFUSED
        assert at.sent == []
        at.acts.set_read_only(True, key="ctrl+t")
        assert "switch it off with ctrl+t" in reasons(at)["abort"][0]
        at.acts.set_read_only(False)
        assert at.acts.read_only("here") == ""
        assert (await at.done(act)).outcome is Outcome.DONE


async def test_everything_is_noted_before_it_leaves_and_when_it_is_over_and_no_body_is() -> None:
    write = replace(ABORT, body={"status": {"abort": True, "note": "hush"}})
    async with doing(plan(write, proof=proof())) as at:
        at.then(TAKEN, whole("Aborted", 7))
        seen: list[int] = []
        answer = at.cluster.answer
        at.cluster.answer = lambda w: seen.append(len(at.notes.entries)) or answer(w)  # type: ignore[func-returns-value]  # noted first
        await at.done(await at.prepared({"full": True}))
        assert seen == [1]
        intent, reply, outcome = at.notes.entries
        assert (intent.event, reply.event, outcome.event) == ("intent", "reply", "outcome")
        assert len({entry.act for entry in at.notes.entries}) == 1
        assert (intent.user, intent.cluster, intent.server) == ("ann", "here", "https://hand")
        assert (intent.verb, intent.options, intent.before) == ("abort", {"full": "True"}, "running")
        assert (intent.kind, intent.namespace, intent.name, intent.uid) == ("Row", "ns", "a", "ns-a")
        assert (intent.method, intent.media) == ("PATCH", "application/merge-patch+json")
        assert intent.path == "/apis/example.org/v1/namespaces/ns/rows/a/status"
        assert len(intent.body_sha256) == 64
        assert (reply.code, outcome.outcome, outcome.text) == (200, "done", "is Aborted")
        assert (intent.seconds, outcome.seconds) == (None, 0.0)
        assert "hush" not in repr(at.notes.entries)


@pytest.mark.parametrize("full", [0, 1, 2])
async def test_what_can_not_be_noted_is_not_sent_and_what_can_no_more_be_is_said(full: int) -> None:
    async with doing(plan(ABORT)) as at:
        at.notes.full = full
        last = await at.done()
        if full == 0:
            assert (last.outcome, last.text) == (Outcome.REFUSED, "can't note it in the test: full")
            assert at.sent == []
        else:
            assert last.outcome is Outcome.DONE
            assert last.text == "accepted. Not noted any more: can't note it in the test: full"


def named(at: At, name: str, act: Any) -> Any:
    """Return the same act on another object."""
    ref = Ref("here", "Row", "ns", name, f"ns-{name}")
    writes = tuple(replace(write, name=name) for write in act.plan.writes)
    about = replace(act.plan.proof, name=name) if act.plan.proof else None
    at.list(whole("Running", 5, name=name, uid=f"ns-{name}"), name=name)
    return replace(act, ref=ref, whole={}, plan=replace(act.plan, writes=writes, proof=about))


async def several(at: At) -> list[Any]:
    act = await at.prepared()
    return [act, named(at, "b", act), named(at, "c", act)]


def last_of(reports: list[Any]) -> dict[str, Outcome]:
    return {act.ref.name: report.outcome for act, report in reports}


async def test_several_are_sent_one_after_the_other_and_watched_together() -> None:
    async with doing(plan(ABORT, proof=proof(within=5))) as at:
        acts = await several(at)

        def answer(write: Write) -> Reply:
            if write.name == "c":  # only then any of them comes about
                for name in "abc":
                    at.say(whole("Aborted", 7, name=name, uid=f"ns-{name}"), name=name)
            return Reply(status=200)

        at.cluster.answer = answer
        reports = await all_of(at.acts.perform_all(acts))
        assert last_of(reports) == dict.fromkeys("abc", Outcome.DONE)
        assert [write.name for write in at.sent] == ["a", "b", "c"]


@pytest.mark.parametrize(
    ("error", "outcome"),
    [
        (Refused("no"), Outcome.REFUSED),
        (Denied("patch", "rows"), Outcome.REFUSED),
        (Conflict("changed"), Outcome.CONFLICT),
        (Unreachable("cut"), Outcome.UNKNOWN),
    ],
)
async def test_the_first_that_is_not_taken_stops_those_that_were_not_sent(
    error: Any, outcome: Outcome
) -> None:
    async with doing(plan(ABORT, proof=proof())) as at:
        acts = await several(at)

        def answer(write: Write) -> Any:
            if write.name == "a":
                at.say(whole("Aborted", 7))
            return Reply(status=200) if write.name == "a" else error

        at.cluster.answer = answer
        reports = await all_of(at.acts.perform_all(acts))
        assert last_of(reports) == {"a": Outcome.DONE, "b": outcome, "c": Outcome.NOT_SENT}
        assert [write.name for write in at.sent] == ["a", "b"]
        assert "stopped at Row ns/b (here)" in reports[-1][1].text or outcome is not Outcome.REFUSED


async def test_of_a_cluster_that_is_not_there_nothing_is_done() -> None:
    async with doing(plan(ABORT)) as at:
        act = replace(await at.prepared(), ref=Ref("gone", "Row", "ns", "a"))
        assert (await at.done(act)).outcome is Outcome.REFUSED
        with pytest.raises(Missing):
            await at.acts.rehearse(act)


async def test_without_a_proof_there_is_nothing_to_touch() -> None:
    async with doing(plan(ABORT)) as at:
        assert (await at.acts.touch(await at.prepared())).outcome is Outcome.REFUSED
        assert at.sent == []


async def test_a_touch_that_is_refused_says_why() -> None:
    async with doing(plan(ABORT, proof=proof())) as at:
        at.then(Denied("patch", "rows", namespace="ns", message="no"))
        report = await at.acts.touch(await at.prepared())
        assert (report.outcome, report.text) == (Outcome.REFUSED, "may not patch rows in namespace ns: no")
