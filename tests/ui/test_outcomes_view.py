"""What becomes of a verb is told where the user is, by name, and never in the place of something else."""

from __future__ import annotations

from typing import Any

from deliveries_in_hand import ACTING_STAGES, API, ROLLOUT, WEB, plan, reports, working
from feeds import Script, ScriptedFeed, item
from screens import line_with, lines, text

from trombone_tui.core.objects.basics import Health
from trombone_tui.core.verbs import Outcome, Report
from trombone_tui.core.writes import Write
from trombone_tui.ui.confirmation import Confirmation
from trombone_tui.ui.dashboard import Dashboard
from trombone_tui.ui.menu import Menu
from trombone_tui.ui.question import Question
from trombone_tui.ui.station import StationView

O = Outcome  # noqa: E741
TOUCH = Write(method="PATCH", kind=ROLLOUT, namespace="shop", name="shop-api", body={})


def here(pilot: Any) -> Any:
    return pilot.app.screen


async def confirmed(pilot: Any, settle: Any, *keys: str) -> None:
    await pilot.press(*keys)
    await settle(pilot, lambda: isinstance(here(pilot), Confirmation) and here(pilot).ready)
    await pilot.press("y")
    await settle(pilot, lambda: not isinstance(here(pilot), Confirmation))


def untouched(said: str) -> Script:
    """A morning in which a promotion is not taken up until it is touched, or until the test goes on."""
    script = working()
    script.reports[API, "promote"] = (
        Report(outcome=O.REQUESTED, text=said, seconds=2, touch=TOUCH),
        Report(outcome=O.DONE, text="step 4 of 8", seconds=5),
    )
    return script


async def asked(pilot: Any, settle: Any, feed: ScriptedFeed) -> None:
    """Promote, and wait until it is asked whether to touch it."""
    feed.acts.go_on.clear()
    await confirmed(pilot, settle, "5", "P")
    await settle(pilot, lambda: isinstance(here(pilot), Question))


def toasts(pilot: Any) -> list[tuple[str, str, str]]:
    return [(n.title, n.message, n.severity) for n in pilot.app._notifications]


async def test_a_line_above_the_keys_follows_it_and_the_end_is_a_toast(play: Any, settle: Any) -> None:
    script = working()
    script.reports[API, "promote"] = (
        Report(outcome=O.SENDING, text="clear the pause"),
        Report(outcome=O.ACCEPTED, text="accepted; waiting for: step 4 of 8", seconds=1.2),
        Report(outcome=O.DONE, text="step 4 of 8", seconds=2.6),
    )
    async with play(script, (100, 24), stages=ACTING_STAGES) as (pilot, feed):
        feed.acts.go_on.clear()
        await confirmed(pilot, settle, "5", "P")
        await settle(pilot, lambda: "promote shop/shop-api: sending: clear the pause" in lines(pilot.app)[-2])
        await pilot.press("escape")
        await settle(pilot, lambda: isinstance(here(pilot), Dashboard))
        assert "promote shop/shop-api" in lines(pilot.app)[-2]
        feed.acts.go_on.set()
        await settle(pilot, lambda: toasts(pilot))
        assert toasts(pilot) == [
            ("promote Rollout shop/shop-api (prod-eu)", "done: step 4 of 8 (2.6 s)", "information")
        ]
        assert "promote shop/shop-api" not in lines(pilot.app)[-2]


async def test_accepted_says_what_is_waited_for_and_for_how_long_it_was(play: Any, settle: Any) -> None:
    script = working()
    script.reports[API, "promote"] = (
        Report(outcome=O.ACCEPTED, text="accepted; waiting for: step 4 of 8", seconds=1.2),
        Report(outcome=O.DONE, text="step 4 of 8", seconds=2.6),
    )
    async with play(script, (100, 24), stages=ACTING_STAGES) as (pilot, feed):
        now = [7.0]
        pilot.app.desk.deeds.clock = lambda: now[0]
        feed.acts.go_on.clear()
        await confirmed(pilot, settle, "5", "P")
        await settle(pilot, lambda: "promote" in lines(pilot.app)[-2])
        assert "promote shop/shop-api: accepted; waiting for: step 4 of 8 (1 s)" in lines(pilot.app)[-2]
        now[0] += 20
        await settle(pilot, lambda: "step 4 of 8 (21 s)" in lines(pilot.app)[-2])
        feed.acts.go_on.set()
        await settle(pilot, lambda: toasts(pilot))


