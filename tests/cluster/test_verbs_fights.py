"""Verbs against what undoes them: self-heal, the updater's next commit; and the way back that stays."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator

import pytest
import pytest_asyncio
from acting_delivery import OwnDelivery, own_delivery
from acting_hands import VERBS, Hands, hands
from lab.running import Lab
from patience import eventually

from trombone_tui.core.ports import Refused
from trombone_tui.core.rollback import RollbackPlan, State
from trombone_tui.core.verbs import Outcome

pytestmark = [
    pytest.mark.needs("argocd", "images", "rollouts"),
    pytest.mark.asyncio(loop_scope="module"),
    pytest.mark.timeout(400),
]


@pytest.fixture(scope="module")
def shop(lab: Lab) -> Iterator[OwnDelivery]:
    with own_delivery(lab) as made:
        yield made


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def own(lab: Lab, shop: OwnDelivery) -> AsyncIterator[Hands]:
    async with hands(lab, shop.namespace, "argocd") as made:
        yield made


async def test_an_undo_under_self_heal_is_told_to_be_undone_and_by_whom(
    shop: OwnDelivery, own: Hands
) -> None:
    await asyncio.to_thread(shop.canary_of, "1.0.1")
    act = await own.prepare("Rollout", shop.name, "undo")
    assert any("heals itself" in one for one in act.plan.warnings), act.plan.warnings
    done = await own.perform(act)
    assert done.last.outcome is Outcome.UNDONE, done.story()
    assert done.last.seconds < 10, done.story()
    assert "argocd" in done.last.text, done.story()
    await eventually(lambda: shop.tag() == "1.0.1", what="the version that git wants")


async def test_an_abort_stays_under_self_heal_and_ends_with_the_updaters_next_commit(
    shop: OwnDelivery, own: Hands
) -> None:
    def waits() -> bool:
        status = shop.rollout()["status"]
        assert (status["phase"], shop.tag()) == ("Paused", "1.0.1"), status
        return True

    await eventually(waits, what="the canary of 1.0.1 to wait", seconds=60)
    await own.do("Rollout", shop.name, "abort")
    for _ in range(3):
        await asyncio.to_thread(shop.refresh)
        status = shop.rollout()["status"]
        assert (status["phase"], status["abort"]) == ("Degraded", True)
    assert shop.stands() == ("Synced", "Degraded", "Degraded")

    await asyncio.to_thread(shop.canary_of, "1.0.2")
    status = shop.rollout()["status"]
    assert (status["phase"], status.get("abort")) == ("Paused", None)


async def test_the_way_back_holds_against_three_reconciliations_and_the_updater(lab: Lab) -> None:
    """Abort, hold, revert, sync: each by the verb that the plan names, until it says that it is over."""
    with own_delivery(lab) as shop:
        await asyncio.to_thread(shop.canary_of, "1.0.1")
        async with hands(lab, shop.namespace, "argocd") as own:
            good = shop.rollout()["status"]["stableRS"]
            taken = await way_back(shop, own)
        steps = [title.partition(" ")[0] for title in taken]
        assert steps in (["abort", "hold", "take", "sync"], ["abort", "hold", "take"]), (
            taken
        )  # auto-sync is on

        for _ in range(3):
            await asyncio.to_thread(shop.refresh)
        head = shop.repository.remote_head
        await asyncio.to_thread(shop.checked, 2)
        assert (shop.repository.remote_head, shop.written()) == (head, "1.0.0")
        assert shop.stands() == ("Synced", "Healthy", "Healthy")
        assert (shop.tags(), shop.tag()) == (["1.0.0"], "1.0.0")
        assert shop.rollout()["status"]["stableRS"] == good


async def way_back(shop: OwnDelivery, own: Hands) -> list[str]:
    """Take the plan's steps one by one until it says that it is over; return their titles."""
    (service,) = [key for key, one in own.seen.snapshot.services.items() if one.name == shop.name]
    taken: list[str] = []

    def plan() -> RollbackPlan:
        return own.seen.live.rollback(service)

    def movable(_: object) -> bool:
        """Whether it is over, or a step can be taken that was not taken yet."""
        step = plan().next
        return step is None or (
            step.title not in taken
            and step.state in (State.NOW, State.YOURS)
            and "not known yet" not in step.reason
        )

    assert (plan().bad, plan().good) == (f"{shop.name}:1.0.1", f"{shop.name}:1.0.0")
    while True:
        await own.seen.until(movable, seconds=60, what=f"a step after {taken}")
        step = plan().next
        if step is None:
            return taken
        taken.append(step.title)
        if step.does is None:
            await asyncio.to_thread(shop.revert)
            await asyncio.to_thread(shop.refresh)
            continue
        does = step.does
        try:
            act = await own.acts.prepare(does.ref, VERBS[does.kind, does.name], does.given)
        except Refused as error:
            if error.advice != "look again in a moment":
                raise
            taken.pop()  # its controller is behind
            continue
        done = await own.perform(act)
        if done.last.outcome is Outcome.CONFLICT:  # Argo CD was at it: look what is left to do
            taken.pop()
            continue
        done.is_done()
