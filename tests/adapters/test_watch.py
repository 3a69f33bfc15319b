"""Listing and watching as it goes when nothing is wrong, over real HTTP."""

from __future__ import annotations

import asyncio
from dataclasses import replace

from following import FAST, OTHER, THING, connected, following
from scripted import added, bookmark, line, page, refusal, serving, stream, thing

from trombone_tui.adapters.watch import Watcher
from trombone_tui.core.objects.basics import Malformed
from trombone_tui.core.ports import Batch, Began, Listed

LISTED = bookmark(10, ends_list=True)


async def test_a_streaming_list_is_one_request_that_goes_on_as_the_watch() -> None:
    async with serving() as server:
        server.things(stream(added("a", "b"), LISTED, line("ADDED", thing("c", 11))))
        async with following(server.url) as seen:
            await seen.until(lambda f: f.names == ["a", "b", "c"])
        assert seen.kinds == [Began, Batch, Listed, Batch]
        (request,) = server.asked()
        assert request.query["sendInitialEvents"] == "true"
        assert request.query["resourceVersionMatch"] == "NotOlderThan"
        assert request.query["allowWatchBookmarks"] == "true"
        assert "resourceVersion" not in request.query


async def test_rows_come_before_the_list_is_complete() -> None:
    release = asyncio.Event()
    async with serving() as server:
        server.things(stream(added("a"), end="hold", hold=release, after=(added("b"), LISTED)))
        async with following(server.url) as seen:
            await seen.until(lambda f: f.names == ["a"])
            assert seen.listed == 0
            release.set()
            await seen.until(lambda f: f.listed == 1)
            assert seen.names == ["a", "b"]


async def test_a_watch_that_ends_by_itself_goes_on_from_the_last_version_without_trouble() -> None:
    async with serving() as server:
        first = stream(added("a"), LISTED, line("MODIFIED", thing("a", 15)), end="clean")
        server.things(first, stream(line("DELETED", thing("a", 16))))
        async with following(server.url) as seen:
            await seen.until(lambda f: f.listed == 1 and not f.names)
        assert not seen.troubles
        assert server.asked()[1].query["resourceVersion"] == "15"
        assert not server.asked()[1].streams_list


async def test_a_bookmark_moves_the_version_and_shows_nothing() -> None:
    async with serving() as server:
        server.things(stream(LISTED, bookmark(99), end="clean"), stream(added("a", rv=100)))
        async with following(server.url) as seen:
            await seen.until(lambda f: f.names == ["a"])
        assert server.asked()[1].query["resourceVersion"] == "99"
        assert seen.kinds == [Began, Listed, Batch]


async def test_the_server_is_asked_to_end_each_watch_after_a_time_of_its_own() -> None:
    async with serving() as server:
        server.things(stream(LISTED))
        server.at("/apis/argoproj.io/v1/others", stream(LISTED))
        async with following(server.url, pace=replace(FAST, watch=300, random=lambda: 0.5)) as seen:
            await seen.until(lambda f: f.listed == 1)
        assert server.asked()[0].query["timeoutSeconds"] == "450"


async def test_a_server_that_refuses_streaming_lists_is_read_in_pages() -> None:
    for code in (400, 422):
        async with serving() as server:
            server.things(
                refusal(
                    code,
                    "sendInitialEvents is forbidden for watch unless the WatchList feature gate is enabled",
                ),
                page(thing("a", 1), thing("b", 2), rv=10, more="more/="),
                page(thing("c", 3), rv=10),
                stream(line("ADDED", thing("d", 11))),
            )
            async with following(server.url) as seen:
                await seen.until(lambda f: f.names == ["a", "b", "c", "d"])
            assert seen.kinds == [Began, Batch, Listed, Batch]
            assert not seen.troubles
            _, first, second, watch = (request.query for request in server.asked())
            assert first == {"limit": "500"}
            assert second == {"limit": "500", "continue": "more/="}
            assert watch["resourceVersion"] == "10"
            assert watch["allowWatchBookmarks"] == "true"


async def test_the_server_is_told_which_labels_are_wanted_in_every_kind_of_request() -> None:
    some = replace(THING, selector="mine in (a,b)")
    async with serving() as server:
        server.things(
            refusal(422, "sendInitialEvents is forbidden"),
            page(thing("a", 1), rv=10, more="more"),
            page(thing("b", 2), rv=10),
            stream(line("ADDED", thing("c", 11))),
        )
        async with following(server.url, kind=some) as seen:
            await seen.until(lambda f: f.names == ["a", "b", "c"])
        assert [request.query["labelSelector"] for request in server.asked()] == ["mine in (a,b)"] * 4


async def test_a_server_that_answers_a_streaming_list_with_a_list_is_read_in_pages() -> None:
    async with serving() as server:
        server.things(page(thing("a", 1)), page(thing("a", 1)), stream())
        async with following(server.url) as seen:
            await seen.until(lambda f: f.listed == 1)
        assert seen.names == ["a"]
        assert server.asked()[1].query == {"limit": "500"}


