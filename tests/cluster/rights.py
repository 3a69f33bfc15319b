"""What a persona may see, as the API server says itself, and what there is for it to see."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any

from asking import Kubectl

from trombone_tui.core.objects.basics import Kind
from trombone_tui.core.stage import Stage
from trombone_tui.pipeline import PIPELINE

SEEING = ("list", "watch")
Name = tuple[str, str, str]
"""Kind, namespace, name."""


def kinds(stage: Stage, *, rows: bool = False) -> list[Kind]:
    """Return the kinds a stage watches, or only those whose objects are rows, each of them."""
    return [source.kind for source in stage.sources if not rows or (source.read and not source.partly)]


ROWS = {stage.name: kinds(stage, rows=True) for stage in PIPELINE}
WATCHED = {stage.name: kinds(stage) for stage in PIPELINE}


class Rights:
    """Asks the API server, as the persona, with the review that ``kubectl auth can-i --list`` sends."""

    def __init__(self, kubectl: Kubectl, persona: str) -> None:
        self._kubectl, self.persona = kubectl, persona

    def rules(self, namespace: str) -> list[Mapping[str, Any]]:
        """Return what is granted in a namespace; what is granted everywhere is in it, too."""
        review = {
            "apiVersion": "authorization.k8s.io/v1",
            "kind": "SelfSubjectRulesReview",
            "spec": {"namespace": namespace},
        }
        words = ("create", "--validate=false", "-f", "-", "-o", "json")
        said = json.loads(self._kubectl(*words, stdin=json.dumps(review), persona=self.persona))
        rules: list[Mapping[str, Any]] = said["status"]["resourceRules"]
        return rules

    def may(self, verb: str, kind: Kind, namespace: str | None) -> bool:
        """Say what ``kubectl auth can-i`` says; no namespace means all of them at once."""
        where = _where(kind, namespace)
        words = ("auth", "can-i", verb, kind.resource, *where)
        return self._kubectl(*words, persona=self.persona, check=False).strip().startswith("yes")

    def everywhere(self, kinds_: Iterable[Kind]) -> set[str]:
        """Name the kinds that may be listed and watched in all namespaces at once."""
        return {kind.name for kind in kinds_ if all(self.may(verb, kind, None) for verb in SEEING)}

    def namespaces(self, names: Iterable[str]) -> dict[str, set[str]]:
        """Name for each kind of the pipeline the namespaces in which it may be listed and watched.

        A kind that has none is in the empty one.
        """
        every = {kind.name: kind for of in WATCHED.values() for kind in of}
        wide = self.everywhere(kind for kind in every.values() if not kind.namespaced)
        found: dict[str, set[str]] = {name: {""} if name in wide else set() for name in every}
        for name in names:
            rules = self.rules(name)
            for kind in (kind for kind in every.values() if kind.namespaced):
                if all(any(_grants(rule, verb, kind) for rule in rules) for verb in SEEING):
                    found[kind.name].add(name)
        return found

    def objects(self, kind: Kind, namespace: str | None) -> set[Name]:
        """Return what ``kubectl get`` shows the persona."""
        items = self._kubectl.get(kind.resource, *_where(kind, namespace), persona=self.persona)["items"]
        metas = [one["metadata"] for one in items]
        return {(kind.name, meta.get("namespace", ""), meta["name"]) for meta in metas}


def _where(kind: Kind, namespace: str | None) -> tuple[str, ...]:
    """Return kubectl's flags for a namespace, for all of them, or for a kind that has none."""
    if not kind.namespaced:
        return ()
    return ("-A",) if namespace is None else ("-n", namespace)


def _grants(rule: Mapping[str, Any], verb: str, kind: Kind) -> bool:
    wanted = {"verbs": verb, "apiGroups": kind.group, "resources": kind.plural}
    named = rule.get("resourceNames")
    return not named and all({"*", value} & set(rule.get(key) or ()) for key, value in wanted.items())
