"""What narrows a watch or a list, and what keeps all of an object."""

from __future__ import annotations

from dataclasses import replace

import pytest
from following import THING, Thing, ThingStatus, eventually, following
from scripted import Answer, bookmark, line, page, refusal, serving, stream, thing

from trombone_tui.core.objects.basics import Malformed

WHOLE = "x" * 100
OBJECT = thing("a", 1, status={"phase": WHOLE})


class Short(Thing):
    """Drops most of what it is."""

    def reduced(self) -> Short:
        return Short(metadata=self.metadata, status=ThingStatus(phase="short"))


class Bare(Thing):
    """Keeps no annotations."""

    def reduced(self) -> Bare:
        self.metadata.annotations = None
        return self


STREAMED = (stream(line("ADDED", OBJECT), bookmark(9, ends_list=True)),)
PAGED = (refusal(422), page(OBJECT), stream())


@pytest.mark.parametrize("answers", [pytest.param(STREAMED, id="streamed"), pytest.param(PAGED, id="paged")])
@pytest.mark.parametrize(("entire", "phase"), [(False, "short"), (True, WHOLE)])
async def test_only_what_is_worth_keeping_is_handed_on_and_all_of_an_entire_kind(
    answers: tuple[Answer, ...], entire: bool, phase: str
) -> None:
    async with serving() as server:
        server.things(*answers)
        async with following(server.url, replace(THING, shape=Short).narrowed(entire=entire)) as seen:
            await seen.until(lambda f: f.listed == 1)
    found = seen.of("a")
    assert isinstance(found, Short)
    assert found.status == ThingStatus(phase=phase)


async def test_objects_are_reduced_beside_one_that_does_not_fit() -> None:
    async with serving() as server:
        bad = line("ADDED", thing("bad", 2, status={"phase": 3}))
        server.things(stream(line("ADDED", OBJECT), bad, bookmark(9, ends_list=True)))
        async with following(server.url, replace(THING, shape=Short)) as seen:
            await seen.until(lambda f: f.listed == 1)
    found, other = seen.of("a"), seen.of("bad")
    assert isinstance(found, Short)
    assert found.status == ThingStatus(phase="short")
    assert isinstance(other, Malformed)
    assert other.path == "$.status.phase"


async def test_the_end_of_a_list_is_seen_though_the_kind_keeps_no_annotations() -> None:
    async with serving() as server:
        server.things(stream(line("ADDED", OBJECT), bookmark(9, ends_list=True), line("MODIFIED", OBJECT)))
        async with following(server.url, replace(THING, shape=Bare)) as seen:
            await seen.until(lambda f: f.listed == 1)
    assert isinstance(seen.of("a"), Bare)


async def test_the_server_applies_what_narrows_a_kind_to_lists_and_watches() -> None:
    async with serving() as server:
        server.things(*PAGED)
        kind = THING.narrowed(selector="app=web", fields="metadata.name=a")
        async with following(server.url, kind) as seen:
            await seen.until(lambda f: f.listed == 1)
            await eventually(lambda: len(server.asked()) == 3)
        asked = [(r.query.get("labelSelector"), r.query.get("fieldSelector")) for r in server.asked()]
        assert asked == [("app=web", "metadata.name=a")] * 3


async def test_what_is_not_narrowed_asks_for_everything() -> None:
    async with serving() as server:
        server.things(*STREAMED)
        async with following(server.url) as seen:
            await seen.until(lambda f: f.listed == 1)
        assert not {"labelSelector", "fieldSelector"} & server.asked()[0].query.keys()
