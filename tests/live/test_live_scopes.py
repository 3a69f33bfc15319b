"""Where a kind is looked for: everywhere, where it was asked for, or where the user may look."""

from __future__ import annotations

import pytest
from hand import ROW, TWIN, WIDE, HandCluster, details, listed, rows, settle, stage, thing, trouble, watching

from trombone_tui.core.ports import Batch, Denied, Restored, State, Unreachable

ONE = stage("one", rows())
NO = Denied("watch", "rows.example.org")


async def test_without_namespaces_a_kind_is_followed_once_for_all_of_them() -> None:
    cluster = HandCluster()
    async with watching([ONE], cluster) as seen:
        cluster.say(ROW, *listed(thing("a", namespace="x"), thing("a", namespace="y")))
        await seen.until(lambda s: s.names("one") == ["a", "a"])
        assert cluster.followed == [("rows", None)]
        assert not cluster.asked


async def test_a_kind_that_two_stages_want_is_followed_once_whether_as_rows_or_as_help() -> None:
    cluster = HandCluster()
    helped = stage("two", rows(TWIN), rows())
    async with watching([ONE, helped], cluster) as seen:
        cluster.say(ROW, *listed(thing("a", "Failed")))
        cluster.say(TWIN, *listed())
        await seen.until(lambda s: s.names("one") == s.names("two") == ["a"])
        assert sorted(cluster.followed) == [("rows", None), ("twins", None)]
        (ref,) = seen.now.stages["one"].items
        assert [facts.title for facts in details(seen.live, ref)] == ["a", "a"]


async def test_namespaces_that_were_asked_for_are_followed_each_and_once() -> None:
    cluster = HandCluster()
    async with watching([ONE], cluster, namespaces=["x", "y", "x"]) as seen:
        cluster.say(ROW, *listed(thing("a", namespace="x")), namespace="x")
        await seen.until(lambda s: s.names("one") == ["a"])
        assert seen.panel("one").state is State.CONNECTING
        cluster.say(ROW, *listed(thing("a", namespace="y")), namespace="y")
        await seen.until(lambda s: s.panel("one").state is State.LIVE)
        assert seen.names("one") == ["a", "a"]
        assert sorted(cluster.followed) == [("rows", "x"), ("rows", "y")]


@pytest.mark.parametrize(("namespaces", "everywhere"), [(["x"], False), ([], True)])
async def test_a_row_can_tell_some_namespaces_from_all(namespaces: list[str], everywhere: bool) -> None:
    cluster = HandCluster()
    async with watching([ONE], cluster, namespaces=namespaces) as seen:
        cluster.say(ROW, *listed(thing("a", namespace="x")), namespace="x" if namespaces else None)
        await seen.until(lambda s: s.panel("one").state is State.LIVE)
        (item,) = seen.now.stages["one"].items.values()
        assert item.fields.everywhere is everywhere


async def test_a_new_list_of_one_namespace_leaves_the_others_alone() -> None:
    cluster = HandCluster()
    async with watching([ONE], cluster, namespaces=["x", "y"]) as seen:
        for name in ("x", "y"):
            cluster.say(ROW, *listed(thing("a", namespace=name)), namespace=name)
        await seen.until(lambda s: s.names("one") == ["a", "a"])
        cluster.say(ROW, *listed(), namespace="x")
        await seen.until(lambda s: s.names("one") == ["a"])
        (ref,) = seen.now.stages["one"].items
        assert ref.namespace == "y"


async def test_a_kind_without_namespaces_is_followed_as_such_also_when_namespaces_were_asked_for() -> None:
    cluster = HandCluster()
    async with watching([stage("wide", rows(WIDE))], cluster, namespaces=["x"]) as seen:
        cluster.say(WIDE, *listed(thing("a", namespace="")))
        await seen.until(lambda s: s.names("wide") == ["a"])
        cluster.say(WIDE, trouble(Denied("watch", "wides.example.org")))
        await seen.until(lambda s: s.panel("wide").state is State.DENIED)
        assert cluster.followed == [("wides", None)]


async def test_who_may_not_see_all_namespaces_sees_those_that_are_allowed() -> None:
    cluster = HandCluster()
    cluster.known = ["own", "a", "b", "c"]
    cluster.allowed = lambda verb, _, namespace: namespace in ("a", "b") or verb == "list"
    async with watching([ONE], cluster) as seen:
        await seen.next()
        cluster.say(ROW, trouble(NO))
        for name in ("a", "b"):
            cluster.say(ROW, *listed(thing("t", namespace=name)), namespace=name)
        await seen.until(lambda s: s.panel("one").state is State.LIVE)
        assert seen.panel("one").reason == "you may see only namespaces a, b"
        assert seen.names("one") == ["t", "t"]
        assert cluster.open == {("rows", "a"), ("rows", "b")}
        assert cluster.most_at_once <= 8


async def test_a_panel_is_not_called_denied_while_it_is_found_out_what_is_allowed() -> None:
    cluster = HandCluster()
    cluster.known = ["a"]
    async with watching([ONE], cluster) as seen:
        states = set()
        cluster.say(ROW, trouble(NO))
        cluster.say(ROW, *listed(), namespace="a")
        cluster.say(ROW, *listed(), namespace="own")
        await seen.until(lambda s: states.add(s.panel("one").state) or s.panel("one").state is State.LIVE)
        assert states == {State.CONNECTING, State.LIVE}


