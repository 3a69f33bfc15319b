"""Finding where a kind is served, over real HTTP."""

from __future__ import annotations

import asyncio
import json
from dataclasses import replace
from typing import Any

import pytest
from following import CORE, OTHER, THING, connected
from scripted import GROUP, THINGS, Answer, discovery, refusal, serving, text

from trombone_tui.adapters.discovery import Discovery
from trombone_tui.core.ports import Unauthenticated, Unreachable


def answer(body: dict[str, Any], **headers: str) -> Answer:
    return Answer(
        headers={"Content-Type": "application/json", **headers}, chunks=(json.dumps(body).encode(),)
    )


async def test_one_request_finds_every_kind_of_every_group() -> None:
    async with serving() as server, connected(server.url) as connection:
        found = Discovery(connection)
        paths = await asyncio.gather(*(found.path(kind) for kind in (THING, OTHER, THING)))
        assert paths == ["/apis/argoproj.io/v1"] * 3
        (request,) = server.requests
        assert request.headers["accept"].startswith("application/json;g=apidiscovery.k8s.io;v=v2;")


async def test_a_kind_of_the_core_is_looked_for_where_the_core_is() -> None:
    async with serving() as server, connected(server.url) as connection:
        server.at("/api", discovery({"": {"v1": ("services",)}}))
        assert await Discovery(connection).path(CORE) == "/api/v1"
        assert [request.path for request in server.requests] == ["/api"]


async def test_a_kind_that_is_not_served_has_no_path() -> None:
    async with serving() as server, connected(server.url) as connection:
        found = Discovery(connection)
        assert await found.path(replace(THING, plural="wonders")) is None
        assert await found.path(replace(THING, group="example.org")) is None
        assert len(server.requests) == 1


async def test_the_own_version_wins_and_else_the_servers_favourite_that_has_the_kind() -> None:
    served = {"v3": ("others",), "v2": ("things",), "v1": ("things",)}
    async with serving() as server, connected(server.url) as connection:
        server.at("/apis", discovery({GROUP: served}))
        found = Discovery(connection)
        assert await found.path(THING) == "/apis/argoproj.io/v1"
        assert await found.path(replace(THING, version="v9")) == "/apis/argoproj.io/v2"


async def test_what_is_known_is_asked_for_again_only_when_it_is_too_old() -> None:
    time = 100.0
    async with serving() as server, connected(server.url) as connection:
        server.at("/apis", discovery({}), THINGS)
        found = Discovery(connection, now=lambda: time)
        assert await found.path(THING) is None
        time = 120.0
        assert await found.path(THING, older=30) is None
        assert await found.path(THING, older=10) == "/apis/argoproj.io/v1"
        assert len(server.requests) == 2


async def test_a_look_that_finds_nothing_new_costs_no_body() -> None:
    async with serving() as server, connected(server.url) as connection:
        same = Answer(status=304, headers={"ETag": '"one"'})
        server.at("/apis", discovery({GROUP: {"v1": ("things",)}}, ETag='"one"'), same)
        found = Discovery(connection)
        assert await found.path(THING) == await found.path(THING, older=0) == "/apis/argoproj.io/v1"
        assert server.requests[1].headers["if-none-match"] == '"one"'


async def test_a_server_without_aggregated_discovery_is_asked_for_the_group_and_once() -> None:
    async with serving() as server, connected(server.url) as connection:
        group = {
            "name": GROUP,
            "versions": [{"version": "v2"}, {"version": "v1"}],
            "preferredVersion": {"version": "v2"},
        }
        server.at("/apis", answer({"kind": "APIGroupList", "groups": [group]}))
        server.at("/apis/argoproj.io/v1", answer({"kind": "APIResourceList", "resources": []}))
        server.at(
            "/apis/argoproj.io/v2", answer({"resources": [{"name": "things"}, {"name": "things/status"}]})
        )
        found = Discovery(connection)
        for _ in range(2):
            assert await found.path(THING) == "/apis/argoproj.io/v2"
        assert [request.path for request in server.requests] == [
            "/apis",
            "/apis/argoproj.io/v1",
            "/apis/argoproj.io/v2",
        ]


async def test_the_core_is_found_without_aggregated_discovery_too() -> None:
    async with serving() as server, connected(server.url) as connection:
        server.at("/api", answer({"kind": "APIVersions", "versions": ["v1"]}))
        server.at("/api/v1", answer({"kind": "APIResourceList", "resources": [{"name": "services"}]}))
        assert await Discovery(connection).path(CORE) == "/api/v1"


async def test_a_version_that_is_listed_but_gone_has_no_kinds() -> None:
    async with serving() as server, connected(server.url) as connection:
        group = {"name": GROUP, "versions": [{"version": "v1"}]}
        server.at("/apis", answer({"kind": "APIGroupList", "groups": [group]}))
        assert await Discovery(connection).path(THING) is None


@pytest.mark.parametrize("closed", [refusal(403), text(404, "404 page not found"), refusal(406)])
async def test_where_discovery_is_closed_the_usual_path_is_tried(closed: Answer) -> None:
    async with serving() as server, connected(server.url) as connection:
        server.at("/apis", closed)
        assert await Discovery(connection).path(THING) == "/apis/argoproj.io/v1"


async def test_those_who_ask_at_the_same_time_share_a_failure_and_the_next_one_asks_again() -> None:
    async with serving() as server, connected(server.url) as connection:
        server.at("/apis", refusal(503), THINGS)
        found = Discovery(connection)
        asked = await asyncio.gather(*(found.path(THING) for _ in range(5)), return_exceptions=True)
        assert [type(error) for error in asked] == [Unreachable] * 5
        assert len(server.requests) == 1
        assert await found.path(THING) == "/apis/argoproj.io/v1"


async def test_credentials_that_are_refused_are_not_taken_for_a_missing_kind() -> None:
    async with serving() as server, connected(server.url) as connection:
        server.at("/apis", refusal(401))
        with pytest.raises(Unauthenticated):
            await Discovery(connection).path(THING)


@pytest.mark.parametrize("body", [b"<html>log in</html>", b"[1]", b'{"items": 3}'])
async def test_an_answer_that_is_no_discovery_is_named_as_such(body: bytes) -> None:
    async with serving() as server, connected(server.url) as connection:
        server.at("/apis", Answer(chunks=(body,)))
        with pytest.raises(Unreachable, match="no discovery"):
            await Discovery(connection).path(THING)