async def test_a_server_that_ignores_streaming_lists_and_only_sends_what_is_there_is_read_in_pages() -> None:
    async with serving() as server:
        server.things(stream(added("a")), page(thing("a", 1), rv=7), stream())
        async with following(server.url, pace=replace(FAST, first_word=0.1)) as seen:
            await seen.until(lambda f: f.listed == 1)
        assert not seen.troubles
        assert server.asked()[1].query == {"limit": "500"}


async def test_a_bookmark_before_the_end_of_a_streaming_list_shows_that_it_is_none() -> None:
    async with serving() as server:
        server.things(stream(added("a"), bookmark(4)), page(thing("a", 1), rv=7), stream())
        async with following(server.url) as seen:
            await seen.until(lambda f: f.listed == 1)
        assert server.asked()[1].query == {"limit": "500"}


async def test_it_is_remembered_that_a_kind_can_not_be_streamed() -> None:
    async with serving() as server:
        server.things(
            refusal(422),
            page(thing("a", 1)),
            stream(line("ERROR", {"kind": "Status", "code": 410})),
            page(thing("b", 1)),
            stream(),
        )
        async with following(server.url) as seen:
            await seen.until(lambda f: f.listed == 2)
        assert seen.names == ["b"]
        assert sum(request.streams_list for request in server.asked()) == 1


async def test_what_is_not_in_a_new_list_is_known_to_be_gone() -> None:
    async with serving() as server:
        gone = stream(added("a", "b"), LISTED, line("ERROR", {"kind": "Status", "code": 410}))
        server.things(gone, stream(added("b"), LISTED))
        async with following(server.url) as seen:
            await seen.until(lambda f: f.listed == 2)
        assert seen.names == ["b"]


async def test_an_object_that_comes_twice_in_one_chunk_is_taken_in_its_last_state() -> None:
    async with serving() as server:
        twice = added("a") + line("DELETED", thing("a", 2)) + line("ADDED", thing("a", 3, uid="again"))
        server.things(stream(LISTED, twice + added("b") + line("DELETED", thing("b", 4))))
        async with following(server.url) as seen:
            await seen.until(lambda f: f.names == ["a"])
            batch = seen.changes[-1]
        assert isinstance(batch, Batch)
        assert [obj.metadata.uid for obj in batch.put] == ["again"]
        assert {obj.metadata.uid for obj in batch.gone} == {"uid-ns-a", "uid-ns-b"}


async def test_an_object_that_does_not_fit_is_a_row_that_names_the_field_and_spoils_nothing() -> None:
    async with serving() as server:
        bad = line("ADDED", thing("bad", 2, status={"phase": "x", "count": "many"}))
        server.things(stream(added("a"), bad, added("b"), LISTED))
        async with following(server.url) as seen:
            await seen.until(lambda f: f.listed == 1)
        assert seen.names == ["a", "b", "bad"]
        odd = seen.of("bad")
        assert isinstance(odd, Malformed)
        assert odd.path == "$.status.count"
        assert odd.problem == "Expected `int | null`, got `str`"
        assert odd.metadata.uid == "uid-ns-bad"


async def test_an_object_that_does_not_fit_spoils_no_page() -> None:
    async with serving() as server:
        server.things(refusal(422), page(thing("a", 1), thing("bad", 2, status=3), thing("b", 3)), stream())
        async with following(server.url) as seen:
            await seen.until(lambda f: f.listed == 1)
        assert seen.names == ["a", "b", "bad"]
        odd = seen.of("bad")
        assert isinstance(odd, Malformed)
        assert odd.path == "$.status"


async def test_a_large_list_is_handed_on_in_steps_that_let_others_run() -> None:
    names = [f"t{i}" for i in range(1500)]
    async with serving() as server:
        server.things(stream(added(*names) + LISTED))
        async with following(server.url) as seen:
            await seen.until(lambda f: f.listed == 1)
        assert len(seen.names) == 1500
        assert max(len(c.put) for c in seen.changes if isinstance(c, Batch)) <= 200


async def test_kinds_share_one_discovery_and_each_has_one_request() -> None:
    async with serving() as server:
        server.things(stream(added("a"), LISTED))
        server.at("/apis/argoproj.io/v1/others", stream(added("o"), LISTED))
        async with connected(server.url) as connection:
            watcher = Watcher(connection, FAST)
            async with (
                following(server.url, watcher=watcher) as things,
                following(server.url, OTHER, watcher=watcher) as others,
            ):
                await things.until(lambda f: f.listed == 1)
                await others.until(lambda f: f.listed == 1)
        assert [request.path for request in server.requests].count("/apis") == 1
        assert len(server.requests) == 3


async def test_a_namespace_is_followed_in_its_own_path_and_a_kind_without_namespaces_is_not() -> None:
    async with serving() as server:
        server.things(stream(added("a"), LISTED), namespace="shop")
        async with following(server.url, namespace="shop") as seen:
            await seen.until(lambda f: f.listed == 1)
        server.things(stream(added("b"), LISTED))
        async with following(server.url, replace(THING, namespaced=False), "shop") as seen:
            await seen.until(lambda f: f.listed == 1)
        assert seen.names == ["b"]
