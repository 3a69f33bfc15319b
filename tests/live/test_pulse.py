"""How long a controller's round is taken to be, by when objects of its kind were seen to change."""

from __future__ import annotations

import time
from dataclasses import replace

import pytest
from doing import ABORT, HASTE, doing, plan
from hand import ROW, thing

from trombone_tui.core.objects.basics import Ref
from trombone_tui.core.ports import Batch
from trombone_tui.live.pulse import Pulse

REFS = [Ref("one", "Row", "ns", name) for name in "abcdef"]
A = REFS[0]


def told(*moments: tuple[float, str], listed: bool = True) -> Pulse:
    """Tell it of objects as they change, at moments in seconds; it is asked at the last one."""
    now = [0.0]
    pulse = Pulse(lambda: now[0])
    for ref in REFS:
        pulse.put(ROW, ref, None)
    pulse.see(ROW, listed)
    for moment, names in moments:
        now[0] = moment
        for ref in REFS:
            if ref.name in names:
                pulse.put(ROW, ref, None)
    return pulse


@pytest.mark.parametrize(
    ("moments", "seconds"),
    [
        ([], 0.0),
        ([(10.0, "abc")], 0.0),
        ([(10.0, "abcd")], 0.8),
        ([(10.0, "abcd"), (12.1, "a")], 0.0),
        ([(10.0, "a"), (11.0, "abcd")], 1.5),
        ([(10.0, "a"), (11.0, "a"), (11.2, "abcd")], 1.5),
        ([(10.0, "a"), (10.2, "a"), (10.4, "abcd")], 0.8),
        ([(10.0, "a"), (11.0, "a"), (13.1, "abcd")], 0.8),
        ([(10.0, "b"), (11.0, "bcde")], 0.8),
    ],
    ids=[
        "nothing changed since it was listed",
        "few changed",
        "many changed at once",
        "many changed some time ago",
        "a round was seen to take a second",
        "the longest of a burst counts",
        "rounds are quick all the same",
        "what is far apart has other reasons",
        "another one's rounds say nothing of its own",
    ],
)
def test_only_where_many_change_at_once_is_a_round_taken_for_a_long_one(
    moments: list[tuple[float, str]], seconds: float
) -> None:
    assert told(*moments).round_of(A) == pytest.approx(seconds)
    assert told(*moments).round_of(Ref("one", "Row", "ns", "a", part="of it")) == pytest.approx(seconds)


def test_a_list_is_no_change() -> None:
    assert told((10.0, "abcdef"), listed=False).round_of(A) == 0.0


def test_what_is_gone_is_not_counted() -> None:
    pulse = told((10.0, "abcd"))
    pulse.drop(ROW, REFS[3])
    assert pulse.round_of(A) == 0.0


async def test_a_busy_controller_is_waited_for() -> None:
    patience = replace(HASTE, settle=0.01, settled=0.4)
    async with doing(plan(ABORT), patience=patience) as at:
        act = await at.prepared()
        others = [thing(name, "Running") for name in "bcde"]
        at.cluster.say(ROW, Batch(put=tuple(others)))
        await at.seen.until(lambda s: len(s.names("one")) == 5)
        began = time.monotonic()
        await at.done(act)
        assert time.monotonic() - began >= 0.4
