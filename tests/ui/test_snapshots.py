"""Each screen as a picture: normal, empty, broken; 80x24 and 120x36. `make snapshots` draws them anew."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from feeds import PROD, STAGES, Script, ScriptedFeed, item, morning
from waiting import settled, still

from trombone_tui.core.objects.basics import Health
from trombone_tui.core.ports import Refused, State
from trombone_tui.ui.app import TromboneApp
from trombone_tui.ui.trouble import TroubleView

SMALL, LARGE = (80, 24), (120, 36)


def broken() -> Script:
    """A morning in which one stage of each kind can't be read."""
    script = morning()
    script.panel("events", State.UNREACHABLE, "no route to 10.0.0.1:6443; check the network and the proxy")
    script.panel("images", State.STALE, "connection refused; it is being tried again")
    script.panel("sync", State.CONNECTING)
    script.panel(
        "rollout",
        State.DENIED,
        "may not list rollouts.argoproj.io in all namespaces; ask for the right or choose namespaces with -n",
    )
    script.panel("metrics", State.NOT_INSTALLED, "analysisruns.argoproj.io is not installed on this cluster")
    for stage in ("events", "sync", "rollout", "metrics"):
        script.items[stage] = {}
    return script


def busy() -> Script:
    """Many services on two clusters, more than fit."""
    script = Script(clusters=(PROD, "prod-us"))
    for n in range(40):
        cluster = (PROD, "prod-us")[n % 2]
        health = (Health.HEALTHY, Health.PROGRESSING, Health.DEGRADED, Health.MISSING, Health.UNKNOWN)[n % 5]
        joins = (f"Application/argocd/service-{n:02}",)
        script.put(
            "sync", item("Application", f"service-{n:02}", brief="1a2b3c4", joins=joins, cluster=cluster)
        )
        script.put(
            "rollout",
            item(
                "Rollout", f"service-{n:02}", health, brief=f"v1.{n}", joins=joins, cluster=cluster, number=n
            ),
        )
    return script


@pytest.mark.parametrize(
    ("script", "size", "keys"),
    [
        pytest.param(morning, SMALL, [], id="dashboard-80x24"),
        pytest.param(morning, LARGE, ["j", "j"], id="dashboard-120x36"),
        pytest.param(Script, LARGE, [], id="dashboard-empty-120x36"),
        pytest.param(broken, SMALL, [], id="dashboard-broken-80x24"),
        pytest.param(broken, LARGE, [], id="dashboard-broken-120x36"),
        pytest.param(busy, LARGE, ["j", "tab", "tab", "tab", "tab", "tab", "j"], id="dashboard-busy-120x36"),
        pytest.param(morning, SMALL, ["2", "j"], id="stage-80x24"),
        pytest.param(busy, LARGE, ["5", "slash", "0"], id="stage-filtered-120x36"),
        pytest.param(broken, SMALL, ["5"], id="stage-broken-80x24"),
        pytest.param(morning, LARGE, ["enter"], id="service-120x36"),
        pytest.param(morning, SMALL, ["5", "enter"], id="details-80x24"),
        pytest.param(morning, SMALL, ["question_mark"], id="help-80x24"),
    ],
)
def test_the_screen_looks_as_it_did(
    snap_compare: Any, script: Callable[[], Script], size: tuple[int, int], keys: list[str]
) -> None:
    async def connect() -> ScriptedFeed:
        return ScriptedFeed(script())

    app = TromboneApp(STAGES, connect, namespaces="shop +1 ns")

    async def play(pilot: Any) -> None:
        await settled(pilot, lambda: app.desk.heard)
        for key in keys:
            await pilot.press(key)
        await still(pilot)

    assert snap_compare(app, terminal_size=size, run_before=play)


@pytest.mark.parametrize("name", ["NO_COLOR", "LANG"])
def test_the_screen_without_colours_and_in_ascii_looks_as_it_did(
    snap_compare: Any, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.setenv(name, {"NO_COLOR": "1", "LANG": "C"}[name])

    async def connect() -> ScriptedFeed:
        return ScriptedFeed(morning())

    app = TromboneApp(STAGES, connect, namespaces="shop +1 ns")

    async def play(pilot: Any) -> None:
        await settled(pilot, lambda: app.desk.heard)
        await pilot.press("j")
        await still(pilot)

    assert snap_compare(app, terminal_size=(100, 30), run_before=play)


def test_the_explanation_of_a_failed_connection_looks_as_it_did(snap_compare: Any) -> None:
    async def connect() -> ScriptedFeed:
        raise Refused("context prod-eu is not in the kubeconfig", advice="choose one of: kind, stage-eu")

    app = TromboneApp(STAGES, connect)

    async def play(pilot: Any) -> None:
        await settled(pilot, lambda: isinstance(app.screen, TroubleView))
        await still(pilot)

    assert snap_compare(app, terminal_size=SMALL, run_before=play)
