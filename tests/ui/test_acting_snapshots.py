"""Each dialog as a picture, over the screen it lies on. `make snapshots` draws them anew."""

from __future__ import annotations

from typing import Any

import pytest
from deliveries_in_hand import ACTING_STAGES, API, plan, reports, working
from feeds import Script, ScriptedFeed
from test_rollback_view import planned
from waiting import settled, still

from trombone_tui.core.reminders import Reminder
from trombone_tui.core.verbs import Outcome
from trombone_tui.ui.app import TromboneApp

SMALL, LARGE = (80, 24), (120, 36)


def told() -> Script:
    """A morning in which an abort has much to say."""
    script = working()
    script.plans[API, "abort"] = plan(
        before="20 % of the requests on v1.4.2",
        after="all requests on v1.4.1",
        warnings=("Image Updater writes v1.4.2 again at its next check, within 2 min: hold the tag as well",),
        command="kubectl argo rollouts abort shop-api -n shop",
    )
    script.reports[API, "promote"] = reports(Outcome.ACCEPTED, Outcome.DONE)
    script.reminders = (Reminder(ref=API, text="Auto-sync of shop-api is off since 17:40.", verb="retry"),)
    return script


@pytest.mark.parametrize(
    ("script", "size", "keys"),
    [
        pytest.param(told, SMALL, ["5", "a"], id="menu-80x24"),
        pytest.param(told, SMALL, ["5", "A"], id="confirmation-80x24"),
        pytest.param(told, LARGE, ["5", "A", "d"], id="confirmation-requests-120x36"),
        pytest.param(told, SMALL, ["5", "space", "space", "A"], id="confirmation-several-80x24"),
        pytest.param(told, SMALL, ["5", "a", "U"], id="options-80x24"),
        pytest.param(told, SMALL, ["5", "colon", "r"], id="command-80x24"),
        pytest.param(told, LARGE, ["5", "ctrl+p"], id="palette-120x36"),
        pytest.param(told, SMALL, ["5", "P", "y"], id="outcome-80x24"),
        pytest.param(planned, SMALL, ["5", "R"], id="rollback-80x24"),
        pytest.param(told, SMALL, ["j", "j"], id="service-keys-80x24"),
        pytest.param(told, SMALL, ["j", "a"], id="service-menu-80x24"),
        pytest.param(told, LARGE, ["j", "S"], id="service-choice-120x36"),
    ],
)
def test_the_dialog_looks_as_it_did(
    snap_compare: Any, script: Any, size: tuple[int, int], keys: list[str]
) -> None:
    app, play = playing(script(), keys)
    assert snap_compare(app, terminal_size=size, run_before=play)


@pytest.mark.parametrize("name", ["NO_COLOR", "LANG"])
def test_a_confirmation_without_colours_and_in_ascii_looks_as_it_did(
    snap_compare: Any, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.setenv(name, {"NO_COLOR": "1", "LANG": "C"}[name])
    app, play = playing(told(), ["5", "A"])
    assert snap_compare(app, terminal_size=SMALL, run_before=play)


def playing(script: Script, keys: list[str]) -> tuple[TromboneApp, Any]:
    feed = ScriptedFeed(script)
    feed.acts.go_on.clear()

    async def connect() -> ScriptedFeed:
        return feed

    app = TromboneApp(ACTING_STAGES, connect, namespaces="shop +1 ns")
    app.desk.deeds.clock = lambda: 0.0

    async def play(pilot: Any) -> None:
        await settled(pilot, lambda: app.desk.heard)
        for key in keys:
            await pilot.press(key)
            await settled(pilot, lambda: getattr(app.screen, "ready", True))
        await still(pilot)

    return app, play
