"""Snapshots: the newest state, as fast as the consumer wants it, at the cost of what changed."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator

import pytest
from hand import (
    NOW,
    ROW,
    TWIN,
    HandCluster,
    Thing,
    details,
    listed,
    read,
    rows,
    settle,
    stage,
    thing,
    watching,
)

from trombone_tui.core.objects.basics import Malformed, Meta, Ref
from trombone_tui.core.ports import Batch, Began, Change, State
from trombone_tui.core.stage import Around, Item, Source
from trombone_tui.live import Live

ONE = stage("one", rows())
OTHER = stage("other")


async def test_a_slow_consumer_gets_the_newest_state_and_no_queue() -> None:
    cluster = HandCluster()
    async with watching([ONE], cluster) as seen:
        await seen.next()
        cluster.say(ROW, *listed())
        for number in range(500):
            cluster.say(ROW, Batch(put=(thing("a", f"step {number}"),)))
        await settle()
        while cluster._queue(ROW, None).qsize():
            await settle()
        before = seen.count
        await seen.until(lambda s: s.field("one", "a", "phase") == "step 499")
        assert seen.count == before + 1


async def test_nothing_happens_while_nothing_changes() -> None:
    cluster = HandCluster()
    async with watching([ONE], cluster) as seen:
        cluster.say(ROW, *listed(thing("a")))
        await seen.until(lambda s: s.names("one") == ["a"])
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.1):
                await seen.next()


async def test_what_did_not_change_is_the_same_object_as_before() -> None:
    cluster = HandCluster()
    async with watching([ONE, OTHER], cluster) as seen:
        cluster.say(ROW, *listed(thing("a", "x"), thing("b", "Failed")))
        await seen.until(lambda s: s.names("one") == ["a", "b"])
        old = seen.now
        cluster.say(ROW, Batch(put=(thing("a", "y"),)))
        await seen.until(lambda s: s.field("one", "a", "phase") == "y")
        new = seen.now
        assert new.stages["other"] is old.stages["other"]
        assert new.stages["one"] is not old.stages["one"]
        assert new.stages["one"].panel is old.stages["one"].panel
        assert new.stages["one"].attention is old.stages["one"].attention
        (b,) = (ref for ref in new.stages["one"].items if ref.name == "b")
        assert new.stages["one"].items[b] is old.stages["one"].items[b]
        assert new.services["here:Application/ns/b"] is old.services["here:Application/ns/b"]


async def test_a_snapshot_never_changes_after_it_was_handed_out() -> None:
    cluster = HandCluster()
    async with watching([ONE], cluster) as seen:
        cluster.say(ROW, *listed(thing("a"), thing("b")))
        await seen.until(lambda s: s.names("one") == ["a", "b"])
        old = seen.now
        cluster.say(ROW, Batch(gone=(thing("a"), thing("b"))))
        await seen.until(lambda s: s.names("one") == [])
        assert sorted(ref.name for ref in old.stages["one"].items) == ["a", "b"]
        assert len(old.services) == 2
        assert not seen.now.services


async def test_a_change_that_a_row_does_not_show_makes_no_new_items() -> None:
    cluster = HandCluster()
    async with watching([ONE], cluster) as seen:
        cluster.say(ROW, *listed(thing("a", "x")))
        await seen.until(lambda s: s.names("one") == ["a"])
        old = seen.now
        cluster.say(ROW, Batch(put=(thing("a", "x", heartbeat="2"),)))
        await seen.next()
        assert seen.now.stages["one"] is old.stages["one"]


async def test_only_the_newest_of_a_series_asks_for_attention() -> None:
    cluster = HandCluster()
    async with watching([ONE], cluster) as seen:
        failed = (thing("old", "Failed", series="s", age="1"), thing("alone", "Failed"))
        cluster.say(ROW, *listed(*failed))
        await seen.until(lambda s: len(s.now.stages["one"].attention) == 2)
        cluster.say(ROW, Batch(put=(thing("new", "Fine", series="s", age="2"),)))
        await seen.until(lambda s: [ref.name for ref in s.now.stages["one"].attention] == ["alone"])
        cluster.say(ROW, Batch(gone=(thing("new"),)))
        await seen.until(lambda s: len(s.now.stages["one"].attention) == 2)
        assert str(seen.now.stages["one"].worst) == "Degraded"


async def test_two_clusters_with_the_same_names_stay_apart() -> None:
    here, there = HandCluster("here"), HandCluster("there")
    async with watching([ONE], here, there) as seen:
        here.say(ROW, *listed(thing("a", "Fine")))
        there.say(ROW, *listed(thing("a", "Failed")))
        await seen.until(lambda s: len(s.now.stages["one"].items) == 2)
        items = {ref.cluster: item.fields.phase for ref, item in seen.now.stages["one"].items.items()}
        assert items == {"here": "Fine", "there": "Failed"}
        assert [ref.cluster for ref in seen.now.stages["one"].attention] == ["there"]
        assert sorted(seen.now.services) == ["here:Application/ns/a", "there:Application/ns/a"]
        there.say(ROW, Batch(gone=(thing("a"),)))
        await seen.until(lambda s: [ref.cluster for ref in s.now.stages["one"].items] == ["here"])
        (ref,) = seen.now.stages["one"].items
        assert len(details(seen.live, ref)) == 1
        assert details(seen.live, type(ref)("nowhere", ref.kind, ref.namespace, ref.name, ref.uid)) == ()


async def test_an_object_that_could_not_be_read_is_a_row_that_says_so_and_has_no_details() -> None:
    cluster = HandCluster()
    async with watching([ONE], cluster) as seen:
        odd = Malformed(
            metadata=Meta(name="odd", namespace="ns", uid="u"), path="$.status.phase", problem="odd"
        )
        cluster.say(ROW, *listed(odd))
        await seen.until(lambda s: s.names("one") == ["odd"])
        assert "$.status.phase" in seen.item("one", "odd").why
        (ref,) = seen.now.stages["one"].items
        assert ref in seen.now.stages["one"].attention
        assert details(seen.live, ref) == ()


async def test_many_objects_at_once_are_read_in_steps_that_let_others_run() -> None:
    cluster = HandCluster()
    async with watching([ONE], cluster) as seen:
        cluster.say(ROW, *listed(*(thing(f"t{number}") for number in range(1000))))
        await settle()
        turns = 0

        async def others() -> None:
            nonlocal turns
            while True:
                turns += 1
                await asyncio.sleep(0)

        other = asyncio.create_task(others())
        await seen.until(lambda s: len(s.names("one")) == 1000)
        other.cancel()
        assert turns >= 6  # a slice is at most twice the one before: 8, 16, 32, 64, 128, 256, 496


async def test_two_consumers_see_the_same_and_neither_waits_for_the_other() -> None:
    cluster = HandCluster()
    async with watching([ONE], cluster) as seen:
        second = seen.live.snapshots()
        await anext(second)
        cluster.say(ROW, *listed(thing("a")))
        await seen.until(lambda s: s.names("one") == ["a"])
        snapshot = await anext(second)
        while not snapshot.stages["one"].items:
            snapshot = await anext(second)
        assert snapshot.stages["one"] is seen.now.stages["one"]
        await second.aclose()


async def test_closing_ends_the_snapshots_and_every_pursuit_and_leaves_the_cluster_open() -> None:
    cluster = HandCluster()
    async with watching([ONE], cluster) as seen:
        await seen.next()
        await settle()
        assert cluster.open
        waiting = asyncio.create_task(anext(seen.snapshots))
        await settle()
        await seen.live.close()
        assert not cluster.open
        with pytest.raises(StopAsyncIteration):
            await waiting
        await seen.live.close()


async def test_what_was_closed_before_it_ran_never_follows() -> None:
    cluster = HandCluster()
    live = Live([cluster], [ONE], clock=lambda: NOW)
    await live.close()
    await live.run()
    assert not cluster.followed


async def test_a_panel_is_never_live_without_the_rows_that_came_with_its_list() -> None:
    cluster = HandCluster()

    def meanwhile(obj: Thing, ref: Ref, around: Around) -> tuple[Item, ...]:
        if ref.name == "first":
            cluster.say(TWIN, *listed(thing("late")))
        return read(obj, ref, around)

    early, long = stage("early", rows(TWIN)), stage("long", Source(kind=ROW, read=meanwhile))
    async with watching([early, long], cluster) as seen:
        cluster.say(ROW, *listed(thing("first"), *(thing(f"more-{n}") for n in range(2000))))
        async for snapshot in seen.live.snapshots():
            (panel,) = snapshot.stages["early"].panel
            if panel.state is State.LIVE:
                assert [ref.name for ref in snapshot.stages["early"].items] == ["late"]
                break


async def test_a_bug_in_what_is_followed_ends_it_all_loudly() -> None:
    class Buggy(HandCluster):
        async def follow(self, *_: object) -> AsyncGenerator[Change, None]:
            raise ZeroDivisionError
            yield Began()

    live = Live([Buggy()], [ONE], clock=lambda: NOW)
    with pytest.raises(ExceptionGroup) as caught:
        await live.run()
    assert caught.group_contains(ZeroDivisionError)
    snapshots = live.snapshots()
    await anext(snapshots)
    with pytest.raises(ExceptionGroup) as told:
        await anext(snapshots)
    assert told.value is caught.value
