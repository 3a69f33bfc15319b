"""The first screen: who needs somebody is seen at once, and the keys lead there."""

from __future__ import annotations

from typing import Any

import pytest
from feeds import PROD, Script, item, morning, ref
from msgspec import structs
from screens import drawn, line_with, lines, text

from trombone_tui.core.objects.basics import Health
from trombone_tui.core.ports import State
from trombone_tui.ui.details import DetailsView
from trombone_tui.ui.journey import JourneyView

SIZES = [
    (300, 100),
    (200, 50),
    (100, 30),
    (99, 29),
    (80, 24),
    (60, 20),
    (40, 10),
    (20, 5),
    (5, 3),
    (1, 1),
    (120, 36),
]


async def test_the_broken_service_is_on_top_and_its_why_is_said_unasked(play: Any) -> None:
    async with play(morning(), (120, 36)) as (pilot, _):
        shown = lines(pilot.app)
        assert shown[3].split() == [
            "⚑",
            "shop-web",
            "✔",
            "17:33",
            "✖",
            "test",
            "✔",
            "v2.1.0",
            "✔",
            "77ac001",
            "✔",
            "v2.1.0",
            "·",
        ]
        assert "why  shop-web: Step test failed" in shown[-2]
        assert "⚑ 2 need you" in shown[0]
        assert "17:42:10Z" in shown[0]


async def test_the_first_broken_hop_is_lit_and_later_ones_are_dim(play: Any) -> None:
    async with play(morning(), (120, 36)) as (pilot, _):
        table = pilot.app.screen.changes
        strip = {s.text.strip(): s.style for s in table.render_line(1) if s.text.strip()}
        assert strip["✖ test"] == table.style("bad", "lit")
        assert strip["✔ 77ac001"] == table.style("dim")
        assert strip["✔ 17:33"] == table.style("ok")


async def test_at_80_by_24_there_is_a_glyph_a_hop_and_no_panel(play: Any) -> None:
    async with play(morning(), size=(80, 24)) as (pilot, _):
        assert line_with(pilot.app, "shop-web").split() == ["⚑", "shop-web", "✔", "✖", "✔", "✔", "✔", "·"]
        assert "2 Workflows" not in text(pilot.app)
        assert "tab" not in lines(pilot.app)[-1]
        await pilot.press("tab")
        assert pilot.app.focused is pilot.app.screen.changes


@pytest.mark.parametrize(("size", "lines_of_why"), [((80, 24), 3), ((80, 20), 2), ((120, 36), 1)])
async def test_the_why_bar_has_room_for_a_sentence_on_any_terminal(
    play: Any, size: tuple[int, int], lines_of_why: int
) -> None:
    script = morning()
    long = item("Rollout", "shop-api", Health.DEGRADED, why=" ".join(f"word{n}" for n in range(60)))
    script.put("rollout", long)
    async with play(script, size) as (pilot, _):
        await pilot.press("5")
        await pilot.pause()
        assert len([line for line in drawn(pilot.app.screen.why) if "word" in line]) == lines_of_why
        await pilot.resize_terminal(80, 24)
        await pilot.pause()
        assert len([line for line in drawn(pilot.app.screen.why) if "word" in line]) == 3


async def test_a_selected_service_narrows_the_panels_and_esc_shows_all_again(play: Any) -> None:
    async with play(morning(), (120, 36)) as (pilot, _):
        screen = pilot.app.screen
        assert "esc" not in lines(pilot.app)[-1]
        await pilot.press("j", "j")
        await pilot.pause()
        assert [panel.table.rows.keys(0, 9) for panel in screen.panels][4] == [ref("Rollout", "shop-api")]
        assert "of shop-api" in line_with(pilot.app, "5 Rollout")
        assert "why  shop-api: Held at 20 %" in lines(pilot.app)[-2]
        assert "esc" in lines(pilot.app)[-1]
        await pilot.press("escape")
        await pilot.pause()
        assert len(screen.panels[4].table.rows) == 3
        assert "of shop-api" not in text(pilot.app)


async def test_a_service_without_items_in_a_stage_says_so(play: Any) -> None:
    async with play(morning(), (120, 36)) as (pilot, _):
        await pilot.press("j")
        await pilot.pause()
        assert "nothing of shop-web is seen here" in text(pilot.app)


async def test_tab_goes_through_the_panels_and_the_why_bar_follows(play: Any) -> None:
    async with play(morning(), (120, 36)) as (pilot, _):
        await pilot.press("tab", "tab")
        await pilot.pause()
        assert "▸2 Workflows" in text(pilot.app)
        assert "shop-web-m2x9d: Step test failed" in lines(pilot.app)[-2]
        await pilot.press("shift+tab", "shift+tab")
        await pilot.pause()
        assert "▸Changes" in text(pilot.app)


async def test_enter_opens_a_service_or_an_item(play: Any) -> None:
    async with play(morning(), (120, 36)) as (pilot, _):
        await pilot.press("enter")
        await pilot.pause()
        assert isinstance(pilot.app.screen, JourneyView)
        await pilot.press("escape", "tab", "enter")
        await pilot.pause()
        assert isinstance(pilot.app.screen, DetailsView)


