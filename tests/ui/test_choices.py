"""What can be done to several items at once, and why not."""

from __future__ import annotations

import msgspec
from deliveries_in_hand import ABORT, AGAIN, API, PROMOTE, RETRY, SET, STOP, WEB, verb
from feeds import ref

from trombone_tui.core.verbs import Offer
from trombone_tui.ui.choices import called, choices, place_of

RUN = ref("Workflow", "build-1", "ci")


def names(found: object) -> list[str]:
    return [choice.name for choice in found]  # type: ignore[attr-defined]


def test_of_several_items_only_the_verbs_that_all_have_are_offered_each_with_its_own() -> None:
    rollout = (Offer(verb=PROMOTE), Offer(verb=RETRY))
    run = (Offer(verb=STOP), Offer(verb=AGAIN))
    found = choices({API: rollout, RUN: run})
    assert names(found) == ["retry"]
    assert found[0].on == ((API, RETRY), (RUN, AGAIN))
    assert choices({}) == ()


def test_a_verb_is_greyed_when_one_of_them_can_not_and_says_which() -> None:
    found = choices({API: (Offer(verb=RETRY),), WEB: (Offer(verb=RETRY, reason="is not aborted"),)})
    assert found[0].reason == "shop/shop-web: is not aborted"
    same = choices({one: (Offer(verb=RETRY, reason="read-only: on"),) for one in (API, WEB)})
    assert same[0].reason == "read-only: on"
    unlike = choices(
        {API: (Offer(verb=RETRY, reason="is gone"),), WEB: (Offer(verb=RETRY, reason="is not aborted"),)}
    )
    assert unlike[0].reason == "shop/shop-api: is gone"


def test_what_can_only_be_done_to_one_says_so_of_several() -> None:
    assert choices({API: (Offer(verb=SET),)})[0].reason == ""
    found = choices({API: (Offer(verb=SET),), WEB: (Offer(verb=SET),)})
    assert found[0].reason == "can only be done to one at a time"
    assert found[0].name == called(SET) == "set image"


def test_it_is_only_known_when_it_is_known_of_all() -> None:
    assert not choices({API: (Offer(verb=ABORT),), WEB: (Offer(verb=ABORT, known=False),)})[0].known
    assert choices({API: (Offer(verb=ABORT),)})[0].known


def test_two_rows_of_one_object_are_one_target_unless_the_verb_is_about_the_part() -> None:
    api, web = (msgspec.structs.replace(API, part=part) for part in ("api", "web"))
    whole, part = verb("refresh", "Look."), verb("hold", "Hold.", of_part=True)
    found = choices({one: (Offer(verb=whole), Offer(verb=part)) for one in (api, web)})
    assert [choice.on for choice in found] == [((api, whole),), ((api, part), (web, part))]
    assert place_of(api) == "shop/shop-api/api"
    assert place_of(ref("Namespace", "shop", "")) == "shop"
