"""Raw objects: looked into without raising, read typed, judged; what can't be read proves nothing."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from trombone_tui.core.objects.argo_rollouts import ROLLOUT, Rollout
from trombone_tui.core.objects.basics import Ref
from trombone_tui.core.objects.raw import at, listing, mapping, text
from trombone_tui.core.ports import Refused
from trombone_tui.core.wholes import all_typed, if_typed, judging, patch, planned, touch, typed
from trombone_tui.core.writes import Seen, Sight

GOOD: dict[str, Any] = {"metadata": {"name": "api", "namespace": "shop"}, "spec": {"steps": [1], "word": "x"}}
BAD: dict[str, Any] = {"metadata": {"name": "api"}, "status": {"phase": 7}}
REF = Ref(cluster="lab", kind="Rollout", namespace="shop", name="api")


@pytest.mark.parametrize("held", [None, 3, "spec", [GOOD], {}, {"spec": None}, {"spec": [1]}, {"spec": "x"}])
def test_where_nothing_stands_under_a_path_it_is_empty(held: object) -> None:
    assert at(held, "spec", "steps") is None
    assert mapping(held, "spec", "steps") == {}
    assert listing(held, "spec", "steps") == []
    assert text(held, "spec", "word") == ""


def test_what_stands_under_a_path_is_the_very_thing_that_is_stored() -> None:
    assert at(GOOD) is GOOD
    assert mapping(GOOD, "spec") is GOOD["spec"]
    assert listing(GOOD, "spec", "steps") is GOOD["spec"]["steps"]
    assert text(GOOD, "spec", "word") == "x"
    assert mapping(GOOD, "spec", "steps") == {}
    assert listing(GOOD, "spec") == []


def test_an_object_that_does_not_fit_is_refused_by_its_field_or_left_out() -> None:
    assert typed(GOOD, Rollout).metadata.name == "api"
    with pytest.raises(Refused, match=r"it can't be read: .*\$\.status\.phase"):
        typed(BAD, Rollout)
    with pytest.raises(Refused, match=r"Rollout shop/api \(lab\) holds what no Rollout should"):
        planned(REF, BAD, Rollout)
    assert if_typed(BAD, Rollout) is None
    assert [one.metadata.name for one in all_typed([BAD, GOOD, BAD], Rollout)] == ["api"]


def test_a_judge_sees_the_object_typed_and_as_it_is_and_nothing_in_one_that_is_gone_or_odd() -> None:
    judge = judging(ROLLOUT, Rollout, lambda of, whole: Sight(Seen.DONE, f"{of.metadata.name} {len(whole)}"))
    assert judge(GOOD) == Sight(Seen.DONE, "api 2")
    assert judge(BAD) == Sight(Seen.NOT_YET, "the Rollout can't be read")
    assert judge(None) == Sight(Seen.FAILED, "the Rollout was deleted")


def test_a_change_is_a_merge_patch_of_that_object_and_a_touch_one_that_nobody_reads() -> None:
    write = patch(ROLLOUT, REF, {"spec": {"paused": True}}, "pause it", subresource="status", after=1.0)
    assert (write.method, write.media) == ("PATCH", "application/merge-patch+json")
    assert write.path == "/apis/argoproj.io/v1alpha1/namespaces/shop/rollouts/api/status"
    assert (write.body, write.title, write.after) == ({"spec": {"paused": True}}, "pause it", 1.0)
    touched = touch(ROLLOUT, REF, datetime(2026, 11, 23, 13, 20, tzinfo=UTC))
    notes = {"trombone.dev/touched": "2026-11-23T13:20:00+00:00"}
    assert touched.body == {"metadata": {"annotations": notes}}
