"""Looking at one item: what its details ask for is followed as long as they ask, and changes the snapshot."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from hand import (
    HELP,
    HURRY,
    ROW,
    Asker,
    HandCluster,
    Watched,
    eventually,
    listed,
    settle,
    thing,
    trouble,
    watching,
)

from trombone_tui.core.details import Lines
from trombone_tui.core.objects.basics import Malformed, Meta, Ref
from trombone_tui.core.objects.kubernetes_events import Event, events_of
from trombone_tui.core.ports import (
    Batch,
    Began,
    Denied,
    Expired,
    Listed,
    NotInstalled,
    Restored,
    Unreachable,
)
from trombone_tui.core.questions import Objects, Question
from trombone_tui.core.snapshot import Look
from trombone_tui.live.answering import Pauses

HELPS = Objects(kind=HELP, namespace="ns")
EVENTS = events_of("ns-a")
REF = Ref("here", "Row", "ns", "a", "ns-a")


class Looking:
    """A look, asked again at each snapshot as a screen does."""

    def __init__(self, seen: Watched, look: Look, asker: Asker) -> None:
        self.seen, self.look, self.asker = seen, look, asker

    async def until(self, what: object) -> None:
        assert callable(what)

        def told(_: Watched) -> bool:
            self.look.details()
            return bool(what())

        await self.seen.until(told)


@asynccontextmanager
async def looking(cluster: HandCluster, asker: Asker, pauses: Pauses = HURRY) -> AsyncIterator[Looking]:
    """Look at the only row."""
    async with watching([asker.stage], cluster, pauses=pauses) as seen:
        cluster.say(ROW, *listed(thing("a")))
        await seen.until(lambda s: s.names("one") == ["a"])
        look = seen.live.look(REF)
        look.details()
        yield Looking(seen, look, asker)
        look.close()


async def test_an_answer_is_there_once_the_list_is_complete_and_each_change_makes_a_snapshot() -> None:
    cluster, asker = HandCluster(), Asker(HELPS)
    async with looking(cluster, asker) as at:
        assert asker.answers[HELPS].waiting
        cluster.say(HELP, Began(), Batch(put=(thing("x"), thing("y"))), namespace="ns")
        await settle()
        at.look.details()
        assert asker.answers[HELPS].waiting
        cluster.say(HELP, Listed(), namespace="ns")
        await at.until(lambda: asker.of(HELPS) == ["x", "y"])
        cluster.say(HELP, Batch(put=(thing("z"), thing("y", "Failed")), gone=(thing("x"),)), namespace="ns")
        await at.until(lambda: asker.of(HELPS) == ["y", "z"])
        assert asker.answers[HELPS].value[0].status.phase == "Failed"
        cluster.say(HELP, Began(), Batch(put=(thing("z"),)), Listed(), namespace="ns")
        await at.until(lambda: asker.of(HELPS) == ["z"])


async def test_nothing_found_is_an_answer_and_what_can_not_be_read_is_left_out() -> None:
    cluster, asker = HandCluster(), Asker(HELPS)
    async with looking(cluster, asker) as at:
        cluster.say(HELP, *listed(), namespace="ns")
        await at.until(lambda: asker.of(HELPS) == [])
        cluster.say(HELP, Batch(put=(thing("x"), thing("y"))), namespace="ns")
        await at.until(lambda: asker.of(HELPS) == ["x", "y"])
        odd = Malformed(metadata=thing("x").metadata, path="$.status", problem="odd")
        cluster.say(HELP, Batch(put=(odd,)), namespace="ns")
        await at.until(lambda: asker.of(HELPS) == ["y"])


async def test_a_value_stays_beside_trouble_until_there_is_contact_again() -> None:
    cluster, asker = HandCluster(), Asker(HELPS)
    async with looking(cluster, asker) as at:
        cluster.say(HELP, *listed(thing("x")), namespace="ns")
        await at.until(lambda: asker.of(HELPS) == ["x"])
        cluster.say(HELP, trouble(Unreachable("no answer")), namespace="ns")
        await at.until(lambda: asker.trouble(HELPS) == "no answer")
        assert asker.of(HELPS) == ["x"]
        cluster.say(HELP, Restored(), namespace="ns")
        await at.until(lambda: not asker.trouble(HELPS))
        cluster.say(HELP, trouble(NotInstalled("helps")), namespace="ns")
        await at.until(lambda: "helps is not installed" in asker.trouble(HELPS))
        assert asker.of(HELPS) is None


async def test_a_no_is_the_trouble_and_a_list_that_begins_anew_is_none() -> None:
    cluster, asker = HandCluster(), Asker(HELPS)
    async with looking(cluster, asker) as at:
        cluster.say(HELP, trouble(Expired("too old")), namespace="ns")
        await settle()
        at.look.details()
        assert asker.answers[HELPS].waiting
        cluster.say(HELP, trouble(Denied("watch", "helps", namespace="ns")), namespace="ns")
        await at.until(lambda: asker.trouble(HELPS) == "may not watch helps in namespace ns")
        cluster.say(HELP, *listed(thing("x")), namespace="ns")
        await at.until(lambda: asker.of(HELPS) == ["x"])
        assert not asker.trouble(HELPS)


async def test_what_says_the_same_again_makes_no_snapshot() -> None:
    cluster, asker = HandCluster(), Asker(HELPS)
    async with looking(cluster, asker) as at:
        cluster.say(HELP, *listed(thing("x", "same")), trouble(Unreachable("no")), namespace="ns")
        await at.until(lambda: asker.trouble(HELPS) == "no")
        waiting = asyncio.create_task(at.seen.next())
        await settle()
        assert not waiting.done()
        same = (Batch(put=(thing("x", "same"),)), trouble(Unreachable("no")))
        cluster.say(HELP, *same, namespace="ns")
        await settle()
        assert not waiting.done()
        cluster.say(HELP, Batch(put=(thing("x", "other"),)), namespace="ns")
        await waiting


async def test_a_question_is_followed_once_and_let_go_a_while_after_it_was_asked_last() -> None:
    cluster, asker = HandCluster(), Asker(HELPS)
    async with looking(cluster, asker) as at:
        await eventually(lambda: ("helps", "ns") in cluster.open)
        asker.questions = []
        at.look.details()
        assert ("helps", "ns") in cluster.open
        asker.questions = [HELPS]
        at.look.details()
        await asyncio.sleep(2 * HURRY.grace)
        assert ("helps", "ns") in cluster.open
        asker.questions = []
        at.look.details()
        await eventually(lambda: ("helps", "ns") not in cluster.open)
        assert cluster.followed.count(("helps", "ns")) == 1
        asker.questions = [HELPS]
        at.look.details()
        assert asker.answers[HELPS].waiting
        await eventually(lambda: ("helps", "ns") in cluster.open)


async def test_what_the_logs_ask_for_stays_while_the_details_are_asked_again() -> None:
    cluster, asker = HandCluster(), Asker()
    asker.for_logs = [HELPS]
    async with looking(cluster, asker) as at:
        (source,) = at.look.logs()
        assert source.label == "a"
        await eventually(lambda: ("helps", "ns") in cluster.open)
        at.look.details()
        await asyncio.sleep(2 * HURRY.grace)
        assert ("helps", "ns") in cluster.open
        asker.for_logs = []
        at.look.logs()
        await eventually(lambda: ("helps", "ns") not in cluster.open)


async def test_closing_a_look_ends_what_was_followed_for_it_and_answers_nothing_any_more() -> None:
    cluster, asker = HandCluster(), Asker(HELPS)
    async with looking(cluster, asker) as at:
        await eventually(lambda: len(cluster.open) == 3)
        at.look.close()
        await eventually(lambda: cluster.open == {("rows", None)})
        assert len(at.look.details()) == 1
        await settle()
        assert cluster.open == {("rows", None)}
        at.look.close()


async def test_closing_everything_ends_every_look_and_none_begins_to_follow_afterwards() -> None:
    cluster, asker = HandCluster(), Asker(HELPS)
    async with looking(cluster, asker) as at:
        await eventually(lambda: len(cluster.open) == 3)
        await at.seen.live.close()
        assert not cluster.open
        at.seen.live.look(REF).details()
        await settle()
        assert not cluster.open


async def test_an_item_that_is_gone_has_no_details_and_nothing_is_followed_for_it() -> None:
    cluster, asker = HandCluster(), Asker(HELPS)
    async with looking(cluster, asker) as at:
        await eventually(lambda: len(cluster.open) == 3)
        cluster.say(ROW, Batch(gone=(thing("a"),)))
        await at.seen.until(lambda s: s.names("one") == [])
        assert at.look.details() == at.look.logs() == ()
        await eventually(lambda: cluster.open == {("rows", None)})
        cluster.say(ROW, Batch(put=(thing("a"),)))
        await at.until(at.look.details)
        await eventually(lambda: len(cluster.open) == 3)


async def test_only_so_many_are_followed_and_the_next_when_one_is_let_go() -> None:
    questions = [Objects(kind=HELP.narrowed(fields=f"metadata.name={n}"), namespace="ns") for n in range(41)]
    cluster, asker = HandCluster(), Asker(*questions)
    async with looking(cluster, asker) as at:
        await eventually(lambda: len(cluster.open) == 41)  # the rows, and forty
        await settle()
        assert len(cluster.open) == 41
        last = (f"helps?{questions[40].kind.fields}", "ns")
        assert last not in cluster.open
        asker.questions = questions[1:]
        at.look.details()
        await eventually(lambda: last in cluster.open)


async def test_a_bug_in_answering_ends_the_snapshots_loudly() -> None:
    cluster, asker = HandCluster(), Asker(Question())
    async with looking(cluster, asker) as at:
        with pytest.raises(TypeError, match="nobody answers Question"):
            await at.until(lambda: False)


async def test_the_events_of_an_object_are_shown_at_the_end_and_nothing_where_there_are_none() -> None:
    cluster, asker = HandCluster(), Asker()
    async with looking(cluster, asker) as at:
        assert len(at.look.details()) == 1
        cluster.say(EVENTS, *listed(), namespace="ns")
        await settle()
        assert len(at.look.details()) == 1
        event = Event(metadata=Meta(name="e", namespace="ns"), type="Warning", reason="Odd", message="It is.")
        cluster.say(EVENTS, Batch(put=(event,)), namespace="ns")
        await at.until(lambda: len(at.look.details()) == 2)
        found = at.look.details()[-1]
        assert isinstance(found, Lines)
        assert [line.text for line in found.lines] == ["Odd: It is."]


async def test_events_that_may_not_be_seen_are_one_line_that_names_the_right() -> None:
    cluster, asker = HandCluster(), Asker()
    async with looking(cluster, asker) as at:
        cluster.say(EVENTS, trouble(Denied("watch", "events", namespace="ns")), namespace="ns")
        await at.until(lambda: len(at.look.details()) == 2)
        found = at.look.details()[-1]
        assert isinstance(found, Lines)
        assert [line.text for line in found.lines] == ["can't be seen: may not watch events in namespace ns"]
