"""A service's repository tells what was released, is about to be, and where the tags that move point."""

from __future__ import annotations

import json
from typing import Any

from theatre import Theatre, plan

from trombone_tui.demo.story.images import Image
from trombone_tui.demo.story.releases import MOVING
from trombone_tui.demo.story.services import Outcome


def found(theatre: Theatre) -> dict[str, Image]:
    return {one.tag: one for one in theatre.story.world.images.images("shop/api")}


def labels(image: Image) -> dict[str, Any]:
    return dict(json.loads(image.config)["config"]["Labels"])


def test_there_are_older_releases_a_candidate_and_tags_of_branches() -> None:
    tags = found(Theatre(plan()))
    assert [tag.partition("-")[0] for tag in tags if tag.startswith("v1.3.")] == [
        f"v1.3.{n}" for n in range(4)
    ]
    assert {"v1.4.0-rc.1", "feature-checkout", *MOVING} < tags.keys()
    released = [one.created for tag, one in tags.items() if tag.startswith("v1.")]
    assert released == sorted(released)
    for one in tags.values():
        assert len(labels(one)["org.opencontainers.image.revision"]) == 40


def test_tags_that_move_are_the_newest_build_itself() -> None:
    theatre = Theatre(plan())
    before = found(theatre)
    first = next(one for tag, one in before.items() if tag.startswith("v1.4.1-"))
    assert {before[tag].digest for tag in MOVING} == {first.digest}
    pushed = theatre.story._pushes.push(theatre.story._plans[0], Outcome.GOOD)
    theatre.run_until(lambda: pushed.tag in found(theatre))
    after = found(theatre)
    assert {after[tag].digest for tag in MOVING} == {after[pushed.tag].digest} != {first.digest}
    assert labels(after["latest"])["org.opencontainers.image.revision"] == pushed.commit


def test_a_seed_gives_the_same_digests() -> None:
    one, other = (found(Theatre(plan(), seed=7)) for _ in range(2))
    assert {tag: image.digest for tag, image in one.items()} == {tag: i.digest for tag, i in other.items()}
    different = found(Theatre(plan(), seed=8))
    assert one["latest"].digest != different["latest"].digest
