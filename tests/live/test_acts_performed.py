"""Doing a verb: sent once, proved by the object's own fields, and whatever goes wrong said as it is."""

from __future__ import annotations

import asyncio
import time
from dataclasses import replace
from typing import Any

import pytest
from doing import ABORT, HASTE, TAKEN, all_of, doing, judge, plan, planned, proof, verb, whole
from hand import HELP, ROW, eventually, trouble

from trombone_tui.core.objects.plain import plain
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
from trombone_tui.core.verbs import Outcome, Seen, Sight
from trombone_tui.core.writes import JSON_PATCH, Reply, Write


async def test_it_is_sent_once_and_done_when_the_object_says_so() -> None:
    async with doing(plan(ABORT, proof=proof())) as at:
        at.then(TAKEN, whole("Running", 6, abort=True), whole("Aborted", 7))
        last = await at.done()
        assert at.outcomes == [Outcome.SENDING, Outcome.ACCEPTED, Outcome.DONE]
        assert at.sent == [ABORT]
        assert (last.text, last.reply) == ("is Aborted", 200)
        assert at.reports[0].text == "set abort"
        assert "waiting for: the abort" in at.reports[1].text
        assert all(report.seconds >= 0 for report in at.reports)


async def test_what_it_comes_to_may_be_in_the_answer_already() -> None:
    async with doing(plan(ABORT, proof=proof())) as at:
        at.then(Reply(status=200, body=whole("Aborted", 6)))
        assert (await at.done()).outcome is Outcome.DONE


async def test_what_the_object_was_before_proves_nothing() -> None:
    """Also where the watch lags behind: the state of before comes after the answer."""
    async with doing(plan(ABORT, proof=proof(within=0.1))) as at:
        at.cluster.wholes[("Row", "ns", "a")] = whole("Aborted", 5)
        at.list(whole("Aborted", 5))
        at.then(TAKEN, whole("Aborted", 5), whole("Running", 6))
        last = await at.done()
        assert last.outcome is Outcome.UNSEEN
        assert last.text == "accepted, but the abort was not seen within 0.1 s; last seen: is Running"
        assert last.touch is None


async def test_what_came_out_badly_is_said_to_have_failed() -> None:
    async with doing(plan(ABORT, proof=proof())) as at:
        at.then(TAKEN, whole("Broken", 7))
        last = await at.done()
        assert (last.outcome, last.text) == (Outcome.FAILED, "is Broken")


async def test_without_a_proof_it_is_done_when_it_was_taken() -> None:
    async with doing(plan(ABORT)) as at:
        assert (await at.done()).outcome is Outcome.DONE


async def test_what_is_so_already_is_not_sent() -> None:
    async with doing(plan(noop="it is aborted already", proof=proof())) as at:
        last = await at.done()
        assert (last.outcome, last.text) == (Outcome.DONE, "it is aborted already")
        assert at.sent == []
        assert at.notes.entries == []


async def test_a_request_that_stands_there_untouched_is_said_and_a_touch_frees_it() -> None:
    async with doing(plan(ABORT, proof=proof(within=5))) as at:
        at.then(TAKEN, whole("Running", 6, abort=True))
        act = await at.prepared()
        async for report in at.acts.perform(act):
            at.reports.append(report)
            if report.outcome is Outcome.REQUESTED:
                assert report.touch is not None
                assert "may have missed it" in report.text
                at.then(Reply(status=200), whole("Running", 7, abort=True), whole("Aborted", 8))
                touched = await at.acts.touch(act)
                assert touched.outcome is Outcome.ACCEPTED
        assert at.outcomes == [Outcome.SENDING, Outcome.ACCEPTED, Outcome.REQUESTED, Outcome.DONE]
        first, touch = at.sent
        assert first == ABORT
        assert (touch.method, touch.subresource, touch.name) == ("PATCH", "", "a")
        assert list(touch.body) == ["metadata"]
        assert list(touch.body["metadata"]["annotations"]) == ["trombone.dev/touched"]
        assert at.notes.events == ["intent", "reply", "intent", "reply", "outcome", "outcome"]


async def test_what_nobody_takes_up_in_time_is_said_to_be_requested_still() -> None:
    async with doing(plan(ABORT, proof=proof(within=0.15))) as at:
        at.then(TAKEN, whole("Running", 6, abort=True))
        last = await at.done()
        assert at.outcomes[-2:] == [Outcome.REQUESTED, Outcome.UNSEEN]
        assert last.text.startswith("requested, but not taken up within 0.15 s")
        assert last.touch is not None


