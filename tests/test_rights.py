"""The rights that the documentation names are those that are asked for."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import yaml

from trombone_tui.pipeline import PIPELINE

DOCUMENT = Path(__file__).parents[1] / "docs" / "rights.md"


def roles() -> dict[str, dict[str, set[str]]]:
    """The verbs of each resource, by role."""
    blocks = re.findall(r"```yaml\n(.*?)```", DOCUMENT.read_text(encoding="utf-8"), re.DOTALL)
    found: dict[str, dict[str, set[str]]] = {}
    for role in map(yaml.safe_load, blocks):
        rights = found.setdefault(role["metadata"]["name"], {})
        for rule in role["rules"]:
            for resource in _resources(rule):
                rights.setdefault(resource, set()).update(rule["verbs"])
    return found


def _resources(rule: dict[str, Any]) -> list[str]:
    (group,) = rule["apiGroups"]
    return [f"{name}.{group}" if group else name for name in rule["resources"]]


def test_every_kind_that_a_stage_follows_is_named() -> None:
    followed = {source.kind.resource for stage in PIPELINE for source in stage.sources}
    named = {name for name, verbs in roles()["trombone-see"].items() if {"list", "watch"} <= verbs}
    assert followed <= named


def test_every_right_that_a_verb_takes_is_named() -> None:
    named = roles()["trombone-act"]
    for stage in PIPELINE:
        for verb in stage.verbs:
            own = ((action, verb.kind, subresource) for action, subresource in verb.rights)
            for action, kind, subresource in (*own, *verb.others):
                plural, dot, group = kind.resource.partition(".")
                resource = f"{plural}/{subresource}{dot}{group}" if subresource else kind.resource
                assert action in named.get(resource, set()), (verb.name, action, resource)
