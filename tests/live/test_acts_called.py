"""Calls to a pod's port: sent once, proved by an object without a name as yet, noted without secrets."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from doing import At, doing, plan
from hand import NOW, TWIN, listed, trouble

from trombone_tui.core.objects.basics import Meta
from trombone_tui.core.objects.plain import Plain, plain
from trombone_tui.core.objects.pods import POD
from trombone_tui.core.ports import Batch, Denied, Refused, Unreachable
from trombone_tui.core.verbs import Outcome, Proof, Reply, Seen, Sight, Whole, Write
from trombone_tui.core.writes import Call

BODY = b'{"after":"3f2a9c1"}'
SIGNATURE = "sha256=0123456789abcdef"
CALL = Write(
    method="POST", kind=POD, namespace="ns", name="hook-0", subresource="portforward",
    body={"after": "3f2a9c1"}, title="push",
    call=Call(
        port=12000, path="/push", body=BODY, secret=frozenset({"X-Hub-Signature-256"}),
        headers={"Content-Type": "application/json", "X-Hub-Signature-256": SIGNATURE},
    ),
)  # fmt: skip
TOOK = Reply(status=200, body={"text": "success"})
WATCHED = plain(TWIN, "")


def judge(obj: Whole | None) -> Sight:
    """See the effect in whatever has not to do with somebody else's push."""
    name = str((obj or {}).get("metadata", {}).get("name"))
    return Sight(Seen.NOT_YET if name.startswith("others") else Seen.DONE, f"{name} was started")


PROOF = Proof(
    kind=TWIN, namespace="ns", name="", any_name=True, waits_for="a Twin for 3f2a9c1", judge=judge, within=0.4
)  # fmt: skip
PUSH = plan(CALL, proof=PROOF)


def twin(name: str, *, version: str = "1", age: int = 0) -> Plain:
    created = NOW - timedelta(seconds=age)
    meta = Meta(
        name=name, namespace="ns", uid=f"uid-{name}", resource_version=version, creation_timestamp=created
    )
    return Plain(
        metadata=meta, whole={"kind": "Twin", "metadata": {"name": name, "resourceVersion": version}}
    )


def come(at: At, *twins: Plain) -> None:
    at.cluster.say(WATCHED, Batch(put=twins), namespace="ns")


def beside(at: At, *twins: Plain) -> None:
    at.cluster.say(WATCHED, *listed(*twins), namespace="ns")


def after(at: At, answer: Any, *batches: tuple[Plain, ...]) -> None:
    """Answer the call; these come right after."""

    def said(_: Write) -> Any:
        for batch in batches:
            come(at, *batch)
        return answer

    at.cluster.answer = said


async def test_an_object_that_comes_after_the_call_proves_it() -> None:
    async with doing(PUSH) as at:
        beside(at)
        after(at, TOOK, (twin("others-1"),), (twin("build-x2f8k"),))
        report = await at.done()
        assert (report.outcome, report.text, report.reply) == (
            Outcome.DONE,
            "build-x2f8k was started",
            200,
        )
        assert [write.call for write in at.sent] == [CALL.call]


async def test_an_object_that_was_there_before_proves_nothing_whatever_becomes_of_it() -> None:
    async with doing(PUSH) as at:
        beside(at, twin("build-old"))
        after(at, TOOK, (twin("build-old", version="7"),))
        report = await at.done()
        assert report.outcome is Outcome.UNSEEN
        assert report.text == "accepted, but a Twin for 3f2a9c1 was not seen within 0.4 s"


async def test_a_first_list_that_comes_late_tells_old_objects_by_when_they_were_created() -> None:
    async with doing(PUSH) as at:
        at.cluster.answer = lambda _: _late(at, twin("build-old", age=60), twin("build-new"))
        report = await at.done()
        assert (report.outcome, report.text) == (Outcome.DONE, "build-new was started")


def _late(at: At, *twins: Plain) -> Reply:
    beside(at, *twins)
    return TOOK


async def test_a_list_that_is_read_again_brings_no_old_object_as_a_new_one() -> None:
    async with doing(PUSH) as at:
        beside(at, twin("build-old"))

        def said(_: Write) -> Reply:
            beside(at)
            beside(at, twin("build-old"), twin("build-new"))
            return TOOK

        at.cluster.answer = said
        report = await at.done()
        assert (report.outcome, report.text) == (Outcome.DONE, "build-new was started")


async def test_who_may_not_see_the_objects_is_told_that_it_was_taken_and_cant_be_seen() -> None:
    async with doing(PUSH) as at:
        at.cluster.say(WATCHED, trouble(Denied("list", "twins.example.org", namespace="ns")), namespace="ns")
        after(at, TOOK)
        report = await at.done()
        assert report.outcome is Outcome.UNSEEN
        assert "its effect (a Twin for 3f2a9c1) can't be seen: may not list twins.example.org" in report.text


TWO = plan(CALL, proof=replace(PROOF, elsewhere=("dev",), hint="look there"))


@pytest.mark.parametrize("place", ["ns", "dev"])
async def test_each_namespace_in_which_it_may_come_to_be_is_looked_at(place: str) -> None:
    async with doing(TWO) as at:
        for one in ("ns", "dev"):
            at.cluster.say(WATCHED, *listed(twin(f"build-old-{one}")), namespace=one)

        def said(_: Write) -> Reply:
            at.cluster.say(WATCHED, Batch(put=(twin("build-new"),)), namespace=place)
            return TOOK

        at.cluster.answer = said
        report = await at.done()
        assert (report.outcome, report.text) == (Outcome.DONE, "build-new was started")


