"""Details with few rights say what may not be seen, with enough they never do; YAML shows no secret."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from asking import Apply, Kubectl, own_namespace
from lab.running import Lab
from patience import until
from rollouts import autoscaler, rollout, unevictable
from telling import Told, sources, told
from watching import Follow

from trombone_tui.core.manifest import manifest
from trombone_tui.core.masking import masked

pytestmark = [
    pytest.mark.needs("rollouts", "workflows", "argocd", "images", "events", "demo"),
    pytest.mark.timeout(120),
]

DENIED = (
    "may not ",
    "forbidden",
    "can't be seen",
    "not visible to you",
    "are not visible",
    "may not be seen",
)
"""How details say that a right is missing."""
RIGHTS = Path(__file__).parents[2] / "docs" / "rights.md"
HIDDEN = "swordfish"
ENTRY = {"name": "DB_PASSWORD", "value": HIDDEN}


@pytest.fixture(scope="module")
def held(lab: Lab) -> Iterator[tuple[Kubectl, str]]:
    """A Rollout with a password in its pods, an autoscaler and a disruption budget."""
    kubectl = Kubectl(lab)
    made = rollout("web")
    made["spec"]["template"]["spec"]["containers"][0]["env"] = [ENTRY]
    with own_namespace(kubectl) as namespace:
        Apply(kubectl)([made, autoscaler("web"), unevictable("web")], namespace)
        path = "jsonpath={.status.phase} {.status.availableReplicas}"
        until(
            lambda: kubectl("get", "rollout", "web", "-n", namespace, "-o", path) == "Healthy 2",
            what="its first deployment",
        )
        yield kubectl, namespace


@pytest.fixture
def documented(lab: Lab) -> Iterator[str]:
    """A user who has the rights that docs/rights.md asks for, and may get what the lab's service deploys."""
    text = RIGHTS.read_text(encoding="utf-8").partition("## To see")[2]
    role: dict[str, Any] = yaml.safe_load(text.partition("```yaml\n")[2].partition("```")[0])
    kubectl, name = Kubectl(lab), f"t-{secrets.token_hex(3)}"
    deployed = {
        "apiGroups": ["", "networking.k8s.io"],
        "resources": ["services", "ingresses"],
        "verbs": ["get"],
    }
    Apply(kubectl)({**role, "metadata": {"name": name}, "rules": [*role["rules"], deployed]})
    kubectl("create", "clusterrolebinding", name, f"--clusterrole={name}", f"--user={name}")
    can = ("auth", "can-i", "watch", "rollouts.argoproj.io", "-A", "--as", name)
    until(lambda: kubectl(*can, check=False).strip() == "yes", what="the rights")
    yield name
    kubectl("delete", "clusterrolebinding,clusterrole", name, check=False)


@pytest.mark.parametrize("persona", ["viewer", "documented"])
async def test_who_has_all_rights_is_told_of_everything_and_never_that_one_is_missing(
    persona: str, lab: Lab, documented: str
) -> None:
    who: dict[str, Any] = {"persona": persona} if persona == "viewer" else {"as_user": documented}
    kinds = {
        "Rollout",
        "Application",
        "ImageUpdater",
        "Sensor",
        "EventSource",
        "EventBus",
        "AnalysisTemplate",
    }
    async with Follow(lab)(**who, namespaces=("shop", "argocd", "argo-events")) as seen:
        assert {seen.panel(stage).reason for stage in seen.snapshot.stages} == {""}
        items = [item for stage in seen.snapshot.stages.values() for item in stage.items.values()]
        theirs = [
            item for item in items if item.ref.name != "in-vain"
        ]  # whose triggers lack rights themselves
        looked = {item.ref.kind: item for item in theirs if item.ref.kind in kinds}
        assert set(looked) == kinds

        def right(details: Told) -> None:
            said = repr(details.details)
            assert details.titles
            assert not [words for words in ("asking", "being read") if words in said]
            assert not [words for words in DENIED if words in said]

        for kind in kinds:
            await told(seen, looked[kind], right, what=f"all that is known of a {kind}")


async def test_who_may_see_only_rollouts_is_told_what_else_is_missing(
    lab: Lab, held: tuple[Kubectl, str]
) -> None:
    kubectl, namespace = held
    user = f"{namespace}-narrow"
    allowed = ("--verb=get,list,watch", "--resource=rollouts.argoproj.io,replicasets.apps")
    kubectl("create", "role", user, *allowed, "-n", namespace)
    kubectl("create", "rolebinding", user, f"--role={user}", f"--user={user}", "-n", namespace)
    can = ("auth", "can-i", "watch", "rollouts.argoproj.io", "-n", namespace, "--as", user)
    until(lambda: kubectl(*can, check=False).strip() == "yes", what="the rights")
    async with Follow(lab)(namespaces=(namespace,), as_user=user) as seen:
        item = seen.item("rollout", "Rollout", namespace, "web")
        assert item is not None

        def right(details: Told) -> None:
            for title, name, resource in (
                ("Rollout", "Pods one by one", "pods"),
                ("Limits", "Autoscaler", "horizontalpodautoscalers"),
                ("Limits", "Disruption budget", "poddisruptionbudgets"),
            ):
                said = str(details.fact(title, name))
                assert said.startswith("unknown: ")
                assert resource in said
            assert details.fact("Live", "Live image") == "shop/web:1"
            (line,) = details.lines("Events")
            assert line.text.startswith("can't be seen: ")
            assert "events" in line.text

        await told(seen, item, right)
        (source,) = await sources(seen, item, lambda found: len(found) == 1)
        assert "pods" in source.gone


async def test_the_yaml_is_what_kubectl_prints_without_managed_fields_and_without_secrets(
    lab: Lab, held: tuple[Kubectl, str]
) -> None:
    kubectl, namespace = held
    place = ("get", "rollout", "web", "-n", namespace, "-o", "yaml")
    async with Follow(lab)(namespaces=(namespace,)) as seen:
        item = seen.item("rollout", "Rollout", namespace, "web")
        assert item is not None
        whole = await seen.live.whole(item.ref)
    printed: dict[str, Any] = yaml.safe_load(kubectl(*place))
    assert yaml.safe_load("\n".join(manifest(whole))) == printed
    with_managed = yaml.safe_load(kubectl(*place, "--show-managed-fields=true"))
    assert yaml.safe_load("\n".join(manifest(whole, managed=True))) == with_managed
    text = "\n".join(manifest(masked(whole)))
    assert HIDDEN not in text
    shown = yaml.safe_load(text)
    (entry,) = shown["spec"]["template"]["spec"]["containers"][0].pop("env")
    printed["spec"]["template"]["spec"]["containers"][0].pop("env")
    assert shown == printed
    assert entry["name"] == ENTRY["name"]
    assert entry["value"] != HIDDEN