async def test_a_filter_follows_every_letter_and_esc_clears_it_before_the_selection(play: Any) -> None:
    async with play(morning(), (120, 36)) as (pilot, _):
        await pilot.press("j", "slash", *"PAY")
        await pilot.pause()
        assert "1 of 3 services" in text(pilot.app)
        assert "esc clear" in lines(pilot.app)[-1]
        assert "quit" not in lines(pilot.app)[-1]
        await pilot.press("enter")
        await pilot.pause()
        assert pilot.app.focused is pilot.app.screen.changes
        assert "/PAY" in text(pilot.app)
        await pilot.press("escape")
        await pilot.pause()
        assert "3 services" in text(pilot.app)
        assert pilot.app.screen.selected
        await pilot.press("escape")
        assert not pilot.app.screen.selected


async def test_esc_while_typing_gives_the_filter_up_and_digits_are_only_text(play: Any) -> None:
    async with play(morning()) as (pilot, _):
        await pilot.press("slash", *"q1?")
        await pilot.pause()
        assert "no row has these words" in text(pilot.app)
        await pilot.press("escape")
        await pilot.pause()
        assert "3 services" in text(pilot.app)
        assert pilot.app.focused is pilot.app.screen.changes


async def test_a_panel_is_filtered_when_it_has_the_focus(play: Any) -> None:
    async with play(morning(), (120, 36)) as (pilot, _):
        await pilot.press("tab", "tab", "slash", *"exit", "down")
        await pilot.pause()
        assert "2 Workflows /exit" in text(pilot.app)
        assert "2/4" in line_with(pilot.app, "2 Workflows")
        assert pilot.app.focused is pilot.app.screen.panels[1].table


@pytest.mark.parametrize(
    ("state", "reason", "shown"),
    [
        (
            State.DENIED,
            "may not list rollouts.argoproj.io in all namespaces",
            ["⊘ denied", "rollouts.argoproj.io in all"],
        ),
        (
            State.NOT_INSTALLED,
            "rollouts.argoproj.io is not installed",
            ["∅ not installed", "rollouts.argoproj.io is not"],
        ),
        (State.STALE, "connection refused", ["~ stale since 17:41:10Z", "connection refused"]),
        (State.UNREACHABLE, "no route to host", ["↯ unreachable", "no route to host"]),
        (State.CONNECTING, "", ["◌ connecting"]),
    ],
)
async def test_a_stage_that_cannot_be_read_says_so_and_blocks_no_other(
    play: Any, state: State, reason: str, shown: list[str]
) -> None:
    script = morning()
    script.panel("rollout", state, reason)
    async with play(script, (120, 36)) as (pilot, _):
        panel = pilot.app.screen.panels[4]
        for words in shown:
            assert words in f"{panel.title.text} {panel.banner.text}"
        assert "● live" in line_with(pilot.app, "2 Workflows")
        assert "5 of 6 live" in lines(pilot.app)[0]
        assert "‖~ 20% 3/8" in line_with(pilot.app, "shop-api ")


async def test_a_hop_nothing_is_known_of_is_never_ok(play: Any) -> None:
    script = morning()
    script.items["rollout"] = {}
    script.panel("rollout", State.DENIED, "may not list rollouts.argoproj.io")
    async with play(script, (120, 36)) as (pilot, _):
        assert "⊘ denied" in line_with(pilot.app, "pay-api ")
    async with play(script, size=(80, 24)) as (pilot, _):
        assert line_with(pilot.app, "pay-api").split() == ["pay-api", "✔", "◐", "✔", "✔", "⊘", "·"]


async def test_where_not_all_may_be_seen_nothing_seen_is_not_nothing_there(play: Any) -> None:
    script = morning()
    script.panel("metrics", State.LIVE, "you may see only namespace shop")
    script.items["metrics"] = {}
    async with play(script, (120, 36)) as (pilot, _):
        assert "·? not seen" in line_with(pilot.app, "pay-api ")
        assert "nothing is seen here" in text(pilot.app)
        assert "● you may see only namespace shop" in text(pilot.app)


async def test_a_service_whose_newest_run_replaced_the_failed_one_needs_nobody(
    play: Any, settle: Any
) -> None:
    script = morning()
    async with play(script, (120, 36)) as (pilot, feed):
        assert line_with(pilot.app, "shop-web ").startswith(" ⚑")
        script.replaced.add(ref("Workflow", "shop-web-m2x9d", "ci"))
        feed.publish()
        await settle(pilot, lambda: not line_with(pilot.app, "shop-web ").startswith(" ⚑"))


