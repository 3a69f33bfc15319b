"""The rights that the documentation names are enough to install and uninstall, and each of them is needed."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from installs import At, at

from trombone_tui.core.installing import Came
from trombone_tui.demo.access import Persona, Rule

DOCUMENT = Path(__file__).parents[2] / "docs" / "rights.md"
ASK = Rule(verbs=["create"], groups=["authorization.k8s.io"], resources=["selfsubjectaccessreviews"])


def documented() -> list[dict[str, Any]]:
    blocks = re.findall(r"```yaml\n(.*?)```", DOCUMENT.read_text(encoding="utf-8"), re.DOTALL)
    (role,) = (one for one in map(yaml.safe_load, blocks) if one["metadata"]["name"] == "trombone-install")
    rules: list[dict[str, Any]] = role["rules"]
    return rules


def persona(without: str = "") -> Persona:
    rules = [
        Rule(
            verbs=rule["verbs"],
            groups=rule["apiGroups"],
            resources=[name for name in rule["resources"] if name != without],
        )
        for rule in documented()
    ]
    return Persona(name="installer", token="installer", rules=[ASK, *rules])


async def there_and_back(here: At) -> None:
    for stages in ((), ("events",)):
        last = await here.install(*stages)
        assert last.came is Came.DONE, last.text
    last = await here.uninstall(secrets=True)
    assert last.came is Came.DONE, last.text


async def test_they_are_enough(tmp_path: Path) -> None:
    async with at(tmp_path, persona(), token="installer") as here:
        await there_and_back(here)


@pytest.mark.parametrize(
    "resource",
    ["eventbus", "sensors", "workflowtemplates", "applications", "imageupdaters", "roles", "serviceaccounts"],
)
async def test_without_one_the_plan_says_which_is_missing(tmp_path: Path, resource: str) -> None:
    async with at(tmp_path, persona(resource), token="installer", namespaces=["argocd", "ci"]) as here:
        plan = await here.plan()
        assert f"may not get {resource}" in plan.hindrance
        assert (await here.follow(here.installer.apply(plan))).came is Came.STOPPED
        assert here.writes == []


async def test_who_may_not_look_for_namespaces_and_secrets_installs_into_those_that_are_there(
    tmp_path: Path,
) -> None:
    rules = [
        Rule(verbs=["create"], groups=rule["apiGroups"], resources=rule["resources"])
        if rule["resources"] == ["secrets"]
        else Rule(verbs=rule["verbs"], groups=rule["apiGroups"], resources=rule["resources"])
        for rule in documented()
        if rule["resources"] != ["namespaces"]
    ]
    few = Persona(name="few", token="few", rules=[ASK, *rules])
    async with at(tmp_path, few, token="few", namespaces=["argocd", "ci", "shop-api"]) as here:
        assert (await here.install()).came is Came.DONE
        again = await here.install()
        assert again.came is Came.DONE
        (secret,) = (step for step in here.steps if step.ref and step.ref.kind == "Secret" and step.text)
        assert (secret.came, secret.text) == (Came.KEPT, "it is there already, and is left as it is")
