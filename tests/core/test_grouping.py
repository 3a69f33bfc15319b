"""Services: which items belong together, kept up change by change, equal to grouping anew."""

from __future__ import annotations

import random
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import pytest

from trombone_tui.core.objects.basics import Health, Ref
from trombone_tui.core.service import Grouping, Service
from trombone_tui.core.stage import Fields, Item

ORDER = ("events", "workflows", "images", "sync", "rollout")
APP, ROLLOUT = "Application/argocd/shop", "Rollout/shop/api"


def item(name: str, *joins: str, kind: str = "Thing", cluster: str = "here", **more: Any) -> Item:
    made = {"health": Health.HEALTHY, "why": f"{name} is fine.", "fields": Fields(), **more}
    return Item(ref=Ref(cluster, kind, "ns", name), joins=joins, **made)


class Groups:
    def __init__(self) -> None:
        self.grouping = Grouping(ORDER)
        self.stages: dict[str, dict[Ref, Item]] = {stage: {} for stage in ORDER}

    def now(
        self, gone: Mapping[str, tuple[str, ...]] | None = None, **stages: tuple[Item, ...]
    ) -> Mapping[str, Service]:
        changed: dict[str, set[Ref]] = {}
        for stage, items in stages.items():
            self.stages[stage] = self.stages[stage] | {one.ref: one for one in items}
            changed.setdefault(stage, set()).update(one.ref for one in items)
        for stage, names in (gone or {}).items():
            left = {ref: one for ref, one in self.stages[stage].items() if ref.name not in names}
            changed.setdefault(stage, set()).update(self.stages[stage].keys() - left.keys())
            self.stages[stage] = left
        return self.grouping.update(self.stages, changed)


def whole() -> tuple[Groups, Mapping[str, Service]]:
    groups = Groups()
    services = groups.now(
        events=(item("sensor", "Sensor/push"),),
        workflows=(
            item("build", "image/shop", "Sensor/push", series="b", created=datetime(2026, 1, 1, tzinfo=UTC)),
        ),
        images=(item("tags", "image/shop"),),
        sync=(item("shop", APP, ROLLOUT, "image/shop", kind="Application"),),
        rollout=(item("api", ROLLOUT, "image/shop", kind="Rollout"),),
    )
    return groups, services


def test_application_rollout_image_workflow_and_sensor_are_one_service_named_after_the_rollout() -> None:
    _, services = whole()
    (service,) = services.values()
    assert (service.key, service.cluster, service.name) == (f"here:{APP}", "here", "api")
    assert list(service.hops) == list(ORDER)
    assert all(hop.count == 1 for hop in service.hops.values())


def test_a_service_with_no_rollout_is_named_after_its_application() -> None:
    groups = Groups()
    (service,) = groups.now(sync=(item("x", APP, kind="Application"),)).values()
    assert service.name == "shop"


def test_items_that_share_nothing_but_an_image_never_merge_services() -> None:
    groups = Groups()
    services = groups.now(
        rollout=(item("a", "Rollout/ns/a", "image/proxy"), item("b", "Rollout/ns/b", "image/proxy")),
        images=(item("tags", "image/proxy"),),
    )
    assert sorted(service.name for service in services.values()) == ["a", "b"]
    assert all(service.hops["images"].count == 1 for service in services.values())


def test_two_workflows_of_one_sensor_are_not_brought_together_by_it() -> None:
    groups = Groups()
    services = groups.now(
        events=(item("sensor", "Sensor/push"),),
        workflows=(item("build-a", "image/a", "Sensor/push"), item("build-b", "image/b", "Sensor/push")),
        rollout=(item("a", "Rollout/ns/a", "image/a"), item("b", "Rollout/ns/b", "image/b")),
    )
    hops = {service.name: service.hops for service in services.values()}
    assert [ref.name for ref in hops["a"]["workflows"].refs] == ["build-a"]
    assert [ref.name for ref in hops["b"]["workflows"].refs] == ["build-b"]
    assert hops["a"]["events"].ref == hops["b"]["events"].ref


def test_an_application_set_is_no_application() -> None:
    groups = Groups()
    assert not groups.now(sync=(item("x", "ApplicationSet/ns/x"), item("y", "RolloutManager/ns/y")))


def test_clusters_never_share_a_service() -> None:
    groups = Groups()
    services = groups.now(
        sync=(item("shop", APP, cluster="east"), item("shop", APP, cluster="west")),
        images=(item("tags", "image/shop", cluster="east"),),
        rollout=(item("api", APP, "image/shop", cluster="west"),),
    )
    assert {service.key: len(service.hops) for service in services.values()} == {
        f"east:{APP}": 1,
        f"west:{APP}": 2,
    }


def test_one_object_may_be_an_item_of_two_stages() -> None:
    groups = Groups()
    both = item("shop", APP, kind="Application")
    (service,) = groups.now(images=(item("shop", kind="Application"),), sync=(both,)).values()
    assert list(service.hops) == ["sync"]


