"""``hold`` and ``release`` on a real ImageUpdater object. The updater's stand-in, which reads it, leaves
out what a pattern of ``ignoreTags`` fits, as the real one does."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Iterator

import pytest
import pytest_asyncio
from acting_delivery import OwnDelivery, own_delivery
from acting_hands import Hands, hands
from asking import Apply
from config_repository import application
from lab.running import Lab
from patience import eventually

pytestmark = [
    pytest.mark.needs("argocd", "images", "rollouts"),
    pytest.mark.asyncio(loop_scope="module"),
    pytest.mark.timeout(240),
]
HELD = "trombone.dev/held"
PREFIX = "argocd-image-updater.argoproj.io/"


@pytest.fixture(scope="module")
def shop(lab: Lab) -> Iterator[OwnDelivery]:
    with own_delivery(lab) as made:
        yield made


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def own(lab: Lab, shop: OwnDelivery) -> AsyncIterator[Hands]:
    async with hands(lab, "argocd", shop.namespace) as made:
        yield made


def ignored(shop: OwnDelivery) -> list[str] | None:
    settings = shop.updater()["spec"]["applicationRefs"][0]["images"][0]["commonUpdateSettings"]
    found: list[str] | None = settings.get("ignoreTags")
    return found


async def test_a_tag_that_is_held_is_not_picked_until_it_is_released(shop: OwnDelivery, own: Hands) -> None:
    before = (await asyncio.to_thread(shop.updater))["spec"]
    done = await own.do("ImageUpdater", shop.name, "hold", {"tag": "1.1.0", "reason": "errors in 1.1.0"})
    assert "is ignored, checked on" in done.last.text, done.story()
    assert ignored(shop) == ["1.1.0"]
    (entry,) = json.loads(shop.updater()["metadata"]["annotations"][HELD])
    assert (entry["tag"], entry["reason"]) == ("1.1.0", "errors in 1.1.0")
    assert entry["by"]

    head = shop.repository.remote_head
    await asyncio.to_thread(shop.push, "1.1.0")
    await asyncio.to_thread(shop.checked, 2)
    assert shop.repository.remote_head == head

    await own.do("ImageUpdater", shop.name, "release", {"tag": "1.1.0"})
    assert not ignored(shop)
    assert HELD not in shop.updater()["metadata"].get("annotations", {})
    assert shop.updater()["spec"] == before
    await eventually(lambda: shop.written() == "1.1.0", what="the updater's commit of 1.1.0", seconds=45)


async def test_hold_keeps_back_one_tag_and_no_other(shop: OwnDelivery, own: Hands) -> None:
    await own.do("ImageUpdater", shop.name, "hold", {"tag": "1.3.0"})
    await asyncio.to_thread(shop.push, "1.3.0")
    await asyncio.to_thread(shop.push, "1.2.9")
    await eventually(lambda: shop.written() == "1.2.9", what="the updater's commit of 1.2.9", seconds=45)
    await own.do("ImageUpdater", shop.name, "release")
    await eventually(lambda: shop.written() == "1.3.0", what="the updater's commit of 1.3.0", seconds=45)


async def test_a_tag_is_held_in_the_annotations_of_an_application(shop: OwnDelivery, own: Hands) -> None:
    """No updater of the lab reads them; what is written is what the real one's documentation names."""
    source = {"repoURL": "file:///nowhere.git", "path": "."}
    made = application(
        "annotated", source, shop.namespace, annotations={f"{PREFIX}image-list": "app=shop/app:1.x"}
    )
    made["metadata"]["namespace"] = shop.namespace
    Apply(shop.kubectl)(made)

    def notes() -> dict[str, str]:
        held = shop.kubectl.get("application", "annotated", "-n", shop.namespace)
        found: dict[str, str] = held["metadata"]["annotations"]
        return found

    before, where = notes(), shop.namespace
    await own.do("Application", "annotated", "hold", {"tag": "1.0.5"}, part="app", namespace=where)
    assert notes()[f"{PREFIX}app.ignore-tags"] == "1.0.5"
    assert json.loads(notes()[HELD])[0]["tag"] == "1.0.5"
    await own.do("Application", "annotated", "release", part="app", namespace=where)
    assert notes() == before
