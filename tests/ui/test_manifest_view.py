"""The whole object as YAML: fetched when asked for, without its secrets, searched and copied."""

from __future__ import annotations

import asyncio
import base64
from collections.abc import Mapping
from typing import Any

import pytest
from feeds import STAGES, Script, ScriptedFeed, morning, ref
from screens import line_with, lines, text

from trombone_tui.core.objects.basics import Ref
from trombone_tui.core.ports import Denied, Missing, PortError, Unreachable
from trombone_tui.ui.app import TromboneApp
from trombone_tui.ui.details import DetailsView
from trombone_tui.ui.manifest import ManifestView

API = ref("Rollout", "shop-api")
LEAK = "hunter2-S3cr3t"
ROLLOUT = {
    "kind": "Rollout",
    "apiVersion": "argoproj.io/v1alpha1",
    "status": {"phase": "Paused"},
    "metadata": {"name": "shop-api", "managedFields": [{"manager": "kubectl"}]},
    "spec": {
        "replicas": 3,
        "env": [{"name": "DB_PASSWORD", "value": LEAK}, {"name": "MODE", "value": "live"}],
        "script": "set -e\nrun it\n",
    },
}


def scripted(whole: Any = None) -> Script:
    script = morning()
    script.wholes[API] = ROLLOUT if whole is None else whole
    return script


def nested(levels: int) -> dict[str, Any]:
    whole: dict[str, Any] = {}
    for _ in range(levels):
        whole = {"deeper": whole}
    return whole


def shown(app: Any) -> list[str]:
    return ["".join(cell.text for cell in line) for line in app.screen.sheet.lines]


async def open_yaml(pilot: Any, settle: Any) -> None:
    await pilot.press("5", "y")
    await settle(pilot, lambda: isinstance(pilot.app.screen, ManifestView) and "as of" in lines(pilot.app)[1])


async def test_it_stands_in_the_order_of_kubectl_and_says_whose_it_is_and_from_when(
    play: Any, settle: Any
) -> None:
    async with play(scripted(), (120, 36)) as (pilot, _):
        await open_yaml(pilot, settle)
        assert [line for line in shown(pilot.app) if not line.startswith(" ")] == [
            "apiVersion: argoproj.io/v1alpha1",
            "kind: Rollout",
            "metadata:",
            "spec:",
            "status:",
        ]
        assert "YAML Rollout shop/shop-api (prod-eu)" in lines(pilot.app)[1]
        assert "  script: |" in shown(pilot.app)
        await pilot.press("escape")
        await pilot.pause()
        assert "5 Rollout" in lines(pilot.app)[1]


async def test_secrets_are_masked_on_the_screen_in_the_copy_and_in_all_that_widgets_hold(
    play: Any, settle: Any
) -> None:
    secret = {
        "kind": "Secret",
        "metadata": {"annotations": {"kubectl.kubernetes.io/last-applied-configuration": LEAK}},
        "data": {"any": base64.b64encode(LEAK.encode()).decode()},
        "spec": ROLLOUT["spec"],
    }
    async with play(scripted(secret), (120, 36)) as (pilot, _):
        await open_yaml(pilot, settle)
        assert "any: •••• (14 bytes)" in line_with(pilot.app, "any:")
        assert "value: live" in text(pilot.app)
        assert LEAK not in "\n".join(shown(pilot.app))
        await pilot.press("c")
        await pilot.pause()
        assert pilot.app.clipboard.splitlines() == shown(pilot.app)
        view = pilot.app.screen
        assert LEAK not in repr((view.__dict__, view.sheet.__dict__, view._document.__dict__))


class Slow(ScriptedFeed):
    """Answers when it is told to."""

    def __init__(self, script: Script) -> None:
        super().__init__(script)
        self.answer, self.left = asyncio.Event(), False

    async def whole(self, ref: Ref) -> Mapping[str, Any]:
        try:
            await self.answer.wait()
        except asyncio.CancelledError:
            self.left = True
            raise
        return await super().whole(ref)


