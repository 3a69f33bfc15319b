"""What every test against the lab builds on holds: namespaces, clients, the program and what is followed."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from asking import Apply, Kubectl, Row, Status
from lab.running import Lab
from patience import eventually
from watching import Follow

ROLLOUT = """
apiVersion: argoproj.io/v1alpha1
kind: Rollout
metadata: {name: web}
spec:
  replicas: 1
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec: {containers: [{name: app, image: "shop/web:1"}]}
  strategy: {canary: {steps: [{setWeight: 50}, {pause: {}}]}}
"""


def test_each_persona_is_who_the_server_says(lab: Lab, kubectl: Kubectl) -> None:
    for persona, user in {"admin": "lab-admin", "viewer": "viewer", "dev": "dev", "nobody": "nobody"}.items():
        assert (
            kubectl("auth", "whoami", "-o", "jsonpath={.status.userInfo.username}", persona=persona) == user
        )


@pytest.mark.needs("rollouts")
async def test_a_healthy_rollout_is_the_same_to_the_process_and_to_who_follows(
    lab: Lab, namespace: str, apply: Apply, row: Row, status: Status, follow: Follow, kubectl: Kubectl
) -> None:
    async with follow(namespaces=(namespace,)) as seen:
        assert seen.item("rollout", "Rollout", namespace, "web") is None
        apply(ROLLOUT, namespace)
        await seen.until(
            lambda _: (
                (item := seen.item("rollout", "Rollout", namespace, "web")) and item.health == "Healthy"
            ),
            what="a healthy rollout",
        )
    found = row("rollout", "Rollout", namespace, "web")
    assert found is not None
    assert (found["health"], found["fields"]["phase"]) == ("Healthy", "Healthy")
    assert row("rollout", "Rollout", namespace, "none") is None
    kubectl("delete", "rollout", "web", "-n", namespace)
    await eventually(lambda: row("rollout", "Rollout", namespace, "web") is None, what="the row to go")


def test_a_time_out_names_what_was_waited_for_and_the_last_answer(until: Callable[..., object]) -> None:
    with pytest.raises(AssertionError, match=r"rain: not so within 0\.04 s; the last answer was 0"):
        until(lambda: 0, seconds=0.01, what="rain", step=0.01)