async def test_how_it_came_out_is_said_as_loudly_as_it_matters(play: Any, settle: Any) -> None:
    severities = {
        O.DONE: "information", O.UNSEEN: "warning", O.UNKNOWN: "warning", O.UNDONE: "warning",
        O.FAILED: "error", O.REFUSED: "error", O.CONFLICT: "error",
    }  # fmt: skip
    script = working()
    async with play(script, stages=ACTING_STAGES) as (pilot, _):
        await pilot.press("5")
        for outcome, severity in severities.items():
            script.reports[API, "promote"] = reports(outcome, text="look at it")
            await confirmed(pilot, settle, "P")
            await settle(pilot, lambda: toasts(pilot), case=outcome)
            said = ("promote Rollout shop/shop-api (prod-eu)", f"{outcome}: look at it", severity)
            assert toasts(pilot) == [said], outcome
            pilot.app.clear_notifications()


async def test_a_request_that_is_not_taken_up_may_be_touched(play: Any, settle: Any) -> None:
    script = untouched("requested, but not taken up within 2 s")
    async with play(script, (80, 24), stages=ACTING_STAGES) as (pilot, feed):
        await asked(pilot, settle, feed)
        said = " ".join(text(pilot.app).split())
        assert "touch it so that it looks again? y/N" in said
        assert "promote Rollout shop/shop-api (prod-eu)" in said
        await pilot.press("enter")
        await settle(pilot, lambda: isinstance(here(pilot), StationView))
        assert feed.acts.touched == []
        assert "requested, but not taken up within 2 s" in text(pilot.app)
        feed.acts.go_on.set()
        await settle(pilot, lambda: toasts(pilot))


async def test_yes_touches_it_once_and_the_waiting_goes_on(play: Any, settle: Any) -> None:
    script = untouched("requested")
    async with play(script, stages=ACTING_STAGES) as (pilot, feed):
        await asked(pilot, settle, feed)
        await pilot.press("y")
        await settle(pilot, lambda: "accepted: touched" in text(pilot.app))
        assert len(feed.acts.touched) == 1
        feed.acts.go_on.set()
        await settle(pilot, lambda: toasts(pilot))
        assert toasts(pilot)[0][1] == "done: step 4 of 8 (5.0 s)"


async def test_a_question_is_taken_back_when_it_is_taken_up_after_all(play: Any, settle: Any) -> None:
    script = untouched("requested")
    async with play(script, stages=ACTING_STAGES) as (pilot, feed):
        await asked(pilot, settle, feed)
        feed.acts.go_on.set()
        await settle(pilot, lambda: isinstance(here(pilot), StationView))
        assert toasts(pilot)[0][1] == "done: step 4 of 8 (5.0 s)"
        assert feed.acts.touched == []


async def test_a_question_waits_until_another_dialog_is_closed_and_is_dropped_when_it_is_over(
    play: Any, settle: Any
) -> None:
    script = working()
    script.reports[API, "promote"] = (
        Report(outcome=O.SENDING, text="clear the pause"),
        Report(outcome=O.REQUESTED, text="requested", touch=TOUCH),
    )
    script.reports[WEB, "promote"] = (
        Report(outcome=O.SENDING, text="clear the pause"),
        Report(outcome=O.REQUESTED, text="requested", touch=TOUCH),
        Report(outcome=O.DONE, text="step 4 of 8"),
    )
    async with play(script, stages=ACTING_STAGES) as (pilot, feed):
        feed.acts.go_on.clear()
        await confirmed(pilot, settle, "5", "P")
        await confirmed(pilot, settle, "j", "P")
        await pilot.press("a")
        await settle(pilot, lambda: isinstance(here(pilot), Menu))
        feed.acts.go_on.set()
        await settle(pilot, lambda: toasts(pilot))
        assert isinstance(here(pilot), Menu)
        await pilot.press("escape")
        await settle(pilot, lambda: isinstance(here(pilot), Question))
        assert "promote Rollout shop/shop-api" in text(pilot.app)
        await pilot.press("n")
        await settle(pilot, lambda: isinstance(here(pilot), StationView))


