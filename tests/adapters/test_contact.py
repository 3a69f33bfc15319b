"""A server that falls silent as a whole, over real HTTP: known soon, doubted by all, believed at once."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest
from following import FAST, OTHER, THING, connected, eventually, following
from scripted import Answer, Request, Script, added, bookmark, line, refusal, serving, stream, text, thing

from trombone_tui.adapters.contact import Contact
from trombone_tui.adapters.pace import Pace
from trombone_tui.adapters.watch import Watcher
from trombone_tui.core.ports import (
    Batch,
    Began,
    Denied,
    Listed,
    NotInstalled,
    Restored,
    Trouble,
    Unauthenticated,
    Unreachable,
)

LISTED = bookmark(10, ends_list=True)
SOON = replace(FAST, silence=20, quiet=0.2, pulse=0.2, probe=0.1, settled=0.2)
PATIENT = replace(SOON, first_wait=60, longest_wait=60)
"""Waits a minute after a failure, unless it is told that the server is back."""

STEADY = replace(PATIENT, first_wait=1, longest_wait=1)
"""Waits a second at most after a failure, unless the server asks for more."""


def questions(server: Script) -> int:
    return sum(request.path == "/readyz" for request in server.requests)


def signs(server: Script) -> list[Request]:
    """Return the watches that only asked whether the server lives."""
    return [request for request in server.requests if request.asks_for_life]


def lost(watcher: Watcher) -> bool:
    return watcher._server.contact.lost is not None


async def test_an_idle_server_gets_no_request_but_watches_and_nothing_changes() -> None:
    async with serving() as server:
        more = asyncio.Event()
        server.things(
            stream(added("a"), LISTED, end="hold", hold=more, after=(line("ADDED", thing("b", 11)),))
        )
        server.life = stream(line("ADDED", thing("never shown", 11)), end="clean")
        async with following(server.url, pace=SOON) as seen:
            await eventually(lambda: len(signs(server)) >= 3)
            more.set()
            await seen.until(lambda f: f.names == ["a", "b"])
        assert seen.kinds == [Began, Batch, Listed, Batch]
        discovered, *others = server.requests
        assert discovered.path == "/apis"
        assert all(request.watches for request in others)
        assert {request.path for request in others} == {"/apis/argoproj.io/v1/things"}
        assert len(server.asked()) == 1


async def test_the_watch_that_asks_goes_on_from_where_the_one_that_stands_is_and_keeps_its_connection() -> (
    None
):
    mine = replace(THING, selector="mine")
    async with serving() as server:
        server.things(stream(added("a"), LISTED, bookmark(17)))
        async with following(server.url, kind=mine, pace=SOON):
            await eventually(lambda: len(signs(server)) >= 3)
            assert server.open <= 2
        query = {"watch": "1", "resourceVersion": "17", "timeoutSeconds": "1", "labelSelector": "mine"}
        assert [request.query for request in signs(server)][:3] == [query] * 3


async def test_a_list_that_is_being_read_is_not_asked_for_twice() -> None:
    async with serving() as server:
        server.at("/readyz", Answer())
        server.things(stream(added("a")))
        async with following(server.url, pace=replace(SOON, first_word=60)):
            await eventually(lambda: questions(server) >= 2)
        assert not signs(server)


async def test_an_answer_that_is_no_watch_is_a_sign_of_life_all_the_same() -> None:
    for answer in (refusal(410), refusal(404), text(500, "no"), refusal(429)):
        async with serving() as server, connected(server.url) as connection:
            server.things(stream(added("a"), LISTED))
            server.life = answer
            watcher = Watcher(connection, SOON)
            async with following(server.url, watcher=watcher) as seen:
                await eventually(lambda: len(signs(server)) >= 2)
                assert not lost(watcher)
            assert seen.kinds == [Began, Batch, Listed]
            assert questions(server) == 0


async def test_rights_that_were_taken_from_a_watch_that_stands_are_noticed_when_it_is_silent() -> None:
    async with serving() as server:
        server.things(stream(added("a"), LISTED), refusal(403), stream(line("ADDED", thing("b", 11))))
        server.life = refusal(403, "no longer")
        pace = replace(SOON, first_wait=0.02, longest_wait=0.1)
        async with following(server.url, pace=pace) as seen:
            await seen.until(lambda f: isinstance(f.trouble, Denied))
            server.life = Answer()
            await seen.until(lambda f: f.names == ["a", "b"])
        assert server.asked()[1].query["resourceVersion"] == "10"
        assert seen.listed == 1


async def test_a_token_that_was_taken_away_is_noticed_for_all_watches_and_one_right_for_its_own_only() -> (
    None
):
    for code, expected in ((401, {Unauthenticated}), (403, {Denied})):
        async with serving() as server, connected(server.url) as connection:
            server.things(stream(LISTED))
            server.at("/apis/argoproj.io/v1/others", stream(LISTED))
            server.life = refusal(code)
            watcher = Watcher(connection, replace(SOON, probe=60))
            async with (
                following(server.url, watcher=watcher) as things,
                following(server.url, OTHER, watcher=watcher) as others,
            ):
                await things.until(lambda f: bool(f.troubles))
                await others.until(lambda f: bool(f.troubles))
                assert {type(error) for error in (*things.troubles, *others.troubles)} == expected
            kinds = {request.path.rpartition("/")[2] for request in signs(server)}
            assert kinds == ({"things", "others"} if code == 403 else {"things"})


async def test_a_server_that_talks_is_never_asked() -> None:
    async with serving() as server:
        server.things(stream(LISTED, *(added(f"{i}", rv=11 + i) for i in range(3)), end="clean"))
        async with following(server.url, pace=replace(SOON, quiet=5, first_wait=0.01, longest_wait=0.01)):
            await eventually(lambda: len(server.asked()) >= 20)
        assert questions(server) == 0
        assert not signs(server)


async def test_a_frozen_server_is_trouble_at_once_and_the_same_connection_goes_on_when_it_thaws() -> None:
    async with serving() as server:
        server.at("/readyz", Answer())
        more = asyncio.Event()
        server.things(
            stream(added("a"), LISTED, end="hold", hold=more, after=(line("ADDED", thing("b", 11)),))
        )
        async with following(server.url, pace=SOON) as seen:
            await seen.until(lambda f: f.listed == 1)
            server.thawed.clear()
            await seen.until(lambda f: f.trouble is not None, within=2)
            assert isinstance(seen.trouble, Unreachable)
            assert str(seen.trouble).startswith("the API server is silent: no word and no answer for 0 s")
            assert seen.names == ["a"]
            (told,) = (change for change in seen.changes if isinstance(change, Trouble))
            assert told.silent >= SOON.quiet
            server.thawed.set()
            more.set()
            await seen.until(lambda f: f.names == ["a", "b"], within=2)
        assert seen.kinds == [Began, Batch, Listed, Trouble, Restored, Batch]
        assert len(server.asked()) == 1


async def test_a_connection_that_stays_silent_when_its_server_is_back_is_resumed_on_another() -> None:
    async with serving() as server:
        server.at("/readyz", Answer())
        server.things(stream(added("a"), LISTED), stream(line("ADDED", thing("b", 11))))
        async with following(server.url, pace=SOON) as seen:
            await seen.until(lambda f: f.listed == 1)
            server.thawed.clear()
            await seen.until(lambda f: f.trouble is not None)
            server.thawed.set()
            await seen.until(lambda f: f.names == ["a", "b"], within=3)
        assert seen.kinds == [Began, Batch, Listed, Trouble, Restored, Batch]
        assert server.asked()[1].query["resourceVersion"] == "10"


async def test_who_waits_to_try_again_is_woken_when_the_server_is_back() -> None:
    async with serving() as server, connected(server.url) as connection:
        server.at("/readyz", Answer())
        release = asyncio.Event()
        server.things(stream(added("a"), LISTED, end="hold", hold=release), stream(added("b", rv=20)))
        watcher = Watcher(connection, PATIENT)
        async with following(server.url, watcher=watcher) as seen:
            await seen.until(lambda f: f.listed == 1)
            await asyncio.sleep(PATIENT.lived)
            server.rejecting = True
            release.set()
            await seen.until(lambda f: isinstance(f.trouble, Unreachable))
            await eventually(lambda: lost(watcher))
            server.rejecting = False
            await seen.until(lambda f: f.names == ["a", "b"], within=3)


async def test_what_failed_while_the_server_was_away_makes_no_later_wait_longer() -> None:
    async with serving() as server, connected(server.url) as connection:
        server.at("/readyz", Answer())
        server.rejecting = True
        server.things(refusal(410), stream(added("a"), LISTED))
        random = {True: 0.002, False: 1.0}
        pace = replace(SOON, first_wait=0.5, longest_wait=60, random=lambda: random[server.rejecting])
        watcher = Watcher(connection, pace)
        async with following(server.url, watcher=watcher) as seen:
            await eventually(lambda: lost(watcher))
            server.rejecting = False
            await seen.until(lambda f: f.listed == 1, within=2)


async def test_a_server_that_is_not_ready_yet_wakes_nobody() -> None:
    async with serving() as server, connected(server.url) as connection:
        server.at("/readyz", text(500, "not yet"), text(500, "not yet"), Answer())
        server.rejecting = True
        server.things(stream(LISTED))
        watcher = Watcher(connection, PATIENT)
        async with following(server.url, watcher=watcher) as seen:
            await seen.until(lambda f: isinstance(f.trouble, Unreachable))
            await eventually(lambda: lost(watcher))
            server.rejecting = False
            await seen.until(lambda f: f.listed == 1, within=3)
        assert questions(server) == 3


async def test_who_was_told_to_come_later_by_a_server_that_starts_is_woken_when_it_is_ready() -> None:
    async with serving() as server, connected(server.url) as connection:
        server.at("/readyz", text(500, "not yet"), text(500, "not yet"), Answer())
        server.rejecting = True
        server.things(text(503, "not yet", retry_after="60"), stream(LISTED))
        watcher = Watcher(connection, replace(SOON, first_wait=0.05, longest_wait=0.05, probe=0.3))
        async with following(server.url, watcher=watcher) as seen:
            await eventually(lambda: lost(watcher))
            server.rejecting = False
            await eventually(lambda: len(server.asked()) == 1)
            await seen.until(lambda f: f.listed == 1, within=4)


async def test_a_server_that_is_ready_before_all_it_serves_is_asked_again_soon() -> None:
    async with serving() as server, connected(server.url) as connection:
        server.at("/readyz", Answer())
        server.rejecting = True
        server.things(text(503, "not yet", retry_after="60"), stream(LISTED))
        watcher = Watcher(connection, STEADY)
        async with following(server.url, watcher=watcher) as seen:
            await eventually(lambda: lost(watcher))
            server.rejecting = False
            await seen.until(lambda f: f.listed == 1, within=4)
        assert len(server.asked()) == 2


async def test_what_was_allowed_or_installed_before_is_asked_for_again_soon_and_then_ever_more_rarely() -> (
    None
):
    pace = Pace(random=lambda: 0.0)
    absent, denied = NotInstalled("things"), Denied("list", "things")
    assert [pace.wait(n, absent, seen=True) for n in (1, 2, 3, 9)] == pytest.approx([0.6, 1.2, 2.4, 22.5])
    assert [pace.wait(n, denied, seen=True) for n in (1, 2, 3, 9)] == pytest.approx([0.8, 1.6, 3.2, 60])
    assert (pace.wait(1, absent), pace.wait(1, denied)) == (22.5, 60)


async def test_rights_that_come_back_in_a_moment_are_noticed_then() -> None:
    async with serving() as server:
        server.things(stream(LISTED, end="clean"), refusal(403), refusal(403), stream(added("a", rv=20)))
        async with following(server.url, kind=THING, pace=replace(FAST, ask_again=60)) as seen:
            await seen.until(lambda f: f.names == ["a"], within=2)
        assert isinstance(seen.troubles[0], Denied)
        assert len(seen.troubles) == 1


async def test_of_all_that_is_followed_one_at_a_time_goes_on() -> None:
    went: list[int] = []
    async with serving() as server, connected(server.url) as connection:
        contact = Contact(connection, SOON)

        async def read_on(number: int) -> None:
            for _ in range(3):
                await contact.turn()
                went.append(number)

        async with asyncio.TaskGroup() as group:
            for number in range(5):
                group.create_task(read_on(number))
            while len(went) < 15:
                before = len(went)
                await asyncio.sleep(0)
                assert len(went) <= before + 1
    assert {*went[:5]} == {*range(5)}