@pytest.mark.parametrize("managed", [True, False])
async def test_what_is_undone_again_is_said_with_when_and_by_whom(managed: bool) -> None:
    async with doing(plan(ABORT, proof=proof(stays=2.0))) as at:
        back = whole("Running", 8)
        if managed:
            entry = {"manager": "argocd-controller", "operation": "Update", "time": "2026-11-26T12:00:00Z"}
            back["metadata"]["managedFields"] = [entry, {"manager": "trombone-tui", "operation": "Update"}]
        at.then(TAKEN, whole("Aborted", 7), back)
        last = await at.done()
        assert at.outcomes == [Outcome.SENDING, Outcome.ACCEPTED, Outcome.ACCEPTED, Outcome.UNDONE]
        assert "watching for 2 s whether it stays" in at.reports[2].text
        who = "by argocd-controller" if managed else "by whom the object does not say"
        assert last.text == f"undone again after 0.0 s, {who}: is Running"


async def test_what_is_overwritten_before_its_effect_came_is_undone_too() -> None:
    async with doing(plan(ABORT, proof=proof(stays=2.0))) as at:
        back = whole("Healed", 7)
        entry = {"manager": "argocd-controller", "operation": "Update", "time": "2026-11-26T12:00:00Z"}
        back["metadata"]["managedFields"] = [entry]
        at.then(Reply(status=200, body=whole("Running", 6, abort=True)), back)
        last = await at.done()
        assert at.outcomes == [Outcome.SENDING, Outcome.ACCEPTED, Outcome.UNDONE]
        assert last.text == "undone again after 0.0 s, by argocd-controller: is Healed"


async def test_what_stays_is_done_after_that_time() -> None:
    async with doing(plan(ABORT, proof=proof(stays=0.05))) as at:
        at.then(TAKEN, whole("Aborted", 7), whole("Aborted", 8))
        last = await at.done()
        assert (last.outcome, last.text) == (Outcome.DONE, "is Aborted")
        assert last.seconds >= 0.05


async def test_it_waits_until_the_object_has_rested_and_no_longer_than_that() -> None:
    patience = replace(HASTE, settle=0.15, settled=600)
    async with doing(plan(ABORT), patience=patience) as at:
        act = await at.prepared()
        at.say(whole("Running", 6), whole("Running", 7))
        began = time.monotonic()
        await at.done(act)
        assert time.monotonic() - began >= 0.15


async def test_an_object_that_never_rests_is_written_all_the_same() -> None:
    patience = replace(HASTE, settle=0.1, settled=0.2)
    async with doing(plan(ABORT), patience=patience) as at:
        act = await at.prepared()

        async def restless() -> None:
            for number in range(6, 1000):
                at.say(whole("Running", number))
                await asyncio.sleep(0.02)

        task = asyncio.create_task(restless())
        assert (await at.done(act)).outcome is Outcome.DONE
        task.cancel()


async def test_writes_go_out_in_order_with_the_pause_between_them() -> None:
    second = replace(ABORT, title="second", after=0.1)
    async with doing(plan(ABORT, second)) as at:
        at_: list[float] = []
        at.cluster.answer = lambda _: at_.append(time.monotonic()) or TAKEN  # type: ignore[func-returns-value]  # noted first
        await at.done()
        assert at.sent == [ABORT, second]
        assert at_[1] - at_[0] >= 0.1


async def test_after_one_that_is_refused_nothing_is_sent_and_it_says_what_was() -> None:
    second, third = replace(ABORT, title="second"), replace(ABORT, title="third")
    async with doing(plan(ABORT, second, third)) as at:
        answers: list[Any] = [TAKEN, Refused("the API server rejects it: no")]
        at.cluster.answer = lambda _: answers.pop(0)
        last = await at.done()
        assert at.sent == [ABORT, second]
        assert last.outcome is Outcome.REFUSED
        assert last.text == "the API server rejects it: no. Sent before that, and not taken back: set abort"


@pytest.mark.parametrize(
    ("error", "text"),
    [
        (
            Denied("patch", "rows.example.org/status", namespace="ns", message="policy says no"),
            "may not patch rows.example.org/status in namespace ns: policy says no",
        ),
        (
            Refused("the API server rejects patch rows (422): bad"),
            "the API server rejects patch rows (422): bad",
        ),
        (Missing("patch rows: not found"), "patch rows: not found"),
        (Unauthenticated("not accepted"), "not accepted"),
        (
            Unreachable("https://hand: no such host", sent=False),
            "https://hand: no such host; nothing was sent",
        ),
    ],
    ids=lambda value: type(value).__name__,
)
async def test_a_refusal_comes_in_the_servers_words_and_nothing_is_waited_for(
    error: PortError, text: str
) -> None:
    async with doing(plan(ABORT, proof=proof(within=60))) as at:
        at.then(error)
        last = await at.done()
        assert (last.outcome, last.text) == (Outcome.REFUSED, text)
        assert len(at.sent) == 1


