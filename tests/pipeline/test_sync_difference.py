"""What differs between a live object and what was applied, and what is no difference."""

from __future__ import annotations

import copy
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trombone_tui.core.masking import LAST_APPLIED
from trombone_tui.pipeline.sync.difference import applied, differences

DESIRED = {
    "apiVersion": "apps/v1",
    "kind": "Deployment",
    "metadata": {"name": "web", "namespace": "shop", "annotations": {}, "labels": {"team": "a"}},
    "spec": {
        "replicas": 5,
        "template": {
            "spec": {
                "containers": [
                    {
                        "name": "web",
                        "image": "nginx:1",
                        "env": [
                            {"name": "MODE", "value": "fast"},
                            {"name": "DB_PASSWORD", "value": "hunter2"},
                        ],
                        "resources": {"requests": {"cpu": "1000m", "memory": "0.5Gi"}},
                    }
                ]
            }
        },
    },
}


def live(**changes: Any) -> dict[str, Any]:
    """What the API server makes of it: bookkeeping, defaults, canonical quantities, a status."""
    made: dict[str, Any] = copy.deepcopy(DESIRED)
    made["metadata"] |= {"uid": "u", "resourceVersion": "9", "generation": 3}
    made["metadata"]["annotations"] = {
        LAST_APPLIED: json.dumps(DESIRED),
        "deployment.kubernetes.io/revision": "1",
    }
    made["spec"] |= {"progressDeadlineSeconds": 600, **changes}
    container = made["spec"]["template"]["spec"]["containers"][0]
    container["resources"] = {"requests": {"cpu": "1", "memory": "512Mi"}}
    container["imagePullPolicy"] = "IfNotPresent"
    return made | {"status": {"replicas": 3}}


def said(here: dict[str, Any], there: dict[str, Any] = DESIRED) -> list[str]:
    return [one.words for one in differences(here, there)]


def test_defaults_bookkeeping_status_and_ways_of_writing_are_no_difference():
    assert said(live()) == []


def test_what_was_changed_by_hand_is_said_with_both_values():
    made = live(replicas=3)
    container = made["spec"]["template"]["spec"]["containers"][0]
    container["image"] = "nginx:2"
    container["env"][0]["value"] = "slow"
    del made["metadata"]["labels"]["team"]
    assert said(made) == [
        "metadata.labels.team: nothing live, a desired",
        "spec.replicas: 3 live, 5 desired",
        "spec.template.spec.containers[web].image: nginx:2 live, nginx:1 desired",
        "spec.template.spec.containers[web].env[MODE].value: slow live, fast desired",
    ]


def test_a_container_that_was_added_or_taken_away_is_named():
    made = live()
    made["spec"]["template"]["spec"]["containers"] = [{"name": "sidecar", "image": "proxy:1"}]
    told = said(made)
    assert told[0].startswith("spec.template.spec.containers[web]: nothing live, {")
    assert told[1].startswith('spec.template.spec.containers[sidecar]: {"name":"sidecar"')
    assert told[1].endswith("live, nothing desired")


def test_lists_without_names_are_compared_place_by_place():
    assert said({"spec": {"args": ["a", "b", "c"]}}, {"spec": {"args": ["a", "x"]}}) == [
        "spec.args[1]: b live, x desired",
        "spec.args[2]: c live, nothing desired",
    ]


@pytest.mark.parametrize(
    ("here", "there"),
    [
        ({}, {"a": None}),
        ({}, {"a": ""}),
        ({}, {"a": []}),
        ({}, {"a": {}}),
        ({}, {"a": False}),
        ({"a": "1Gi"}, {"a": "1024Mi"}),
        ({"a": 0.5}, {"a": "500m"}),
        ({"a": 1}, {"a": 1.0}),
    ],
)
def test_what_the_api_server_writes_otherwise_is_the_same(here, there):
    assert said({"spec": here}, {"spec": there}) == []


@pytest.mark.parametrize(
    ("here", "there"),
    [({}, {"a": True}), ({"a": "1"}, {"a": "x"}), ({"a": {}}, {"a": [1]}), ({"a": 0}, {"a": 1})],
)
def test_what_only_looks_the_same_differs(here, there):
    assert len(differences({"spec": here}, {"spec": there})) == 1


def test_nothing_of_a_secret_is_said():
    here = {"kind": "Secret", "data": {"user": "YQ==", "key": "Yg=="}}
    there = {"kind": "Secret", "data": {"user": "Yw=="}, "stringData": {"other": "plain"}}
    assert said(here, there) == ["data.user: (hidden) live, (hidden) desired"]


@pytest.mark.parametrize(
    "name", ["password", "DB_PASSWD", "apiKey", "api-token", "clientSecret", "credentials"]
)
def test_nothing_is_said_of_a_value_that_is_called_like_a_secret(name):
    for here, there in (
        ({"env": {name: "one"}}, {"env": {name: "two"}}),
        ({"env": [{"name": name, "value": "one"}]}, {"env": [{"name": name, "value": "two"}]}),
        ({}, {"env": [{"name": name, "value": "two"}]}),
        ({}, {"env": {"inner": {name: "two"}}}),
    ):
        (told,) = said({"spec": here}, {"spec": there})
        assert "hidden" in told
        assert "one" not in told.replace("none", "")
        assert "two" not in told


def test_a_long_value_is_cut():
    (told,) = said({"spec": {"a": "x"}}, {"spec": {"a": "y" * 500}})
    assert len(told) < 120


def test_keys_with_dots_stay_readable():
    assert said(
        {"metadata": {"labels": {}}}, {"metadata": {"labels": {"app.kubernetes.io/name": "web"}}}
    ) == ["metadata.labels[app.kubernetes.io/name]: nothing live, web desired"]


@pytest.mark.parametrize(
    "annotations",
    [None, {}, [], {LAST_APPLIED: 3}, {LAST_APPLIED: "{"}, {LAST_APPLIED: "[]"}, {LAST_APPLIED: "[" * 9999}],
)
def test_an_object_without_what_was_applied_carries_none(annotations):
    assert applied({"metadata": {"annotations": annotations}}) is None
    assert applied({"metadata": annotations}) is None


def test_what_was_applied_is_read_from_the_annotation():
    assert applied(live()) == DESIRED


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["name", "value", "metadata", "annotations", "data", "kind", "a.b"]),
            inner,
            max_size=3,
        )
    ),
    max_leaves=12,
)
THINGS = st.dictionaries(st.sampled_from(["metadata", "spec", "kind", "data", "status"]), JSON, max_size=4)


@given(here=THINGS, there=THINGS)
def test_any_two_objects_are_compared_and_never_an_error(here, there):
    assert all(one.words for one in differences(here, there))
    assert [one for one in differences(here, here) if one.path.partition(".")[0] != "metadata"] == []
    applied(here)


def test_objects_of_any_depth_are_compared():
    here: dict[str, Any] = {"a": 1}
    there: dict[str, Any] = {"a": 2}
    for _ in range(200):
        here, there = {"a": here}, {"a": there}
    assert len(differences({"spec": here}, {"spec": there})) == 1
