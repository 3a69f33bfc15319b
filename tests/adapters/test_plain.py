"""Objects that are followed as they are, with everything in them."""

from __future__ import annotations

from typing import Any

import pytest
from following import THING, following
from scripted import Answer, bookmark, line, page, refusal, serving, stream, thing

from trombone_tui.core.objects.basics import Malformed
from trombone_tui.core.objects.plain import Plain, plain
from trombone_tui.core.ports import Denied

MORE = {"spec": {"anything": [1, {"to": None}]}, "whole": "is the name of a field"}
FIRST, SECOND = thing("a", 1, **MORE), thing("a", 2, status={"x": 1})


def listed(streaming: bool) -> list[Answer]:
    change = line("MODIFIED", SECOND)
    if streaming:
        return [stream(line("ADDED", FIRST) + bookmark(1, ends_list=True), change)]
    return [refusal(400), page(FIRST, rv=1), stream(change)]


@pytest.mark.parametrize("streaming", [True, False], ids=["stream", "pages"])
async def test_one_object_comes_whole_and_each_change_after_it(streaming: bool) -> None:
    async with serving() as server:
        server.things(*listed(streaming), namespace="ns")
        async with following(server.url, plain(THING, "a"), "ns") as seen:
            states: list[Any] = []

            def told(now: Any) -> bool:
                states.extend(o.whole for o in now.objects.values() if isinstance(o, Plain))
                return SECOND in states

            await seen.until(told)
            assert FIRST in [o.whole for change in seen.changes for o in getattr(change, "put", ())]
            assert {one.query["fieldSelector"] for one in server.asked()} == {"metadata.name=a"}


async def test_one_that_can_not_be_read_spoils_no_other_and_an_error_is_one() -> None:
    async with serving() as server:
        bad = line("MODIFIED", {"metadata": {"name": 3, "uid": "u"}})
        status = {"kind": "Status", "code": 403, "message": "no"}
        first = line("ADDED", FIRST) + bookmark(1, ends_list=True)
        server.things(stream(first, bad + line("ERROR", status), end="clean"))
        async with following(server.url, kind=plain(THING, "a")) as seen:
            await seen.until(lambda now: bool(now.troubles))
            kinds = [type(o) for change in seen.changes for o in getattr(change, "put", ())]
            assert kinds == [Plain, Malformed]
            assert isinstance(seen.troubles[0], Denied)