async def test_an_object_that_changed_meanwhile_is_a_conflict_that_says_what() -> None:
    async with doing(plan(ABORT, ABORT, proof=proof())) as at:
        act = await at.prepared()
        at.cluster.wholes[("Row", "ns", "a")] = whole("Paused", 9, message="held", note="x")
        at.then(Conflict("the object has been modified"))
        last = await at.done(act)
        assert last.outcome is Outcome.CONFLICT
        assert last.text == (
            "changed meanwhile: status.phase: Running → Paused, status.message: nothing → held, "
            "resourceVersion 5 → 9; look again, then decide anew"
        )
        assert len(at.sent) == 1


@pytest.mark.parametrize("changed", [True, False])
async def test_a_json_patch_whose_test_fails_is_a_conflict_if_the_object_is_another(changed: bool) -> None:
    steps = [{"op": "test", "path": "/spec/image", "value": "v1"}]
    write = replace(ABORT, content=JSON_PATCH, body=steps)
    async with doing(plan(write)) as at:
        act = await at.prepared()
        if changed:
            at.cluster.wholes[("Row", "ns", "a")] = whole("Paused", 9)
        error = Refused("(422): the server rejected our request due to an error in our request")
        error.code = 422
        at.then(error)
        assert (await at.done(act)).outcome is (Outcome.CONFLICT if changed else Outcome.REFUSED)


@pytest.mark.parametrize(
    "error", [NotInstalled("rows"), Missing("no status here")], ids=["unserved", "missing"]
)
async def test_an_old_api_without_the_subresource_gets_the_other_request(error: PortError) -> None:
    other = replace(ABORT, subresource="", title="on the object itself")
    write = replace(ABORT, instead=other)
    async with doing(plan(write, proof=proof())) as at:
        answers: list[Any] = [error, Reply(status=200, body=whole("Aborted", 6))]
        at.cluster.answer = lambda _: answers.pop(0)
        assert (await at.done()).outcome is Outcome.DONE
        assert at.sent == [write, other]
        assert at.notes.events == ["intent", "reply", "intent", "reply", "outcome"]


async def test_what_is_gone_already_may_be_all_that_was_wanted() -> None:
    write = replace(ABORT, method="DELETE", subresource="", body=None, gone_is_done=True)
    async with doing(plan(write, ABORT)) as at:
        answers: list[Any] = [Missing("rows a: not found"), TAKEN]
        at.cluster.answer = lambda _: answers.pop(0)
        assert (await at.done()).outcome is Outcome.DONE
        assert at.sent == [write, ABORT]


LOST = Unreachable("https://hand: no answer within 10 s")


@pytest.mark.parametrize(
    ("seen", "text"),
    [
        ([whole("Aborted", 7)], "since then this was seen: is Aborted"),
        ([whole("Running", 6, abort=True)], "since then this was seen: is Running"),
        ([], "the abort was not seen within 0.1 s"),
    ],
    ids=["done", "requested", "nothing"],
)
async def test_without_an_answer_it_is_not_known_and_looked_for_and_never_sent_again(
    seen: list[Any], text: str
) -> None:
    async with doing(plan(ABORT, ABORT, proof=proof())) as at:
        at.then(LOST, *seen)
        last = await at.done()
        assert at.outcomes == [Outcome.SENDING, Outcome.SENDING, Outcome.UNKNOWN]
        assert last.text == f"no answer that tells whether it was done: {LOST}; {text}"
        assert at.sent == [ABORT]


async def test_without_an_answer_and_without_sight_both_are_said() -> None:
    async with doing(plan(ABORT, proof=proof())) as at:
        at.then(LOST)
        at.cluster.say(plain(ROW, "a"), trouble(Unreachable("cut")), namespace="ns")
        last = await at.done()
        assert last.outcome is Outcome.UNKNOWN
        assert last.text.endswith("it can't be looked at either: cut")


async def test_who_may_not_watch_is_told_that_the_effect_can_not_be_seen() -> None:
    async with doing(plan(ABORT, proof=proof(within=60))) as at:
        at.cluster.say(plain(ROW, "a"), trouble(Denied("watch", "rows", namespace="ns")), namespace="ns")
        at.then(Reply(status=200))
        last = await at.done()
        assert last.outcome is Outcome.UNSEEN
        assert (
            last.text
            == "accepted, but its effect (the abort) can't be seen: may not watch rows in namespace ns"
        )


@pytest.mark.parametrize(
    ("now", "text"),
    [([whole("Running", 9, uid="new")], "another object of that name"), ([], "Row ns/a (here) is gone")],
    ids=["another", "none"],
)
async def test_another_object_than_was_decided_about_is_left_alone(now: list[Any], text: str) -> None:
    async with doing(plan(ABORT, proof=proof())) as at:
        act = await at.prepared()
        at.list(*now)
        await all_of_list(at)
        last = await at.done(act)
        assert last.outcome is Outcome.CONFLICT
        assert text in last.text
        assert last.text.endswith("nothing was sent")
        assert at.sent == []