async def test_a_conflict_says_what_changed_and_offers_to_look_again(play: Any, settle: Any) -> None:
    script = working()
    script.reports[API, "promote"] = reports(O.CONFLICT, text="step 3 is now step 5; nothing was sent")
    async with play(script, stages=ACTING_STAGES) as (pilot, feed):
        await confirmed(pilot, settle, "5", "P")
        await settle(pilot, lambda: isinstance(here(pilot), Question))
        assert "changed meanwhile: step 3 is now step 5; nothing was sent" in text(pilot.app)
        script.plans[API, "promote"] = plan(before="shop-api is held at step 5 of 8")
        await pilot.press("y")
        await settle(pilot, lambda: isinstance(here(pilot), Confirmation) and here(pilot).ready)
        assert len(feed.acts.prepared) == 2
        assert "step 3 of 8" in line_with(pilot.app, "it was")
        assert "step 5 of 8" in line_with(pilot.app, "before")
        assert len(feed.acts.performed) == 1


async def test_several_are_listed_each_by_its_name_and_stop_at_the_first_refusal(
    play: Any, settle: Any
) -> None:
    script = working()
    script.reports[API, "abort"] = (
        Report(outcome=O.ACCEPTED, text="accepted; waiting for: stable serves"),
        Report(outcome=O.DONE, text="stable serves"),
    )
    script.reports[WEB, "abort"] = reports(O.REFUSED, text="may not")
    async with play(script, stages=ACTING_STAGES) as (pilot, feed):
        feed.acts.go_on.clear()
        await confirmed(pilot, settle, "5", "space", "space", "space", "A")
        await settle(pilot, lambda: "abort shop/shop-api: accepted" in text(pilot.app))
        assert "abort shop/shop-web: beginning" in text(pilot.app)
        assert "abort shop/pay-api: beginning" in text(pilot.app)
        feed.acts.go_on.set()
        await settle(pilot, lambda: len(toasts(pilot)) == 3)
        assert {(title.split()[2], loud) for title, _, loud in toasts(pilot)} == {
            ("shop/shop-api", "information"),
            ("shop/shop-web", "error"),
            ("shop/pay-api", "warning"),
        }
        assert [act.ref.name for act in feed.acts.performed] == ["shop-api", "shop-web"]
        assert pilot.app.desk.deeds.running == []


async def test_where_there_are_several_clusters_the_line_names_its_own(play: Any, settle: Any) -> None:
    script = working()
    script.panels["sync"] = (*script.panels["sync"], *_other(script.panels["sync"]))
    script.reports[API, "promote"] = reports(O.ACCEPTED, O.DONE)
    async with play(script, stages=ACTING_STAGES) as (pilot, feed):
        feed.acts.go_on.clear()
        await confirmed(pilot, settle, "5", "P")
        await settle(pilot, lambda: "promote shop/shop-api (prod-eu): accepted" in text(pilot.app))
        feed.acts.go_on.set()
        await settle(pilot, lambda: toasts(pilot))


def _other(panels: Any) -> Any:
    return tuple(type(panel)(cluster="prod-us", state=panel.state) for panel in panels)


async def test_leaving_the_program_while_something_is_done_ends_at_once(play: Any, settle: Any) -> None:
    script = working()
    script.reports[API, "promote"] = reports(O.ACCEPTED, O.DONE)
    feed: ScriptedFeed
    async with play(script, stages=ACTING_STAGES) as (pilot, feed):
        feed.acts.go_on.clear()
        await confirmed(pilot, settle, "5", "P")
        await pilot.press("ctrl+c")
    assert pilot.app.return_code == 0


async def test_the_cursor_stays_on_the_row_to_which_something_is_done(play: Any, settle: Any) -> None:
    script = working()
    async with play(script, stages=ACTING_STAGES) as (pilot, feed):
        await confirmed(pilot, settle, "5", "P")
        script.put("rollout", item("Rollout", "worse", Health.DEGRADED, minutes=0))
        feed.publish()
        await settle(pilot, lambda: len(here(pilot).panel.table.rows) == 4)
        assert here(pilot).panel.table.rows.key(0).name == "worse"
        assert here(pilot).chosen == API
