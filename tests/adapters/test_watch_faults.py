"""Every fault an API server, a proxy or a network can have, over real HTTP."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from itertools import pairwise
from pathlib import Path

import pytest
from following import FAST, THING, connected, eventually, following
from scripted import (
    GROUP,
    THINGS,
    Answer,
    added,
    bookmark,
    discovery,
    line,
    page,
    refusal,
    serving,
    status,
    stream,
    text,
    thing,
)

from trombone_tui.adapters.pace import Pace
from trombone_tui.adapters.watch import Watcher
from trombone_tui.core.ports import (
    Batch,
    Began,
    Denied,
    Expired,
    Listed,
    NotInstalled,
    Refused,
    Restored,
    Trouble,
    Unauthenticated,
    Unreachable,
)

LISTED = bookmark(10, ends_list=True)
LATER = bookmark(20)
CLOSED = stream(end="clean")


async def test_410_as_a_status_makes_the_list_be_read_again() -> None:
    async with serving() as server:
        server.things(
            stream(added("a"), LISTED, end="clean"), refusal(410, "too old"), stream(added("b"), LISTED)
        )
        async with following(server.url) as seen:
            await seen.until(lambda f: f.listed == 2)
        assert seen.names == ["b"]
        assert seen.kinds == [Began, Batch, Listed, Trouble, Began, Batch, Listed]
        assert isinstance(seen.troubles[0], Expired)
        assert [request.streams_list for request in server.asked()] == [True, False, True]


async def test_410_as_an_error_event_makes_the_list_be_read_again_and_loses_nothing_before_it() -> None:
    async with serving() as server:
        gone = line("DELETED", thing("a", 11)) + line("ERROR", status(410, "too old resource version"))
        server.things(stream(added("a"), LISTED, gone), stream(added("b"), LISTED))
        async with following(server.url) as seen:
            await seen.until(lambda f: f.listed == 2)
        assert seen.names == ["b"]
        assert seen.kinds == [Began, Batch, Listed, Batch, Trouble, Began, Batch, Listed]
        assert isinstance(seen.troubles[0], Expired)


async def test_410_between_pages_starts_the_list_again_in_one_page() -> None:
    async with serving() as server:
        server.things(
            refusal(422),
            page(thing("a", 1), thing("old", 1), more="m"),
            refusal(410, "the provided continue parameter is too old"),
            page(thing("a", 1), thing("b", 2), rv=30),
            stream(),
        )
        async with following(server.url) as seen:
            await seen.until(lambda f: f.listed == 1)
        assert seen.names == ["a", "b"]
        assert server.asked()[3].query == {}


async def test_410_again_and_again_does_not_loop_hot() -> None:
    async with serving() as server:
        server.things(stream(LISTED, line("ERROR", status(410))))
        async with following(server.url, pace=replace(FAST, first_wait=0.1, longest_wait=10)) as seen:
            await seen.until(lambda f: f.listed == 3)
        first, *_, last = server.asked()
        assert last.at - first.at >= 0.29  # 0.1 and 0.2 s


async def test_a_server_that_closes_at_once_is_asked_ever_more_rarely() -> None:
    async with serving() as server:
        server.things(stream(added("a"), LISTED, end="clean"), CLOSED)
        async with following(server.url, pace=replace(FAST, first_wait=0.01, longest_wait=0.2)):
            await eventually(lambda: len(server.asked()) >= 8)
        times = [request.at for request in server.asked()]
        gaps = [later - sooner for sooner, later in pairwise(times)]
        for gap, wait in zip(gaps, (0.01, 0.02, 0.04, 0.08, 0.16, 0.2, 0.2), strict=False):
            assert gap >= wait * 0.95


async def test_a_streaming_list_that_is_closed_at_once_each_time_gives_way_to_pages() -> None:
    async with serving() as server:
        server.things(CLOSED, CLOSED, CLOSED, page(thing("a", 1)), stream())
        async with following(server.url) as seen:
            await seen.until(lambda f: f.listed == 1)
        assert seen.names == ["a"]
        assert len([t for t in seen.troubles if isinstance(t, Unreachable)]) >= 1


async def test_waits_are_drawn_between_nothing_and_a_bound_that_doubles_up_to_half_a_minute() -> None:
    low, high = Pace(random=lambda: 0.0), Pace(random=lambda: 1.0)
    assert [low.wait(n, None) for n in range(9)] == [0.0] * 9
    assert [high.wait(n, None) for n in range(9)] == [0.0, 0.8, 1.6, 3.2, 6.4, 12.8, 25.6, 30.0, 30.0]
    assert high.wait(10_000, None) == 30.0


async def test_waits_are_short_again_after_a_watch_that_stood() -> None:
    async with serving() as server:
        release = asyncio.Event()
        server.things(
            stream(LISTED, end="clean"), CLOSED, CLOSED, stream(end="hold", hold=release), stream(added("a"))
        )
        pace = replace(FAST, first_wait=0.15, longest_wait=60, lived=0.1)
        async with following(server.url, pace=pace) as seen:
            await eventually(lambda: len(server.asked()) == 4)
            await asyncio.sleep(pace.lived)
            release.set()
            await seen.until(lambda f: f.names == ["a"])
        *_, before, last = server.asked()
        assert last.at - before.at < 0.9  # the next wait would have been 1.2 s


async def test_a_connection_cut_in_the_middle_of_a_line_goes_on_from_the_last_whole_one() -> None:
    async with serving() as server:
        half = line("ADDED", thing("b", 12))[:40]
        server.things(
            stream(LISTED, added("a", rv=11) + half, end="cut"), stream(line("ADDED", thing("b", 12)))
        )
        async with following(server.url) as seen:
            await seen.until(lambda f: f.names == ["a", "b"])
        assert server.asked()[1].query["resourceVersion"] == "11"
        assert not server.asked()[1].streams_list
        assert seen.listed == 1


async def test_a_clean_end_in_the_middle_of_a_line_is_no_event() -> None:
    async with serving() as server:
        half = line("ADDED", thing("b", 12))[:-3]
        server.things(
            stream(LISTED, added("a", rv=11) + half, end="clean"), stream(line("ADDED", thing("b", 12)))
        )
        async with following(server.url) as seen:
            await seen.until(lambda f: f.names == ["a", "b"])
        assert server.asked()[1].query["resourceVersion"] == "11"
        assert isinstance(seen.troubles[0], Unreachable)
        assert seen.kinds == [Began, Listed, Batch, Trouble, Restored, Batch]


async def test_a_list_cut_in_the_middle_is_read_again() -> None:
    async with serving() as server:
        server.things(stream(added("a", "old"), end="cut"), stream(added("a"), LISTED))
        async with following(server.url) as seen:
            await seen.until(lambda f: f.listed == 1)
        assert str(seen.troubles[0]).startswith(
            "the watch of things.argoproj.io broke off: the connection was cut"
        )
        assert seen.names == ["a"]
        assert all(request.streams_list for request in server.asked())


async def test_a_page_cut_in_the_middle_is_read_again() -> None:
    async with serving() as server:
        half = Answer(chunks=(page(thing("a", 1)).chunks[0][:50],), end="cut")
        server.things(refusal(422), half, page(thing("a", 1)), stream())
        async with following(server.url) as seen:
            await seen.until(lambda f: f.listed == 1)
        assert isinstance(seen.troubles[0], Unreachable)


async def test_a_half_open_connection_is_given_up_and_resumed() -> None:
    async with serving() as server:
        server.things(stream(LISTED, added("a", rv=11)), stream(line("ADDED", thing("b", 12))))
        async with following(server.url, pace=replace(FAST, silence=0.3)) as seen:
            await seen.until(lambda f: f.names == ["a", "b"])
        assert server.asked()[1].query["resourceVersion"] == "11"
        assert not seen.troubles  # it stood long, and was back at the first attempt


async def test_a_server_that_accepts_and_never_answers_is_trouble() -> None:
    async with serving() as server:
        never = asyncio.Event()
        server.at("/apis", Answer(end="hold", hold=never, headers={"Content-Length": "5"}))
        async with following(server.url, pace=replace(FAST, answer=0.1, silence=0.2)) as seen:
            await seen.until(lambda f: bool(f.troubles))
            assert isinstance(seen.trouble, Unreachable)
            server.at("/apis", THINGS)
            server.things(stream(LISTED))
            await seen.until(lambda f: f.listed == 1)


async def test_429_and_503_with_retry_after_are_asked_again_no_sooner() -> None:
    async def asked_again(answer: Answer) -> None:
        async with serving() as server:
            server.things(stream(LISTED, end="clean"), answer, stream(added("a", rv=11)))
            async with following(server.url) as seen:
                await seen.until(lambda f: f.names == ["a"])
            _, refused, again = server.asked()
            assert again.at - refused.at >= 1.0
            assert again.query["resourceVersion"] == "10"
            assert isinstance(seen.troubles[0], Unreachable)
            assert "slow down" in str(seen.troubles[0])
            assert seen.kinds == [Began, Listed, Trouble, Restored, Batch]

    forms = (refusal, text)
    answers = [form(code, "slow down", Retry_After="1") for code in (429, 503) for form in forms]
    await asyncio.gather(*(asked_again(answer) for answer in answers))


async def test_a_text_body_is_never_taken_for_an_event() -> None:
    async with serving() as server:
        bad = Answer(
            status=502, headers={"Content-Type": "text/html"}, chunks=(b"<html>\nbad gateway\n</html>\n",)
        )
        server.things(text(429, "too many"), bad, text(500, "oops\n"), stream(added("a"), LISTED))
        async with following(server.url) as seen:
            await seen.until(lambda f: f.listed == 1)
        assert [type(error) for error in seen.troubles] == [Unreachable] * 3
        assert seen.names == ["a"]


async def test_html_with_status_200_is_trouble_and_never_a_row() -> None:
    async with serving() as server:
        login = Answer(headers={"Content-Type": "text/html"}, chunks=(b"<html>log in\n",))
        server.things(login, login, page(thing("a", 1)), stream())
        async with following(server.url) as seen:
            await seen.until(lambda f: f.listed == 1)
        assert isinstance(seen.troubles[0], Unreachable)
        assert seen.names == ["a"]


async def test_broken_json_in_a_watch_makes_the_list_be_read_again() -> None:
    async with serving() as server:
        server.things(stream(added("a"), LISTED, b'{"type":"ADDED","obj\n'), stream(added("b"), LISTED))
        async with following(server.url) as seen:
            await seen.until(lambda f: f.listed == 2)
        assert seen.names == ["b"]
        assert "can't be read" in str(seen.troubles[0])
        assert server.asked()[1].streams_list


async def test_broken_json_in_a_page_is_trouble_and_read_again() -> None:
    async with serving() as server:
        broken = Answer(chunks=(b'{"metadata":{},"items":[{"metadata":{"name":"\xff"}}]}',))
        server.things(refusal(422), broken, page(thing("a", 1)), stream())
        async with following(server.url) as seen:
            await seen.until(lambda f: f.listed == 1)
        assert "can't be read" in str(seen.troubles[0])


async def test_an_error_event_is_trouble_and_the_watch_goes_on_from_where_it_was() -> None:
    async with serving() as server:
        server.things(
            stream(LISTED, LATER, line("ERROR", status(500, "etcd is gone"))), stream(added("a", rv=21))
        )
        async with following(server.url) as seen:
            await seen.until(lambda f: f.names == ["a"])
        assert "etcd is gone" in str(seen.troubles[0])
        assert server.asked()[1].query["resourceVersion"] == "20"
        assert seen.kinds == [Began, Listed, Trouble, Restored, Batch]


async def test_a_version_the_server_keeps_rejecting_is_given_up_for_a_new_list() -> None:
    for rejected in (refusal(504, "Too large resource version"), refusal(400, "invalid resource version"),
                     stream(line("ERROR", status(500, "Too large resource version")))):  # fmt: skip
        async with serving() as server:
            server.things(
                stream(added("a"), LISTED, end="clean"),
                rejected,
                rejected,
                rejected,
                stream(added("b"), LISTED),
            )
            async with following(server.url) as seen:
                await seen.until(lambda f: f.listed == 2)
            assert seen.names == ["b"]


async def test_401_is_told_once_and_resumed_when_the_credentials_are_good_again() -> None:
    async with serving() as server:
        server.things(stream(LISTED, end="clean"), refusal(401, "Unauthorized"), refusal(401, "Unauthorized"),
                      stream(added("a", rv=11)))  # fmt: skip
        async with following(server.url) as seen:
            await seen.until(lambda f: f.names == ["a"])
        (trouble,) = seen.troubles
        assert isinstance(trouble, Unauthenticated)
        assert seen.kinds == [Began, Listed, Trouble, Restored, Batch]
        assert server.asked()[-1].query["resourceVersion"] == "10"


async def test_a_token_that_has_expired_is_renewed_and_the_watch_goes_on_without_trouble(
    tmp_path: Path,
) -> None:
    token = tmp_path / "token"
    token.write_text("old\n")
    async with serving() as server:
        release = asyncio.Event()
        server.things(stream(LISTED, end="hold", hold=release), refusal(401), stream(added("a", rv=11)))
        async with following(server.url, tokenFile=str(token)) as seen:
            await seen.until(lambda f: f.listed == 1)
            token.write_text("new\n")
            release.set()
            await seen.until(lambda f: f.names == ["a"])
        assert not seen.troubles
        assert server.asked()[-1].headers["authorization"] == "Bearer new"
        assert server.asked()[-1].query["resourceVersion"] == "10"


async def test_403_names_verb_and_resource_and_is_asked_again_rarely() -> None:
    async with serving() as server:
        server.things(refusal(403, "things is forbidden"), stream(LISTED))
        async with following(server.url, pace=replace(FAST, ask_again=0.3)) as seen:
            await seen.until(lambda f: f.listed == 1)
        (trouble,) = seen.troubles
        assert isinstance(trouble, Denied)
        assert str(trouble) == "may not watch things.argoproj.io in all namespaces"
        refused, again = server.asked()
        assert again.at - refused.at >= 0.3
    assert Pace(random=lambda: 0.0).wait(1, trouble) == 60
    assert Pace(random=lambda: 1.0).wait(1, trouble) == 90


async def test_lines_beyond_4_mib_are_read() -> None:
    async with serving() as server:
        large = line("ADDED", thing("large", 11, padding="x" * (5 * 1024 * 1024)))
        parts = [large[start : start + 300_000] for start in range(0, len(large), 300_000)]
        server.things(stream(LISTED, *parts, added("a", rv=12)))
        async with following(server.url) as seen:
            await seen.until(lambda f: f.names == ["a", "large"])
        assert not seen.troubles


async def test_a_kind_that_is_not_served_is_looked_for_again_and_noticed() -> None:
    async with serving() as server:
        server.at("/apis", discovery({"apps": {"v1": ("deployments",)}}, ETag="one"))
        async with following(server.url) as seen:
            await seen.until(lambda f: bool(f.troubles))
            assert isinstance(seen.trouble, NotInstalled)
            assert str(seen.trouble) == "things.argoproj.io is not installed on this cluster"
            server.at("/apis", THINGS)
            server.things(stream(added("a"), LISTED))
            await seen.until(lambda f: f.names == ["a"])
        assert len(seen.troubles) == 1
        assert not [request for request in server.asked() if request.at < server.requests[1].at]


async def test_a_kind_that_is_not_installed_is_looked_for_each_half_minute_and_later_each_two() -> None:
    absent = NotInstalled("things.argoproj.io")
    least, most = Pace(random=lambda: 0.0), Pace(random=lambda: 1.0)
    assert [least.wait(n, absent) for n in (1, 7, 20, 21, 999)] == [22.5, 22.5, 22.5, 90, 90]
    assert [most.wait(n, absent) for n in (1, 7, 20, 21, 999)] == [37.5, 37.5, 37.5, 150, 150]


async def test_a_crd_removed_and_made_again_is_noticed_both_times() -> None:
    async with serving() as server:
        server.things(
            stream(added("a"), LISTED, line("DELETED", thing("a", 11)), end="clean"),
            text(404, "404 page not found\n"),
        )
        async with following(server.url) as seen:
            await seen.until(lambda f: f.listed == 1)
            server.at("/apis", discovery({}))
            await seen.until(lambda f: isinstance(f.trouble, NotInstalled))
            assert not seen.names
            server.things(stream(added("new"), LISTED))
            server.at("/apis", THINGS)
            await seen.until(lambda f: f.listed == 2)
        assert seen.names == ["new"]
        assert server.asked()[-1].streams_list


async def test_a_404_although_discovery_names_the_kind_is_not_installed_and_does_not_loop_hot() -> None:
    async with serving() as server, following(server.url) as seen:
        await seen.until(lambda f: isinstance(f.trouble, NotInstalled))
        assert len(server.asked()) == 2  # once as remembered, once as discovered anew
        server.things(stream(added("a"), LISTED))
        await seen.until(lambda f: f.listed == 1)


async def test_another_version_is_used_when_the_one_followed_is_no_longer_served() -> None:
    async with serving() as server:
        server.things(stream(added("a"), LISTED, end="clean"), text(404, "404 page not found\n"))
        async with following(server.url) as seen:
            await seen.until(lambda f: f.listed == 1)
            server.at(f"/apis/{GROUP}/v2/things", stream(added("b"), LISTED))
            server.at("/apis", discovery({GROUP: {"v2": ("things",)}}))
            await seen.until(lambda f: f.names == ["b"])


async def test_clocks_that_differ_by_hours_change_nothing() -> None:
    async with serving() as server:
        now = datetime.now(UTC) + timedelta(hours=7)
        wait = {
            "Retry-After": format_datetime(now + timedelta(seconds=1), usegmt=True),
            "Date": format_datetime(now, usegmt=True),
        }
        future = thing("a", 11)
        future["metadata"]["creationTimestamp"] = "2099-01-01T00:00:00Z"
        server.things(
            stream(LISTED, end="clean"), replace(refusal(503), headers=wait), stream(line("ADDED", future))
        )
        async with following(server.url) as seen:
            await seen.until(lambda f: f.names == ["a"])
        _, refused, again = server.asked()
        assert 1.0 <= again.at - refused.at < 3.0


async def test_a_server_that_is_down_is_told_at_once_and_restored_without_a_new_list() -> None:
    async with serving() as server:
        release = asyncio.Event()
        server.things(stream(LISTED, end="hold", hold=release), stream())
        async with following(server.url) as seen:
            await seen.until(lambda f: f.listed == 1)
            server.rejecting = True
            release.set()
            await seen.until(lambda f: isinstance(f.trouble, Unreachable), within=2)
            server.rejecting = False
            await seen.until(lambda f: f.trouble is None)
        assert seen.kinds == [Began, Listed, Trouble, Restored]
        assert not server.asked()[-1].streams_list


async def test_the_same_trouble_is_told_once_and_another_one_again() -> None:
    async with serving() as server:
        server.things(text(500, "one"), text(500, "one"), text(500, "two"), text(500, "two"), stream(LISTED))
        async with following(server.url) as seen:
            await seen.until(lambda f: f.listed == 1)
        assert [str(error)[-3:] for error in seen.troubles] == ["one", "two"]


async def test_trouble_says_how_long_nothing_was_heard() -> None:
    async with serving() as server:
        release = asyncio.Event()
        server.things(stream(LISTED, end="hold", hold=release), text(500, "one"), text(500, "two"), stream())
        async with following(server.url, pace=replace(FAST, first_wait=0.2, longest_wait=0.2)) as seen:
            await seen.until(lambda f: f.listed == 1)
            release.set()
            await seen.until(lambda f: len(f.troubles) == 2)
        first, second = (change.silent for change in seen.changes if isinstance(change, Trouble))
        assert 0 <= first < 0.5
        assert second - first >= 0.19


async def test_a_request_the_server_finds_wrong_is_trouble() -> None:
    async with serving() as server:
        server.things(refusal(422), refusal(400, "limit"), page(), stream())
        async with following(server.url) as seen:
            await seen.until(lambda f: f.listed == 1)
        assert isinstance(seen.troubles[0], Refused)


async def test_pages_that_never_end_well_do_not_loop_hot() -> None:
    async with serving() as server:
        server.things(refusal(422), refusal(500))
        async with following(server.url, pace=replace(FAST, first_wait=0.05, longest_wait=0.1)) as seen:
            await eventually(lambda: len(server.asked()) >= 6)
        times = [request.at for request in server.asked()[1:]]
        assert times[-1] - times[0] >= 0.3
        assert len(seen.troubles) == 1


@pytest.mark.parametrize("event", ["BOOKMARK", "SURPRISE"])
async def test_events_of_unknown_types_and_odd_bookmarks_are_no_rows(event: str) -> None:
    async with serving() as server:
        server.things(stream(LISTED, line(event, thing("odd", 11)), b"\n", added("a", rv=12)))
        async with following(server.url) as seen:
            await seen.until(lambda f: "a" in f.names)
        assert seen.names == ["a"]


async def test_leaving_a_pursuit_closes_its_connection() -> None:
    async with serving() as server:
        server.things(stream(LISTED))
        async with connected(server.url) as connection:
            changes = Watcher(connection, FAST).follow(THING, None)
            assert isinstance(await anext(changes), Began)
            await changes.aclose()
            await eventually(lambda: server.open == 0)