async def test_that_it_is_being_fetched_is_on_the_screen_first_and_one_may_leave(settle: Any) -> None:
    feed = Slow(scripted())

    async def connect() -> ScriptedFeed:
        return feed

    app = TromboneApp(STAGES, connect)
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot, lambda: app.desk.heard)
        await pilot.press("5", "y")
        await settle(pilot, lambda: "fetching…" in text(app))
        await pilot.press("m", "c", "escape")
        await settle(pilot, lambda: feed.left)
        assert "5 Rollout" in lines(app)[1]
        await pilot.press("y")
        await settle(pilot, lambda: "fetching…" in text(app))
        feed.answer.set()
        await settle(pilot, lambda: "kind: Rollout" in text(app))


async def test_managed_fields_are_shown_on_request(play: Any, settle: Any) -> None:
    async with play(scripted(), (120, 36)) as (pilot, _):
        await open_yaml(pilot, settle)
        assert "manager: kubectl" not in text(pilot.app)
        await pilot.press("m")
        await settle(pilot, lambda: "manager: kubectl" in text(pilot.app))
        await pilot.press("m")
        await settle(pilot, lambda: "manager: kubectl" not in text(pilot.app))


async def test_an_error_is_said_with_what_to_do_and_asking_again_helps(play: Any, settle: Any) -> None:
    errors: list[tuple[PortError | dict[str, Any], str, str]] = [
        (Missing("Rollout shop/shop-api is not there any more"), "not there any more", "deleted"),
        (
            Denied("get", "rollouts.argoproj.io", namespace="shop"),
            "may not get rollouts.argoproj.io",
            "ask",
        ),
        (nested(3000), "nested too deeply", "use kubectl"),
        (Unreachable("no answer from 10.0.0.1:6443"), "no answer", "check the network"),
    ]
    script = scripted()
    async with play(script, (120, 36)) as (pilot, _):
        await pilot.press("5")
        for error, said, advice in errors:
            script.wholes[API] = error
            await pilot.press("y")
            await settle(pilot, lambda: "what to do" in text(pilot.app), case=said)
            assert said in text(pilot.app)
            assert advice in text(pilot.app), said
            assert "c copy" not in lines(pilot.app)[-1], said
            script.wholes[API] = ROLLOUT
            await pilot.press("r")
            await settle(pilot, lambda: "kind: Rollout" in text(pilot.app), case=said)
            await pilot.press("escape")
            await settle(pilot, lambda: not isinstance(pilot.app.screen, ManifestView), case=said)


async def test_what_was_fetched_stays_in_its_place_when_it_is_fetched_again_well_or_not(
    play: Any, settle: Any
) -> None:
    script = scripted({**ROLLOUT, "spec": {f"key{n:03}": n for n in range(200)}})
    async with play(script) as (pilot, _):
        await open_yaml(pilot, settle)
        await pilot.press("pagedown", "pagedown")
        top = pilot.app.screen.sheet.top
        assert top > 0
        script.wholes[API] = {**ROLLOUT, "spec": {f"key{n:03}": n + 7000 for n in range(200)}}
        await pilot.press("r")
        await settle(pilot, lambda: ": 70" in text(pilot.app))
        assert pilot.app.screen.sheet.top == top
        script.wholes[API] = Unreachable("no answer")
        await pilot.press("r")
        await settle(pilot, lambda: "not fetched again: no answer" in text(pilot.app))
        assert ": 70" in text(pilot.app)
        assert pilot.app.screen.sheet.top == top