async def test_who_may_not_list_namespaces_is_shown_the_contexts_own() -> None:
    cluster = HandCluster(namespace="mine")
    cluster.known = Denied("list", "namespaces")
    async with watching([ONE], cluster) as seen:
        cluster.say(ROW, trouble(NO))
        cluster.say(ROW, *listed(thing("t", namespace="mine")), namespace="mine")
        await seen.until(lambda s: s.panel("one").state is State.LIVE)
        assert seen.names("one") == ["t"]


async def test_who_may_nowhere_is_told_verb_and_resource_and_it_is_tried_again() -> None:
    cluster = HandCluster()
    cluster.known = ["a"]
    cluster.allowed = lambda *_: False
    async with watching([ONE], cluster) as seen:
        cluster.say(ROW, trouble(NO))
        await seen.until(lambda s: s.panel("one").state is State.DENIED)
        assert seen.panel("one").reason.startswith("may not watch rows.example.org in all namespaces; ask")
        assert seen.now.settled
        cluster.allowed = lambda *asked: asked[-1] == "a"
        cluster.say(ROW, trouble(NO))
        cluster.say(ROW, *listed(thing("t", namespace="a")), namespace="a")
        await seen.until(lambda s: s.panel("one").state is State.LIVE)
        assert cluster.followed == [("rows", None), ("rows", None), ("rows", "a")]


async def test_rights_that_can_not_be_asked_for_are_trouble_and_asked_for_again() -> None:
    cluster = HandCluster()
    cluster.broken = Unreachable("connection refused")
    async with watching([ONE], cluster) as seen:
        cluster.say(ROW, trouble(NO))
        await seen.until(lambda s: s.panel("one").state is State.UNREACHABLE)
        cluster.broken = None
        cluster.say(ROW, trouble(NO))
        cluster.say(ROW, *listed(), namespace="own")
        await seen.until(lambda s: s.panel("one").state is State.LIVE)


async def test_what_is_outside_of_the_allowed_namespaces_leaves_when_rights_shrink() -> None:
    cluster = HandCluster(namespace="a")
    cluster.known = ["a", "b"]
    cluster.allowed = lambda *asked: asked[-1] == "a"
    async with watching([ONE], cluster) as seen:
        cluster.say(ROW, *listed(thing("t", namespace="a"), thing("t", namespace="b")))
        await seen.until(lambda s: s.names("one") == ["t", "t"])
        cluster.say(ROW, trouble(NO))
        await seen.until(lambda s: s.names("one") == ["t"])
        (ref,) = seen.now.stages["one"].items
        assert ref.namespace == "a"


async def test_rights_that_come_back_without_a_new_list_make_the_panel_live_again() -> None:
    cluster = HandCluster()
    async with watching([ONE], cluster, namespaces=["x"]) as seen:
        cluster.say(ROW, *listed(thing("a", namespace="x")), namespace="x")
        await seen.until(lambda s: s.panel("one").state is State.LIVE)
        cluster.say(ROW, trouble(Denied("watch", "rows.example.org", namespace="x")), namespace="x")
        await seen.until(lambda s: s.panel("one").state is State.DENIED)
        cluster.say(ROW, Restored(), namespace="x")
        await seen.until(lambda s: s.panel("one").state is State.LIVE)
        assert seen.names("one") == ["a"]


async def test_more_namespaces_than_can_be_followed_are_said_so() -> None:
    cluster = HandCluster()
    cluster.known = [f"n{number}" for number in range(80)]
    async with watching([ONE], cluster) as seen:
        cluster.say(ROW, trouble(NO))
        await seen.until(lambda s: "only 50 of the 81 namespaces" in s.panel("one").reason)
        await settle()
        assert len(cluster.open) == 50


async def test_the_namespaces_are_asked_for_once_however_many_kinds_need_them() -> None:
    cluster = HandCluster()
    asked = 0

    async def names() -> list[str]:
        nonlocal asked
        asked += 1
        return ["own"]

    cluster.namespaces = names  # type: ignore[method-assign]  # a fault played
    async with watching([stage("two", rows(), rows(TWIN))], cluster) as seen:
        for kind in (ROW, TWIN):
            cluster.say(kind, trouble(Denied("watch", kind.resource)))
            cluster.say(kind, *listed(), namespace="own")
        await seen.until(lambda s: s.panel("two").state is State.LIVE)
        assert asked == 1


async def test_what_comes_gone_leaves_and_the_same_name_with_another_uid_is_another_object() -> None:
    cluster = HandCluster()
    async with watching([ONE], cluster) as seen:
        cluster.say(ROW, *listed(thing("a", uid="1")))
        cluster.say(ROW, Batch(put=(thing("a", uid="2"),), gone=(thing("a", uid="1"),)))
        await seen.until(lambda s: [ref.uid for ref in s.now.stages["one"].items] == ["2"])


async def test_rights_that_were_there_before_are_asked_for_again_soon() -> None:
    cluster = HandCluster()
    async with watching([ONE], cluster, ask_again=600) as seen:
        cluster.allowed = lambda *_: False
        cluster.say(ROW, *listed(thing("a")))
        await seen.until(lambda s: s.names("one") == ["a"])
        cluster.say(ROW, trouble(NO))
        await seen.until(lambda s: s.panel("one").state is State.DENIED)
        cluster.say(ROW, *listed(thing("b")))
        await seen.until(lambda s: s.names("one") == ["b"], within=4)
        assert seen.panel("one").state is State.LIVE