def test_of_a_series_the_newest_speaks_and_otherwise_the_worst() -> None:
    groups = Groups()
    days = [datetime(2026, 1, day, tzinfo=UTC) for day in (1, 2)]
    builds = [
        item(name, APP, series="s", created=day) for name, day in zip(("old", "new"), days, strict=True)
    ]
    bad = item("bad", APP, health=Health.DEGRADED, brief="bad")
    services = groups.now(workflows=tuple(builds), sync=(item("fine", APP), bad))
    hops = services[f"here:{APP}"].hops
    assert hops["workflows"].ref.name == "new"
    assert (hops["sync"].ref.name, hops["sync"].brief) == ("bad", "bad")


def test_who_speaks_is_chosen_again_when_the_worst_gets_well() -> None:
    groups = Groups()
    groups.now(sync=(item("a", APP, health=Health.DEGRADED), item("b", APP, health=Health.SUSPENDED)))
    (service,) = groups.now(sync=(item("a", APP),)).values()
    assert service.hops["sync"].ref.name == "b"
    (service,) = groups.now({"sync": ("b",)}).values()
    assert service.hops["sync"].ref.name == "a"


def test_what_changes_elsewhere_leaves_a_service_the_same_object() -> None:
    groups, _ = whole()
    before = groups.now(sync=(item("pay", "Application/argocd/pay"),))
    after = groups.now(sync=(item("pay", "Application/argocd/pay", health=Health.DEGRADED),))
    assert after[f"here:{APP}"] is before[f"here:{APP}"]
    assert after["here:Application/argocd/pay"] != before["here:Application/argocd/pay"]


def test_without_a_change_the_same_mapping_is_returned() -> None:
    groups, services = whole()
    assert groups.now() is services
    assert groups.now(rollout=(item("api", ROLLOUT, "image/shop", kind="Rollout"),)) is services


def test_a_service_ends_with_its_last_anchor_and_what_was_attached_is_attached_again() -> None:
    groups, _ = whole()
    assert not groups.now({"sync": ("shop",), "rollout": ("api",)})
    (service,) = groups.now(rollout=(item("api", ROLLOUT, "image/shop", kind="Rollout"),)).values()
    assert list(service.hops) == ["events", "workflows", "images", "rollout"]


def test_a_service_splits_when_what_held_it_together_goes() -> None:
    groups = Groups()
    both = (item("a", "Rollout/ns/a"), item("b", "Rollout/ns/b"))
    services = groups.now(sync=(item("app", "Rollout/ns/a", "Rollout/ns/b"),), rollout=both)
    assert len(services) == 1
    assert len(groups.now({"sync": ("app",)})) == 2


def test_a_service_says_which_stage_is_broken_and_which_explains_it() -> None:
    groups = Groups()
    (fine,) = groups.now(sync=(item("a", APP),), images=(item("i", APP, health=Health.PROGRESSING),)).values()
    assert (fine.broken, fine.held) == ("", "images")
    (bad,) = groups.now(sync=(item("a", APP, health=Health.MISSING),)).values()
    assert (bad.broken, bad.held) == ("sync", "sync")
    assert Service(key="k", cluster="c", name="n", hops={}).held == ""


JOINS = [f"{kind}/ns/{name}" for kind in ("Application", "Rollout") for name in "abc"] + [
    "image/x", "image/y", "Sensor/p", "Sensor/q",
]  # fmt: skip


@pytest.mark.parametrize("seed", range(60))
def test_any_sequence_of_changes_gives_what_grouping_anew_gives(seed: int) -> None:
    dice = random.Random(seed)
    grouping, stages = Grouping(ORDER), {stage: dict[Ref, Item]() for stage in ORDER}
    for _ in range(20):
        changed = {}
        for stage in dice.sample(ORDER, 2):
            items = dict(stages[stage])
            changed[stage] = set()
            for _ in range(dice.randint(1, 4)):
                one = item(
                    str(dice.randint(0, 5)),
                    *dice.sample(JOINS, dice.randint(0, 3)),
                    cluster=dice.choice("AB"),
                    health=dice.choice(list(Health)),
                    series=dice.choice(["", "s"]),
                    created=dice.choice([None, datetime(2026, 1, dice.randint(1, 3), tzinfo=UTC)]),
                )
                changed[stage].add(one.ref)
                items.pop(one.ref, None)
                if dice.random() < 0.7:
                    items[one.ref] = one
            stages[stage] = items
        kept = grouping.update(stages, changed)
        anew = Grouping(ORDER).update(stages, {stage: stages[stage].keys() for stage in ORDER})
        assert said(kept) == said(anew)
        assert list(kept) == sorted(kept)


def said(services: Mapping[str, Service]) -> Any:
    return {
        key: (
            one.name,
            [(stage, hop.ref, hop.health, frozenset(hop.refs)) for stage, hop in one.hops.items()],
        )
        for key, one in services.items()
    }