async def all_of_list(at: Any) -> None:
    """Leave only the newest list to be read."""
    queue = at.cluster._queue(plain(ROW, "a"), "ns")
    for _ in range(3):
        queue.get_nowait()


async def test_the_proof_may_be_another_object() -> None:
    other = proof(name="b")
    async with doing(plan(ABORT, proof=other)) as at:
        at.list(name="b")
        at.cluster.answer = lambda _: at.say(whole("Aborted", 7, name="b"), name="b") or TAKEN  # type: ignore[func-returns-value]  # said first
        assert (await at.done()).outcome is Outcome.DONE
        assert ("rows?metadata.name=b", "ns") in at.cluster.followed


async def test_what_is_seen_between_two_requests_counts() -> None:
    async with doing(plan(ABORT, replace(ABORT, kind=HELP, name="h", after=0.05), proof=proof())) as at:

        def answer(write: Write) -> Reply:
            if write.kind is HELP:
                return Reply(status=200, body={"kind": "Help", "metadata": {"name": "h"}})
            at.say(whole("Aborted", 7))
            return TAKEN

        at.cluster.answer = answer
        assert (await at.done()).outcome is Outcome.DONE


async def test_what_is_made_is_watched_by_the_name_it_was_given() -> None:
    make = Write(method="POST", kind=ROW, namespace="ns", body={"metadata": {"generateName": "a-"}})
    async with doing(plan(make, proof=proof(name=""))) as at:
        at.list(whole("Running", 6, name="a-x1"), name="a-x1")
        at.say(whole("Aborted", 7, name="a-x1"), name="a-x1")
        at.then(Reply(status=201, body=whole("Running", 6, name="a-x1")))
        last = await at.done()
        assert (last.outcome, last.reply) == (Outcome.DONE, 201)


async def test_what_is_deleted_is_proved_by_its_absence() -> None:
    delete = replace(ABORT, method="DELETE", subresource="", body=None)

    def gone(obj: Any) -> Sight:
        return Sight(Seen.DONE, "gone") if obj is None else Sight(Seen.NOT_YET)

    async with doing(plan(delete, proof=proof(judge=gone))) as at:
        at.cluster.answer = lambda _: (
            at.gone(whole("Running", 6)) or Reply(status=200, body={"kind": "Status"})
        )  # type: ignore[func-returns-value]  # said first
        last = await at.done()
        assert (last.outcome, last.text) == (Outcome.DONE, "gone")


async def test_nothing_is_followed_any_more_when_it_is_over() -> None:
    async with doing(plan(ABORT, proof=proof())) as at:
        at.then(TAKEN, whole("Aborted", 7))
        await at.done()
        assert ("rows?metadata.name=a", "ns") in at.cluster.followed
        assert at.cluster.open == {("rows", None)}


async def test_who_stops_listening_does_not_stop_it() -> None:
    async with doing(plan(ABORT, replace(ABORT, after=0.05), proof=proof())) as at:
        reports = at.acts.perform(await at.prepared())
        assert (await anext(reports)).outcome is Outcome.SENDING
        at.then(TAKEN, whole("Aborted", 7))
        await reports.aclose()
        await eventually(lambda: at.notes.events[-1:] == ["outcome"])
        assert len(at.sent) == 2
        assert at.notes.entries[-1].outcome == "done"


async def test_leaving_sends_to_the_end_what_was_begun_and_notes_that_nobody_saw_it() -> None:
    async with doing(plan(ABORT, replace(ABORT, after=0.1), proof=proof(within=60))) as at:
        reports = at.acts.perform(await at.prepared())
        await anext(reports)
        await eventually(lambda: at.sent)
        await at.acts.close()
        assert len(at.sent) == 2
        assert [report.outcome for report in await all_of(reports)][-1] is Outcome.UNKNOWN
        assert at.notes.events == ["intent", "reply", "intent", "reply", "outcome"]
        assert at.notes.entries[-1].text.startswith("left before its effect was seen")


async def test_a_bug_in_a_judge_is_never_taken_for_calm() -> None:
    def broken(_: Any) -> Sight:
        raise ZeroDivisionError

    async with doing(plan(ABORT, proof=proof(judge=broken))) as at:
        at.then(TAKEN)
        with pytest.raises(ZeroDivisionError):
            await at.done()
        with pytest.raises(ZeroDivisionError):
            await at.seen.until(lambda _: False)
        assert judge(None).seen is Seen.FAILED
        assert verb(planned(plan())).name == "abort"