@pytest.mark.parametrize(
    ("denied", "said"),
    [
        (
            ("dev",),
            "accepted, but a Twin for 3f2a9c1 was not seen within 0.4 s; may not list twins in namespace dev;"
            " look there",
        ),
        (
            ("ns", "dev"),
            "accepted, but its effect (a Twin for 3f2a9c1) can't be seen: may not list twins in namespace ns;"
            " look there",
        ),
    ],
)
async def test_one_namespace_that_may_not_be_seen_does_not_end_the_looking(
    denied: tuple[str, ...], said: str
) -> None:
    async with doing(TWO) as at:
        for one in ("ns", "dev"):
            no = trouble(Denied("list", "twins", namespace=one))
            at.cluster.say(WATCHED, *([no] if one in denied else listed()), namespace=one)
        after(at, TOOK)
        report = await at.done()
        assert (report.outcome, report.text) == (Outcome.UNSEEN, said)


async def test_a_call_without_an_answer_stays_unknown_whatever_is_seen_later() -> None:
    async with doing(PUSH) as at:
        beside(at)
        after(at, Unreachable("cut off", sent=True), (twin("build-x2f8k"),))
        report = await at.done()
        assert report.outcome is Outcome.UNKNOWN
        assert report.text.endswith("since then this was seen: build-x2f8k was started")


async def test_what_the_pod_refuses_is_told_in_its_own_words() -> None:
    async with doing(PUSH) as at:
        beside(at)
        after(at, Refused("answered 400: payload signature check failed"), (twin("build-x2f8k"),))
        report = await at.done()
        assert report.outcome is Outcome.REFUSED
        assert report.text == "answered 400: payload signature check failed"


async def test_nothing_is_there_to_be_touched() -> None:
    def requested(_: Whole | None) -> Sight:
        return Sight(Seen.REQUESTED, "stands there")

    asked = Proof(
        kind=TWIN, namespace="ns", name="", any_name=True, waits_for="it", judge=requested, within=0.2
    )
    async with doing(plan(CALL, proof=asked)) as at:
        beside(at)
        after(at, TOOK, (twin("build-x2f8k"),))
        act = await at.prepared()
        report = await at.done(act)
        assert report.outcome is Outcome.UNSEEN
        assert [one.touch for one in at.reports] == [None] * len(at.reports)
        assert (await at.acts.touch(act)).outcome is Outcome.REFUSED


async def test_what_nothing_proves_is_taken_and_not_called_done() -> None:
    async with doing(plan(CALL, unproved="no Sensor listens")) as at:
        after(at, TOOK)
        report = await at.done()
        assert (report.outcome, report.text, report.reply) == (
            Outcome.UNSEEN,
            "accepted; no Sensor listens",
            200,
        )


async def test_the_audit_log_has_the_calls_path_and_hash_and_no_secret() -> None:
    async with doing(PUSH) as at:
        beside(at)
        after(at, TOOK, (twin("build-x2f8k"),))
        await at.done(await at.prepared({"to": 3}))
        requests = [entry for entry in at.notes.entries if entry.event in ("intent", "reply")]
        assert [entry.event for entry in requests] == ["intent", "reply"]
        for entry in requests:
            assert entry.method == "POST"
            assert entry.path == "/api/v1/namespaces/ns/pods/hook-0/portforward → POST :12000/push"
            assert (entry.media, entry.body_sha256) == (
                "application/json",
                hashlib.sha256(BODY).hexdigest(),
            )
        assert SIGNATURE not in repr(at.notes.entries)


@pytest.mark.parametrize(
    "given", [{"payload": '{"token": "hunter2"}'}, {"parameter": ("DB_PASSWORD=hunter2", "a=b")}]
)
async def test_an_option_that_holds_a_secret_is_noted_without_it(given: Mapping[str, Any]) -> None:
    async with doing(PUSH) as at:
        beside(at)
        after(at, TOOK, (twin("build-x2f8k"),))
        act = await at.prepared()
        await at.done(replace(act, given=given))
        noted = json.dumps([dict(entry.options) for entry in at.notes.entries], ensure_ascii=False)
        assert "hunter2" not in noted
        assert "(7 bytes)" in noted


async def test_a_dry_run_sends_no_call() -> None:
    async with doing(PUSH) as at:
        said = await at.acts.rehearse(await at.prepared())
        assert said == (
            "Pod ns/hook-0 would be sent a request that can't be tried: the pod knows no dry run",
        )
        assert at.cluster.sent == []


@pytest.mark.parametrize("lacking", ["get", "create"])
async def test_a_call_takes_the_right_to_get_and_to_create_what_carries_it(lacking: str) -> None:
    async with doing(PUSH) as at:
        at.cluster.allowed = lambda action, *_: action != lacking
        act = await at.prepared()
        assert [str(right) for right in act.missing] == [f"{lacking} pods/portforward in namespace ns"]
        last = await at.done(act)
        assert (last.outcome, at.sent) == (Outcome.REFUSED, [])


async def test_a_dry_run_of_a_call_is_refused_where_everything_is_read_only() -> None:
    async with doing(PUSH) as at:
        act = await at.prepared()
        at.acts.set_read_only(True)
        with pytest.raises(Refused, match="read-only"):
            await at.acts.rehearse(act)
