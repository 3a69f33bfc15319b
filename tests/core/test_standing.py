"""Who needs a human, and how many are how well: kept up change by change, equal to counting anew."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Mapping
from datetime import UTC, datetime

import pytest

from trombone_tui.core.objects.basics import Health, Ref
from trombone_tui.core.snapshot import StageSnapshot
from trombone_tui.core.stage import Fields, Item
from trombone_tui.core.standing import Standing

OLDEST = datetime.min.replace(tzinfo=UTC)


def day(number: int) -> datetime:
    return datetime(2026, 1, number, tzinfo=UTC)


def item(
    name: str, health: Health = Health.DEGRADED, *, series: str = "", created: datetime | None = None
) -> Item:
    ref = Ref("here", "Thing", "ns", name)
    return Item(ref=ref, health=health, why="", fields=Fields(), series=series, created=created)


class Stand:
    def __init__(self) -> None:
        self.standing = Standing()
        self.items: dict[Ref, Item] = {}

    def now(self, *items: Item, gone: tuple[str, ...] = ()) -> list[str]:
        new = dict(self.items)
        for one in items:
            new[one.ref] = one
        dropped = [ref for ref in new if ref.name in gone]
        for ref in dropped:
            del new[ref]
        self.standing.change([*(one.ref for one in items), *dropped], self.items, new)
        self.items = new
        return sorted(ref.name for ref in self.standing.attention)


def test_a_retry_that_goes_well_ends_the_attention_for_what_failed_before() -> None:
    stand = Stand()
    assert stand.now(item("first", series="s", created=day(1))) == ["first"]
    assert stand.now(item("second", Health.HEALTHY, series="s", created=day(2))) == []
    assert stand.now(gone=("second",)) == ["first"]


def test_only_the_newest_failure_of_a_series_asks() -> None:
    stand = Stand()
    assert stand.now(item("b", series="s", created=day(2)), item("a", series="s", created=day(1))) == ["b"]
    assert stand.now(item("c", series="t", created=day(1))) == ["b", "c"]


def test_items_of_no_series_each_ask_for_themselves() -> None:
    stand = Stand()
    assert stand.now(item("a"), item("b"), item("c", Health.HEALTHY)) == ["a", "b"]
    assert stand.now(item("a", Health.HEALTHY)) == ["b"]


def test_an_item_that_enters_or_leaves_a_series_is_judged_as_what_it_is_now() -> None:
    stand = Stand()
    stand.now(item("new", Health.HEALTHY, series="s", created=day(2)), item("a"))
    assert stand.now(item("a", series="s", created=day(1))) == []
    assert stand.now(item("a")) == ["a"]


def test_the_set_is_the_same_object_while_nothing_in_it_changes() -> None:
    stand = Stand()
    stand.now(item("a"))
    before = stand.standing.attention
    stand.now(item("a"), item("b", Health.HEALTHY))
    assert stand.standing.attention is before


@pytest.mark.parametrize("seed", range(40))
def test_any_sequence_of_changes_gives_what_counting_anew_gives(seed: int) -> None:
    dice = random.Random(seed)
    standing, items = Standing(), dict[Ref, Item]()
    for _ in range(30):
        new, changed = dict(items), set()
        for _ in range(dice.randint(1, 4)):
            one = item(
                str(dice.randint(0, 6)),
                dice.choice(list(Health)),
                series=dice.choice(["", "s", "t"]),
                created=dice.choice([None, day(1), day(2), day(3)]),
            )
            changed.add(one.ref)
            new.pop(one.ref, None)
            if dice.random() < 0.7:
                new[one.ref] = one
        standing.change(changed, items, new)
        items = new
        assert standing.attention == counted_attention(items)
        assert {health: n for health, n in standing.tally.items() if n} == Counter(
            i.health for i in items.values()
        )


def counted_attention(items: Mapping[Ref, Item]) -> set[Ref]:
    def replaced(one: Item) -> bool:
        when = one.created or OLDEST
        return any(o.series == one.series and (o.created or OLDEST) > when for o in items.values())

    return {i.ref for i in items.values() if i.needs_human and not (i.series and replaced(i))}


def test_the_worst_of_a_stage_leaves_out_failures_that_were_made_good() -> None:
    old, new, held = item("old"), item("new", Health.PROGRESSING), item("held", Health.SUSPENDED)
    items = {one.ref: one for one in (old, new)}
    for tally in (None, Counter({Health.DEGRADED: 1, Health.PROGRESSING: 1, Health.MISSING: 0})):
        made_good = StageSnapshot(items=items, panel=(), tally=tally)
        assert made_good.worst is Health.PROGRESSING
        assert (
            StageSnapshot(items=items, panel=(), attention=frozenset([old.ref]), tally=tally).worst
            is Health.DEGRADED
        )
    assert StageSnapshot(items={held.ref: held}, panel=()).worst is Health.SUSPENDED
    assert StageSnapshot(items={}, panel=()).worst is Health.HEALTHY