async def test_a_service_that_waits_for_somebody_comes_before_one_that_waits_by_itself(play: Any) -> None:
    script = Script()
    for name, attention in (("a-timed", False), ("b-forever", True)):
        paused = item(
            "Rollout", name, Health.SUSPENDED, why=f"{name} waits.", joins=(f"Rollout/shop/{name}",)
        )
        script.put("rollout", structs.replace(paused, attention=attention))
    async with play(script, (120, 36)) as (pilot, _):
        assert pilot.app.screen.changes.rows.values[pilot.app.screen.changes.rows.key(0)].label == "b-forever"
        assert line_with(pilot.app, "b-forever").startswith(" ⚑ b-forever")
        assert "why  b-forever: b-forever waits." in lines(pilot.app)[-2]


async def test_that_nothing_needs_anybody_is_said_only_of_what_is_seen(play: Any) -> None:
    script = Script()
    async with play(script, (120, 36)) as (pilot, feed):
        assert "why  Nothing needs you." in lines(pilot.app)[-2]
        script.panel("sync", State.DENIED, "may not list applications")
        feed.publish()
        await pilot.pause(0.3)
        assert "but sync is denied" in lines(pilot.app)[-2]
        script.put("events", item("Sensor", "lonely", Health.DEGRADED, why="Its pod is gone."))
        feed.publish()
        await pilot.pause(0.3)
        assert "why  lonely: Its pod is gone." in lines(pilot.app)[-2]


async def test_two_services_of_one_name_are_told_apart(play: Any) -> None:
    script = Script()
    for namespace in ("blue", "green"):
        script.put(
            "rollout", item("Rollout", "api", namespace=namespace, joins=(f"Rollout/{namespace}/api",))
        )
    async with play(script) as (pilot, _):
        assert "blue/api" in text(pilot.app)
        assert "green/api" in text(pilot.app)


async def test_several_clusters_are_named_in_header_table_and_banner(play: Any) -> None:
    script = Script(clusters=(PROD, "stage-eu"))
    for cluster in (PROD, "stage-eu"):
        script.put("rollout", item("Rollout", "api", cluster=cluster, joins=("Rollout/shop/api",)))
    script.panel("rollout", State.UNREACHABLE, "no route to host", cluster="stage-eu")
    async with play(script, (120, 36)) as (pilot, _):
        assert "prod-eu, stage-eu" in lines(pilot.app)[0]
        assert "CLUSTER" in lines(pilot.app)[2]
        assert "stage-eu: unreachable since" in text(pilot.app)
        assert "unreachable, 1 of 2 live" in text(pilot.app)


async def test_every_size_is_drawn_to_its_edge(play: Any, settle: Any) -> None:
    async with play(morning(), size=(300, 100)) as (pilot, _):
        await pilot.press("j", "slash", "s", "enter")
        for width, height in SIZES:
            await pilot.resize_terminal(width, height)
            await settle(pilot, lambda: [len(line) for line in lines(pilot.app)] == [width] * height)  # noqa: B023


async def test_growing_and_shrinking_the_terminal_keeps_selection_and_focus(play: Any, settle: Any) -> None:
    async with play(morning(), size=(80, 24)) as (pilot, _):
        await pilot.press("j", "j")
        await pilot.resize_terminal(140, 40)
        await settle(pilot, lambda: "of shop-api" in text(pilot.app))
        await pilot.press("tab", "tab")
        assert pilot.app.focused is not pilot.app.screen.changes
        await pilot.resize_terminal(80, 24)
        await settle(pilot, lambda: pilot.app.focused is pilot.app.screen.changes)
        assert pilot.app.screen.changes.current.label == "shop-api"


async def test_a_filter_that_is_typed_goes_on_when_the_terminal_shrinks(play: Any, settle: Any) -> None:
    async with play(morning(), size=(140, 40)) as (pilot, _):
        await pilot.press("slash", *"shop")
        await pilot.resize_terminal(80, 24)
        await settle(pilot, lambda: len(lines(pilot.app)) == 24)
        await pilot.press("q")
        assert pilot.app.screen.changes.needle == "shopq"
        await pilot.press("escape")
        await pilot.resize_terminal(140, 40)
        await settle(pilot, lambda: len(lines(pilot.app)) == 40)
        await pilot.press("tab", "slash", *"git")
        await pilot.resize_terminal(80, 24)
        await settle(pilot, lambda: pilot.app.focused is pilot.app.screen.changes)
        assert not pilot.app.screen.typing, "the table it was for can't be seen any more"


async def test_the_why_is_a_column_where_there_is_room(play: Any) -> None:
    async with play(morning(), size=(200, 50)) as (pilot, _):
        assert "Step test failed after" in line_with(pilot.app, "✖ test")


async def test_text_of_the_cluster_is_shown_and_not_obeyed(play: Any) -> None:
    script = Script()
    evil = "x\x1b[2J[red]y[/red]\u202e"
    script.put(
        "rollout", item("Rollout", "api", Health.DEGRADED, why=evil, brief=evil, joins=("Rollout/shop/api",))
    )
    script.panel("sync", State.DENIED, evil)
    async with play(script, (120, 36), contexts=evil) as (pilot, _):
        screen = text(pilot.app)
        assert "\x1b" not in screen
        assert "\u202e" not in screen
        assert screen.count("x^[[2J[red]y") >= 3