async def test_words_are_found_counted_and_left_again(play: Any, settle: Any) -> None:
    script = scripted({**ROLLOUT, "spec": {f"key{n:03}": n for n in range(200)}})
    async with play(script, size=(100, 24)) as (pilot, _):
        await open_yaml(pilot, settle)
        assert "n next" not in lines(pilot.app)[-1]
        await pilot.press("slash", *"KEY1")
        await settle(pilot, lambda: "/KEY1 1 of 100" in lines(pilot.app)[1])
        assert "key100" in text(pilot.app)
        await pilot.press("enter", "n", "n")
        await settle(pilot, lambda: "3 of 100" in lines(pilot.app)[1])
        sheet = pilot.app.screen.sheet
        row = next(y for y in range(sheet.size.height) if "key102" in sheet.render_line(y).text)
        styles = {s.text: s.style for s in sheet.render_line(row) if s.text.strip()}
        assert styles["key1"] == sheet.style("key", "here")
        await pilot.press("N", "N", "N")
        await settle(pilot, lambda: "100 of 100" in lines(pilot.app)[1])
        assert "key199" in text(pilot.app)
        await pilot.press("escape")
        await pilot.pause()
        assert isinstance(pilot.app.screen, ManifestView)
        assert "of 100" not in lines(pilot.app)[1]
        await pilot.press("slash", *"nowhere", "enter")
        await settle(pilot, lambda: "/nowhere not found" in lines(pilot.app)[1])
        assert "n next" not in lines(pilot.app)[-1]


@pytest.mark.parametrize(
    ("spec", "said", "copied"),
    [
        ({"a": 1}, "8 lines sent to the clipboard", 8),
        ({"long": "x" * 120_000}, "120 kB are too long", 0),
    ],
)
async def test_a_copy_says_how_much_it_is_and_too_much_is_not_copied(
    settle: Any, spec: Any, said: str, copied: int
) -> None:
    async def connect() -> ScriptedFeed:
        return ScriptedFeed(scripted({**ROLLOUT, "spec": spec}))

    app = TromboneApp(STAGES, connect)
    async with app.run_test(size=(120, 36), notifications=True) as pilot:
        await settle(pilot, lambda: app.desk.heard)
        await open_yaml(pilot, settle)
        await pilot.press("c")
        await settle(pilot, lambda: said in text(app))
        assert len(app.clipboard.splitlines()) == copied


async def test_a_large_object_is_drawn_where_it_is_looked_at_only(play: Any, settle: Any) -> None:
    nodes = {f"node-{n}": {"phase": "Succeeded", "message": "m" * 150} for n in range(20_000)}
    async with play(scripted({**ROLLOUT, "status": nodes}), size=(80, 24)) as (pilot, _):
        await open_yaml(pilot, settle)
        assert len(pilot.app.screen.sheet.lines) > 80_000
        await pilot.press("G")
        await settle(pilot, lambda: "node-9999" in text(pilot.app))


async def test_it_is_offered_wherever_an_item_is_under_the_cursor_and_nowhere_else(
    play: Any, settle: Any
) -> None:
    async with play(scripted(), (120, 36)) as (pilot, _):
        await pilot.press("y")
        await pilot.pause()
        assert len(pilot.app.screen_stack) == 1
        assert "y YAML" not in lines(pilot.app)[-1]
        await pilot.press("j", "j", "enter", "y")
        await settle(pilot, lambda: "kind: Rollout" in text(pilot.app))
        await pilot.press("escape", "enter")
        await settle(pilot, lambda: isinstance(pilot.app.screen, DetailsView))
        await pilot.press("y")
        await settle(pilot, lambda: "kind: Rollout" in text(pilot.app))
        await pilot.press("escape", "escape", "escape", "tab", "tab", "tab", "tab", "tab")
        await settle(pilot, lambda: "y YAML" in lines(pilot.app)[-1])
        await pilot.press("y")
        await settle(pilot, lambda: "kind: Rollout" in text(pilot.app))


async def test_in_ascii_secrets_are_masked_in_ascii(
    play: Any, settle: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LANG", "C")
    async with play(scripted()) as (pilot, _):
        await open_yaml(pilot, settle)
        assert "'**** (14 bytes)'" in text(pilot.app)
        assert "".join(lines(pilot.app)).isascii()
