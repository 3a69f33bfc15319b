"""How far a panel can be trusted, in every way that its kinds can fail."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hand import (
    HELP,
    NOW,
    ROW,
    TWIN,
    WIDE,
    HandCluster,
    helps,
    listed,
    rows,
    settle,
    stage,
    thing,
    trouble,
    watching,
)

from trombone_tui.core.ports import (
    Batch,
    Began,
    Denied,
    Expired,
    Listed,
    NotInstalled,
    PortError,
    Refused,
    Restored,
    State,
    Unauthenticated,
    Unreachable,
)

ONE = stage("one", rows())
TWO = stage("two", rows(), rows(TWIN))
HELPED = stage("helped", rows(), helps())
DOWN = Unreachable("connection refused", advice="check the network")
ABSENT = NotInstalled("rows.example.org")


def denied(resource: str = "rows.example.org", namespace: str | None = None) -> Denied:
    return Denied("watch", resource, namespace=namespace)


async def test_the_first_snapshot_comes_at_once_with_every_panel_connecting() -> None:
    async with watching([ONE, HELPED], HandCluster("a"), HandCluster("b")) as seen:
        snapshot = await seen.next()
        panels = [panel for one in snapshot.stages.values() for panel in one.panel]
        assert [(panel.cluster, panel.state) for panel in panels] == [
            (name, State.CONNECTING) for name in ("a", "b", "a", "b")
        ]
        assert not snapshot.settled


async def test_rows_show_while_the_panel_still_connects_and_it_is_live_when_the_list_is_complete() -> None:
    cluster = HandCluster()
    async with watching([ONE], cluster) as seen:
        cluster.say(ROW, Began(), Batch(put=(thing("a"),)))
        await seen.until(lambda s: s.names("one") == ["a"])
        assert seen.panel("one").state is State.CONNECTING
        cluster.say(ROW, Listed())
        await seen.until(lambda s: s.panel("one").state is State.LIVE)
        assert seen.panel("one").reason == ""
        assert seen.now.settled


async def test_a_panel_connects_until_every_kind_its_rows_are_made_of_is_listed() -> None:
    for of, second in ((TWO, TWIN), (HELPED, HELP)):
        cluster = HandCluster()
        async with watching([of], cluster) as seen:
            cluster.say(ROW, *listed(thing("a")))
            await seen.until(lambda s, of=of: s.names(of.name) == ["a"])
            assert seen.panel(of.name).state is State.CONNECTING
            cluster.say(second, *listed())
            await seen.until(lambda s, of=of: s.panel(of.name).state is State.LIVE)


async def test_a_list_that_was_complete_is_stale_since_the_last_true_word() -> None:
    cluster = HandCluster()
    async with watching([ONE], cluster) as seen:
        cluster.say(ROW, *listed(thing("a")))
        await seen.until(lambda s: s.panel("one").state is State.LIVE)
        seen.clock.pass_(60)
        cluster.say(ROW, trouble(DOWN, silent=5))
        await seen.until(lambda s: s.panel("one").state is State.STALE)
        assert seen.panel("one").since == NOW + timedelta(seconds=55)
        assert seen.panel("one").reason == "connection refused; check the network"
        assert seen.names("one") == ["a"]
        seen.clock.pass_(60)
        cluster.say(ROW, trouble(Unauthenticated("the token has expired"), silent=65))
        await seen.until(lambda s: "token" in s.panel("one").reason)
        assert seen.panel("one").since == NOW + timedelta(seconds=55)
        cluster.say(ROW, Restored())
        await seen.until(lambda s: s.panel("one").state is State.LIVE)
        assert seen.panel("one").reason == ""
        assert seen.panel("one").since == NOW + timedelta(seconds=120)


@pytest.mark.parametrize("error", [DOWN, Unauthenticated("no"), Refused("odd")])
async def test_what_was_never_listed_is_unreachable_until_rows_come(error: PortError) -> None:
    cluster = HandCluster()
    async with watching([ONE], cluster) as seen:
        cluster.say(ROW, trouble(error))
        await seen.until(lambda s: s.panel("one").state is State.UNREACHABLE)
        assert seen.now.settled
        assert str(error) in seen.panel("one").reason
        cluster.say(ROW, Began())
        await settle()
        assert seen.panel("one").state is State.UNREACHABLE  # a request that was accepted is no word yet
        cluster.say(ROW, Batch(put=(thing("a"),)))
        await seen.until(lambda s: s.panel("one").state is State.CONNECTING)
        cluster.say(ROW, Listed())
        await seen.until(lambda s: s.panel("one").state is State.LIVE)


async def test_a_list_that_expires_before_it_was_complete_is_still_connecting() -> None:
    cluster = HandCluster()
    async with watching([ONE], cluster) as seen:
        cluster.say(ROW, Began(), Batch(put=(thing("a"),)), trouble(Expired("too old")))
        await seen.until(lambda s: "too old" in s.panel("one").reason)
        assert seen.panel("one").state is State.CONNECTING


async def test_an_expired_list_is_stale_until_it_is_read_again_and_what_is_gone_leaves_then() -> None:
    cluster = HandCluster()
    async with watching([ONE], cluster) as seen:
        cluster.say(ROW, *listed(thing("a"), thing("b")))
        await seen.until(lambda s: s.panel("one").state is State.LIVE)
        cluster.say(ROW, trouble(Expired("too old")), Began(), Batch(put=(thing("b"), thing("c"))))
        await seen.until(lambda s: s.names("one") == ["a", "b", "c"])
        assert seen.panel("one").state is State.STALE
        cluster.say(ROW, Listed())
        await seen.until(lambda s: s.panel("one").state is State.LIVE)
        assert seen.names("one") == ["b", "c"]


async def test_a_kind_that_is_not_installed_has_no_rows_and_comes_back_by_itself() -> None:
    cluster = HandCluster()
    async with watching([ONE], cluster) as seen:
        cluster.say(ROW, *listed(thing("a")))
        await seen.until(lambda s: s.names("one") == ["a"])
        cluster.say(ROW, trouble(ABSENT))
        await seen.until(lambda s: s.panel("one").state is State.NOT_INSTALLED)
        assert seen.names("one") == []
        assert seen.panel("one").reason.startswith(
            "rows.example.org is not installed on this cluster; install"
        )
        assert seen.now.settled
        cluster.say(ROW, *listed(thing("b")))
        await seen.until(lambda s: s.panel("one").state is State.LIVE)
        assert seen.names("one") == ["b"]


@pytest.mark.parametrize(
    "missing", [denied("twins.example.org", "ns"), NotInstalled("twins.example.org"), DOWN]
)
async def test_one_live_kind_makes_a_panel_live_and_the_reason_names_what_is_missing(
    missing: PortError,
) -> None:
    cluster = HandCluster()
    async with watching([TWO], cluster, namespaces=["ns"]) as seen:
        cluster.say(ROW, *listed(thing("a")), namespace="ns")
        cluster.say(TWIN, trouble(missing), namespace="ns")
        await seen.until(lambda s: s.panel("two").state is State.LIVE)
        assert seen.panel("two").reason == f"{missing}; {missing.advice}"


async def test_a_kind_that_only_informs_rows_leaves_the_state_alone_and_is_named() -> None:
    cluster = HandCluster()
    async with watching([HELPED], cluster) as seen:
        cluster.say(ROW, *listed(thing("a")))
        cluster.say(HELP, trouble(NotInstalled("helps.example.org")))
        await seen.until(lambda s: s.panel("helped").state is State.LIVE)
        assert "helps.example.org is not installed" in seen.panel("helped").reason
        assert seen.field("helped", "a", "helpers") is None


async def test_rows_say_unknown_while_a_kind_they_read_is_not_known() -> None:
    cluster = HandCluster()
    async with watching([HELPED], cluster) as seen:
        cluster.say(ROW, *listed(thing("a")))
        cluster.say(HELP, Began(), Batch(put=(thing("a"),)))
        await seen.until(lambda s: s.names("helped") == ["a"])
        assert seen.field("helped", "a", "helpers") is None
        cluster.say(HELP, Listed())
        await seen.until(lambda s: s.field("helped", "a", "helpers") == 1)
        cluster.say(HELP, trouble(DOWN))  # as of some time ago it is still known
        await seen.until(lambda s: "refused" in s.panel("helped").reason)
        assert seen.field("helped", "a", "helpers") == 1
        cluster.say(HELP, trouble(NotInstalled("helps.example.org")))
        await seen.until(lambda s: s.field("helped", "a", "helpers") is None)


async def test_what_is_denied_in_many_namespaces_is_one_clause() -> None:
    names = [f"ns{n}" for n in range(6)]
    cluster = HandCluster()
    async with watching([ONE], cluster, namespaces=names) as seen:
        for name in names:
            cluster.say(ROW, trouble(denied(namespace=name)), namespace=name)
        await seen.until(lambda s: s.panel("one").state is State.DENIED)
        assert seen.panel("one").reason == (
            "may not watch rows.example.org in namespaces ns0, ns1, ns2 and 3 more; "
            "ask for these rights, or choose namespaces with -n"
        )


async def test_kinds_that_are_denied_alike_are_one_clause_and_other_reasons_follow() -> None:
    cluster = HandCluster()
    cluster.allowed = lambda *_: False
    async with watching([stage("all", rows(), rows(TWIN), rows(WIDE))], cluster) as seen:
        cluster.say(ROW, trouble(denied()))
        cluster.say(TWIN, trouble(denied("twins.example.org")))
        cluster.say(WIDE, trouble(DOWN))
        await seen.until(lambda s: s.panel("all").state is State.UNREACHABLE)
        assert seen.panel("all").reason == (
            "may not watch rows.example.org, twins.example.org in all namespaces; connection refused; "
            "ask for these rights, or choose namespaces with -n"
        )


async def test_kinds_that_are_not_installed_are_one_clause() -> None:
    cluster = HandCluster()
    async with watching([TWO], cluster) as seen:
        cluster.say(ROW, trouble(ABSENT))
        cluster.say(TWIN, trouble(NotInstalled("twins.example.org")))
        await seen.until(lambda s: s.panel("two").state is State.NOT_INSTALLED)
        named = "rows.example.org, twins.example.org are not installed on this cluster; "
        assert seen.panel("two").reason == named + ABSENT.advice


async def test_one_broken_kind_never_blocks_another_stage() -> None:
    cluster = HandCluster()
    async with watching([ONE, stage("other", rows(TWIN))], cluster) as seen:
        cluster.say(ROW, trouble(DOWN))
        cluster.say(TWIN, *listed(thing("t")))
        await seen.until(lambda s: s.panel("other").state is State.LIVE)
        assert seen.panel("one").state is State.UNREACHABLE


async def test_one_broken_cluster_never_blocks_another() -> None:
    good, bad = HandCluster("good"), HandCluster("bad")
    async with watching([ONE], good, bad) as seen:
        bad.say(ROW, trouble(DOWN))
        good.say(ROW, *listed(thing("a")))
        await seen.until(lambda s: s.panel("one", "good").state is State.LIVE)
        await seen.until(lambda s: s.panel("one", "bad").state is State.UNREACHABLE)
        assert seen.names("one") == ["a"]


async def test_one_kind_of_several_that_is_stale_makes_the_panel_stale() -> None:
    cluster = HandCluster()
    async with watching([TWO], cluster) as seen:
        cluster.say(ROW, *listed())
        cluster.say(TWIN, *listed(), trouble(DOWN))
        await seen.until(lambda s: s.panel("two").state is State.STALE)
