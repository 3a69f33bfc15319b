"""Texts as pictures: a tree with an open branch and words that are looked for; an object as YAML."""

from __future__ import annotations

from typing import Any

from feeds import NOW, STAGES, Script, ScriptedFeed, morning, ref
from screens import text
from waiting import settled, still

from trombone_tui.core.details import Branch, Line, Lines, Tree
from trombone_tui.core.objects.basics import Health
from trombone_tui.ui.app import TromboneApp
from trombone_tui.ui.manifest import ManifestView

API = ref("Rollout", "shop-api")


def forest() -> Script:
    """A Rollout with pods of two versions, and what happened to it."""
    script = morning()
    well = tuple(Branch(text=f"shop-api-5d8c-{n}", note="ready", health=Health.HEALTHY) for n in "abcd")
    broken = Branch(
        text="shop-api-77fb-x2f8k",
        note="CrashLoopBackOff: back-off 5m0s restarting failed container api; exit code 1",
        health=Health.DEGRADED,
    )
    script.known[API] = (
        Tree(
            "Pods",
            (
                Branch(text="canary 77fb", note="1 pod", health=Health.DEGRADED, branches=(broken,)),
                Branch(text="stable 5d8c", note="4 pods", health=Health.HEALTHY, branches=well, folded=True),
                Branch(text="old 41aa", note="4 pods", branches=well, folded=True),
            ),
        ),
        Lines(
            "Events",
            (
                Line(text="Pulled: Successfully pulled image", at=NOW, health=Health.HEALTHY),
                Line(text="BackOff: Back-off restarting failed container", at=NOW, health=Health.DEGRADED),
            ),
        ),
    )
    script.wholes[API] = {
        "apiVersion": "argoproj.io/v1alpha1",
        "kind": "Rollout",
        "metadata": {"name": "shop-api", "namespace": "shop", "annotations": {"note": "words " * 20}},
        "spec": {
            "replicas": 5,
            "paused": None,
            "template": {
                "env": [{"name": "DB_PASSWORD", "value": "hunter2"}, {"name": "MODE", "value": "x"}]
            },
            "script": "set -e\nname: not a key\n",
        },
    }
    return script


def program() -> TromboneApp:
    async def connect() -> ScriptedFeed:
        return ScriptedFeed(forest())

    return TromboneApp(STAGES, connect, namespaces="shop +1 ns")


def test_details_with_branches_and_a_search_look_as_they_did(snap_compare: Any) -> None:
    app = program()

    async def play(pilot: Any) -> None:
        await settled(pilot, lambda: app.desk.heard)
        await pilot.press("5", "enter", "tab", "enter", "slash", *"back-off", "enter")
        await settled(pilot, lambda: "1 of 2" in text(app))
        await still(pilot)

    assert snap_compare(app, terminal_size=(80, 24), run_before=play)


def test_an_object_as_yaml_looks_as_it_did(snap_compare: Any) -> None:
    app = program()

    async def play(pilot: Any) -> None:
        await settled(pilot, lambda: app.desk.heard)
        await app.push_screen(ManifestView(app.desk, API))
        await settled(pilot, lambda: "as of" in text(app))
        await still(pilot)

    assert snap_compare(app, terminal_size=(80, 24), run_before=play)
